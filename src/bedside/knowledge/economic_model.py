"""What an economic model says: strategies, what they cost and do, how sure that is, and for how many people.

Structure only; `economic_model_file` reads it, `learn.economics` works it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from bedside.knowledge.expression import Expression
from bedside.knowledge.provenance import Provenance


class Kind(Enum):
    """The shape of what is not known exactly about an input."""

    FIXED = "fixed"
    GAMMA = "gamma"
    BETA = "beta"
    LOGNORMAL = "lognormal"
    NORMAL = "normal"
    UNIFORM = "uniform"
    TRIANGULAR = "triangular"
    DIRICHLET = "dirichlet"
    EMPIRICAL = "empirical"


PARAMETERS: Mapping[Kind, tuple[frozenset[str], ...]] = {
    Kind.FIXED: (frozenset(),),
    Kind.GAMMA: (frozenset({"shape", "scale"}), frozenset({"mean", "se"})),
    Kind.BETA: (frozenset({"alpha", "beta"}), frozenset({"events", "of"}), frozenset({"mean", "se"})),
    Kind.LOGNORMAL: (frozenset({"median", "sd_log"}), frozenset({"median", "low", "high"})),
    Kind.NORMAL: (frozenset({"mean", "se"}),),
    Kind.UNIFORM: (frozenset({"low", "high"}),),
    Kind.TRIANGULAR: (frozenset({"low", "mode", "high"}),),
    Kind.DIRICHLET: (frozenset({"group", "count"}),),
    Kind.EMPIRICAL: (frozenset({"values"}), frozenset({"events"})),
}
"""By which parameters each is written; low and high of a lognormal are its 95 % interval."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A shape with its parameters. group: inputs of one Dirichlet, whose counts make one whole. values: of an
    empirical input, one a person; events: the name under which the record supplies them."""

    kind: Kind = Kind.FIXED
    parameters: Mapping[str, float] | None = None
    group: str = ""
    values: tuple[float, ...] = ()
    events: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """One number the model rests on. value: None is not known, and makes what rests on it not known.
    low, high: for the one-way look; None where the distribution says it."""

    name: str
    title: str
    unit: str
    value: float | None
    source: str
    distribution: Distribution = Distribution()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A number worked out of others, by name."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Correlation:
    """How two inputs move together: the correlation of their normal scores, -1 to 1."""

    first: str
    second: str
    rho: float


@dataclass(frozen=True, slots=True)
class Branch:
    """What can happen next in a tree. probability: None is the rest of its siblings. cost, effect: added on
    the way through it."""

    name: str
    probability: Expression | None
    cost: Expression
    effect: Expression
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """The cycles of a cohort up to `until`: transitions by rows (None: the rest of the row), and cost and
    effect of a cycle in each state."""

    until: int
    transitions: tuple[tuple[Expression | None, ...], ...]
    costs: tuple[Expression, ...]
    effects: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Markov:
    """How the cohort walks. half_cycle_…: counted in the middle of a cycle instead of at its end."""

    states: tuple[str, ...]
    start: tuple[float, ...]
    cycles: int
    cycle_years: float
    half_cycle_costs: bool
    half_cycle_effects: bool


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to care: a cost and effect at its start, then a tree or a cohort, or neither."""

    name: str
    title: str
    cost: Expression
    effect: Expression
    branches: tuple[Branch, ...] = ()
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """Who pays for how many. people: new each year; uptake: the share of them who get `new` and not `old`.
    population: whose name stands for the same people in every model."""

    first_year: int
    population: str
    people: tuple[Expression, ...]
    uptake: tuple[Expression, ...]
    new: str
    old: str


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A figure that a publication reports of this model, with how far from it counts as the same."""

    name: str
    value: float
    within: float
    source: str


@dataclass(frozen=True, slots=True)
class Example:
    """A worked case of the model: with these inputs set (None: not known), a strategy stands so to the
    comparator, in the words of `learn.economics.compare.Direction`."""

    name: str
    given: Mapping[str, float | None]
    strategy: str
    expect: str


@dataclass(frozen=True, slots=True)
class EconomicModel:
    """A whole model. discount_…: a year, as a share. thresholds: what an effect may cost. said: what the
    reporting checklist asks and only its author knows, by item."""

    provenance: Provenance
    perspective: str
    currency: str
    price_year: int
    effect: str
    horizon_years: float
    discount_costs: float
    discount_effects: float
    thresholds: tuple[float, ...]
    inputs: tuple[Input, ...]
    derived: tuple[Derived, ...]
    correlations: tuple[Correlation, ...]
    strategies: tuple[Strategy, ...]
    comparator: str
    markov: Markov | None
    budget: Budget | None
    published: tuple[PublishedFigure, ...]
    examples: tuple[Example, ...]
    caveats: tuple[str, ...]
    said: Mapping[str, str]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The inputs whose value nobody knows."""
        return tuple(one.name for one in self.inputs if one.value is None)

    def given(self, values: Mapping[str, float | None]) -> EconomicModel:
        """The model with some inputs at other values, without doubt about them; None is not known."""
        return replace(
            self,
            inputs=tuple(
                replace(one, value=values[one.name], distribution=Distribution(), low=None, high=None)
                if one.name in values
                else one
                for one in self.inputs
            ),
        )

    def strategy(self, name: str) -> Strategy:
        """A strategy by its name."""
        return next(one for one in self.strategies if one.name == name)
