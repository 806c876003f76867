"""Places of one assembly on another, by the public chain files and by small ones written here."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from bedside.errors import InputError
from bedside.genome.liftover import Chain, Lifted, parse_chain
from bedside.genome.region import CHROMOSOME_NUMBER, CHROMOSOMES

SMALL = """\
chain 900 chr1 1000 + 100 200 chr1 1000 + 300 410 1
40 10 20
50

chain 800 1 1000 + 500 560 2 1000 - 100 160 2
60

chain 10 chr1 1000 + 180 260 chr3 1000 + 0 80 3
80

chain 5 chrUn_x 1000 + 0 10 chr1 1000 + 0 10 4
10
"""


def lift(chain: Chain, *asked: tuple[str, int, int]) -> list[tuple[str, int, bool] | None]:
    """Stretches (chromosome, position, length) as (chromosome, position, reverse), None when not mapped."""
    numbers = np.array([CHROMOSOME_NUMBER[one[0]] for one in asked], np.int8)
    found: Lifted = chain.lift(
        numbers, np.array([one[1] for one in asked], np.int64), np.array([one[2] for one in asked], np.int64)
    )
    return [
        (CHROMOSOMES[chromosome - 1], position, reverse) if mapped else None
        for chromosome, position, reverse, mapped in zip(
            found.chromosome.tolist(),
            found.position.tolist(),
            found.reverse.tolist(),
            found.mapped.tolist(),
            strict=True,
        )
    ]


def small() -> Chain:
    return parse_chain(SMALL.splitlines(), "small.chain")


def test_places_in_blocks_move_with_their_block() -> None:
    assert lift(small(), ("chr1", 101, 1), ("chr1", 140, 1), ("chr1", 151, 1), ("chr1", 200, 1)) == [
        ("chr1", 301, False),
        ("chr1", 340, False),
        ("chr1", 361, False),
        ("chr1", 410, False),
    ]


def test_places_in_a_gap_or_outside_every_chain_do_not_lift() -> None:
    asked = (("chr1", 100, 1), ("chr1", 141, 1), ("chr1", 150, 1), ("chr1", 300, 1), ("chr2", 150, 1))
    assert lift(small(), *asked) == [None] * 5


def test_a_stretch_that_a_gap_cuts_does_not_lift() -> None:
    assert lift(small(), ("chr1", 138, 3), ("chr1", 138, 4), ("chr1", 138, 20)) == [
        ("chr1", 338, False),
        None,
        None,
    ]


def test_a_turned_stretch_begins_at_its_first_base_on_the_forward_strand() -> None:
    assert lift(small(), ("chr1", 501, 1), ("chr1", 560, 1), ("chr1", 501, 4)) == [
        ("chr2", 900, True),
        ("chr2", 841, True),
        ("chr2", 897, True),
    ]


def test_where_chains_overlap_the_better_one_answers() -> None:
    assert lift(small(), ("chr1", 200, 1), ("chr1", 201, 1), ("chr1", 199, 4)) == [
        ("chr1", 410, False),
        ("chr3", 21, False),
        None,
    ]


def test_nothing_lifts_by_a_chain_of_other_contigs() -> None:
    chain = parse_chain(SMALL.splitlines()[-2:], "other.chain")
    assert lift(chain, ("chr1", 5, 1)) == [None]


def test_every_bad_line_is_named() -> None:
    lines = [
        "5 5 5",
        "chain 900 chr1 1000 + 100 200 chr1 1000 + 300 400",
        "40 x 20",
        "100",
        "chain many chr1",
        "7",
        "chain 900 chr1 1000 + 100 200 chr1 1000 + 300 400 1",
        "90",
        "chain 900 chr1 1000 + 100 200 chr1 1000 + 300 400 1",
        "chain 900 chr1 1000 + 100 200 chr1 1000 + 300 400 1",
    ]
    with pytest.raises(InputError) as caught:
        parse_chain(lines, "bad.chain")
    assert [(problem.source, problem.line, problem.reason) for problem in caught.value.problems] == [
        ("bad.chain", 1, "a block stands outside a chain"),
        ("bad.chain", 3, "not a block: a size, and two gaps unless it is the last"),
        ("bad.chain", 5, "not a chain's header: chain, score, then name, size, strand and ends twice"),
        ("bad.chain", 8, "the blocks of the chain do not add up to its header"),
        ("bad.chain", 10, "a chain begins before the one above has ended"),
        ("bad.chain", None, "the file ends within a chain"),
    ]


def test_an_empty_file_is_no_chain() -> None:
    with pytest.raises(InputError, match="holds no chain"):
        parse_chain([], "empty.chain")


def read(path: Path) -> Chain:
    with gzip.open(path, "rt") as lines:
        return parse_chain(lines, path.name)


@pytest.fixture(scope="session")
def to_38(shared: Path) -> Chain:
    return read(shared / "liftover" / "hg19ToHg38.over.chain.gz")


def test_known_sites_of_well_known_genes_lift_to_where_they_are_known_to_be(to_38: Chain) -> None:
    known = [
        ("chr1", 169519049, "chr1", 169549811),
        ("chr6", 26093141, "chr6", 26092913),
        ("chr10", 96541616, "chr10", 94781859),
        ("chr16", 31107689, "chr16", 31096368),
        ("chr7", 140453136, "chr7", 140753336),
        ("chr19", 45411941, "chr19", 44908684),
        ("chr6", 18130918, "chr6", 18130687),
        ("chr17", 41276044, "chr17", 43124027),
    ]
    assert lift(to_38, *((chromosome, position, 1) for chromosome, position, *_ in known)) == [
        (chromosome, position, False) for *_, chromosome, position in known
    ]


def test_the_mitochondrion_of_hg19_is_another_sequence(to_38: Chain) -> None:
    assert to_38.mitochondrion == 16_571
    assert lift(to_38, ("chrM", 3243, 1)) == [("chrM", 3242, False)]


def test_there_and_back_again_is_the_same_place(shared: Path, to_38: Chain) -> None:
    back = read(shared / "liftover" / "hg38ToHg19.over.chain.gz")
    draw = np.random.default_rng(5)
    chromosome = draw.integers(1, 24, 200_000).astype(np.int8)
    position = draw.integers(1, 46_000_000, 200_000)
    there = to_38.lift(chromosome, position)
    again = back.lift(there.chromosome, there.position)
    both = there.mapped & again.mapped
    same = both & (again.chromosome == chromosome) & (again.position == position)
    assert there.mapped.sum() > 170_000
    assert same.sum() / both.sum() > 0.99


def test_clinvar_of_2016_lifts_to_where_clinvar_of_2026_has_the_same_variants(
    shared: Path, to_38: Chain
) -> None:
    old = _single_bases(shared / "clinvar" / "clinvar_2016-11-02.vcf.gz")
    new = _single_bases(shared / "clinvar" / "clinvar_2026-02-26_GRCh38_HBOC_Lynch_subset.vcf.gz")
    both = sorted(old.keys() & new.keys())
    found = lift(to_38, *((old[one][0], old[one][1], 1) for one in both))
    expected = [(new[one][0], new[one][1], False) for one in both]
    assert len(both) > 9_000
    assert [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]] == []


def _single_bases(path: Path) -> dict[str, tuple[str, int]]:
    """Single-base variants by VariationID."""
    found: dict[str, tuple[str, int]] = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            chromosome, position, identity, reference, alternate, _, _, info = line.rstrip("\n").split("\t")[
                :8
            ]
            if len(reference) != 1 or len(alternate) != 1 or alternate == ".":
                continue
            fields = dict(part.partition("=")[::2] for part in info.split(";"))
            name = "chr" + chromosome.removeprefix("chr").replace("MT", "M")
            if name in CHROMOSOME_NUMBER:
                found[fields.get("MEASURESET_ID", identity)] = (name, int(position))
    return found
