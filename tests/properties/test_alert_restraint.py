"""Whatever a site decides, repeats or runs out of, every critical card is shown as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.decide.card import Plan
from bedside.decide.moment import Draft, Moment, Taken
from bedside.decide.recommendation import Silence, SilenceReason, Urgency
from bedside.decide.restraint import Circumstances, Lower, restrain, rule_of
from bedside.knowledge.alert_policy import Quieter, SiteOverride
from bedside.knowledge.pgx import Drug
from tests.examples import examples
from tests.unit.decide.people import TODAY, rules

DRUGS = tuple(Drug(f"drug-{n}", str(n)) for n in range(3))
RULES = ("R1", "R2", "R3")
DOSE = {
    "dosageInstruction": [
        {
            "doseAndRate": [{"doseQuantity": {"value": 20, "unit": "mg"}}],
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        }
    ]
}


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A card of any urgency."""
    drug, rule = draw(st.sampled_from(DRUGS)), draw(st.sampled_from(RULES))
    silence = Silence(rule, drug.name, SilenceReason.GENE_NOT_TESTED, genes=(draw(st.sampled_from("ABC")),))
    draft = draw(st.sampled_from([None, Draft("order-1", (drug,), resource=DOSE), Draft("order-2", (drug,))]))
    return Plan(
        drug, draw(st.sampled_from(Urgency)), f"{drug.name}: {rule}", "detail", silence=silence, draft=draft
    )


def override(rule: str, to: Quieter | None, words: str = "") -> SiteOverride:
    due = TODAY + timedelta(days=90)
    return SiteOverride(f"d-{rule}", rule, "pharmacy", "Eva", TODAY, due, 1, to, words)


overrides = st.builds(
    override, st.sampled_from(RULES), st.sampled_from([None, *Quieter]), st.just("other words of the site")
)
surroundings = st.builds(
    Circumstances,
    earlier=st.lists(st.tuples(st.sampled_from("012"), st.sampled_from(RULES))).map(tuple),
    encounter_class=st.sampled_from(["", "EMER", "AMB"]),
    overrides=st.lists(overrides).map(tuple),
    spent=st.lists(st.sampled_from(RULES)).map(tuple),
    may_wait=st.booleans(),
)
moments = st.builds(
    Moment,
    hook=st.just("order-sign"),
    day=st.just(TODAY),
    taken=st.lists(
        st.builds(
            Taken,
            st.sampled_from(DRUGS),
            st.sampled_from([None, 3, 400]),
            st.sampled_from(["", "20 mg, 1 in 1 d"]),
        )
    ).map(tuple),
    problems=st.sampled_from([None, frozenset(), frozenset({"Z51.5"})]),
)
hooks = st.sampled_from(sorted(rules().hooks)).map(lambda name: rules().hooks[name])


@given(st.lists(plans(), max_size=8), hooks, moments, surroundings)
@settings(max_examples=examples(200), deadline=None)
def test_no_critical_card_is_changed_moved_or_kept_back_and_each_other_one_has_one_reason(
    given_plans: list[Plan], hook, moment: Moment, around: Circumstances
) -> None:
    found = restrain(given_plans, hook, moment, around, rules().alerts)
    critical = [id(one) for one in given_plans if one.urgency is Urgency.CRITICAL]
    assert [id(one) for one in found.plans if one.urgency is Urgency.CRITICAL] == critical
    assert not any(one.plan.urgency is Urgency.CRITICAL for one in found.quieted)
    untouched = {id(one) for one in found.plans}
    changed = [id(one.plan) for one in found.quieted]
    same = [id(one) for one in given_plans if id(one) in untouched and id(one) not in changed]
    assert sorted([*changed, *same]) == sorted(map(id, given_plans))
    assert len(found.plans) == len(given_plans) - sum(not one.shown for one in found.quieted)
    order = [Urgency.INFO, Urgency.WARNING, Urgency.CRITICAL]
    for one in found.quieted:
        same_rule = [p for p in found.plans if p.drug == one.plan.drug and rule_of(p) == one.rule]
        lowest = min((order.index(p.urgency) for p in same_rule), default=0)
        assert not one.shown or lowest <= order.index(one.plan.urgency)


@given(plans())
@settings(max_examples=40, deadline=None)
def test_what_may_be_kept_back_cannot_hold_a_critical_card(plan: Plan) -> None:
    with pytest.raises(ValueError, match="never kept back"):
        Lower(replace(plan, urgency=Urgency.CRITICAL))


def test_no_decision_can_lead_to_anything_but_quieter_or_other_words() -> None:
    assert {one.value for one in Quieter} == {"passive", "silent"}
    with pytest.raises(ValueError, match="quieter or rewords"):
        override("R1", None)
    with pytest.raises(ValueError, match="139 characters"):
        override("R1", None, "x" * 140)


@pytest.mark.parametrize(("day", "holds"), [(-1, False), (0, True), (89, True), (90, False)])
def test_a_decision_holds_from_its_day_until_the_day_of_its_review(day: int, holds: bool) -> None:
    one = override("R1", Quieter.SILENT)
    assert one.holds("R1", "prescriber", TODAY + timedelta(days=day)) is holds
    assert not one.holds("R2", "prescriber", TODAY)
    residents = replace(one, roles=("resident",))
    assert (residents.holds("R1", "resident", TODAY), residents.holds("R1", "", TODAY)) == (True, False)


def test_the_day_is_a_date() -> None:
    assert isinstance(TODAY, date)
