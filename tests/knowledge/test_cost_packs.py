"""The packs of prices, of help with money and of programmes answer their worked cases."""

from __future__ import annotations

from typing import Any

from bedside.genome.cost import Amount, CostEstimate
from bedside.genome.coverage import Answer
from bedside.knowledge.cost_policy import load_assistance, load_unit_costs
from bedside.knowledge.programmes import Drawn, load_programmes
from bedside.knowledge.provenance import rule_files
from bedside.service.cost_estimate import needs_help


def examples(name: str) -> list[dict[str, Any]]:
    (file,) = [one for one in rule_files("economics") if one.provenance.name == name]
    found: list[dict[str, Any]] = file.document["example"]
    return found


def test_prices_are_those_of_the_worked_cases() -> None:
    tests = load_unit_costs().tests
    found = [(one["test"], tests.get(one["test"])) for one in examples("unit_costs")]
    said = [(name, None if one is None else (one.amount.low, one.amount.high)) for name, one in found]
    assert said == [
        (one["test"], (one["low"], one["high"]) if one.get("known", True) else None)
        for one in examples("unit_costs")
    ]


def test_help_is_due_as_the_worked_cases_say() -> None:
    policy = load_assistance()
    for one in examples("financial_assistance"):
        pays = Amount(*one["pays"]) if "pays" in one else None
        held = CostEstimate("o", policy.currency, pays, None, None, Answer.UNKNOWN, ())
        assert needs_help(held, policy) is one["task"], one["name"]
    foreign = CostEstimate("o", "EUR", Amount(1, 1), None, None, Answer.UNKNOWN, ())
    assert needs_help(foreign, policy)


def test_a_programme_can_be_known_only_if_every_line_is_drawn_from_something() -> None:
    held = load_programmes().by_name
    for one in examples("programmes"):
        known = all(line.drawn is not Drawn.NOT_MEASURED for line in held[one["programme"]].lines)
        assert known is one["known"], one["name"]
