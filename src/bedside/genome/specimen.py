"""A specimen on its way, as a fold over what was written down about it: nothing is resulted before it is
received, and what was rejected is collected again as another specimen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bedside.genome.event import Event, EventKind


class Step(Enum):
    """What can happen to a specimen."""

    LABEL = "label"
    COLLECT = "collect"
    SHIP = "ship"
    RECEIVE = "receive"
    REJECT = "reject"
    LOSE = "lose"
    RESULT = "result"


class Stage(Enum):
    """Where a specimen stands."""

    LABELLED = "labelled"
    COLLECTED = "collected"
    SHIPPED = "shipped"
    RECEIVED = "received"
    REJECTED = "rejected"
    LOST = "lost"
    RESULTED = "resulted"


ALLOWED: Mapping[Stage | None, Mapping[Step, Stage]] = {
    None: {Step.LABEL: Stage.LABELLED},
    Stage.LABELLED: {Step.COLLECT: Stage.COLLECTED, Step.LOSE: Stage.LOST},
    Stage.COLLECTED: {Step.SHIP: Stage.SHIPPED, Step.RECEIVE: Stage.RECEIVED, Step.LOSE: Stage.LOST},
    Stage.SHIPPED: {Step.RECEIVE: Stage.RECEIVED, Step.LOSE: Stage.LOST},
    Stage.RECEIVED: {Step.RESULT: Stage.RESULTED, Step.REJECT: Stage.REJECTED, Step.LOSE: Stage.LOST},
    Stage.RESULTED: {Step.RESULT: Stage.RESULTED},
    Stage.REJECTED: {},
    Stage.LOST: {},
}
"""From a stage, the steps that can follow. A courier's scan may be missing; a receipt may not."""

AGAIN = frozenset({Stage.REJECTED, Stage.LOST})
"""Stages after which the test still needs another specimen."""


class NotPossible(ValueError):
    """The step cannot follow. `.stage` is where the specimen stands, None before it was labelled."""

    def __init__(self, stage: Stage | None, step: Step) -> None:
        self.stage, self.step = stage, step
        where = "not labelled yet" if stage is None else stage.value
        possible = ", ".join(one.value for one in ALLOWED[stage]) or "nothing"
        super().__init__(f"the specimen is {where}; `{step.value}` cannot follow, only {possible}")


@dataclass(frozen=True, slots=True)
class Moved:
    """One step of a specimen: when, who, and why (of a rejection or a loss)."""

    step: Step
    at: datetime
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Specimen:
    """A specimen of an order, with its chain of custody. replaces: the specimen it was collected again
    for."""

    specimen: str
    order: str
    replaces: str = ""
    stage: Stage | None = None
    custody: tuple[Moved, ...] = ()

    def then(self, moved: Moved) -> Specimen:
        """The specimen after a step; raises `NotPossible`."""
        following = ALLOWED[self.stage].get(moved.step)
        if following is None:
            raise NotPossible(self.stage, moved.step)
        return replace(self, stage=following, custody=(*self.custody, moved))


def specimens(events: Iterable[Event]) -> Mapping[str, Specimen]:
    """Every specimen that the events speak of, in the order labelled.

    Raises `NotPossible` for a history that cannot be: the ledger holds none, for every step is checked
    against it before it is written.
    """
    found: dict[str, Specimen] = {}
    for event in events:
        if event.kind is EventKind.SPECIMEN_MOVED:
            payload = event.payload
            name = payload["specimen"]
            held = found.get(name) or Specimen(name, payload["order"], payload.get("replaces", ""))
            moved = Moved(Step(payload["step"]), event.valid_at, event.actor, payload.get("reason", ""))
            found[name] = held.then(moved)
    return found


def wanted(of_order: Iterable[Specimen]) -> bool:
    """Whether an order still needs a specimen to be labelled: it has none, or each was rejected or lost."""
    return all(one.stage in AGAIN for one in of_order)
