"""Every variant of a score is accounted for, and what was not tested is never zero copies."""

from __future__ import annotations

import numpy as np
import pytest

from bedside.interpret.polygenic_match import Looked, Outcome, match, panel_sums, sum_of
from tests.unit.interpret.polygenic_people import score_of, seen


def test_every_variant_has_one_outcome_and_only_answers_have_copies(tmp_path):
    score = score_of(
        tmp_path,
        "1\t100\tA\tG\t1.0",
        "1\t200\tA\tG\t1.0",
        "1\t300\tA\tG\t1.0",
        "1\t400\tA\tG\t1.0",
        "1\t500\tA\tG\t1.0",
        "1\t600\tA\tG\t1.0",
        "1\t700\tA\tT\t1.0",
        "1\t800\tA\tG\t1.0",
        "1\t900\tA\tG\t1.0",
        "1\t1000\tA\tG\t1.0",
        "X\t100\tA\tG\t1.0",
        "\t\tA\tG\t1.0",
        "8_KI270821v1_alt\t5\tA\tG\t1.0",
        "6\t5\tP\tN\t1.0",
        "2\t100\tAC\tA\t1.0",
        "2\t200\tAC\tA\t1.0",
    )
    person = seen(
        ("G", "A", 1),
        ("A", "G", 2),
        ("A", "", 0),
        ("G", "", 0),
        (Looked.NOT_TESTED,),
        (Looked.NOT_CALLABLE,),
        ("A", "T", 1),
        ("G", "C", 1),
        ("G", "A", 1, "T"),
        ("", "", 0),
        ("G", "A", 1),
        (Looked.NOT_TESTED,),
        (Looked.NOT_TESTED,),
        (Looked.NOT_TESTED,),
        ("A", "AC", 1),
        ("A", "", 0),
    )
    found = match(score, person)
    assert [
        (Outcome(one), copies) for one, copies in zip(found.outcome, found.copies.tolist(), strict=True)
    ] == [
        (Outcome.CARRIED, 1),
        (Outcome.CARRIED, 0),
        (Outcome.REFERENCE_SEEN, 2),
        (Outcome.REFERENCE_SEEN, 0),
        (Outcome.NOT_TESTED, -1),
        (Outcome.NOT_CALLABLE, -1),
        (Outcome.AMBIGUOUS, -1),
        (Outcome.OTHER_ALLELES, -1),
        (Outcome.SEVERAL_ALLELES, -1),
        (Outcome.REFERENCE_UNKNOWN, -1),
        (Outcome.NOT_AUTOSOMAL, -1),
        (Outcome.NO_PLACE, -1),
        (Outcome.OTHER_CONTIG, -1),
        (Outcome.NO_BASES, -1),
        (Outcome.CARRIED, 1),
        (Outcome.REFERENCE_UNKNOWN, -1),
    ]
    assert sum(found.counts.values()) == len(score)
    assert (found.share, sum_of(score, found)) == (5 / 16, 4.0)


def test_a_reference_allele_that_the_score_does_not_name_is_no_zero(tmp_path):
    score = score_of(tmp_path, "1\t100\tA\tG\t1.0", "1\t200\tA\t\t1.0")
    found = match(score, seen(("C", "", 0), ("C", "", 0)))
    assert found.outcome.tolist() == [Outcome.OTHER_ALLELES, Outcome.REFERENCE_SEEN]
    assert found.copies.tolist() == [-1, 0]


def test_dominant_and_recessive_effects_and_dosages_add_as_they_say(tmp_path, shared):
    from bedside.knowledge.scoring_file import read_scoring_file

    score = read_scoring_file(shared / "prs" / "scorefile_dominant_and_recessive.txt")
    dominant, recessive, additive = score.weights[:3].tolist()
    assert dominant == [0.0, 0.01045457, 0.01045457]
    assert recessive == [0.0, 0.0, 0.0001411475]
    assert additive == [0.0, 0.008166266, 0.016332532]


def test_a_panel_is_scored_on_the_persons_variants_and_never_with_a_gap(tmp_path):
    score = score_of(tmp_path, "1\t100\tA\tG\t1.0", "1\t200\tC\tT\t10.0", "1\t300\tC\tT\t100.0")
    copies = np.array([[0, 1, -1], [2, 2, 1]], np.int8)
    assert panel_sums(score, copies, np.array([True, True, False])).tolist() == [10.0, 22.0]
    with pytest.raises(ValueError, match="has no answer"):
        panel_sums(score, copies, np.array([True, True, True]))


def test_genotypes_of_another_score_are_refused(tmp_path):
    with pytest.raises(ValueError, match="one for each variant"):
        match(score_of(tmp_path, "1\t100\tA\tG\t1.0"), seen())


def test_a_score_of_one_letter_does_not_count_where_the_strand_cannot_be_told(tmp_path):
    """Effect A beside the reference T: on the other strand the reference would be the effect allele."""
    score = score_of(tmp_path, *(f"1\t{place}00\tA\t\t1.0" for place in range(1, 6)))
    found = match(score, seen(("T", "A", 1), ("A", "T", 1), ("T", "", 0), ("A", "", 0), ("G", "A", 1)))
    assert found.outcome.tolist() == [
        Outcome.AMBIGUOUS,
        Outcome.AMBIGUOUS,
        Outcome.AMBIGUOUS,
        Outcome.REFERENCE_SEEN,
        Outcome.CARRIED,
    ]
    assert found.copies.tolist() == [-1, -1, -1, 2, 1]
