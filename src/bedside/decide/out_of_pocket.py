"""What a test may cost the person, from the plan's terms, the price and the coverage answer.

Only a test that is covered, with nothing the payer must still agree to, is estimated as covered. Anything
else that may be covered is a range up to the whole price: the covered figure never stands alone.
"""

from __future__ import annotations

from bedside.decide.coverage_answer import CoverageAnswer
from bedside.genome.cost import Amount, CostEstimate, ListPrice, PlanTerms
from bedside.genome.coverage import Answer, PaNeeded

_AGREED = frozenset({PaNeeded.NO_AUTH, PaNeeded.SATISFIED})


def share_left(
    price: float, deductible_left: float, coinsurance: float, copay: float, maximum_left: float
) -> float:
    """What a covered test leaves to the person: first what is left of the deductible, then the copay, then
    the share of the rest; never more than the price or what is left of the year's maximum."""
    deductible = min(price, deductible_left)
    rest = price - deductible
    fixed = min(rest, copay)
    return min(deductible + fixed + coinsurance * (rest - fixed), maximum_left, price)


def covered_share(price: Amount, terms: PlanTerms | None) -> Amount:
    """The same over everything that is not known: what nobody said can leave nothing, or all."""
    unlimited = float("inf")

    def at(term: Amount | None, worst: float) -> tuple[float, float]:
        return (0.0, worst) if term is None else (term.low, term.high)

    if terms is None:
        return Amount(0.0, price.high)
    deductible = at(terms.deductible_left, price.high)
    coinsurance = at(terms.coinsurance, 1.0)
    copay = at(terms.copay, price.high)
    maximum = terms.maximum_left
    low = share_left(
        price.low, deductible[0], coinsurance[0], copay[0], unlimited if maximum is None else maximum.low
    )
    high = share_left(
        price.high, deductible[1], coinsurance[1], copay[1], unlimited if maximum is None else maximum.high
    )
    return Amount(low, high)


def estimate(
    order: str, price: ListPrice | None, terms: PlanTerms | None, coverage: CoverageAnswer | None
) -> CostEstimate:
    """The estimate. Raises ValueError when price and terms are of two currencies."""
    answer = Answer.UNKNOWN if coverage is None else coverage.answer
    why = list(_why(terms, coverage))
    if price is None:
        return CostEstimate(order, "", None, None, None, answer, ("the price is not known", *why))
    if terms is not None and terms.currency != price.currency:
        raise ValueError(f"the price is in {price.currency}, the plan's terms in {terms.currency}")
    covered, all_of_it = covered_share(price.amount, terms), price.amount
    if answer is Answer.NOT_COVERED:
        pays = all_of_it
    elif answer is Answer.COVERED and _agreed(coverage):
        pays = covered
    else:
        pays = Amount(min(covered.low, all_of_it.low), all_of_it.high)
    return CostEstimate(order, price.currency, pays, covered, all_of_it, answer, tuple(why))


def _agreed(coverage: CoverageAnswer | None) -> bool:
    """Whether nothing stands between the answer and the payment."""
    return coverage is not None and coverage.pa_needed in _AGREED


def _why(terms: PlanTerms | None, coverage: CoverageAnswer | None) -> list[str]:
    said = []
    if coverage is None:
        said.append("nobody has asked whether it is covered")
    elif coverage.answer is Answer.UNKNOWN:
        said.append("whether it is covered is not known")
    elif coverage.answer is Answer.CONDITIONAL:
        said.append("it is covered only on conditions that are not settled")
    elif coverage.answer is Answer.NOT_COVERED:
        said.append("it is not covered: the whole price is the person's")
    elif not _agreed(coverage):
        said.append("it is covered only if the payer agrees beforehand")
    if coverage is None or coverage.answer is not Answer.NOT_COVERED:
        if terms is None:
            said.append("the plan's terms are not known")
        elif terms.not_known:
            words = ", ".join(name.replace("_", " ") for name in terms.not_known)
            said.append(f"not known of the plan: {words}")
    return said
