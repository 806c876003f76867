"""How strong something unmeasured would have to be to explain an effect away."""

from __future__ import annotations

from math import sqrt

from bedside.learn.estimate import Estimate


def e_value(ratio: float) -> float:
    """The least risk ratio that an unmeasured cause must have with both exposure and outcome to explain a
    risk ratio away (VanderWeele and Ding 2017); 1 explains nothing away. Raises ValueError unless above 0."""
    if ratio <= 0:
        raise ValueError("a risk ratio is above 0")
    high = max(ratio, 1 / ratio)
    return high + sqrt(high * (high - 1))


def e_values(ratio: Estimate) -> tuple[float, float]:
    """Of the estimate, and of the end of its interval that is nearer to no effect; 1 when the interval holds
    it."""
    if ratio.holds(1.0):
        return e_value(ratio.value), 1.0
    return e_value(ratio.value), e_value(ratio.low if ratio.value > 1 else ratio.high)


def tipping_point(difference: Estimate) -> float:
    """By how much the comparators' mean outcome would have to be wrong for the interval to reach no effect; 0
    when it does already. Positive: the comparators would in truth have had more of the outcome."""
    if difference.holds(0.0):
        return 0.0
    return difference.low if difference.value > 0 else difference.high
