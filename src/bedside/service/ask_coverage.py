"""Asks whether a plan covers an order, writes the answer down with all it rests on, and gives it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from bedside.decide.coverage import covered
from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.coverage_applies import PLAN_FACTS
from bedside.decide.coverage_chart import Drafted
from bedside.decide.coverage_facts import PairsHeld, facts_of
from bedside.decide.coverage_plain import answer_of, asked_of, fact_of, plain, plain_asked, plain_fact
from bedside.errors import NotFound, StoreError
from bedside.genome.coverage import CoverageAsked, Fact, Facts, Funding, Known, Line, Plan
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.coverage_policies import KIND, coverage_files, load_coverage, read_coverage
from bedside.knowledge.provenance import parse_rule_file
from bedside.knowledge.test_catalogue import load_tests
from bedside.service.coverage_facts import drafted_of, plan_of
from bedside.service.coverage_ordered import as_payers_see
from bedside.service.house import House
from bedside.service.order_test import order_named
from bedside.store.documents import Documents


@dataclass(frozen=True, slots=True)
class StoredCoverage:
    """An answer as the ledger holds it: what was asked, what was answered, when, and who asked. stated: what
    people stated for the order until then, on forms."""

    asked: CoverageAsked
    answer: CoverageAnswer
    at: datetime
    by: str
    event: int
    stated: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A past answer given again from what was kept: the same to the byte, or not."""

    answer: CoverageAnswer
    same: bool


def pack_of(house: House) -> CoveragePack:
    """What the house knows about coverage."""
    return load_coverage(house.settings.knowledge_folder)


def pairs_of(house: House) -> PairsHeld:
    """The gene-drug pairs of the release in force."""
    return PairsHeld(str(house.pgx.release), house.pgx.pairs)


def ask_coverage(
    house: House,
    person: str,
    order: str,
    *,
    payer: str = "",
    form: Facts | None = None,
    actor: str = "bedside",
) -> StoredCoverage:
    """The answer for an order of the record. payer: a plan by its name, else the one on record. form: what
    somebody stated now; what was stated for this order before still counts. An answer that still holds is
    given again; a new one is on disk when this returns. Raises `NotFound`."""
    held = order_named(house, person, order)
    earlier = coverage_of(house, person, order)
    said = {**stated(earlier), **(form or {})}
    drafted = drafted_of(house, person, held.order, said)
    pack = pack_of(house)
    plan = named_plan(pack, payer) if payer else plan_of(house, pack, person)
    asked = asked_about(house, drafted, plan)
    for one in reversed(earlier):
        if _still_holds(one, asked, pack.release):
            return one
    return keep(house, asked, covered(pack, asked), person=person, actor=actor, said=said)


def asked_about(house: House, drafted: Drafted, plan: Plan) -> CoverageAsked:
    """Everything the answer to an order depends on, as it is today."""
    root, today = house.settings.knowledge_folder, house.clock().date()
    return put_together(pack_of(house), pairs_of(house), root, drafted, plan, today)


def put_together(
    pack: CoveragePack, pairs: PairsHeld, root: Path | None, drafted: Drafted, plan: Plan, today: Any
) -> CoverageAsked:
    """What is asked, from an order and a plan. Facts about the plan that somebody stated change the plan."""
    test = as_payers_see(pack, load_tests(root), drafted)
    on = drafted.service_on or today
    facts = facts_of(pack, pairs, test, drafted.chart, on)
    return CoverageAsked(drafted.order, test, with_said(pack, plan, drafted.chart.said), on, today, facts)


def named_plan(pack: CoveragePack, payer: str) -> Plan:
    """The plan of this name, or one of which only the name is known."""
    known = pack.plan_named(payer)
    return Plan(payer) if known is None else known.plan


def with_said(pack: CoveragePack, plan: Plan, said: Facts) -> Plan:
    """The plan with what somebody stated about it; a payer that is known by name is that payer's plan."""
    told = {name: said[name] for name in PLAN_FACTS if isinstance(said.get(name), Known)}
    values = {name: str(fact.value) for name, fact in told.items() if isinstance(fact, Known)}
    if not values:
        return plan
    evidence = tuple(at for fact in told.values() if isinstance(fact, Known) for at in fact.evidence)
    payer = values.get("plan-payer", plan.payer)
    if payer != plan.payer:
        plan = named_plan(pack, payer)
    return replace(
        plan,
        line=Line(values.get("plan-line", plan.line.value)),
        funding=Funding(values.get("plan-funding", plan.funding.value)),
        state=values.get("plan-state", plan.state),
        contractor=values.get("plan-contractor", plan.contractor),
        evidence=(*plan.evidence, *evidence),
    )


def keep(
    house: House,
    asked: CoverageAsked,
    answer: CoverageAnswer,
    *,
    person: str | None,
    actor: str,
    said: Facts | None = None,
) -> StoredCoverage:
    """Write an answer down, with the files it rests on kept byte for byte."""
    event = coverage_event(house, asked, answer, person=person, actor=actor, said=said)
    (written,) = house.ledger.append([event])
    return stored(written)


def coverage_event(
    house: House,
    asked: CoverageAsked,
    answer: CoverageAnswer,
    *,
    person: str | None,
    actor: str,
    said: Facts | None = None,
    more: Mapping[str, Any] | None = None,
) -> NewEvent:
    """The event of an answer, not yet written. said: what people stated; more: further keys."""
    payload = {
        **(more or {}),
        "order": asked.order,
        "payer": asked.plan.payer,
        "answer": answer.answer.value,
        "missing": [one.fact for one in answer.missing],
        "policies": [one.version for one in answer.governing],
        "asked": plain_asked(asked),
        "said": plain(answer),
        "stated": {name: plain_fact(fact) for name, fact in sorted((said or {}).items())},
        "knowledge": answer.knowledge,
        "files": dict(kept_files(house.documents, house.settings.knowledge_folder, answer.knowledge)),
    }
    return NewEvent(EventKind.COVERAGE_ANSWERED, actor, house.clock(), person, payload)


@cache
def kept_files(documents: Documents, root: Path | None, release: str) -> Mapping[str, str]:
    """Every file that answers rest on, put among the documents once: its digest by its name."""
    return {name: documents.put(content) for name, content in coverage_files(root).items()}


def coverage_of(house: House, person: str, order: str = "") -> tuple[StoredCoverage, ...]:
    """Every stored answer about a person, or about one order, the newest last."""
    events = house.ledger.events(person=person, kinds=(EventKind.COVERAGE_ANSWERED,))
    return tuple(stored(one) for one in events if not order or one.payload["order"] == order)


def stored(event: Event) -> StoredCoverage:
    """The answer that an event holds."""
    held = event.payload
    return StoredCoverage(
        asked_of(held["asked"]),
        answer_of(held["said"]),
        event.known_at,
        event.actor,
        event.sequence,
        {name: fact_of(fact) for name, fact in held["stated"].items()},
    )


def stated(earlier: tuple[StoredCoverage, ...]) -> dict[str, Fact]:
    """What people stated on forms for an order, the last word of each fact."""
    return dict(earlier[-1].stated) if earlier else {}


def _still_holds(one: StoredCoverage, asked: CoverageAsked, release: str) -> bool:
    same = replace(one.asked, asked_on=asked.asked_on) == asked and one.answer.knowledge == release
    until = one.answer.until
    return same and (one.asked.asked_on == asked.asked_on or (until is not None and asked.asked_on <= until))


def replay_coverage(house: House, event: int) -> Replayed:
    """The answer of an event, given again from the files that were kept with it. Raises `NotFound`, or
    `StoreError` when a file is gone."""
    found = next(iter(_events(house, event)), None)
    if found is None:
        raise NotFound.one("answer", "no coverage answer stands at this place of the ledger")
    held = found.payload
    files = {
        name: parse_rule_file(name, house.documents.get(digest), KIND)
        for name, digest in held["files"].items()
    }
    pack = read_coverage(files)
    if pack.release != held["knowledge"]:
        raise StoreError("the files kept with the answer are not those it names")
    answer = covered(pack, asked_of(held["asked"]))
    return Replayed(answer, plain(answer) == held["said"])


def _events(house: House, sequence: int) -> Iterator[Event]:
    for one in house.ledger.events(kinds=(EventKind.COVERAGE_ANSWERED,), after=sequence - 1):
        if one.sequence == sequence:
            yield one
        return
