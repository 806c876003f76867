"""Finds results in sentences: a gene with its genotype, a variant with its class, and what was not found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bedside.genome.draft import FieldKind, Level, ReadBy
from bedside.intake.pdf.found import Found
from bedside.intake.pdf.lines import Line, Paragraph, paragraphs
from bedside.intake.pdf.values import GENOTYPE, HGVS_C, HGVS_P, is_gene, longest_meanings, plain
from bedside.knowledge.report_layouts import ReportLayout

_SENTENCE = re.compile(r".+?(?:[.;](?=\s+[A-Z*(]|\s*$)|$)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z0-9-]+")
_BEFORE = 60


def said_in_prose(
    lines: Sequence[Line], layout: ReportLayout, known: frozenset[str], row: int
) -> Iterator[Found]:
    """What sentences of a page say. row: the last row of results there is."""
    for paragraph in paragraphs(lines):
        for match in _SENTENCE.finditer(paragraph.text):
            sentence = match.group(0)
            if not sentence.strip():
                continue
            several = list(_sentence(paragraph, match.start(), sentence, layout, known, row))
            row = max((one.row for one in several), default=row)
            yield from several


def _sentence(
    paragraph: Paragraph, start: int, sentence: str, layout: ReportLayout, known: frozenset[str], row: int
) -> Iterator[Found]:
    said = f"{plain(sentence).casefold()} "
    if any(one in said for one in layout.negations):
        if any(one in said for one in layout.findings) and len(sentence.split()) > 3:
            yield _found(
                paragraph, start, start + len(sentence), FieldKind.NEGATIVE, 0, "says that it is not there"
            )
        return
    genotypes = list(GENOTYPE.finditer(sentence))
    for number, found in enumerate(genotypes):
        begin = genotypes[number - 1].end() if number else max(0, found.start() - _BEFORE)
        gene = _gene_before(sentence, begin, found.start(), known)
        if gene is None:
            continue
        row += 1
        why = "stands in a sentence with its gene"
        yield _found(paragraph, start + gene[0], start + gene[1], FieldKind.GENE, row, why)
        yield _found(paragraph, start + found.start(), start + found.end(), FieldKind.GENOTYPE, row, why)
        end = genotypes[number + 1].start() if number + 1 < len(genotypes) else len(sentence)
        yield from _meant(paragraph, start, sentence, found.end(), end, FieldKind.PHENOTYPE, layout, row)
    variants = list(HGVS_C.finditer(sentence))
    if len({found.group("c") for found in variants}) == 1:
        yield from _variant(paragraph, start, sentence, variants[0], layout, known, row + 1)
    else:
        for number, found in enumerate(variants, start=1):
            why = "one of several variants of a sentence"
            yield _found(
                paragraph, start + found.start(), start + found.end(), FieldKind.VARIANT, row + number, why
            )


def _variant(
    paragraph: Paragraph,
    start: int,
    sentence: str,
    found: re.Match[str],
    layout: ReportLayout,
    known: frozenset[str],
    row: int,
) -> Iterator[Found]:
    why = "stands in a sentence with the variant"
    yield _found(paragraph, start + found.start(), start + found.end(), FieldKind.VARIANT, row, why)
    genes = [
        one for one in _WORD.finditer(sentence) if is_gene(one.group(0), known) and one.group(0)[:3] != "NM_"
    ]
    if len({one.group(0) for one in genes}) == 1:
        one = genes[0]
        yield _found(paragraph, start + one.start(), start + one.end(), FieldKind.VARIANT_GENE, row, why)
    protein = HGVS_P.search(sentence)
    if protein is not None:
        yield _found(paragraph, start + protein.start(), start + protein.end(), FieldKind.PROTEIN, row, why)
    for kind in (FieldKind.ZYGOSITY, FieldKind.CLASSIFICATION):
        yield from _meant(paragraph, start, sentence, 0, len(sentence), kind, layout, row)


def _gene_before(sentence: str, begin: int, end: int, known: frozenset[str]) -> tuple[int, int] | None:
    genes = [one for one in _WORD.finditer(sentence, begin, end) if is_gene(one.group(0), known)]
    return (genes[-1].start(), genes[-1].end()) if genes else None


def _meant(
    paragraph: Paragraph,
    start: int,
    sentence: str,
    begin: int,
    end: int,
    kind: FieldKind,
    layout: ReportLayout,
    row: int,
) -> Iterator[Found]:
    """The one value of a kind that a stretch of a sentence has a word for."""
    words = longest_meanings(sentence[begin:end], layout.meanings.get(kind, {}))
    if len({value for _, value in words}) != 1:
        return
    at = sentence.casefold().find(words[0][0], begin)
    if at >= 0:
        why = "stands in the same sentence"
        yield _found(paragraph, start + at, start + at + len(words[0][0]), kind, row, why)


def _found(paragraph: Paragraph, start: int, end: int, kind: FieldKind, row: int, why: str) -> Found:
    words = paragraph.words(start, end)
    pictured = any(cell.read_by is ReadBy.PICTURE for cell in paragraph.cells)
    return Found(
        kind,
        paragraph.text[start:end].strip(),
        paragraph.boxes(start, end),
        Level.LOW,
        why,
        row,
        ReadBy.PICTURE if pictured else ReadBy.TEXT,
        min((word.sure for word in words), default=100),
    )
