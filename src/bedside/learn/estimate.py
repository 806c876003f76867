"""What an analysis answers: an estimate with its interval, or a refusal with the figures that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import exp, inf


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval. error: the standard error, of the logarithm where the figure is a
    ratio."""

    value: float
    low: float
    high: float
    error: float

    def exponential(self) -> Estimate:
        """The ratio of which this is the logarithm; infinite where no number is large enough."""
        return Estimate(_exp(self.value), _exp(self.low), _exp(self.high), self.error)

    def holds(self, figure: float) -> bool:
        """Whether the interval contains a figure."""
        return self.low <= figure <= self.high


def _exp(logarithm: float) -> float:
    return exp(logarithm) if logarithm < 709 else inf


class Why(Enum):
    """Why a study was not estimated."""

    TOO_FEW_BEFORE = "too few periods before the change"
    TOO_FEW_AFTER = "too few periods after the change"
    TOO_FEW_EVENTS = "too few events"
    TOO_FEW_BUSY = "too few periods with an event on one side of the change"
    NO_DENOMINATOR = "a period without anybody who could have had an event"
    NOT_ESTIMABLE = "the model cannot be told apart from these data"
    TOO_FEW_TREATED = "too few people with the exposure"
    TOO_FEW_UNTREATED = "too few people to compare them with"
    NO_COUNTERPART = "too large a share of people has nobody alike in the other group"
    FEW_EFFECTIVE = "the weights leave too small a share of a group to count"
    ONE_RULES = "one person has too large a share of a group's weight"
    NOT_BALANCED = "the groups still differ after weighting"
    TOO_FEW_CLUSTERS = "too few clusters"
    TOO_FEW_AT_RISK = "too few people under observation at the start"
    UNFIT_DATA = "the data are not fit for the question"


@dataclass(frozen=True, slots=True)
class Reason:
    """One limit that was not kept: what was found and what the policy asks for."""

    why: Why
    found: float
    limit: float

    def __str__(self) -> str:
        return f"{self.why.value}: {self.found:.4g} where {self.limit:.4g} is the limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was estimated, and why. It is an answer, not a failure."""

    reasons: tuple[Reason, ...]
