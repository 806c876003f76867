"""One person's stored genome, asked for a gene, a region or some variants: what is there, and what was looked
at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bedside.errors import RequestError
from bedside.genome.consent import Purpose
from bedside.genome.evidence import Seen
from bedside.genome.presence import Presence, Zygosity, zygosity_of
from bedside.genome.region import Region
from bedside.genome.variant import Variant, place_of
from bedside.knowledge.classification import ClassifiedVariant
from bedside.service.classify_variants import Classifier, classifier
from bedside.service.consented_lake import ConsentedLake, asked
from bedside.service.house import House

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class VariantLine:
    """One variant a person carries. passed is False where the record failed its filters: shown, and never
    counted as present. depth, alternate_depth, quality: None where the file does not say. classified: every
    record of the classification release in force.
    """

    variant: Variant
    zygosity: Zygosity
    passed: bool
    phase_set: int | None
    strands: int
    depth: int | None
    alternate_depth: int | None
    quality: int | None
    run: str
    line: int
    classified: tuple[ClassifiedVariant, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedAt:
    """How much of a region a person's runs looked at, in bases: seen (as reference or as a variant), not
    callable, and the rest, which nothing says was tested."""

    region: Region
    seen: int
    not_callable: int

    @property
    def not_tested(self) -> int:
        """Bases that no run looked at."""
        return self.region.end - self.region.start + 1 - self.seen - self.not_callable


@dataclass(frozen=True, slots=True)
class RegionAnswer:
    """What a person carries in some regions, how much of them was looked at, and the release that classifies
    ("" when none is in force)."""

    person: str
    lines: tuple[VariantLine, ...]
    looked_at: tuple[LookedAt, ...]
    release: str


@dataclass(frozen=True, slots=True)
class VariantAnswer:
    """The answer about one variant asked for."""

    variant: Variant
    presence: Presence
    classified: tuple[ClassifiedVariant, ...] = ()


@dataclass(frozen=True, slots=True)
class VariantsAnswer:
    """The answers about all the variants asked for, in the order asked."""

    person: str
    answers: tuple[VariantAnswer, ...]
    release: str


def ask_regions(
    house: House,
    person: str,
    regions: Sequence[Region],
    *,
    purpose: Purpose = Purpose.CARE,
    principal_people: frozenset[str] | None = None,
) -> RegionAnswer:
    """Everything the person carries there. Raises `NotPermitted` without consent, `RequestError` when nothing
    of this person is stored."""
    lake = _lake(house, person, purpose, principal_people)
    known = classifier(house)
    table = lake.variants(person, regions)
    return RegionAnswer(
        person,
        _lines(table, known),
        tuple(_looked_at(lake, person, region) for region in regions),
        known.release,
    )


def ask_variants(
    house: House,
    person: str,
    variants: Sequence[Variant],
    *,
    purpose: Purpose = Purpose.CARE,
    principal_people: frozenset[str] | None = None,
) -> VariantsAnswer:
    """For each variant: present, absent, not callable or not tested. Raises as `ask_regions` does."""
    lake = _lake(house, person, purpose, principal_people)
    known = classifier(house)
    answers = zip(variants, lake.presence(person, variants), strict=True)
    return VariantsAnswer(
        person, tuple(VariantAnswer(one, answer, known.of(one)) for one, answer in answers), known.release
    )


def _lake(
    house: House, person: str, purpose: Purpose, principal_people: frozenset[str] | None
) -> ConsentedLake:
    """The lake for one person. Where a clinical laboratory has sequenced them, its genomes answer alone:
    what a research run did not see takes nothing away from what the clinical one saw."""
    lake = asked(house, purpose, principal_people=principal_people)
    runs = lake.runs(person)
    if any(run.confirmed for run in runs) and not all(run.confirmed for run in runs):
        return asked(house, purpose, principal_people=principal_people, clinical_only=True)
    if not runs:
        withdrawn = bool(house.ledger.genome_runs(person))
        raise RequestError.one(
            "person",
            "the only genome stored of this person belongs to a result that was withdrawn"
            if withdrawn
            else "no genome of this person is stored",
            remedy="`bedside accept VCF --assay …` stores one",
        )
    return lake


def _lines(table: pa.Table, known: Classifier) -> tuple[VariantLine, ...]:
    rows = table.to_pylist()
    return tuple(_line(row, known) for row in rows)


def _line(row: Mapping[str, object], known: Classifier) -> VariantLine:
    number = {name: int(str(row[name])) for name in _NUMBERS}
    variant = Variant(*place_of(int(str(row["key"]))), str(row["reference"]), str(row["alternate"]))
    return VariantLine(
        variant=variant,
        zygosity=zygosity_of(number["copies"], number["ploidy"]),
        passed=bool(row["passed"]),
        phase_set=None if number["phase_set"] < 0 else number["phase_set"],
        strands=number["strands"],
        depth=_said(number["depth"]),
        alternate_depth=_said(number["alternate_depth"]),
        quality=_said(number["quality"]),
        run=str(row["run"]),
        line=number["line"],
        classified=known.of(variant),
    )


_NUMBERS = ("copies", "ploidy", "phase_set", "strands", "depth", "alternate_depth", "quality", "line")


def _said(number: int) -> int | None:
    return None if number < 0 else number


def _looked_at(lake: ConsentedLake, person: str, region: Region) -> LookedAt:
    table = lake.looked_at(person, region)
    seen = not_callable = 0
    for start, end, state in zip(
        table["start"].to_pylist(), table["end"].to_pylist(), table["state"].to_pylist(), strict=True
    ):
        bases = min(end, region.end) - max(start, region.start) + 1
        if state == int(Seen.REFERENCE):
            seen += bases
        else:
            not_callable += bases
    return LookedAt(region, seen, not_callable)
