"""Each rule of CDS Hooks, on an answer that breaks it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bedside.conformance.bench import Bench
from bedside.conformance.cds_rules import answer_faults, discovery_faults
from bedside.conformance.registry import all_checks, run
from bedside.conformance.result import Verdict

CARD: dict[str, Any] = {
    "uuid": "0f7d2f3c-4f0a-4d0e-9a3e-6a8f3b1c2d4e",
    "summary": "s",
    "indicator": "info",
    "source": {"label": "l"},
    "selectionBehavior": "any",
    "suggestions": [{"label": "x", "actions": [{"type": "delete", "description": "d", "resourceId": "A/1"}]}],
    "overrideReasons": [{"code": "c", "display": "d"}],
    "links": [{"label": "l", "url": "https://example.org", "type": "absolute"}],
}


def test_a_correct_answer_has_no_fault() -> None:
    assert list(answer_faults({"cards": [CARD]})) == []
    assert list(answer_faults({"cards": []})) == []


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda card: card.update(summary="x" * 140), "summary"),
        (lambda card: card.update(indicator="hard-stop"), "indicator"),
        (lambda card: card.update(source={}), "source"),
        (lambda card: card.pop("uuid"), "uuid"),
        (lambda card: card.pop("selectionBehavior"), "selectionBehavior"),
        (lambda card: card["suggestions"][0].pop("label"), "suggestion"),
        (lambda card: card["suggestions"][0]["actions"][0].pop("resourceId"), "deletion"),
        (lambda card: card["suggestions"][0]["actions"][0].update(type="create"), "creation"),
        (lambda card: card["overrideReasons"][0].pop("display"), "override reason"),
        (lambda card: card["links"][0].update(type="other"), "link"),
        (lambda card: card["links"][0].update(appContext="x"), "appContext"),
    ],
)
def test_a_broken_rule_is_said(break_it: Callable[[dict[str, Any]], object], said: str) -> None:
    card = copy.deepcopy(CARD)
    break_it(card)
    (fault,) = answer_faults({"cards": [card]})
    assert said in fault


def test_discovery_needs_services_of_different_ids() -> None:
    service = {"id": "a", "hook": "h", "description": "d"}
    assert list(discovery_faults({"services": [service]})) == []
    assert list(discovery_faults({"services": [service, service]})) == ["an id is given to two services"]
    assert list(discovery_faults({})) == ["services is no list of services"]


def test_the_made_up_system_answers_every_hook_by_the_rules(tmp_path: Path) -> None:
    bench = Bench(tmp_path, people=5, asked=3)
    try:
        hooks, sandbox = run([one for one in all_checks() if one.name == "cds_hooks"], bench)
    finally:
        bench.close()
    assert hooks.cases_of(Verdict.FAILED) == ()
    assert [one.count for one in hooks.cases] == [1, 18, 18, 3, 18, 18]
    assert sandbox.verdict is Verdict.NOT_RUN
