"""The pages of economics and evidence: the answer first, a loss as plain as a saving, unknown is never 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.nicu import CostKind, CostLine, Outcome, Yield
from bedside.learn.economics.analysis import analyse
from bedside.service.cost_estimate import estimates_of
from bedside.service.house import House
from bedside.service.nicu import write_outcome
from bedside.service.page_keys import page_key
from bedside.service.write_offs import Part, settle
from bedside.web.app import create_app
from bedside.web.economics_drawing import acceptability_drawn, tornado_drawn
from tests.made_up_economics import small, small_text
from tests.made_up_orders import Ordered, open_ordered
from tests.made_up_record import AMARA, NOW
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text


@pytest.fixture
def ordered(tmp_path: Path) -> Iterator[Ordered]:
    made = open_ordered(tmp_path)
    yield made
    made.house.close()


@pytest.fixture
def shown(ordered: Ordered) -> Pages:
    return Pages(create_app(ordered.house), ordered.house)


def children(house: House, saved: float) -> None:
    costs = (
        CostLine(CostKind.TESTING, 9000, 9000, "USD"),
        CostLine(CostKind.CARE_AVOIDED, saved, saved, "USD"),
    )
    held = {"outcome": write_outcome(Outcome(Yield.DIAGNOSIS, True, costs=costs))}
    house.ledger.append(
        [NewEvent(EventKind.OUTCOME_RECORDED, "ward", NOW, f"c{one}", held) for one in range(6)]
    )


def test_programmes_come_first_and_a_loss_is_said_like_a_saving(ordered: Ordered, shown: Pages) -> None:
    children(ordered.house, 2000)
    page = shown.get("/economics")
    assert page.status_code == 200
    assert "It cost 42,000 USD more than was avoided, of 6 people." in text(page.text)
    children(ordered.house, 12_000)
    assert "is not said: fewer than 10 people are complete" in text(page.text)
    assert "It cost 18,000 USD less than was avoided, of 6 people." in text(shown.get("/economics").text)
    account = rows(shown.get("/economics").text, "Account of Rapid genome")
    assert account == [
        ["Testing, and care that was added", "spent", "54,000 USD", "6 of 6"],
        ["Care that was avoided, as judged", "avoided", "72,000 USD", "6 of 6"],
    ]


def test_every_model_is_in_a_sentence_with_what_awaits_sign_off(shown: Pages) -> None:
    said = text(shown.get("/economics").text)
    assert "costs 54,554 USD more than “Care without a rapid genome”" in said
    assert "is not known, because panel, reaction are not known" in said
    assert "awaiting sign-off by a site's health economist" in said
    assert "No bill is settled yet." in said


def test_bills_are_shown_with_small_groups_hidden(ordered: Ordered, shown: Pages) -> None:
    parts = {Part.PAYER: 300.0, Part.WRITTEN_OFF: 20.0}
    settle(ordered.house, AMARA, ordered.orders["rejected"], 320, "USD", parts, by="desk")
    held = rows(shown.get("/economics").text, "Bills by group")
    assert held[0] == [
        "Everybody",
        "320 USD",
        "300 USD",
        "0.00 USD",
        "0.00 USD",
        "0.00 USD",
        "20.00 USD",
        "0.00 USD",
    ]
    assert all(one[1] == "hidden: few people" for one in held[1:])


def test_a_models_page_has_its_answer_tables_and_drawings(shown: Pages) -> None:
    page = shown.get("/economics/hiv_chancellor").text
    beside = rows(page, "Each strategy beside the comparator")[0]
    assert beside[1] == "costs 5,938 GBP more"
    assert beside[5:] == ["costs more and does more", "6,276 GBP"]
    assert "<polyline" in page
    assert len(rows(page, "Acceptability by threshold")) == 9
    assert "published 6,276, worked out 6,276: the same" in text(page)
    worth = rows(page, "Worth of knowing one input, the most first")
    assert len(worth) == 16
    assert worth[0][0] == "Medical care in state A"
    assert "Nothing: if one more" in text(shown.get("/economics/abacavir_hla_b5701").text)
    saving = rows(shown.get("/economics/baby_bear").text, "Each strategy beside the comparator")[0]
    assert (saving[1], saving[6]) == ("costs 4,620 USD less", "none")
    assert "In all it costs 850,000 USD less" in text(shown.get("/economics/baby_bear").text)


def test_a_model_that_is_not_known_draws_nothing_and_says_why(shown: Pages) -> None:
    page = shown.get("/economics/prepare_pgx_panel").text
    assert '<svg class="chart"' not in page
    assert "Not known: panel, reaction." in text(page)
    assert rows(page, "Each strategy beside the comparator")[0][1:4] == ["not known", "–", "–"]
    assert shown.get("/economics/nothing").status_code == 404


def test_bars_and_curves_stand_where_their_numbers_are() -> None:
    found = analyse(small(), 2000, 1)
    bars = tornado_drawn(found, "guided")
    assert bars is not None
    (bar,) = bars.bars
    assert (bar.at_low, bar.at_high) == ("+102", "+298")
    assert bar.x < bars.base < bar.x + bar.width
    assert abs(bars.base - (bar.x + bar.width / 2)) < 0.2
    assert bars.zero is None
    curves = acceptability_drawn(found)
    assert curves is not None
    first, second = (one.points.split() for one in curves.curves)
    for one, other in zip(first, second, strict=True):
        assert float(one.split(",")[1]) + float(other.split(",")[1]) == pytest.approx(320)
    assert curves.curves[0].look != curves.curves[1].look


def test_the_evidence_page_says_what_is_ready_and_what_is_missing(shown: Pages) -> None:
    page = text(shown.get("/dossiers").text)
    assert "Not ready: 2 of 4 required items stand open." in page
    assert "Not complete: 5 things missing." in page
    held = text(shown.get("/dossiers/pgx_panel").text)
    assert "one avoided of 15 treated" in held
    assert "negative control" in held
    assert "Counts not confirmed at the source." in held
    assert shown.get("/dossiers/nothing").status_code == 404
    assert shown.get("/readiness/nothing").status_code == 404


def test_somebody_stands_for_an_item_on_the_page_and_not_for_one_that_events_answer(shown: Pages) -> None:
    here = "/readiness/payer_nicu_rapid_genome"
    said = {"item": "policy", "evidence": "sheet 4", "answer": "met"}
    assert shown.post(f"{here}/attest", on=here, **said).status_code == 303
    items = {one[0]: one[1] for one in rows(shown.get(here).text, "Items of the gate")}
    name = "Has somebody read the payer's policy against the dossier, criterion by criterion?"
    assert items[name] == "Met"
    wrong = shown.post(f"{here}/attest", on=here, item="own outcomes", evidence="x", answer="met")
    assert (wrong.status_code, "not by anybody" in text(wrong.text)) == (422, True)


def test_the_cost_of_an_order_is_a_range_until_it_is_surely_covered(ordered: Ordered, shown: Pages) -> None:
    order = ordered.orders["rejected"]
    address = shown.address(AMARA, f"/orders/{page_key(order)}/cost")
    first = text(shown.get(address).text)
    assert "The person may have to pay 0 to 320 USD." in first
    assert "Nothing is written down yet" in first
    assert "Nobody has asked whether it is covered." in first
    terms = {"deductible_left": "100", "coinsurance": "20", "copay": "0", "maximum_left": "5,000"}
    assert shown.post(address, on=address, **terms).status_code == 303
    (held,) = estimates_of(ordered.house, AMARA, order)
    assert held.estimate.pays is not None
    assert (held.estimate.pays.low, held.estimate.pays.high) == (144, 320)
    page = text(shown.get(address).text)
    assert "The person may have to pay 144 to 320 USD." in page
    assert "Help is due:" in page
    wrong = shown.post(address, on=address, deductible_left="much", coinsurance="120")
    assert wrong.status_code == 422
    assert "is no amount" in text(wrong.text)
    assert "above 100 percent" in text(wrong.text)
    assert len(estimates_of(ordered.house, AMARA, order)) == 1
    assert shown.get(shown.address(AMARA, "/orders/unknown/cost")).status_code == 404
    link = shown.address(AMARA, f"/orders/{page_key(order)}")
    assert f'{link}/cost"' in shown.get(link).text


def test_a_sites_own_model_takes_its_numbers_from_the_record(ordered: Ordered, tmp_path: Path) -> None:
    folder = tmp_path / "own" / "economics" / "models"
    folder.mkdir(parents=True)
    doubt = 'distribution = { kind = "normal", mean = 500, se = 50 }'
    said = 'distribution = { kind = "empirical", events = "outcomes.testing" }'
    (folder / "own.toml").write_text(small_text("own").replace("value = 500\n", "").replace(doubt, said))
    house = ordered.house
    inside = replace(house, settings=replace(house.settings, knowledge_root=str(tmp_path / "own")))
    children(house, 100)
    page = Pages(create_app(inside), inside).get("/economics/own").text
    assert rows(page, "Each strategy beside the comparator")[0][1] == "costs 8,700 USD more"
    assert "outcomes.testing of the record, entered for 6 of 6 people" in text(page)
