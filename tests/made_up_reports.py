"""Made-up laboratory reports as PDF, in several layouts, with what stands in them: nobody here is real."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bedside.intake.pdf.open import draw_page

WIDTH, HEIGHT = 595, 842


@dataclass(frozen=True)
class Placed:
    """A text at a place from the left and top edge, in points."""

    x: float
    y: float
    text: str
    size: float = 10
    bold: bool = False
    invisible: bool = False


@dataclass(frozen=True)
class Says:
    """What a report says. calls: gene, genotype, phenotype as the record keeps it. variants: gene, c., p.,
    zygosity, class."""

    family: str = "Example"
    given: str = "Anna"
    born: str = "1961-03-12"
    number: str = "A-1001"
    accession: str = "G-77012"
    reported: str = "2026-02-14"
    status: str = "final"
    laboratory: str = "Made-up Genomics"
    calls: tuple[tuple[str, str, str], ...] = (
        ("CYP2C19", "*1/*2", "Intermediate Metabolizer"),
        ("CYP2D6", "*4/*4", "Poor Metabolizer"),
        ("SLCO1B1", "*1/*5", "Decreased Function"),
    )
    variants: tuple[tuple[str, str, str, str, str], ...] = ()
    negative: str = ""
    limits: str = "Rare variants outside the tested positions are not seen."


VARIANT = ("BRCA2", "c.5946del", "p.Ser1982fs", "heterozygous", "Pathogenic")

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def day(iso: str, form: str) -> str:
    """A day as laboratories write it."""
    year, month, date = iso.split("-")
    return {
        "iso": iso,
        "long": f"{int(date)} {_MONTHS[int(month) - 1]} {year}",
        "us": f"{_MONTHS[int(month) - 1][:3]} {int(date)}, {year}",
        "dash": f"{date}-{_MONTHS[int(month) - 1][:3]}-{year}",
        "dmy": f"{date}/{month}/{year}",
    }[form]


def rows_of(
    x: Sequence[float], y: float, rows: Sequence[Sequence[str]], step: float = 18
) -> Iterator[Placed]:
    """A table: its first row is its head; `\\n` in a cell begins a new line."""
    for number, row in enumerate(rows):
        deepest = 1
        for left, text in zip(x, row, strict=True):
            lines = text.split("\n")
            deepest = max(deepest, len(lines))
            for place, line in enumerate(lines):
                yield Placed(left, y + 12 * place, line, bold=number == 0)
        y += step + 12 * (deepest - 1)


def classic(said: Says) -> list[list[Placed]]:
    """Labels and values in two columns, then a table."""
    head = [
        Placed(56, 60, said.laboratory, 16, True),
        Placed(56, 84, f"{said.status.upper()} REPORT", 12, True),
        Placed(56, 110, f"Patient Name: {said.family}, {said.given}"),
        Placed(320, 110, f"Accession: {said.accession}"),
        Placed(56, 126, f"Date of Birth: {day(said.born, 'long')}"),
        Placed(320, 126, f"Date Reported: {day(said.reported, 'long')}"),
        Placed(56, 142, f"MRN: {said.number}"),
        Placed(320, 142, f"Laboratory: {said.laboratory}"),
    ]
    table = [("Gene", "Genotype", "Phenotype"), *said.calls]
    body = [*rows_of((56, 180, 300), 190, table)] if said.calls else []
    return [[*head, *body, *_findings(said, 330), *_limits(said, 500)]]


def stacked(said: Says) -> list[list[Placed]]:
    """Labels over their values, four in a row; British words; phenotypes over two lines."""
    words = {"Intermediate Metabolizer": "Intermediate\nmetaboliser", "Poor Metabolizer": "Poor\nmetaboliser"}
    x = (40, 180, 310, 440)
    labels = ("Patient", "D.O.B.", "Hospital number", "Lab number")
    values = (f"{said.given} {said.family}", day(said.born, "dash"), said.number, said.accession)
    head = [Placed(40, 50, said.laboratory, 14, True), Placed(440, 50, said.status.capitalize(), 11)]
    head += [Placed(left, 90, text, 8) for left, text in zip(x, labels, strict=True)]
    head += [Placed(left, 103, text) for left, text in zip(x, values, strict=True)]
    head += [Placed(40, 125, "Date of report", 8), Placed(40, 138, day(said.reported, "dash"))]
    table = [("Gene", "Result", "Predicted\nphenotype")]
    table += [
        (gene, genotype.replace("/", " / "), words.get(means, means)) for gene, genotype, means in said.calls
    ]
    body = [*rows_of((40, 180, 330), 190, table, 22)] if said.calls else []
    return [[*head, *body, *_findings(said, 380), *_limits(said, 560)]]


def prose(said: Says) -> list[list[Placed]]:
    """A letter: labels at the top, everything else in sentences."""
    lines = [
        f"Name: {said.given} {said.family}",
        f"DOB: {day(said.born, 'us')}",
        f"Patient ID: {said.number}",
    ]
    lines += [f"Report ID: {said.accession}", f"Report date: {day(said.reported, 'us')}"]
    lines += [f"Report status: {said.status}", f"Performing laboratory: {said.laboratory}", ""]
    for gene, genotype, means in said.calls:
        lines += [f"{gene} was found to be {genotype}, which makes this person a {means}.", ""]
    placed = [Placed(72, 72 + 15 * number, line) for number, line in enumerate(lines)]
    y = 72 + 15 * len(lines) + 10
    return [[*placed, *_sentences(said, y), *_limits(said, y + 120)]]


def two_columns(said: Says) -> list[list[Placed]]:
    """Results at the left, comments at the right of the same height."""
    head = [
        Placed(40, 50, f"{said.laboratory}  -  {said.status} report", 13, True),
        Placed(40, 80, f"Patient: {said.family}, {said.given}    DOB: {said.born}    MRN: {said.number}", 9),
        Placed(
            40,
            94,
            f"Accession no: {said.accession}    Reported on: {said.reported}    Status: {said.status}",
            9,
        ),
    ]
    body = (
        [*rows_of((40, 115, 190), 130, [("Gene", "Diplotype", "Phenotype"), *said.calls])]
        if said.calls
        else []
    )
    right = [
        "Comments",
        "The phenotype was predicted from",
        "the genotypes shown. Other medi-",
        "cines may change what it means.",
    ]
    side = [Placed(390, 130 + 13 * number, text, 9) for number, text in enumerate(right)]
    return [[*head, *body, *side, *_findings(said, 330), *_limits(said, 500)]]


def blocks(said: Says) -> list[list[Placed]]:
    """Each gene a block of labels; the head is that of a form."""
    head = [
        Placed(50, 50, f"{said.laboratory} pharmacogenomics", 15, True),
        Placed(50, 80, "Full name", 9),
        Placed(190, 80, f"{said.given} {said.family}"),
        Placed(50, 96, "Birth date", 9),
        Placed(190, 96, said.born),
        Placed(50, 112, "Medical record number", 9),
        Placed(190, 112, said.number),
        Placed(320, 80, "Case number", 9),
        Placed(440, 80, said.accession),
        Placed(320, 96, "Issued", 9),
        Placed(440, 96, day(said.reported, "long")),
        Placed(320, 112, "Result status", 9),
        Placed(440, 112, said.status.capitalize()),
    ]
    y, body = 150.0, list[Placed]()
    for gene, genotype, means in said.calls:
        body += [Placed(50, y, f"Gene: {gene}", 11, True), Placed(50, y + 14, f"Genotype: {genotype}")]
        body += [Placed(50, y + 28, f"Phenotype: {means}")]
        y += 52
    return [[*head, *body, *_sentences(said, y + 20), *_limits(said, y + 140)]]


def over_pages(said: Says) -> list[list[Placed]]:
    """A long table that goes on over pages, with a running head and numbered pages."""
    pages: list[list[Placed]] = []
    rest = list(said.calls)
    while rest or not pages:
        number = len(pages)
        now, rest = rest[: 3 if not number else 12], rest[3 if not number else 12 :]
        page = [Placed(56, 40, f"{said.family}, {said.given}   MRN: {said.number}   {said.laboratory}", 8)]
        page += [Placed(500, 820, f"Page {number + 1}", 8)]
        top = 90.0
        if not number:
            page += classic(replace(said, calls=(), limits="", negative="", variants=()))[0]
            top = 700.0
        page += rows_of((56, 180, 300), top, [("Gene", "Genotype", "Phenotype"), *now])
        if not rest:
            page += [*_findings(said, 400), *_limits(said, 600)]
        pages.append(page)
    return pages


def _findings(said: Says, y: float) -> Iterator[Placed]:
    """Variants in a table, and the sentence about what is not there."""
    if said.variants:
        head = ("Gene", "DNA change", "Protein change", "Zygosity", "Classification")
        yield from rows_of((56, 120, 220, 330, 430), y, [head, *said.variants])
    if said.negative:
        yield Placed(56, y + 100, said.negative)


def _sentences(said: Says, y: float) -> Iterator[Placed]:
    """Variants in sentences."""
    for number, (gene, dna, protein, zygosity, means) in enumerate(said.variants):
        text = f"A {zygosity} {means.lower()} variant was detected in {gene}: {dna} ({protein})."
        yield Placed(72, y + 30 * number, text)
    if said.negative:
        yield Placed(72, y + 30 * len(said.variants) + 20, said.negative)


def _limits(said: Says, y: float) -> Iterator[Placed]:
    if said.limits:
        yield Placed(56, y, "Limitations", 11, True)
        yield Placed(56, y + 15, said.limits)


Layout = Callable[[Says], list[list[Placed]]]
LAYOUTS: dict[str, Layout] = {
    "classic": classic,
    "stacked": stacked,
    "prose": prose,
    "two columns": two_columns,
    "blocks": blocks,
    "over pages": over_pages,
}


@dataclass
class _Objects:
    made: list[bytes] = field(default_factory=list)

    def add(self, content: bytes) -> int:
        self.made.append(content)
        return len(self.made)


def write(pages: Sequence[Sequence[Placed]]) -> bytes:
    """Placed texts as a PDF."""
    contents = []
    for page in pages:
        parts = []
        for one in page:
            font = "/F2" if one.bold else "/F1"
            text = (
                one.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            )
            mode = b"3 Tr " if one.invisible else b"0 Tr "
            at = f"BT {font} {one.size} Tf {one.x} {HEIGHT - one.y} Td ".encode()
            parts.append(at + mode + b"(" + text + b") Tj ET")
        contents.append(b"\n".join(parts))
    return assemble([(content, b"", b"") for content in contents])


def picture(content: bytes) -> bytes:
    """The same pages as pictures without letters, as a scanner makes them."""
    import numpy as np
    import pypdfium2

    pages = []
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            pixels = np.asarray(page.render(scale=200 / 72, grayscale=True).to_numpy())
            pixels = pixels.reshape(pixels.shape[0], pixels.shape[1])
            packed = zlib.compress(pixels.tobytes())
            head = (
                f"<< /Type /XObject /Subtype /Image /Width {pixels.shape[1]} /Height {pixels.shape[0]} "
                f"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /Length {len(packed)} >>"
            ).encode()
            drawn = f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Im0 Do Q".encode()
            pages.append((drawn, head + b"\nstream\n" + packed + b"\nendstream", b""))
    return assemble(pages)


def assemble(pages: Sequence[tuple[bytes, bytes, bytes]], catalogue: bytes = b"") -> bytes:
    """Pages as a PDF: of each its drawing, an image it draws, and more for its dictionary."""
    made = _Objects()
    made.add(b"")
    made.add(b"")
    fonts = [
        made.add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode())
        for name in ("Helvetica", "Helvetica-Bold")
    ]
    kids = []
    for drawing, image, more in pages:
        stream = made.add(f"<< /Length {len(drawing)} >>\nstream\n".encode() + drawing + b"\nendstream")
        drawn = f"/XObject << /Im0 {made.add(image)} 0 R >>" if image else ""
        box = b"" if b"/MediaBox" in more else f"/MediaBox [0 0 {WIDTH} {HEIGHT}] ".encode()
        kids.append(
            made.add(
                b"<< /Type /Page /Parent 2 0 R "
                + box
                + f"/Resources << /Font << /F1 {fonts[0]} 0 R /F2 {fonts[1]} 0 R >> {drawn} >> ".encode()
                + f"/Contents {stream} 0 R ".encode()
                + more
                + b" >>"
            )
        )
    made.made[0] = b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>"
    named = " ".join(f"{kid} 0 R" for kid in kids)
    made.made[1] = f"<< /Type /Pages /Kids [{named}] /Count {len(kids)} >>".encode()
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), list[int]()
    for number, content in enumerate(made.made, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    tail = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(out + tail.encode())


def report(layout: str, said: Says = Says()) -> bytes:
    """A report in a layout."""
    return write(LAYOUTS[layout](said))


def expected(said: Says) -> dict[str, str]:
    """The fields that stand in a report, by the key a draft gives them."""
    found = {
        "patient": f"{said.family}, {said.given}",
        "birth-date": said.born,
        "number": said.number,
        "accession": said.accession,
        "status": said.status,
        "reported": said.reported,
    }
    for number, (gene, genotype, phenotype) in enumerate(said.calls, start=1):
        found |= {f"gene-{number}": gene, f"genotype-{number}": genotype, f"phenotype-{number}": phenotype}
    for number, (gene, dna, protein, zygosity, means) in enumerate(said.variants, start=1):
        found |= {f"variant-gene-{number}": gene, f"variant-{number}": dna, f"protein-{number}": protein}
        found |= {f"zygosity-{number}": zygosity, f"classification-{number}": means}
    return found


def drawn(content: bytes) -> bytes:
    """The first page as a picture."""
    return draw_page(content, 1, "report")
