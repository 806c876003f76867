"""The alerts pack: its own examples, and what it refuses."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import Any

import pytest

from bedside.decide.card import Plan
from bedside.decide.moment import Draft, Moment, Taken
from bedside.decide.recommendation import Silence, SilenceReason, Urgency
from bedside.decide.restraint import Circumstances, restrain
from bedside.errors import PackError
from bedside.knowledge.alert_policy import load_alert_policy, read_alert_policy
from bedside.knowledge.provenance import DATA, parse_rule_file, rule_files
from tests.unit.decide.people import TODAY, pack, rules

SHIPPED = (DATA / "alerts" / "alerts.toml").read_text()
EXAMPLES = tomllib.loads(SHIPPED)["example"]
SIGN = rules().hooks["bedside-pgx-order-sign"]
DRUG = pack().drugs["citalopram"]


@pytest.mark.parametrize("example", EXAMPLES, ids=[one["title"] for one in EXAMPLES])
def test_an_example_comes_out_as_it_says(example: dict[str, Any]) -> None:
    policy = load_alert_policy()
    rests = example.get("answered", False) or example.get("shown_unanswered", 0) >= policy.repeat.unanswered
    quantity = {"doseQuantity": {"value": 20, "unit": "mg"}}
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    order = {"dosageInstruction": [{"doseAndRate": [quantity], "timing": timing}]}
    dose = "20 mg, 1 in 1 d" if example.get("dose_known", True) else ""
    silence = Silence("R", DRUG.name, SilenceReason.OTHER_PHENOTYPE, genes=("G",))
    plan = Plan(
        DRUG,
        Urgency(example["urgency"]),
        "s",
        "d",
        silence=silence,
        draft=Draft("o", (DRUG,), resource=order),
    )
    taken = (Taken(DRUG, example["taken_days"], dose),) if "taken_days" in example else ()
    around = Circumstances(((DRUG.rxnorm, "R"),) if rests else ())
    found = restrain([plan], SIGN, Moment("order-sign", TODAY, taken=taken), around, policy)
    assert (found.plans != (plan,)) is example["quiet"]


def test_there_is_an_example_of_each_kind() -> None:
    assert {one["kind"] for one in EXAMPLES} == {"positive", "negative", "unknown"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("unanswered = 3", "unanswered = 0"),
        ("least_heeded = 0.5", "least_heeded = 1.5"),
        ("false_flags = 0.01", ""),
        ("[budget]", "[purse]"),
        ("review_after_days = 180", "review_after_days = -1"),
    ],
)
def test_a_limit_that_cannot_be_one_is_refused(before: str, after: str) -> None:
    assert before in SHIPPED
    with pytest.raises(PackError):
        read_alert_policy(parse_rule_file("ours", SHIPPED.replace(before, after).encode(), "alerts"))


@pytest.mark.parametrize(
    "wrong", ['to = "critical"', 'owner = " "', 'words = "' + "x" * 140 + '"', 'since = "soon"']
)
def test_a_decision_in_a_pack_that_cannot_be_one_is_refused(wrong: str) -> None:
    said = {
        "override": "d1", "rule": "R", "owner": "pharmacy", "approved_by": "Eva", "since": "2026-11-01",
        "review_due": str(TODAY + timedelta(days=9)), "to": "passive",
    }  # fmt: skip
    kept = {name: value for name, value in said.items() if not wrong.startswith(f"{name} ")}
    lines = "\n".join(f'{name} = "{value}"' for name, value in kept.items())
    text = f"{SHIPPED}\n[[decision]]\nversion = 1\n{lines}\n{wrong}\n"
    with pytest.raises(PackError):
        read_alert_policy(parse_rule_file("ours", text.encode(), "alerts"))


def test_one_pack_ships() -> None:
    assert len(list(rule_files("alerts"))) == 1
