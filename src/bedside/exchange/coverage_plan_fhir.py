"""A person's plan from a FHIR Coverage: by the payer's number or name, with what the resource says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bedside.exchange.fhir_address import Resource, lookup
from bedside.exchange.fhir_read import day_of
from bedside.genome.coverage import Plan, Pointer, Said
from bedside.knowledge.coverage_pack import CoveragePack

_GONE = frozenset({"cancelled", "entered-in-error"})


def plan_in(pack: CoveragePack, coverage: Resource, addresses: Mapping[str, Resource]) -> Plan:
    """The plan that a Coverage names; one that the pack does not know keeps its name and nothing else."""
    names = list(dict.fromkeys(_names(coverage, addresses)))
    known = next((held for name in names if (held := pack.plan_named(name)) is not None), None)
    reference = f"Coverage/{coverage.get('id', '')}"
    at = (Pointer(Said.CHART, reference),)
    period = coverage.get("period")
    days: Mapping[str, Any] = period if isinstance(period, Mapping) else {}
    plan = Plan(names[-1] if names else "", evidence=at) if known is None else known.of(at)
    starts, ends = day_of(days.get("start")), day_of(days.get("end"))
    return replace(
        plan,
        member=str(coverage.get("subscriberId", "")),
        starts=starts,
        ends=ends,
        reference=reference,
        cancelled=str(coverage.get("status")) in _GONE,
    )


def _names(coverage: Resource, addresses: Mapping[str, Resource]) -> Iterator[str]:
    """Numbers and names of plan and payer, the plan's first."""
    classes = coverage.get("class")
    for one in classes if isinstance(classes, list) else []:
        if isinstance(one, Mapping):
            yield from (str(one[name]) for name in ("value", "name") if one.get(name))
    payors = coverage.get("payor")
    for one in payors if isinstance(payors, list) else []:
        if not isinstance(one, Mapping):
            continue
        identifier = one.get("identifier")
        if isinstance(identifier, Mapping) and identifier.get("value"):
            yield str(identifier["value"])
        held = lookup(str(one.get("reference", "")), addresses)
        if held is not None and held.get("name"):
            yield str(held["name"])
        if one.get("display"):
            yield str(one["display"])
