"""The consequence of every BRCA1 and BRCA2 variant of a release, held against ClinVar's own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bedside.interpret.germline.coding import Bases
from bedside.interpret.germline.consequence import (
    TRUNCATING,
    Consequence,
    Term,
    Undetermined,
    consequence,
)
from tests.conformance.brca import Stated, reference, stated, transcripts

CLINVAR_START = "SO:0001582"  # initiator_codon_variant, of which a lost start is one
TRUNCATING_TERMS = {term.value for term in TRUNCATING}


@pytest.fixture(scope="module")
def told(shared: Path) -> list[tuple[Stated, Consequence]]:
    bases: Bases = reference(shared)
    known = transcripts()
    return [(one, consequence(one.variant, known[one.gene], bases)) for one in stated(shared)]


def gravest(what: Consequence) -> str:
    """ClinVar has no term for the wider splice region."""
    terms = [term for term in what.terms if term is not Term.SPLICE_REGION]
    return terms[0].value if terms else ""


def agrees(one: Stated, what: Consequence) -> bool:
    terms = one.terms | ({Term.START_LOST.value} if CLINVAR_START in one.terms else set())
    return gravest(what) in terms


def test_every_reference_allele_inside_the_sequence_matches_it(
    told: list[tuple[Stated, Consequence]],
) -> None:
    differing = [
        one.variation_id for one, what in told if what.undetermined is Undetermined.REFERENCE_DIFFERS
    ]
    assert (len(told) > 35_000, differing) == (True, [])


def test_single_base_changes_agree_with_clinvar_but_for_listed_classes(
    told: list[tuple[Stated, Consequence]],
) -> None:
    """27,348 changes; hereditary research measured 99.88 %, and 99.8 % is asked for."""
    singles = [(one, what) for one, what in told if one.single]
    classes = Counter(
        "outside the MANE transcript"
        if what.undetermined is Undetermined.OUTSIDE
        else "the stop codon stays, called synonymous"
        if Term.STOP_RETAINED in what.terms
        else f"other: {one.variant}"
        for one, what in singles
        if not agrees(one, what)
    )
    assert len(singles) >= 23_237
    assert 1 - classes.total() / len(singles) >= 0.998
    assert classes == {"outside the MANE transcript": 13, "the stop codon stays, called synonymous": 2}


def test_insertions_and_deletions_agree_on_whether_the_product_is_cut_short(
    told: list[tuple[Stated, Consequence]],
) -> None:
    """The name of the term differs more often (equivalent places, other transcripts, a stop that is also a
    shift). A change that may spare a splice site is told as not known."""
    longer = [(one, what) for one, what in told if not one.single and what.terms]
    sure = [(one, what) for one, what in longer if what.truncating is not None]
    same_term = sum(agrees(one, what) for one, what in longer) / len(longer)
    same_loss = sum(what.truncating == bool(one.terms & TRUNCATING_TERMS) for one, what in sure) / len(sure)
    assert (len(longer) - len(sure), same_term > 0.965, same_loss > 0.99) == (14, True, True)
