"""What follows from a step of an eConsult that another site sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from bedside.act.tasks import due_from
from bedside.errors import RequestError
from bedside.exchange.consult_json import read_step
from bedside.genome.consult import Step, StepKind, Words
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.econsult_policy import load_econsult_policy
from bedside.knowledge.tiers import TaskPolicy
from bedside.service.consult_steps import step_event
from bedside.service.house import House
from bedside.service.sites import PeerSite, Sites

RECEIVED_BY = "site-exchange"
_TO_READ = frozenset({StepKind.SIGNED, StepKind.RETURNED, StepKind.INFORMATION_WANTED})
_SUMMARY = {
    StepKind.SIGNED: "An eConsult is answered and signed off: read it, and say what came of it",
    StepKind.RETURNED: "An eConsult came back without an answer: read why",
    StepKind.INFORMATION_WANTED: "An eConsult waits for information from here",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a message brings besides itself. refused: why it is not taken from that site, "" when it is."""

    person: str | None = None
    events: tuple[NewEvent, ...] = ()
    refused: str = ""


def consult_arrived(
    house: House, sites: Sites, peer: PeerSite, content: Mapping[str, Any], item: Any
) -> Arrival:
    """A step of the other site: a question is confirmed as received, an answer becomes somebody's task."""
    step = read_step(content["body"])
    if step.site != peer.name or step.other != sites.name or step.step != content["message"]:
        return Arrival(refused="a step is written by one of its two sites, for the other")
    if step.asker == peer.name:
        return _asked(sites, peer, step, house)
    return _answered(house, sites, peer, step)


def _asked(sites: Sites, peer: PeerSite, step: Step, house: House) -> Arrival:
    if not peer.asks:
        return Arrival(refused="this site takes no questions from that one (`asks` is not set)")
    if step.kind is not StepKind.ASKED:
        return Arrival()
    if _taken(house, sites, peer, step.consult):
        raise RequestError.one("consult", "another site's question has this number", remedy="ask it anew")
    confirmed = replace(
        step,
        step=str(uuid5(NAMESPACE_URL, f"received:{peer.name}:{step.consult}")),
        kind=StepKind.RECEIVED,
        clock=step.clock + 1,
        by=RECEIVED_BY,
        role=sites.title,
        at=house.clock(),
        said=Words(""),
        after=(step.step,),
    )
    return Arrival(events=(step_event(sites, confirmed, None),))


def _taken(house: House, sites: Sites, peer: PeerSite, consult: str) -> bool:
    """Whether an eConsult between other sites has this id."""
    others = (f"{name}/{consult}" for name in sites.peers if name != peer.name)
    found = any(house.ledger.find(EventKind.SITE_RECEIVED, key) is not None for key in others)
    return found or house.ledger.find(EventKind.SITE_QUEUED, consult) is not None


def _answered(house: House, sites: Sites, peer: PeerSite, step: Step) -> Arrival:
    question = house.ledger.find(EventKind.SITE_QUEUED, step.consult)
    if question is None or question.payload["to"] != peer.name or question.person is None:
        raise RequestError.one(
            "consult",
            "this site asked that one no such question",
            remedy="send the question's answer to its asker",
        )
    if step.kind not in _TO_READ:
        return Arrival(question.person)
    policy = load_econsult_policy(house.settings.knowledge_folder).read
    event = open_task(house, question.person, step.consult, step.step, policy, _SUMMARY[step.kind])
    return Arrival(question.person, (event,))


def open_task(
    house: House,
    person: str,
    consult: str,
    name: str,
    policy: TaskPolicy,
    summary: str,
    due: date | None = None,
) -> NewEvent:
    """The event that makes an eConsult somebody's task at the asking site."""
    now = house.clock()
    days = due_from(policy, now.date() if due is None else due)
    task = task_id(consult, name)
    payload = {
        "task": task,
        "kind": policy.kind,
        "summary": summary,
        "owner": policy.owner,
        "due": (days.due if due is None else due).isoformat(),
        "about": {
            "consult": consult,
            "escalate_on": days.escalate.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    }
    return NewEvent(EventKind.TASK_OPENED, RECEIVED_BY, now, person, payload, task)


def task_id(consult: str, name: str) -> str:
    """The id of a task about an eConsult."""
    return f"econsult:{consult}:{name}"
