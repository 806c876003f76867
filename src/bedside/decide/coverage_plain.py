"""What was asked, and what was answered, as plain values: stored, sent and read back the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from bedside.decide.coverage_answer import (
    CoverageAnswer,
    CriterionResult,
    Disagreement,
    GroupResult,
    Missing,
    PolicyResult,
    TreeResult,
)
from bedside.genome.coverage import (
    Answer,
    BillingCode,
    CoverageAsked,
    DocNeeded,
    DocPurpose,
    Fact,
    FactValue,
    Funding,
    InfoNeeded,
    Known,
    Line,
    Listed,
    NotKnown,
    PaNeeded,
    Plan,
    Pointer,
    Said,
    TestAsked,
    Truth,
)
from bedside.knowledge.coverage_policy import FactType, Follows, Join, Level


def written(plain: object) -> str:
    """Plain values as one text, the same for the same values."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain(value: object) -> Any:
    """Any of the types of coverage as plain values; sets in order."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, frozenset):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def plain_fact(fact: Fact) -> dict[str, Any]:
    """A fact."""
    if isinstance(fact, NotKnown):
        return {"open": fact.reason}
    value = {"list": sorted(fact.value.values), "complete": fact.value.complete} if isinstance(
        fact.value, Listed
    ) else fact.value  # fmt: skip
    return {"value": value, "evidence": plain(fact.evidence)}


def fact_of(said: Mapping[str, Any]) -> Fact:
    """The fact that plain values describe."""
    if "open" in said:
        return NotKnown(said["open"])
    value = said["value"]
    held: FactValue = (
        Listed(frozenset(value["list"]), value["complete"]) if isinstance(value, dict) else value
    )
    return Known(held, tuple(map(pointer_of, said["evidence"])))


def plain_asked(asked: CoverageAsked) -> dict[str, Any]:
    """What was asked."""
    facts = {name: plain_fact(fact) for name, fact in sorted(asked.facts.items())}
    return {**{one.name: plain(getattr(asked, one.name)) for one in fields(asked) if one.name != "facts"},
            "facts": facts}  # fmt: skip


def asked_of(said: Mapping[str, Any]) -> CoverageAsked:
    """What was asked, from plain values; KeyError, TypeError or ValueError when they describe nothing."""
    test = said["test"]
    genes = test["genes"]
    return CoverageAsked(
        order=said["order"],
        test=TestAsked(
            test["test"],
            test["kind"],
            None if genes is None else frozenset(genes),
            _codes(test["codes"]),
            test["z_code"],
        ),
        plan=plan_of_plain(said["plan"]),
        service_on=date.fromisoformat(said["service_on"]),
        asked_on=date.fromisoformat(said["asked_on"]),
        facts={name: fact_of(fact) for name, fact in said["facts"].items()},
    )


def plan_of_plain(plan: Mapping[str, Any]) -> Plan:
    """The plan that `plain` wrote."""
    return Plan(
        plan["payer"],
        Line(plan["line"]),
        Funding(plan["funding"]),
        plan["state"],
        plan["contractor"],
        plan["name"],
        plan["member"],
        _day(plan["starts"]),
        _day(plan["ends"]),
        plan["reference"],
        tuple(map(pointer_of, plan["evidence"])),
        plan["cancelled"],
    )


def pointer_of(said: Mapping[str, Any]) -> Pointer:
    """A pointer to where a fact stands."""
    return Pointer(Said(said["said"]), said["source"], _day(said["on"]), said["event"], said["by"])


def answer_of(said: Mapping[str, Any]) -> CoverageAnswer:
    """The answer that `plain` wrote."""
    pa = said["pa_needed"]
    return CoverageAnswer(
        answer=Answer(said["answer"]),
        why=said["why"],
        order=said["order"],
        payer=said["payer"],
        service_on=date.fromisoformat(said["service_on"]),
        asked_on=date.fromisoformat(said["asked_on"]),
        policies=tuple(map(_policy, said["policies"])),
        decided_by=tuple(said["decided_by"]),
        missing=tuple(map(_missing, said["missing"])),
        disagreements=tuple(
            Disagreement(tuple(one["policies"]), one["says"], one["settled_by"], one["holds"])
            for one in said["disagreements"]
        ),
        not_in_force=tuple(said["not_in_force"]),
        pa_needed=None if pa is None else PaNeeded(pa),
        doc_needed=tuple(map(DocNeeded, said["doc_needed"])),
        doc_purpose=tuple(map(DocPurpose, said["doc_purpose"])),
        info_needed=tuple(map(InfoNeeded, said["info_needed"])),
        questionnaires=tuple(said["questionnaires"]),
        billing_codes=_codes(said["billing_codes"]),
        limits=tuple(said["limits"]),
        until=_day(said["until"]),
        assertion=said["assertion"],
        knowledge=said["knowledge"],
    )


def _policy(said: Mapping[str, Any]) -> PolicyResult:
    return PolicyResult(
        policy=said["policy"],
        version=said["version"],
        sha256=said["sha256"],
        title=said["title"],
        level=Level(said["level"]),
        review_state=said["review_state"],
        source_url=said["source_url"],
        applies=Truth(said["applies"]),
        truth=Truth(said["truth"]),
        possible=frozenset(map(Follows, said["possible"])),
        where=_tree(said["where"]),
        judged=_tree(said["judged"]),
        pa_needed=PaNeeded(said["pa_needed"]),
        doc_needed=tuple(map(DocNeeded, said["doc_needed"])),
        doc_purpose=tuple(map(DocPurpose, said["doc_purpose"])),
        info_needed=tuple(map(InfoNeeded, said["info_needed"])),
        questionnaire=said["questionnaire"],
        billing_codes=_codes(said["billing_codes"]),
        limits=tuple(said["limits"]),
        until=_day(said["until"]),
        overdue=said["overdue"],
        plan_open=tuple(said["plan_open"]),
    )


def _tree(said: Mapping[str, Any]) -> TreeResult:
    if "parts" in said:
        parts = tuple(map(_tree, said["parts"]))
        return GroupResult(Join(said["join"]), Truth(said["truth"]), parts, said["needed"])
    return CriterionResult(
        said["criterion"],
        said["fact"],
        said["says"],
        Truth(said["truth"]),
        said["citation"],
        said["value"],
        tuple(map(pointer_of, said["evidence"])),
        said["open"],
    )


def _missing(said: Mapping[str, Any]) -> Missing:
    return Missing(
        said["fact"],
        said["question"],
        FactType(said["type"]),
        said["why"],
        DocNeeded(said["answered_by"]),
        tuple(said["policies"]),
        tuple(said["choices"]),
        said["unit"],
    )


def _codes(said: object) -> tuple[BillingCode, ...]:
    return tuple(BillingCode(one["system"], one["code"]) for one in said) if isinstance(said, list) else ()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
