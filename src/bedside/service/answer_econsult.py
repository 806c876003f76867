"""What a site does with an eConsult after the question: take it, ask back, answer, sign, return, close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedside.errors import RequestError
from bedside.genome.consult import Closing, Ending, Opinion, Signature, StepKind, Words
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.econsult_policy import load_econsult_policy
from bedside.service.consult_steps import Held, Writer, add_step, consult_named
from bedside.service.house import House
from bedside.service.sites import Sites

SAID = {
    "assign": StepKind.ASSIGNED,
    "want": StepKind.INFORMATION_WANTED,
    "return": StepKind.RETURNED,
    "withdraw": StepKind.WITHDRAWN,
}
"""The steps that need words only."""


def say(house: House, sites: Sites, consult: str, what: str, text: str, writer: Writer) -> Held:
    """Assign to somebody, want information, return without an answer, or withdraw: one of `SAID`."""
    _not_blank("text", text, "say it in words")
    held = consult_named(house, sites, consult)
    also = tuple(_closed_tasks(house, held, "withdrawn", writer)) if what == "withdraw" else ()
    return add_step(house, sites, consult, SAID[what], Words(text.strip()), writer, also)


def answer(
    house: House, sites: Sites, consult: str, text: str, evidence: Sequence[str], writer: Writer
) -> Held:
    """Give an opinion, or correct one; it awaits sign-off. The knowledge release in force here goes along."""
    _not_blank("text", text, "say what is advised")
    rests_on = tuple(one.strip() for one in evidence if one.strip())
    said = Opinion(text.strip(), rests_on, str(house.pgx.release))
    return add_step(house, sites, consult, StepKind.ANSWERED, said, writer)


def sign(house: House, sites: Sites, consult: str, opinion: str, writer: Writer) -> Held:
    """Answer for an opinion, named by its step; the policy may want another person than who gave it."""
    held = consult_named(house, sites, consult)
    given = held.consult.opinion
    policy = load_econsult_policy(house.settings.knowledge_folder)
    if policy.sign_off_by_another and given is not None and given.by == writer.name:
        raise RequestError.one(
            "by", "an opinion is signed off by another person here", remedy="ask a colleague to sign"
        )
    return add_step(house, sites, consult, StepKind.SIGNED, Signature(opinion), writer)


def close(house: House, sites: Sites, consult: str, closing: Closing, reason: str, writer: Writer) -> Held:
    """Say at the asking site what came of the answer; what was not followed needs a reason."""
    if closing is Closing.DECLINED:
        _not_blank("reason", reason, "say why the answer is not followed")
    held = consult_named(house, sites, consult)
    also = tuple(_closed_tasks(house, held, closing.value, writer))
    return add_step(house, sites, consult, StepKind.CLOSED, Ending(closing, reason.strip()), writer, also)


def _closed_tasks(house: House, held: Held, outcome: str, writer: Writer) -> Iterator[NewEvent]:
    """The open tasks about an eConsult, done."""
    if held.person is None:
        return
    for task in house.ledger.tasks(held.person):
        if task.about.get("consult") == held.consult.consult:
            payload = {"task": task.task, "outcome": f"done: eConsult {outcome}"}
            yield NewEvent(
                EventKind.TASK_CLOSED, writer.name, house.clock(), held.person, payload, f"closed:{task.task}"
            )


def _not_blank(name: str, text: str, remedy: str) -> None:
    if not text.strip():
        raise RequestError.one(name, "is blank", remedy=remedy)
