"""The numbers a model rests on: as written, and drawn from what is not known exactly about them.

Each input has a stream of its own, which follows from the seed, the model's name and its own name: adding an
input changes no other draw, and two models never share one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bedside.errors import InputError
from bedside.knowledge.economic_model import Distribution, EconomicModel, Input, Kind
from bedside.learn.economics.arithmetic import work_out

Floats = npt.NDArray[np.float64]
Numbers = Mapping[str, Floats]
LOW, HIGH = 0.025, 0.975
_AT_ONCE = 2_000_000
"""So many numbers of an empirical input are drawn at once, to bound memory."""
Z975 = 1.959963984540054


def as_written(model: EconomicModel) -> dict[str, Floats]:
    """Every number with its one value; not a number where nobody knows it."""
    held = {
        one.name: np.array([np.nan if one.value is None else one.value], dtype=np.float64)
        for one in model.inputs
    }
    return with_derived(model, held)


def with_derived(model: EconomicModel, held: dict[str, Floats]) -> dict[str, Floats]:
    """The numbers with those that are worked out of them."""
    for one in model.derived:
        held[one.name] = work_out(one.value, held)
    return held


def drawn(model: EconomicModel, draws: int, seed: int) -> dict[str, Floats]:
    """So many draws of every number."""
    held: dict[str, Floats] = {}
    together = {name for one in model.correlations for name in (one.first, one.second)}
    scores = _scores(model, sorted(together), draws, seed)
    groups: dict[str, list[Input]] = {}
    for one in model.inputs:
        said = one.distribution
        if one.value is None:
            held[one.name] = np.full(draws, np.nan)
        elif one.name in scores:
            held[one.name] = _at_scores(said, scores[one.name])
        elif said.group:
            groups.setdefault(said.group, []).append(one)
        else:
            held[one.name] = _sample(one, said, draws, stream(seed, model.provenance.name, one.name))
    for name, members in groups.items():
        counts = [(one.distribution.parameters or {})["count"] for one in members]
        shares = stream(seed, model.provenance.name, name).dirichlet(counts, draws)
        held |= {one.name: shares[:, place] for place, one in enumerate(members)}
    return with_derived(model, held)


def stream(seed: int, *names: str) -> np.random.Generator:
    """The generator of random numbers that belongs to a seed and these names."""
    key = hashlib.sha256("\x1f".join(names).encode()).digest()[:16]
    return np.random.default_rng([seed, int.from_bytes(key, "big")])


def span(held: Input) -> tuple[float, float] | None:
    """The low and high value for a one-way look: as written, else the middle 95 % of the distribution; None
    where neither is there."""
    if held.value is None:
        return None
    if held.low is not None and held.high is not None:
        return held.low, held.high
    said = held.distribution
    if said.kind is Kind.FIXED or said.group:
        return None
    if said.kind is Kind.EMPIRICAL:
        means = _means(np.array(said.values), 2000, np.random.default_rng(0))
        return float(np.quantile(means, LOW)), float(np.quantile(means, HIGH))
    low, high = _at_scores(said, np.array([-Z975, Z975]))
    return float(low), float(high)


def _scores(model: EconomicModel, names: list[str], draws: int, seed: int) -> dict[str, Floats]:
    """Correlated normal scores of these inputs."""
    if not names:
        return {}
    place = {name: number for number, name in enumerate(names)}
    matrix = np.eye(len(names))
    for one in model.correlations:
        first, second = place[one.first], place[one.second]
        matrix[first, second] = matrix[second, first] = one.rho
    try:
        root = np.linalg.cholesky(matrix + 1e-12 * np.eye(len(names)))
    except np.linalg.LinAlgError:
        raise InputError.one(
            model.provenance.name, "its correlations cannot hold together", remedy="weaken one of them"
        ) from None
    independent = np.stack(
        [stream(seed, model.provenance.name, name).standard_normal(draws) for name in names]
    )
    scores = root @ independent
    return {name: scores[number] for name, number in place.items()}


def _sample(held: Input, said: Distribution, draws: int, random: np.random.Generator) -> Floats:
    match said.kind:
        case Kind.FIXED:
            return np.full(draws, held.value, dtype=np.float64)
        case Kind.GAMMA:
            shape, scale = _gamma(said)
            return random.gamma(shape, scale, draws)
        case Kind.BETA:
            return random.beta(*_beta(said), draws)
        case Kind.EMPIRICAL:
            return _means(np.array(said.values), draws, random)
        case Kind.DIRICHLET:
            raise ValueError("a Dirichlet is drawn as a whole")
        case Kind.UNIFORM:
            low, high = _of(said, "low", "high")
            return random.uniform(low, high, draws)
        case Kind.TRIANGULAR:
            low, mode, high = _of(said, "low", "mode", "high")
            return random.triangular(low, mode, high, draws)
        case Kind.NORMAL | Kind.LOGNORMAL:
            return _at_scores(said, random.standard_normal(draws))


def _means(values: Floats, draws: int, random: np.random.Generator) -> Floats:
    """Means of samples drawn again from the same people."""
    people = len(values)
    step = max(1, _AT_ONCE // people)
    parts = [
        random.multinomial(people, np.full(people, 1 / people), min(step, draws - at)) @ values / people
        for at in range(0, draws, step)
    ]
    return np.concatenate(parts)


def _at_scores(said: Distribution, scores: Floats) -> Floats:
    """The distribution's values at these normal scores."""
    from scipy.special import betaincinv, gammaincinv, ndtr

    match said.kind:
        case Kind.NORMAL:
            mean, error = _of(said, "mean", "se")
            return np.asarray(mean + error * scores)
        case Kind.LOGNORMAL:
            middle, spread = _lognormal(said)
            return np.asarray(middle * np.exp(spread * scores))
        case Kind.GAMMA:
            shape, scale = _gamma(said)
            return np.asarray(gammaincinv(shape, ndtr(scores)) * scale)
        case Kind.BETA:
            return np.asarray(betaincinv(*_beta(said), ndtr(scores)))
        case Kind.UNIFORM:
            low, high = _of(said, "low", "high")
            return np.asarray(low + (high - low) * ndtr(scores))
        case Kind.TRIANGULAR:
            low, mode, high = _of(said, "low", "mode", "high")
            share, turn = ndtr(scores), (mode - low) / (high - low)
            rising = low + np.sqrt(share * (high - low) * (mode - low))
            falling = high - np.sqrt((1 - share) * (high - low) * (high - mode))
            return np.asarray(np.where(share < turn, rising, falling), dtype=np.float64)
        case _:
            raise ValueError(f"{said.kind.value} has no scores")


def _of(said: Distribution, *names: str) -> list[float]:
    return [(said.parameters or {})[name] for name in names]


def _gamma(said: Distribution) -> tuple[float, float]:
    held = said.parameters or {}
    if "shape" in held:
        return held["shape"], held["scale"]
    return (held["mean"] / held["se"]) ** 2, held["se"] ** 2 / held["mean"]


def _beta(said: Distribution) -> tuple[float, float]:
    held = said.parameters or {}
    if "alpha" in held:
        return held["alpha"], held["beta"]
    if "events" in held:
        return held["events"], held["of"] - held["events"]
    size = held["mean"] * (1 - held["mean"]) / held["se"] ** 2 - 1
    return held["mean"] * size, (1 - held["mean"]) * size


def _lognormal(said: Distribution) -> tuple[float, float]:
    held = said.parameters or {}
    if "sd_log" in held:
        return held["median"], held["sd_log"]
    return held["median"], float(np.log(held["high"] / held["low"]) / (2 * Z975))
