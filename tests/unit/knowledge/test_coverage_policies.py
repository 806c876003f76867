"""A coverage policy that is not whole, or that carries what is somebody's property, does not load."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.genome.coverage import BillingCode
from bedside.knowledge.approval import Awaiting
from bedside.knowledge.coverage_policies import KIND, coverage_files, load_coverage, read_coverage
from bedside.knowledge.coverage_policy import Level, atoms
from bedside.knowledge.provenance import parse_rule_file

SHIPPED = {name: content.decode() for name, content in coverage_files().items()}
GENOME = "medicaid-ca-rapid-genome"


def refused(name: str, before: str, after: str) -> list[str]:
    """What is said of the pack with one change in one file."""
    assert before in SHIPPED[name]
    texts = {**SHIPPED, name: SHIPPED[name].replace(before, after, 1)}
    files = {one: parse_rule_file(one, text.encode(), KIND) for one, text in texts.items()}
    with pytest.raises(PackError) as error:
        read_coverage(files)
    return [one.reason for one in error.value.problems]


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        (GENOME, 'fact = "setting"', 'fact = "weather"', "which the vocabulary does not have"),
        (GENOME, 'one_of = ["inpatient-icu"]', 'one_of = ["moon"]', "no choice of setting"),
        (GENOME, "below = 365", "is = true", "which is a number"),
        (GENOME, "below = 365", "", "in 0 ways, not in one"),
        (GENOME, '"infant", ', '"adult", ', "adult is no criterion of this file"),
        (GENOME, 'kinds = ["rapid-genome"]', 'kinds = ["slow-genome"]', "that nobody knows: slow-genome"),
        (GENOME, 'states = ["CA"]', 'stats = ["CA"]', "applies_to does not know stats"),
        (GENOME, "read = ", "unread = ", "names neither the digest"),
        (GENOME, "effective_from = 2022-01-01", 'effective_from = "2022"', "are dates"),
        (GENOME, 'when_not_met = "not-covered"', 'when_not_met = "perhaps"', "is no coverage policy"),
        (GENOME, 'when_met = "covered"', 'when_met = "silent"', "says nothing when it is met"),
        (GENOME, 'pa_needed = "no-auth"', "", "pa_needed is missing"),
        (GENOME, 'missing = ["setting"]', "missing = []", "no example in which a fact is missing"),
        (GENOME, "answer_days = 30", "answer_days = 0", "answer_days"),
        ("archived-genome-investigational", "2021-12-31", "2020-12-31", "ends before it begins"),
        ("facts", 'unit = "days"', "", "is a number without a unit"),
        ("precedence", 'level = "local"', 'level = "plan"', "no place for local"),
        ("facts", "stay_days = 14", "", "does not say how a record is read"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_the_reason(
    name: str, before: str, after: str, told: str
) -> None:
    assert any(told in one for one in refused(name, before, after))


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("codes", "confirmed = true", 'confirmed = true\ndescription = "x"', "a code carries no description"),
        ("codes", "confirmed = true", 'confirmed = true\ndisplay = "x"', "a code carries no display"),
        (
            GENOME,
            'says = "the patient is younger than 12 months"',
            'says = "CYP2C19 (cytochrome P450) (eg, drug metabolism), gene analysis"',
            "reads like a code set's own descriptor",
        ),
    ],
)
def test_a_code_sets_own_words_are_refused_anywhere(name: str, before: str, after: str, told: str) -> None:
    assert any(told in one for one in refused(name, before, after))


def test_no_code_that_ships_has_words_and_a_site_brings_its_own(tmp_path: Path) -> None:
    assert load_coverage().labels == {}
    folder = tmp_path / KIND
    folder.mkdir()
    header = SHIPPED["plans"].split("\n[[plan]]")[0].replace('name = "plans"', 'name = "labels"')
    label = '[[label]]\nsystem = "cpt"\ncode = "81225"\ntext = "as our licensed file says"\n'
    (folder / "labels.toml").write_text(f"{header}\n{label}")
    assert load_coverage(tmp_path).labels == {BillingCode("cpt", "81225"): "as our licensed file says"}


def test_a_sites_own_policy_stands_in_place_of_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / KIND
    folder.mkdir()
    (folder / "mine.toml").write_text(
        SHIPPED[GENOME].replace('pa_needed = "no-auth"', 'pa_needed = "auth-needed"')
    )
    ours, theirs = load_coverage(tmp_path).policies, load_coverage().policies
    assert set(ours) == set(theirs)
    assert (ours[GENOME].pa_needed.value, theirs[GENOME].pa_needed.value) == ("auth-needed", "no-auth")


def test_every_criterion_has_a_citation_and_words_and_every_question_is_one() -> None:
    pack = load_coverage()
    assert list(pack.precedence.levels) == [Level.STATE_LAW, Level.NATIONAL, Level.LOCAL, Level.PLAN]
    for policy in pack.policies.values():
        assert all(one.citation and one.says for one in (*atoms(policy.criteria), *policy.asks_of))
        assert policy.provenance.review_due > policy.provenance.retrieved
    assert all(one.question.endswith("?") for one in pack.facts.values())


def test_each_policy_says_what_of_it_is_not_confirmed() -> None:
    for policy in load_coverage().policies.values():
        assert policy.provenance.review_state.startswith(("unconfirmed", "archived"))
        assert isinstance(policy.provenance.approval, Awaiting)
