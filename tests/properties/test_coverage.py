"""Nobody is told "covered" from a fact that nobody knows: 10,000 random orders, and every policy's decision
table against an evaluator that shares no code with ours."""

from __future__ import annotations

import itertools
import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bedside.decide.coverage import covered
from bedside.decide.coverage_words import HEADLINES
from bedside.genome.coverage import (
    Answer,
    CoverageAsked,
    Fact,
    Funding,
    Known,
    Line,
    Listed,
    NotKnown,
    Plan,
    TestAsked,
    Truth,
    all_of,
    any_of,
    at_least_of,
)
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.coverage_policies import coverage_files, load_coverage
from bedside.knowledge.coverage_policy import CoverageFact, FactType

PACK = load_coverage()
DAY = date(2026, 11, 26)
ORDERS = 10_000
MOST_ROWS = 3_000
NOBODY = NotKnown("nobody said")
DOCUMENTS = {
    document["policy"]: document
    for document in (tomllib.loads(content.decode()) for content in coverage_files().values())
    if "policy" in document
}


# --- an evaluator of its own: two-valued, on the files as they stand


def holds(criterion: Mapping[str, Any], value: Any) -> bool:
    for word, wanted in criterion.items():
        match word:
            case "is":
                return bool(value is wanted)
            case "one_of":
                return value in wanted
            case "at_least":
                return bool(value >= wanted)
            case "at_most":
                return bool(value <= wanted)
            case "below":
                return bool(value < wanted)
            case "any_of":
                return bool(set(value) & set(wanted))
            case "other_than":
                return bool(set(value) - set(wanted))
            case "count_at_least":
                return len(set(value)) >= wanted
            case "count_at_most":
                return len(set(value)) <= wanted
    raise AssertionError("a criterion without a comparison")


def met(document: Mapping[str, Any], tree: Any, facts: Mapping[str, Any]) -> bool:
    if isinstance(tree, str):
        (criterion,) = [one for one in document["criterion"] if one["id"] == tree]
        return holds(criterion, facts[criterion["fact"]])
    if "all" in tree:
        return all(met(document, one, facts) for one in tree["all"])
    if "any" in tree:
        return any(met(document, one, facts) for one in tree["any"])
    if "not" in tree:
        return not met(document, tree["not"], facts)
    return sum(met(document, one, facts) for one in tree["of"]) >= tree["n_of"]


def follows(document: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    if not met(document, document["applies_to"].get("where", {"all": []}), facts):
        return "silent"
    return str(
        document["when_met"] if met(document, document["criteria"], facts) else document["when_not_met"]
    )


def fact_of(known: CoverageFact, value: Any) -> Fact:
    if value is None:
        return NOBODY
    if known.type is FactType.LIST:
        return Known(Listed(frozenset(value), True))
    return Known(float(value) if known.type is FactType.NUMBER else value)


# --- decision tables


def values_of(document: Mapping[str, Any], fact: str) -> list[Any]:
    """Values around every edge that the policy's criteria have for a fact."""
    known = PACK.facts[fact]
    found: list[Any] = [True, False] if known.type is FactType.YES_NO else list(known.choices)
    for one in document["criterion"]:
        if one["fact"] != fact:
            continue
        for word in ("at_least", "at_most", "below"):
            if word in one:
                found += [one[word] - 1, one[word], one[word] + 1]
        for word in ("any_of", "other_than"):
            if word in one:
                found += [(), tuple(one[word]), ("something-else",)]
        for word in ("count_at_least", "count_at_most"):
            if word in one:
                found += [tuple(f"x{n}" for n in range(one[word] + more)) for more in (-1, 0, 1)]
    return list(
        dict.fromkeys(value for value in found if value is not False or known.type is FactType.YES_NO)
    )


def rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every combination of values and of not known; a sample where there are too many."""
    facts = sorted({one["fact"] for one in document.get("criterion", ())})
    choices = [[None, *values_of(document, fact)] for fact in facts]
    total = 1
    for one in choices:
        total *= len(one)
    if total <= MOST_ROWS:
        for row in itertools.product(*choices):
            yield dict(zip(facts, row, strict=True))
        return
    chance = random.Random(document["policy"])
    for _ in range(MOST_ROWS):
        yield {fact: chance.choice(one) for fact, one in zip(facts, choices, strict=True)}


def expected(document: Mapping[str, Any], row: Mapping[str, Any]) -> set[str]:
    """What may follow: over every way in which what is not known may be. Each fact's values stand for all."""
    open_facts = [fact for fact, value in row.items() if value is None]
    choices = [values_of(document, fact) for fact in open_facts]
    return {
        follows(document, {**row, **dict(zip(open_facts, filled, strict=True))})
        for filled in itertools.product(*choices)
    }


def bound(policy: str) -> tuple[Plan, TestAsked]:
    to = PACK.policies[policy].applies_to
    plan = Plan(
        next(iter(sorted(to.payers)), "some-payer"),
        next(iter(sorted(to.lines, key=str)), Line.COMMERCIAL),
        next(iter(sorted(to.fundings, key=str)), Funding.STATE_REGULATED),
        next(iter(sorted(to.states)), "IL"),
        next(iter(sorted(to.contractors)), "none"),
    )
    return plan, TestAsked("t", sorted(to.kinds)[0], None)


@pytest.mark.parametrize("policy", sorted(PACK.policies))
def test_each_policy_alone_answers_as_its_file_reads(policy: str) -> None:
    document, held = DOCUMENTS[policy], PACK.policies[policy]
    alone = replace(PACK, policies={policy: held})
    plan, test = bound(policy)
    seen = set()
    small = {"covered": Answer.COVERED, "not-covered": Answer.NOT_COVERED, "silent": Answer.UNKNOWN}
    many = 0
    for row in rows(document):
        open_facts = sum(value is None for value in row.values())
        if open_facts > 4:
            continue
        many += 1
        facts = {fact: fact_of(PACK.facts[fact], value) for fact, value in row.items()}
        asked = CoverageAsked("o", test, plan, held.effective_from, DAY, facts)
        said = covered(alone, asked)
        may = expected(document, row)
        seen.add(said.answer)
        if len(may) == 1:
            assert said.answer is small[may.pop()], row
        else:
            assert said.answer is (Answer.CONDITIONAL if "covered" in may else Answer.UNKNOWN), row
            assert {one.fact for one in said.missing} <= {f for f, value in row.items() if value is None}
            assert said.missing
    assert many
    assert seen - {Answer.COVERED}


# --- random orders


def random_value(chance: random.Random, known: CoverageFact) -> Any:
    if known.type is FactType.YES_NO:
        return chance.random() < 0.7
    if known.type is FactType.NUMBER:
        return chance.choice([0, 0, 1, 12, 300, 365, 547, 548, 800])
    if known.type is FactType.LIST:
        return tuple(chance.sample(["clopidogrel", "codeine", "warfarin"], chance.randint(0, 3)))
    return chance.choice(known.choices) if known.choices else "IL"


def random_order(chance: random.Random) -> tuple[CoverageAsked, CoverageAsked]:
    """An order of which everything is known, and the same with facts dropped at random, also of the plan."""
    known = chance.choice(list(PACK.plans.values()))
    test = TestAsked("t", chance.choice(list(PACK.kinds)), None)
    values = {name: random_value(chance, one) for name, one in PACK.facts.items()}
    facts = {name: fact_of(PACK.facts[name], value) for name, value in values.items()}
    on = chance.choice([DAY, DAY, DAY, date(2021, 6, 1), date(2024, 6, 1)])
    whole = CoverageAsked("o", test, known.plan, on, DAY, facts)
    share = chance.random()
    left = {name: fact for name, fact in facts.items() if chance.random() > share * share}
    plan = known.plan
    if chance.random() < 0.2:
        plan = replace(plan, line=Line.NOT_KNOWN)
    if chance.random() < 0.2:
        plan = replace(plan, funding=Funding.NOT_KNOWN)
    if chance.random() < 0.2:
        plan = replace(plan, state="", contractor="")
    return whole, replace(whole, facts=left, plan=plan)


def test_ten_thousand_random_orders_are_never_covered_from_what_nobody_knows() -> None:
    """Covered, and not covered, stay so whatever the missing facts turn out to be: drawn here three times,
    against an evaluator of its own once everything is known."""
    chance = random.Random(20261126)
    counted = dict.fromkeys(Answer, 0)
    partly = 0
    for _ in range(ORDERS):
        whole, part = random_order(chance)
        said = covered(PACK, part)
        counted[said.answer] += 1
        if said.missing:
            assert said.answer in (Answer.CONDITIONAL, Answer.UNKNOWN)
        if said.answer not in (Answer.COVERED, Answer.NOT_COVERED):
            assert not HEADLINES[said.answer].startswith("Covered")
            continue
        partly += len(part.facts) < len(whole.facts)
        assert truly(whole) == said.answer.value
        for _ in range(2):
            other = {
                name: part.facts.get(name) or fact_of(one, random_value(chance, one))
                for name, one in PACK.facts.items()
            }
            assert truly(replace(whole, facts=other)) == said.answer.value
    assert min(counted.values()) > 200, counted
    assert partly > 500


def truly(asked: CoverageAsked) -> str:
    """What the files say of an order of which everything is known; plan and test as they are."""
    facts = {
        name: fact.value.values if isinstance(fact.value, Listed) else fact.value
        for name, fact in asked.facts.items()
        if isinstance(fact, Known)
    }
    levels = ["state-law", "national", "local", "plan"]
    plan, found = asked.plan, dict[str, set[str]]()
    for document in DOCUMENTS.values():
        to = document["applies_to"]
        ends = document.get("effective_to", date.max)
        if (
            document["effective_from"] <= asked.service_on <= ends
            and asked.test.kind in to["kinds"]
            and plan.payer in to.get("payers", [plan.payer])
            and plan.line.value in to.get("lines", [plan.line.value])
            and plan.funding.value in to.get("fundings", [plan.funding.value])
            and plan.state in to.get("states", [plan.state])
            and plan.contractor in to.get("contractors", [plan.contractor])
        ):
            found.setdefault(document["level"], set()).add(follows(document, facts))
    for level in levels:
        said = found.get(level, set()) - {"silent"}
        if said:
            return said.pop() if len(said) == 1 else "unknown"
    return "unknown"


def test_learning_facts_one_after_the_other_never_takes_covered_back() -> None:
    chance = random.Random(7)
    settled = 0
    for _ in range(400):
        whole, _ = random_order(chance)
        names = list(whole.facts)
        chance.shuffle(names)
        before: Answer | None = None
        for count in range(0, len(names) + 1, 4):
            facts = {name: whole.facts[name] for name in names[:count]}
            said = covered(PACK, replace(whole, facts=facts)).answer
            if before in (Answer.COVERED, Answer.NOT_COVERED):
                assert said is before
                settled += 1
            before = said
        assert covered(PACK, whole).answer is not Answer.CONDITIONAL
    assert settled > 300


def test_what_an_answer_asks_for_is_enough_in_the_end() -> None:
    """Answering what is missing, round by round, always comes to an end that is not conditional."""
    chance = random.Random(11)
    for _ in range(500):
        whole, _ = random_order(chance)
        facts: dict[str, Fact] = {}
        for _ in range(12):
            said = covered(PACK, replace(whole, facts=facts))
            if not said.missing:
                break
            facts |= {one.fact: whole.facts[one.fact] for one in said.missing}
        assert not said.missing
        assert said.answer is covered(PACK, whole).answer


# --- logic


@pytest.mark.parametrize("parts", list(itertools.product(Truth, repeat=3)))
def test_kleenes_logic_is_what_holds_in_every_way_the_unknown_may_turn_out(parts: tuple[Truth, ...]) -> None:
    ways = list(
        itertools.product(*([True, False] if one is Truth.UNKNOWN else [one is Truth.TRUE] for one in parts))
    )

    def over(said: set[bool]) -> Truth:
        return Truth.UNKNOWN if len(said) == 2 else Truth.TRUE if said.pop() else Truth.FALSE

    assert all_of(parts) is over({all(one) for one in ways})
    assert any_of(parts) is over({any(one) for one in ways})
    assert at_least_of(2, parts) is over({sum(one) >= 2 for one in ways})
    assert [one.opposite.opposite for one in parts] == list(parts)


def conflicting(pack: CoveragePack) -> CoveragePack:
    """The archived policy still in force for the plan that another policy covers."""
    old = pack.policies["archived-genome-investigational"]
    to = replace(old.applies_to, payers=frozenset({"example-employer"}))
    still = replace(old, applies_to=to, effective_to=None)
    return replace(pack, policies={**pack.policies, old.policy: still})


GENOME = {
    "anomalies-of-two-systems": Known(True),
    "changes-management": Known(True),
}


def test_policies_of_one_rank_that_contradict_each_other_are_named_and_nothing_is_covered() -> None:
    plan = PACK.plans["example-employer"].plan
    asked = CoverageAsked("o", TestAsked("t", "genome", None), plan, DAY, DAY, GENOME)
    assert covered(PACK, asked).answer is Answer.COVERED
    said = covered(conflicting(PACK), asked)
    assert said.answer is Answer.UNKNOWN
    (one,) = said.disagreements
    assert (set(one.policies), one.settled_by) == (
        {"archived-genome-investigational", "commercial-exome-genome"},
        "",
    )


def test_a_national_determination_holds_over_a_local_one_and_both_are_named() -> None:
    warfarin = Known(Listed(frozenset({"warfarin"}), True))
    facts = {
        "selected-drugs": warfarin,
        "actionable-drugs": warfarin,
        "in-approved-study": Known(True),
    }
    plan = PACK.plans["medicare-moldx"].plan
    said = covered(PACK, CoverageAsked("o", TestAsked("t", "pgx-gene", None), plan, DAY, DAY, facts))
    assert (said.answer, said.decided_by) == (Answer.COVERED, ("medicare-ncd-warfarin",))
    (one,) = said.disagreements
    assert (one.policies, one.holds) == (
        ("medicare-ncd-warfarin", "medicare-pgx-moldx"),
        "medicare-ncd-warfarin",
    )
    assert "42 CFR" in one.settled_by


def test_a_policy_whose_review_is_overdue_covers_nothing() -> None:
    plan = PACK.plans["example-employer"].plan
    late = date(2030, 1, 1)
    asked = CoverageAsked("o", TestAsked("t", "genome", None), plan, late, late, GENOME)
    said = covered(PACK, asked)
    assert said.answer is Answer.UNKNOWN
    assert "review" in said.why


@pytest.mark.parametrize(
    ("funding", "answer"),
    [
        (Funding.STATE_REGULATED, Answer.COVERED),
        (Funding.SELF_FUNDED, Answer.UNKNOWN),
        (Funding.NOT_KNOWN, Answer.UNKNOWN),
    ],
)
def test_a_states_law_reaches_the_plans_it_regulates_only(funding: Funding, answer: Answer) -> None:
    plan = replace(PACK.plans["example-commercial"].plan, funding=funding)
    facts = {"guideline-backs-test": Known(True)}
    asked = CoverageAsked("o", TestAsked("t", "tumour-panel", None), plan, DAY, DAY, facts)
    assert covered(PACK, asked).answer is answer
