"""Diseases are ranked by what was found, term by term, and what is not known is said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bedside.genome.case import Case, Feature, FeatureStatus
from bedside.interpret.disease_index import build_index, variant_index
from bedside.interpret.phenotype_family import series_of
from bedside.interpret.phenotype_rank import Scorer, posteriors, rank_diseases, rank_genes, rank_of
from bedside.knowledge.hpo import Hpo, Term
from bedside.knowledge.hpo_annotations import Annotation, Disease, load_ranking_parameters

PARAMETERS = load_ranking_parameters()
ROOT, NERVE, SEIZURE, FOCAL, SKIN, RASH = (f"HP:000000{n}" for n in range(1, 7))
PARENTS = {ROOT: (), NERVE: (ROOT,), SEIZURE: (NERVE,), FOCAL: (SEIZURE,), SKIN: (ROOT,), RASH: (SKIN,)}
HPO = Hpo("2024-01-01", {one: Term(one, one, up, (), ()) for one, up in PARENTS.items()}, {})
DISEASES = (
    Disease("OMIM:1", "Epilepsy 1", (Annotation(FOCAL, 9, 10, "PMID:1"),), ("AAA",)),
    Disease("OMIM:2", "Epilepsy 2", (Annotation(SEIZURE, 1, 1, "PMID:2"),), ("BBB",)),
    Disease("OMIM:3", "Rash disease", (Annotation(RASH, None, None, "PMID:3"),), ("CCC",)),
    Disease("OMIM:4", "Epilepsy 3", (), ("DDD",)),
    Disease("OMIM:5", "Nothing like it", (), ()),
)
INDEX = build_index(HPO, DISEASES, PARAMETERS)
SCORER = Scorer(INDEX)


def case(*observed: str, excluded: tuple[str, ...] = (), confirmed: bool = True) -> Case:
    found = [Feature(one, FeatureStatus.OBSERVED, confirmed, "t") for one in observed]
    found += [Feature(one, FeatureStatus.EXCLUDED, confirmed, "t") for one in excluded]
    return Case("c", features=tuple(found))


def brute(term: str, disease: Disease) -> float:
    """The weight of one term by its definition, from nothing but the rows."""

    def shown(one: Disease) -> dict[str, float]:
        up: dict[str, float] = {}
        for row in one.rows:
            n, m = row.among or 0.0, row.found or 0.0
            p = PARAMETERS.unstated
            if n:
                p = (m + PARAMETERS.prior_n * PARAMETERS.prior) / (n + PARAMETERS.prior_n)
            for above in HPO.ancestors[row.term]:
                up[above] = max(up.get(above, 0.0), p)
        return up

    described = [one for one in DISEASES if one.rows]
    best = 0.0
    for above in HPO.ancestors[term]:
        background = max(sum(shown(one).get(above, 0.0) for one in described) / len(described), 1e-4)
        ratio = shown(disease).get(above, 0.0) ** PARAMETERS.power / background
        best = max(best, ratio * (1.0 if above == term else PARAMETERS.back_off))
    return math.log((1 - PARAMETERS.floor) * best + PARAMETERS.floor)


@pytest.mark.parametrize("term", [NERVE, SEIZURE, FOCAL, SKIN, RASH])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_the_weight_of_a_term_is_what_its_definition_says(term: str, at: int) -> None:
    (one,) = SCORER.contributions(case(term), at)
    assert one.weight == pytest.approx(brute(term, DISEASES[at]), abs=1e-5)


def test_the_disease_that_shows_it_stands_first_and_says_through_what() -> None:
    described = [one.id for one in rank_diseases(SCORER, case(FOCAL), 5) if not one.borrowed]
    assert described == ["OMIM:1", "OMIM:2", "OMIM:3"]
    assert SCORER.through(FOCAL, "OMIM:1") == FOCAL
    assert SCORER.through(FOCAL, "OMIM:2") == SEIZURE
    assert SCORER.through(FOCAL, "OMIM:3") == ROOT


def test_an_undescribed_disease_borrows_and_says_so_and_one_like_nothing_is_not_ranked() -> None:
    found = {one.id: one for one in rank_diseases(SCORER, case(FOCAL), 10)}
    assert found["OMIM:4"].borrowed
    assert not found["OMIM:1"].borrowed
    assert "OMIM:5" not in found
    assert series_of("Spastic paraplegia 92, autosomal recessive") == "spastic paraplegia"


def test_nothing_unconfirmed_and_no_unknown_term_ranks() -> None:
    assert rank_diseases(SCORER, case(FOCAL, confirmed=False), 5) == ()
    assert rank_diseases(SCORER, case("HP:9999999"), 5) == ()
    assert rank_diseases(SCORER, case(), 5) == ()


def test_probabilities_add_up_to_one_and_genes_carry_all_their_diseases() -> None:
    every = rank_diseases(SCORER, case(FOCAL, RASH), 10)
    assert sum(one.posterior for one in every) == pytest.approx(1.0)
    assert [one.rank for one in every] == [1, 2, 3, 4]
    genes = rank_genes(SCORER, case(FOCAL, RASH), 10)
    assert {one.id for one in genes} == {"AAA", "BBB", "CCC", "DDD"}
    assert sum(one.posterior for one in genes) == pytest.approx(1.0)


def test_what_was_looked_for_and_is_absent_weighs_little_and_never_for_a_disease() -> None:
    with_it, without = SCORER.scores(case(RASH)), SCORER.scores(case(RASH, excluded=(SEIZURE,)))
    assert with_it is not None
    assert without is not None
    lost = with_it - without
    assert (lost >= 0).all()
    assert lost[1] > lost[2] == 0
    assert lost.max() <= PARAMETERS.excluded_most


def test_a_disease_without_its_own_paper_is_read_from_the_rest() -> None:
    two = Disease("OMIM:9", "Twice", (*DISEASES[0].rows, *DISEASES[2].rows))
    other = Scorer(variant_index(INDEX, [two, two], ["PMID:1", "PMID:none"]))
    less, whole = other.scores(case(FOCAL))  # type: ignore[misc]
    assert less < whole


def test_ties_count_half_and_infinite_scores_are_no_chance() -> None:
    assert rank_of(np.array([3.0, 3.0, 1.0, 3.0]), 3.0, 0) == 2.0
    assert posteriors(np.array([0.0, -np.inf]), 1.0).tolist() == [1.0, 0.0]
