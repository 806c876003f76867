"""Adopts a release of ClinVar: everybody who carries what it changed is judged, and what follows is owned.

One transaction holds the adoption, the tasks and the digest of a document that lists everybody looked at.
Killed before it, nothing has changed; run again, the same is written. A release that changes implausibly much
at once is stopped for a person.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bedside.act.reanalysis_limits import Excess, excesses, gains
from bedside.act.reanalysis_memory import REMEMBERED, remember
from bedside.errors import InputError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.clinvar.release import ClinvarRelease
from bedside.knowledge.findings_panel import Panel
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.reanalysis_policy import ReanalysisPolicy, load_reanalysis_policy
from bedside.service.catch_up_lake import catch_up
from bedside.service.house import House, lake_of
from bedside.service.reanalyse_changes import Changes, became, came, changes_between, concerned_lines
from bedside.service.reanalyse_events import Writer
from bedside.service.reanalyse_groups import Group, counts_of, in_order, write_document
from bedside.service.reanalyse_people import Evaluated, Evaluation
from bedside.service.screen_carried import moved, screening, unless_moved
from bedside.service.screen_gates import genes_of
from bedside.store.ledger import Overtaken

if TYPE_CHECKING:
    from bedside.store.lake.lake import Lake

SOURCE = "clinvar"
TRIES = 5
"""How often a piece of work is done again that the ledger overtook."""

Tell = Callable[[str], None]
"""Takes a line of progress."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """That a person lets a stopped release pass, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reanalysed:
    """What adopting a release did, or would do. stopped: the limits it breaks when nobody let it pass; then
    nothing was written, and `concerned` lists the records that are pathogenic no more, or only now. table:
    the document's digest, "" when nothing was written.
    """

    source: str
    before: str
    after: str
    groups: tuple[Group, ...] = ()
    stopped: tuple[Excess, ...] = ()
    concerned: tuple[str, ...] = ()
    tasks: int = 0
    people: int = 0
    not_counted: Mapping[str, int] = field(default_factory=dict)
    table: str = ""

    @property
    def counts(self) -> Mapping[str, int]:
        """People and variants by kind of change."""
        return counts_of(self.groups)


@dataclass(frozen=True, slots=True)
class Asked:
    """How to go about it: by whom, only to look, a stopped release let pass, where progress is told."""

    actor: str = "knowledge"
    dry_run: bool = False
    accepted: Accepted | None = None
    tell: Tell = lambda text: None


def reanalyse_clinvar(
    house: House,
    before: ClinvarRelease | None,
    after: ClinvarRelease,
    asked: Asked | None = None,
    *,
    lake: Lake | None = None,
) -> Reanalysed:
    """Adopt a release of ClinVar. Twice is once. `before` None: there is none to compare with; then the
    release is adopted and `bedside screen` finds what it means.

    Raises `InputError` for a release older than the one in force, `StoreError` when nothing could be written.
    """
    asked = asked or Asked()
    names = ("" if before is None else str(before.release), str(after.release))
    if house.ledger.release(SOURCE) == names[1]:
        return Reanalysed(SOURCE, names[1], names[1])
    _forwards(before, after)
    root = house.settings.knowledge_folder
    policy = load_reanalysis_policy(root)
    panels = tuple(load_panel(name, root) for name in policy.panels)
    work = _Work(house, lake or lake_of(house), asked, names, house.clock(), policy, panels)
    if before is None:
        return work.adopt((), None)
    asked.tell("comparing the releases")
    changes = changes_between(before, after)
    broken = work.broken(changes)
    if broken and asked.accepted is None:
        return Reanalysed(SOURCE, *names, stopped=broken, concerned=tuple(concerned_lines(changes, broken)))
    return work.evaluate(changes, broken)


def _forwards(before: ClinvarRelease | None, after: ClinvarRelease) -> None:
    if before is not None and after.release.date < before.release.date:
        raise InputError.one(
            str(after.release),
            f"is older than {before.release}, which is in force",
            remedy="a past answer is shown with --as-of; knowledge only goes forward",
        )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for reference cycles: what is built here by the million holds none, and looking
    through all of it again and again took a seventh of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _first_closed(event: NewEvent) -> tuple[bool, str]:
    """Tasks that are over before those that open, each in order of id: the ledger's indexes grow in order."""
    return event.kind is not EventKind.TASK_CLOSED, event.key or ""


@dataclass(slots=True)
class _Work:
    """One adoption."""

    house: House
    lake: Lake
    asked: Asked
    names: tuple[str, str]
    now: datetime
    policy: ReanalysisPolicy
    panels: tuple[Panel, ...]

    def broken(self, changes: Changes) -> tuple[Excess, ...]:
        """The limits that the release breaks, over all genes and in those of the panels."""
        genes = genes_of(self.panels)
        inside = changes.before.in_genes(genes)
        limits = self.policy.limits
        everywhere = (*excesses(*became(changes), limits), *gains(*came(changes), limits))
        in_panels = (*excesses(*became(changes, inside), limits), *gains(*came(changes, inside), limits))
        return (*everywhere, *(replace(one, within="the genes of the panels") for one in in_panels))

    def evaluate(self, changes: Changes, broken: Sequence[Excess]) -> Reanalysed:
        """Find whom it concerns and write it down, again for those whose genome came or went meanwhile, or
        who said something else about it."""
        house, found = self.house, Evaluated((), (), frozenset())
        seen = last = None
        for _ in range(TRIES):
            seen, last = last, house.ledger.checkpoint().sequence
            among = None if seen is None else moved(house, seen)
            catch_up(house.ledger, self.lake)
            with _uncollected(), suppress(Overtaken):
                found = found.with_anew(self._evaluation(changes).evaluate(among), among)
                return self.adopt(broken, found, last)
        raise StoreError("genomes come and go faster than the release can be adopted; try again later")

    def _evaluation(self, changes: Changes) -> Evaluation:
        memory = remember(self.house.ledger.events(kinds=REMEMBERED), self.policy)
        before, after = self.names
        writer = Writer(self.policy, after, before, self.asked.actor, self.now)
        lake = screening(self.house, self.lake)
        return Evaluation(lake, changes, self.panels, self.policy, memory, writer, self.asked.tell)

    def adopt(self, broken: Sequence[Excess], found: Evaluated | None, last: int | None = None) -> Reanalysed:
        """Write the adoption with everything that follows from it, or only say it."""
        groups = () if found is None else in_order(found.groups)
        events = () if found is None else sorted(found.events, key=_first_closed)
        refused = screening(self.house, self.lake).all.not_counted()
        done = Reanalysed(
            SOURCE,
            *self.names,
            groups=groups,
            tasks=len({event.key for event in events if event.kind is EventKind.TASK_OPENED}),
            people=0 if found is None else len(found.people),
            not_counted={why.value: count for why, count in refused.items()},
        )
        if self.asked.dry_run:
            return done
        self.asked.tell("writing the events")
        header = {"release": done.after, "before": done.before, "counts": dict(done.counts)}
        done = replace(done, table=self.house.documents.put(write_document(header, groups)))
        unless = None if last is None else unless_moved(last)
        self.house.ledger.append([*self._adoption(done, broken), *events], (), unless)
        return done

    def _adoption(self, done: Reanalysed, broken: Sequence[Excess]) -> tuple[NewEvent, NewEvent]:
        accepted = self.asked.accepted
        counts: dict[str, Any] = {
            "release": done.after,
            "before": done.before,
            "people": done.people,
            "tasks": done.tasks,
        }
        detail = {
            **counts,
            "source": SOURCE,
            "table": done.table,
            "counts": dict(done.counts),
            "not_counted": dict(done.not_counted),
            "panels": [panel.release for panel in self.panels],
            "policy": self.policy.provenance.sha256,
        }
        if broken and accepted is not None:
            detail["accepted"] = {
                "by": accepted.by,
                "reason": accepted.reason,
                "limits": [str(one) for one in broken],
            }
        key = f"{done.before}>{done.after}"
        actor = accepted.by if broken and accepted is not None else self.asked.actor
        return (
            NewEvent(EventKind.RELEASE_ADOPTED, actor, self.now, payload=counts, key=key),
            NewEvent(EventKind.REANALYSED, actor, self.now, payload=detail, key=key),
        )
