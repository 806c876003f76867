"""Order sets: what genes may do to them, and what they may never do."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.decide.order_set import filter_order_set
from bedside.genome.code import Code, System
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.order_set import OrderItem, OrderSet, Slot
from bedside.knowledge.tiers import Handling, Urgency
from tests.examples import examples
from tests.unit.decide.people import called, moment, pack, rules, unknown
from tests.unit.decide.test_alternatives import GENES, people

GUIDED = sorted(pack().guidance)


def order_set(*slots: tuple[str, ...]) -> OrderSet:
    """Slots of drugs by name."""
    return OrderSet(
        "made-up",
        "",
        tuple(
            Slot(
                f"slot-{n}",
                "",
                tuple(
                    OrderItem(
                        f"{place}-{name}", (Code(System.RXNORM, pack().drugs[name].rxnorm, name),), name
                    )
                    for place, name in enumerate(names)
                ),
            )
            for n, names in enumerate(slots)
        ),
    )


SETS = st.lists(st.lists(st.sampled_from(GUIDED), min_size=1, max_size=4).map(tuple), min_size=1, max_size=3)


@settings(max_examples=examples(150), deadline=None)
@given(people(), SETS)
def test_no_slot_is_ever_emptied_and_every_change_has_its_reason(
    calls: dict[str, GeneCall], slots: list[tuple[str, ...]]
) -> None:
    made = order_set(*slots)
    filtered = filter_order_set(rules(), calls, made, moment())
    assert [(one.slot, one.item) for one in filtered] == [(s.id, i) for s in made.slots for i in s.items]
    for slot in made.slots:
        assert any(one.orderable for one in filtered if one.slot == slot.id)
    for one in filtered:
        assert one.handling is Handling.SHOW or (one.reason and one.rules and one.review_state)
        assert (one.replaced_by is not None) == (one.handling is Handling.REPLACE)


@settings(max_examples=80, deadline=None)
@given(
    SETS,
    st.sampled_from([CallStatus.NOT_TESTED, CallStatus.NO_CALL, CallStatus.INDETERMINATE]),
    st.booleans(),
)
def test_unknown_genes_change_nothing(slots: list[tuple[str, ...]], status: CallStatus, absent: bool) -> None:
    calls = {} if absent else {gene: unknown(gene, status) for gene in GENES}
    filtered = filter_order_set(rules(), calls, order_set(*slots), moment())
    assert {one.handling for one in filtered} <= {Handling.SHOW}


def dispositions(set_id: str, calls: dict[str, GeneCall]) -> dict[str, str]:
    filtered = filter_order_set(rules(), calls, rules().order_sets[set_id], moment())
    return {one.item.id: one.handling.value for one in filtered if one.handling is not Handling.SHOW}


def test_after_pci_a_poor_metabolizer_is_not_offered_clopidogrel() -> None:
    assert dispositions("after-pci", {"CYP2C19": called("CYP2C19", "Poor Metabolizer")}) == {
        "clopidogrel": "hide"
    }


def test_pain_set_of_an_ultrarapid_metabolizer_hides_the_prodrugs() -> None:
    assert dispositions("pain-after-surgery", {"CYP2D6": called("CYP2D6", "≥3.0")}) == {
        "codeine": "hide",
        "tramadol": "hide",
        "ondansetron": "hide",
    }


def test_statin_set_of_a_poor_transporter_limits_and_demotes() -> None:
    assert dispositions("statin-start", {"SLCO1B1": called("SLCO1B1", "Poor Function")}) == {
        "simvastatin": "hide",
        "atorvastatin": "redose",
        "rosuvastatin": "redose",
        "pravastatin": "redose",
    }


def test_the_last_drug_of_a_slot_is_replaced_by_a_checked_one() -> None:
    (one,) = filter_order_set(
        rules(), {"CYP2C19": called("CYP2C19", "Poor Metabolizer")}, order_set(("clopidogrel",)), moment()
    )
    assert one.handling is Handling.REPLACE
    assert one.replaced_by is not None
    assert one.replaced_by.drug.name == "prasugrel"


def test_the_last_drug_of_a_slot_without_an_alternative_stays_and_is_marked() -> None:
    calls = {"DPYD": called("DPYD", "0.0")}
    capecitabine, fluorouracil = filter_order_set(
        rules(), calls, order_set(("capecitabine", "fluorouracil")), moment()
    )
    assert (capecitabine.handling, capecitabine.kept) == (Handling.DEMOTE, True)
    assert (fluorouracil.handling, fluorouracil.kept) == (Handling.HIDE, False)
    assert capecitabine.reason.startswith("Capecitabine: avoid")
    assert capecitabine.note == "kept: no other drug of this slot can be ordered"


def test_what_is_no_drug_is_shown() -> None:
    made = OrderSet("x", "", (Slot("labs", "", (OrderItem("cbc", (), "Complete blood count"),)),))
    (one,) = filter_order_set(rules(), {"DPYD": called("DPYD", "0.0")}, made, moment())
    assert (one.handling, one.reason, one.note) == (Handling.SHOW, "", "no drug of the drug map recognised")


def test_rival_results_of_a_person_are_told_beside_the_drug_they_could_forbid() -> None:
    calls = {"CYP2C19": called("CYP2C19", "Normal Metabolizer", "Poor Metabolizer")}
    offered = (OrderItem("a", (), "clopidogrel"), OrderItem("b", (), "ticagrelor"))
    made = OrderSet("made-up", "", (Slot("p2y12", "", offered),))
    clopidogrel, ticagrelor = filter_order_set(rules(), calls, made, moment())
    assert (clopidogrel.handling, clopidogrel.urgency) == (Handling.SHOW, Urgency.WARNING)
    assert clopidogrel.reason == "Clopidogrel: result not certain, advice ranges"
    assert clopidogrel.note.startswith(
        "CYP2C19: Normal Metabolizer or Poor Metabolizer. Advice ranges over: "
    )
    assert "avoid" in clopidogrel.note
    assert len(clopidogrel.rules) == 1
    assert (ticagrelor.handling, ticagrelor.reason, ticagrelor.urgency) == (Handling.SHOW, "", None)


def test_rival_results_about_one_ingredient_do_not_hide_the_certain_advice_about_the_other() -> None:
    calls = {
        "CYP2C19": called("CYP2C19", "Normal Metabolizer", "Poor Metabolizer"),
        "SLCO1B1": called("SLCO1B1", "Poor Function"),
    }
    both = OrderItem("both", (), "clopidogrel / simvastatin")
    ticagrelor = OrderItem("ticagrelor", (), "ticagrelor")
    made = OrderSet("made-up", "", (Slot("s", "", (both, ticagrelor)),))
    mixed, _ = filter_order_set(rules(), calls, made, moment())
    assert mixed.handling is Handling.HIDE
    assert mixed.reason.startswith("Simvastatin: ")
    assert mixed.note.startswith("Clopidogrel: result not certain, advice ranges. CYP2C19: ")


def test_a_nursing_task_does_not_stand_in_for_the_last_painkiller_of_a_poor_metabolizer() -> None:
    calls = {"CYP2D6": called("CYP2D6", "0.0")}
    codeine, nursing = OrderItem("a", (), "codeine"), OrderItem("b", (), "nursing assessment")
    made = OrderSet("made-up", "", (Slot("pain", "", (nursing, codeine)),))
    task, drug = filter_order_set(rules(), calls, made, moment())
    assert (task.handling, drug.handling) == (Handling.SHOW, Handling.REPLACE)
    assert drug.replaced_by is not None
    assert drug.reason.startswith("Codeine: avoid")
