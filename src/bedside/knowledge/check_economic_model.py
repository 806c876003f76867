"""What contradicts itself in an economic model: names that are not there, orders, shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bedside.knowledge.economic_model import Branch, EconomicModel, Kind, Markov, Phase, Strategy
from bedside.knowledge.expression import Expression, names_in
from bedside.knowledge.toml_fields import Entry


def check_model(model: EconomicModel, top: Entry) -> None:
    """Note every contradiction."""
    inputs = [one.name for one in model.inputs]
    for name, count in Counter([*inputs, *(one.name for one in model.derived)]).items():
        if count > 1:
            top.wrong("input", f"{name} is there {count} times", "every number has one name")
        if not name.isidentifier():
            top.wrong("input", f"{name!r} is no name", "letters, digits and _, beginning with a letter")
    _names(model, top)
    strategies = [one.name for one in model.strategies]
    for name, count in Counter(strategies).items():
        if count > 1:
            top.wrong("strategy", f"{name} is there {count} times")
    if model.comparator and model.comparator not in strategies:
        top.wrong("comparator", f"is {model.comparator!r}", f"one of {', '.join(strategies)}")
    for number, one in enumerate(model.strategies):
        entry = Entry(top.fields, {}, "strategy", number, f"strategy {one.name}: ")
        _strategy(one, model.markov, entry)
    if model.markov is not None:
        _start(model.markov, top)
    if model.budget is not None:
        budget = Entry(top.fields, {}, "budget", 0, "budget: ")
        for field, value in (("new", model.budget.new), ("old", model.budget.old)):
            if value and value not in strategies:
                budget.wrong(field, f"is {value!r}", f"one of {', '.join(strategies)}")
        if len(model.budget.people) != len(model.budget.uptake):
            budget.wrong("uptake", "and people are not of the same years")
    _correlations(model, top)
    if list(model.thresholds) != sorted(set(model.thresholds)) or any(one < 0 for one in model.thresholds):
        top.wrong("thresholds", "must rise and not be negative")
    if not model.thresholds:
        top.wrong("thresholds", "is missing", "say which costs of one unit of effect are looked at")


def _names(model: EconomicModel, top: Entry) -> None:
    known = {one.name for one in model.inputs}
    for number, derived in enumerate(model.derived):
        for name in names_in(derived.value):
            if name not in known:
                entry = Entry(top.fields, {}, "derived", number, f"derived {derived.name}: ")
                entry.wrong("value", f"speaks of {name}, which is not there or comes later")
        known.add(derived.name)
    used: set[str] = {name for one in model.derived for name in names_in(one.value)}
    for number, strategy in enumerate(model.strategies):
        entry = Entry(top.fields, {}, "strategy", number, f"strategy {strategy.name}: ")
        for one in expressions_of(strategy):
            for name in names_in(one):
                used.add(name)
                if name not in known:
                    entry.wrong("cost", f"or a branch speaks of {name}, which no input or derived has")
    if model.budget is not None:
        for one in (*model.budget.people, *model.budget.uptake):
            for name in names_in(one):
                used.add(name)
                if name not in known:
                    top.wrong("budget", f"speaks of {name}, which no input or derived has")
    for number, held in enumerate(model.inputs):
        if held.name and held.name not in used:
            entry = Entry(top.fields, {}, "input", number, f"input {held.name}: ")
            entry.wrong("name", "is used nowhere", "use it or remove it")


def expressions_of(strategy: Strategy) -> Iterator[Expression]:
    """Every sum a strategy holds."""
    yield strategy.cost
    yield strategy.effect
    todo: list[Branch] = list(strategy.branches)
    while todo:
        one = todo.pop()
        todo += one.branches
        yield from (one.cost, one.effect)
        if one.probability is not None:
            yield one.probability
    for phase in strategy.phases:
        yield from phase.costs
        yield from phase.effects
        yield from (cell for row in phase.transitions for cell in row if cell is not None)


def _strategy(strategy: Strategy, markov: Markov | None, entry: Entry) -> None:
    if strategy.branches and strategy.phases:
        entry.wrong("branches", "and phases stand together", "write a tree or a cohort")
    if markov is None:
        return
    cycle = 0
    for phase in strategy.phases:
        _phase(phase, markov, entry)
        if phase.until <= cycle:
            entry.wrong("phases", f"until = {phase.until} does not come after {cycle}")
        cycle = phase.until
    if strategy.phases and cycle != markov.cycles:
        entry.wrong("phases", f"end at cycle {cycle}, the model at {markov.cycles}")


def _phase(phase: Phase, markov: Markov, entry: Entry) -> None:
    states = len(markov.states)
    shapes = {len(phase.transitions), len(phase.costs), len(phase.effects), *map(len, phase.transitions)}
    if shapes != {states}:
        entry.wrong("phases", f"need {states} rows and columns, costs and effects, one a state")
    for row in phase.transitions:
        if sum(cell is None for cell in row) > 1:
            entry.wrong("phases", "have a row with two rests")


def _start(markov: Markov, top: Entry) -> None:
    entry = Entry(top.fields, {}, "markov", 0, "markov: ")
    if len(markov.start) != len(markov.states) or abs(sum(markov.start) - 1) > 1e-9:
        entry.wrong("start", "must say a share for each state, together 1")


def _correlations(model: EconomicModel, top: Entry) -> None:
    held = {one.name: one for one in model.inputs}
    for number, one in enumerate(model.correlations):
        entry = Entry(top.fields, {}, "correlation", number, f"correlation {number + 1}: ")
        for field, name in (("first", one.first), ("second", one.second)):
            found = held.get(name)
            if found is None:
                entry.wrong(field, f"is {name!r}, which is no input")
            elif found.distribution.kind in (Kind.FIXED, Kind.DIRICHLET, Kind.EMPIRICAL):
                entry.wrong(field, f"is {name!r}, whose {found.distribution.kind.value} cannot be correlated")
