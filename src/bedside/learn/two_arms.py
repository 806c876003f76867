"""Two groups by counts: the difference in risk, the number to treat, and the odds ratio beside them.

An odds ratio is not a cut in risk. Where a third pair of groups cannot have the effect (a negative control),
its difference stands beside the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

from bedside.learn.shares import Share, Z


@dataclass(frozen=True, slots=True)
class TwoArms:
    """Events of those treated and of those who were not."""

    treated: Share
    control: Share

    def __post_init__(self) -> None:
        if not all(0 <= one.count <= one.of and one.of > 0 for one in (self.treated, self.control)):
            raise ValueError("events lie between 0 and the people of their group, which is not empty")

    @property
    def avoided(self) -> float:
        """Risk of control less risk of treated: above 0 is avoided, below 0 is added."""
        return (self.control.value or 0.0) - (self.treated.value or 0.0)

    @property
    def avoided_interval(self) -> tuple[float, float]:
        """Its 95 % interval, by Newcombe's way from Wilson's."""
        treated, control = self.treated.value or 0.0, self.control.value or 0.0
        (t_low, t_high), (c_low, c_high) = self.treated.interval or (0, 1), self.control.interval or (0, 1)
        low = self.avoided - sqrt((control - c_low) ** 2 + (t_high - treated) ** 2)
        high = self.avoided + sqrt((c_high - control) ** 2 + (treated - t_low) ** 2)
        return low, high

    @property
    def number_to_treat(self) -> float | None:
        """How many to treat for one event avoided; None unless the interval of the difference is above 0."""
        return 1 / self.avoided if self.avoided_interval[0] > 0 else None

    @property
    def relative_cut(self) -> float | None:
        """The share of the control's risk that is avoided; None where that has none."""
        return self.avoided / self.control.value if self.control.value else None

    @property
    def odds_ratio(self) -> tuple[float, float, float] | None:
        """The odds ratio with its 95 % interval (Woolf's); None where a cell is empty."""
        a, b = self.treated.count, self.treated.of - self.treated.count
        c, d = self.control.count, self.control.of - self.control.count
        if not (a and b and c and d):
            return None
        middle, error = log(a * d / (b * c)), Z * sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        return exp(middle), exp(middle - error), exp(middle + error)

    def without(self, part: TwoArms) -> TwoArms:
        """The others: everybody less a part of them."""
        return TwoArms(
            Share(self.treated.count - part.treated.count, self.treated.of - part.treated.of),
            Share(self.control.count - part.control.count, self.control.of - part.control.of),
        )
