"""One person is scored from the stored genome, and the record does not change by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from bedside.errors import RequestError
from bedside.genome.consent import Purpose
from bedside.genome.evidence import AssayKind
from bedside.genome.person import Person, Sex
from bedside.genome.presence import Absent, NotCallable, NotTested, Presence, Present, Uncalled, Zygosity
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.interpret.polygenic import PolygenicResult, Reason, Refusal
from bedside.interpret.polygenic_match import Outcome
from bedside.knowledge.polygenic_panel import PanelError
from bedside.knowledge.scoring_file import read_scoring_file
from bedside.service.accept_consumer import accept_consumer
from bedside.service.accept_genome import GenomeRequest
from bedside.service.accept_result import accept_files
from bedside.service.consented_lake import consented
from bedside.service.house import lake_of
from bedside.service.register_person import register_person
from bedside.service.score_person import genotypes_at, score_person
from tests.unit.interpret.polygenic_people import HEADER, panel, score_of, written

ROWS = [f"1\t{position}\tA\tG\t1.0" for position in (100, 200, 300, 400)]


@dataclass
class MadeUpLake:
    """A lake of one person: what is carried, and what is said where nothing is."""

    carried: Mapping[Variant, Presence] = field(default_factory=dict)
    elsewhere: Mapping[int, Presence] = field(default_factory=dict)
    missing: frozenset[Variant] = frozenset()

    def variants(self, person: str, regions: Sequence[Region]) -> pa.Table:
        rows = [
            one
            for one in sorted(self.carried)
            if any(
                r.chromosome == one.chromosome and one.position <= r.end and one.end >= r.start
                for r in regions
            )
        ]
        return pa.table(
            {
                "key": pa.array([one.key for one in rows], pa.int64()),
                "reference": pa.array([one.reference for one in rows], pa.string()),
                "alternate": pa.array([one.alternate for one in rows], pa.string()),
                "missing": pa.array([int(one in self.missing) for one in rows], pa.int8()),
            }
        )

    def presence(self, person: str, variants: Sequence[Variant]) -> tuple[Presence, ...]:
        return tuple(self.carried.get(one, self.elsewhere.get(one.position, Absent())) for one in variants)


def carried(position: int, reference: str, alternate: str) -> Variant:
    return Variant("chr1", position, reference, alternate)


def outcomes(lake: MadeUpLake, score, base_at=lambda chromosome, position: "G") -> list[tuple[Outcome, int]]:
    from bedside.interpret.polygenic_match import match

    found = match(score, genotypes_at(lake, "ada", score, base_at))
    return [(Outcome(one), copies) for one, copies in zip(found.outcome, found.copies.tolist(), strict=True)]


def test_carried_seen_untested_and_uncallable_places_are_told_apart(tmp_path):
    lake = MadeUpLake(
        {carried(100, "G", "A"): Present(Zygosity.HOMOZYGOUS)},
        {300: NotTested(), 400: NotCallable(Uncalled.LOW_QUALITY)},
    )
    assert outcomes(lake, score_of(tmp_path, *ROWS)) == [
        (Outcome.CARRIED, 2),
        (Outcome.REFERENCE_SEEN, 0),
        (Outcome.NOT_TESTED, -1),
        (Outcome.NOT_CALLABLE, -1),
    ]


def test_an_open_strand_a_spanning_deletion_two_alleles_and_one_copy_do_not_count(tmp_path):
    half, first, second = carried(100, "G", "A"), carried(300, "G", "A"), carried(300, "G", "T")
    lake = MadeUpLake(
        {
            half: Present(Zygosity.HETEROZYGOUS),
            carried(198, "CCGC", "C"): Present(Zygosity.HETEROZYGOUS),
            first: Present(Zygosity.HETEROZYGOUS),
            second: Present(Zygosity.HETEROZYGOUS),
            carried(400, "G", "A"): Present(Zygosity.HEMIZYGOUS),
        },
        missing=frozenset({half}),
    )
    assert outcomes(lake, score_of(tmp_path, *ROWS)) == [
        (Outcome.NOT_CALLABLE, -1),
        (Outcome.NOT_CALLABLE, -1),
        (Outcome.SEVERAL_ALLELES, -1),
        (Outcome.NOT_CALLABLE, -1),
    ]


def test_without_the_reference_genome_a_place_seen_as_reference_counts_for_nothing(tmp_path):
    score = score_of(tmp_path, *ROWS)
    assert set(outcomes(MadeUpLake(), score, lambda chromosome, position: "")) == {
        (Outcome.REFERENCE_UNKNOWN, -1)
    }
    assert set(outcomes(MadeUpLake(), score, lambda chromosome, position: "A")) == {
        (Outcome.REFERENCE_SEEN, 2)
    }


def test_a_person_of_the_record_is_scored_by_sex_age_and_ancestry_and_nothing_is_written(house, tmp_path):
    register_person(house, Person("ada", birth_date=date(1970, 1, 1), sex=Sex.FEMALE))
    before = house.ledger.checkpoint()
    asked = {"components": np.zeros(6), "panel": panel(4), "base_at": lambda chromosome, position: "G"}
    score = score_of(tmp_path, *ROWS)
    found = score_person(house, MadeUpLake(), "ada", score, **asked)
    assert isinstance(found, PolygenicResult)
    assert (found.account, found.action) == ({Outcome.REFERENCE_SEEN: 4}, "no action known")
    young = score_person(house, MadeUpLake(), "ada", score, **asked, on=date(1990, 1, 1))
    unknown = score_person(house, MadeUpLake(), "nobody", score, **asked)
    assert [one.reason for one in (young, unknown) if isinstance(one, Refusal)] == [
        Reason.AGE,
        Reason.AGE_UNKNOWN,
    ]
    assert house.ledger.checkpoint() == before


def test_an_empty_genome_is_a_refusal_and_never_a_score_of_zero(house, tmp_path):
    register_person(house, Person("ada", birth_date=date(1970, 1, 1), sex=Sex.FEMALE))
    nothing = MadeUpLake(elsewhere={position: NotTested() for position in (100, 200, 300, 400)})
    found = score_person(
        house,
        nothing,
        "ada",
        score_of(tmp_path, *ROWS),
        components=np.zeros(6),
        panel=panel(4),
        base_at=lambda chromosome, position: "G",
    )
    assert isinstance(found, Refusal)
    assert (found.reason, found.account) == (Reason.LOW_MATCH, {Outcome.NOT_TESTED: 4})


def test_a_score_on_another_build_and_a_panel_of_too_few_are_refused(house, tmp_path):
    other = read_scoring_file(written(tmp_path, *ROWS, header=HEADER.replace("GRCh38", "GRCh37")))
    with pytest.raises(RequestError, match="stands on GRCh37, stored genomes on GRCh38"):
        score_person(house, MadeUpLake(), "ada", other)
    with pytest.raises(PanelError, match="too few to fit"):
        score_person(house, MadeUpLake(), "ada", score_of(tmp_path, *ROWS), panel=panel(4, 20))


def test_a_genome_of_the_lake_is_scored_where_it_was_looked_at_and_nowhere_else(house, tmp_path):
    register_person(house, Person("ada", birth_date=date(1970, 1, 1), sex=Sex.FEMALE))
    rows = [
        f"chr1\t{at}\t.\tG\tA\t.\tPASS\t.\tGT\t{call}"
        for at, call in ((100, "1/1"), (200, "0/1"), (300, "./."))
    ]
    vcf, covered = tmp_path / "ada.vcf", tmp_path / "covered.bed"
    head = [
        "##fileformat=VCFv4.2",
        "##reference=GRCh38",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="GT">',
    ]
    head += ["##contig=<ID=chr1>", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tada"]
    vcf.write_text("\n".join([*head, *rows]) + "\n")
    covered.write_text("chr1\t50\t450\n")
    accept_files(house, [vcf], "ada", genome=GenomeRequest(AssayKind.PANEL, covered=covered))
    score = score_of(tmp_path, *ROWS, "1\t900\tA\tG\t1.0")
    lake = consented(house, lake_of(house), Purpose.CARE, clinical_only=True)
    assert outcomes(lake, score) == [
        (Outcome.CARRIED, 2),
        (Outcome.CARRIED, 1),
        (Outcome.NOT_CALLABLE, -1),
        (Outcome.REFERENCE_SEEN, 0),
        (Outcome.NOT_TESTED, -1),
    ]
    found = score_person(
        house,
        lake,
        "ada",
        score_of(tmp_path, *ROWS),
        components=np.zeros(6),
        panel=panel(3),
        base_at=lambda chromosome, position: "G",
    )
    assert isinstance(found, PolygenicResult)
    assert found.share == 0.75


def test_a_consumer_file_gives_a_score_nothing_to_count(house, tmp_path):
    path = tmp_path / "raw.txt"
    path.write_text("# build 38, 23andMe\nrsid\tchromosome\tposition\tgenotype\nrs1\t1\t100\tAA\n")
    accept_consumer(house, path, "ada")
    lake = consented(house, lake_of(house), Purpose.CARE, clinical_only=True)
    assert lake.runs("ada") == ()
    assert set(outcomes(lake, score_of(tmp_path, *ROWS))) == {(Outcome.NOT_TESTED, -1)}
