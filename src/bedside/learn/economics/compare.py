"""Strategies side by side: who is dominated, what the next gain costs, and in which direction.

A ratio is given only where more is paid for more. Where less is paid for more, or more for less, there is
none: the words say which. Paying less for less is a saving for each unit given up, which is another thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

_SAME = 1e-9


class Direction(Enum):
    """How one strategy stands to another."""

    MORE_FOR_MORE = "costs more and does more"
    LESS_FOR_MORE = "costs less and does more"
    MORE_FOR_LESS = "costs more and does less"
    LESS_FOR_LESS = "costs less and does less"
    SAME_EFFECT = "does the same"
    SAME_COST_MORE = "costs the same and does more"
    SAME_COST_LESS = "costs the same and does less"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Difference:
    """One strategy beside another. ratio: cost of one more unit of effect, only of MORE_FOR_MORE;
    saved_per_unit_lost: only of LESS_FOR_LESS. None everywhere else."""

    cost: float | None
    effect: float | None
    direction: Direction
    ratio: float | None
    saved_per_unit_lost: float | None

    def benefit(self, threshold: float) -> float | None:
        """Net monetary benefit: the effect at this price of a unit, less the cost."""
        if self.cost is None or self.effect is None:
            return None
        return threshold * self.effect - self.cost


def difference(cost: float | None, effect: float | None) -> Difference:
    """The difference with its direction; None is not known."""
    if cost is None or effect is None:
        return Difference(cost, effect, Direction.NOT_KNOWN, None, None)
    scale = max(abs(cost), 1.0)
    if abs(effect) <= _SAME * max(abs(effect), 1.0):
        return Difference(cost, effect, Direction.SAME_EFFECT, None, None)
    if abs(cost) <= _SAME * scale:
        way = Direction.SAME_COST_MORE if effect > 0 else Direction.SAME_COST_LESS
        return Difference(cost, effect, way, None, None)
    if cost > 0 and effect > 0:
        return Difference(cost, effect, Direction.MORE_FOR_MORE, cost / effect, None)
    if cost < 0 < effect:
        return Difference(cost, effect, Direction.LESS_FOR_MORE, None, None)
    if effect < 0 < cost:
        return Difference(cost, effect, Direction.MORE_FOR_LESS, None, None)
    return Difference(cost, effect, Direction.LESS_FOR_LESS, None, cost / effect)


class Standing(Enum):
    """Where a strategy stands among all."""

    CHEAPEST = "cheapest that is not dominated"
    FRONTIER = "on the frontier"
    DOMINATED = "dominated"
    EXTENDEDLY_DOMINATED = "extendedly dominated"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A strategy in the order of cost. ratio: what each unit of effect beyond the one before on the frontier
    costs. by: who dominates it."""

    name: str
    cost: float | None
    effect: float | None
    standing: Standing
    ratio: float | None
    by: tuple[str, ...] = ()


def rank(found: Mapping[str, tuple[float | None, float | None]]) -> tuple[Ranked, ...]:
    """Every strategy by rising cost with its standing; of those not known nothing is said."""
    known = [(name, c, e) for name, (c, e) in found.items() if c is not None and e is not None]
    known.sort(key=lambda one: (one[1], -one[2], one[0]))
    beaten = {name: _dominating(name, cost, effect, known) for name, cost, effect in known}
    line = [one for one in known if not beaten[one[0]]]
    line, weak = _hull(line)
    places = {name: number for number, (name, _, _) in enumerate(line)}
    rows = []
    for name, cost, effect in known:
        if name in places:
            number = places[name]
            if number == 0:
                rows.append(Ranked(name, cost, effect, Standing.CHEAPEST, None))
            else:
                before = line[number - 1]
                ratio = (cost - before[1]) / (effect - before[2])
                rows.append(Ranked(name, cost, effect, Standing.FRONTIER, ratio))
        elif beaten[name]:
            rows.append(Ranked(name, cost, effect, Standing.DOMINATED, None, beaten[name]))
        else:
            rows.append(Ranked(name, cost, effect, Standing.EXTENDEDLY_DOMINATED, None, weak[name]))
    unknown = [name for name, (c, e) in found.items() if c is None or e is None]
    return (*rows, *(Ranked(name, *found[name], Standing.NOT_KNOWN, None) for name in unknown))


def _dominating(
    name: str, cost: float, effect: float, known: Sequence[tuple[str, float, float]]
) -> tuple[str, ...]:
    """Those that cost no more and do no less, and differ in one; of twins the first by name stays."""
    found = []
    for other, other_cost, other_effect in known:
        if other == name or other_cost > cost or other_effect < effect:
            continue
        if (other_cost, other_effect) != (cost, effect) or other < name:
            found.append(other)
    return tuple(found)


def _hull(
    line: list[tuple[str, float, float]],
) -> tuple[list[tuple[str, float, float]], dict[str, tuple[str, ...]]]:
    """Those whose ratios rise, and who stands around each of the others: a mix of the two does better."""
    kept: list[tuple[str, float, float]] = []
    dropped: list[tuple[str, float, float]] = []
    for one in line:
        while len(kept) >= 2 and _ratio(kept[-2], kept[-1]) >= _ratio(kept[-1], one):
            dropped.append(kept.pop())
        kept.append(one)
    around: dict[str, tuple[str, ...]] = {}
    for name, cost, _ in dropped:
        below = max((one for one in kept if one[1] <= cost), key=lambda one: one[1])
        above = min((one for one in kept if one[1] > cost), key=lambda one: one[1])
        around[name] = (below[0], above[0])
    return kept, around


def _ratio(first: tuple[str, float, float], second: tuple[str, float, float]) -> float:
    return (second[1] - first[1]) / (second[2] - first[2])
