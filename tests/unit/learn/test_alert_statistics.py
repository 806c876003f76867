"""The watch over rules, shrinkage, the change of overrides and two readers' agreement, on known truth."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from bedside.learn.agreement import cohens_kappa
from bedside.learn.override_change import override_change
from bedside.learn.rule_watch import gains, watch
from bedside.learn.shares import Share
from bedside.learn.shrinkage import shrink_all


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.sampled_from([0.3, 0.5, 0.8]))
@settings(max_examples=30, deadline=None)
def test_the_gain_is_the_mean_likelihood_of_smaller_shares_over_that_of_the_share_asked_for(
    answers: list[bool], least: float
) -> None:
    yes, no = sum(answers), len(answers) - sum(answers)
    mean = quad(lambda p: p**yes * (1 - p) ** no / least, 0, least, epsabs=0)[0]
    assert gains(answers, least)[-1] == pytest.approx(mean / (least**yes * (1 - least) ** no), rel=1e-6)


def test_a_rule_heeded_exactly_as_often_as_asked_is_named_no_more_often_than_promised() -> None:
    """2,000 rules at the border, each looked at after every one of 500 firings; promised 5 %."""
    draw = np.random.default_rng(7)
    named = sum(
        watch((draw.random(500) < 0.5).tolist(), 0.5, 0.05).named_after is not None for _ in range(2000)
    )
    assert named / 2000 < 0.05


def test_a_bet_at_its_start_and_after_one_firing_is_as_worked_out_by_hand() -> None:
    """∫ (1-q) dq/0.5 from 0 to 0.5 is 0.75; over 0.5 it is 1.5. ∫ q dq/0.5 is 0.25; over 0.5 it is 0.5."""
    assert gains([False], 0.5) == pytest.approx([1.5])
    assert gains([True], 0.5) == pytest.approx([0.5])
    assert watch([], 0.5, 0.01).named_after is None


def test_a_rule_that_nobody_heeds_is_named_after_few_firings_and_a_good_one_never() -> None:
    assert watch([False] * 30, 0.5, 0.01).named_after == 9
    assert watch([True, True, False] * 100, 0.5, 0.01).named_after is None


def test_small_groups_are_drawn_to_their_rule_and_large_ones_hardly() -> None:
    counts = {("A", n): Share(round(0.9 * of), of) for n, of in enumerate((400, 400, 400, 2))}
    counts |= {("B", n): Share(round(0.1 * of), of) for n, of in enumerate((400, 400, 400))}
    counts[("A", 3)] = Share(0, 2)
    drawn = shrink_all(counts, {key: key[0] for key in counts})
    assert drawn["A", 3].value > 0.75
    assert drawn["A", 0].value == pytest.approx(0.9, abs=0.01)
    assert drawn["B", 0].value == pytest.approx(0.1, abs=0.01)
    assert drawn["A", 3].high - drawn["A", 3].low > drawn["A", 0].high - drawn["A", 0].low


def test_a_rule_that_nobody_accepted_is_not_told_as_certain() -> None:
    (drawn,) = shrink_all({0: Share(0, 40)}, {0: "one rule"}).values()
    assert 0.003 < drawn.value < 0.03
    assert drawn.high > 0.04


def test_shrunk_shares_are_nearer_the_truth_than_raw_ones() -> None:
    draw = np.random.default_rng(3)
    truth = draw.beta(8, 4, 300)
    of = draw.integers(2, 12, 300)
    counts = {n: Share(int(draw.binomial(of[n], truth[n])), int(of[n])) for n in range(300)}
    drawn = shrink_all(counts, dict.fromkeys(counts, "one rule"))
    error = np.mean([(drawn[n].value - truth[n]) ** 2 for n in counts])
    raw = np.mean([((counts[n].value or 0) - truth[n]) ** 2 for n in counts])
    assert error < 0.5 * raw
    assert np.mean([drawn[n].low <= truth[n] <= drawn[n].high for n in counts]) == pytest.approx(
        0.95, abs=0.04
    )


def test_a_change_of_overrides_is_found_where_it_was_put() -> None:
    draw = np.random.default_rng(5)
    answers = np.concatenate([draw.random(80) < 0.1, draw.random(60) < 0.7]).tolist()
    found = override_change(answers, 30)
    assert found is not None
    assert abs(found.place - 80) <= 4
    assert (found.before.of, found.after.of) == (found.place, 140 - found.place)
    assert (found.before.value or 0) < 0.2 < 0.5 < (found.after.value or 0)


def test_steady_overrides_have_no_change_nineteen_times_in_twenty_and_few_answers_none_at_all() -> None:
    draw = np.random.default_rng(6)
    found = sum(override_change((draw.random(150) < 0.3).tolist(), 30) is not None for _ in range(400))
    assert found / 400 < 0.05
    assert override_change([True], 1.1) is None


def test_the_odds_of_four_answers_are_as_worked_out_by_hand() -> None:
    """0 0 1 1: none 1/(5·C(4,2)); a change after k 1/((k+1)·C(k,x)) · 1/((n-k+1)·C(n-k,y)), mean of three."""
    none = 1 / (5 * comb(4, 2))
    after = [1 / 2 * 1 / (4 * comb(3, 2)), 1 / 3 * 1 / 3, 1 / (4 * 3) * 1 / 2]
    found = override_change([False, False, True, True], 1)
    assert found is not None
    assert (found.place, found.odds) == (2, pytest.approx(sum(after) / 3 / none))


def test_kappa_of_a_published_table() -> None:
    """Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, table 18.1: 0.676 (0.088)."""
    table = {("a", "a"): 75, ("a", "b"): 1, ("a", "c"): 4, ("b", "a"): 5, ("b", "b"): 4, ("b", "c"): 1,
             ("c", "c"): 10}  # fmt: skip
    found = cohens_kappa([pair for pair, count in table.items() for _ in range(count)])
    assert found.kappa == pytest.approx(0.676, abs=0.0005)
    assert ((found.high or 0) - (found.kappa or 0)) / 1.96 == pytest.approx(0.088, abs=0.001)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=5, max_size=60))
@settings(max_examples=40, deadline=None)
def test_kappa_and_its_error_are_those_of_statsmodels(pairs: list[tuple[str, str]]) -> None:
    from statsmodels.stats.inter_rater import cohens_kappa as theirs

    found = cohens_kappa(pairs)
    words = sorted({word for pair in pairs for word in pair})
    table = np.array([[sum(one == (a, b) for one in pairs) for b in words] for a in words], dtype=float)
    one_word = min(np.count_nonzero(table.sum(axis=0)), np.count_nonzero(table.sum(axis=1))) < 2
    if found.kappa is None or one_word:
        return
    other = theirs(table)
    assert found.kappa == pytest.approx(float(other.kappa))
    high = min(1.0, float(other.kappa) + 1.959964 * float(np.sqrt(max(0.0, other.var_kappa))))
    assert found.high == pytest.approx(high, abs=1e-6)


def test_where_both_say_the_same_of_everything_chance_explains_it() -> None:
    assert cohens_kappa([("no harm", "no harm")] * 20).kappa is None
    assert cohens_kappa([]).agreed.value is None
