"""The inbox of the reanalysis: every change somebody owes something for, with what it was and what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bedside.act.reanalysis import Standing
from bedside.act.reanalysis_memory import read_history
from bedside.errors import BedsideError
from bedside.genome.consent import Purpose
from bedside.genome.event import EventKind
from bedside.genome.task import Task
from bedside.genome.variant import Variant, parse_variant
from bedside.knowledge.classification import ClassifiedVariant
from bedside.knowledge.clinvar.release import ClinvarRelease, load_clinvar
from bedside.knowledge.reanalysis_policy import FindingTask, load_reanalysis_policy
from bedside.service.consented_lake import asked as asked_lake
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.service.reanalyse import SOURCE
from bedside.service.record_ids import RecordIds
from bedside.service.take_task import InHand, in_hand

MOST_CHANGES = 100
KINDS = frozenset(kind.value for kind in FindingTask)


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the inbox is asked for; "" is anything. late: only what is past its day."""

    channel: str = ""
    owner: str = ""
    gene: str = ""
    late: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change about one person. before, after: the class in a word and its stars; before is "" where
    nothing stood before. records: what the releases before and after say. history: the classes so far."""

    task: Task
    record_id: str
    name: str
    variants: tuple[str, ...]
    before: tuple[str, int]
    after: tuple[str, int]
    records_before: tuple[ClassifiedVariant, ...]
    records_after: tuple[ClassifiedVariant, ...]
    history: tuple[Standing, ...]
    evidence: tuple[str, ...]
    late: bool
    finds: bool
    hand: InHand | None = None

    def said(self, name: str) -> str:
        """A particular of the task as text, "" when it has none."""
        return str(self.task.about.get(name, "") or "")


@dataclass(frozen=True, slots=True)
class Adoption:
    """A release that was adopted: when, by whom, what it replaced and what followed."""

    release: str
    before: str
    on: date
    by: str
    counts: Mapping[str, int]
    tasks: int
    accepted: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inbox:
    """The changes that fit, those due first at the front; how many there are, and by channel."""

    asked: Filter
    lines: tuple[ChangeLine, ...]
    found: int
    everything: int
    channels: Mapping[str, int]
    owners: tuple[str, ...]
    genes: tuple[str, ...]
    adoptions: tuple[Adoption, ...]
    release: str
    review_state: str


def inbox(house: House, ids: RecordIds | None, asked: Filter, only: frozenset[str] | None = None) -> Inbox:
    """The inbox; only: the records the asker may open."""
    policy = load_reanalysis_policy(house.settings.knowledge_folder)
    lake = asked_lake(house, Purpose.CARE)
    tasks = [
        task if lake.refused(task.person) is None else _closed_to_us(task)
        for task in house.ledger.tasks(open_only=not asked.ended)
        if task.kind in KINDS and (only is None or task.person in only) and task.open is not asked.ended
    ]
    today, hands = house.clock().date(), in_hand(house)
    wanted = [task for task in tasks if _fits(task, asked, today)]
    shown = [] if ids is None else wanted[:MOST_CHANGES]
    releases = _Releases(house)
    lines = tuple(_line(house, ids, task, today, releases, hands) for task in shown if ids is not None)
    said = [str(task.about.get("channel", "")) for task in tasks]
    return Inbox(
        asked,
        lines,
        len(wanted),
        len(tasks),
        {name: said.count(name) for name in dict.fromkeys(said) if name},
        tuple(sorted({task.owner for task in tasks})),
        tuple(sorted({str(task.about["gene"]) for task in tasks if task.about.get("gene")})),
        adoptions(house),
        house.ledger.release(SOURCE) or "",
        policy.provenance.review_state,
    )


def _closed_to_us(task: Task) -> Task:
    """A task about a genome that may no longer be read: somebody must still end it, and nothing is named."""
    return replace(task, summary=MAY_NOT_BE_READ, about={"channel": task.about.get("channel", "")})


def _fits(task: Task, asked: Filter, today: date) -> bool:
    return (
        asked.channel in ("", task.about.get("channel"))
        and asked.owner in ("", task.owner)
        and asked.gene in ("", task.about.get("gene"))
        and (not asked.late or task.due < today)
    )


def _line(
    house: House,
    ids: RecordIds,
    task: Task,
    today: date,
    releases: _Releases,
    hands: Mapping[str, InHand],
) -> ChangeLine:
    about = task.about
    variants = tuple(about.get("variants") or [one for one in (about.get("variant"),) if one])
    stars = about.get("stars", 0)
    pair = stars if isinstance(stars, list) else [0, stars]
    alleles = [parse_variant(one) for one in variants if one.startswith("chr")]
    known = house.ledger.person(task.person)
    return ChangeLine(
        task,
        ids.of(task.person),
        (name_of(known) if known is not None else "") or task.person,
        variants,
        (str(about.get("from", "")), int(pair[0])),
        (str(about.get("to", "")), int(pair[1])),
        releases.of(str(about.get("before", "")), alleles),
        releases.of(str(about.get("release", "")), alleles),
        read_history(about.get("history", ())),
        tuple(about.get("evidence", ())),
        task.open and task.due < today,
        FindingTask(task.kind).finds,
        hands.get(task.task),
    )


MAY_NOT_BE_READ = "The genome was erased, or consent to read it was withdrawn: end this with the reason"


class _Releases:
    """Releases of ClinVar by their names, each opened once; one that is not at hand says nothing."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._opened: dict[str, ClinvarRelease | None] = {}

    def of(self, name: str, variants: Sequence[Variant]) -> tuple[ClassifiedVariant, ...]:
        """What a release says of these variants."""
        if not name.startswith(f"{SOURCE}@"):
            return ()
        if name not in self._opened:
            try:
                self._opened[name] = load_clinvar(name, self._house.settings)
            except BedsideError:
                self._opened[name] = None
        release = self._opened[name]
        return () if release is None else tuple(one for each in variants for one in release.at(each))


def adoptions(house: House) -> tuple[Adoption, ...]:
    """The releases that were adopted through a reanalysis, newest first."""
    found = [
        Adoption(
            str(event.payload["release"]),
            str(event.payload["before"] or ""),
            event.known_at.date(),
            event.actor,
            dict(event.payload.get("counts", {})),
            int(event.payload.get("tasks", 0)),
            dict(event.payload.get("accepted", {})),
        )
        for event in house.ledger.events(kinds=(EventKind.REANALYSED,))
    ]
    return tuple(reversed(found))
