"""Whatever the plan, the price and the answer: nobody pays more than the price, and only what is surely
covered is estimated as covered."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.out_of_pocket import covered_share, estimate, share_left
from bedside.genome.cost import Amount, ListPrice, PlanTerms
from bedside.genome.coverage import Answer, PaNeeded

DAY = date(2026, 11, 26)
MONEY = st.floats(0, 20_000)
AMOUNTS = st.tuples(MONEY, MONEY).map(lambda two: Amount(min(two), max(two)))
SHARES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda two: Amount(min(two), max(two)))
TERMS = st.builds(
    lambda deductible, share, copay, maximum: PlanTerms(
        "p", "USD", deductible, share, copay, maximum, "x", DAY
    ),
    st.none() | AMOUNTS,
    st.none() | SHARES,
    st.none() | AMOUNTS,
    st.none() | AMOUNTS,
)
ANSWERS = st.none() | st.builds(
    lambda answer, pa: CoverageAnswer(answer, "", "o", "p", DAY, DAY, pa_needed=pa),
    st.sampled_from(Answer),
    st.none() | st.sampled_from(PaNeeded),
)


@given(AMOUNTS, st.none() | TERMS, ANSWERS)
def test_the_estimate_lies_within_the_price_and_is_a_range_unless_surely_covered(
    price: Amount, terms: PlanTerms | None, answer: CoverageAnswer | None
) -> None:
    found = estimate("o", ListPrice("t", price, "USD", DAY, "x"), terms, answer)
    assert found.pays is not None
    assert 0 <= found.pays.low <= found.pays.high <= price.high
    sure = (
        answer is not None
        and answer.answer is Answer.COVERED
        and answer.pa_needed in (PaNeeded.NO_AUTH, PaNeeded.SATISFIED)
    )
    if sure:
        assert found.pays == found.covered
    else:
        assert found.pays.high == price.high
        assert found.why


@given(AMOUNTS, TERMS, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_whatever_the_terms_turn_out_to_be_the_span_holds_it(
    price: Amount, terms: PlanTerms, a: float, b: float, c: float, d: float, e: float
) -> None:
    """Any plan that agrees with what is known leaves an amount inside the span."""

    def somewhere(one: Amount | None, worst: float, place: float) -> float:
        low, high = (0.0, worst) if one is None else (one.low, one.high)
        return min(high, low + place * (high - low))

    amount = somewhere(price, 0, e)
    maximum = float("inf") if terms.maximum_left is None else somewhere(terms.maximum_left, 0, d)
    left = share_left(
        amount,
        somewhere(terms.deductible_left, price.high, a),
        somewhere(terms.coinsurance, 1, b),
        somewhere(terms.copay, price.high, c),
        maximum,
    )
    held = covered_share(price, terms)
    assert held.low - 1e-6 <= left <= held.high + 1e-6
