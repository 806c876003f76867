"""An order for a test as a plain JSON file, for somebody who asks whether it is covered without a record.

Either the order as Bedside writes it, under `order`, or its parts: `test` or `codes`, and what is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bedside.decide.coverage_chart import Coded, CoverageChart, Dated, Drafted, Noticed, Placed
from bedside.errors import IntakeError, Problem
from bedside.genome.coverage import BillingCode, Facts, Pointer, Said
from bedside.genome.order import Order, Priority, order_of
from bedside.knowledge.drug_map import DrugIndex

KEYS = (
    "order", "test", "kind", "genes", "codes", "z_code", "urgent", "service_on", "birth_date", "unit",
    "since", "problems", "reasons", "medicines", "medicines_complete", "features", "facts", "plan",
)  # fmt: skip
"""What such a file may hold."""
PLAN_KEYS = ("payer", "line", "funding", "state", "contractor", "starts", "ends")


def read_order_file(document: object, name: str, index: DrugIndex, facts: Facts, today: date) -> Drafted:
    """The order of a file. facts: those stated in it, already read. Raises `IntakeError` with every
    problem."""
    if not isinstance(document, Mapping):
        raise IntakeError.one(name, "is no object", remedy="see docs/coverage.md")
    problems = [
        Problem(name, f"does not know {key!r}", remedy=", ".join(KEYS)) for key in document if key not in KEYS
    ]
    held = document.get("order")
    order: Order | None = None
    if isinstance(held, Mapping):
        try:
            order = order_of(held)
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(f"{name}: order", f"is not an order as Bedside writes it ({error})"))
    made = _Parts(document, name, problems)
    if not problems and order is None and not made.text("test") and not document.get("codes"):
        problems.append(Problem(name, "names no test", remedy="give test, codes or order"))
    drafted = _drafted(made, order, index, facts, today)
    if problems:
        raise IntakeError(problems)
    return drafted


class _Parts:
    """The parts of a file, read with every problem noted."""

    def __init__(self, document: Mapping[str, Any], name: str, problems: list[Problem]) -> None:
        self.document, self.name, self.problems = document, name, problems

    def at(self, key: str) -> Pointer:
        return Pointer(Said.ORDER, f"{self.name}: {key}")

    def text(self, key: str) -> str:
        value = self.document.get(key, "")
        if not isinstance(value, str):
            self.problems.append(Problem(f"{self.name}: {key}", "is no text"))
            return ""
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.document.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.problems.append(Problem(f"{self.name}: {key}", "is no list of texts"))
            return ()
        return tuple(value)

    def flag(self, key: str) -> bool:
        value = self.document.get(key, False)
        if not isinstance(value, bool):
            self.problems.append(Problem(f"{self.name}: {key}", "is not true or false"))
            return False
        return value

    def day(self, key: str) -> date | None:
        value = self.document.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.problems.append(Problem(f"{self.name}: {key}", "is no date", remedy="2026-01-31"))
            return None

    def codes(self) -> Iterator[BillingCode]:
        value = self.document.get("codes", [])
        for one in value if isinstance(value, list) else [None]:
            if isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one):
                yield BillingCode(*one)
            else:
                remedy = '[["cpt", "81225"]]'
                self.problems.append(
                    Problem(f"{self.name}: codes", "is no list of system and number", remedy=remedy)
                )


def _drafted(made: _Parts, order: Order | None, index: DrugIndex, facts: Facts, today: date) -> Drafted:
    codes = tuple(made.codes())
    chart = _chart(made, order, index, facts, today)
    urgent = made.flag("urgent") or (order is not None and order.priority is Priority.URGENT)
    on = made.day("service_on")
    if on is None and order is not None:
        on = order.placed_at.date()
    number = order.order if order is not None else made.text("order") if "order" in made.document else ""
    return Drafted(
        order=number or made.name,
        test=order.test if order is not None else made.text("test"),
        codes=codes,
        z_code=made.text("z_code"),
        kind=made.text("kind"),
        genes=frozenset(made.texts("genes")),
        urgent=urgent,
        service_on=on,
        chart=chart,
    )


def _chart(made: _Parts, order: Order | None, index: DrugIndex, facts: Facts, today: date) -> CoverageChart:
    born = made.day("birth_date")
    if born is None and order is not None:
        born = order.subject.birth_date
    unit, since = made.text("unit"), made.day("since") or today
    reasons = [Coded(one, "", made.at("reasons")) for one in made.texts("reasons")]
    reasons += [
        Coded(one.code, one.display, made.at("order")) for one in (() if order is None else order.reasons)
    ]
    drugs = [
        Coded(drug.name, text, made.at("medicines"))
        for text in made.texts("medicines")
        for drug in index.find((), text)
    ]
    return CoverageChart(
        born=None if born is None else Dated(born, made.at("birth_date")),
        placed=Placed(unit.casefold(), since, made.at("unit")) if unit else None,
        problems=tuple(Coded(one, "", made.at("problems")) for one in made.texts("problems")),
        drugs=tuple(drugs),
        drugs_complete=made.flag("medicines_complete"),
        features=tuple(Noticed(one, True, made.at("features")) for one in made.texts("features")),
        reasons=tuple(reasons),
        said=facts,
    )
