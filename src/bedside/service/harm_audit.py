"""Whether harm was missed after a rule was made quieter: a sample of occasions, each read by two people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bedside.act.alert_proposals import Proposal, ProposalState
from bedside.act.tasks import due_from
from bedside.errors import InputError, Problem
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.genome.task import Task
from bedside.learn.agreement import Agreement, cohens_kappa
from bedside.learn.alert_log import QuietOne
from bedside.service.alert_proposals import proposals_of, revert_event
from bedside.service.alert_readings import alert_log, policy_of
from bedside.service.answer_hook import task_payload
from bedside.service.house import House
from bedside.store.ledger import Unless

RATERS = (1, 2)


class Verdict(Enum):
    """What a reader says of one occasion on which the old tier would have shown the card."""

    HARM = "harm"
    NO_HARM = "no harm"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of one decision. occasions: so many there were; unknown: of people the record does not know,
    whom nobody can look up; sampled: chosen to be read; ratings: per occasion, by reader. kappa: agreement on
    those that two people read."""

    proposal: str
    occasions: int
    unknown: int
    sampled: int
    ratings: dict[str, dict[str, Verdict]]
    agreement: Agreement

    @property
    def harms(self) -> int:
        """Occasions of which at least one reader says that harm was done."""
        return sum(Verdict.HARM in one.values() for one in self.ratings.values())


def occasions_of(house: House, proposal: str) -> tuple[QuietOne, ...]:
    """Occasions on which the old tier would have shown the card, in order of time."""
    return tuple(one for one in alert_log(house).quiet if one.override == proposal)


def open_audit(house: House, proposal: str, *, actor: str) -> tuple[Task, ...]:
    """Choose occasions, by a draw that follows from their own names, and open two tasks for each; those that
    are open stay. Raises InputError when the decision is not in force or nothing can be read yet."""
    one = _decision(house, proposal)
    policy, day = policy_of(house).audit, house.clock().date()
    known = [each for each in occasions_of(house, proposal) if each.person is not None]
    if not known:
        remedy = "open it once the rule was kept back for somebody on record"
        raise InputError.one("PROPOSAL", "no occasion can be read yet", remedy=remedy)
    drawn = sorted(known, key=lambda each: digest(f"{proposal}:{occasion(each)}".encode()))
    due = due_from(policy.task, day)
    held = {
        task.task for task in house.ledger.tasks(open_only=False) if task.about.get("proposal") == proposal
    }
    chosen = {str(name).rsplit("/", 1)[0] for name in held}
    for each in drawn:
        if len(chosen) < policy.occasions:
            chosen.add(_task_name(proposal, each))
    tasks = tuple(
        Task(
            task=f"{_task_name(proposal, each)}/{rater}",
            person=str(each.person),
            kind=policy.task.kind,
            summary=f"{each.drug}: was harm missed when the card was kept back?",
            owner=policy.task.owner,
            due=due.due,
            about={
                "proposal": proposal,
                "occasion": occasion(each),
                "rater": rater,
                "drug": each.drug,
                "rules": [one.rule],
                "at": each.at.isoformat(),
                "escalate_on": due.escalate.isoformat(),
                "escalate_to": policy.task.escalate_to,
            },
        )
        for each in drawn
        if _task_name(proposal, each) in chosen
        for rater in RATERS
        if f"{_task_name(proposal, each)}/{rater}" not in held
    )
    now = house.clock()
    house.ledger.append(
        [
            NewEvent(EventKind.TASK_OPENED, actor, now, task.person, task_payload(task), key=task.task)
            for task in tasks
        ]
    )
    return tasks


def rate(house: House, task: str, verdict: str, note: str, *, actor: str) -> Verdict:
    """One reader's word about one occasion; ends the task. A harm becomes a proposal to take the decision
    back, in the same append. Raises InputError."""
    last = house.ledger.checkpoint().sequence
    held = next((one for one in house.ledger.tasks() if one.task == task), None)
    words = [one.value for one in Verdict]
    problems = [] if verdict in words else [Problem("verdict", f"is not one of {', '.join(words)}")]
    if held is None or "occasion" not in held.about:
        problems.append(Problem("TASK", "is no open task of an audit"))
    elif actor in audit(house, held.about["proposal"]).ratings.get(held.about["occasion"], {}):
        remedy = "somebody else is the second reader"
        problems.append(Problem("by", "has read this occasion already", remedy=remedy))
    if verdict != Verdict.NO_HARM.value and not note.strip():
        problems.append(Problem("note", "is missing", remedy="say what was seen, in a few words"))
    if problems or held is None:
        raise InputError(problems)
    proposal, now = str(held.about["proposal"]), house.clock()
    said = {
        "proposal": proposal,
        "verdict": verdict,
        "occasion": held.about["occasion"],
        "rater": held.about["rater"],
        "task": task,
        "note": note,
    }
    closed = {"task": task, "outcome": f"read: {verdict}"}
    events = [
        NewEvent(EventKind.HARM_AUDITED, actor, now, held.person, said, key=f"harm:{task}"),
        NewEvent(EventKind.TASK_CLOSED, actor, now, held.person, closed, f"closed:{task}"),
    ]
    known = proposals_of(house)
    if verdict == Verdict.HARM.value and f"revert-{proposal}" not in known:
        why = f"the missed-harm audit found harm on {held.about['at'][:10]}"
        events.append(revert_event(house, known[proposal], why, actor))
    house.ledger.append(events, unless=Unless(EventKind.HARM_AUDITED, last))
    return Verdict(verdict)


def audit(house: House, proposal: str) -> Audit:
    """The audit of a decision as it stands."""
    found = occasions_of(house, proposal)
    names = {
        str(task.about["occasion"])
        for task in house.ledger.tasks(open_only=False)
        if task.about.get("proposal") == proposal
    }
    ratings: dict[str, dict[str, Verdict]] = {}
    for event in house.ledger.events(kinds=(EventKind.HARM_AUDITED,)):
        if event.payload["proposal"] == proposal:
            one = ratings.setdefault(str(event.payload["occasion"]), {})
            one[event.actor] = Verdict(event.payload["verdict"])
    both = list(_pairs(ratings))
    unknown = sum(one.person is None for one in found)
    return Audit(proposal, len(found), unknown, len(names), ratings, cohens_kappa(both))


def occasion(one: QuietOne) -> str:
    """What an occasion is called: the answer, and the order in it."""
    return f"{one.sequence}:{one.order}"


def _pairs(ratings: dict[str, dict[str, Verdict]]) -> Iterator[tuple[str, str]]:
    """The two words about each occasion that two people read, in the order given."""
    for one in ratings.values():
        if len(one) == len(RATERS):
            first, second = one.values()
            yield first.value, second.value


def _task_name(proposal: str, one: QuietOne) -> str:
    return f"missed-harm:{proposal}:{occasion(one)}"


def _decision(house: House, proposal: str) -> Proposal:
    found = proposals_of(house).get(proposal)
    if found is None or found.state not in (ProposalState.APPROVED, ProposalState.REVERTED):
        raise InputError.one("PROPOSAL", "is no decision in force", remedy="bedside alerts list has them")
    return found
