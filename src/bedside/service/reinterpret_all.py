"""Adopts a knowledge release: every distinct observation in the record is given its meaning anew, once.

Observations are never touched. People whose meanings changed get an event, those for whom guidance could
change also a task with an owner and a day; everybody else gets nothing. All of it is one transaction with the
adoption itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from bedside.act.tasks import due_from
from bedside.decide.evidence import said
from bedside.errors import StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import GenotypePattern, Observation, OutsideCall, digest
from bedside.genome.record import HeldResult
from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.options import CallOptions
from bedside.interpret.outside import call_outside
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.tiers import TaskPolicy, load_tiers
from bedside.service.align_pattern import align_pattern, positions_unread
from bedside.service.house import SOURCE, House
from bedside.service.open_duties import duties
from bedside.store.current_view import merge
from bedside.store.encode import call_content, canonical, decode, decode_observation
from bedside.store.ledger import Content, Overtaken, Unless

_AT_ONCE = 2000
_TRIES = 5
MEANING_CHANGED = "meaning-changed"

_Observed = tuple[str, tuple[str, ...]]
"""A gene and the digests of what one result observed of it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What adopting a release did: results read, distinct observations interpreted, whose meanings changed
    and for whom guidance could. positions_unread: of the genes seen, positions the files were not read for
    when they came."""

    before: str | None
    after: str
    results: int = 0
    interpreted: int = 0
    people_changed: int = 0
    people_with_tasks: int = 0
    positions_unread: int = 0

    def __str__(self) -> str:
        if self.before == self.after:
            return f"{self.after} is in force already; nothing to do"
        text = (
            f"{self.after} adopted (before: {self.before or 'none'}): {self.results} results, "
            f"{self.interpreted} distinct observations interpreted, {self.people_changed} people changed, "
            f"{self.people_with_tasks} of them with a task"
        )
        unread = self.positions_unread
        return text + (
            f"; {unread} positions are new and count as not tested in stored results" if unread else ""
        )


def reinterpret(house: House, pack: PgxPack, *, actor: str = "knowledge") -> Summary:
    """Adopt a release. Doing it twice is doing it once. Raises `StoreError`; then nothing has changed."""
    before, after = house.ledger.release(SOURCE), str(pack.release)
    if before == after:
        return Summary(before, after)
    work = _Work(house, pack)
    for _ in range(_TRIES):
        work.read_on()
        now = house.clock()
        changed = list(work.changed_people())
        treated = house.ledger.people_on_any()
        calls_of = {each.person: each.calls for each in changed if each.person in treated}
        tasks = _tasks(house, pack, changed, actor, now)
        summary = Summary(
            before,
            after,
            work.results,
            len(work.meanings),
            len({result.person for result, _ in work.changed}),
            len(tasks),
            sum(work.unread.values()),
        )
        events = [
            _adoption(summary, actor, now),
            *(_derived(result, calls, after, actor, now) for result, calls in work.changed),
            *tasks,
            *duties(replace(house, pgx=pack), calls_of, actor, now),
        ]
        try:
            house.ledger.append(events, work.contents.values(), Unless(EventKind.RESULT_ACCEPTED, work.last))
            return summary
        except Overtaken:
            continue
    raise StoreError("results keep arriving faster than the release can be adopted; try again later")


@dataclass(frozen=True, slots=True)
class Changed:
    """A person for whom guidance could change: gene → answer before and after, and all answers after."""

    person: str
    genes: Mapping[str, tuple[GeneCall | None, GeneCall | None]]
    calls: Mapping[str, GeneCall]


@dataclass(slots=True)
class _Work:
    """The record read so far under the new release."""

    house: House
    pack: PgxPack
    last: int = 0
    results: int = 0
    meanings: dict[_Observed, str | None] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)
    calls: dict[str, GeneCall] = field(default_factory=dict)
    changed: list[tuple[HeldResult, dict[str, str]]] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)
    results_of: Counter[str] = field(default_factory=Counter)

    def read_on(self) -> None:
        """Read the results accepted since, and note whose meanings differ."""
        results = self.house.ledger.all_results(self.last)
        while some := list(islice(results, _AT_ONCE)):
            self._interpret(some)
            for result in some:
                derived = self._derived(result)
                if derived != result.calls:
                    self.changed.append((result, derived))
            self.results += len(some)
            self.results_of.update(result.person for result in some)
            self.last = some[-1].order[1]

    def _derived(self, result: HeldResult) -> dict[str, str]:
        found = ((gene, self.meanings[gene, digests]) for gene, digests in result.observations.items())
        return {gene: meaning for gene, meaning in found if meaning is not None}

    def _interpret(self, results: Sequence[HeldResult]) -> None:
        new = {
            observed: None
            for result in results
            for observed in result.observations.items()
            if observed not in self.meanings
        }
        bodies = self.house.ledger.content({digest for _, digests in new for digest in digests})
        for gene, digests in new:
            observations = [decode_observation(decode(bodies[digest])) for digest in digests]
            call = self._call(gene, observations)
            if call is None:
                self.meanings[gene, digests] = None
                continue
            content = call_content(call)
            self.meanings[gene, digests] = content.digest
            self.contents[content.digest] = content
            self.calls[content.digest] = call

    def _call(self, symbol: str, observations: Sequence[Observation]) -> GeneCall | None:
        """The meaning of what one result observed of a gene; None when the release does not know the gene."""
        gene = self.pack.genes.get(symbol)
        if gene is None:
            return None
        outside = tuple(each for each in observations if isinstance(each, OutsideCall))
        if outside:
            return call_outside(gene, outside)
        (pattern,) = (each for each in observations if isinstance(each, GenotypePattern))
        self.unread[symbol] = max(self.unread.get(symbol, 0), positions_unread(pattern, gene))
        return call_gene(gene, align_pattern(pattern, gene), CallOptions())

    def changed_people(self) -> Iterator[Changed]:
        """People whose answers in force differ in what guidance is looked up with."""
        derived = {result.result: calls for result, calls in self.changed}
        for person, last in {result.person: result for result, _ in self.changed}.items():
            alone = self.results_of[person] == 1
            before = (last,) if alone else self.house.ledger.results(person)
            after = [replace(each, calls=derived.get(each.result, each.calls)) for each in before]
            one, other = self._view(before), self._view(after)
            differing = {
                gene: (one.get(gene), other.get(gene))
                for gene in sorted({*one, *other})
                if _guiding(one.get(gene)) != _guiding(other.get(gene))
            }
            if differing:
                yield Changed(person, differing, other)

    def _view(self, results: Sequence[HeldResult]) -> Mapping[str, GeneCall]:
        digests = {digest for result in results for digest in result.calls.values()}
        held = self.house.ledger.calls(digests - set(self.calls))
        view = merge(
            results, {**held, **{d: self.calls[d] for d in digests & set(self.calls)}}, self._observed
        )
        return {gene: current.call for gene, current in view.items()}

    def _observed(self, digests: Collection[str]) -> Mapping[str, Observation]:
        return {d: decode_observation(decode(body)) for d, body in self.house.ledger.content(digests).items()}


def _guiding(call: GeneCall | None) -> tuple[object, ...] | None:
    """What guidance depends on; a change in anything else is not material."""
    return None if call is None else (call.status, call.lookup_keys, call.phenotypes)


def _adoption(summary: Summary, actor: str, now: datetime) -> NewEvent:
    payload = {
        "release": summary.after,
        "before": summary.before,
        "results": summary.results,
        "interpreted": summary.interpreted,
        "people_changed": summary.people_changed,
        "people_with_tasks": summary.people_with_tasks,
    }
    return NewEvent(EventKind.RELEASE_ADOPTED, actor, now, payload=payload)


def _derived(
    result: HeldResult, calls: Mapping[str, str], release: str, actor: str, now: datetime
) -> NewEvent:
    payload = {"result": result.result, "release": release, "calls": calls}
    return NewEvent(EventKind.MEANINGS_DERIVED, actor, now, result.person, payload)


def _tasks(
    house: House, pack: PgxPack, changed: Iterable[Changed], actor: str, now: datetime
) -> list[NewEvent]:
    policy = load_tiers(house.settings.knowledge_folder).task
    return [_task(policy, pack, each.person, each.genes, actor, now) for each in changed]


def _task(
    policy: TaskPolicy,
    pack: PgxPack,
    person: str,
    genes: Mapping[str, tuple[GeneCall | None, GeneCall | None]],
    actor: str,
    now: datetime,
) -> NewEvent:
    due = due_from(policy, now.date())
    words = "; ".join(
        f"{gene}: {_words(before)} → {_words(after)}" for gene, (before, after) in genes.items()
    )
    name = f"{MEANING_CHANGED}:{digest(canonical([person, str(pack.release)]))[:32]}"
    payload = {
        "task": name,
        "kind": MEANING_CHANGED,
        "summary": f"Review what changed under {pack.release.name} {pack.release.date}: {words}",
        "owner": policy.owner,
        "due": due.due.isoformat(),
        "about": {
            "genes": list(genes),
            "release": str(pack.release),
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    }
    return NewEvent(EventKind.TASK_OPENED, actor, now, person, payload, name)


def _words(call: GeneCall | None) -> str:
    if call is None:
        return "no answer"
    return said(call.phenotypes, call.lookup_keys) or call.status.value
