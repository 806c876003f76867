"""Measures as a table and as a document: for scripts, pages and other reports.

Groups are shown exactly or hidden whole, beside the exact figure of everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from bedside.knowledge.small_numbers import SmallNumbers
from bedside.learn.measures import (
    DistributionFigure,
    Figure,
    IntervalFigure,
    NoSuchEvent,
    RateFigure,
    ShareFigure,
)
from bedside.learn.people_groups import group_of_each
from bedside.learn.suppression import EVERY_GROUP, shown_groups
from bedside.service.measures import MeasureReport, Tile
from bedside.service.pathway_funnel import EVERYBODY

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
    figures = [plain(EVERYBODY, tile.figure)]
    if by:
        figures += _groups(dict(by_group(report, tile, by)), 5 if small is None else small.least)
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


def _groups(found: Mapping[str, Figure], least: int) -> list[dict[str, Any]]:
    """Each group as it is or hidden whole, so that no count below the least number can be worked out."""
    kinds = sorted({kind for figure in found.values() for kind in _cells(figure)})
    cells = [[_cells(figure).get(kind, 0) for kind in kinds] for figure in found.values()]
    shown = shown_groups(cells, least)
    if found and not any(shown):
        return [_hidden(EVERY_GROUP, next(iter(found.values())))]
    return [
        plain(name, figure) if one else _hidden(name, figure)
        for (name, figure), one in zip(found.items(), shown, strict=True)
    ]


def _cells(figure: Figure) -> dict[str, int]:
    """Every count of a group that adds up to everybody's."""
    if isinstance(figure, NoSuchEvent):
        return {}
    cells = asdict(figure.counts)
    if isinstance(figure, RateFigure):
        cells["against"] = figure.against
    if isinstance(figure, DistributionFigure):
        cells |= {f"value {name}": share.count for name, share in figure.shares.items()}
    return cells


def _hidden(group: str, figure: Figure) -> dict[str, Any]:
    """A group of which only its name is told. Of a distribution not even which values there are."""
    of = [""] if isinstance(figure, DistributionFigure) else [one["of"] for one in _values(figure)]
    values = [{"of": one, "value": None, "low": None, "high": None} for one in of]
    return _entry(group, HIDDEN, None, None, values, "too few people")


def plain(group: str, figure: Figure) -> dict[str, Any]:
    """A figure as plain values."""
    if isinstance(figure, NoSuchEvent):
        missing = "; ".join(figure.missing)
        nothing = {"of": "", "value": None, "low": None, "high": None}
        return _entry(group, NO_EVENT, None, None, [nothing], f"no such event: {missing}")
    counts = {**asdict(figure.counts), "population": figure.counts.population}
    against = figure.against if isinstance(figure, RateFigure) else None
    return _entry(group, COMPUTED if figure.counts.population else NOBODY, counts, against, _values(figure))


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
    counts: dict[str, int] | None,
    against: int | None,
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


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
