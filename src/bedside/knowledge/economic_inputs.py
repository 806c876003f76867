"""Reads the inputs of an economic model: value, doubt and source of each number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bedside.knowledge.economic_model import PARAMETERS, Distribution, Input, Kind
from bedside.knowledge.nicu import load_nicu
from bedside.knowledge.toml_fields import Entry

_FIELDS = (
    *("name", "title", "unit", "value", "published", "source", "distribution", "low", "high", "known"),
)


def published_figures(root: Path | None) -> Mapping[str, tuple[float, str]]:
    """The figures of published programmes with their sources, by programme and name."""
    return {
        f"{programme.name}.{name}": (value, programme.source)
        for programme in load_nicu(root).published.values()
        for name, value in programme.figures.items()
    }


def _figure(entry: Entry, said: object, figures: Mapping[str, tuple[float, str]]) -> object:
    """A number, or the published figure that a text names."""
    if not isinstance(said, str):
        return said
    if said not in figures:
        entry.wrong("published", f"names {said!r}", f"one of {', '.join(figures)}")
        return 0.0
    return figures[said][0]


def read_input(entry: Entry, figures: Mapping[str, tuple[float, str]]) -> Input:
    """The input of an entry; what is wrong with it is noted."""
    entry.only(*_FIELDS)
    name, named = entry.text("name"), entry.held.get("published")
    value: float | None = None
    source = str(entry.held.get("source", ""))
    if named is not None:
        value = float(str(_figure(entry, str(named), figures)))
        source = source or figures.get(str(named), (0.0, ""))[1]
    elif entry.held.get("known") is False:
        if "value" in entry.held:
            entry.wrong("known", "says it is not known, but there is a value", "remove one of the two")
    elif "value" in entry.held:
        value = entry.number_of("value")
    distribution, mean = _distribution(entry, figures)
    if value is None and entry.held.get("known") is not False:
        value = mean
        if mean is None and not distribution.events and not distribution.group:
            entry.wrong("value", "is missing", "give it, or say known = false")
    if not source.strip() and entry.held.get("known") is not False:
        entry.wrong("source", "is missing", "say where the number comes from")
    low = entry.number_of("low") if "low" in entry.held else None
    high = entry.number_of("high") if "high" in entry.held else None
    if value is not None and (beyond := _beyond(value, distribution)):
        entry.wrong("value", f"is {value:g}, which its distribution cannot be", beyond)
    title = str(entry.held.get("title", name))
    return Input(name, title, entry.text("unit", ""), value, source, distribution, low, high)


def _beyond(value: float, held: Distribution) -> str:
    """Where values of the distribution lie, if this one does not; "" if it does."""
    said = held.parameters or {}
    if held.kind in (Kind.UNIFORM, Kind.TRIANGULAR) and not said["low"] <= value <= said["high"]:
        return f"it lies from {said['low']:g} to {said['high']:g}"
    if held.kind in (Kind.GAMMA, Kind.LOGNORMAL) and value < 0:
        return f"a {held.kind.value} lies above 0"
    if held.kind is Kind.BETA and not 0 <= value <= 1:
        return "a beta lies from 0 to 1"
    return ""


def wholes(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """The inputs, each share of a Dirichlet with its part of the whole."""
    total: dict[str, float] = {}
    for one in inputs:
        if one.distribution.group:
            count = (one.distribution.parameters or {})["count"]
            total[one.distribution.group] = total.get(one.distribution.group, 0.0) + count
    return tuple(
        replace(one, value=(one.distribution.parameters or {})["count"] / total[one.distribution.group])
        if one.distribution.group
        else one
        for one in inputs
    )


def _distribution(
    entry: Entry, figures: Mapping[str, tuple[float, str]]
) -> tuple[Distribution, float | None]:
    """The distribution, and its mean where the entry need not repeat it."""
    said = entry.held.get("distribution")
    if said is None:
        return Distribution(), None
    if not isinstance(said, dict):
        entry.wrong("distribution", 'must be a table such as { kind = "gamma", mean = 9, se = 2 }')
        return Distribution(), None
    inner = Entry(entry.fields, said, entry.table, entry.number, f"{entry.words}distribution ")
    kind = inner.term("kind", Kind, Kind.FIXED)
    given = frozenset(said) - {"kind"}
    if given not in PARAMETERS[kind]:
        forms = " or ".join(", ".join(sorted(one)) or "nothing" for one in PARAMETERS[kind])
        inner.wrong("kind", f"{kind.value} takes {forms}; found {', '.join(sorted(given)) or 'nothing'}")
        return Distribution(), None
    if kind is Kind.EMPIRICAL:
        values = inner.numbers("values")
        mean = sum(values) / len(values) if values else None
        return Distribution(kind, None, "", values, inner.text("events", "")), mean
    numbers = {}
    for name in sorted(given - {"group"}):
        numbers[name] = Entry(
            entry.fields, {name: _figure(entry, said[name], figures)}, entry.table, entry.number, inner.words
        ).number_of(name)
    made = Distribution(kind, numbers, inner.text("group", "") if kind is Kind.DIRICHLET else "")
    if not (wrong := _impossible(made)):
        return made, mean_of(made)
    inner.wrong("kind", wrong)
    return Distribution(), None


def mean_of(held: Distribution) -> float | None:
    """The value a distribution's parameters say: its mean, of a lognormal its median; None where it has none
    of its own."""
    said = held.parameters or {}
    match held.kind:
        case Kind.GAMMA:
            return said["mean"] if "mean" in said else said["shape"] * said["scale"]
        case Kind.NORMAL:
            return said["mean"]
        case Kind.LOGNORMAL:
            return said["median"]
        case Kind.BETA:
            if "mean" in said:
                return said["mean"]
            if "events" in said:
                return said["events"] / said["of"]
            return said["alpha"] / (said["alpha"] + said["beta"])
        case Kind.UNIFORM:
            return (said["low"] + said["high"]) / 2
        case Kind.TRIANGULAR:
            return (said["low"] + said["mode"] + said["high"]) / 3
    return None


def _impossible(held: Distribution) -> str:
    said = held.parameters or {}
    positive = ("shape", "scale", "se", "sd_log", "alpha", "beta", "median", "of", "count")
    bad = [name for name in positive if name in said and said[name] <= 0]
    if bad:
        return f"{', '.join(bad)} must be above 0"
    if held.kind is Kind.GAMMA and said.get("mean", 1) <= 0:
        return "a gamma's mean must be above 0"
    if held.kind is Kind.BETA and "events" in said and not 0 < said["events"] < said["of"]:
        return "events must lie between 0 and of"
    if held.kind is Kind.BETA and "mean" in said:
        mean = said["mean"]
        if not 0 < mean < 1 or said["se"] ** 2 >= mean * (1 - mean):
            return "no beta has that mean and se"
    order = [said[name] for name in ("low", "mode", "median", "high") if name in said]
    if order != sorted(order) or (len(order) > 1 and order[0] == order[-1]):
        return "low, the middle and high must rise"
    return ""
