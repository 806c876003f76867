"""Writes a plain PDF of text lines with files attached: a few hundred bytes of structure, no dependency.

The fonts are those every reader has (Helvetica), which hold the letters of Western Europe only. Text in other
letters is refused rather than printed wrongly.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from bedside.errors import InputError, Problem

WIDTH, HEIGHT, MARGIN = 595, 842, 56
_LEADING, _LINES = 15, 47


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; bold for a heading."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF."""

    name: str
    content: bytes
    media_type: str


def write_pdf(lines: Sequence[Line], title: str, keywords: str, attached: Attachment) -> bytes:
    """The PDF, A4. Raises `InputError` naming each line with a letter that cannot be printed."""
    problems = [
        Problem("requisition", "has letters that the PDF's fonts do not hold", number, "send FHIR or HL7 v2")
        for number, line in enumerate(lines, start=1)
        if not _printable(line.text)
    ]
    if problems:
        raise InputError(problems)
    pages = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)] or [()]
    objects = _objects(pages, title, keywords, attached)
    return _file(objects)


def _objects(pages: Sequence[Sequence[Line]], title: str, keywords: str, attached: Attachment) -> list[bytes]:
    """The numbered objects: catalogue 1, pages 2, fonts 3 and 4, file 5, its specification 6, information 7,
    then for each page itself and its content."""
    kids = " ".join(f"{8 + 2 * number} 0 R" for number in range(len(pages)))
    name = _text(attached.name)
    kind = attached.media_type.replace("/", "#2F").encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [" + name + b" 6 0 R] >> >> >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        _font("Helvetica"),
        _font("Helvetica-Bold"),
        _stream(attached.content, b"/Type /EmbeddedFile /Subtype /" + kind),
        b"<< /Type /Filespec /F " + name + b" /UF " + name + b" /EF << /F 5 0 R >> >>",
        b"<< /Title " + _text(title) + b" /Keywords " + _text(keywords) + b" /Producer (Bedside) >>",
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << /Font "
            f"<< /F1 3 0 R /F2 4 0 R >> >> /Contents {9 + 2 * number} 0 R >>".encode()
        )
        objects.append(_stream(_content(page), b""))
    return objects


def _content(page: Sequence[Line]) -> bytes:
    parts = [f"BT {MARGIN} {HEIGHT - MARGIN} Td {_LEADING} TL".encode()]
    for line in page:
        font = b"/F2 11 Tf" if line.bold else b"/F1 10 Tf"
        parts.append(font + b" " + _text(line.text) + b" Tj T*")
    return b"\n".join([*parts, b"ET"])


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _stream(content: bytes, more: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    head = b"<< " + more + f" /Filter /FlateDecode /Length {len(packed)} >>".encode()
    return head + b"\nstream\n" + packed + b"\nendstream"


def _printable(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return text.isprintable()


def _text(text: str) -> bytes:
    written = text.encode("cp1252")
    for one in (b"\\", b"(", b")"):
        written = written.replace(one, b"\\" + one)
    return b"(" + written + b")"


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(out + trailer.encode())
