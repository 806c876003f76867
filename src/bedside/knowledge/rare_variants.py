"""How the variants of a rare-disease case are sifted and weighed: limits, points, and words for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.genome.rare_fit import Doubt, Excluded, Mode, Standing
from bedside.genome.rare_variant import ClinicalClass, Effect, FrequencyState
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "rare_variants"


@dataclass(frozen=True, slots=True)
class Quality:
    """What a call must have; None of a file's fields is taken as bad."""

    least_depth: int
    least_genotype_quality: int
    least_balance: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The frequencies above which a variant is put aside."""

    dominant: float
    recessive: float
    mitochondrial: float
    established: float
    established_stars: int


@dataclass(frozen=True, slots=True)
class Checks:
    """Limits of the check of samples."""

    least_sites: int
    most_contradictions: float
    male_most: float
    female_least: float
    least_x_sites: int
    homozygous_run_bases: int
    homozygous_run_sites: int


@dataclass(frozen=True, slots=True)
class Predictor:
    """A missense predictor: the fields that hold it, and from which score on it has how many points."""

    name: str
    fields: tuple[str, ...]
    steps: tuple[tuple[float, float], ...]

    def points(self, value: float) -> float:
        """The points of a score; 0 below the first step."""
        return next((points for least, points in reversed(self.steps) if value >= least), 0.0)


@dataclass(frozen=True, slots=True)
class Population:
    """A data set of frequencies, the fields of annotated files that hold it, and what it means that such a
    file gives nothing for a variant."""

    dataset: str
    fields: tuple[str, ...]
    silence: FrequencyState


@dataclass(frozen=True, slots=True)
class Points:
    """Points by effect, by class (few stars, enough stars), by rarity, and by how it was inherited."""

    effect: Mapping[Effect, float]
    clinvar: Mapping[ClinicalClass, tuple[float, float]]
    enough_stars: int
    absent: float
    rare: float
    not_given: float
    inheritance: Mapping[Standing, float]


@dataclass(frozen=True, slots=True)
class RarePolicy:
    """The whole pack. nats: of one point."""

    provenance: Provenance
    statement: str
    nats: float
    limits: Limits
    quality: Quality
    points: Points
    predictors: tuple[Predictor, ...]
    populations: tuple[Population, ...]
    effects: Mapping[str, Effect]
    looked_at: frozenset[Effect]
    checks: Checks
    doubts: Mapping[Doubt, str]
    exclusions: Mapping[Excluded, str]
    inheritance: Mapping[str, frozenset[Mode]]

    def effect_of(self, word: str) -> Effect | None:
        """The effect of one word of the Sequence Ontology; None for a word that nobody entered."""
        return self.effects.get(word)


def load_rare_policy(root: Path | None = None) -> RarePolicy:
    """The shipped pack, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_rare_policy(chosen)


def read_rare_policy(file: RuleFile) -> RarePolicy:
    """The pack in a rule file; refused when a word or a number is missing or makes no sense."""
    document = file.document
    try:
        scale = document["scale"]
        policy = RarePolicy(
            provenance=file.provenance,
            statement=str(document["statement"]),
            nats=math.log(float(scale["odds_very_strong"])) / float(scale["points_very_strong"]),
            limits=Limits(**document["frequency"]),
            quality=Quality(**document["quality"]),
            points=_points(document["points"]),
            predictors=tuple(_predictor(one) for one in document.get("predictor", ())),
            populations=tuple(
                Population(str(one["dataset"]), tuple(one["fields"]), FrequencyState(one["silence"]))
                for one in document["population"]
            ),
            effects={word: Effect(name) for name, words in document["effects"].items() for word in words},
            looked_at=frozenset(Effect(one) for one in document["looked_at"]["effects"]),
            checks=Checks(**document["checks"]),
            doubts={one: str(document["doubts"][one.value]) for one in Doubt},
            exclusions={one: str(document["exclusions"][one.value]) for one in Excluded},
            inheritance={
                term: frozenset(Mode(one) for one in modes) for term, modes in document["inheritance"].items()
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy for rare variants: {error}") from error
    limits = policy.limits
    if not 0 < limits.dominant <= limits.recessive <= limits.established <= 1:
        raise file.fail("limits of frequency rise from dominant over recessive to established, up to 1")
    return policy


def _points(document: Mapping[str, Any]) -> Points:
    clinvar = dict(document["clinvar"])
    enough = int(clinvar.pop("enough_stars"))
    judged = [one for one in ClinicalClass if one not in (ClinicalClass.NONE, ClinicalClass.NOT_AT_HAND)]
    rarity = document["frequency"]
    return Points(
        effect={one: float(document["effect"][one.value]) for one in Effect},
        clinvar={one: (float(clinvar[one.value][0]), float(clinvar[one.value][1])) for one in judged},
        enough_stars=enough,
        absent=float(rarity["absent"]),
        rare=float(rarity["rare"]),
        not_given=float(rarity["not-given"]),
        inheritance={one: float(document["inheritance"][one.value]) for one in Standing},
    )


def _predictor(entry: Mapping[str, Any]) -> Predictor:
    steps = tuple((float(least), float(points)) for least, points in entry["steps"])
    if list(steps) != sorted(steps):
        raise ValueError(f"the steps of {entry['name']} rise")
    return Predictor(str(entry["name"]), tuple(entry["fields"]), steps)
