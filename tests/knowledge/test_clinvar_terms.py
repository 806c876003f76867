"""What ClinVar's words mean by the pack that ships."""

from __future__ import annotations

import pytest

from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.clinvar.terms import load_terms

TERMS = load_terms()


@pytest.mark.parametrize(
    ("raw", "classification"),
    [
        ("Pathogenic", Classification.PATHOGENIC),
        ("Pathogenic/Likely_pathogenic", Classification.LIKELY_PATHOGENIC),
        ("Pathogenic|risk_factor", Classification.PATHOGENIC),
        ("Pathogenic; risk factor", Classification.PATHOGENIC),
        ("Pathogenic,_low_penetrance", Classification.PATHOGENIC_LOW_PENETRANCE),
        # somebody says that most who carry it stay well: a person looks before it is told as the others say
        (
            "Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance",
            Classification.PATHOGENIC_LOW_PENETRANCE,
        ),
        ("Pathogenic, drug response", Classification.PATHOGENIC),
        ("Likely_pathogenic/Likely_risk_allele", Classification.LIKELY_PATHOGENIC),
        ("Uncertain_significance/Uncertain_risk_allele", Classification.UNCERTAIN),
        ("VUS-high", Classification.UNCERTAIN),
        ("VUS-mid/Uncertain_significance", Classification.UNCERTAIN),
        ("Benign/Likely_benign", Classification.LIKELY_BENIGN),
        ("Benign|not_provided", Classification.BENIGN),
        ("association|risk_factor", Classification.RISK_FACTOR),
        ("no_classifications_from_unflagged_records", Classification.NOT_PROVIDED),
        ("no_classification_for_the_single_variant", Classification.NOT_PROVIDED),
        ("confers_sensitivity", Classification.DRUG_RESPONSE),
    ],
)
def test_words_mean_their_class(raw: str, classification: Classification) -> None:
    assert TERMS.classify(raw) is classification


@pytest.mark.parametrize(
    "raw",
    [
        "Conflicting_classifications_of_pathogenicity",
        "Conflicting_interpretations_of_pathogenicity",
        "Conflicting_classifications_of_pathogenicity|association|risk_factor",
    ],
)
def test_conflicting_classifications_of_pathogenicity_are_not_pathogenic(raw: str) -> None:
    found = TERMS.classify(raw)
    assert found is Classification.CONFLICTING
    assert found.bucket is Bucket.CONFLICT


@pytest.mark.parametrize(
    "raw",
    [
        "Benign|Pathogenic|association|risk_factor",
        "Likely_pathogenic|Uncertain_significance",
        "Benign|Uncertain_significance|not_provided",
    ],
)
def test_classes_that_contradict_one_another_are_a_conflict(raw: str) -> None:
    assert TERMS.classify(raw) is Classification.CONFLICTING


@pytest.mark.parametrize("raw", ["Probably_pathogenic", "Pathogenic|novelty", "", "pathogenicity"])
def test_a_word_that_nobody_entered_has_no_class(raw: str) -> None:
    assert TERMS.classify(raw) is None


@pytest.mark.parametrize(
    ("codes", "classification"),
    [
        ("5", Classification.PATHOGENIC),
        ("255", Classification.OTHER),
        ("5|255", Classification.PATHOGENIC),
        ("5|3", Classification.CONFLICTING),
        ("1|0", Classification.UNCERTAIN),
        ("9", None),
    ],
)
def test_numbers_of_the_older_layouts(codes: str, classification: Classification | None) -> None:
    assert TERMS.classify_codes(codes) is classification


@pytest.mark.parametrize(
    ("status", "stars"),
    [
        ("practice_guideline", 4),
        ("reviewed_by_expert_panel", 3),
        ("criteria_provided,_multiple_submitters,_no_conflicts", 2),
        ("criteria_provided|multiple_submitters|no_conflicts", 2),
        ("criteria_provided..single_submitter", 1),
        ("criteria provided, conflicting classifications", 1),
        ("criteria_provided,_conflicting_interpretations", 1),
        ("no_assertion_criteria_provided", 0),
        ("no_classification_provided", 0),
        ("criteria provided, many submitters", None),
    ],
)
def test_stars_of_a_review_status_in_each_spelling(status: str, stars: int | None) -> None:
    assert TERMS.stars(status) == stars
