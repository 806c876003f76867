"""Whether coverage policies answer what their examples say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bedside.decide.coverage import covered
from bedside.decide.coverage_answer import CoverageAnswer
from bedside.genome.coverage import CoverageAsked, Fact, Funding, Known, Line, Listed, Plan, TestAsked
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.coverage_policy import CoverageFact, FactType, PolicyExample


def differences(pack: CoveragePack, policy: str, example: PolicyExample) -> Iterator[str]:
    """Everything in which the answer to an example is not what the example says."""
    said = answered(pack, example)
    if said.answer.value != example.answer:
        yield f"{example.says}: {said.answer.value} ({said.why}), not {example.answer}"
    if (missing := {one.fact for one in said.missing}) != example.missing:
        yield f"{example.says}: asks for {_list(missing)}, not for {_list(example.missing)}"
    spoken = {one.policy for one in said.policies} | set(said.not_in_force)
    if policy not in spoken and example.answer != "unknown":
        yield f"{example.says}: {policy} does not speak of it"


def answered(pack: CoveragePack, example: PolicyExample) -> CoverageAnswer:
    """The answer to an example."""
    test = TestAsked(example.test or "example", example.kind, example.genes)
    facts = {name: _fact(pack.facts[name], value) for name, value in example.facts.items()}
    plan = _plan(pack, example)
    return covered(pack, CoverageAsked("example", test, plan, example.on, example.on, facts))


def _plan(pack: CoveragePack, example: PolicyExample) -> Plan:
    known = pack.plan_named(example.payer)
    plan = Plan(example.payer) if known is None else known.plan
    said: Mapping[str, str] = example.plan
    return replace(
        plan,
        line=Line(said.get("line", plan.line.value)),
        funding=Funding(said.get("funding", plan.funding.value)),
        state=said.get("state", plan.state),
        contractor=said.get("contractor", plan.contractor),
    )


def _fact(known: CoverageFact, value: object) -> Fact:
    if known.type is FactType.LIST:
        if isinstance(value, Mapping):
            return Known(Listed(frozenset(map(str, value["list"])), bool(value["complete"])))
        return Known(Listed(frozenset(map(str, value)), True))  # type: ignore[call-overload]
    if known.type is FactType.NUMBER:
        return Known(float(str(value)))
    return Known(value if isinstance(value, bool) else str(value))


def _list(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
