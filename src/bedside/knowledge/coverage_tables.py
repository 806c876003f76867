"""The tables that coverage policies are read with: the vocabulary of facts, plans, codes and tests, and the
order of precedence. A code has no description: what a code set's owner wrote of it is not ours to carry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.coverage import BillingCode, DocNeeded, Funding, Line
from bedside.knowledge.coverage_pack import KnownCode, KnownPlan, KnownTest, Precedence, Reading
from bedside.knowledge.coverage_policy import CoverageFact, FactType, FromRecord, Level
from bedside.knowledge.provenance import RuleFile

_CODE_KEYS = frozenset({"system", "code", "kind", "genes", "confirmed"})


def read_facts(file: RuleFile) -> dict[str, CoverageFact]:
    """The vocabulary: every fact by name; raises PackError with every problem."""
    return dict(_each(file, "fact", lambda one: (one["id"], _fact(one))))


def read_reading(file: RuleFile) -> Reading:
    """How the vocabulary reads a record."""
    try:
        said = file.document["reading"]
        return Reading(
            levels=frozenset(map(str, said["levels"])),
            labels=frozenset(map(str, said["labels"])),
            not_counted=frozenset(map(str, said["not_counted"])),
            units={str(unit): str(setting) for unit, setting in said["units"].items()},
            stay_days=int(said["stay_days"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"does not say how a record is read: {error}") from error


def read_plans(file: RuleFile) -> dict[str, KnownPlan]:
    """Plans by id."""
    return dict(_each(file, "plan", lambda one: (one["payer"], _plan(one))))


def read_tests(file: RuleFile) -> dict[str, KnownTest]:
    """Tests of the catalogue as payers see them."""
    return dict(_each(file, "test", lambda one: (one["test"], _test(one))))


def read_codes(file: RuleFile) -> dict[BillingCode, KnownCode]:
    """Billing codes by number."""

    def read(one: Mapping[str, Any]) -> tuple[BillingCode, KnownCode]:
        if further := sorted(set(one) - _CODE_KEYS):
            raise ValueError(f"a code carries no {', '.join(further)}: descriptors belong to their owner")
        code = BillingCode(str(one["system"]), str(one["code"]))
        return code, KnownCode(code, str(one["kind"]), frozenset(one["genes"]), bool(one["confirmed"]))

    return dict(_each(file, "code", read))


def read_labels(file: RuleFile) -> dict[BillingCode, str]:
    """A site's own labels of codes, from its licensed files; none ship."""
    return dict(
        _each(
            file, "label", lambda one: (BillingCode(str(one["system"]), str(one["code"])), str(one["text"]))
        )
    )


def read_precedence(file: RuleFile) -> Precedence:
    """In which order the levels are read. Every level has its place and its reason."""
    why = dict(_each(file, "level", lambda one: (Level(one["level"]), f"{one['why']} ({one['cite']})")))
    if missing := [one.value for one in Level if one not in why]:
        raise file.fail(f"no place for {', '.join(missing)}")
    return Precedence(file.provenance, tuple(why), why)


def code_of(entry: object) -> BillingCode:
    """A code written as `["cpt", "81225"]`."""
    if not isinstance(entry, list) or len(entry) != 2 or not all(isinstance(one, str) for one in entry):
        raise ValueError('a code is written ["system", "number"] and nothing more')
    return BillingCode(*entry)


def descriptor_like(document: object, marks: tuple[str, ...], path: str = "") -> Iterator[str]:
    """Where a document holds text with one of the marks of a code set's own descriptors."""
    if isinstance(document, str):
        if any(mark in document.casefold() for mark in marks):
            yield path
    elif isinstance(document, Mapping):
        for name, value in document.items():
            yield from descriptor_like(value, marks, f"{path}.{name}".lstrip("."))
    elif isinstance(document, list):
        for place, value in enumerate(document, start=1):
            yield from descriptor_like(value, marks, f"{path} {place}")


def _each(file: RuleFile, name: str, read: Any) -> Iterator[tuple[Any, Any]]:
    problems: list[Problem] = []
    found = []
    for number, entry in enumerate(file.document.get(name, ()), start=1):
        try:
            found.append(read(entry))
        except KeyError as error:
            problems.append(Problem(f"{file.label}: {name} {number}", f"{error.args[0]} is missing"))
        except (TypeError, ValueError, AttributeError) as error:
            problems.append(Problem(f"{file.label}: {name} {number}", f"cannot be read: {error}"))
    if problems:
        raise PackError(problems)
    yield from found


def _fact(entry: Mapping[str, Any]) -> CoverageFact:
    made = CoverageFact(
        fact=str(entry["id"]),
        type=FactType(entry["type"]),
        question=str(entry["question"]),
        source=FromRecord(entry["from"]),
        answered_by=DocNeeded(entry["answered_by"]),
        unit=str(entry.get("unit", "")),
        codes=tuple(entry.get("codes", ())),
        choices=tuple(entry.get("choices", ())),
    )
    if not made.question.strip():
        raise ValueError(f"{made.fact} asks nothing")
    if made.type is FactType.NUMBER and not made.unit:
        raise ValueError(f"{made.fact} is a number without a unit")
    if made.type is FactType.WORD and not made.choices:
        raise ValueError(f"{made.fact} is a word without choices")
    return made


def _plan(entry: Mapping[str, Any]) -> KnownPlan:
    return KnownPlan(
        payer=str(entry["payer"]),
        title=str(entry["title"]),
        line=Line(entry["line"]),
        funding=Funding(entry["funding"]),
        state=str(entry.get("state", "")),
        contractor=str(entry.get("contractor", "")),
        names=frozenset(str(one).casefold() for one in entry.get("names", ())),
    )


def _test(entry: Mapping[str, Any]) -> KnownTest:
    return KnownTest(
        test=str(entry["test"]),
        kind=str(entry["kind"]),
        codes=tuple(map(code_of, entry.get("codes", ()))),
        z_code=str(entry.get("z_code", "")),
        assessed=entry.get("assessed"),
    )
