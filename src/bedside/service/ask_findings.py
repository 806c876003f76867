"""Who has a finding of a panel that must be reported or looked at: `cdc-tier1`, or `cdc-tier1:GENE`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bedside.errors import InputError, PackError, Problem
from bedside.genome.variant import Variant, parse_variant
from bedside.interpret.germline.screened import Outcome
from bedside.knowledge.findings_panel import Panel
from bedside.knowledge.findings_reader import load_panel, load_panels
from bedside.service.ask_cohort import Basis
from bedside.service.cohort_lake import Asking, cohort_lake
from bedside.service.house import House
from bedside.service.reanalyse_release import clinvar_in_force
from bedside.service.screen_answers import Screener
from bedside.service.screen_carried import screening
from bedside.service.screen_rows import Answer

TOLD = (Outcome.REPORT, Outcome.REVIEW)
"""Outcomes that make somebody a case of a finding."""


@dataclass(frozen=True, slots=True)
class FindingCarrier:
    """A person and one variant of a finding, as the panel's screen answers."""

    person: str
    variant: Variant
    run: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class FindingCarriers:
    """Everybody with the finding, by genome order and person."""

    panel: str
    rows: tuple[FindingCarrier, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Finding:
    """What is asked: a panel, and one gene of it or all ("")."""

    panel: Panel
    gene: str = ""


def read_finding(text: str, house: House) -> Finding:
    """The finding somebody writes; `InputError` says which panels and genes there are."""
    name, _, gene = text.strip().partition(":")
    root = house.settings.knowledge_folder
    try:
        panel = load_panel(name, root)
    except PackError as error:
        known = load_panels(root)
        if name in known:
            raise
        remedy = f"one of {', '.join(sorted(known))}, or PANEL:GENE"
        raise InputError([Problem("--finding", f"{name!r} is no panel", remedy=remedy)]) from error
    if (gene or text.strip().endswith(":")) and gene not in panel.by_gene:
        raise InputError.one(
            "--finding", f"{gene!r} is no gene of {name}", remedy=f"`bedside screen --panel {name}` shows all"
        )
    return Finding(panel, gene)


def carriers_with(house: House, finding: Finding, asking: Asking) -> FindingCarriers:
    """Everybody counted whose screen says to report or to look at the finding. Nothing is recorded and no
    task is opened: `bedside screen` does that."""
    at = cohort_lake(house, asking)
    release = clinvar_in_force(house)
    everybody = at.consented.people()
    asked = screening(house, at.lake)
    panel = finding.panel
    screener = Screener(asked, panel, release, house.clock().date())
    found = [
        one
        for one in screener.found(sorted(everybody))
        if one.screened.outcome in TOLD and finding.gene in ("", one.screened.gene)
    ]
    keys = {variant.key for one in found for variant in one.screened.variants}
    frame = asked.carriers(np.array(sorted(keys), np.int64), sorted(everybody))
    run_of = {(key, person): run for key, person, run in frame.select("key", "person", "run").iter_rows()}
    rows = []
    for one in found:
        for answer in screener.answers(one):
            variant = parse_variant(answer.variant)
            rows.append(FindingCarrier(one.person, variant, run_of[variant.key, one.person], answer))
    rows.sort(key=lambda row: (row.variant.key, row.person, row.answer.cells))
    basis = Basis(len(everybody), at.consented.not_counted(), str(release.release), at.generation)
    return FindingCarriers(panel.release, tuple(rows), basis)
