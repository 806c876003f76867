"""Measures as a table and as a document: for scripts, pages and other reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bedside.knowledge.small_numbers import SmallNumbers
from bedside.learn.measures import (
    Counts,
    DistributionFigure,
    Figure,
    IntervalFigure,
    NoSuchEvent,
    RateFigure,
    ShareFigure,
)
from bedside.learn.people_groups import group_of_each
from bedside.service.measures import MeasureReport, Tile
from bedside.service.pathway_funnel import EVERYBODY, Shown

COLUMNS = (
    "measure", "group", "value_of", "value", "low", "high", "unit", "met", "failed", "waiting", "excluded",
    "unknown", "against", "version", "kind", "lead", "direction", "standing",
)  # fmt: skip
COMPUTED, NO_EVENT, NOBODY, HIDDEN = "computed", "cannot be computed", "nobody counted", "hidden"


def lines(
    report: MeasureReport, by: str = "", small: SmallNumbers | None = None
) -> Iterator[tuple[str, ...]]:
    """The lines of a table, in the order of COLUMNS: one for each number of each measure and group."""
    for tile in report.tiles.values():
        for entry in measure_document(report, tile, by, small)["figures"]:
            counts = entry["counts"] or {}
            for value in entry["values"]:
                cells = [
                    tile.measure.name,
                    entry["group"],
                    value["of"],
                    value["value"],
                    value["low"],
                    value["high"],
                    tile.measure.unit,
                    *(counts.get(name) for name in ("met", "failed", "waiting", "excluded", "unknown")),
                    entry["against"],
                    tile.measure.version,
                    tile.measure.kind.value,
                    tile.measure.lead.value,
                    tile.measure.direction.value,
                    entry["standing"],
                ]
                yield tuple(_text(one) for one in cells)


def document(report: MeasureReport, by: str = "", small: SmallNumbers | None = None) -> dict[str, Any]:
    """Every measure as plain values."""
    return {
        "at": report.at.isoformat(),
        "since": None if report.window.since is None else report.window.since.isoformat(),
        "until": None if report.window.until is None else report.window.until.isoformat(),
        "ledger": report.head,
        "by": by or None,
        "measures": [measure_document(report, one, by, small) for one in report.tiles.values()],
    }


def measure_document(
    report: MeasureReport, tile: Tile, by: str = "", small: SmallNumbers | None = None
) -> dict[str, Any]:
    """One measure: what it is, and its figures, of everybody first."""
    measure = tile.measure
    figures = [plain(EVERYBODY, tile.figure, Shown())]
    if by:
        shown = Shown(5 if small is None else small.least)
        figures += [plain(name, figure, shown) for name, figure in by_group(report, tile, by)]
    return {
        "measure": measure.name,
        "title": measure.title,
        "version": measure.version,
        "definition": measure.provenance.sha256,
        "kind": measure.kind.value,
        "lead": measure.lead.value,
        "shape": measure.shape.value,
        "unit": measure.unit,
        "direction": measure.direction.value,
        "owner": measure.provenance.owner,
        "review_state": measure.provenance.review_state,
        "counts": measure.counts,
        "numerator": measure.numerator,
        "excludes": measure.excludes,
        "figures": figures,
    }


def by_group(report: MeasureReport, tile: Tile, by: str) -> Iterator[tuple[str, Figure]]:
    """The figure of each group, which are everybody between them."""
    units, against = tile.found.units, tile.found.against
    if units is None or tile.among is None:
        return
    mapped, names = report.groups(by)
    mine = group_of_each(mapped, names, units.person)
    theirs = None if against is None else group_of_each(mapped, names, against.person)
    for place, name in enumerate(names):
        among = tile.among & (mine == place)
        other = None if theirs is None or tile.against is None else tile.against & (theirs == place)
        if among.any() or (other is not None and other.any()):
            yield name, tile.of(among, other)


def plain(group: str, figure: Figure, shown: Shown) -> dict[str, Any]:
    """A figure as plain values. shown: how its counts may be shown."""
    if isinstance(figure, NoSuchEvent):
        missing = "; ".join(figure.missing)
        nothing = {"of": "", "value": None, "low": None, "high": None}
        return _entry(group, NO_EVENT, None, None, [nothing], f"no such event: {missing}")
    counts = figure.counts
    against = figure.against if isinstance(figure, RateFigure) else None
    hidden = shown.least > 1 and any(
        0 < one < shown.least
        for one in (counts.population, counts.met, counts.failed, counts.settled, against or 0)
    )
    if hidden:
        values = [{"of": one["of"], "value": None, "low": None, "high": None} for one in _values(figure)]
        return _entry(group, HIDDEN, _counts(counts, shown), _count(against, shown), values)
    values = _values(figure)
    standing = NOBODY if not counts.population else COMPUTED
    return _entry(group, standing, _counts(counts, shown), _count(against, shown), values)


def _values(figure: Figure) -> list[dict[str, Any]]:
    match figure:
        case ShareFigure(share=share):
            return [_value("", share.value, share.interval)]
        case IntervalFigure(percentiles=found):
            return [
                {"of": f"p{percent}", "value": one.value, "low": one.low, "high": one.high}
                for percent, one in found.items()
            ]
        case RateFigure(value=value, interval=interval):
            return [_value("", value, interval)]
        case DistributionFigure(shares=shares):
            each = [_value(name, share.value, share.interval) for name, share in shares.items()]
            return each or [_value("", None, None)]
    return []


def _value(of: str, value: float | None, interval: tuple[float, float] | None) -> dict[str, Any]:
    low, high = interval or (None, None)
    return {"of": of, "value": value, "low": low, "high": high}


def _entry(
    group: str,
    standing: str,
    counts: dict[str, Any] | None,
    against: int | str | None,
    values: list[dict[str, Any]],
    why: str = "",
) -> dict[str, Any]:
    return {
        "group": group,
        "standing": standing,
        "why": why,
        "counts": counts,
        "against": against,
        "values": values,
    }


def _counts(counts: Counts, shown: Shown) -> dict[str, Any]:
    names = ("met", "failed", "waiting", "excluded", "unknown", "population")
    return {name: shown.count(getattr(counts, name)) for name in names}


def _count(number: int | None, shown: Shown) -> int | str | None:
    return None if number is None else shown.count(number)


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
