"""A pharmacogenomic release through the same door: `reinterpret` adopts it, the rows are the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

from bedside.act.reanalysis import Action, Kind
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.knowledge.pgx import PgxPack
from bedside.service.house import SOURCE, House
from bedside.service.reanalyse import Asked, Reanalysed
from bedside.service.reanalyse_groups import Group
from bedside.service.reinterpret_all import MEANING_CHANGED, reinterpret
from bedside.store.ledger import Content, Unless


class _Watched:
    """The ledger, with what is written through it seen, and with `rehearse` kept from being written."""

    def __init__(self, ledger: Any, *, rehearse: bool) -> None:
        self._ledger, self._rehearse = ledger, rehearse
        self.seen: tuple[NewEvent, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def append(
        self, events: Sequence[NewEvent], contents: Iterable[Content] = (), unless: Unless | None = None
    ) -> tuple[Event, ...]:
        """Write, unless this is a rehearsal; what would be written is kept either way."""
        written = () if self._rehearse else self._ledger.append(events, contents, unless)
        self.seen = tuple(events)
        return tuple(written)


def reanalyse_pgx(house: House, pack: PgxPack, asked: Asked | None = None) -> Reanalysed:
    """Adopt a pharmacogenomic release: whoever's meaning changed is in the rows, with the task where guidance
    could change."""
    asked = asked or Asked()
    watched = _Watched(house.ledger, rehearse=asked.dry_run)
    seen_house = replace(house, ledger=cast(Any, watched))
    summary = reinterpret(seen_house, pack, actor=asked.actor)
    groups = _groups(watched.seen)
    return Reanalysed(
        SOURCE,
        summary.before or "",
        summary.after,
        groups=groups,
        tasks=summary.people_with_tasks,
        people=summary.people_changed,
    )


def _groups(events: Sequence[NewEvent]) -> tuple[Group, ...]:
    """One row a person and gene whose guidance could change, one a person where only the words changed."""
    tasks = {
        event.person: event
        for event in events
        if event.kind is EventKind.TASK_OPENED and event.payload["kind"] == MEANING_CHANGED
    }
    found: list[Group] = []
    derived = dict.fromkeys(event.person for event in events if event.kind is EventKind.MEANINGS_DERIVED)
    for person in sorted(str(one) for one in derived):
        task = tasks.get(person)
        if task is None:
            found.append(_group("", ("", ""), Kind.NO_OP, Action.NONE, "guidance-unchanged", person))
            continue
        payload = task.payload
        for gene, before, after in _changes(payload["summary"], payload["about"]["genes"]):
            words = (before, after)
            one = _group(gene, words, MEANING_CHANGED, Action.REVIEW, MEANING_CHANGED, person)
            found.append(replace(one, owner=payload["owner"], due=payload["due"]))
    return tuple(found)


def _group(
    gene: str, words: tuple[str, str], kind: Kind | str, action: Action, reason: str, person: str
) -> Group:
    name = kind.value if isinstance(kind, Kind) else kind
    return Group(gene, gene, (words[0], 0), (words[1], 0), name, action.value, reason, (person,))


def _changes(summary: str, genes: Sequence[str]) -> list[tuple[str, str, str]]:
    """The genes of a task with the meaning before and after, as its summary says them."""
    text = summary.partition(": ")[2]
    found = []
    for place, gene in enumerate(genes):
        following = f"; {genes[place + 1]}: " if place + 1 < len(genes) else None
        own = text.partition(f"{gene}: ")[2]
        own = own.partition(following)[0] if following else own
        before, _, after = own.partition(" → ")
        found.append((gene, before, after))
    return found
