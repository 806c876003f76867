"""What a test may cost the person: amounts from low to high, what a plan pays for, and the estimate.

What nobody said is None, never 0: a plan of which the deductible is not known may leave the whole price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bedside.genome.coverage import Answer


@dataclass(frozen=True, slots=True)
class Amount:
    """From low to high, in money of one currency; equal when it is known exactly."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high < float("inf"):
            raise ValueError("an amount lies from 0 upwards, low before high")


def exactly(value: float) -> Amount:
    """An amount that is known."""
    return Amount(value, value)


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan leaves to the person, on a day. deductible_left, maximum_left: of this year, what is still
    to pay; coinsurance: the share of the rest, 0 to 1; copay: a fixed sum. None is not known; a plan that has
    none says 0. source: who said so."""

    payer: str
    currency: str
    deductible_left: Amount | None
    coinsurance: Amount | None
    copay: Amount | None
    maximum_left: Amount | None
    source: str
    as_of: date

    @property
    def not_known(self) -> tuple[str, ...]:
        """The terms nobody said."""
        names = ("deductible_left", "coinsurance", "copay", "maximum_left")
        return tuple(name for name in names if getattr(self, name) is None)


@dataclass(frozen=True, slots=True)
class ListPrice:
    """What a test is charged at, on a day and by whose word."""

    test: str
    amount: Amount
    currency: str
    as_of: date
    source: str


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What the person may have to pay: from low to high; None when the price is not known. covered,
    not_covered: the two ends it was made of. why: each reason for the span, in words."""

    order: str
    currency: str
    pays: Amount | None
    covered: Amount | None
    not_covered: Amount | None
    answer: Answer
    why: tuple[str, ...]


def plain_estimate(one: CostEstimate) -> dict[str, Any]:
    """The estimate as plain values."""
    return {
        "order": one.order,
        "currency": one.currency,
        "pays": _plain(one.pays),
        "covered": _plain(one.covered),
        "not_covered": _plain(one.not_covered),
        "answer": one.answer.value,
        "why": list(one.why),
    }


def estimate_of(said: Mapping[str, Any]) -> CostEstimate:
    """The estimate that plain values describe; KeyError, TypeError or ValueError when they describe none."""
    return CostEstimate(
        said["order"],
        said["currency"],
        amount_of(said["pays"]),
        amount_of(said["covered"]),
        amount_of(said["not_covered"]),
        Answer(said["answer"]),
        tuple(said["why"]),
    )


def plain_terms(one: PlanTerms) -> dict[str, Any]:
    """The terms as plain values."""
    return {
        "payer": one.payer,
        "currency": one.currency,
        "deductible_left": _plain(one.deductible_left),
        "coinsurance": _plain(one.coinsurance),
        "copay": _plain(one.copay),
        "maximum_left": _plain(one.maximum_left),
        "source": one.source,
        "as_of": one.as_of.isoformat(),
    }


def _plain(one: Amount | None) -> list[float] | None:
    return None if one is None else [one.low, one.high]


def amount_of(said: list[float] | None) -> Amount | None:
    """The amount of a low and a high; None is not known."""
    return None if said is None else Amount(float(said[0]), float(said[1]))
