"""Current drugs that inhibit an enzyme: worked cases, and that inhibition never makes anybody metabolise
faster.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.decide.consider import consider
from bedside.decide.phenoconversion import convert, score_ladder, score_of
from bedside.interpret.gene_call import CallStatus
from bedside.knowledge.inhibitors import Inhibitor, Inhibitors, Method, Potency
from bedside.knowledge.pgx import Drug
from tests.unit.decide.people import called, moment, pack, rules, unknown

CYP2D6_SCORES = tuple(key for _, key, _ in score_ladder(pack(), "CYP2D6"))
LADDER = rules().inhibitors.enzymes["CYP2C19"].ladder


MODERATE = "a moderate inhibitor"
"""The shipped list has no moderate inhibitor of CYP2C19; a site's own may have."""


@cache
def inhibitors() -> Inhibitors:
    own = Inhibitor("CYP2C19", Potency.MODERATE, MODERATE, MODERATE)
    return replace(rules().inhibitors, by_rxnorm={**rules().inhibitors.by_rxnorm, MODERATE: (own,)})


def drug(name: str) -> Drug:
    if name == MODERATE:
        return Drug(MODERATE, MODERATE)
    (found,) = rules().drugs.in_words(name)
    return found


def converted(gene: str, key: str, *taken: str) -> str:
    """The key that guidance is looked up with."""
    call = {gene: called(gene, key)}
    done = convert(pack(), inhibitors(), call, [drug(name) for name in taken])
    return done[0].keys[key] if done else key


@pytest.mark.parametrize(
    ("key", "taken", "expected"),
    [
        ("2.0", ("paroxetine",), "0.0"),
        ("2.0", ("bupropion",), "0.0"),
        ("1.0", ("fluoxetine",), "0.0"),
        ("2.0", ("duloxetine",), "1.0"),
        ("1.0", ("duloxetine",), "0.5"),
        ("1.5", ("mirabegron",), "0.75"),
        ("1.25", ("mirabegron",), "0.5"),
        ("2.0", ("duloxetine", "mirabegron"), "1.0"),
        ("2.0", ("duloxetine", "quinidine"), "0.0"),
        ("0.0", ("paroxetine",), "0.0"),
        ("2.0", ("sertraline",), "2.0"),
    ],
)
def test_cyp2d6_scores_under_inhibition(key: str, taken: tuple[str, ...], expected: str) -> None:
    """Strong inhibitors bring the score to 0, moderate ones halve it (PMID 34231197); a score between two of
    the
    release is taken down to the lower one."""
    assert converted("CYP2D6", key, *taken) == expected


@pytest.mark.parametrize(
    ("key", "taken", "expected"),
    [
        ("Normal Metabolizer", "fluvoxamine", "Poor Metabolizer"),
        ("Ultrarapid Metabolizer", "fluconazole", "Poor Metabolizer"),
        ("Rapid Metabolizer", MODERATE, "Normal Metabolizer"),
        ("Normal Metabolizer", MODERATE, "Intermediate Metabolizer"),
        ("Intermediate Metabolizer", MODERATE, "Poor Metabolizer"),
        ("Normal Metabolizer", "omeprazole", "Normal Metabolizer"),
    ],
)
def test_cyp2c19_steps_down_under_inhibition(key: str, taken: str, expected: str) -> None:
    assert converted("CYP2C19", key, taken) == expected


@given(
    st.sampled_from(CYP2D6_SCORES), st.sampled_from(["paroxetine", "duloxetine", "mirabegron", "quinidine"])
)
def test_inhibition_never_raises_a_score(key: str, taken: str) -> None:
    before, after = score_of(key), score_of(converted("CYP2D6", key, taken))
    assert before is not None
    assert after is not None
    assert after <= before


@given(
    st.sampled_from(CYP2D6_SCORES),
    st.sampled_from(CYP2D6_SCORES),
    st.sampled_from(["paroxetine", "duloxetine"]),
)
def test_whoever_metabolises_no_faster_before_does_not_after(one: str, other: str, taken: str) -> None:
    before = [score_of(one) or 0.0, score_of(other) or 0.0]
    after = [score_of(converted("CYP2D6", key, taken)) or 0.0 for key in (one, other)]
    assert before != sorted(before) or after == sorted(after)


@given(
    st.integers(0, len(LADDER) - 1),
    st.integers(0, len(LADDER) - 1),
    st.sampled_from([MODERATE, "fluvoxamine"]),
)
def test_cyp2c19_keeps_the_order_of_people(one: int, other: int, taken: str) -> None:
    first, second = sorted((one, other))
    after = [LADDER.index(converted("CYP2C19", LADDER[place], taken)) for place in (first, second)]
    assert after == sorted(after)
    assert after[0] >= first


@pytest.mark.parametrize("status", [CallStatus.NOT_TESTED, CallStatus.NO_CALL, CallStatus.INDETERMINATE])
def test_an_unknown_gene_stays_unknown_under_inhibition(status: CallStatus) -> None:
    calls = {"CYP2D6": unknown("CYP2D6", status)}
    assert convert(pack(), rules().inhibitors, calls, [drug("paroxetine")]) == ()


def test_a_drug_does_not_convert_the_guidance_about_itself() -> None:
    normal = {"CYP2D6": called("CYP2D6", "2.0")}
    considered = consider(rules(), normal, drug("paroxetine"), moment("paroxetine"))
    assert considered.conversions == ()
    assert considered.severity == 0


def test_codeine_for_a_normal_metabolizer_on_paroxetine_is_codeine_for_a_poor_one_and_says_why() -> None:
    normal = {"CYP2D6": called("CYP2D6", "2.0", diplotype="*1/*1")}
    (alone,) = consider(rules(), normal, drug("codeine"), moment("codeine")).recommendations
    (inhibited,) = consider(
        rules(), normal, drug("codeine"), moment("codeine", taken=("Paxil",))
    ).recommendations
    assert alone.summary == "Codeine: usual dose (CYP2D6 normal metabolizer)"
    assert inhibited.summary == "Codeine: avoid; choose another drug (CYP2D6 poor metabolizer)"
    assert inhibited.why == (
        "CYP2D6 *1/*1 acts as poor metabolizer while taking paroxetine (genotype alone: normal metabolizer)"
    )
    assert inhibited.basis[0].converted_by == ("paroxetine",)


def test_every_model_says_what_it_rests_on() -> None:
    enzymes = rules().inhibitors.enzymes
    assert {gene: enzyme.method for gene, enzyme in enzymes.items()} == {
        "CYP2D6": Method.ACTIVITY_SCORE,
        "CYP2C19": Method.STEP_DOWN,
    }
    assert [gene for gene, enzyme in enzymes.items() if not (enzyme.model and enzyme.pmids)] == []
    assert "not a guideline" in enzymes["CYP2C19"].model


@given(st.data())
def test_no_inhibitor_makes_advice_less_urgent_than_the_genotype_alone(data: st.DataObject) -> None:
    gene = data.draw(st.sampled_from(["CYP2D6", "CYP2C19"]))
    keys = sorted({rule.lookup_key for rule in pack().genes[gene].rules})
    drug = data.draw(st.sampled_from(sorted(n for n in pack().guidance if gene in rules().genes.get(n, ()))))
    calls = {gene: called(gene, data.draw(st.sampled_from(keys)))}
    taken = data.draw(
        st.sampled_from(["paroxetine", "duloxetine", "fluvoxamine", "fluconazole", "felbamate"])
    )
    alone = consider(rules(), calls, pack().drugs[drug], moment(drug))
    inhibited = consider(rules(), calls, pack().drugs[drug], moment(drug, taken=(taken,)))
    assert inhibited.severity >= alone.severity
