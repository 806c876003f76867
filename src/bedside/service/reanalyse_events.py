"""A judgement becomes what the ledger keeps: tasks that somebody owns by a day, and tasks that are over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bedside.act.reanalysis_memory import SUPERSEDED, write_history
from bedside.act.tasks import Due, due_from
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.genome.result import Confirmation
from bedside.knowledge.reanalysis_policy import Channel, FindingTask, ReanalysisPolicy
from bedside.service.reanalyse_groups import said
from bedside.service.reanalyse_judge import Judged


@dataclass(slots=True)
class Writer:
    """Writes the events of one adoption. release, before: the two releases by name and digest."""

    policy: ReanalysisPolicy
    release: str
    before: str
    actor: str
    now: datetime
    _payloads: dict[tuple[int, ...], tuple[Judged, tuple[str, ...], dict[str, Any]]] = field(
        default_factory=dict
    )
    _dues: dict[FindingTask, Due] = field(default_factory=dict)

    def due(self, kind: FindingTask) -> Due:
        """The days the policy sets for a task of this kind opened now."""
        if kind not in self._dues:
            self._dues[kind] = due_from(self.policy.of(kind).task, self.now.date())
        return self._dues[kind]

    def owner_and_due(self, kind: FindingTask | None) -> tuple[str, str]:
        """Whose a task is and by when; both empty when there is none."""
        if kind is None:
            return "", ""
        return self.policy.of(kind).task.owner, self.due(kind).due.isoformat()

    def events(self, one: Judged) -> Iterator[NewEvent]:
        """First the tasks that are over, then the one that is owed."""
        judgement = one.judgement
        for kind in sorted(judgement.closes, key=lambda kind: kind.value):
            yield self._close(one.person, one.remembered.open[kind], judgement.reason)
        if judgement.opens is not None:
            yield self._open(one, judgement.opens)

    def _close(self, person: str, task: str, reason: str) -> NewEvent:
        payload = {"task": task, "outcome": f"{SUPERSEDED}{reason} ({self.release})"}
        return NewEvent(EventKind.TASK_CLOSED, self.actor, self.now, person, payload, f"closed:{task}")

    def _open(self, one: Judged, kind: FindingTask) -> NewEvent:
        alike = (id(one.change), id(one.weighed), id(one.case), id(one.held))
        found = self._payloads.get(alike)
        if found is None:
            found = self._payloads[alike] = (one, _variants(one), self._payload(one, kind))
        name = task_name(kind, one.person, *found[1], self.release)
        payload = {**found[2], "task": name}
        return NewEvent(EventKind.TASK_OPENED, self.actor, self.now, one.person, payload, name)

    def _payload(self, one: Judged, kind: FindingTask) -> dict[str, Any]:
        """What the tasks of people alike have in common."""
        change, channel = one.change, self.policy.of(kind)
        (before, stars_before), (after, stars_after) = said(change.before), said(change.after)
        about: dict[str, Any] = {
            "variant": change.text,
            "variants": list(_variants(one)),
            "gene": one.weighed.gene,
            "zygosity": one.held.zygosity.value,
            "confirmation": _confirmation(one).value,
            "from": before,
            "to": after,
            "stars": [stars_before, stars_after],
            "change": one.judgement.kind.value,
            "action": one.judgement.action.value,
            "reason": one.judgement.reason,
            "gate_before": one.weighed.before.outcome.value,
            "gate": one.weighed.after.outcome.value,
            "gate_reason": one.weighed.after.reason,
            "told": one.case.told.value,
            "history": write_history(one.case.history),
            "release": self.release,
            "before": self.before,
        }
        if one.weighed.answer is not None:
            answer = one.weighed.answer
            about |= {"disease": answer.disease, "evidence": list(answer.evidence), "panel": answer.panel}
        summary = f"{one.weighed.gene} {change.text}: {change.before}, now {change.after}: {channel.asks}"
        return task_payload("", channel, self.due(kind), summary, about)


def _variants(one: Judged) -> tuple[str, ...]:
    """The variants of the finding: both of a pair that is found together, so that it is one task."""
    answer = one.weighed.answer
    if answer is None or not one.weighed.after.positive:
        return (one.change.text,)
    return tuple(sorted(str(variant) for variant in answer.variants))


def _confirmation(one: Judged) -> Confirmation:
    """How far the least sure of the variants may go that `_variants` names."""
    answer = one.weighed.answer
    return one.held.confirmation if answer is None or not one.weighed.after.positive else answer.confirmation


def task_name(kind: FindingTask, *parts: str) -> str:
    """The id of a task: the same for the same person, variant and release; it names none of them."""
    return f"{kind.value}:{digest(chr(31).join(parts).encode())[:32]}"


def task_payload(
    name: str, channel: Channel, due: Due, summary: str, about: dict[str, Any]
) -> dict[str, Any]:
    """The payload of an opened task, with the way it goes and when it goes higher."""
    return {
        "task": name,
        "kind": channel.task.kind,
        "summary": summary,
        "owner": channel.task.owner,
        "due": due.due.isoformat(),
        "about": {
            **about,
            "channel": channel.name,
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": channel.task.escalate_to,
        },
    }
