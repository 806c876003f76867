"""The review of alerts as a table and as a document, with small groups hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.alert_rates import AlertReview, Cell, RuleReview
from bedside.learn.follow_through import Followed
from bedside.service.house import House
from bedside.service.pathway_funnel import Shown

COLUMNS = (
    "rule", "kind", "drug", "tier", "role", "site", "shown", "interruptive", "per_100_orders", "accepted",
    "overridden", "ignored", "acceptance", "acceptance_low", "acceptance_high", "changed_24h", "kept_24h",
    "not_known_24h", "waiting", "median_seconds", "kept_back", "reasons", "evidence", "named_after",
)  # fmt: skip


def document(house: House, found: AlertReview) -> dict[str, Any]:
    """The whole review; counts of a role at a site are hidden where they are small."""
    hidden = Shown(load_small_numbers(house.settings.knowledge_folder).least)
    return {
        "at": found.now.isoformat(),
        "orders": found.orders,
        "interruptive": found.interruptive,
        "interruptive_per_100_orders": _rounded(found.per_100_orders, 2),
        "kept_back": dict(sorted(found.quiet.items())),
        "order_sets": dict(sorted(found.saved.items())),
        "rules": [_rule(one, found.orders, hidden) for one in found.rules],
    }


def lines(told: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The lines of a table in the order of COLUMNS: each rule for everybody, then by role and site."""
    for rule in told["rules"]:
        for cell in (rule["everybody"], *rule["cells"]):
            whole = cell is rule["everybody"]
            row = {
                **cell,
                **{name: rule[name] for name in ("rule", "kind", "drug", "tier")},
                "per_100_orders": rule["per_100_orders"] if whole else None,
                "evidence": rule["evidence"] if whole else None,
                "named_after": rule["named_after"] if whole else None,
            }
            yield tuple(_text(row[name]) for name in COLUMNS)


def _rule(one: RuleReview, orders: int, hidden: Shown) -> dict[str, Any]:
    change = one.change
    return {
        "rule": one.rule,
        "kind": one.kind,
        "drug": one.drug,
        "summary": one.summary,
        "tier": one.urgency.value,
        "top": one.top,
        "per_100_orders": _rounded(100 * one.everybody.interruptive / orders, 2) if orders else None,
        "known": one.watched.known,
        "heeded": one.watched.heeded,
        "evidence": _rounded(min(one.watched.evidence, 1e6), 1),
        "named_after": one.watched.named_after,
        "change": None
        if change is None or one.changed_at is None
        else {
            "at": one.changed_at.isoformat(),
            "before": _rounded(change.before.value, 3),
            "after": _rounded(change.after.value, 3),
            "odds": _rounded(min(change.odds, 1e6), 0),
        },
        "clusters": [
            {
                "reason": each.reason,
                "role": each.role,
                "overrides": hidden.count(each.overrides.count) if each.role else each.overrides.count,
                "share": _rounded(each.overrides.value, 3),
                "elsewhere": _rounded(each.elsewhere.value, 3),
            }
            for each in one.clusters
        ],
        "everybody": _cell(one.everybody, Shown()),
        "cells": [_cell(each, hidden) for each in one.cells],
    }


def _cell(one: Cell, shown: Shown) -> dict[str, Any]:
    small = shown.least > 1 and one.answered.of < shown.least
    drawn = None if small else one.acceptance
    became = one.became
    return {
        "role": one.role,
        "site": one.site,
        "shown": shown.count(one.shown),
        "interruptive": shown.count(one.interruptive),
        "accepted": shown.count(one.accepted),
        "overridden": shown.count(one.overridden),
        "ignored": shown.count(one.ignored),
        "acceptance": None if drawn is None else _rounded(drawn.value, 3),
        "acceptance_low": None if drawn is None else _rounded(drawn.low, 3),
        "acceptance_high": None if drawn is None else _rounded(drawn.high, 3),
        "changed_24h": shown.count(became.get(Followed.CHANGED, 0)),
        "kept_24h": shown.count(became.get(Followed.KEPT, 0)),
        "not_known_24h": shown.count(became.get(Followed.NOT_KNOWN, 0)),
        "waiting": shown.count(became.get(Followed.WAITING, 0)),
        "median_seconds": None if small else _rounded(one.seconds, 0),
        "kept_back": {name: shown.count(count) for name, count in sorted(one.quiet.items())},
        "reasons": {name: shown.count(count) for name, count in sorted(one.reasons.items())},
    }


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ";".join(f"{name}={count}" for name, count in value.items())
    return "" if value is None else str(value)
