"""Variants in a panel's genes that no release classifies, but whose consequence can be worked out: for a
person to look at, never more.

What needs sequence is worked out where a FASTA of GRCh38 is given; without one, a stop gained by a single
base is not seen, and a frameshift or a lost splice site is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from bedside.errors import InputError
from bedside.genome.presence import zygosity_of
from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant, place_of
from bedside.interpret.germline.coding import NO_BASES, Bases
from bedside.interpret.germline.compute import AtHand, coding_regions, compute
from bedside.interpret.germline.points import Computed
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried, ReasonCode
from bedside.knowledge.acmg_points import load_points
from bedside.knowledge.clinvar.release import ClinvarRelease
from bedside.knowledge.findings_panel import Panel
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.screen_answers import Found
from bedside.service.screen_carried import Screening
from bedside.service.screen_gates import Held
from bedside.service.screen_subjects import Subjects
from bedside.store.subject_readings import confirmations


@dataclass(slots=True)
class Unclassified:
    """A panel asked about what a release has no record of. Each distinct variant is worked out once."""

    lake: Screening
    panel: Panel
    release: ClinvarRelease
    at_hand: AtHand
    _computed: dict[Variant, Computed | None] = field(default_factory=dict)

    def found(self, people: Sequence[str], subjects: Subjects) -> Iterator[Found]:
        """Every answer that computed evidence brings to a person, about everybody given."""
        regions = coding_regions(self.panel, self.at_hand.transcripts)
        for person in people:
            rows = self.lake.all.variants(person, regions)
            carried = {one.variant: one for one in self._carried(rows)}
            computed = {variant: what for variant in carried if (what := self._of(variant)) is not None}
            if not computed:
                continue
            subject = subjects.of(person, sexed=True).subject()
            asked = [carried[variant] for variant in computed]
            for answer in screen(self.panel, asked, subject, computed):
                if answer.reason is ReasonCode.COMPUTED_EVIDENCE:
                    yield Found(person, answer, tuple(_held(carried[one]) for one in answer.variants))

    def _of(self, variant: Variant) -> Computed | None:
        """What was worked out, when it leans towards disease and no record speaks of the variant."""
        if variant not in self._computed:
            what = None
            if not self.release.at(variant):
                what = compute(self.panel, [variant], self.at_hand).get(variant)
            self._computed[variant] = what if what is not None and what.points.for_review else None
        return self._computed[variant]

    def _carried(self, rows: pa.Table) -> Iterator[Carried]:
        passed = rows.filter(rows.column("passed"))
        sure = confirmations(self.lake.house.ledger, set(passed.column("run").to_pylist()))
        for row in passed.to_pylist():
            variant = Variant(*place_of(row["key"]), row["reference"], row["alternate"])
            phase_set = None if row["phase_set"] < 0 else row["phase_set"]
            zygosity = zygosity_of(row["copies"], row["ploidy"])
            how = sure.get(row["run"], Confirmation.UNCONFIRMED)
            yield Carried(variant, zygosity, phase_set, row["strands"], (), how)


def unclassified(
    lake: Screening, panel: Panel, release: ClinvarRelease, root: Path | None, sequence: Path | None = None
) -> Unclassified:
    """With the shipped transcripts and points, and a site's own. sequence: FASTA of GRCh38. Raises
    `InputError` when it cannot be read."""
    bases = NO_BASES if sequence is None else bases_of(sequence)
    return Unclassified(
        lake, panel, release, AtHand(load_transcripts(root).by_gene, load_points(root), bases)
    )


def bases_of(path: Path) -> Bases:
    """The bases of an indexed FASTA, by chromosome (`chr1` or `1`)."""
    import pysam

    try:
        file = pysam.FastaFile(str(path))
    except (OSError, ValueError) as error:
        remedy = "give a FASTA, plain or bgzipped, in a folder where its index is or can be written"
        raise InputError.one(path.name, "cannot be read as FASTA", remedy=remedy) from error
    names: Mapping[str, str] = {f"chr{name.removeprefix('chr')}": name for name in file.references}

    def bases(chromosome: str, first: int, last: int) -> str | None:
        name = names.get(chromosome)
        if name is None or first < 1 or last > file.get_reference_length(name):
            return None
        found = str(file.fetch(name, first - 1, last)).upper()
        return found if len(found) == last - first + 1 and set(found) <= set("ACGT") else None

    return bases


def _held(one: Carried) -> Held:
    return Held(one.variant, one.zygosity, one.confirmation, one.phase_set, one.strands)
