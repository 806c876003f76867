"""A report that was read by a machine and not yet by a person: fields with where they stand, what people
decided about each, and what may be used of it. Nothing but `confirmed` turns a field into a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bedside.genome.event import Event, EventKind


class FieldKind(Enum):
    """What a field of a report is."""

    PATIENT = "patient"
    BIRTH_DATE = "birth-date"
    SEX = "sex"
    NUMBER = "number"
    ACCESSION = "accession"
    ORDER = "order"
    STATUS = "status"
    LABORATORY = "laboratory"
    TEST = "test"
    COLLECTED = "collected"
    RECEIVED = "received"
    REPORTED = "reported"
    GENE = "gene"
    GENOTYPE = "genotype"
    PHENOTYPE = "phenotype"
    VARIANT_GENE = "variant-gene"
    VARIANT = "variant"
    PROTEIN = "protein"
    ZYGOSITY = "zygosity"
    CLASSIFICATION = "classification"
    NEGATIVE = "negative"
    METHODS = "methods"
    LIMITS = "limits"


CALL = (FieldKind.GENE, FieldKind.GENOTYPE, FieldKind.PHENOTYPE)
VARIANT = (
    FieldKind.VARIANT_GENE,
    FieldKind.VARIANT,
    FieldKind.PROTEIN,
    FieldKind.ZYGOSITY,
    FieldKind.CLASSIFICATION,
)
DATES = (FieldKind.BIRTH_DATE, FieldKind.COLLECTED, FieldKind.RECEIVED, FieldKind.REPORTED)
OTHER = (
    FieldKind.ORDER,
    FieldKind.LABORATORY,
    FieldKind.TEST,
    FieldKind.COLLECTED,
    FieldKind.RECEIVED,
    FieldKind.REPORTED,
    FieldKind.METHODS,
    FieldKind.LIMITS,
)
"""Kinds that may be accepted together. Every other is decided one by one."""


class Absence(Enum):
    """Why a field has no value."""

    NOT_FOUND = "not-found"
    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"


class Level(Enum):
    """How sure the reading is; never so sure that nobody looks."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ReadBy(Enum):
    """Whether letters came from the document or from looking at its picture."""

    TEXT = "text"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands: the page from 1, and points from the page's left and top edge."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class DraftField:
    """One field as read. text: as it stands; value: normalised, "" exactly when `absence` says why there is
    none. row: which line of results it belongs to, 0 for what there is one of."""

    key: str
    kind: FieldKind
    row: int = 0
    text: str = ""
    value: str = ""
    boxes: tuple[Box, ...] = ()
    level: Level = Level.LOW
    reason: str = ""
    read_by: ReadBy = ReadBy.TEXT
    absence: Absence | None = None

    @property
    def alone(self) -> bool:
        """Whether it is decided by itself and never with others."""
        return self.kind not in OTHER

    @property
    def needs_a_word(self) -> bool:
        """Whether nothing is signed before a person decided about it: all that is decided by itself, but for
        what is not on the report."""
        return self.alone and self.absence is not Absence.NOT_FOUND

    @property
    def typed(self) -> bool:
        """Whether a person must type it: alleles read from a picture, where 1 and l look alike."""
        picture = self.read_by is ReadBy.PICTURE
        return picture and self.kind in (FieldKind.GENOTYPE, FieldKind.VARIANT, FieldKind.PROTEIN)


class Verdict(Enum):
    """What a person decided about a field."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word about a field. value: what it says, by that person. second: who read a correction
    again."""

    verdict: Verdict
    value: str
    reason: str
    by: str
    at: datetime
    second: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A value that a person stands for, and where in the document it was."""

    key: str
    kind: FieldKind
    row: int
    value: str
    verdict: Verdict
    by: str
    boxes: tuple[Box, ...]
    second: str = ""


class DraftState(Enum):
    """How far a draft is."""

    WAITING = "waiting"
    SIGNED = "signed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Draft:
    """A report on its way into the record. person: whose it seems to be, "" while nobody matches; reasons:
    why not. given: why somebody said whose it is. sizes: of its pages, in points. layout: the pack it was
    read with. source: the message it came in. result: what it became, once signed."""

    draft: str
    document: str
    name: str
    sizes: tuple[tuple[float, float], ...]
    layout: str
    made_at: datetime
    fields: tuple[DraftField, ...]
    person: str = ""
    reasons: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    source: str = ""
    decisions: Mapping[str, Decision] | None = None
    state: DraftState = DraftState.WAITING
    given: str = ""
    ended_by: str = ""
    ended_why: str = ""
    result: str = ""

    def decided(self, key: str) -> Decision | None:
        """What was decided about a field, None while nothing was."""
        return (self.decisions or {}).get(key)

    def undecided(self) -> tuple[DraftField, ...]:
        """Fields that must be decided one by one and are not yet."""
        return tuple(one for one in self.fields if one.needs_a_word and self.decided(one.key) is None)


def confirmed(draft: Draft, second_for: frozenset[FieldKind] = frozenset()) -> tuple[Confirmed, ...]:
    """What people stand for: accepted or corrected fields, nothing else. second_for: kinds whose correction
    counts only once a second person read it."""
    return tuple(_confirmed(draft, second_for))


def _confirmed(draft: Draft, second_for: frozenset[FieldKind]) -> Iterator[Confirmed]:
    for one in draft.fields:
        said = draft.decided(one.key)
        if said is None or said.verdict is Verdict.REJECTED or not said.value:
            continue
        if waits_for_second(one, said, second_for):
            continue
        yield Confirmed(one.key, one.kind, one.row, said.value, said.verdict, said.by, one.boxes, said.second)


def waits_for_second(one: DraftField, said: Decision, second_for: frozenset[FieldKind]) -> bool:
    """Whether a second person has still to read a correction."""
    return said.verdict is Verdict.CORRECTED and one.kind in second_for and not said.second


def rows(values: Sequence[Confirmed], kinds: Sequence[FieldKind]) -> dict[int, dict[FieldKind, Confirmed]]:
    """Confirmed values of these kinds by the line of results they belong to."""
    found: dict[int, dict[FieldKind, Confirmed]] = {}
    for one in values:
        if one.kind in kinds:
            found.setdefault(one.row, {})[one.kind] = one
    return found


EVENTS = (
    EventKind.DRAFT_MADE,
    EventKind.DRAFT_GIVEN,
    EventKind.FIELD_ADDED,
    EventKind.FIELD_DECIDED,
    EventKind.DRAFT_SIGNED,
    EventKind.DRAFT_REJECTED,
)


def drafts_of(events: Sequence[Event]) -> dict[str, Draft]:
    """Every draft by its id: a fold over their events in the order of the ledger."""
    found: dict[str, Draft] = {}
    for event in events:
        payload = event.payload
        name = payload["draft"]
        if event.kind is EventKind.DRAFT_MADE:
            found[name] = made(event)
        elif name in found:
            found[name] = _next(found[name], event)
    return found


def made(event: Event) -> Draft:
    """The draft that a `draft-made` event describes."""
    payload = event.payload
    return Draft(
        draft=payload["draft"],
        document=payload["document"],
        name=payload["name"],
        sizes=tuple((float(width), float(height)) for width, height in payload["pages"]),
        layout=payload["layout"],
        made_at=event.known_at,
        fields=tuple(field_of(one) for one in payload["fields"]),
        person=payload["person"],
        reasons=tuple(payload["reasons"]),
        notices=tuple(payload["notices"]),
        source=payload["source"],
        decisions={},
    )


def _next(draft: Draft, event: Event) -> Draft:
    payload = event.payload
    if draft.state is not DraftState.WAITING:
        return draft
    if event.kind is EventKind.FIELD_DECIDED:
        said = Decision(
            Verdict(payload["verdict"]),
            payload["value"],
            payload["reason"],
            payload["first"] or event.actor,
            event.known_at,
            event.actor if payload["first"] else "",
        )
        return replace(draft, decisions={**(draft.decisions or {}), payload["field"]: said})
    if event.kind is EventKind.FIELD_ADDED:
        more = tuple(field_of(one) for one in payload["fields"])
        return replace(draft, fields=(*draft.fields, *more))
    if event.kind is EventKind.DRAFT_GIVEN:
        return replace(draft, person=payload["person"], reasons=(), given=payload["why"])
    state = DraftState.SIGNED if event.kind is EventKind.DRAFT_SIGNED else DraftState.REJECTED
    return replace(
        draft,
        state=state,
        ended_by=event.actor,
        ended_why=payload.get("reason", ""),
        result=payload.get("result", ""),
    )


def plain_field(one: DraftField) -> dict[str, object]:
    """A field as an event keeps it."""
    return {
        "key": one.key,
        "kind": one.kind.value,
        "row": one.row,
        "text": one.text,
        "value": one.value,
        "boxes": [plain_box(box) for box in one.boxes],
        "level": one.level.value,
        "reason": one.reason,
        "read_by": one.read_by.value,
        "absence": None if one.absence is None else one.absence.value,
    }


def plain_box(box: Box) -> list[float]:
    """A box as an event keeps it: the page, then tenths of points."""
    return [box.page, *(round(side, 1) for side in (box.left, box.top, box.right, box.bottom))]


def field_of(plain: Mapping[str, object]) -> DraftField:
    """The field that an event keeps."""
    boxes = plain["boxes"]
    assert isinstance(boxes, list | tuple)
    absence = plain["absence"]
    return DraftField(
        key=str(plain["key"]),
        kind=FieldKind(plain["kind"]),
        row=int(str(plain["row"])),
        text=str(plain["text"]),
        value=str(plain["value"]),
        boxes=tuple(Box(int(box[0]), *(float(side) for side in box[1:])) for box in boxes),
        level=Level(plain["level"]),
        reason=str(plain["reason"]),
        read_by=ReadBy(plain["read_by"]),
        absence=None if absence is None else Absence(absence),
    )
