"""Drugs that change the phenotype a genotype predicts, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files


class Potency(Enum):
    """How strongly a drug inhibits an enzyme, in the FDA's classes."""

    STRONG = "strong"
    MODERATE = "moderate"


class Method(Enum):
    """How an inhibitor changes what guidance is looked up with."""

    ACTIVITY_SCORE = "activity-score"
    STEP_DOWN = "step-down"


@dataclass(frozen=True, slots=True)
class Inhibitor:
    """A drug (RxNorm ingredient) that inhibits a gene's enzyme."""

    gene: str
    potency: Potency
    rxnorm: str
    name: str


@dataclass(frozen=True, slots=True)
class Enzyme:
    """How inhibition of one gene's product is modelled, and what that rests on.

    ladder: phenotypes from most to least active. factors multiply an activity score; steps map phenotype to
    phenotype.
    """

    gene: str
    method: Method
    model: str
    pmids: tuple[str, ...]
    factors: Mapping[Potency, float] = field(default_factory=dict)
    ladder: tuple[str, ...] = ()
    steps: Mapping[Potency, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inhibitors:
    """The list, by RxNorm ingredient, and the model of each enzyme."""

    provenance: Provenance
    enzymes: Mapping[str, Enzyme]
    by_rxnorm: Mapping[str, tuple[Inhibitor, ...]]
    not_covered: str


def load_inhibitors(root: Path | None = None) -> Inhibitors:
    """The shipped list, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files("inhibitors", root)
    return read_inhibitors(chosen)


def read_inhibitors(file: RuleFile) -> Inhibitors:
    """The inhibitors in a rule file; refused when one names a gene without a model."""
    try:
        enzymes = {entry["gene"]: _enzyme(entry) for entry in file.document["enzyme"]}
        by_rxnorm: dict[str, tuple[Inhibitor, ...]] = {}
        for entry in file.document["inhibitor"]:
            one = Inhibitor(entry["gene"], Potency(entry["strength"]), entry["rxnorm"], entry["name"])
            by_rxnorm[one.rxnorm] = (*by_rxnorm.get(one.rxnorm, ()), one)
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a list of inhibitors: {error}") from error
    orphans = sorted({one.gene for several in by_rxnorm.values() for one in several} - set(enzymes))
    if orphans:
        raise file.fail(f"no model for {', '.join(orphans)}", "add an [[enzyme]]")
    return Inhibitors(file.provenance, enzymes, by_rxnorm, file.document.get("not_covered", ""))


def _enzyme(entry: Mapping[str, object]) -> Enzyme:
    method = Method(entry["method"])
    pmids, ladder = entry["pmids"], entry.get("ladder", [])
    if not isinstance(pmids, list) or not isinstance(ladder, list):
        raise TypeError("pmids and ladder are lists")
    gene, model = str(entry["gene"]), str(entry["model"])
    if method is Method.ACTIVITY_SCORE:
        factors = {
            Potency.STRONG: float(str(entry["strong_factor"])),
            Potency.MODERATE: float(str(entry["moderate_factor"])),
        }
        return Enzyme(gene, method, model, tuple(pmids), factors=factors)
    moderate = entry["moderate_to"]
    if not isinstance(moderate, dict) or sorted(moderate) != sorted(ladder):
        raise ValueError("moderate_to must say where each phenotype of the ladder goes")
    steps = {Potency.STRONG: dict.fromkeys(ladder, str(entry["strong_to"])), Potency.MODERATE: moderate}
    return Enzyme(gene, method, model, tuple(pmids), ladder=tuple(ladder), steps=steps)
