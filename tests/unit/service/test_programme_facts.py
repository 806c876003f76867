"""The programme on one page and how far it is: every number leads to as many as it says, what cannot be told
says why, and what is not known is no level.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bedside.errors import InputError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.executive import load_executive
from bedside.knowledge.maturity import How, load_maturity
from bedside.learn.content_standing import Fault
from bedside.service.content import content_held
from bedside.service.decisions import decisions
from bedside.service.executive import executive_view
from bedside.service.house import House
from bedside.service.maturity import assess, attest, record
from bedside.service.measure_people import behind
from bedside.service.measures import measure_report
from bedside.service.milestones import milestone_plan
from bedside.service.programme_facts import OWN, Facts
from tests.made_up_record import INGRID, NOW, Clock, open_record


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_record(tmp_path)
    assert isinstance(made.clock, Clock)
    made.clock.now = NOW
    yield made
    made.close()


def denials(house: House, count: int, denied: int) -> None:
    """So many requests of authorisation, of which so many were denied."""
    events = []
    for number in range(count):
        name = f"a{number}"
        for status, days in (("submitted", 20), ("denied" if number < denied else "approved", 10)):
            payload = {"authorisation": name, "order": name, "status": status}
            at = NOW - timedelta(days=days)
            events.append(NewEvent(EventKind.AUTHORISATION_MOVED, "desk", at, INGRID, payload))
    house.ledger.append(events)


def test_every_number_is_as_many_as_stand_on_the_page_it_leads_to(house: House) -> None:
    denials(house, 40, 8)
    at = house.clock()
    view = executive_view(house, at)
    report = measure_report(house, at)
    content = content_held(house.settings.knowledge_folder, at.date())
    counted = 0
    for fact in (one for panel in view.panels for one in panel.facts if not one.why_not):
        kind, _, name = fact.name.partition(":")
        if kind == "measure":
            assert fact.behind == len(list(behind(report, report.tiles[name]))), fact.name
            counted += 1
        elif fact.name in ("orphan", "overdue"):
            fault = Fault[fact.name.upper()]
            assert fact.behind == sum(fault in one.faults for one in content)
            assert (fact.n, fact.low) == (len(content), None)
            counted += 1
        elif fact.name == "overdue-tasks":
            assert fact.n == len(house.ledger.tasks())
            counted += 1
    assert counted >= 5


def test_every_figure_names_its_definition_owner_day_and_way_down_or_says_why_there_is_none(
    house: House,
) -> None:
    view = executive_view(house, house.clock())
    assert [one.panel.name for one in view.panels] == [
        "Reach", "Flow", "Decisions", "Last mile", "Money", "Trust",
    ]  # fmt: skip
    for fact in (one for panel in view.panels for one in panel.facts):
        assert all((fact.definition, fact.owner, fact.address.startswith("/"), fact.at == view.at))
        assert bool(fact.why_not) != bool(fact.told), fact.name
        assert not fact.why_not or fact.value is None or fact.n == 0
    assert "no checkpoint was ever kept elsewhere" in "; ".join(one.why_not for one in view.lacking)


def test_a_share_carries_its_interval_and_what_was_missed(house: House) -> None:
    denials(house, 40, 8)
    fact = Facts(house, house.clock()).of("measure:denial-rate")
    assert (fact.told, fact.value, fact.n) == ("20 % (8 of 40)", 0.2, 40)
    assert fact.low == pytest.approx(0.1050, abs=5e-4)  # Wilson's interval of 8 of 40
    assert fact.high == pytest.approx(0.3476, abs=5e-4)


def test_no_audit_of_missed_harm_is_not_no_harm(house: House) -> None:
    fact = Facts(house, house.clock()).of("missed-harm")
    assert (fact.value, fact.why_not) == (None, "no audit of missed harm was made")


def test_a_figure_that_is_nobodys_is_refused(house: House) -> None:
    for name in ("beauty", "measure:beauty", "funnel:beauty", "value:beauty"):
        with pytest.raises(InputError):
            Facts(house, house.clock()).of(name)


def test_every_figure_that_ships_on_a_page_or_in_an_indicator_can_be_asked_for(house: House) -> None:
    facts = Facts(house, house.clock())
    names = {name for panel in load_executive().panels for name in panel.facts}
    names |= {one.fact for one in load_maturity().indicators.values() if one.fact}
    assert all(facts.of(name).title for name in names | set(OWN))


def level(house: House, name: str) -> tuple[int | None, str]:
    _, domains = assess(house, house.clock())
    (found,) = [one for domain in domains for one in domain.indicators if one.indicator.name == name]
    return found.level, found.why_not


def test_too_few_are_no_level_and_enough_are_with_the_levels_of_the_interval(house: House) -> None:
    denials(house, 10, 2)
    assert level(house, "denials") == (None, "10 are too few; from 20 on it is judged")


def test_a_derived_level_follows_the_figure_and_shows_how_sure_it_is(house: House) -> None:
    denials(house, 40, 8)
    _, domains = assess(house, house.clock())
    (found,) = [one for domain in domains for one in domain.indicators if one.indicator.name == "denials"]
    assert (found.level, found.span, found.told) == (3, (2, 4), "20 % (8 of 40)")
    assert found.address == "/measures/denial-rate"


def test_what_nobody_answered_is_not_known_and_a_domain_needs_more_known_than_not(house: House) -> None:
    assert level(house, "designated-lead") == (None, "nobody has answered it")
    _, domains = assess(house, house.clock())
    workforce = next(one for one in domains if one.name == "workforce")
    assert (workforce.known, workforce.level) == (0, None)


def test_a_named_person_answers_and_after_a_year_it_is_not_known_again(house: House) -> None:
    attest(house, "designated-lead", "R. Vogel", "programme lead", "minutes of 2026-03", level=4, actor="r")
    assert level(house, "designated-lead") == (4, "")
    assert isinstance(house.clock, Clock)
    house.clock.now = NOW + timedelta(days=366)
    assert level(house, "designated-lead")[0] is None


def test_a_survey_is_judged_with_its_interval(house: House) -> None:
    """16 of 21: the published report of health systems has about as many leaders; its interval is wide."""
    reached = attest(
        house, "ready", "R. Vogel", "programme lead", "survey of May", survey=(16, 21), actor="r"
    )
    _, domains = assess(house, house.clock())
    (found,) = [one for domain in domains for one in domain.indicators if one.indicator.name == "ready"]
    assert (reached, found.level, found.span) == (4, 4, (3, 5))
    assert found.told == "16 of 21 (95 % interval 55 to 89 %)"


@pytest.mark.parametrize(
    ("name", "more", "reason"),
    [
        ("denials", {"level": 5}, "is worked out from the record and cannot be answered by hand"),
        ("designated-lead", {}, "needs a level from 1 to 5"),
        ("designated-lead", {"level": 6}, "needs a level from 1 to 5"),
        ("ready", {"level": 4}, "needs how many said yes of how many, of at least 20 asked"),
        ("ready", {"survey": (5, 7)}, "needs how many said yes of how many, of at least 20 asked"),
        ("ready", {"survey": (30, 21)}, "needs how many said yes of how many, of at least 20 asked"),
        ("beauty", {"level": 5}, "is no indicator"),
    ],
)
def test_an_answer_that_cannot_be_one_is_refused(
    house: House, name: str, more: dict[str, object], reason: str
) -> None:
    with pytest.raises(InputError) as caught:
        attest(house, name, "R. Vogel", "lead", "minutes", actor="r", **more)  # type: ignore[arg-type]
    assert [one.reason for one in caught.value.problems] == [reason]


def test_levels_written_down_are_the_before_of_later_ones(house: House) -> None:
    denials(house, 40, 8)
    written = record(house, house.clock(), "R. Vogel")
    said = [one.payload for one in house.ledger.events(kinds=(EventKind.ASSESSMENT_RECORDED,))]
    assert written == len(said) > 0
    assert all(one["level"] in range(1, 6) for one in said)
    assert isinstance(house.clock, Clock)
    house.clock.now = NOW + timedelta(days=40)
    _, domains = assess(house, house.clock())
    (found,) = [one for domain in domains for one in domain.indicators if one.indicator.name == "denials"]
    assert (found.before, found.level) == (3, 3)


def test_more_than_half_of_the_indicators_are_worked_out_and_never_typed_in() -> None:
    indicators = load_maturity().indicators.values()
    derived = sum(one.how is How.DERIVED for one in indicators)
    assert (len(load_maturity().domains), derived * 2 > len(indicators)) == (8, True)


def test_the_log_of_decisions_leaves_decisions_of_other_pages_alone(house: House) -> None:
    house.ledger.append(
        [NewEvent(EventKind.DECISION_LOGGED, "r", house.clock(), payload={"decision": "x", "kind": "other"})]
    )
    assert decisions(house) == ()


def test_milestones_are_told_by_site_and_people_without_a_site_belong_to_none(house: House) -> None:
    at = house.clock()
    house.ledger.append([NewEvent(EventKind.PROGRAMME_RECORDED, "r", at, INGRID, {"site": "north"})])
    plan = milestone_plan(house)
    assert {one.site for one in plan.forecasts} == {"north"}
    assert {one.milestone.name for one in plan.forecasts if one.reached} == {"first-result"}
    assert (plan.held.of, plan.expected) == (0, None)
