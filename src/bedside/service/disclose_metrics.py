"""The measures of the last mile over everybody's record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bedside.act.cascade import CASCADE, Relative, relatives_of
from bedside.act.disclosure import Standing
from bedside.act.disclosure_events import standings
from bedside.act.disclosure_metrics import Metrics, Share, measure
from bedside.service.disclose import by_person, pathway_of
from bedside.service.house import House


def disclosure_metrics(house: House, day: date, site: str | None = None) -> Metrics:
    """The measures on a day, of all sites or one."""
    disclosure, cascade = pathway_of(house), pathway_of(house, CASCADE)
    places: list[Standing] = []
    relatives: list[Relative] = []
    for events in by_person(house, disclosure).values():
        mine = [one for one in standings(disclosure, events) if site in (None, one.finding.site)]
        ids = {one.finding.finding for one in mine}
        places += mine
        relatives += [one for one in relatives_of(cascade, events) if one.finding in ids]
    return measure(places, relatives, day, disclosure.told)


def rows_of(metrics: Metrics) -> tuple[tuple[str, str, str], ...]:
    """The measures as rows of name, value and what it is of, for a table."""
    shares: Mapping[str, Share] = {
        "confirmed": metrics.confirmed,
        "not confirmed": metrics.not_confirmed,
        "disclosed": metrics.disclosed,
        "visit held": metrics.visited,
        "in the problem list": metrics.problem_list,
        "recommended care given": metrics.cared_for,
        "declined to know": metrics.declined,
        "lost": metrics.lost,
        "changes open over 30 days": metrics.changes_open_long,
    }
    rows = [(name, _percent(share), f"{share.count} of {share.of}") for name, share in shares.items()]
    rows += [(f"days: {step}", f"{days:g}", f"median of {of}") for step, (days, of) in metrics.days.items()]
    cascade = metrics.cascade
    counts = {
        "relatives at risk": cascade.at_risk,
        "relatives invited": cascade.invited,
        "relatives who answered": cascade.responded,
        "relatives tested": cascade.tested,
        "relatives positive": cascade.positive,
    }
    for name, count in counts.items():
        each = cascade.per_index(count)
        of = f"{count} of {cascade.indexes} index people"
        rows.append((f"{name}, per index person", "none yet" if each is None else f"{each:.2f}", of))
    return tuple(rows)


def _percent(share: Share) -> str:
    return "none yet" if share.percent is None else f"{share.percent:.0f} %"
