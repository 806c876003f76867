"""Reads an economic model from TOML and says everything that is wrong with it, each with its line.

The fields are described in docs/economics.md. A figure of a published programme can be taken from the pack
of the neonatal unit (`published = "programme.figure"`), so that it is written down once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.check_economic_model import check_model
from bedside.knowledge.economic_inputs import published_figures, read_input, wholes
from bedside.knowledge.economic_model import (
    Branch,
    Budget,
    Correlation,
    Derived,
    EconomicModel,
    Example,
    Markov,
    Phase,
    PublishedFigure,
    Strategy,
)
from bedside.knowledge.expression import Expression
from bedside.knowledge.provenance import REQUIRED, parse_rule_file, rule_files
from bedside.knowledge.toml_fields import Entry, TomlFields

KIND = "economics"
LONGEST_YEARS, MOST_CYCLES = 200, 10_400
"""No horizon is longer than people live twice; cycles of a week over it."""
MODELS = "models"
"""The folder of the kind that holds models; what stands beside it is policy."""
_TOP = ("perspective", "currency", "price_year", "effect", "horizon_years", "discount_costs")
_MORE = ("discount_effects", "thresholds", "comparator", "caveats", "said")
_TABLES = ("input", "derived", "correlation", "strategy", "markov", "budget", "published", "example")
_HEADER = (*REQUIRED, "evidence_level", "approval")
REST, NOT_KNOWN = "rest", "not known"


def read_model_file(path: Path, root: Path | None = None) -> EconomicModel:
    """The model in a file; raises PackError with every problem."""
    if not path.is_file():
        raise PackError([Problem(path.name, "no such model file", remedy="give the path of a TOML file")])
    return read_model(path.name, path.read_bytes(), root)


def load_models(root: Path | None = None) -> Mapping[str, EconomicModel]:
    """Every model that ships, and a site's own in place of those of the same name; raises PackError."""
    found: dict[str, EconomicModel] = {}
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        if file.folder is None or file.folder.name != MODELS:
            continue
        path = file.folder / file.label.rsplit("/", 1)[-1]
        try:
            model = read_model_file(path, root)
        except PackError as error:
            problems += error.problems
        else:
            found[model.provenance.name] = model
    if problems:
        raise PackError(problems)
    return dict(sorted(found.items()))


def read_model(label: str, content: bytes, root: Path | None = None) -> EconomicModel:
    """The model in these bytes; raises PackError with every problem."""
    problems: list[Problem] = []
    header = None
    try:
        header = parse_rule_file(label, content, KIND).provenance
    except PackError as error:
        problems += error.problems
    try:
        text = content.decode("utf-8")
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise PackError(problems) from None
    fields = TomlFields(label, text, problems)
    top = Entry(fields, document, "")
    top.only(*_HEADER, *_TOP, *_MORE, *_TABLES)
    figures = published_figures(root)
    markov = _markov(top)
    strategies = tuple(_strategy(one, markov) for one in top.each("strategy", "strategy", needed=True))
    said: dict[str, Any] = {
        "inputs": wholes(tuple(read_input(one, figures) for one in top.each("input", "input", needed=True))),
        "derived": tuple(
            Derived(one.text("name"), one.expression("value")) for one in top.each("derived", "derived")
        ),
        "correlations": tuple(_correlation(one) for one in top.each("correlation", "correlation")),
        "published": tuple(_published(one) for one in top.each("published", "published figure")),
        "budget": _budget(top),
        "examples": tuple(_example(one) for one in top.each("example", "example")),
    }
    plain = _plain(top)
    if header is None:
        raise PackError(problems)
    model = EconomicModel(provenance=header, strategies=strategies, markov=markov, **plain, **said)
    check_model(model, top)
    if problems:
        raise PackError(problems)
    return model


def _plain(top: Entry) -> dict[str, Any]:
    said = top.held.get("said", {})
    if not isinstance(said, dict) or not all(isinstance(one, str) for one in said.values()):
        top.wrong("said", "must be texts by the item of the checklist")
        said = {}
    return {
        "perspective": top.text("perspective"),
        "currency": top.text("currency"),
        "price_year": top.whole("price_year", low=1900),
        "effect": top.text("effect"),
        "horizon_years": top.number_of("horizon_years", low=0, high=LONGEST_YEARS),
        "discount_costs": top.number_of("discount_costs", low=0, high=1),
        "discount_effects": top.number_of("discount_effects", low=0, high=1),
        "thresholds": top.numbers("thresholds"),
        "comparator": top.text("comparator"),
        "caveats": top.texts("caveats"),
        "said": dict(said),
    }


def _correlation(entry: Entry) -> Correlation:
    entry.only("first", "second", "rho")
    return Correlation(entry.text("first"), entry.text("second"), entry.number_of("rho", low=-1, high=1))


def _published(entry: Entry) -> PublishedFigure:
    entry.only("name", "value", "within", "source")
    within = entry.number_of("within", 0.5, low=0)
    return PublishedFigure(entry.text("name"), entry.number_of("value"), within, entry.text("source"))


def _example(entry: Entry) -> Example:
    entry.only("name", "given", "strategy", "expect")
    given = entry.held.get("given", {})
    if not isinstance(given, dict):
        entry.wrong("given", "must say inputs and their values")
        given = {}
    values: dict[str, float | None] = {}
    for name, value in given.items():
        inner = Entry(entry.fields, {name: value}, entry.table, entry.number, entry.words)
        values[name] = None if value == NOT_KNOWN else inner.number_of(name)
    return Example(entry.text("name"), values, entry.text("strategy"), entry.text("expect"))


def _markov(top: Entry) -> Markov | None:
    entry = top.part("markov")
    if entry is None:
        return None
    entry.only("states", "start", "cycles", "cycle_years", "half_cycle_costs", "half_cycle_effects")
    cycles = entry.whole("cycles", low=1)
    if cycles > MOST_CYCLES:
        entry.wrong("cycles", f"is {cycles}, more than {MOST_CYCLES}", "make a cycle longer")
    return Markov(
        entry.texts("states"),
        entry.numbers("start"),
        cycles,
        entry.number_of("cycle_years", low=1e-6),
        entry.held.get("half_cycle_costs") is True,
        entry.held.get("half_cycle_effects") is True,
    )


def _strategy(entry: Entry, markov: Markov | None) -> Strategy:
    entry.only("name", "title", "cost", "effect", "branches", "phases")
    phases = entry.each("phases", f"{entry.words}phase")
    if phases and markov is None:
        entry.wrong("phases", "need a [markov]", "say its states, start, cycles and cycle_years")
    return Strategy(
        entry.text("name"),
        entry.text("title"),
        entry.expression("cost", 0.0),
        entry.expression("effect", 0.0),
        tuple(_branches(entry, entry.held.get("branches", []), entry.words)),
        tuple(_phase(one, entry) for one in phases),
    )


def _branches(entry: Entry, held: object, words: str) -> Iterator[Branch]:
    if not isinstance(held, list) or not all(isinstance(one, dict) for one in held):
        entry.wrong("branches", "must be a list of branches")
        return
    if sum(one.get("p") == REST for one in held) > 1:
        entry.wrong("branches", f"two branches of one fork are the {REST!r}")
    for one in held:
        inner = Entry(entry.fields, one, entry.table, entry.number, f"{words}{one.get('name', '?')}: ")
        inner.only("name", "p", "cost", "effect", "branches")
        yield Branch(
            inner.text("name"),
            None if one.get("p") == REST else inner.expression("p"),
            inner.expression("cost", 0.0),
            inner.expression("effect", 0.0),
            tuple(_branches(inner, one.get("branches", []), inner.words)),
        )


def _phase(entry: Entry, outer: Entry) -> Phase:
    inner = Entry(entry.fields, entry.held, outer.table, outer.number, entry.words)
    inner.only("until", "transitions", "costs", "effects")
    rows = entry.held.get("transitions", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        inner.wrong("transitions", "must be a list of rows, one a state")
        rows = []

    def cells(row: list[object]) -> tuple[Expression | None, ...]:
        return tuple(None if one == REST else inner.expression_of("transitions", one) for one in row)

    return Phase(
        inner.whole("until", low=1),
        tuple(cells(row) for row in rows),
        tuple(inner.expression_of("costs", one) for one in entry.held.get("costs", [])),
        tuple(inner.expression_of("effects", one) for one in entry.held.get("effects", [])),
    )


def _budget(top: Entry) -> Budget | None:
    entry = top.part("budget")
    if entry is None:
        return None
    entry.only("first_year", "population", "people", "uptake", "new", "old")
    series = {}
    for name in ("people", "uptake"):
        held = entry.held.get(name)
        if not isinstance(held, list) or not held:
            entry.wrong(name, "must be a list with a number a year")
            held = []
        series[name] = tuple(entry.expression_of(name, one) for one in held)
    return Budget(
        entry.whole("first_year", low=1900),
        entry.text("population"),
        series["people"],
        series["uptake"],
        entry.text("new"),
        entry.text("old"),
    )
