"""The conformance page: one HTML file without anything from elsewhere, or the same as TSV or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bedside import __version__
from bedside.conformance.result import Area, Verdict

_SHAPES = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_RUN: "–"}


def as_html(areas: Sequence[Area], when: datetime) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        areas=areas, when=when, version=__version__, Verdict=Verdict, shapes=_SHAPES, totals=totals(areas)
    )


def totals(areas: Iterable[Area]) -> dict[Verdict, int]:
    """How many areas came to each verdict."""
    verdicts = [one.verdict for one in areas]
    return {verdict: verdicts.count(verdict) for verdict in Verdict}


def as_tsv(areas: Iterable[Area], when: datetime) -> str:
    """One row a case."""
    head = ["area", "checked by", "origin", "recorded", "case", "verdict", "count", "reason"]
    rows = [
        [
            one.title,
            one.checked_by,
            one.origin.value,
            one.told,
            each.name,
            each.verdict.value,
            str(each.count),
            each.reason,
        ]
        for one in areas
        for each in one.cases
    ]
    told = f"# Bedside {__version__}, {when:%Y-%m-%d %H:%M} UTC"
    return (
        "\n".join([told, *("\t".join(" ".join(cell.split()) for cell in row) for row in [head, *rows])])
        + "\n"
    )


def as_json(areas: Iterable[Area], when: datetime) -> str:
    """Every area with its counts and cases."""
    told = [
        {
            "key": one.key,
            "title": one.title,
            "checked_by": one.checked_by,
            "origin": one.origin.value,
            "recorded": one.told,
            "versions": one.versions,
            "verdict": one.verdict.value,
            **{verdict.name.lower(): one.count(verdict) for verdict in Verdict},
            "cases": [
                {"name": each.name, "verdict": each.verdict.value, "count": each.count, "reason": each.reason}
                for each in one.cases
            ],
        }
        for one in areas
    ]
    document = {"bedside": __version__, "at": when.isoformat(), "areas": told}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
