"""What people are drawn with equals what is published, and says where it comes from."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from bedside.demo.draw import Urn
from bedside.errors import PackError
from bedside.genome.observation import digest
from bedside.genome.person import Sex
from bedside.knowledge.catalogue import PACK_ROOT
from bedside.knowledge.frequencies import AncestryGroup, Frequencies, load_frequencies
from bedside.knowledge.pgx import PgxPack

PEOPLE = 20_000
EUROPEAN, SOUTH_ASIAN = AncestryGroup.EUROPEAN, AncestryGroup.SOUTH_ASIAN


def test_every_pack_says_who_made_it_and_under_which_licence(frequencies: Frequencies) -> None:
    told = {pack.source.name: (pack.source.date, pack.source.licence) for pack in frequencies.packs}
    assert told == {
        "1000-genomes": ("2022-09-01", "LicenseRef-IGSR-open-data"),
        "cpic-cyp2d6": ("2026-11-22", "CC0-1.0"),
    }
    assert all("awaiting" in pack.source.review_state for pack in frequencies.packs)


def test_a_groups_haplotypes_add_up_to_all_its_chromosomes(frequencies: Frequencies) -> None:
    wrong = {
        key: (sum(row.count for row in rows), {row.total for row in rows})
        for key, rows in frequencies.haplotypes.items()
        if {sum(row.count for row in rows)} != {row.total for row in rows}
    }
    assert wrong == {}
    chromosomes = sum(
        rows[0].total for (gene, _), rows in frequencies.haplotypes.items() if gene == "CYP2C19"
    )
    assert chromosomes == 2 * 2504


def test_a_third_of_south_asian_chromosomes_carry_the_change_of_cyp2c19_2(
    frequencies: Frequencies, pack: PgxPack
) -> None:
    position = next(p for p in pack.genes["CYP2C19"].positions if p.rsid == "rs4244285").position
    rows = frequencies.haplotypes["CYP2C19", SOUTH_ASIAN]
    carriers = sum(row.count for row in rows if position in {c.position for c in row.haplotype.changes})
    assert (carriers, rows[0].total) == (350, 978)


def test_every_change_stands_at_a_position_of_the_release_with_its_reference(
    frequencies: Frequencies, pack: PgxPack
) -> None:
    known = {
        (gene.symbol, position.chromosome, position.position, position.reference)
        for gene in pack.genes.values()
        for position in gene.positions
    }
    carried = {
        (row.haplotype.gene, change.chromosome, change.position, change.reference)
        for rows in frequencies.haplotypes.values()
        for row in rows
        for change in row.haplotype.changes
    }
    assert carried - known == set()


def test_no_hla_frequency_is_carried_so_that_nobody_drawn_has_an_hla_result(
    urn: Urn, frequencies: Frequencies
) -> None:
    assert frequencies.allele_genes == ("CYP2D6",)
    assert set(urn.draw(SOUTH_ASIAN, Sex.FEMALE, Random(1)).alleles) == {"CYP2D6"}


def test_haplotypes_of_20_000_people_lie_within_binomial_limits(urn: Urn, frequencies: Frequencies) -> None:
    chance = Random(20_000)
    drawn = [urn.draw(EUROPEAN, Sex.FEMALE, chance) for _ in range(PEOPLE)]
    outside = {}
    for gene in urn.genes:
        counts = Counter(strand for person in drawn for strand in person.haplotypes[gene])
        for row in frequencies.haplotypes[gene, EUROPEAN]:
            if not _plausible(counts[row.haplotype], 2 * PEOPLE, row.count / row.total):
                outside[gene, str(row.haplotype)] = counts[row.haplotype]
        assert counts.total() == 2 * PEOPLE
    assert outside == {}


def test_named_alleles_of_20_000_people_lie_within_binomial_limits(
    urn: Urn, frequencies: Frequencies
) -> None:
    chance = Random(20_001)
    drawn = [urn.draw(EUROPEAN, Sex.MALE, chance) for _ in range(PEOPLE)]
    outside = {}
    for gene in frequencies.allele_genes:
        counts = Counter(allele for person in drawn for allele in person.alleles[gene])
        for row in frequencies.alleles[gene, EUROPEAN]:
            if not _plausible(counts[row.allele], 2 * PEOPLE, row.frequency):
                outside[gene, row.allele] = counts[row.allele]
    assert outside == {}


def test_a_male_has_one_x_chromosome(urn: Urn) -> None:
    male = urn.draw(EUROPEAN, Sex.MALE, Random(1)).haplotypes
    female = urn.draw(EUROPEAN, Sex.FEMALE, Random(1)).haplotypes
    assert {gene: len(strands) for gene, strands in male.items() if len(strands) != 2} == {"G6PD": 1}
    assert {len(strands) for strands in female.values()} == {2}


def test_a_changed_number_is_refused_because_its_digest_differs(tmp_path: Path) -> None:
    table = _copy(tmp_path) / "alleles.tsv"
    table.write_text(table.read_text().replace("0.36455274", "0.5"), encoding="utf-8")
    with pytest.raises(PackError, match="does not equal its digest"):
        load_frequencies(tmp_path)


def test_an_impossible_frequency_names_its_file_and_line(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    table, description = folder / "alleles.tsv", folder / "source.toml"
    before = digest(table.read_bytes())
    table.write_text(table.read_text().replace("0.36455274", "3.9"), encoding="utf-8")
    description.write_text(description.read_text().replace(before, digest(table.read_bytes())))
    with pytest.raises(PackError) as refused:
        load_frequencies(tmp_path)
    assert [str(problem) for problem in refused.value.problems] == [
        "cpic-cyp2d6/2026-11-22/alleles.tsv:3: a frequency lies between 0 and 1, not 3.9"
    ]


def _copy(root: Path) -> Path:
    target = root / "frequencies" / "cpic-cyp2d6" / "2026-11-22"
    shutil.copytree(PACK_ROOT / "frequencies" / "cpic-cyp2d6" / "2026-11-22", target)
    return target


def _plausible(count: int, chromosomes: int, frequency: float) -> bool:
    """Within five standard deviations, with one chromosome to spare for the rarest."""
    spread = math.sqrt(chromosomes * frequency * (1 - frequency))
    return abs(count - chromosomes * frequency) <= 5 * spread + 1
