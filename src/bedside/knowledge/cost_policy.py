"""A site's prices of tests and other unit costs, and when help with money becomes somebody's task."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bedside.errors import InputError, PackError, Problem
from bedside.genome.cost import Amount, ListPrice, PlanTerms, exactly
from bedside.knowledge.economic_model_file import KIND
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import Row, parse_table
from bedside.knowledge.test_catalogue import load_tests
from bedside.knowledge.tiers import TaskPolicy
from bedside.knowledge.toml_fields import Entry, TomlFields

UNIT_COSTS, ASSISTANCE = "unit_costs", "financial_assistance"
TERMS_COLUMNS = (
    *("payer", "currency", "deductible_left", "coinsurance", "copay", "maximum_left", "source", "as_of"),
)
"""Of a table of plan terms: one row a payer. An empty cell is not known; a plan that has none says 0."""
_TERMS = ("deductible_left", "coinsurance", "copay", "maximum_left")


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What one of something costs. amount: None is not known."""

    name: str
    title: str
    amount: Amount | None
    source: str


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """A site's own: prices of tests by their id, other costs by name, in one currency and of one year."""

    provenance: Provenance
    currency: str
    price_year: int
    tests: Mapping[str, ListPrice]
    others: Mapping[str, UnitCost]


@dataclass(frozen=True, slots=True)
class AssistancePolicy:
    """From which amount on help is offered, and whose task that is."""

    provenance: Provenance
    from_amount: float
    currency: str
    task: TaskPolicy
    words: Mapping[str, str]


def _named(name: str, root: Path | None) -> RuleFile:
    found = [file for file in rule_files(KIND, root) if file.provenance.name == name]
    if not found:
        raise PackError([Problem(name, "is not at hand", remedy=f"add it under {KIND}/")])
    return found[-1]


def load_unit_costs(root: Path | None = None) -> UnitCosts:
    """The unit costs in force, those of a site in place of the shipped ones; a test without a row has the
    price of the catalogue, one that is said not to be known has none. Raises PackError."""
    file = _named(UNIT_COSTS, root)
    fields = _fields(file)
    top = Entry(fields, file.document, "")
    currency = top.text("currency")
    tests: dict[str, ListPrice] = {}
    for one in load_tests(root).values():
        if one.price is not None:
            amount = exactly(one.price.amount)
            tests[one.test] = ListPrice(
                one.test, amount, one.price.currency, one.price.as_of, one.price.source
            )
    for entry in top.each("test", "test"):
        amount_said, test = _amount(entry), entry.text("id")
        tests.pop(test, None)
        if amount_said is not None:
            day, source = file.provenance.retrieved, entry.text("source")
            tests[test] = ListPrice(test, amount_said, currency, day, source)
    others = {
        entry.text("name"): UnitCost(
            entry.text("name"), entry.text("title"), _amount(entry), entry.text("source", "")
        )
        for entry in top.each("unit", "unit")
    }
    year = top.whole("price_year", low=1900)
    if fields.problems:
        raise PackError(fields.problems)
    return UnitCosts(file.provenance, currency, year, tests, others)


def _fields(file: RuleFile) -> TomlFields:
    path = None if file.folder is None else file.folder / file.label.rsplit("/", 1)[-1]
    text = path.read_text(encoding="utf-8") if path is not None and path.is_file() else ""
    return TomlFields(file.label, text)


def _amount(entry: Entry) -> Amount | None:
    if entry.held.get("known") is False:
        return None
    low = entry.number_of("low", entry.held.get("value"), 0)
    high = entry.number_of("high", entry.held.get("value"), 0)
    if high < low:
        entry.wrong("high", "lies below low")
        return None
    return Amount(low, high)


def load_assistance(root: Path | None = None) -> AssistancePolicy:
    """The policy in force; a site's own replaces the shipped one. Raises PackError."""
    file = _named(ASSISTANCE, root)
    document = file.document
    try:
        return AssistancePolicy(
            file.provenance,
            float(document["from_amount"]),
            str(document["currency"]),
            TaskPolicy(**document["task"]),
            {name: str(document["words"][name]) for name in ("estimate", "assistance", "no_price")},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy of financial assistance: {error}") from error


def read_terms(name: str, content: bytes) -> tuple[PlanTerms, ...]:
    """The plan terms of a TOML file (`[[terms]]`) or a TSV with TERMS_COLUMNS. Raises InputError with every
    problem."""
    if name.endswith(".toml"):
        return _terms_toml(name, content)
    problems: list[Problem] = []
    found = []
    for row in parse_table(name, content, TERMS_COLUMNS, problems):
        held = _terms_row(row, problems)
        if held is not None:
            found.append(held)
    if not found and not problems:
        problems.append(Problem(name, "holds no terms"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _terms_row(row: Row, problems: list[Problem]) -> PlanTerms | None:
    try:
        return terms_of(
            {
                **{one: float(row[one]) for one in _TERMS if row[one]},
                **{one: row[one] for one in ("payer", "currency", "source")},
                "as_of": date.fromisoformat(row["as_of"]),
            }
        )
    except ValueError as error:
        problems.append(row.problem(f"are no terms: {error}"))
        return None


def _terms_toml(name: str, content: bytes) -> tuple[PlanTerms, ...]:
    try:
        text = content.decode("utf-8")
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError.one(name, f"not TOML: {error}") from error
    fields = TomlFields(name, text)
    found = []
    for entry in Entry(fields, document, "").each("terms", "terms", needed=True):
        entry.only("payer", "currency", *_TERMS, "source", "as_of")
        try:
            found.append(terms_of(entry.held))
        except (KeyError, TypeError, ValueError) as error:
            entry.wrong("payer", f"has terms that are none: {error}")
    if fields.problems:
        raise InputError(fields.problems)
    return tuple(found)


def terms_of(said: Mapping[str, Any]) -> PlanTerms:
    """The terms of plain values; ValueError when they are none."""
    for name in ("payer", "currency", "source", "as_of"):
        if not said.get(name):
            raise ValueError(f"{name} is missing")
    amounts = {name: None if said.get(name) is None else exactly(float(said[name])) for name in _TERMS}
    share = amounts["coinsurance"]
    if share is not None and share.high > 1:
        raise ValueError("coinsurance is a share from 0 to 1 (0.2 is 20 %)")
    return PlanTerms(
        payer=str(said["payer"]),
        currency=str(said["currency"]),
        **amounts,
        source=str(said["source"]),
        as_of=said["as_of"],
    )
