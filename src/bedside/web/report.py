"""The printable report: one HTML document that needs nothing beside it, or the same with the site's
stylesheet.

From a file it carries its stylesheet inside and no script at all. It prints to one PDF: headers repeat on
every page,
no row is broken over two, and pages are numbered where the browser can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from bedside.decide.sample_answer import SampleAnswer
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.phrases import Phrases
from bedside.service.chart import DrugGuidance, GeneRow
from bedside.service.chart_rows import gene_rows, in_order_of_urgency
from bedside.web import render as templates


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """One person or sample as the report prints it. `facts` are (label, value) under the name."""

    title: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[GeneRow, ...]
    sources: tuple[str, ...] = ()

    @property
    def guidance(self) -> tuple[DrugGuidance, ...]:
        """Everything that changes treatment, once each, most urgent first."""
        return in_order_of_urgency(dict.fromkeys(drug for row in self.rows for drug in row.drugs))

    @property
    def advice(self) -> tuple[tuple[tuple[str, ...], DrugGuidance], ...]:
        """The guidance with the drugs that share it word for word, so that it is printed once."""
        groups: dict[DrugGuidance, list[str]] = {}
        for one in self.guidance:
            same = replace(one, drug="", summary="", text="")
            groups.setdefault(same, []).append(one.drug)
        return tuple((tuple(drugs), shared) for shared, drugs in groups.items())


def render(
    pack: PgxPack, phrases: Phrases, samples: Sequence[SampleAnswer], *, made_on: date | None = None
) -> str:
    """A report of one or many samples as one HTML document that works from a file."""
    subjects = tuple(
        ReportSubject(
            sample.name,
            (),
            gene_rows(pack, phrases, {call.gene: call for call in sample.calls}, sample.recommendations),
        )
        for sample in samples
    )
    return document(pack, subjects, made_on=made_on, embedded=True)


def document(
    pack: PgxPack,
    subjects: Sequence[ReportSubject],
    *,
    made_on: date | None = None,
    embedded: bool = False,
    made_up: bool = False,
) -> str:
    """The report of some subjects; `embedded` puts the stylesheet and the icons inside."""
    css = (templates.STATIC / "report.css").read_text("utf-8") if embedded else ""
    return templates.render(
        "report.html",
        subjects=subjects,
        pack=pack,
        made_on=made_on,
        made_up=made_up,
        style=Markup(css),  # noqa: S704  the project's own stylesheet
        symbols=_symbols() if embedded else Markup(""),
        sprite="" if embedded else templates.SPRITE,
    )


def _symbols() -> Markup:
    sprite = (templates.STATIC / "icons.svg").read_text("utf-8")
    return Markup("".join(re.findall(r"<symbol.*?</symbol>", sprite, re.S)))  # noqa: S704  the project's own icons
