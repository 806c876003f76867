"""The genetic tests that can be ordered: what each sees and cannot see, its specimen, time, price, status by
date, what it asks, and the form its data come in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.order import LocalCode, SpecimenWanted
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "tests"
POLICY = "policy"
"""The name of the file of this kind that holds no test but the policy of ordering."""


class Aspect(Enum):
    """A kind of change that an assay can or cannot see in a gene."""

    SMALL_VARIANTS = "small-variants"
    COPY_NUMBER = "copy-number"
    HYBRIDS = "hybrids"
    REARRANGEMENTS = "rearrangements"
    REPEATS = "repeats"
    HLA_TYPE = "hla-type"


class Range(Enum):
    """Which genes a test looks at: those it lists, the exons of all, or the whole genome."""

    LISTED = "listed"
    EXOME = "exome"
    GENOME = "genome"


class Source(Enum):
    """The germline of a person, which a test answers once for life, or a tumour, which changes."""

    GERMLINE = "germline"
    TUMOUR = "tumour"


class FromChart(Enum):
    """Where in the chart the answer to a laboratory's question stands; `ASKED` when it does not."""

    BIRTH_DATE = "birth-date"
    SEX = "sex"
    ANCESTRY = "ancestry"
    MEDICATIONS = "medications"
    PROBLEMS = "problems"
    REASON = "reason"
    RELATIVES = "relatives"
    EARLIER_TESTS = "earlier-tests"
    ORDERER = "orderer"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Question:
    """What the laboratory asks of every order. choices: the only answers it takes, none for free text."""

    question: str
    text: str
    source: FromChart
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A regulatory status from a day on, until the next."""

    since: date
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Price:
    """What is asked for the test, as of a day and by whose word."""

    amount: float
    currency: str
    as_of: date
    source: str


@dataclass(frozen=True, slots=True)
class OrderableTest:
    """One entry of the catalogue. sees: gene → aspects, for the genes listed; others: the aspects seen in
    every other gene of an exome or a genome. cannot_see: in words, for a person to read."""

    test: str
    name: str
    laboratory: str
    code: LocalCode
    further_codes: tuple[LocalCode, ...]
    method: str
    range: Range
    source: Source
    sees: Mapping[str, frozenset[Aspect]]
    others: frozenset[Aspect]
    cannot_see: tuple[str, ...]
    indications: tuple[str, ...]
    once_per_lifetime: bool
    not_again_within_days: int
    specimen: SpecimenWanted
    volume: str
    stability: str
    turnaround_working_days: int
    price: Price | None
    standings: tuple[Standing, ...]
    delivers: tuple[str, ...]
    questions: tuple[Question, ...]
    provenance: Provenance

    def aspects(self, gene: str) -> frozenset[Aspect]:
        """What the test sees in a gene; empty when it does not look there."""
        return self.sees.get(gene, self.others if self.range is not Range.LISTED else frozenset())

    def standing(self, day: date) -> Standing | None:
        """The regulatory status on a day; None before the first that is known."""
        before = [one for one in self.standings if one.since <= day]
        return max(before, key=lambda one: one.since) if before else None

    def fits(self, codes: Collection[str]) -> tuple[str, ...]:
        """Those ICD-10 codes that are indications of the test (`Z80` stands for `Z80.3`); all when the
        catalogue names none."""
        if not self.indications:
            return tuple(codes)
        return tuple(code for code in codes if code.startswith(self.indications))


@cache
def load_tests(root: Path | None = None) -> Mapping[str, OrderableTest]:
    """Every test by its id, a site's own in place of a shipped one; raises PackError with every problem."""
    found: dict[str, OrderableTest] = {}
    problems: list[Problem] = []
    for file in (one for one in rule_files(KIND, root) if one.provenance.name != POLICY):
        found |= {one.test: one for one in read_tests(file, problems)}
    if problems:
        raise PackError(problems)
    return dict(sorted(found.items()))


def read_tests(file: RuleFile, problems: list[Problem]) -> Iterator[OrderableTest]:
    """The tests of a rule file; what is wrong is added to `problems`, entry by entry."""
    entries = file.document.get("test", [])
    if not isinstance(entries, list) or not entries:
        problems.append(Problem(file.label, "holds no test", remedy="add a [[test]]"))
        return
    for number, entry in enumerate(entries, start=1):
        label = f"{file.label}: test {number}"
        try:
            read = _test(entry, file)
        except KeyError as error:
            problems.append(
                Problem(label, f"{error.args[0]} is missing", remedy="add it; nothing is assumed")
            )
        except (TypeError, ValueError, AttributeError) as error:
            problems.append(Problem(label, f"cannot be read: {error}"))
        else:
            wrong = list(_wrong(read))
            problems += [Problem(label, reason) for reason in wrong]
            if not wrong:
                yield read


def _wrong(test: OrderableTest) -> Iterator[str]:
    if test.range is Range.LISTED and not test.sees:
        yield "lists no gene"
    if test.range is not Range.LISTED and not test.others:
        yield "says nothing about what it sees in the genes it does not list"
    if not test.cannot_see:
        yield "says nothing about what it cannot see: every assay is blind to something"
    if not test.delivers:
        yield "does not say in which form its data come"
    if test.turnaround_working_days < 1:
        yield "turnaround_working_days is a number from 1"
    if test.once_per_lifetime and test.source is Source.TUMOUR:
        yield "a tumour changes; its test is not once for life"
    names = [one.question for one in test.questions]
    if len(set(names)) != len(names):
        yield "two questions have one name"


def _test(entry: Mapping[str, Any], file: RuleFile) -> OrderableTest:
    specimen, again = entry["specimen"], entry["again"]
    sees = {
        gene: frozenset(map(Aspect, group["aspects"]))
        for group in entry.get("genes", ())
        for gene in group["symbols"]
    }
    return OrderableTest(
        test=_text(entry, "id"),
        name=_text(entry, "name"),
        laboratory=_text(entry, "laboratory"),
        code=LocalCode(*map(str, entry["code"])),
        further_codes=tuple(LocalCode(*map(str, one)) for one in entry.get("further_codes", ())),
        method=_text(entry, "method"),
        range=Range(entry["range"]),
        source=Source(entry["source"]),
        sees=dict(sorted(sees.items())),
        others=frozenset(map(Aspect, entry.get("others", ()))),
        cannot_see=_texts(entry, "cannot_see"),
        indications=_texts(entry, "indications"),
        once_per_lifetime=bool(again["once_per_lifetime"]),
        not_again_within_days=int(again["not_again_within_days"]),
        specimen=SpecimenWanted(
            _text(specimen, "kind"), _text(specimen, "name"), str(specimen.get("container", ""))
        ),
        volume=_text(specimen, "volume"),
        stability=_text(specimen, "stability"),
        turnaround_working_days=int(entry["turnaround_working_days"]),
        price=_price(entry["price"]) if entry.get("price") else None,
        standings=tuple(
            Standing(_day(one, "since"), _text(one, "status"), _text(one, "source"))
            for one in entry["regulatory"]
        ),
        delivers=_texts(entry, "delivers"),
        questions=tuple(_question(one) for one in entry.get("asks", ())),
        provenance=file.provenance,
    )


def _question(entry: Mapping[str, Any]) -> Question:
    return Question(
        _text(entry, "id"),
        _text(entry, "text"),
        FromChart(entry["from"]),
        bool(entry.get("required", True)),
        _texts(entry, "choices") if "choices" in entry else (),
    )


def _price(entry: Mapping[str, Any]) -> Price:
    return Price(
        float(entry["amount"]), _text(entry, "currency"), _day(entry, "as_of"), _text(entry, "source")
    )


def _day(entry: Mapping[str, Any], name: str) -> date:
    if not isinstance(entry[name], date):
        raise ValueError(f"{name} must be a date such as 2026-11-22")
    day: date = entry[name]
    return day


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry[name]
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"{name} must be a line of text")
    return value


def _texts(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = entry[name]
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        raise ValueError(f"{name} must be a list of texts")
    return tuple(values)
