"""Drafts of reports: which wait, and what people decide about their fields. Nothing else reads a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bedside.errors import NotFound, Problem, Refused, RequestError, StoreError
from bedside.genome.draft import (
    CALL,
    EVENTS,
    VARIANT,
    Draft,
    DraftField,
    DraftState,
    FieldKind,
    Level,
    Verdict,
    drafts_of,
    plain_field,
    waits_for_second,
)
from bedside.genome.event import EventKind, NewEvent
from bedside.intake.pdf.values import read_value
from bedside.knowledge.report_layouts import ReportLayout, load_layouts, load_report_policy
from bedside.service.confirm_task import closed_task, task_opened
from bedside.service.house import House
from bedside.service.known_genes import known_genes
from bedside.store.ledger import Overtaken, Unless

_TRIES = 25
T = TypeVar("T")
LONGEST = 400


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft as a list shows it: no value of the report. person: whose it seems to be, "" while a person
    must say so. undecided: how many fields must still be decided one by one."""

    draft: str
    name: str
    made_at: datetime
    person: str
    reasons: tuple[str, ...]
    pages: int
    undecided: int
    state: DraftState
    result: str


def all_drafts(house: House) -> tuple[Draft, ...]:
    """Every draft there ever was, oldest first."""
    return tuple(drafts_of(tuple(house.ledger.events(kinds=EVENTS))).values())


def list_drafts(
    house: House, only: frozenset[str] | None = None, *, ended: bool = False
) -> tuple[DraftLine, ...]:
    """Drafts that wait, oldest first; with `ended`, those signed or rejected too. only: the people whose
    records the caller may open; a draft of nobody is then left out."""
    return tuple(
        DraftLine(
            one.draft,
            one.name,
            one.made_at,
            one.person,
            one.reasons,
            len(one.sizes),
            len(one.undecided()),
            one.state,
            one.result,
        )
        for one in all_drafts(house)
        if (ended or one.state is DraftState.WAITING) and (only is None or one.person in only)
    )


def open_draft(house: House, draft: str, only: frozenset[str] | None = None) -> Draft:
    """One draft with everything decided about it. Raises `NotFound`, or `Refused` where it is nobody's
    that the caller may open."""
    return _opened(house, draft, only)


def _opened(house: House, draft: str, only: frozenset[str] | None = None) -> Draft:
    made = house.ledger.find(EventKind.DRAFT_MADE, draft)
    if made is None:
        raise NotFound.one("draft", "no such draft of a report")
    events = [made, *house.ledger.events(kinds=EVENTS, after=made.sequence)]
    found = drafts_of([event for event in events if event.payload["draft"] == draft])[draft]
    if only is not None and found.person not in only:
        raise Refused("this caller may not open this draft")
    return found


def as_it_stands(house: House, draft: str, act: Callable[[Draft, int], T]) -> T:
    """What `act` does with a draft and the place in the ledger up to which it is read; again where `act`
    was overtaken. Raises `RequestError` when the draft has ended."""
    for _ in range(_TRIES):
        head = house.ledger.checkpoint().sequence
        held = _opened(house, draft)
        if held.state is not DraftState.WAITING:
            raise RequestError.one("draft", f"the report was {held.state.value} before")
        try:
            return act(held, head)
        except Overtaken:
            continue
    raise StoreError("other people keep deciding meanwhile; try again")


def change(
    house: House,
    draft: str,
    made: Callable[[Draft], Sequence[NewEvent]],
    against: tuple[EventKind, ...] = (),
) -> None:
    """Write what `made` says of a draft, unless one was signed, rejected or is `against` it meanwhile; then
    it is made again of the draft as it is. Raises `RequestError` when the draft has ended."""

    def write(held: Draft, head: int) -> None:
        unless = Unless(EventKind.DRAFT_SIGNED, head, (EventKind.DRAFT_REJECTED, *against))
        house.ledger.append(made(held), (), unless)

    as_it_stands(house, draft, write)


def layout_of(house: House, draft: Draft) -> ReportLayout:
    """The layout a draft was read with; where it changed since, the generic one."""
    layouts = load_layouts(house.settings.knowledge_folder)
    name = draft.layout.partition("#")[0]
    return next((one for one in layouts if one.provenance.name == name), layouts[-1])


def decide(
    house: House,
    draft: str,
    field: str,
    verdict: Verdict,
    *,
    by: str,
    value: str = "",
    reason: str = "",
) -> None:
    """Record a person's word about one field. Raises `NotFound` or `RequestError`."""

    def made(held: Draft) -> list[NewEvent]:
        one = next((each for each in held.fields if each.key == field), None)
        if one is None:
            raise NotFound.one("field", "the draft has no such field")
        said, first = _said(house, held, one, verdict, value, reason, by)
        return [
            _decided(house, held, one, verdict if not first else Verdict.CORRECTED, said, reason, by, first)
        ]

    change(house, draft, made)


def _said(
    house: House, held: Draft, one: DraftField, verdict: Verdict, value: str, reason: str, by: str
) -> tuple[str, str]:
    """The value that is decided, and who read it first where this is the second reading."""
    before = held.decided(one.key)
    if verdict is Verdict.REJECTED:
        if not reason.strip():
            raise RequestError.one("reason", "a field is not taken for a stated reason")
        return "", ""
    if verdict is Verdict.ACCEPTED:
        policy = load_report_policy(house.settings.knowledge_folder).second_reader
        if before is not None and waits_for_second(one, before, policy):
            raise RequestError.one("value", "a second person reads this by typing it again")
        if one.absence is not None:
            raise RequestError.one(
                "field", "there is no value to accept", remedy="type it, or reject the field"
            )
        if one.typed:
            raise RequestError.one(
                "field", "it was guessed from a picture", remedy="read the page and type what stands there"
            )
        return one.value, ""
    said = checked(house, held, one.kind, value)
    policy = load_report_policy(house.settings.knowledge_folder).second_reader
    waits = before is not None and waits_for_second(one, before, policy)
    if before is not None and waits and before.by != by and before.value == said:
        return said, before.by
    return said, ""


def checked(house: House, held: Draft, kind: FieldKind, value: str) -> str:
    """A typed value as the record keeps it. Raises `RequestError` when it is none of its kind."""
    typed = value.strip()[:LONGEST]
    if not typed:
        raise RequestError.one("value", "nothing was typed", remedy="type the value, or reject the field")
    reading = read_value(kind, typed, layout_of(house, held), known_genes(house))
    if not reading.value:
        raise RequestError.one("value", f"is no {kind.value}: {reading.reason}", remedy=_FORMS.get(kind))
    return reading.value


_FORMS = {
    FieldKind.BIRTH_DATE: "write the day as 1984-02-26",
    FieldKind.COLLECTED: "write the day as 2026-02-26",
    FieldKind.RECEIVED: "write the day as 2026-02-26",
    FieldKind.REPORTED: "write the day as 2026-02-26",
    FieldKind.PATIENT: "write family name, comma, given name",
    FieldKind.GENOTYPE: "write both alleles, as in *1/*2",
    FieldKind.STATUS: "write final, amended, preliminary or cancelled",
}


def _decided(
    house: House,
    held: Draft,
    one: DraftField,
    verdict: Verdict,
    value: str,
    reason: str,
    by: str,
    first: str = "",
) -> NewEvent:
    payload = {
        "draft": held.draft,
        "field": one.key,
        "verdict": verdict.value,
        "value": value,
        "reason": reason.strip()[:LONGEST],
        "first": first,
    }
    return NewEvent(EventKind.FIELD_DECIDED, by, house.clock(), None, payload)


def accept_others(house: House, draft: str, *, by: str) -> int:
    """Accept every undecided field that changes no answer about anybody: laboratory, test, days, methods,
    limits. Never identity, state, genotype or class. How many were accepted."""
    taken = 0

    def made(held: Draft) -> list[NewEvent]:
        nonlocal taken
        several = [
            one
            for one in held.fields
            if not one.alone and one.absence is None and not one.typed and held.decided(one.key) is None
        ]
        taken = len(several)
        return [_decided(house, held, one, Verdict.ACCEPTED, one.value, "", by) for one in several]

    change(house, draft, made)
    return taken


def add_row(house: House, draft: str, values: Sequence[tuple[FieldKind, str]], page: int, *, by: str) -> None:
    """Add a line of results that the machine did not find, as a person reads it: decided as it is added.
    Raises `RequestError`."""
    kinds = {kind for kind, value in values if value.strip()}
    if not kinds or not (kinds <= set(CALL) or kinds <= set(VARIANT)):
        raise RequestError.one("row", "is neither a gene with its genotype nor a variant")
    if FieldKind.GENE not in kinds and FieldKind.VARIANT not in kinds:
        raise RequestError.one("row", "names no gene and no variant")

    def made(held: Draft) -> list[NewEvent]:
        row = max((one.row for one in held.fields), default=0) + 1
        said = [(kind, checked(house, held, kind, value)) for kind, value in values if value.strip()]
        fields = [
            DraftField(
                f"{kind.value}-{row}", kind, row, "", value, (), Level.LOW, f"added by a person, page {page}"
            )
            for kind, value in said
        ]
        payload = {"draft": draft, "fields": [plain_field(one) for one in fields], "page": page}
        added = NewEvent(EventKind.FIELD_ADDED, by, house.clock(), None, payload)
        return [added, *(_decided(house, held, one, Verdict.CORRECTED, one.value, "", by) for one in fields)]

    change(house, draft, made, (EventKind.FIELD_ADDED,))


def give_draft(house: House, draft: str, person: str, why: str, *, by: str) -> None:
    """Say whose report it is, where the machine could not, or was wrong. Raises `RequestError`."""
    problems = []
    if house.ledger.person(person) is None:
        problems.append(Problem("person", "nobody of this number is registered"))
    if not why.strip():
        problems.append(Problem("why", "say why it is this person's report; it is kept"))
    if problems:
        raise RequestError(problems)

    def made(held: Draft) -> list[NewEvent]:
        payload = {"draft": draft, "person": person, "why": why.strip()[:LONGEST]}
        given = NewEvent(EventKind.DRAFT_GIVEN, by, house.clock(), None, payload)
        closed = closed_task(house, held, by, "given to another person") if held.person != person else []
        opened = task_opened(house, draft, person) if held.person != person else ()
        return [given, *closed, *opened]

    change(house, draft, made, (EventKind.DRAFT_GIVEN,))


def reject_draft(house: House, draft: str, reason: str, *, by: str) -> None:
    """Decide that nothing of a report enters the record; its bytes stay. Raises `RequestError`."""
    if not reason.strip():
        raise RequestError.one("reason", "a report is rejected for a stated reason")

    def made(held: Draft) -> list[NewEvent]:
        payload = {"draft": draft, "reason": reason.strip()[:LONGEST]}
        rejected = NewEvent(EventKind.DRAFT_REJECTED, by, house.clock(), None, payload, draft)
        return [rejected, *closed_task(house, held, by, "the report was rejected")]

    change(house, draft, made)
