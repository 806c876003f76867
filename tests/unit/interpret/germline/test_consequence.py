"""What a variant does to a transcript, with the sequence at hand and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import NO_BASES
from bedside.interpret.germline.consequence import Term, Undetermined, consequence
from tests.unit.interpret.germline.genes import FIRST, coded, protein, reader, sequence, swap, transcript

FORWARD = sequence(True, 1)


def terms(variant: Variant, forward: bool = True, known: bool = False) -> tuple[Term, ...]:
    bases = reader(sequence(forward, 1)) if known else NO_BASES
    return consequence(variant, transcript(forward), bases).terms


@pytest.mark.parametrize(
    ("position", "forward", "expected"),
    [
        (1_111, True, (Term.SPLICE_DONOR, Term.INTRON)),
        (1_112, True, (Term.SPLICE_DONOR, Term.INTRON)),
        (1_113, True, (Term.SPLICE_REGION, Term.INTRON)),
        (1_150, True, (Term.INTRON,)),
        (1_200, True, (Term.SPLICE_ACCEPTOR, Term.INTRON)),
        (1_111, False, (Term.SPLICE_ACCEPTOR, Term.INTRON)),
        (1_199, False, (Term.SPLICE_DONOR, Term.INTRON)),
        (1_020, True, (Term.UTR_5,)),
        (1_020, False, (Term.UTR_3,)),
        (1_600, True, (Term.UTR_3,)),
        (1_600, False, (Term.UTR_5,)),
    ],
)
def test_places_need_no_sequence(position: int, forward: bool, expected: tuple[Term, ...]) -> None:
    variant = Variant("chr1", position, "N", "A")
    assert terms(variant, forward) == expected


def test_a_shift_of_the_frame_needs_no_sequence() -> None:
    assert terms(Variant("chr1", 1_240, "NN", "N")) == (Term.FRAMESHIFT,)


def test_whole_codons_lost_need_no_sequence_but_part_of_two_codons_does() -> None:
    """The second exon begins with the first base of codon 21."""
    whole = consequence(Variant("chr1", 1_206, "GACT", "G"), transcript(True), NO_BASES)
    part = consequence(Variant("chr1", 1_207, "GACT", "G"), transcript(True), NO_BASES)
    assert (whole.terms, whole.undetermined) == ((Term.INFRAME_DELETION,), None)
    assert (part.terms, part.undetermined) == ((Term.CODING,), Undetermined.NO_SEQUENCE)


def test_a_single_base_without_sequence_is_not_known_and_not_harmless() -> None:
    what = consequence(Variant("chr1", 1_240, "N", "A"), transcript(True), NO_BASES)
    assert (what.terms, what.undetermined, what.truncating) == (
        (Term.CODING,),
        Undetermined.NO_SEQUENCE,
        None,
    )


def test_a_variant_of_another_place_says_nothing() -> None:
    what = consequence(Variant("chr2", 1_240, "A", "C"), transcript(True), NO_BASES)
    assert (what.terms, what.undetermined) == ((), Undetermined.OUTSIDE)


def test_a_reference_allele_that_is_not_the_reference_is_refused() -> None:
    base = "A" if FORWARD[239] != "A" else "C"
    wrong = Variant("chr1", 1_240, base, "T" if base != "T" else "G")
    what = consequence(wrong, transcript(True), reader(FORWARD))
    assert (what.terms, what.undetermined) == ((), Undetermined.REFERENCE_DIFFERS)


def at_the_second_exon(edge: str) -> str:
    """The made-up sequence with these bases around the start of the second exon (`|` is the junction)."""
    left, right = edge.split("|")
    start = 1_201 - FIRST - len(left)
    return FORWARD[:start] + left + right + FORWARD[start + len(left + right) :]


def test_a_lost_base_that_stands_beside_the_splice_site_too_is_a_shift_of_the_frame() -> None:
    """Of AG|GC one G is lost: AG still ends the intron, whichever G the file takes away."""
    text = at_the_second_exon("CCAG|GCAT")
    taken = Variant("chr1", 1_199, "AG", "A")
    assert consequence(taken, transcript(True), reader(text)).terms == (
        Term.FRAMESHIFT,
        Term.SPLICE_REGION,
    )
    assert Term.SPLICE_ACCEPTOR in consequence(taken, transcript(True), NO_BASES).terms


def test_a_change_in_the_intron_that_may_spare_the_splice_site_is_not_known() -> None:
    """Of CAGCAG|T three bases are lost: CAG still ends the intron."""
    text = at_the_second_exon("TCAGCAG|TCAT")
    taken = Variant("chr1", 1_197, "GCAG", "G")
    what = consequence(taken, transcript(True), reader(text))
    assert (what.undetermined, what.truncating) == (Undetermined.PLACEMENT, None)


def test_a_lost_splice_site_is_lost_when_no_other_place_spares_it() -> None:
    text = at_the_second_exon("CCAG|TCAT")
    taken = Variant("chr1", 1_199, "AG", "A")
    assert Term.SPLICE_ACCEPTOR in consequence(taken, transcript(True), reader(text)).terms


@pytest.mark.parametrize("forward", [True, False])
def test_a_change_of_the_first_codon_loses_the_start(forward: bool) -> None:
    position = 1_052 if forward else 1_500
    text = sequence(forward, 1)
    here = text[position - 1_001]
    variant = swap(text, position, 1, next(base for base in "ACGT" if base != here))
    assert terms(variant, forward, known=True) == (Term.START_LOST,)


@st.composite
def changes(draw: st.DrawFn) -> tuple[bool, str, Variant]:
    """A change inside the coding part of an exon, away from its ends, the start and the stop."""
    forward = draw(st.booleans())
    text = sequence(forward, draw(st.integers(0, 9)))
    low, high = draw(st.sampled_from([(1_055, 1_100), (1_206, 1_285), (1_406, 1_490)]))
    position, length = draw(st.integers(low, high)), draw(st.integers(1, 7))
    alternate = draw(st.text("ACGT", min_size=1, max_size=8))
    reference = text[position - 1_001 : position - 1_001 + length]
    if alternate == reference:
        alternate = reference + "A"
    return forward, text, swap(text, position, length, alternate)


@given(changes())
def test_a_change_within_an_exon_says_what_translating_the_whole_gene_says(
    change: tuple[bool, str, Variant],
) -> None:
    forward, text, variant = change
    what = consequence(variant, transcript(forward), reader(text))
    old, new = protein(coded(text, forward)), protein(coded(text, forward, variant))
    found = set(what.terms) - {Term.SPLICE_REGION}
    shift = (len(variant.alternate) - len(variant.reference)) % 3
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(new))
    if old == new:
        assert found in ({Term.SYNONYMOUS}, {Term.FRAMESHIFT})
    elif shift:
        expected = Term.STOP_GAINED if new[same : same + 1] == "*" else Term.FRAMESHIFT
        assert found == {expected}
    elif len(new) != len(old) + (len(variant.alternate) - len(variant.reference)) // 3:
        assert found == {Term.STOP_GAINED}
    elif len(new) == len(old):
        assert found <= {Term.MISSENSE, Term.SYNONYMOUS}
        assert what.protein is not None
        assert what.protein.before == old[what.protein.first - 1 :][: len(what.protein.before)]
        assert what.protein.after == new[what.protein.first - 1 :][: len(what.protein.after)]
    else:
        assert found <= {
            Term.INFRAME_DELETION,
            Term.INFRAME_INSERTION,
            Term.INFRAME_INDEL,
            Term.STOP_GAINED,
        }


@given(changes())
def test_what_is_told_without_sequence_stands_with_it(change: tuple[bool, str, Variant]) -> None:
    """Losing the sequence may lose the answer, never turn it into another class of answer."""
    forward, text, variant = change
    blind = consequence(variant, transcript(forward), NO_BASES)
    seeing = consequence(variant, transcript(forward), reader(text))
    assert blind.truncating in (None, seeing.truncating)
