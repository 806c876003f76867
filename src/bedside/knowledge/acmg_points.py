"""The pack of ACMG/AMP points: how much each criterion weighs, when it is met, and what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import number, parse_table, term

KIND = "acmg_points"
COLUMNS = ("gene", "criterion", "strength", "above", "inclusive", "below", "measure", "specification")


class Strength(Enum):
    """How strong a piece of evidence is."""

    STAND_ALONE = "stand-alone"
    VERY_STRONG = "very-strong"
    STRONG = "strong"
    MODERATE = "moderate"
    SUPPORTING = "supporting"


class Leaning(Enum):
    """Which way the evidence at hand leans. Not a class of a variant."""

    PATHOGENIC = "pathogenic"
    LIKELY_PATHOGENIC = "likely-pathogenic"
    NEITHER = "neither"
    LIKELY_BENIGN = "likely-benign"
    BENIGN = "benign"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a criterion says, and where it is defined."""

    code: str
    statement: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """The frequencies of one gene at which a criterion is met, as its expert panel set them."""

    gene: str
    criterion: str
    strength: Strength
    above: float
    inclusive: bool
    below: float | None
    measure: str
    specification: str

    def met(self, frequency: float) -> bool:
        """Whether a frequency lies within."""
        enough = frequency >= self.above if self.inclusive else frequency > self.above
        return enough and (self.below is None or frequency < self.below)


@dataclass(frozen=True, slots=True)
class PointsRules:
    """The whole pack. last_bases, large_fraction: of the rule for nonsense-mediated decay. comparator_stars:
    what a record needs to be compared with. fields: of a release that hold a frequency, with the alleles
    looked at; fewest_alleles: that must carry a variant for it to count as frequent."""

    provenance: Provenance
    statement: str
    points: Mapping[Strength, int]
    limits: Mapping[Leaning, int]
    last_bases: int
    large_fraction: float
    comparator_stars: int
    fields: Mapping[str, int]
    fewest_alleles: int
    stand_alone_above: float
    rare_below: float
    caution: str
    criteria: Mapping[str, Criterion]
    not_assessed: Mapping[str, str]
    thresholds: Mapping[tuple[str, str], tuple[Threshold, ...]]

    def leaning(self, total: int, stand_alone: bool) -> Leaning:
        """Which way a sum leans; evidence that stands alone is benign by itself."""
        if stand_alone or total <= self.limits[Leaning.BENIGN]:
            return Leaning.BENIGN
        if total >= self.limits[Leaning.PATHOGENIC]:
            return Leaning.PATHOGENIC
        if total >= self.limits[Leaning.LIKELY_PATHOGENIC]:
            return Leaning.LIKELY_PATHOGENIC
        return Leaning.LIKELY_BENIGN if total <= self.limits[Leaning.LIKELY_BENIGN] else Leaning.NEITHER


def load_points(root: Path | None = None) -> PointsRules:
    """The shipped rules, or a site's own in their place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_points(chosen)


def read_points(file: RuleFile) -> PointsRules:
    """The rules of a file and the thresholds beside it."""
    entry: Mapping[str, Any] = file.document
    thresholds = _thresholds(file)
    try:
        criteria = [
            Criterion(one["code"], one["statement"], tuple(one["citations"])) for one in entry["criterion"]
        ]
        decay, frequency, leaning = entry["nonsense_mediated_decay"], entry["frequency"], entry["leaning"]
        return PointsRules(
            provenance=file.provenance,
            statement=entry["statement"],
            points={strength: int(entry["points"][strength.value]) for strength in Strength},
            limits={
                one: int(leaning[one.value.replace("-", "_")])
                for one in Leaning
                if one is not Leaning.NEITHER
            },
            last_bases=int(decay["last_bases"]),
            large_fraction=float(decay["large_fraction"]),
            comparator_stars=int(entry["comparators"]["stars"]),
            fields={name: int(alleles) for name, alleles in frequency["fields"].items()},
            fewest_alleles=int(frequency["fewest_alleles"]),
            stand_alone_above=float(frequency["stand_alone_above"]),
            rare_below=float(frequency["rare_below"]),
            caution=frequency["caution"],
            criteria={one.code: one for one in criteria},
            not_assessed={one["code"]: one["why"] for one in entry["not_assessed"]},
            thresholds=thresholds,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"incomplete or wrong: {error}") from error


def _thresholds(file: RuleFile) -> dict[tuple[str, str], tuple[Threshold, ...]]:
    path = (file.folder or Path()) / "thresholds.tsv"
    if file.folder is None or not path.is_file():
        raise file.fail("thresholds.tsv is missing beside it")
    problems: list[Problem] = []
    found: dict[tuple[str, str], tuple[Threshold, ...]] = {}
    for row in parse_table(f"{KIND}/thresholds.tsv", path.read_bytes(), COLUMNS, problems):
        strength = term(row, "strength", Strength, problems)
        above, below = number(row, "above", problems), number(row, "below", problems)
        if strength is None or above is None:
            problems.append(row.problem("a threshold has a strength and a frequency above which it holds"))
            continue
        one = Threshold(
            row["gene"],
            row["criterion"],
            strength,
            above,
            row["inclusive"] == "yes",
            below,
            row["measure"],
            row["specification"],
        )
        key = (one.gene, one.criterion)
        found[key] = (*found.get(key, ()), one)
    if problems:
        raise PackError(problems)
    return found
