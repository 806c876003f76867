"""Small made-up economic models for tests, written as a site would write them."""

from __future__ import annotations

from bedside.knowledge.economic_model import EconomicModel
from bedside.knowledge.economic_model_file import read_model

HEADER = """kind = "economics"
name = "{name}"
title = "A made-up test"
owner = "tests"
licence = "Apache-2.0"
source = "made up"
retrieved = 2026-11-26
review_due = 2027-11-26
review_state = "made up"
evidence_level = "consensus"
approval = {{ state = "awaiting", role = "health economist" }}

perspective = "payer"
currency = "USD"
price_year = 2026
effect = "QALY"
horizon_years = {horizon}
discount_costs = {discount}
discount_effects = {discount}
thresholds = [0, 50000, 100000]
comparator = "usual"
"""

BODY = """
[[input]]
name = "test"
value = {test}
source = "made up"
distribution = {{ kind = "normal", mean = {test}, se = {se} }}

[[input]]
name = "care"
value = {care}
source = "made up"

[[strategy]]
name = "usual"
title = "Usual care"
cost = "care"

[[strategy]]
name = "guided"
title = "Guided care"
cost = "test"
effect = 0.01

[budget]
first_year = {first_year}
population = "{population}"
people = [{people}]
uptake = [1]
new = "guided"
old = "usual"
"""


def header(name: str, *, horizon: float = 1, discount: float = 0) -> str:
    """How every made-up model begins: two strategies, `usual` and another, over so many years."""
    return HEADER.format(name=name, horizon=horizon, discount=discount)


def small_text(
    name: str = "small",
    *,
    test: float = 500,
    se: float = 50,
    care: float = 300,
    people: float = 100,
    first_year: int = 2026,
    population: str = "everybody",
) -> str:
    """A model whose test costs so much beside care that costs so much, for so many people."""
    body = BODY.format(
        test=test, se=se, care=care, people=people, first_year=first_year, population=population
    )
    return header(name) + body


def small(name: str = "small", **more: float | str) -> EconomicModel:
    """The same, read."""
    return read_model(f"{name}.toml", small_text(name, **more).encode())  # type: ignore[arg-type]
