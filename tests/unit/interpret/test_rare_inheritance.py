"""Rules of inheritance as they are published, one by one, and phase against every family that could be."""

from __future__ import annotations

from itertools import product

import pytest

from bedside.genome.person import Sex
from bedside.genome.rare_fit import Doubt, Excluded, Fit, Mode, Standing
from bedside.genome.rare_variant import Affected, Call, Frequency, FrequencyState, Place, RareFamily
from bedside.interpret.rare_inheritance import gene_fits, in_trans
from bedside.knowledge.rare_variants import load_rare_policy
from tests.made_up_variants import CHILD, called, family, variant

LIMITS = load_rare_policy().limits
DOMINANT, RECESSIVE = frozenset({Mode.DOMINANT}), frozenset({Mode.RECESSIVE})
X = frozenset({Mode.X_LINKED})


def only(fits: tuple[Fit, ...]) -> Fit:
    (one,) = fits
    return one


def why(found: tuple[tuple[Fit, ...], object], name: str = "chr1-100-A-G") -> tuple[Excluded, ...]:
    fits, reasons = found
    assert fits == ()
    return reasons[name]  # type: ignore[index,no-any-return]


def test_new_when_neither_parent_has_it() -> None:
    one = variant(child=called(1), mother=called(0), father=called(0))
    fit = only(gene_fits([one], family(), DOMINANT, LIMITS)[0])
    assert (fit.standing, fit.doubts) == (Standing.DE_NOVO, ())


@pytest.mark.parametrize(
    ("mother", "father", "standing", "doubts"),
    [
        (called(0), Call(), Standing.DE_NOVO_ONE_PARENT, {Doubt.ONE_PARENT_NOT_TESTED}),
        (Call(), Call(), Standing.ORIGIN_UNKNOWN, {Doubt.PARENTS_NOT_TESTED}),
        (
            called(0),
            called(None),
            Standing.DE_NOVO_ONE_PARENT,
            {Doubt.PARENT_CALL_UNUSABLE, Doubt.ONE_PARENT_NOT_TESTED},
        ),
    ],
)
def test_never_new_without_both_parents(
    mother: Call, father: Call, standing: Standing, doubts: set[Doubt]
) -> None:
    one = variant(child=called(1), mother=mother, father=father)
    fit = only(gene_fits([one], family(), DOMINANT, LIMITS)[0])
    assert (fit.standing, set(fit.doubts)) == (standing, doubts)


def test_a_healthy_parent_with_it_speaks_against_a_dominant_disease() -> None:
    one = variant(child=called(1), mother=called(1), father=called(0))
    assert why(gene_fits([one], family(), DOMINANT, LIMITS)) == (Excluded.HEALTHY_CARRIER,)
    ill = gene_fits([one], family(mother=Affected.YES), DOMINANT, LIMITS)[0]
    assert only(ill).standing is Standing.FROM_AFFECTED
    unsaid = only(gene_fits([one], family(mother=Affected.UNKNOWN), DOMINANT, LIMITS)[0])
    assert (unsaid.standing, unsaid.doubts) == (Standing.ORIGIN_UNKNOWN, (Doubt.AFFECTED_NOT_KNOWN,))


def test_an_affected_sister_without_it_speaks_against_it() -> None:
    one = variant(child=called(1), mother=called(0), father=called(0), sister=called(0))
    found = gene_fits([one], family(sister=Affected.YES), DOMINANT, LIMITS)
    assert why(found) == (Excluded.AFFECTED_LACKS,)


def test_one_copy_is_not_enough_for_a_recessive_disease() -> None:
    one = variant(child=called(1), mother=called(1), father=called(0))
    assert why(gene_fits([one], family(), RECESSIVE, LIMITS)) == (Excluded.ONE_COPY_ONLY,)


def test_two_copies_come_from_both_parents_or_not_at_all() -> None:
    one = variant(child=called(2), mother=called(1), father=called(1))
    assert only(gene_fits([one], family(), RECESSIVE, LIMITS)[0]).standing is Standing.HOMOZYGOUS
    odd = variant(child=called(2), mother=called(1), father=called(0))
    assert why(gene_fits([odd], family(), RECESSIVE, LIMITS)) == (Excluded.CONTRADICTS_PARENTS,)
    healthy = variant(child=called(2), mother=called(2), father=called(1))
    assert why(gene_fits([healthy], family(), RECESSIVE, LIMITS)) == (Excluded.HEALTHY_CARRIER,)


def test_a_common_variant_is_too_common_for_a_dominant_disease_only() -> None:
    seen = Frequency(FrequencyState.GIVEN, 0.004, "gnomAD", "v4.1")
    one = variant(frequency=seen, child=called(1), mother=called(0), father=called(0))
    assert why(gene_fits([one], family(), DOMINANT, LIMITS)) == (Excluded.TOO_COMMON,)
    two = variant(frequency=seen, child=called(2), mother=called(1), father=called(1))
    assert only(gene_fits([two], family(), RECESSIVE, LIMITS)[0]).mode is Mode.RECESSIVE


@pytest.mark.parametrize(("mother", "standing"), [(1, Standing.HEMIZYGOUS), (0, Standing.DE_NOVO)])
def test_a_boy_has_his_x_from_his_mother(mother: int, standing: Standing) -> None:
    one = variant(place=Place.X, child=called(1, 1), mother=called(mother), father=called(0, 1))
    assert only(gene_fits([one], family(Sex.MALE), X, LIMITS)[0]).standing is standing


def test_on_x_a_healthy_father_with_it_speaks_against_it_and_a_healthy_mother_does_not() -> None:
    one = variant(place=Place.X, child=called(1, 1), mother=called(1), father=called(1, 1))
    assert why(gene_fits([one], family(Sex.MALE), X, LIMITS)) == (Excluded.HEALTHY_CARRIER,)
    girl = variant(place=Place.X, child=called(1), mother=called(1), father=called(0, 1))
    assert only(gene_fits([girl], family(), X, LIMITS)[0]).standing is Standing.X_HETEROZYGOUS


def test_a_boy_with_two_alleles_on_x_has_a_bad_call() -> None:
    one = variant(place=Place.X, child=called(1), mother=called(1), father=called(0, 1))
    assert why(gene_fits([one], family(Sex.MALE), X, LIMITS)) == (Excluded.LOW_QUALITY,)


def test_mitochondria_come_from_the_mother() -> None:
    one = variant(place=Place.MITOCHONDRION, child=called(1, 1), mother=called(1, 1), father=called(0, 1))
    fit = only(gene_fits([one], family(), None, LIMITS)[0])
    assert (fit.mode, fit.standing) == (Mode.MITOCHONDRIAL, Standing.MITOCHONDRIAL)


def pair(first: tuple[int | None, ...], second: tuple[int | None, ...], **phase: Call) -> list:  # type: ignore[type-arg]
    names = ("mother", "father")
    a, b = (
        {CHILD: called(1), **{n: called(c) for n, c in zip(names, copies, strict=True)}}
        for copies in (first, second)
    )
    return [variant("chr1-100-A-G", **a), variant("chr1-900-C-T", **b)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((1, 0), (0, 1), Standing.IN_TRANS),
        ((1, 0), (1, 0), Excluded.IN_CIS),
        ((1, 0), (1, 1), Standing.PHASE_UNKNOWN),
        ((0, 0), (1, 0), Standing.PHASE_UNKNOWN),
        ((None, None), (None, None), Standing.PHASE_UNKNOWN),
    ],
)
def test_two_variants_by_the_parents(
    first: tuple[int | None, ...], second: tuple[int | None, ...], expected: Standing | Excluded
) -> None:
    fits, reasons = gene_fits(pair(first, second), family(), RECESSIVE, LIMITS)
    if isinstance(expected, Excluded):
        assert (fits == () and set(reasons.values()) == {(expected, Excluded.ONE_COPY_ONLY)}) or all(
            expected in each for each in reasons.values()
        )
    else:
        found = only(fits)
        assert found.standing is expected
        assert (Doubt.PHASE_UNKNOWN in found.doubts) is (expected is Standing.PHASE_UNKNOWN)


def test_reads_tell_the_phase_and_are_not_believed_against_the_parents() -> None:
    def phased(strands: tuple[int, int], parents: tuple[Call, Call]) -> bool | None:
        both = [
            variant(f"chr1-{n}-A-G", child=called(1, 2, "chr1:7", strand), mother=p, father=q)
            for n, strand, p, q in zip((1, 2), strands, parents, reversed(parents), strict=True)
        ]
        return in_trans(both[0], both[1], family())

    unknown = (Call(), Call())
    assert phased((1, 2), unknown) is True
    assert phased((1, 1), unknown) is False
    assert phased((1, 1), (called(1), called(0))) is None


def test_a_healthy_sister_with_both_variants_speaks_against_them() -> None:
    both = [
        variant("chr1-1-A-G", child=called(1), mother=called(1), father=called(0), sister=called(1)),
        variant("chr1-2-A-G", child=called(1), mother=called(0), father=called(1), sister=called(1)),
    ]
    fits, reasons = gene_fits(both, family(sister=Affected.NO), RECESSIVE, LIMITS)
    assert fits == ()
    assert all(Excluded.HEALTHY_CARRIER in each for each in reasons.values())


HAPLOTYPES = tuple(product((0, 1), repeat=2))
"""The two sites on one copy of a gene."""


def possible_phases(mother: tuple[int | None, ...], father: tuple[int | None, ...]) -> set[bool]:
    """By trying every pair of parents: whether the child's two single copies can be in trans, in cis."""
    found = set()
    for a, b, c, d in product(HAPLOTYPES, repeat=4):
        dam, sire = (a, b), (c, d)
        fits_dam = all(known in (None, dam[0][i] + dam[1][i]) for i, known in enumerate(mother))
        fits_sire = all(known in (None, sire[0][i] + sire[1][i]) for i, known in enumerate(father))
        if not (fits_dam and fits_sire):
            continue
        for egg, sperm in product(dam, sire):
            if all(egg[i] + sperm[i] == 1 for i in range(2)):
                found.add(egg[0] != egg[1])
    return found


def test_phase_is_what_every_possible_family_says() -> None:
    copies = (None, 0, 1, 2)
    seen = 0
    for m1, m2, f1, f2 in product(copies, repeat=4):
        possible = possible_phases((m1, m2), (f1, f2))
        if not possible:
            continue  # new mutations or wrong samples: other rules
        seen += 1
        pairs = pair((m1, f1), (m2, f2))
        said = in_trans(pairs[0], pairs[1], RareFamily(CHILD, family().pedigree, {}, frozenset()))
        # in trans, the mother's copy has one of the two and not the other
        assert said == (possible.pop() if len(possible) == 1 else None), (m1, m2, f1, f2)
    assert seen > 150


def test_homozygous_against_every_possible_family() -> None:
    for mother, father, child in product((0, 1, 2), repeat=3):
        possible = {a + b for a in {mother > 1, mother > 0} for b in {father > 1, father > 0}}
        one = variant(child=called(child), mother=called(mother), father=called(father))
        unsaid = family(mother=Affected.UNKNOWN, father=Affected.UNKNOWN)
        if child == 2:
            fits, reasons = gene_fits([one], unsaid, RECESSIVE, LIMITS)
            assert bool(fits) is (2 in possible)
            assert bool(reasons) is (2 not in possible)
