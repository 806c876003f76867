"""Trials: what a person meets, the one thing in the way, and nothing said of trials that may have closed."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bedside.errors import IntakeError
from bedside.genome.answer import Answer
from bedside.genome.locus import Build
from bedside.genome.tumour import Aspect, Effect, Marker, Scope, SmallVariant, Tumour
from bedside.interpret.tumour.place import located
from bedside.interpret.tumour.trial_match import Patient, match_trials
from bedside.knowledge.oncotree import load_oncotree
from bedside.knowledge.trials import criterion_of, read_trials, refuse_stale
from bedside.knowledge.tumour_genes import load_tumour_genes

TREE, GENES = load_oncotree(), load_tumour_genes().by_name
H1047R = located(
    SmallVariant(
        "PIK3CA", Effect.NOT_KNOWN, Build.GRCH37, "chr3", 178952085, 178952085, "A", "G", written="p.H1047R"
    ),
    GENES["PIK3CA"],
)
PANEL = Scope({Aspect.SMALL: frozenset({"PIK3CA", "KRAS", "BRAF"})})
MUTATED = {"genomic": {"hugo_symbol": "PIK3CA", "variant_category": "Mutation"}}
ADULT = {"clinical": {"age_numerical": ">=18", "oncotree_primary_diagnosis": "Invasive Breast Carcinoma"}}


def judged(tmp_path, match, *, age: float | None = 52, tumour: str = "IDC", findings=(H1047R,), **trial):
    document = {
        "nct_id": "NCT1", "status": "Open to Accrual", "_updated": "2026-11-01",
        "treatment_list": {"step": [{"step_code": "1", "arm": [{"arm_code": "A", "match": match}]}]}, **trial,
    }  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps(document))
    trials = read_trials(tmp_path)
    sample = Tumour("s", tumour, findings, PANEL)
    (found,) = match_trials(trials, TREE, sample, Patient(age), lambda v, a: Answer.UNDETERMINED)
    return found


@pytest.mark.parametrize(
    ("match", "answer", "blocking"),
    [
        ([{"and": [MUTATED, ADULT]}], Answer.YES, ""),
        ([{"and": [{"genomic": {"hugo_symbol": "KRAS", "variant_category": "Mutation"}}, ADULT]}],
         Answer.NO, "KRAS"),
        ([{"and": [{"genomic": {"hugo_symbol": "KRAS", "variant_category": "!Mutation"}}, ADULT]}],
         Answer.YES, ""),
        ([{"and": [{"genomic": {"hugo_symbol": "TP53", "variant_category": "Mutation"}}, ADULT]}],
         Answer.NOT_REPORTED, "TP53"),
        ([{"genomic": {"hugo_symbol": "TP53", "variant_category": "!Mutation"}}], Answer.NOT_REPORTED,
        "TP53"), ([{"genomic": {"hugo_symbol": "PIK3CA", "variant_category": "Mutation",
                       "protein_change": "p.H1047R"}}], Answer.YES, ""),
        ([{"genomic": {"hugo_symbol": "PIK3CA", "variant_category": "Mutation",
                       "wildcard_protein_change": "p.H1047"}}], Answer.YES, ""),
        ([{"genomic": {"hugo_symbol": "PIK3CA", "variant_category": "Mutation",
                       "protein_change": "p.E545K"}}], Answer.NO, "E545K"),
        ([{"genomic": {"hugo_symbol": "PIK3CA", "variant_category": "Mutation", "phase_of_moon": "full"}}],
         Answer.UNDETERMINED, "phase_of_moon"),
        ([{"clinical": {"favourite_colour": "blue"}}], Answer.UNDETERMINED, "favourite_colour"),
        ([{"or": [{"genomic": {"hugo_symbol": "BRAF", "variant_category": "Mutation"}}, MUTATED]}],
         Answer.YES, ""),
        ([{"clinical": {"oncotree_primary_diagnosis": "_SOLID_"}}], Answer.YES, ""),
        ([{"clinical": {"oncotree_primary_diagnosis": "_LIQUID_"}}], Answer.NO, "_LIQUID_"),
        ([{"clinical": {"oncotree_primary_diagnosis": "!Invasive Breast Carcinoma"}}], Answer.NO, "Breast"),
        ([{"clinical": {"oncotree_primary_diagnosis": "No Such Carcinoma"}}], Answer.UNDETERMINED, "No Such"),
        ([{"clinical": {"er_status": "Positive"}}], Answer.NOT_REPORTED, "er_status"),
    ],
)  # fmt: skip
def test_an_arm_is_answered_with_what_is_in_the_way(tmp_path, match, answer, blocking) -> None:
    found = judged(tmp_path, match)
    assert found.answer is answer
    assert blocking in found.blocking
    assert bool(blocking) == bool(found.blocking)


def test_two_things_in_the_way_are_not_called_one(tmp_path) -> None:
    found = judged(tmp_path, [{"and": [MUTATED, ADULT]}], age=12, tumour="LUAD", findings=())
    assert (found.answer, found.blocking) == (Answer.NO, "")


def test_age_that_is_not_known_is_not_adult(tmp_path) -> None:
    assert judged(tmp_path, [{"and": [MUTATED, ADULT]}], age=None).answer is Answer.NOT_REPORTED


def test_a_closed_trial_is_a_no_that_says_so(tmp_path) -> None:
    found = judged(tmp_path, [{"and": [MUTATED, ADULT]}], status="Closed to Accrual")
    assert (found.answer, found.blocking) == (Answer.NO, "the trial is not open")


def test_microsatellites_are_asked_in_words(tmp_path) -> None:
    deficient = [{"genomic": {"mmr_status": "MMR-Deficient"}}]
    high = judged(tmp_path, deficient, findings=(Marker("msi", "high"),))
    silent = judged(tmp_path, deficient, findings=())
    assert (high.answer, silent.answer) == (Answer.YES, Answer.NOT_REPORTED)


def test_stale_and_undated_trials_are_refused_with_all_their_names(tmp_path) -> None:
    for name, updated in (("a", "2026-01-01"), ("b", None)):
        document = {"nct_id": name, "treatment_list": {"step": []}, "_updated": updated}
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    with pytest.raises(IntakeError) as refused:
        refuse_stale(read_trials(tmp_path), date(2026, 11, 26), 60)
    assert len(refused.value.problems) == 2
    refuse_stale(read_trials(tmp_path / "a.json"), date(2026, 1, 20), 60)


@pytest.mark.parametrize("wrong", [[], {}, {"nor": []}, {"genomic": {}}, "x", {"and": [{}]}])
def test_what_is_no_criterion_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        criterion_of(wrong)


def test_a_yaml_bomb_is_refused(tmp_path) -> None:
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 200)}]" for n in range(1, 9)]
    (tmp_path / "bomb.yml").write_text("nct_id: N\n" + "\n".join(levels))
    with pytest.raises(IntakeError, match="anchors"):
        read_trials(tmp_path)


def test_public_trials_are_all_read(shared) -> None:
    folder = shared / "onc" / "ctml"
    trials = read_trials(folder / "matchminer_api_tcga_trial.json")
    assert (len(trials), sum(len(one.arms) for one in trials)) == (22, 33)
    assert len(read_trials(folder / "matchengine_v2_tests" / "integration_trials")) == 8
    assert len(read_trials(folder / "matchengine_v2_tests" / "trials")) == 1
    for name in ("00-001", "00-002", "00-003"):
        assert len(read_trials(folder / f"matchminer_api_{name}.yml")) == 1
