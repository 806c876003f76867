"""A draft as its page shows it: fields in groups with what was decided, and the pages with their boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bedside.genome.draft import (
    CALL,
    VARIANT,
    Box,
    Confirmed,
    Decision,
    Draft,
    DraftField,
    FieldKind,
    rows,
    waits_for_second,
)
from bedside.genome.observation import OutsideCall
from bedside.genome.person import Person
from bedside.intake.pdf.open import draw_page
from bedside.interpret.outside import call_outside
from bedside.knowledge.report_layouts import load_report_policy
from bedside.service.house import House
from bedside.service.sign_draft import against_signing, seen_digest, values_of
from bedside.store.documents import Documents

WHOSE = (
    FieldKind.PATIENT,
    FieldKind.BIRTH_DATE,
    FieldKind.SEX,
    FieldKind.NUMBER,
    FieldKind.ACCESSION,
    FieldKind.STATUS,
)


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field with what was decided. waits: for a second reader."""

    field: DraftField
    decision: Decision | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; name is a code that the page has words for. row: of results, else 0."""

    name: str
    row: int
    lines: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A box on a page: of which field, and whether something was decided about that."""

    key: str
    box: Box
    first: bool
    decided: bool


@dataclass(frozen=True, slots=True)
class PageView:
    """A page: its number, its size in points, what is marked on it."""

    number: int
    width: float
    height: float
    boxes: tuple[BoxLine, ...]


@dataclass(frozen=True, slots=True)
class CallPreview:
    """A call as it would enter the record: what people confirmed, and what this release makes of it. differs:
    the report's phenotype is another than the release's."""

    gene: str
    diplotype: str
    said: str
    meaning: tuple[str, ...]
    known: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class DraftView:
    """Everything the page shows. against: why it cannot be signed yet. others: how many undecided fields may
    be accepted together. next_key: the first field that must still be decided."""

    draft: Draft
    person: Person | None
    groups: tuple[Group, ...]
    pages: tuple[PageView, ...]
    calls: tuple[CallPreview, ...]
    against: tuple[str, ...]
    seen: str
    undecided: int
    alone: int
    others: int
    next_key: str
    review_state: str


def draft_view(house: House, draft: Draft) -> DraftView:
    """A draft as its page shows it."""
    policy = load_report_policy(house.settings.knowledge_folder)
    undecided = draft.undecided()
    others = [one for one in draft.fields if not one.alone and one.absence is None and not one.typed]
    return DraftView(
        draft=draft,
        person=house.ledger.person(draft.person) if draft.person else None,
        groups=tuple(_groups(draft, policy.second_reader)),
        pages=tuple(_pages(draft)),
        calls=tuple(_previews(house, values_of(house, draft))),
        against=against_signing(house, draft),
        seen=seen_digest(draft),
        undecided=len(undecided),
        alone=sum(one.needs_a_word for one in draft.fields),
        others=sum(draft.decided(one.key) is None for one in others),
        next_key=undecided[0].key if undecided else "",
        review_state=policy.provenance.review_state,
    )


def _groups(draft: Draft, second_for: frozenset[FieldKind]) -> Iterator[Group]:
    def line(one: DraftField) -> FieldLine:
        said = draft.decided(one.key)
        return FieldLine(one, said, said is not None and waits_for_second(one, said, second_for))

    single = [one for one in draft.fields if one.row == 0]
    yield Group("whose", 0, tuple(line(one) for one in single if one.kind in WHOSE))
    for name, kinds in (("call", CALL), ("variant", VARIANT)):
        mine = [one for one in draft.fields if one.row and one.kind in kinds]
        for row in dict.fromkeys(one.row for one in mine):
            yield Group(name, row, tuple(line(one) for one in mine if one.row == row))
    negatives = tuple(line(one) for one in draft.fields if one.kind is FieldKind.NEGATIVE)
    if negatives:
        yield Group("negative", 0, negatives)
    yield Group("others", 0, tuple(line(one) for one in single if one.kind not in WHOSE))


def _pages(draft: Draft) -> Iterator[PageView]:
    seen: set[str] = set()
    boxes: dict[int, list[BoxLine]] = {}
    for one in draft.fields:
        for box in one.boxes:
            decided = draft.decided(one.key) is not None
            boxes.setdefault(box.page, []).append(BoxLine(one.key, box, one.key not in seen, decided))
            seen.add(one.key)
    for number, (width, height) in enumerate(draft.sizes, start=1):
        yield PageView(number, width, height, tuple(boxes.get(number, ())))


def _previews(house: House, values: Sequence[Confirmed]) -> Iterator[CallPreview]:
    for row in rows(values, CALL).values():
        said = {kind: one.value for kind, one in row.items()}
        gene = said.get(FieldKind.GENE, "")
        diplotype, phenotype = said.get(FieldKind.GENOTYPE, ""), said.get(FieldKind.PHENOTYPE, "")
        if not gene or not (diplotype or phenotype):
            continue
        known = house.pgx.genes.get(gene)
        if known is None:
            yield CallPreview(gene, diplotype, phenotype, (), False, False)
            continue
        alone = (OutsideCall(gene, diplotype),) if diplotype else (OutsideCall(gene, "", phenotype),)
        meaning = call_outside(known, alone).phenotypes
        differs = bool(diplotype and phenotype) and phenotype not in meaning
        yield CallPreview(gene, diplotype, phenotype, meaning, True, differs)


def page_picture(house: House, draft: Draft, number: int) -> bytes:
    """One page of a draft's document as PNG. Raises `IntakeError` when it cannot be drawn."""
    return _drawn(house.documents, draft.document, number)


@lru_cache(maxsize=48)
def _drawn(documents: Documents, document: str, number: int) -> bytes:
    return draw_page(documents.get(document), number, "the report")
