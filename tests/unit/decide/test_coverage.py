"""What follows from policies besides the answer: authorisation, what must be written, how long it holds, and
which policy speaks of which test and plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bedside.decide.coverage import covered
from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.coverage_applies import speaks_of
from bedside.decide.coverage_judge import compare
from bedside.decide.coverage_plain import answer_of, asked_of, plain, plain_asked
from bedside.genome.coverage import (
    Answer,
    BillingCode,
    CoverageAsked,
    DocNeeded,
    Fact,
    InfoNeeded,
    Known,
    Listed,
    PaNeeded,
    Plan,
    Pointer,
    Said,
    TestAsked,
    Truth,
)
from bedside.knowledge.coverage_policies import load_coverage
from bedside.knowledge.coverage_policy import AppliesTo, Atom, Comparison, Follows, Level

PACK = load_coverage()
DAY = date(2026, 11, 26)
GENOME: dict[str, Fact] = {"anomalies-of-two-systems": Known(True), "changes-management": Known(True)}


def ask(
    payer: str, kind: str, facts: dict[str, Fact], day: date = DAY, plan: Plan | None = None
) -> CoverageAnswer:
    held = plan or PACK.plans[payer].plan
    return covered(PACK, CoverageAsked("o", TestAsked("t", kind, None), held, day, day, facts))


def test_a_covered_genome_still_needs_the_payers_word_beforehand() -> None:
    said = ask("example-employer", "genome", GENOME)
    assert (said.answer, said.pa_needed) == (Answer.COVERED, PaNeeded.AUTH_NEEDED)
    assert (said.doc_needed, said.info_needed) == ((DocNeeded.CLINICAL,), ())
    assert said.questionnaires == ("urn:bedside:questionnaire:commercial-exome-genome",)


def test_what_is_not_covered_needs_neither_authorisation_nor_a_form() -> None:
    said = ask("example-employer", "genome", {**GENOME, "changes-management": Known(False)})
    assert (said.answer, said.pa_needed, said.doc_needed) == (Answer.NOT_COVERED, None, ())
    assert [one.criterion for one in said.unmet] == ["management"]


def test_what_speaks_against_a_test_leaves_out_what_another_criterion_makes_good() -> None:
    """Two genes are needed, so that it does not matter that the panel looks at more than one."""
    two, panel = Known(Listed(frozenset({"A", "B"}), True)), Known(Listed(frozenset({"A", "B", "C"}), True))
    drugs = Known(Listed(frozenset({"clopidogrel"}), True))
    facts: dict[str, Fact] = {"needed-genes": two, "tested-genes": panel, "result-needed": Known(False)}
    facts |= {"selected-drugs": drugs, "actionable-drugs": drugs}
    said = ask("medicare-moldx", "pgx-panel", facts)
    assert said.answer is Answer.NOT_COVERED
    assert [one.criterion for one in said.unmet] == ["necessary"]
    one = Known(Listed(frozenset({"A"}), True))
    said = ask("medicare-moldx", "pgx-panel", {**facts, "needed-genes": one})
    assert [each.criterion for each in said.unmet] == ["necessary", "one-gene", "several-needed"]


def test_of_what_nobody_knows_nothing_is_said_about_authorisation() -> None:
    said = ask("example-employer", "tumour-panel", {})
    assert (said.answer, said.pa_needed) == (Answer.UNKNOWN, PaNeeded.INDETERMINATE)
    ended = replace(PACK.plans["example-employer"].plan, ends=date(2026, 1, 1))
    said = ask("", "genome", GENOME, plan=ended)
    assert (said.answer, said.pa_needed) == (Answer.UNKNOWN, PaNeeded.CONDITIONAL)
    assert said.info_needed == (InfoNeeded.CONTRACT_WINDOW,)


def test_a_law_that_obliges_does_not_do_away_with_what_is_not_known_of_authorisation() -> None:
    said = ask("example-commercial", "tumour-panel", {"guideline-backs-test": Known(True)})
    assert (said.answer, said.pa_needed) == (Answer.COVERED, PaNeeded.INDETERMINATE)


def test_who_must_write_something_follows_from_what_is_missing() -> None:
    said = ask("medicare-moldx", "hereditary-cancer-panel", {})
    assert said.answer is Answer.CONDITIONAL
    assert set(said.doc_needed) == {DocNeeded.CLINICAL, DocNeeded.ADMIN}
    assert all(one.policies == ("medicare-hereditary-cancer-moldx",) for one in said.missing)


@pytest.mark.parametrize(
    ("ends", "until"),
    [(None, date(2026, 12, 26)), (date(2026, 12, 1), date(2026, 12, 1))],
)
def test_an_answer_holds_no_longer_than_the_plan(ends: date | None, until: date) -> None:
    plan = replace(PACK.plans["example-employer"].plan, ends=ends)
    assert ask("", "genome", GENOME, plan=plan).until == until


def test_an_answer_holds_no_longer_than_its_policys_review() -> None:
    day = date(2027, 5, 10)
    assert ask("example-employer", "genome", GENOME, day).until == date(2027, 5, 22)


@pytest.mark.parametrize(("day", "answer"), [(22, Answer.COVERED), (23, Answer.UNKNOWN)])
def test_a_review_is_overdue_the_day_after_it_was_due(day: int, answer: Answer) -> None:
    assert ask("example-employer", "genome", GENOME, date(2027, 5, day)).answer is answer


@pytest.mark.parametrize(
    ("starts", "ends", "in_force"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (date(2026, 11, 27), None, False),
        (None, date(2026, 11, 25), False),
    ],
)
def test_a_plan_is_in_force_on_its_first_and_last_day(
    starts: date | None, ends: date | None, in_force: bool
) -> None:
    assert Plan("p", starts=starts, ends=ends).in_force(DAY) is in_force
    assert not Plan("p", starts=starts, ends=ends, cancelled=True).in_force(DAY)


CODE, OTHER = BillingCode("cpt", "81225"), BillingCode("cpt", "81226")
BY_CODE = AppliesTo(codes=frozenset({CODE}))
BY_KIND = AppliesTo(kinds=frozenset({"genome"}), codes=frozenset({CODE}))
BY_GENE = AppliesTo(genes=frozenset({"CYP2C19"}))
BY_Z = AppliesTo(z_codes=frozenset({"ZB000"}))


@pytest.mark.parametrize(
    ("to", "test", "truth"),
    [
        (AppliesTo(), TestAsked("t", ""), Truth.TRUE),
        (BY_KIND, TestAsked("t", "genome"), Truth.TRUE),
        (BY_KIND, TestAsked("t", "exome"), Truth.FALSE),
        (BY_KIND, TestAsked("t", "exome", codes=(CODE,)), Truth.TRUE),
        (BY_KIND, TestAsked("t", "", frozenset()), Truth.UNKNOWN),
        (BY_CODE, TestAsked("t", "exome"), Truth.UNKNOWN),
        (BY_CODE, TestAsked("t", "exome", codes=(OTHER,)), Truth.FALSE),
        (BY_CODE, TestAsked("t", "exome", codes=(OTHER, CODE)), Truth.TRUE),
        (BY_GENE, TestAsked("t", "pgx-panel", frozenset({"CYP2C19", "CYP2D6"})), Truth.TRUE),
        (BY_GENE, TestAsked("t", "pgx-panel", frozenset({"CYP2D6"})), Truth.FALSE),
        (BY_GENE, TestAsked("t", "genome", None), Truth.FALSE),
        (BY_Z, TestAsked("t", "genome", z_code="ZB000"), Truth.TRUE),
        (BY_Z, TestAsked("t", "genome", z_code="ZB111"), Truth.FALSE),
        (BY_Z, TestAsked("t", "genome"), Truth.UNKNOWN),
    ],
)
def test_which_tests_a_policy_speaks_of(to: AppliesTo, test: TestAsked, truth: Truth) -> None:
    assert speaks_of(to, test) is truth


def atom(comparison: Comparison, *values: bool | float | str) -> Atom:
    return Atom("a", "f", comparison, values, "says", "cite")


@pytest.mark.parametrize(
    ("comparison", "values", "value", "complete", "open_ended"),
    [
        (Comparison.ANY_OF, ("a",), {"a", "b"}, Truth.TRUE, Truth.TRUE),
        (Comparison.ANY_OF, ("a",), {"b"}, Truth.FALSE, Truth.UNKNOWN),
        (Comparison.OTHER_THAN, ("a",), {"a"}, Truth.FALSE, Truth.UNKNOWN),
        (Comparison.OTHER_THAN, ("a",), {"a", "b"}, Truth.TRUE, Truth.TRUE),
        (Comparison.COUNT_AT_LEAST, (2,), {"a"}, Truth.FALSE, Truth.UNKNOWN),
        (Comparison.COUNT_AT_LEAST, (2,), {"a", "b"}, Truth.TRUE, Truth.TRUE),
        (Comparison.COUNT_AT_MOST, (1,), {"a"}, Truth.TRUE, Truth.UNKNOWN),
        (Comparison.COUNT_AT_MOST, (1,), {"a", "b"}, Truth.FALSE, Truth.FALSE),
    ],
)
def test_a_list_that_may_be_longer_shows_that_nothing_is_absent(
    comparison: Comparison, values: tuple[str, ...], value: set[str], complete: Truth, open_ended: Truth
) -> None:
    one = atom(comparison, *values)
    assert compare(one, Known(Listed(frozenset(value), True))) is complete
    assert compare(one, Known(Listed(frozenset(value), False))) is open_ended


@pytest.mark.parametrize(
    ("comparison", "value"),
    [(Comparison.IS, "yes"), (Comparison.ONE_OF, True), (Comparison.BELOW, True), (Comparison.IS, 1.0)],
)
def test_a_value_of_another_type_than_is_asked_for_is_an_error_and_no_answer(
    comparison: Comparison, value: bool | float | str
) -> None:
    with pytest.raises(TypeError):
        compare(atom(comparison, True), Known(value))


def test_each_of_two_levels_is_named_only_where_both_are_sure() -> None:
    warfarin = Known(Listed(frozenset({"warfarin"}), True))
    facts: dict[str, Fact] = {"selected-drugs": warfarin, "actionable-drugs": warfarin}
    said = ask("medicare-moldx", "pgx-gene", facts)
    assert (said.answer, said.disagreements) == (Answer.CONDITIONAL, ())
    assert [one.policy for one in said.governing] == ["medicare-ncd-warfarin"]
    both_against = ask("medicare-moldx", "pgx-gene", {**facts, "in-approved-study": Known(False)})
    assert (both_against.answer, both_against.disagreements) == (Answer.NOT_COVERED, ())


def of_two(when_met: Follows, when_not_met: Follows = Follows.NOT_COVERED) -> CoverageAnswer:
    """A covered genome under its own policy and a second one of the same rank with the same criteria."""
    held = PACK.policies["commercial-exome-genome"]
    other = replace(held, policy="other", when_met=when_met, when_not_met=when_not_met)
    two = replace(PACK, policies={held.policy: held, "other": other})
    plan = PACK.plans["example-employer"].plan
    return covered(two, CoverageAsked("o", TestAsked("t", "genome", None), plan, DAY, DAY, GENOME))


@pytest.mark.parametrize(
    ("second", "answer", "why"),
    [
        (Follows.COVERED, Answer.COVERED, "every criterion is met"),
        (Follows.SILENT, Answer.COVERED, "every criterion is met"),
        (Follows.CONDITIONAL, Answer.CONDITIONAL, "every criterion is met"),
        (Follows.NOT_COVERED, Answer.UNKNOWN, "opposite things"),
    ],
)
def test_two_policies_of_one_rank(second: Follows, answer: Answer, why: str) -> None:
    said = of_two(second)
    assert (said.answer, why in said.why) == (answer, True)
    governing = {one.policy for one in said.governing}
    if answer is Answer.UNKNOWN:
        assert governing == {"commercial-exome-genome", "other"}
    if second is Follows.SILENT:
        assert governing == {"commercial-exome-genome"}
    if second is Follows.CONDITIONAL:
        assert governing == {"other"}


def test_a_policy_that_covers_and_one_that_covers_on_a_condition_come_to_the_condition() -> None:
    held = PACK.policies["commercial-exome-genome"]
    other = replace(held, policy="other", when_met=Follows.CONDITIONAL)
    two = replace(PACK, policies={held.policy: held, "other": other})
    asked = CoverageAsked(
        "o", TestAsked("t", "genome", None), PACK.plans["example-employer"].plan, DAY, DAY, GENOME
    )
    said = covered(two, asked)
    assert (said.answer, said.missing) == (Answer.CONDITIONAL, ())
    assert all(one.level is Level.PLAN for one in said.policies)


def test_what_was_asked_and_answered_is_the_same_after_it_was_stored() -> None:
    at = Pointer(Said.FORM, "stated on the form", DAY, by="Dr Early")
    facts: dict[str, Fact] = {
        "selected-drugs": Known(Listed(frozenset({"clopidogrel"}), False), (at,)),
        "result-needed": Known(True, (at, Pointer(Said.CHART, "problem list", DAY, 7))),
        "age-days": Known(12.0),
    }
    plan = replace(PACK.plans["medicare-moldx"].plan, ends=DAY, evidence=(at,))
    test = TestAsked("t", "pgx-gene", frozenset({"CYP2C19"}), (CODE,), "Z")
    asked = CoverageAsked("o", test, plan, DAY, DAY, facts)
    said = covered(PACK, asked)
    assert asked_of(plain_asked(asked)) == asked
    assert answer_of(plain(said)) == said
    assert answer_of(plain(said)).assertion == said.assertion != ""
