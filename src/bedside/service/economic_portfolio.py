"""A folder of economic models as one portfolio: read, checked against each other, and summed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bedside.errors import InputError, PackError, Problem
from bedside.knowledge.economic_model import EconomicModel
from bedside.knowledge.economic_model_file import read_model_file
from bedside.learn.economics.analysis import budget_only
from bedside.learn.economics.portfolio import Part, Portfolio, portfolio
from bedside.learn.economics.probabilistic import Spread
from bedside.service.economics import money

COLUMNS = ("part", "what", "value", "low", "high", "note")


def read_folder(folder: Path, root: Path | None = None) -> dict[str, EconomicModel]:
    """Every model of a folder by name. Raises PackError with every problem of every file."""
    if not folder.is_dir():
        raise PackError([Problem(folder.name, "is no folder", remedy="give a folder of models as TOML")])
    found: dict[str, EconomicModel] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            model = read_model_file(path, root)
        except PackError as error:
            problems += error.problems
            continue
        if model.provenance.name in found:
            problems.append(Problem(path.name, f"a second model is called {model.provenance.name}"))
        if model.budget is None:
            problems.append(Problem(path.name, "says nothing of a budget", remedy="add a [budget]"))
        found[model.provenance.name] = model
    problems += _together(found)
    if not found and not problems:
        problems.append(Problem(folder.name, "holds no model"))
    if problems:
        raise PackError(problems)
    return found


def _together(found: Mapping[str, EconomicModel]) -> Iterator[Problem]:
    """Amounts of two currencies or of two years' prices are never added."""
    for name, values in (
        ("currency", {one: model.currency for one, model in found.items()}),
        ("price_year", {one: str(model.price_year) for one, model in found.items()}),
    ):
        if len(set(values.values())) > 1:
            said = ", ".join(f"{one} {value}" for one, value in values.items())
            yield Problem(name, f"differs: {said}", remedy="convert them to one before they are added")


def sum_up(models: Mapping[str, EconomicModel], draws: int, seed: int, correlation: float = 1.0) -> Portfolio:
    """The portfolio of these models; raises InputError where no budget of them is known."""
    budgets = {name: budget_only(model, draws, seed) for name, model in models.items()}
    populations = {name: model.budget.population for name, model in models.items() if model.budget}
    found = portfolio(budgets, populations, correlation=correlation, seed=seed)
    if found is None:
        missing = {name: model.unknown for name, model in models.items()}
        said = "; ".join(f"{name}: {', '.join(held)}" for name, held in missing.items())
        raise InputError.one("portfolio", f"no budget in it is known ({said})", remedy="say these inputs")
    return found


def answer(found: Portfolio, currency: str) -> str:
    """The portfolio in a few sentences."""
    mean = found.independent.mean
    way = "costs" if mean > 0 else "saves"
    count = len(found.parts)
    said = (
        f"Together {count} model{'s' if count != 1 else ''} {way} {money(abs(mean), currency)} over "
        f"{found.years[0]} to {found.years[-1]} (95 % of draws {_ends(found.independent)} if their doubts "
        f"are unrelated, {_ends(found.together)} if they move together)."
    )
    losses = [one for one in found.parts if one.more.mean > 0]
    said += f" {len(losses)} cost more, {count - len(losses)} do not."
    if found.small_together is not None:
        much = found.small_together.mean
        said += (
            f" The {len(found.small)} small ones together {'cost' if much > 0 else 'save'} "
            f"{money(abs(much), currency)}."
        )
    if found.not_known:
        said += f" Not known, and not counted as 0: {', '.join(found.not_known)}."
    return said


def _ends(one: Spread) -> str:
    return f"{one.low:,.0f} to {one.high:,.0f}"


def document(found: Portfolio, models: Mapping[str, EconomicModel], draws: int, seed: int) -> dict[str, Any]:
    """Everything, for machines and pages."""
    first = next(iter(models.values()))
    said = asdict(found)
    said["parts"] = [_part(one, models[one.name]) for one in found.parts]
    return {
        "answer": answer(found, first.currency),
        "currency": first.currency,
        "price_year": first.price_year,
        "draws": draws,
        "seed": seed,
        **said,
    }


def _part(one: Part, model: EconomicModel) -> dict[str, Any]:
    return {
        **asdict(one),
        "title": model.provenance.title,
        "digest": model.provenance.sha256,
        "review_state": model.provenance.review_state,
    }


def lines(found: Portfolio, currency: str) -> Iterator[tuple[str, ...]]:
    """A table of everything, in the order of COLUMNS: the answer first."""
    yield ("answer", answer(found, currency), "", "", "", "")
    yield ("whole", "unrelated", *_numbers(found.independent), "")
    yield ("whole", "moving together", *_numbers(found.together), f"correlation {found.correlation:g}")
    for one in found.parts:
        variance = "" if one.of_variance is None else f", {one.of_variance:.1%} of the variance"
        yield ("model", one.name, *_numbers(one.more), f"{one.share:.1%} of what is moved{variance}")
    for year, held in zip(found.years, found.by_year, strict=True):
        place = found.years.index(year)
        people = f"{found.treated[place]:.0f} starts; {found.people[place]:.0f} people, each counted once"
        yield ("year", str(year), *_numbers(held), people)
    if found.small_together is not None:
        yield ("small", ", ".join(found.small), *_numbers(found.small_together), "")
    for name, held_by in found.counted_once.items():
        yield ("counted once", name, "", "", "", ", ".join(held_by))
    for name in found.not_known:
        yield ("model", name, "not known", "", "", "not counted as 0")


def _numbers(one: Spread) -> tuple[str, str, str]:
    return f"{one.mean:.0f}", f"{one.low:.0f}", f"{one.high:.0f}"
