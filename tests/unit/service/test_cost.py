"""The cost of an ordered test: estimated with a task where help is due; its bill settled; write-offs and the
value of programmes from events alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.coverage_plain import plain, plain_asked
from bedside.errors import InputError, RequestError
from bedside.genome.cost import Amount, PlanTerms, exactly
from bedside.genome.coverage import Answer, CoverageAsked, PaNeeded, Plan
from bedside.genome.coverage import TestAsked as AskedTest
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.nicu import CostKind, CostLine, Outcome, Yield
from bedside.knowledge.cost_policy import load_assistance, read_terms
from bedside.knowledge.nicu import load_nicu
from bedside.knowledge.provenance import DATA
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.economics.few_people import NoInterval
from bedside.learn.economics.probabilistic import Spread
from bedside.learn.nicu_outcomes import summarise
from bedside.service.cost_estimate import estimate_cost, estimate_words, estimates_of
from bedside.service.house import House
from bedside.service.nicu import write_outcome
from bedside.service.programme_value import document, lines, programme_values, sentence
from bedside.service.write_offs import Part, Settled, report, settle, write_offs
from tests.made_up_orders import Ordered, open_ordered
from tests.made_up_record import AMARA, INGRID, NOW, TOMAS

TERMS = PlanTerms(
    "p", "USD", exactly(300), exactly(0.2), exactly(0), exactly(2000), "the plan", date(2026, 9, 1)
)


@pytest.fixture
def ordered(tmp_path: Path) -> Iterator[Ordered]:
    made = open_ordered(tmp_path)
    yield made
    made.house.close()


def duties(house: House, person: str) -> list[tuple[str, str]]:
    kind = load_assistance().task.kind
    return [(one.owner, one.summary) for one in house.ledger.tasks(person) if one.kind == kind]


def coverage_answer(house: House, person: str, order: str) -> CoverageAnswer:
    """A stored answer that says covered, with nothing the payer must still agree to."""
    today = NOW.date()
    plan, test = Plan("p"), AskedTest("pgx-full", "")
    asked = CoverageAsked(order, test, plan, today, today, {})
    found = CoverageAnswer(
        Answer.COVERED, "", order, "p", today, today, pa_needed=PaNeeded.NO_AUTH, knowledge="made up"
    )
    payload = {
        "order": order,
        "payer": "p",
        "answer": found.answer.value,
        "asked": plain_asked(asked),
        "said": plain(found),
        "stated": {},
    }
    house.ledger.append([NewEvent(EventKind.COVERAGE_ANSWERED, "test", NOW, person, payload)])
    return found


def test_an_estimate_is_written_down_with_what_it_rests_on_and_help_becomes_a_task(ordered: Ordered) -> None:
    house, order = ordered.house, ordered.orders["rejected"]
    found = estimate_cost(house, AMARA, order, TERMS, by="liaison")
    assert found.pays == Amount(304, 320)
    assert estimate_words(found) == "The person may have to pay 304 to 320 USD."
    (held,) = estimates_of(house, AMARA, order)
    assert (held.estimate, held.by) == (found, "liaison")
    assert held.terms is not None
    assert held.terms["source"] == "the plan"
    assert duties(house, AMARA) == [("payer-liaison", load_assistance().words["assistance"])]
    estimate_cost(house, AMARA, order, TERMS, by="liaison")
    assert len(duties(house, AMARA)) == 1


def test_below_the_sites_amount_nobody_is_troubled_and_an_earlier_task_ends(ordered: Ordered) -> None:
    house, order = ordered.house, ordered.orders["waits"]
    estimate_cost(house, TOMAS, order, None, by="liaison")
    assert duties(house, TOMAS) == []
    high = ordered.orders["rejected"]
    estimate_cost(house, AMARA, high, None, by="liaison")
    assert len(duties(house, AMARA)) == 1
    asked = coverage_answer(house, AMARA, high)
    assert estimate_cost(house, AMARA, high, TERMS, by="liaison").pays == exactly(304)
    assert len(duties(house, AMARA)) == 1
    cheap = replace(TERMS, deductible_left=exactly(0))
    assert estimate_cost(house, AMARA, high, cheap, by="liaison").pays == exactly(64)
    assert duties(house, AMARA) == []
    estimate_cost(house, AMARA, high, TERMS, by="liaison")
    assert len(duties(house, AMARA)) == 1
    assert asked.answer is Answer.COVERED


def test_without_a_price_the_task_is_to_ask_for_it(tmp_path: Path) -> None:
    own = tmp_path / "own" / "economics"
    own.mkdir(parents=True)
    text = (DATA / "economics" / "unit_costs.toml").read_text()
    (own / "unit_costs.toml").write_text(text.replace('id = "exome"', 'id = "pgx-full"\nknown = false'))
    made = open_ordered(tmp_path)
    house = replace(made.house, settings=replace(made.house.settings, knowledge_root=str(tmp_path / "own")))
    found = estimate_cost(house, AMARA, made.orders["rejected"], TERMS, by="liaison")
    assert (found.pays, found.why[0]) == (None, "the price is not known")
    assert estimate_words(found).startswith("What the person will pay is not known")
    assert duties(house, AMARA) == [("payer-liaison", load_assistance().words["no_price"])]
    made.house.close()


def test_an_order_of_somebody_else_and_two_currencies_are_refused(ordered: Ordered) -> None:
    house = ordered.house
    with pytest.raises(RequestError, match="no such order"):
        estimate_cost(house, TOMAS, ordered.orders["rejected"], None, by="x")
    with pytest.raises(RequestError, match="terms in EUR"):
        estimate_cost(house, AMARA, ordered.orders["rejected"], replace(TERMS, currency="EUR"), by="x")
    assert list(house.ledger.events(kinds=(EventKind.COST_ESTIMATED,))) == []


def test_a_bill_adds_up_or_is_refused_with_everything_that_is_wrong(ordered: Ordered) -> None:
    house, order = ordered.house, ordered.orders["resulted"]
    with pytest.raises(RequestError) as refused:
        settle(house, INGRID, "none", 180, " ", {Part.PAYER: 100, Part.PERSON: -5}, by="desk")
    assert [one.reason for one in refused.value.problems] == [
        "this person has no such order",
        "is missing",
        "no part is below 0",
        "add up to 95.00, charged were 180.00",
    ]
    settle(house, INGRID, order, 180, "USD", {Part.PAYER: 100, Part.OPEN: 80}, by="desk")
    settle(house, INGRID, order, 180, "USD", {Part.PAYER: 100, Part.WRITTEN_OFF: 80}, by="desk")
    everybody = report(house)[0]
    assert (
        everybody.bills,
        everybody.charged,
        everybody.parts[Part.WRITTEN_OFF],
        round(everybody.lost, 3),
    ) == (
        1,
        180,
        80,
        0.444,
    )
    assert sum(everybody.parts.values()) == everybody.charged
    assert [one.shown for one in report(house) if one.by != "all"] == [False, False, False]


def test_groups_of_few_are_hidden_with_the_next_so_that_no_difference_tells() -> None:
    def bills(payer: str, people: int) -> list[Settled]:
        parts = dict.fromkeys(Part, 0.0) | {Part.PAYER: 60.0, Part.WRITTEN_OFF: 40.0}
        return [Settled(f"{payer}{one}", "o", "t", payer, 2026, "USD", 100.0, parts) for one in range(people)]

    small = load_small_numbers()
    rows = list(write_offs([*bills("a", 40), *bills("b", 9), *bills("c", 2)], small))
    by_payer = {one.group: one.shown for one in rows if one.by == "payer"}
    assert by_payer == {"a": True, "b": False, "c": False}
    assert rows[0].charged == sum(one.charged for one in rows if one.by == "payer") == 5100


def outcome(house: House, child: str, *costs: CostLine) -> None:
    held = Outcome(Yield.DIAGNOSIS, True, costs=costs)
    house.ledger.append(
        [NewEvent(EventKind.OUTCOME_RECORDED, "ward", NOW, child, {"outcome": write_outcome(held)})]
    )


def test_the_units_account_is_that_of_its_outcome_forms_and_one_logic_with_them(ordered: Ordered) -> None:
    """The made-up cases of the published programme, as events."""
    house, cases = ordered.house, load_nicu().published["baby-bear"].made_up
    for number, case in enumerate(cases):
        payload = {"outcome": write_outcome(case)}
        house.ledger.append([NewEvent(EventKind.OUTCOME_RECORDED, "ward", NOW, f"c{number}", payload)])
    found = programme_values(house)[0]
    value, net = found.value, summarise(cases).net("USD")
    assert net is not None
    assert (found.definition.name, value.people) == ("rapid-genome-nicu", 184)
    spent, avoided = value.lines
    assert round(avoided.low - spent.high) == round(net[0])
    assert round(avoided.high - spent.low) == round(net[1])


def test_a_child_of_whom_nothing_was_entered_is_no_zero(ordered: Ordered) -> None:
    house = ordered.house
    test = CostLine(CostKind.TESTING, 9000, 9000, "USD")
    for number in range(5):
        outcome(house, f"c{number}", test, CostLine(CostKind.CARE_AVOIDED, 1000, 2000, "USD"))
    outcome(house, "c5", test)
    found = programme_values(house)[0]
    assert (found.value.people, found.value.complete, found.value.known) == (6, 5, False)
    assert found.value.more == (35_000, 40_000)
    assert sentence(found) == (
        "It cost 35,000 to 40,000 USD more than was avoided, of the 5 of 6 who are complete. "
        "The net of everybody is not known."
    )
    outcome(house, "c5", test, CostLine(CostKind.CARE_AVOIDED, 0, 0, "EUR"))
    assert programme_values(house)[0].value.complete == 5
    outcome(house, "c5", test, CostLine(CostKind.CARE_AVOIDED, 200_000, 200_000, "USD"))
    whole = programme_values(house)[0]
    assert whole.value.known
    assert sentence(whole).startswith("It cost 151,000 to 156,000 USD less than was avoided, of 6 people")
    assert whole.value.sure is NoInterval.FEW
    said = document(whole)
    assert (said["over_draws"], said["no_interval"]) == (None, "fewer than 10 people are complete")
    rows = {row[1]: row[2:] for row in lines((whole,))}
    assert rows["net, 95 % interval"] == ("not said", "", "", "fewer than 10 people are complete")


def test_of_enough_children_the_net_has_an_interval(ordered: Ordered) -> None:
    for number in range(12):
        test = CostLine(CostKind.TESTING, 9000, 9000, "USD")
        avoided = CostLine(CostKind.CARE_AVOIDED, 1500 * number, 1600 * number, "USD")
        outcome(ordered.house, f"c{number}", test, avoided)
    found = programme_values(ordered.house)[0]
    assert isinstance(found.value.sure, Spread)
    assert found.value.more is not None
    assert found.value.sure.low < found.value.more[0] < found.value.more[1] < found.value.sure.high
    rows = {row[1]: row[2:] for row in lines((found,))}
    assert rows["net, 95 % interval"][1:3] == (
        f"{found.value.sure.low:.0f}",
        f"{found.value.sure.high:.0f}",
    )


def test_what_nobody_measures_leaves_the_net_not_known_and_the_spending_said(tmp_path: Path) -> None:
    made = open_ordered(tmp_path)
    own = tmp_path / "own" / "cohort"
    own.mkdir(parents=True)
    text = (DATA / "cohort" / "small_numbers.toml").read_text()
    (own / "small_numbers.toml").write_text(text.replace("least = 5", "least = 1"))
    house = replace(made.house, settings=replace(made.house.settings, knowledge_root=str(tmp_path / "own")))
    found = {one.definition.name: one for one in programme_values(house)}
    pgx = found["pharmacogenomics"]
    assert (pgx.value.people, pgx.value.more) == (3, None)
    assert pgx.value.lines[0].low == 180 + 320 + 180
    said = document(pgx)
    assert said["lines"][2]["low"] is None
    assert said["sentence"].startswith("Net cost not known: of 3 people nobody has every line entered")
    assert found["hereditary-cancer"].value.people == 0
    assert sentence(found["hereditary-cancer"]) == "Nobody is in it yet."
    made.house.close()


def test_few_people_are_hidden_in_the_report(ordered: Ordered) -> None:
    found = {one.definition.name: one for one in programme_values(ordered.house)}["pharmacogenomics"]
    assert found.hidden
    assert set(document(found)) == {"programme", "title", "sentence", "currency", "hidden", "caveats"}
    assert list(lines((found,))) == [
        ("pharmacogenomics", "answer", "So few people that nothing of it is shown.", "", "", "")
    ]


def test_terms_are_read_from_both_forms_and_a_wrong_cell_has_its_line() -> None:
    head = "payer\tcurrency\tdeductible_left\tcoinsurance\tcopay\tmaximum_left\tsource\tas_of\n"
    row = "p\tUSD\t300\t0.2\t0\t2000\tthe plan\t2026-09-01\n"
    assert read_terms("t.tsv", (head + row).encode()) == (TERMS,)
    toml = (
        '[[terms]]\npayer = "p"\ncurrency = "USD"\ndeductible_left = 300\ncoinsurance = 0.2\ncopay = 0\n'
        'maximum_left = 2000\nsource = "the plan"\nas_of = 2026-09-01\n'
    )
    assert read_terms("t.toml", toml.encode()) == (TERMS,)
    with pytest.raises(InputError, match=r"t.tsv:2: are no terms: coinsurance is a share from 0 to 1"):
        read_terms("t.tsv", (head + row.replace("0.2", "20")).encode())
    with pytest.raises(InputError, match=r"deductable_left is not known here"):
        read_terms("t.toml", toml.replace("deductible_left", "deductable_left").encode())
    blank = read_terms("t.tsv", (head + row.replace("\t300\t", "\t\t")).encode())[0]
    assert blank.not_known == ("deductible_left",)


def test_the_command_estimates_settles_and_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = open_ordered(tmp_path)
    order = made.orders["rejected"]
    made.house.close()
    store = ["--store", f"sqlite:///{tmp_path / 'ledger.db'}"]
    terms = tmp_path / "coverage.json"
    terms.write_text('{"resourceType": "Coverage"}')
    assert main(["cost", "estimate", AMARA, order, "--terms", str(terms), *store]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "The person may have to pay 0 to 320 USD."
    assert "why: nobody has asked whether it is covered" in out
    bill = ["cost", "settle", AMARA, order, "--charged", "320", *store]
    assert main([*bill, "--payer", "300"]) == 1
    assert "add up to 300.00" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*bill, "--payer", "nan"])
    assert "must be an amount from 0, such as 120.50" in capsys.readouterr().err
    assert main([*bill, "--payer", "300", "--written-off", "20"]) == 0
    assert main(["cost", "write-offs", *store]) == 0
    assert "all\teverybody\tUSD\t1\t1\t320.00\t300.00" in capsys.readouterr().out
    assert main(["budget", "--record", *store, "--draws", "100"]) == 0
    assert "rapid-genome-nicu\tanswer\tNobody is in it yet." in capsys.readouterr().out
