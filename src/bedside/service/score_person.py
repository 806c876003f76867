"""A polygenic score of one person from the stored genome: nothing is stored, nothing joins the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bedside.decide.moment import age_on
from bedside.errors import RequestError
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.genome.presence import Absent, NotCallable, NotTested, Presence, Present, Zygosity
from bedside.genome.region import CHROMOSOMES, Region
from bedside.genome.variant import Variant, place_of
from bedside.interpret.polygenic import PolygenicAnswer, assess
from bedside.interpret.polygenic_ancestry import Adjustment, fit
from bedside.interpret.polygenic_match import (
    LAST_AUTOSOME,
    Genotypes,
    Looked,
    Matching,
    match,
    only_with,
    panel_sums,
)
from bedside.knowledge.polygenic import PolygenicPolicy, load_polygenic_policy
from bedside.knowledge.polygenic_panel import Floats, Panel, PanelError, PanelGenotypes
from bedside.knowledge.scoring_file import ScoringFile
from bedside.knowledge.scoring_rows import Placing
from bedside.service.house import House

if TYPE_CHECKING:
    import pyarrow as pa

BaseAt = Callable[[str, int], str]
"""The reference genome's base at a chromosome and position of GRCh38; "" where it is not known."""

_BASES = frozenset("ACGT")


class PersonLake(Protocol):
    """What is asked of a lake here; `ConsentedLake` answers it, and refuses where consent does."""

    def variants(self, person: str, regions: Sequence[Region]) -> pa.Table:
        """The person's evidence rows that touch the regions."""
        ...

    def presence(self, person: str, variants: Sequence[Variant]) -> tuple[Presence, ...]:
        """For each variant one of four answers."""
        ...


def score_person(
    house: House,
    lake: PersonLake,
    person: str,
    score: ScoringFile,
    *,
    components: Floats | None = None,
    panel: Panel | PanelGenotypes | None = None,
    base_at: BaseAt | None = None,
    on: date | None = None,
) -> PolygenicAnswer:
    """The score of a person, or the refusal. components: the person's, in the panel's space. panel: its sums
    over the same variants, or its genotypes, which are then summed over the variants that count in the
    person. base_at: without it nobody knows which allele the reference is where the person carries no other,
    and such variants do not count. on: the day for the person's age, else today.

    Raises `RequestError` for a score on another build than the lake's, `PanelError` for a panel that cannot
    be fitted, `Refused` where consent does not allow the reading.
    """
    if score.build is not Build.GRCH38:
        reason = f"the score stands on {score.build.value}, stored genomes on GRCh38"
        raise RequestError.one(score.source, reason, remedy="use the harmonised file (hmPOS_GRCh38)")
    policy = load_polygenic_policy(house.settings.knowledge_folder)
    known = house.ledger.person(person)
    day = on or house.clock().date()
    born = None if known is None else known.birth_date
    matching = match(score, genotypes_at(lake, person, score, base_at or _no_base))
    if isinstance(panel, PanelGenotypes):
        matching = only_with(matching, panel.answered)
        panel = scored(panel, score, matching)
    return assess(
        score,
        matching,
        policy,
        sex=Sex.UNKNOWN if known is None else known.sex,
        age=None if born is None or born > day else age_on(born, day),
        components=components,
        adjustment=None if panel is None else fitted(panel, policy),
    )


def scored(panel: PanelGenotypes, score: ScoringFile, matching: Matching) -> Panel:
    """The panel with its sums over the variants that count in a person, and over no others."""
    return Panel(
        panel.release,
        panel.score,
        panel.people,
        panel_sums(score, panel.copies, matching.counted),
        panel.components,
        panel.groups,
        int(matching.counted.sum()),
    )


def fitted(panel: Panel, policy: PolygenicPolicy) -> Adjustment:
    """The panel, fitted as the policy says; raises `PanelError`."""
    try:
        return fit(panel, policy.components, policy.outside_quantile)
    except (ValueError, np.linalg.LinAlgError) as error:
        raise PanelError.one(panel.release, str(error), remedy="use a larger reference panel") from error


def genotypes_at(lake: PersonLake, person: str, score: ScoringFile, base_at: BaseAt) -> Genotypes:
    """What the lake says of a person at the places of a score. Only what every strand was seen for counts."""
    rows = [
        row
        for row in range(len(score))
        if score.placing[row] == Placing.PLACED and 0 < score.chromosome[row] <= LAST_AUTOSOME
    ]
    spots = {row: (CHROMOSOMES[score.chromosome[row] - 1], int(score.position[row])) for row in rows}
    carried, unclear = _carried(lake, person, sorted(set(spots.values())))
    probes = {row: _probe(score, row, spots[row], base_at) for row in rows}
    answers = dict(zip(probes, lake.presence(person, tuple(probes.values())), strict=True)) if probes else {}
    looked = np.zeros(len(score), np.int8)
    copies = np.zeros(len(score), np.int8)
    several = np.zeros(len(score), np.bool_)
    reference, alternate = [""] * len(score), [""] * len(score)
    for row, spot in spots.items():
        found = carried.get(spot, ())
        several[row] = len(found) > 1
        if spot in unclear:
            looked[row] = Looked.NOT_CALLABLE
        elif found:
            looked[row] = Looked.CALLED
            variant, copies[row] = found[0]
            reference[row], alternate[row] = variant.reference, variant.alternate
        else:
            looked[row] = _looked(answers[row])
            base = base_at(*spot).upper()
            reference[row] = base if base in _BASES else ""
    return Genotypes(looked, reference, alternate, copies, several)


Spot = tuple[str, int]


def _carried(
    lake: PersonLake, person: str, spots: Sequence[Spot]
) -> tuple[Mapping[Spot, Sequence[tuple[Variant, int]]], frozenset[Spot]]:
    """The alleles carried at each spot with their copies, and the spots where a row leaves a strand open or
    a variant that begins elsewhere lies across."""
    regions = [Region(chromosome, position, position) for chromosome, position in spots]
    table = lake.variants(person, regions).to_pydict() if regions else {}
    wanted, unclear, seen = set(spots), set(), {}
    for place, key in enumerate(table.get("key", ())):
        variant = _variant(key, table["reference"][place], table["alternate"][place])
        spot = (variant.chromosome, variant.position)
        unclear |= {
            (variant.chromosome, position)
            for position in range(variant.position + 1, variant.end + 1)
            if (variant.chromosome, position) in wanted
        }
        if spot in wanted and table["missing"][place]:
            unclear.add(spot)
        elif spot in wanted:
            seen[variant] = spot
    carried: dict[Spot, list[tuple[Variant, int]]] = {}
    for variant, answer in zip(seen, lake.presence(person, tuple(seen)) if seen else (), strict=True):
        if isinstance(answer, Present) and answer.zygosity is not Zygosity.HEMIZYGOUS:
            number = 2 if answer.zygosity is Zygosity.HOMOZYGOUS else 1
            carried.setdefault(seen[variant], []).append((variant, number))
        elif not isinstance(answer, Absent):
            unclear.add(seen[variant])
    return carried, frozenset(unclear)


def _variant(key: int, reference: str, alternate: str) -> Variant:
    return Variant(*place_of(key), reference, alternate)


def _probe(score: ScoringFile, row: int, spot: Spot, base_at: BaseAt) -> Variant:
    """A variant whose absence says that the place was seen as the reference."""
    base = base_at(*spot).upper()
    alleles = [one for one in (score.effect[row], score.other[row]) if one and one != base]
    reference = base if base in _BASES else (alleles[1] if len(alleles) > 1 else "N")
    return Variant(*spot, reference, alleles[0])


def _looked(answer: Presence) -> Looked:
    match answer:
        case Absent():
            return Looked.CALLED
        case NotTested():
            return Looked.NOT_TESTED
        case NotCallable() | Present():
            return Looked.NOT_CALLABLE


def _no_base(chromosome: str, position: int) -> str:
    return ""
