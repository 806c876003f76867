"""The worklist of perhaps undiagnosed people works the same on both databases: listed, decided, rebuilt."""

from __future__ import annotations

from bedside.act.pathway_state import states
from bedside.service.pathway_check import load_pathways
from bedside.service.pathway_signals import signals_of
from bedside.service.undiagnosed_decide import decide, outcomes, rounds
from bedside.service.verify_record import verify_record
from tests.made_up_undiagnosed import ANN, CYD, TODAY, listed, open_charts


def test_a_round_and_its_decisions_are_the_same_after_a_rebuild(ledger_url, tmp_path):
    house = open_charts(tmp_path, ledger_url)
    made = listed(house, tmp_path, capacity=2)
    assert [line.person for line in made.lines] == [ANN, CYD]
    decide(house, ANN, "referred", "", actor="dr-lund")
    decide(house, CYD, "not-now", "watch", actor="dr-lund")
    before = (rounds(house), tuple(outcomes(house)))
    house.ledger.rebuild()
    assert (rounds(house), tuple(outcomes(house))) == before
    pathway = load_pathways(None).by_name["undiagnosed"]
    [case] = states(pathway, ANN, signals_of(house, ANN), house.clock())
    assert case.ended is None
    assert [*states(pathway, CYD, signals_of(house, CYD), house.clock())] == []
    assert verify_record(house).documents == 1
    assert listed(house, tmp_path, capacity=2, day=TODAY.date()).left_out == {
        "diagnosed": 1,
        "not-now": 1,
        "under-care": 1,
    }
    house.close()
