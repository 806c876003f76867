"""PDFs that were made to do harm, or arrived broken: each is refused in words, and nothing of it is kept."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.errors import IntakeError
from bedside.intake.pdf import open as opening
from bedside.intake.pdf.open import draw_page, open_pdf
from bedside.intake.pdf.worker import Unfit, read
from tests.made_up_reports import Says, assemble, report

PLAIN = report("classic")
TEXT = b"BT /F1 10 Tf 50 700 Td (Gene: CYP2C19) Tj ET"


def one_page(drawing: bytes = TEXT, more: bytes = b"", catalogue: bytes = b"") -> bytes:
    return assemble([(drawing, b"", more)], catalogue)


def locked() -> bytes:
    """A PDF whose key follows from a password that nobody gave."""
    lock = (
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <"
        + b"41" * 32
        + b"> /U <"
        + b"42" * 32
        + b"> >> /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] "
    )
    return PLAIN.replace(b"/Root 1 0 R", lock + b"/Root 1 0 R")


def bomb() -> bytes:
    """A page whose drawing unpacks to 900 MB."""
    packer = zlib.compressobj(1)
    part = b"0 0 m 1 1 l S\n" * 700_000
    packed = b"".join(packer.compress(part) for _ in range(90)) + packer.flush()
    plain = one_page(b"@" * 10)
    head = f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
    return plain.replace(b"<< /Length 10 >>\nstream\n" + b"@" * 10, head + packed)


def looped() -> bytes:
    """Pages that are their own children."""
    return PLAIN.replace(b"/Type /Pages /Kids [6 0 R]", b"/Type /Pages /Kids [2 0 R]")


SCRIPT = b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert\\(1\\)) >>] >> >> "
XFA = b"/AcroForm << /Fields [] /XFA [(template) 3 0 R] >> "
REFUSED = {
    "locked": (locked, "locked with a password"),
    "cut short": (lambda: PLAIN[: len(PLAIN) // 3], "damaged or cut short"),
    "only a head": (lambda: b"%PDF-1.7\n%%EOF", "damaged or cut short"),
    "no PDF": (lambda: b"<html>a report</html>", "is no PDF"),
    "a script": (lambda: one_page(catalogue=SCRIPT), "holds a script"),
    "a dynamic form": (lambda: one_page(catalogue=XFA), "builds its pages by a program"),
    "a giant page": (lambda: one_page(more=b"/MediaBox [0 0 90000 90000]"), "larger than any paper"),
    "many pages": (lambda: assemble([(TEXT, b"", b"")] * 61), "more than 60 pages"),
    "no pages": (lambda: assemble([]), "no such page|damaged"),
    "endless pages": (looped, "no such page|damaged"),
    "a bomb": (bomb, "more memory|more text|more time"),
    "too large": (lambda: PLAIN + b" " * opening.LARGEST, "larger than 20 MB"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_each_is_refused_in_words(name: str) -> None:
    make, told = REFUSED[name]
    with pytest.raises(IntakeError, match=told) as raised:
        open_pdf(make(), "a.pdf")
    (problem,) = raised.value.problems
    assert problem.source == "a.pdf"
    assert problem.remedy


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SECONDS", 0.01)
    with pytest.raises(IntakeError, match="more time"):
        open_pdf(PLAIN, "a.pdf")


def test_a_page_that_is_not_there_is_not_drawn() -> None:
    with pytest.raises(IntakeError, match="no such page"):
        draw_page(PLAIN, 7, "a.pdf")
    assert draw_page(PLAIN, 1, "a.pdf").startswith(b"\x89PNG")


def test_a_lost_index_is_no_loss() -> None:
    """Readers mend a broken index; what is mended is read as what it is."""
    wrong = re.sub(rb"startxref\n\d+", b"startxref\n99", PLAIN)
    pages = open_pdf(wrong, "a.pdf").pages
    assert "CYP2C19" in {word.text for word in pages[0].words}


def test_a_turned_page_is_read_as_it_is_seen() -> None:
    turned = open_pdf(one_page(more=b"/Rotate 90"), "a.pdf").pages[0]
    assert (turned.width, turned.height) == (842, 595)
    assert all(0 <= word.left <= 842 and 0 <= word.top <= 595 for word in turned.words)


def changed(number: int) -> bytes:
    """The report with something wrong in it: bytes changed, taken out, said twice, or cut off."""
    import random

    chance = random.Random(number)
    content = bytearray(report(chance.choice(["classic", "prose", "over pages"]), Says()))
    for _ in range(chance.choice([1, 1, 3, 20])):
        at = chance.randrange(len(content))
        how = chance.randrange(4)
        if how == 0:
            content[at] = chance.randrange(256)
        elif how == 1:
            del content[at : at + chance.randrange(1, 200)]
        elif how == 2:
            content[at:at] = content[at : at + chance.randrange(1, 200)]
        else:
            found = content.find(chance.choice([b"0", b"1", b"/", b"<<", b"obj", b"stream"]), at)
            content[max(found, 0) : max(found, 0) + 1] = b"9"
    return bytes(content if chance.random() > 0.1 else content[: chance.randrange(len(content))])


def outcome(content: bytes) -> str:
    """What reading says: how many words, or why not."""
    try:
        return f"{sum(len(page['words']) for page in read(content)['pages'])} words"
    except Unfit as error:
        return opening.REASONS[str(error)][0]


def test_changed_reports_are_read_or_refused(tmp_path: Path) -> None:
    """In the worker's own function, so that a fault of it would show as one."""
    found = {outcome(changed(number)) for number in range(120)}
    assert "the PDF is damaged or cut short" in found
    assert any(one.endswith("words") for one in found)


@pytest.mark.slow
def test_two_thousand_changed_reports_are_read_or_refused(
    record_property: Callable[[str, object], None],
) -> None:
    """In the worker's own function."""
    found = Counter(
        "read" if said.endswith("words") else said for said in map(outcome, map(changed, range(2_500)))
    )
    assert sum(found.values()) == 2_500
    for said, times in sorted(found.items()):
        record_property("case", f"changed reports: {said}\tpassed\t{times}\t")


@pytest.mark.slow
def test_changed_reports_are_read_or_refused_through_the_process() -> None:
    """As they would come."""
    for number in range(150):
        try:
            pages = open_pdf(changed(number), "a.pdf").pages
        except IntakeError as error:
            (problem,) = error.problems
            assert problem.reason != opening.REASONS["failed"][0], number
        else:
            assert pages
