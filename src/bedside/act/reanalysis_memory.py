"""What the record remembers of each person and variant: which tasks wait, what the person was told, and the
classes the variant had when something was owed about it. A pure fold over events in the order written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bedside.act.reanalysis import Standing, Told
from bedside.genome.event import Event, EventKind
from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.reanalysis_policy import FindingTask, ReanalysisPolicy

SUPERSEDED = "superseded: "
"""How the outcome of a task begins that a new release closed, not a person."""

DECLINED = "declined"
"""How an outcome begins that says that the person wants not to know."""

UNTOLD = ("not needed", DECLINED)
"""How outcomes begin that say that nobody was told."""

REMEMBERED = (EventKind.TASK_OPENED, EventKind.TASK_CLOSED, EventKind.STEP_TAKEN)
"""The kinds of events that are read."""

Pair = tuple[str, str]
"""A person's id and a variant as text."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One person and variant. open: the id of the task that waits, by kind. judged: what was decided was
    a matter for a person's judgement; what may be reported without one is asked anew."""

    open: Mapping[FindingTask, str] = field(default_factory=dict)
    told: Told = Told.UNKNOWN
    history: tuple[Standing, ...] = ()
    gene: str = ""
    judged: bool = False

    @property
    def pending(self) -> bool:
        """Whether a new release must look at it even where it changed nothing about the variant."""
        return any(not (task.finds or task.of_gene) for task in self.open)

    @property
    def known(self) -> bool:
        """Whether a change of the class concerns the person whatever it was before: something is open, was
        told, or may have been told while it was pathogenic."""
        found = any(one.bucket is Bucket.PLP for one in self.history)
        return bool(self.open) or self.told is not Told.UNKNOWN or found


NOTHING = Remembered()


def remember(events: Iterable[Event], policy: ReanalysisPolicy) -> dict[Pair, Remembered]:
    """What is remembered after these events, by person and variant."""
    found: dict[Pair, Remembered] = {}
    about: dict[str, tuple[FindingTask | None, tuple[Pair, ...]]] = {}
    for event in events:
        payload = event.payload
        if event.kind is EventKind.TASK_OPENED:
            kind = _KINDS.get(payload["kind"])
            if kind is not None:
                pairs = tuple(_pairs(event, payload.get("about", {})))
                about[payload["task"]] = (kind, pairs)
                for pair in pairs:
                    found[pair] = _opened(found.get(pair, NOTHING), kind, payload, pair[1])
        elif event.kind is EventKind.TASK_CLOSED:
            kind, pairs = about.get(payload["task"], (None, ()))
            for pair in pairs if kind is not None else ():
                found[pair] = _closed(found[pair], kind, payload)
        elif event.kind is EventKind.STEP_TAKEN:
            name = payload.get("finding") or ""
            if name not in about and (payload.get("variants") or payload.get("variant")):
                about[name] = (None, tuple(_pairs(event, payload)))
            kind, pairs = about.get(name, (None, ()))
            for pair in pairs:
                found[pair] = _stepped(found.get(pair, NOTHING), kind, payload, policy)
    return found


def _pairs(event: Event, held: Mapping[str, Any]) -> Iterator[Pair]:
    variants = held.get("variants") or [held[name] for name in ("variant",) if held.get(name)]
    return ((str(event.person), str(variant)) for variant in variants)


def _opened(before: Remembered, kind: FindingTask, payload: Mapping[str, Any], variant: str) -> Remembered:
    held = payload.get("about", {})
    own = "history" in held and held.get("variant", variant) == variant
    return Remembered(
        {**before.open, kind: payload["task"]},
        Told.NEVER if kind.finds and before.told is Told.UNKNOWN else before.told,
        read_history(held["history"]) if own else before.history,
        str(held.get("gene", before.gene)),
        before.judged,
    )


def _closed(before: Remembered, kind: FindingTask | None, payload: Mapping[str, Any]) -> Remembered:
    left = {name: task for name, task in before.open.items() if task != payload["task"]}
    if str(payload["outcome"]).startswith(SUPERSEDED) or kind is None:
        return replace(before, open=left)
    if kind.finds and kind is not FindingTask.CONFIRM:
        told = _ended(before, kind, str(payload["outcome"]))
    elif kind in (FindingTask.DOWNGRADED, FindingTask.RECONTACT):
        told = Told.CORRECTED
    else:
        told = before.told
    judged = _judged(before, told, kind, str(payload["outcome"])) if kind.finds else before.judged
    return replace(before, open=left, told=told, judged=judged)


def _judged(before: Remembered, told: Told, kind: FindingTask | None, outcome: str) -> bool:
    """Whether a decision is a judgement. Who declined has decided about whatever it turns out to be."""
    if told is not Told.DECIDED:
        return before.judged
    return kind is not None and kind.reviews and not outcome.startswith(DECLINED)


def _ended(before: Remembered, kind: FindingTask, outcome: str) -> Told:
    """What is known of the telling when a task ended that leads to one; nobody becomes untold."""
    if before.told is Told.TOLD:
        return Told.TOLD
    return Told.DECIDED if kind.reviews or outcome.startswith(UNTOLD) else Told.TOLD


def _stepped(
    before: Remembered, kind: FindingTask | None, payload: Mapping[str, Any], policy: ReanalysisPolicy
) -> Remembered:
    step = f"{payload['step']}:{payload.get('outcome', '')}"
    for steps, told in (
        (policy.told, Told.TOLD),
        (policy.corrected, Told.CORRECTED),
        (policy.untold, Told.NEVER),
        (policy.decided, Told.DECIDED),
    ):
        if step in steps:
            judged = _judged(before, told, kind, str(payload.get("outcome", "")))
            return replace(before, told=told, judged=judged)
    return before


def write_history(history: Iterable[Standing]) -> list[list[Any]]:
    """A variant's classes as plain values, to be kept with a task; "" where there was no record."""
    return [
        [one.released.isoformat(), one.classification.value if one.classification else "", one.stars]
        for one in history
    ]


def read_history(plain: Iterable[Any]) -> tuple[Standing, ...]:
    """The classes that `write_history` wrote."""
    return tuple(
        Standing(date.fromisoformat(day), Classification(name) if name else None, int(stars))
        for day, name, stars in plain
    )


_KINDS = {kind.value: kind for kind in FindingTask}
