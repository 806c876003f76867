"""The report of gaps as a table and as a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bedside.learn.equity import Compared
from bedside.learn.shares import Share
from bedside.service.equity import EquityReport

COLUMNS = (
    "what", "name", "title", "by", "group", "met", "of", "others_met", "others_of", "difference",
    "low", "high", "standardised", "speaks_of", "chance_adjusted", "worse_off", "standing",
)  # fmt: skip


def lines(report: EquityReport, *, only_gaps: bool = False) -> Iterator[tuple[str, ...]]:
    """The lines of a table, in the order of COLUMNS."""
    for one in report.gaps if only_gaps else report.lines:
        told = plain(one)
        yield tuple("" if told[name] is None else _text(told[name]) for name in COLUMNS)


def document(report: EquityReport, *, only_gaps: bool = False) -> dict[str, Any]:
    """The whole report, with the policy it was made by and what was not compared."""
    source = report.policy.provenance
    return {
        "at": report.at.isoformat(),
        "head": report.head,
        "policy": {"name": source.name, "sha256": source.sha256, "review_state": source.review_state},
        "false_discovery_rate": report.policy.level,
        "compared": [plain(one) for one in (report.gaps if only_gaps else report.lines)],
        "not_compared": dict(report.not_compared),
        "alarms": [
            {"gap": one.gap, "told": one.told, "owner": one.owner, "due": one.due} for one in report.open
        ],
    }


def plain(one: Compared) -> dict[str, Any]:
    """One line by name; None where it is hidden or was not tested."""
    met, of = _counts(one.mine)
    others_met, others_of = _counts(one.rest)
    return {
        "what": one.what,
        "name": one.name,
        "title": one.title,
        "by": one.by,
        "group": one.group,
        "met": met,
        "of": of,
        "others_met": others_met,
        "others_of": others_of,
        "difference": None if one.told is None else one.told.value,
        "low": None if one.told is None else one.told.low,
        "high": None if one.told is None else one.told.high,
        "standardised": None if one.told is None else one.standardised,
        "speaks_of": one.over if one.standardised else None,
        "chance_adjusted": one.chance,
        "worse_off": one.worse,
        "standing": one.standing.value,
    }


def _counts(share: Share | None) -> tuple[int | None, int | None]:
    return (None, None) if share is None else (share.count, share.of)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4f}" if isinstance(value, float) else " ".join(str(value).split())
