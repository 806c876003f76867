"""The process that opens a stranger's PDF: `python -m bedside.intake.pdf.worker read|draw`. It limits its
own memory, time and files before it reads a byte, takes the PDF on standard input and answers on standard
output.

PDFium is called with no script engine. Whatever goes wrong ends this process only, and the parent says it.
"""

from __future__ import annotations

import json
import resource
import sys
from ctypes import byref, c_double, c_int, c_uint
from typing import Any

MEMORY = 1 << 30
PROCESSOR_SECONDS = 60
MOST_PAGES = 60
MOST_LETTERS = 60_000
LARGEST_SIDE = 3_000.0
DRAWN_SIDE = 1_700
READ_SIDE = 2_600
_INVISIBLE, _SMALLEST = 3, 1.5
_FINE = 20


class Unfit(Exception):
    """The document is not read, with the reason as a word that the parent knows."""


def limit() -> None:
    """No more memory, time or files than a report needs."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 64 << 20),
    ):
        resource.setrlimit(what, (most, most))


def opened(content: bytes) -> Any:
    """The document; raises `Unfit` with the reason."""
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Unfit("encrypted" if locked else "broken") from error
    if len(document) == 0:
        raise Unfit("no-pages")
    if len(document) > MOST_PAGES:
        raise Unfit("too-many-pages")
    if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        raise Unfit("script")
    kind = raw.FPDF_GetFormType(document)
    if kind in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND):
        raise Unfit("dynamic-form")
    if kind == raw.FORMTYPE_ACRO_FORM:
        document.init_forms()
    return document


def page_of(document: Any, number: int) -> Any:
    """A page with what stands in its form fields and notes made part of it; raises `Unfit`."""
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        page = document[number]
    except pypdfium2.PdfiumError as error:
        raise Unfit("broken-page") from error
    width, height = page.get_size()
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise Unfit("page-size")
    if raw.FPDFPage_GetAnnotCount(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == 0:
        raise Unfit("broken-page")
    return page


def read(content: bytes) -> dict[str, object]:
    """Every page's words and size; for a page without a text layer, those that were read from its picture."""
    document = opened(content)
    pages = []
    for number in range(len(document)):
        page = page_of(document, number)
        width, height = page.get_size()
        words, hidden = _words(page)
        entry: dict[str, object] = {"width": width, "height": height, "by": "text", "hidden": hidden}
        entry["words"] = words
        if not words:
            entry.update(_from_picture(page, width, height))
        pages.append(entry)
    return {"pages": pages}


def _words(page: Any) -> tuple[list[list[object]], int]:
    """Words of the text layer that is seen, and how many letters are there that nobody sees."""
    import pypdfium2.raw as raw

    text = page.get_textpage()
    count = text.count_chars()
    if count > MOST_LETTERS:
        raise Unfit("too-much-text")
    words: list[list[object]] = []
    letters: list[tuple[str, tuple[float, float, float, float]]] = []
    hidden = 0

    def end() -> None:
        if letters:
            boxes = [box for _, box in letters]
            sides = (min(b[0] for b in boxes), min(b[1] for b in boxes))
            words.append(
                [
                    "".join(letter for letter, _ in letters),
                    *sides,
                    max(b[2] for b in boxes),
                    max(b[3] for b in boxes),
                    100,
                ]
            )
            letters.clear()

    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        letter = chr(code) if code and not 0xD800 <= code <= 0xDFFF else "\ufffd"
        if raw.FPDFText_IsGenerated(text, index) == 1 or letter.isspace() or letter == "\u00a0":
            end()
            continue
        if _unseen(text, index):
            hidden += 1
            continue
        if raw.FPDFText_IsHyphen(text, index) == 1 or letter in "\u00ad\x02":
            letter = "-"
        box = _box(page, text, index)
        if letters and _apart(letters[-1][1], box):
            end()
        letters.append((letter, box))
    end()
    return words, hidden


def _unseen(text: Any, index: int) -> bool:
    """Whether a letter is in the file and not on the page: invisible, or too small to be read."""
    import pypdfium2.raw as raw

    drawn = raw.FPDFText_GetTextObject(text, index)
    if drawn and raw.FPDFTextObj_GetTextRenderMode(drawn) == _INVISIBLE:
        return True
    sides = [c_double() for _ in range(4)]
    raw.FPDFText_GetCharBox(text, index, *map(byref, sides))
    alpha = [c_uint() for _ in range(4)]
    if raw.FPDFText_GetFillColor(text, index, *map(byref, alpha)) and alpha[3].value == 0:
        return True
    left, right, bottom, top = (side.value for side in sides)
    return (
        max(right - left, top - bottom) < _SMALLEST / 4 and raw.FPDFText_GetFontSize(text, index) < _SMALLEST
    )


def _box(page: Any, text: Any, index: int) -> tuple[float, float, float, float]:
    """Where a letter stands, from the left and top of the page as it is seen (turned, cropped)."""
    import pypdfium2.raw as raw

    sides = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, byref(sides))
    width, height = page.get_size()
    across, down = round(width * _FINE), round(height * _FINE)
    corners = []
    for x, y in ((sides.left, sides.top), (sides.right, sides.bottom)):
        seen_x, seen_y = c_int(), c_int()
        raw.FPDF_PageToDevice(page, 0, 0, across, down, 0, x, y, byref(seen_x), byref(seen_y))
        corners.append((seen_x.value / _FINE, seen_y.value / _FINE))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _apart(before: tuple[float, ...], box: tuple[float, ...]) -> bool:
    """Whether a letter begins a new word although no space stands before it."""
    height = max(before[3] - before[1], 1.0)
    return (
        box[0] - before[2] > 0.3 * height
        or box[0] < before[0] - 0.5 * height
        or (abs(box[1] - before[1]) > 0.8 * height)
    )


def _from_picture(page: Any, width: float, height: float) -> dict[str, object]:
    """The words of a page that is a picture, by Tesseract; why there are none, where it is not installed."""
    from bedside.intake.pdf.picture import Unreadable, read_picture

    if not _has_marks(page):
        return {"words": [], "by": "text", "unread": "blank"}
    try:
        scale = min(READ_SIDE / max(width, height), 300 / 72)
        words = [
            [text, *(round(side / scale, 2) for side in sides), sure]
            for text, sides, sure in read_picture(drawn(page, scale))
        ]
        return {"words": words, "by": "picture", "unread": "" if words else "nothing-read"}
    except Unreadable as error:
        return {"words": [], "by": "picture", "unread": str(error)}


def _has_marks(page: Any) -> bool:
    """Whether anything at all is drawn on the page."""
    return any(True for _ in page.get_objects(max_depth=1))


def drawn(page: Any, scale: float) -> bytes:
    """The page as a grey PNG, as it is seen."""
    from bedside.intake.pdf.png import write_png

    picture = page.render(scale=scale, grayscale=True, may_draw_forms=True)
    return write_png(picture.to_numpy()[:, :, 0] if picture.n_channels > 1 else picture.to_numpy())


def draw(content: bytes, number: int) -> bytes:
    """One page as a PNG."""
    document = opened(content)
    if not 1 <= number <= len(document):
        raise Unfit("no-pages")
    page = page_of(document, number - 1)
    return drawn(page, min(DRAWN_SIDE / max(page.get_size()), 3.0))


def main(words: list[str]) -> int:
    """Answer one question and end."""
    limit()
    content = sys.stdin.buffer.read()
    try:
        drawing = words[0] == "draw"
        answer = draw(content, int(words[1])) if drawing else json.dumps(read(content)).encode()
    except Unfit as error:
        answer = json.dumps({"unfit": str(error)}).encode()
    except MemoryError:
        answer = json.dumps({"unfit": "memory"}).encode()
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
