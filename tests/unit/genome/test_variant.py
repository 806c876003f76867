"""A variant's key: the same number one at a time and many at once, in genome order, exact when spelled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.genome.region import CHROMOSOME_NUMBER, CHROMOSOMES
from bedside.genome.texts import Texts
from bedside.genome.variant import Variant, parse_variant, place_of, snv_keys, variant_keys

ALLELES = st.one_of(st.text("ACGT", min_size=1, max_size=6), st.text("ACGTN", min_size=1, max_size=60))
VARIANTS = st.builds(
    lambda chromosome, position, alleles: (chromosome, position, *alleles),
    st.sampled_from(CHROMOSOMES),
    st.integers(1, (1 << 28) - 1),
    st.tuples(ALLELES, ALLELES).filter(lambda pair: pair[0] != pair[1]),
).map(lambda parts: Variant(*parts))


def keys_of(variants: list[Variant]) -> list[int]:
    """Keys computed all at once."""
    found = variant_keys(
        np.array([CHROMOSOME_NUMBER[one.chromosome] for one in variants], np.int8),
        np.array([one.position for one in variants], np.int64),
        Texts.of(one.reference for one in variants),
        Texts.of(one.alternate for one in variants),
    )
    return [int(key) for key in found]


@given(st.lists(VARIANTS, min_size=1, max_size=30))
def test_many_keys_at_once_are_the_keys_of_each(variants: list[Variant]) -> None:
    assert keys_of(variants) == [variant.key for variant in variants]


@given(st.lists(VARIANTS, min_size=2, max_size=2))
def test_keys_sort_as_the_genome_does(variants: list[Variant]) -> None:
    first, second = sorted(variants, key=lambda one: (CHROMOSOME_NUMBER[one.chromosome], one.position))
    places = [(CHROMOSOME_NUMBER[one.chromosome], one.position) for one in (first, second)]
    assert (first.key < second.key) or places[0] == places[1]


@given(VARIANTS)
def test_a_key_is_positive_and_tells_its_place(variant: Variant) -> None:
    assert 0 < variant.key < 1 << 63
    assert place_of(variant.key) == (variant.chromosome, variant.position)


@given(VARIANTS, VARIANTS)
def test_short_alleles_never_share_a_key(first: Variant, second: Variant) -> None:
    spelled = [len(one.reference + one.alternate) <= 10 and "N" not in one.reference + one.alternate
               for one in (first, second)]  # fmt: skip
    if all(spelled):
        assert (first.key == second.key) == (first == second)


def test_single_bases_have_the_same_key_by_either_way() -> None:
    bases = np.frombuffer(b"ACGT", np.uint8)
    reference, alternate = np.repeat(bases, 4), np.tile(bases, 4)
    differ = reference != alternate
    chromosome, position = np.full(12, 13, np.int8), np.arange(12) + 32_315_086
    variants = [
        Variant("chr13", place, chr(one), chr(other))
        for place, one, other in zip(position.tolist(), reference[differ], alternate[differ], strict=True)
    ]
    fast = snv_keys(chromosome, position, reference[differ], alternate[differ])
    assert fast.tolist() == keys_of(variants) == [variant.key for variant in variants]


def test_no_variant_has_no_key() -> None:
    empty = np.zeros(0, np.int64)
    assert variant_keys(empty, empty, Texts.of(()), Texts.of(())).tolist() == []


def test_the_key_of_a_published_variant_is_written_down_for_all_time() -> None:
    assert parse_variant("chr17-43045682-T-TG").key == 4946136343704993792


@pytest.mark.parametrize(
    "text", ["chr17-43045682-T", "chr23-5-A-G", "chrX-0-A-G", "chrX-5-A-A", "chrX-5-A-<DEL>"]
)
def test_what_is_no_variant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_variant(text)
