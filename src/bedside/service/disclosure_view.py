"""What the pages show of findings on their way: the worklist, one person's findings, and the family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bedside.act.cascade import CASCADE, Relative
from bedside.act.cascade_family import Named, named_in
from bedside.act.disclosure import Fact, Standing
from bedside.act.disclosure_events import DISCLOSURE, WRITTEN, standings
from bedside.act.disclosure_shown import why_not_shown
from bedside.act.disclosure_worklist import WorklistLine, lines_of
from bedside.act.tasks import TaskState
from bedside.errors import RequestError
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person
from bedside.knowledge.letters import load_letters
from bedside.service.cascade import cascade_worklist, relatives
from bedside.service.cascade_letters import invitation_number
from bedside.service.disclose import events_of, pathway_of, worklist
from bedside.service.disclose_consent import may_of
from bedside.service.disclose_letters import facts_of
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the worklist is asked for: one role's, only what is stuck, also what is over."""

    role: str = ""
    stuck: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class PersonOnTheWay:
    """A line of the worklist with whom it is about."""

    line: WorklistLine
    record_id: str
    name: str


@dataclass(frozen=True, slots=True)
class RelativeOnTheWay:
    """A relative on the worklist: by the numbers of the family and the invitation, and nothing that names
    whose finding it is. record_id leads to the index person's record for whoever may open it."""

    line: WorklistLine
    record_id: str
    family: str
    invitation: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """Everything on its way, most urgent first; roles: whom one can filter by."""

    asked: Asked
    people: tuple[PersonOnTheWay, ...]
    relatives: tuple[RelativeOnTheWay, ...]
    roles: tuple[str, ...]
    day: date
    review_state: str

    @property
    def urgent(self) -> int:
        """How many are past their day."""
        late = (TaskState.OVERDUE, TaskState.ESCALATED)
        lines = [one.line for one in self.people] + [one.line for one in self.relatives]
        return sum(line.urgency in late for line in lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that can be said to have come of the step that waits. proved: it is proved by an entry in
    the problem list, not by saying so."""

    name: str
    leads_to: str
    proved: bool


@dataclass(frozen=True, slots=True)
class FindingOnTheWay:
    """One finding: where it stands and how it came there. outcomes: what can be recorded now. letters: the
    letters that may be written. not_shown: why nobody may be told, "" when it may be shown."""

    place: Standing
    line: WorklistLine
    outcomes: tuple[Outcome, ...]
    letters: tuple[str, ...]
    not_shown: str


@dataclass(frozen=True, slots=True)
class RelativeInFamily:
    """One relative: what they are to the index person, and how far they have got."""

    relative: Relative
    named: Named | None
    line: WorklistLine
    outcomes: tuple[Outcome, ...]
    invitation: str


@dataclass(frozen=True, slots=True)
class WrittenLetter:
    """A letter that was written: when, by whom, which, and the digest of what it says."""

    at: datetime
    by: str
    name: str
    document: str
    relative: str


@dataclass(frozen=True, slots=True)
class PersonsFindings:
    """Everything on its way for one person."""

    findings: tuple[FindingOnTheWay, ...]
    relatives: tuple[RelativeInFamily, ...]
    letters: tuple[WrittenLetter, ...]
    named: tuple[Named, ...]
    review_state: str


def disclosure_worklist(
    house: House, ids: RecordIds | None, asked: Asked, only: frozenset[str] | None = None
) -> Worklist:
    """Whose move it is with every finding and every relative; only: the records the asker may open."""
    day = house.clock().date()
    every = [one for one in worklist(house, day, over=asked.over) if only is None or one.person in only]
    cousins = [
        one for one in cascade_worklist(house, day, over=asked.over) if only is None or one.person in only
    ]
    roles = tuple(sorted({one.owner for one in (*every, *cousins) if one.owner}))
    people = tuple(
        PersonOnTheWay(one, ids.of(one.person), _name(house, one.person))
        for one in every
        if ids is not None and _wanted(one, asked)
    )
    relatives_ = tuple(
        RelativeOnTheWay(
            one,
            ids.of(one.person),
            invitation_number(house, one.person, one.finding, "")[:6],
            invitation_number(house, one.person, one.finding, one.relative),
        )
        for one in cousins
        if ids is not None and _wanted(one, asked)
    )
    state = pathway_of(house).provenance.review_state
    return Worklist(asked, people, relatives_, roles, day, state)


def _wanted(line: WorklistLine, asked: Asked) -> bool:
    stuck = bool(line.waits_for) or line.urgency in (TaskState.OVERDUE, TaskState.ESCALATED)
    return asked.role in ("", line.owner) and (stuck or not asked.stuck)


def _name(house: House, person: str) -> str:
    known = house.ledger.person(person)
    return (name_of(known) if known is not None else "") or person


def person_lines(house: House, person: str) -> Mapping[str, WorklistLine]:
    """The worklist lines of one person, by finding."""
    pathway = pathway_of(house)
    places = standings(pathway, events_of(house, person))
    return {line.finding: line for line in lines_of(pathway, places, house.clock().date(), may_of(house))}


def persons_findings(house: House, person: str) -> PersonsFindings:
    """The findings of a person with what can be recorded next, their relatives and their letters."""
    pathway, may, day = pathway_of(house), may_of(house), house.clock().date()
    events = events_of(house, person)
    places = standings(pathway, events)
    lines = {line.finding: line for line in lines_of(pathway, places, day, may)}
    found = tuple(
        FindingOnTheWay(
            place,
            lines[place.finding.finding],
            _outcomes(place),
            _letters(house, place, why := why_not_shown(place, day, may)),
            why,
        )
        for place in places
    )
    named = named_in(events)
    family = _family(house, person, named, day)
    return PersonsFindings(found, family, written_letters(events), named, pathway.provenance.review_state)


def _outcomes(place: Standing) -> tuple[Outcome, ...]:
    state = place.state
    return tuple(Outcome(name, to, name == state.arrives) for name, to in state.outcomes.items())


def _letters(house: House, place: Standing, why: str) -> tuple[str, ...]:
    """The letters that may be written now: whose facts are all known, and that tell nothing too early."""
    texts = load_letters(house.settings.knowledge_folder).texts
    known = house.ledger.person(place.finding.person) or Person(place.finding.person)
    facts = facts_of(house, place, known).keys()
    return tuple(
        name
        for name, text in texts.items()
        if text.audience != "relative" and not (why and text.shows) and text.facts <= facts
    )


def _family(house: House, person: str, named: Sequence[Named], day: date) -> tuple[RelativeInFamily, ...]:
    several = relatives(house, person)
    lines = lines_of(pathway_of(house, CASCADE), [one.place for one in several], day, may_of(house))
    by_name = {one.relative: one for one in named}
    return tuple(
        RelativeInFamily(
            one,
            by_name.get(one.relative),
            line,
            _outcomes(one.place),
            invitation_number(house, person, one.finding, one.relative),
        )
        for one, line in zip(several, lines, strict=True)
    )


def written_letters(events: Sequence[Event]) -> tuple[WrittenLetter, ...]:
    """Every letter that was written about a person, newest first."""
    return tuple(
        WrittenLetter(
            event.valid_at,
            event.actor,
            event.payload["outcome"],
            event.payload["document"],
            event.payload.get("relative", ""),
        )
        for event in reversed(events)
        if event.kind is EventKind.STEP_TAKEN and event.payload["step"] == WRITTEN
    )


def letter_text(house: House, person: str, document: str) -> tuple[WrittenLetter, str]:
    """A letter of this person and its words; raises `RequestError` for a document that is none of theirs."""
    for one in written_letters(events_of(house, person)):
        if one.document == document:
            return one, house.documents.get(document).decode("utf-8")
    raise RequestError.one("letter", "this person has no such letter")


def step_words(fact: Fact) -> str:
    """A step in words: `contact: no-answer (telephone)`."""
    channel = fact.details.get("channel")
    return f"{fact.step}: {fact.outcome}" + (f" ({channel})" if channel else "")


PATHWAY = DISCLOSURE
"""The pathway that the worklist is about."""
