"""A file of batches gives its messages, all or none."""

from __future__ import annotations

import pytest

from bedside.errors import IntakeError
from bedside.exchange.hl7v2_batch import unbatched

ONE = b"MSH|^~\\&|A|B\rPID|1\rOBX|1"
TWO = b"MSH|^~\\&|A|B\rPID|2"


def batch(*parts: bytes) -> bytes:
    return b"\r".join(parts) + b"\r"


def test_the_messages_of_a_batch_come_without_its_frame():
    whole = batch(b"FHS|^~\\&|A", b"BHS|^~\\&|A", ONE, TWO, b"BTS|2", b"FTS|1")
    assert unbatched(whole) == (ONE + b"\r", TWO + b"\r")
    assert unbatched(whole.replace(b"\r", b"\r\n")) == (ONE + b"\r", TWO + b"\r")
    assert unbatched(batch(b"BHS|^~\\&", ONE, b"BTS")) == (ONE + b"\r",)


def test_a_file_without_a_frame_is_cut_as_before():
    assert unbatched(batch(ONE, TWO)) == (ONE + b"\r", TWO + b"\r")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (batch(b"BHS|^~\\&", ONE, TWO), "BTS is missing"),
        (batch(b"FHS|^~\\&", b"BHS|^~\\&", ONE, b"BTS|1"), "FTS is missing"),
        (batch(b"BHS|^~\\&", ONE, b"BTS|2"), "does not hold as many messages"),
        (batch(b"FHS|^~\\&", b"BHS|^~\\&", ONE, b"BTS|1", b"FTS|3"), "does not hold as many batches"),
        (batch(b"BHS|^~\\&", b"PID|1", ONE, b"BTS|1"), "outside any message"),
        (batch(b"BHS|^~\\&", b"BHS|^~\\&", ONE, b"BTS|1"), "begins again"),
        (batch(ONE, b"BTS|1"), "without having begun"),
        (batch(b"BHS|^~\\&", b"BTS|0"), "holds no message"),
    ],
)
def test_a_batch_that_is_not_whole_is_refused(content, why):
    with pytest.raises(IntakeError, match=why):
        unbatched(content)
