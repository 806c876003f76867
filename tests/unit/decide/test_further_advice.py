"""What the guideline says beyond its action reaches the prescriber, or the text says that there is more."""

from __future__ import annotations

from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import Action
from tests.unit.decide.people import called, pack, rules


def advice(drug: str, *calls: GeneCall) -> Recommendation:
    """The first advice on the drug for somebody with these genes."""
    (one, *_) = recommend(pack(), rules().phrases, {call.gene: call for call in calls}, pack().drugs[drug])
    assert isinstance(one, Recommendation)
    return one


def test_an_intermediate_metabolizer_on_escitalopram_is_titrated_slowly_to_a_lower_dose() -> None:
    one = advice("escitalopram", called("CYP2C19", "Intermediate Metabolizer"))
    assert one.summary == (
        "Escitalopram: usual starting dose and more advice (CYP2C19 intermediate metabolizer)"
    )
    assert one.text.startswith(
        "Start escitalopram at the usual dose. Raise the dose more slowly than usual. "
        "Expect a lower maintenance dose than usual."
    )


def test_a_rapid_metabolizer_with_helicobacter_hears_of_the_higher_dose_of_omeprazole() -> None:
    one = advice("omeprazole", called("CYP2C19", "Rapid Metabolizer"))
    assert "For Helicobacter pylori and for erosive oesophagitis" in one.text
    assert "adjust omeprazole as usual" not in one.text


def test_a_poor_metabolizer_with_leukaemia_gets_mercaptopurine_three_times_a_week() -> None:
    one = advice("mercaptopurine", called("TPMT", "Poor Metabolizer"), called("NUDT15", "Normal Metabolizer"))
    assert "about 10% of the usual starting dose" in one.text
    assert "three times a week instead of every day" in one.text


def test_a_normal_metabolizer_still_starts_and_adjusts_escitalopram_as_usual() -> None:
    one = advice("escitalopram", called("CYP2C19", "Normal Metabolizer"))
    assert one.text.startswith("Start and adjust escitalopram as usual. CYP2C19")


def test_no_row_that_says_more_reads_as_if_it_said_nothing() -> None:
    phrases = rules().phrases
    for rows in pack().guidance.values():
        for row in rows:
            assert all(code in phrases.further for code in row.further), row.guidance_id
            plain = phrases.actions[row.action].sentence
            if row.action is Action.STANDARD_DOSING and row.qualified:
                assert phrases.actions[row.action].sentence_of(row.qualified) != plain


def test_a_rapid_acetylator_hears_where_hydralazine_starts() -> None:
    one = advice("hydralazine", called("NAT2", "Rapid Metabolizer"))
    assert "Start with a total of at least 75 mg a day." in one.text


def test_simvastatin_that_is_needed_all_the_same_stays_below_the_limit() -> None:
    one = advice("simvastatin", called("SLCO1B1", "Decreased Function"))
    assert one.action is Action.AVOID_USE_ALTERNATIVE
    assert "If it has to be used: less than 20 mg a day." in one.text
