"""A person's record as it is known, or as it was known on a past day: the answers in force and where they
come from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from bedside.errors import RequestError
from bedside.genome.assay import Assay
from bedside.genome.event import EventKind
from bedside.genome.observation import Observation
from bedside.genome.person import Medication, Person, Problem
from bedside.genome.record import HeldResult, Record, source_of
from bedside.genome.task import Task
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.service.disclose_tasks import chart_tasks
from bedside.service.house import SOURCE, House
from bedside.service.reported_findings import Reported, reported_of
from bedside.store.current_view import Current, merge
from bedside.store.encode import decode, decode_assay, decode_observation


@dataclass(frozen=True, slots=True)
class GeneLine:
    """One gene: the answer in force, the result it comes from (None when never looked at), and what others
    say.
    """

    call: GeneCall
    result: HeldResult | None = None
    conflict: bool = False
    older: tuple[tuple[HeldResult, GeneCall], ...] = ()


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One result of the record with the assay it was made by."""

    result: HeldResult
    assay: Assay


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person's record at one moment. `release` is the knowledge release its meanings held under then.

    known_until: the moment up to which anything counted, None for now. Genes stand in the release's order.
    """

    person: str
    demographics: Person | None
    known_until: datetime | None
    release: str
    genes: tuple[GeneLine, ...]
    medications: tuple[Medication, ...]
    problems: tuple[Problem, ...]
    tasks: tuple[Task, ...]
    results: tuple[ResultLine, ...]
    reported: tuple[Reported, ...] = ()

    @property
    def calls(self) -> Mapping[str, GeneCall]:
        """The answers in force by gene, as guidance takes them."""
        return {line.call.gene: line.call for line in self.genes}


def as_of(text: str | None) -> date | None:
    """The day that somebody wrote as YYYY-MM-DD; None when they wrote none. Raises `RequestError`."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise RequestError.one("--as-of", "is no day", remedy="write it like 2026-03-31") from None


def show(house: House, person: str, as_of: date | None = None) -> PersonView:
    """The record of a person, from what was known at the end of a day (UTC), else from all that is known.

    Raises `RequestError` when nothing was known of that person then.
    """
    until = None if as_of is None else datetime.combine(as_of, time.max, UTC)
    events = tuple(house.ledger.events(person=person, known_at=until))
    if not any(event.person == person for event in events):
        when = "" if as_of is None else f" on {as_of.isoformat()}"
        raise RequestError.one(
            "PERSON", f"nothing is known of this person{when}", remedy="check the id and the date"
        )
    state = Record(events).as_of(valid_at=until, known_at=until)
    current = current_view(house, state.results)
    adopted = [event.payload["release"] for event in events if event.kind is EventKind.RELEASE_ADOPTED]
    order = dict.fromkeys([*house.pgx.genes, *current])
    return PersonView(
        person=person,
        demographics=state.person,
        known_until=until,
        release=next((release for release in reversed(adopted) if source_of(release) == SOURCE), ""),
        genes=tuple(_line(gene, current.get(gene)) for gene in order),
        medications=state.medications,
        problems=state.problems,
        tasks=chart_tasks(house, person, state.tasks, as_of),
        results=tuple(_with_assay(house, result) for result in state.results),
        reported=reported_of(house, state.results),
    )


def current_view(house: House, results: Collection[HeldResult]) -> Mapping[str, Current]:
    """The answer in force for each gene over some results of one person, oldest first."""
    calls = house.ledger.calls({digest for result in results for digest in result.calls.values()})

    def observed(digests: Collection[str]) -> Mapping[str, Observation]:
        bodies = house.ledger.content(digests)
        return {digest: decode_observation(decode(body)) for digest, body in bodies.items()}

    return merge(tuple(results), calls, observed)


def _line(gene: str, current: Current | None) -> GeneLine:
    if current is None:
        return GeneLine(GeneCall(gene, CallStatus.NOT_TESTED))
    return GeneLine(current.call, current.result, current.conflict, current.older)


def _with_assay(house: House, result: HeldResult) -> ResultLine:
    return ResultLine(result, decode_assay(decode(house.ledger.content([result.assay])[result.assay])))
