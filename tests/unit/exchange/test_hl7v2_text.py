"""HL7 v2 as text: bytes, separators, escapes, times; nothing is repaired in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from bedside.errors import IntakeError
from bedside.exchange.hl7v2_text import Separators, day_of, read_message, time_of, written_time

MSH = rb"MSH|^~\&|A|B|C|D|20260301||ORU^R01|1|P|2.5.1"


def problems(content: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(IntakeError) as caught:
        read_message(content)
    return [(one.line, one.reason) for one in caught.value.problems]


@pytest.mark.parametrize("ends", [b"\r", b"\n", b"\r\n"])
def test_segments_are_found_with_the_bytes_they_stand_in(ends):
    content = MSH + ends + "PID|1||Müller".encode() + ends
    message = read_message(content)
    assert [one.name for one in message.segments] == ["MSH", "PID"]
    pid = message.segments[1]
    assert content[pid.start : pid.end].decode() == "PID|1||Müller"
    assert (message.kind, message.header.text(10), pid.text(3)) == ("ORU^R01", "1", "Müller")


def test_the_frame_of_mllp_around_a_message_does_not_count():
    message = read_message(b"\x0b" + MSH + b"\r" + b"PID|1\r\x1c\r")
    assert (message.segments[1].fields, message.segments[1].number) == (("PID", "1"), 2)


def test_repetitions_components_and_subcomponents_are_told_apart():
    pid = read_message(MSH + b"\rPID|||1^^^A&urn:x&URI~2^^^B").segments[1]
    assert pid.repeats(3) == ("1^^^A&urn:x&URI", "2^^^B")
    assert [pid.part(one, 4, 2) for one in pid.repeats(3)] == ["urn:x", ""]


def test_a_message_names_its_own_separators():
    message = read_message(b"MSH!@#$%!A\rPID!!!1@2#3")
    assert [message.segments[1].text(3, part) for part in (1, 2)] == ["1", "2"]


def test_a_field_that_says_delete_holds_nothing():
    assert read_message(MSH + b'\rPID|""').segments[1].text(1) == ""


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (r"a\F\b\S\c\R\d\E\e\T\f", "a|b^c~d\\e&f"),
        (r"\X0D0A\\.br\x", "\r\n\nx"),
        (r"\H\bold\N\ ", r"\H\bold\N\ "),
        (r"\XFF\ ", r"\XFF\ "),
        ("lone \\ stays", "lone \\ stays"),
    ],
)
def test_escapes_are_read_and_unknown_ones_kept(written, plain):
    assert Separators().plain(written) == plain


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(None, "does not begin with an MSH segment")]),
        (b"MSH\rPID|1||||||", [(None, "does not begin with an MSH segment")]),
        (b"PID|1", [(None, "does not begin with an MSH segment")]),
        (b"MSH|||||||", [(1, "MSH-1 and MSH-2 do not name five distinct separators")]),
        (MSH + b"\rhello", [(2, "the line does not begin with a segment's name")]),
        (MSH + b"\rPID|\xff\rOBX|\x00", [(2, "is not text in utf-8"), (3, "holds a NUL byte")]),
        (MSH + b"\r" + MSH, [(None, "holds several messages")]),
        (MSH + b"||||||GB 18030-2000", [(1, "MSH-18 names a character set that is not read")]),
    ],
)
def test_what_cannot_be_read_is_said_with_its_segment(content, expected):
    assert problems(content) == expected


def test_latin_1_is_read_when_the_message_says_so():
    message = read_message(MSH + b"||||||8859/1\rPID|M\xfcller")
    assert message.segments[1].text(1) == "Müller"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("20260301", datetime(2026, 3, 1, tzinfo=UTC)),
        ("202603010930", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("20260301093059.1234-0500", datetime(2026, 3, 1, 9, 30, 59, tzinfo=timezone(timedelta(hours=-5)))),
        ("2026", None), ("20261301", None), ("20260301093059+9999", None), ("yesterday", None), ("", None),
    ],
)  # fmt: skip
def test_times_are_read_or_are_none(written, moment):
    assert time_of(written) == moment


def test_a_day_is_read_or_is_none_and_a_written_time_comes_back():
    assert [day_of(one) for one in ("19800229", "19810229", "1980")] == [date(1980, 2, 29), None, None]
    moment = datetime(2026, 3, 1, 9, 30, 59, tzinfo=UTC)
    assert time_of(written_time(moment)) == moment
