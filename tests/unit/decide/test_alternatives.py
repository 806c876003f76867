"""A drug offered instead is never one that would bring the person an equal or worse card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.decide.alternatives import alternatives_to, worsens
from bedside.decide.consider import consider
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.pgx import Action, Lookup
from tests.examples import examples
from tests.unit.decide.people import called, moment, pack, rules, unknown

MEMBERS = sorted(
    {member.name for slot in rules().slots for member in slot.members if member.name in pack().guidance}
)
GENES = sorted({gene for name in MEMBERS for gene in rules().genes[name] if gene in pack().genes})
TAKEN = ("", "paroxetine", "fluoxetine", "duloxetine", "fluconazole", "codeine", "tamoxifen")


def keys(gene: str) -> list[str]:
    known = pack().genes[gene]
    if known.lookup is Lookup.ALLELE_PRESENCE:
        return [
            f"{allele} {answer}" for allele in known.presence_tests for answer in ("positive", "negative")
        ]
    return sorted({rule.lookup_key for rule in known.rules})


def call(gene: str) -> st.SearchStrategy[GeneCall]:
    one = st.sampled_from(keys(gene)).map(lambda key: called(gene, key))
    several = st.lists(st.sampled_from(keys(gene)), min_size=2, max_size=2, unique=True)
    lacking = st.sampled_from(list(CallStatus)[1:]).map(lambda status: unknown(gene, status))
    return st.one_of(one, one, one, several.map(lambda two: called(gene, *two)), lacking)


def people() -> st.SearchStrategy[dict[str, GeneCall]]:
    return st.fixed_dictionaries({}, optional={gene: call(gene) for gene in GENES})


@settings(max_examples=examples(150), deadline=None)
@given(people(), st.sampled_from(MEMBERS), st.sampled_from(TAKEN))
def test_no_alternative_brings_an_equal_or_worse_card(
    calls: dict[str, GeneCall], name: str, taken: str
) -> None:
    at = moment(name, taken=(taken,) if taken else ())
    ordered = consider(rules(), calls, pack().drugs[name], at)
    offered = alternatives_to(rules(), calls, ordered, at)
    for one in offered:
        switched = moment(one.drug.name, taken=(taken,) if taken else ())
        instead = consider(rules(), calls, one.drug, switched)
        assert instead.severity < ordered.severity
        assert instead.severity <= 1
        assert worsens(rules(), calls, one.drug, switched) == ()
        assert one.drug.name != name
        assert one.note
    assert ordered.severity or not offered
    assert len(offered) <= 3


def test_clopidogrel_in_a_poor_metabolizer_is_replaced_by_drugs_that_do_not_need_cyp2c19() -> None:
    calls = {"CYP2C19": called("CYP2C19", "Poor Metabolizer")}
    ordered = consider(rules(), calls, pack().drugs["clopidogrel"], moment("clopidogrel"))
    offered = alternatives_to(rules(), calls, ordered, moment("clopidogrel"))
    assert [one.drug.name for one in offered] == ["prasugrel", "ticagrelor"]


def test_a_drug_that_would_spoil_what_the_person_takes_is_not_offered() -> None:
    """Fluoxetine would turn a normal metabolizer's codeine useless."""
    calls = {"CYP2C19": called("CYP2C19", "Poor Metabolizer"), "CYP2D6": called("CYP2D6", "2.0")}
    at = moment("citalopram", taken=("codeine",))
    ordered = consider(rules(), calls, pack().drugs["citalopram"], at)
    offered = [one.drug.name for one in alternatives_to(rules(), calls, ordered, at)]
    assert offered
    assert {"paroxetine", "fluoxetine"} & set(offered) == set()


def test_an_alternative_that_could_not_be_checked_says_so() -> None:
    calls = {"CYP2C19": called("CYP2C19", "Poor Metabolizer")}
    at = moment("citalopram")
    ordered = consider(rules(), calls, pack().drugs["citalopram"], at)
    notes = {one.drug.name: one.note for one in alternatives_to(rules(), calls, ordered, at)}
    unchecked = [name for name in notes if "CYP2D6" in rules().genes.get(name, ())]
    assert [name for name in unchecked if "Not checked for want of a result: CYP2D6" not in notes[name]] == []


@pytest.mark.parametrize(
    ("drug", "calls", "offered"),
    [
        ("codeine", {"CYP2D6": "0.0"}, ["morphine", "hydromorphone", "hydrocodone"]),
        ("clopidogrel", {"CYP2C19": "Poor Metabolizer"}, ["prasugrel", "ticagrelor"]),
        ("voriconazole", {"CYP2C19": "Ultrarapid Metabolizer"}, ["posaconazole"]),
        ("ondansetron", {"CYP2D6": "≥3.0"}, ["granisetron"]),
        ("carbamazepine", {"HLA-B": "*15:02 positive"}, ["levetiracetam"]),
        ("piroxicam", {"CYP2C9": "0.0"}, ["naproxen"]),
    ],
)
def test_a_drug_that_no_guidance_ties_to_a_gene_is_offered_first(
    drug: str, calls: dict[str, str], offered: list[str]
) -> None:
    at = moment(drug)
    known = {gene: called(gene, key) for gene, key in calls.items()}
    ordered = consider(rules(), known, pack().drugs[drug], at)
    found = [one.drug.name for one in alternatives_to(rules(), known, ordered, at)]
    assert found[: len(offered)] == offered


def offers(name: str, calls: dict[str, GeneCall], *problems: str) -> list[str]:
    at = replace(moment(name), problems=frozenset(problems))
    ordered = consider(rules(), calls, pack().drugs[name], at)
    return [one.drug.name for one in alternatives_to(rules(), calls, ordered, at)]


@pytest.mark.parametrize(
    "problems", [("230690007",), ("230690007", "22298006"), ("I63.9",), ("G45",), ("266257000",)]
)
def test_prasugrel_is_never_offered_after_a_stroke_or_tia(problems: tuple[str, ...]) -> None:
    assert offers("clopidogrel", {"CYP2C19": called("CYP2C19", "Poor Metabolizer")}, *problems) == [
        "ticagrelor"
    ]


@pytest.mark.parametrize(
    "calls",
    [
        {"HLA-B": called("HLA-B", "*15:02 negative"), "HLA-A": called("HLA-A", "*31:01 positive")},
        {"HLA-B": called("HLA-B", "*15:02 positive"), "HLA-A": called("HLA-A", "*31:01 negative")},
        {"HLA-A": called("HLA-A", "*31:01 positive")},
    ],
)
def test_nobody_whose_hla_forbids_carbamazepine_is_offered_its_relatives(calls: dict[str, GeneCall]) -> None:
    assert offers("carbamazepine", calls) == ["levetiracetam"]


def test_nobody_of_unknown_hla_is_offered_oxcarbazepine_in_place_of_phenytoin() -> None:
    offered = offers("phenytoin", {"CYP2C9": called("CYP2C9", "0.0")})
    assert offered[:1] == ["levetiracetam"]
    assert {"oxcarbazepine", "carbamazepine"}.isdisjoint(offered)


def test_neither_is_offered_after_a_bleed_into_the_brain() -> None:
    assert offers("clopidogrel", {"CYP2C19": called("CYP2C19", "Poor Metabolizer")}, "I61.2") == []


def test_no_nsaid_is_offered_to_somebody_with_a_bleeding_ulcer() -> None:
    assert offers("celecoxib", {"CYP2C9": called("CYP2C9", "0.0")}, "K25.4") == []


@pytest.mark.parametrize("score", ["0.0", "3.0", "≥3.25"])
@pytest.mark.parametrize("prodrug", ["codeine", "tramadol"])
def test_in_place_of_a_prodrug_come_first_opioids_that_the_gene_does_not_touch(
    prodrug: str, score: str
) -> None:
    offered = offers(prodrug, {"CYP2D6": called("CYP2D6", score)})
    assert offered[:2] == ["morphine", "hydromorphone"]
    advice = consider(
        rules(), {"CYP2D6": called("CYP2D6", score)}, pack().drugs["hydrocodone"], moment("hydrocodone")
    )
    silent = any(one.action is Action.NO_RECOMMENDATION for one in advice.recommendations)
    assert ("hydrocodone" in offered) == (not silent and advice.severity == 0)


def test_every_problem_that_forbids_a_drug_says_on_whose_word() -> None:
    listed = [one for slot in rules().slots for one in slot.unsuitable]
    assert listed
    assert [one for one in listed if not one.cites or not one.problems] == []


def test_an_inhibitor_does_not_bring_back_the_opioid_that_an_ultrarapid_genotype_has_no_advice_on() -> None:
    calls = {"CYP2D6": called("CYP2D6", "3.0")}
    at = moment("codeine", taken=("duloxetine",))
    ordered = consider(rules(), calls, pack().drugs["codeine"], at)
    offered = [one.drug.name for one in alternatives_to(rules(), calls, ordered, at)]
    assert offered == ["morphine", "hydromorphone"]
