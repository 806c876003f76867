"""A named person looks at a line of the worklist and decides: refer, or not now with the reason.

Only a referral puts somebody on the `undiagnosed` pathway, in the same transaction. Nothing is ordered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from bedside.errors import NotFound, Problem, RequestError
from bedside.genome.chart_codes import LeftOut
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.signal import Signal, standing_signals
from bedside.knowledge.phenotype_risk import load_risk_policy
from bedside.learn.suspicion_outcomes import Became, Listed
from bedside.service.house import House
from bedside.service.pathway_people import everybody_known
from bedside.service.pathway_signals import meanings_of
from bedside.service.undiagnosed_record import NOT_NOW, PATHWAY, REFERRED, decisions, standing_on
from bedside.store.ledger import Overtaken, Unless


def rounds(house: House) -> tuple[Event, ...]:
    """Every round that was written down, oldest first."""
    return tuple(house.ledger.events(kinds=(EventKind.UNDIAGNOSED_LISTED,)))


def table_of(house: House, table: str) -> Mapping[str, Any]:
    """A round as it was written down. Raises `Tampered` when it is not what its name says."""
    found: Mapping[str, Any] = orjson.loads(house.documents.get(table))
    return found


def decide(house: House, person: str, decision: str, reason: str, *, actor: str) -> None:
    """Write a decision about a line of the last round. Raises `NotFound` when the person is not on it,
    `RequestError` with every problem, also when somebody else was faster."""
    policy = load_risk_policy(house.settings.knowledge_folder)
    after = house.ledger.checkpoint().sequence
    last = rounds(house)[-1:]
    lines = table_of(house, last[0].payload["table"])["lines"] if last else ()
    if person not in {line["person"] for line in lines}:
        raise NotFound.one("person", "is not on the last list")
    problems = []
    if decision not in (REFERRED, NOT_NOW):
        problems.append(Problem("decision", "is neither a referral nor a reason against one"))
    elif decision == NOT_NOW and reason not in policy.not_now:
        problems.append(
            Problem("reason", "is none of the reasons", remedy=f"one of {', '.join(policy.not_now)}")
        )
    before = decisions(house.ledger.events(person=person, kinds=(EventKind.UNDIAGNOSED_DECIDED,))).get(person)
    if before is not None and before.payload["decision"] == REFERRED:
        problems.append(Problem("decision", "the person was referred already", remedy="see their pathway"))
    elif standing_on(house, policy, house.clock().date(), person) not in (None, LeftOut.NOT_NOW):
        problems.append(Problem("decision", "the person was tested, declined or is under care since"))
    if problems:
        raise RequestError(problems)
    now = house.clock()
    said = {"table": last[0].payload["table"], "decision": decision}
    said["reason"] = reason if decision == NOT_NOW else ""
    events = [NewEvent(EventKind.UNDIAGNOSED_DECIDED, actor, now, person, said)]
    if decision == REFERRED:
        signal = {"signal": "eligible", "attributes": {"for": PATHWAY}, "case": "", "source": actor}
        signal["id"] = f"undiagnosed:{said['table'][:16]}"
        events.append(NewEvent(EventKind.SIGNAL_RECORDED, actor, now, person, signal))
    try:
        house.ledger.append(events, unless=Unless(EventKind.UNDIAGNOSED_DECIDED, after))
    except Overtaken as error:
        remedy = "open the list again"
        raise RequestError(
            [Problem("decision", "somebody decided at the same moment", remedy=remedy)]
        ) from error


def outcomes(house: House) -> Iterator[Listed]:
    """Everybody who was ever listed, once, with what became of it."""
    signals = everybody_known(house, meanings_of(house)).signals
    said = decisions(house.ledger.events(kinds=(EventKind.UNDIAGNOSED_DECIDED,)))
    seen: set[str] = set()
    for event in rounds(house):
        for line in table_of(house, event.payload["table"])["lines"]:
            person = line["person"]
            if person not in seen:
                seen.add(person)
                became = became_of(said.get(person), signals.get(person, ()))
                yield Listed(person, float(line["surprise"]), became)


def became_of(decided: Event | None, signals: tuple[Signal, ...]) -> Became:
    """How far it came: by the decision, and what the pathway says since."""
    if decided is None:
        return Became.ADVISED
    if decided.payload["decision"] == NOT_NOW:
        return Became.NOT_NOW
    found = Became.REFERRED
    for one in standing_signals(signals):
        if one.at < decided.valid_at:
            continue
        if one.name == "declined":
            found = Became.DECLINED
        elif one.name == "test-ordered":
            found = Became.ORDERED
        elif one.name == "result-reviewed" and one.attributes.get("finding") in ("diagnosis", "none"):
            answered = one.attributes["finding"] == "diagnosis"
            found = Became.DIAGNOSED if answered else Became.NO_ANSWER
    return found
