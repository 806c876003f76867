"""What the pages show of coverage: the answer of one order with what to ask next, and a look ahead before a
test is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bedside.decide.coverage import covered
from bedside.decide.coverage_answer import CoverageAnswer, Missing
from bedside.decide.coverage_applies import PLAN_FACTS
from bedside.decide.coverage_chart import Coded, Drafted, SaidOfOrderer
from bedside.decide.coverage_stated import stated_facts
from bedside.decide.coverage_words import HEADLINES
from bedside.genome.code import Code
from bedside.genome.coverage import Answer, CoverageAsked, Facts, Pointer, Said
from bedside.knowledge.coverage_pack import KnownPlan
from bedside.service.ask_coverage import (
    StoredCoverage,
    ask_coverage,
    asked_about,
    coverage_of,
    pack_of,
    replay_coverage,
)
from bedside.service.coverage_facts import chart_of, plan_of
from bedside.service.house import House

PAYER = PLAN_FACTS[0]


@dataclass(frozen=True, slots=True)
class CoverageView:
    """One order's answer. questions: what a person can say, without what the choice of a plan settles;
    choose_plan: whether the plan has to be chosen first; given_again: whether what was kept gives the same
    answer to the byte. earlier: answers before this one, newest first."""

    asked: CoverageAsked
    answer: CoverageAnswer
    event: int
    by: str
    questions: tuple[Missing, ...]
    plans: tuple[KnownPlan, ...]
    choose_plan: bool
    given_again: bool
    earlier: tuple[StoredCoverage, ...]

    @property
    def headline(self) -> str:
        """The first words."""
        return HEADLINES[self.answer.answer]

    @property
    def plan(self) -> str:
        """The plan in words."""
        return self.asked.plan.name or self.asked.plan.payer or "no plan is known"

    @property
    def review_states(self) -> tuple[str, ...]:
        """What has still to be checked of the policies the answer rests on."""
        return tuple(dict.fromkeys(one.review_state for one in self.answer.governing))


def coverage_view(
    house: House, person: str, order: str, *, actor: str, form: Facts | None = None
) -> CoverageView:
    """The answer of an order as it is now, asked and stored where none holds. Raises `NotFound`."""
    now = ask_coverage(house, person, order, actor=actor, form=form)
    pack = pack_of(house)
    of_plan = [one for one in now.answer.missing if one.fact in PLAN_FACTS]
    return CoverageView(
        asked=now.asked,
        answer=now.answer,
        event=now.event,
        by=now.by,
        questions=tuple(one for one in now.answer.missing if one.fact not in PLAN_FACTS),
        plans=tuple(pack.plans.values()),
        choose_plan=bool(of_plan) or not now.asked.plan.payer,
        given_again=replay_coverage(house, now.event).same,
        earlier=tuple(one for one in reversed(coverage_of(house, person, order)) if one.event != now.event),
    )


def stated_on_page(house: House, said: dict[str, object], by: str) -> Facts:
    """What was filled in on the page; raises `RequestError` with every field that is wrong."""
    return stated_facts(pack_of(house).facts, said, by=by, on=house.clock().date())


@dataclass(frozen=True, slots=True)
class LookAhead:
    """What would be answered if the test were ordered now. Nothing is stored, since nothing is ordered."""

    answer: CoverageAnswer
    plan: str

    @property
    def headline(self) -> str:
        """The first words."""
        return HEADLINES[self.answer.answer]


def look_ahead(
    house: House, person: str, test: str, reasons: Sequence[Code], *, may_prescribe: bool
) -> LookAhead:
    """Whether a test that is not ordered yet would be covered. may_prescribe: what whoever asks may do."""
    pack, now = pack_of(house), house.clock()
    at = Pointer(Said.ORDER, "the reason that fits the test")
    orderer = SaidOfOrderer(may_prescribe, Pointer(Said.ORDER, "what the site grants whoever orders"))
    fitting = tuple(Coded(one.code, one.display, at) for one in reasons)
    chart = replace(chart_of(house, person, test, now), reasons=fitting, orderer=orderer)
    asked = asked_about(house, Drafted("not ordered", test, chart=chart), plan_of(house, pack, person))
    return LookAhead(covered(pack, asked), asked.plan.name or asked.plan.payer or "no plan is known")


def style_of(answer: Answer) -> str:
    """The style of an answer; that of what is well belongs to COVERED alone."""
    return _STYLES[answer]


_STYLES = {
    Answer.COVERED: "calm",
    Answer.NOT_COVERED: "act",
    Answer.CONDITIONAL: "unsure",
    Answer.UNKNOWN: "absent",
}
