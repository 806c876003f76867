"""What a person or a file states outright of a fact, checked against the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bedside.errors import Problem, RequestError
from bedside.genome.coverage import Fact, Known, Listed, NotKnown, Pointer, Said
from bedside.knowledge.coverage_policy import CoverageFact, FactType

NOT_KNOWN = "not-known"
"""How somebody says that they do not know."""
_YES_NO = {"yes": True, "no": False, "true": True, "false": False}


def stated_facts(
    vocabulary: Mapping[str, CoverageFact],
    said: Mapping[str, object],
    *,
    by: str,
    on: date,
    source: str = "stated on the form",
    whose: Said = Said.FORM,
) -> dict[str, Fact]:
    """The facts of what was stated; raises `RequestError` with every value that is none. "" says nothing."""
    found: dict[str, Fact] = {}
    problems: list[Problem] = []
    for name, value in said.items():
        if value in ("", None):
            continue
        if name not in vocabulary:
            problems.append(Problem(f"facts.{name[:60]}", "is no fact of the vocabulary"))
            continue
        try:
            found[name] = stated(vocabulary[name], value, Pointer(whose, source, on, by=by))
        except (KeyError, TypeError, ValueError) as error:
            known = vocabulary[name]
            reason = f"the answer to “{known.question}” {error}"
            problems.append(Problem(f"facts.{name}", reason, remedy=remedy_of(known)))
    if problems:
        raise RequestError(problems)
    return found


def stated(fact: CoverageFact, value: object, at: Pointer) -> Fact:
    """One fact; ValueError when the value is none of its type."""
    if value == NOT_KNOWN:
        return NotKnown(f"{at.by or 'somebody'} says that it is not known")
    if fact.type is FactType.YES_NO:
        held = value if isinstance(value, bool) else _YES_NO.get(str(value).casefold())
        if held is None:
            raise ValueError("is neither yes nor no")
        return Known(held, (at,))
    if fact.type is FactType.NUMBER:
        if isinstance(value, bool):
            raise ValueError("is no number")
        try:
            number = float(str(value))
        except ValueError:
            raise ValueError("is no number") from None
        if not 0 <= number < 1e9:
            raise ValueError("is no number from 0 upwards")
        return Known(number, (at,))
    if fact.type is FactType.LIST:
        return Known(_listed(value), (at,))
    text = str(value).strip()
    if fact.choices and text not in fact.choices:
        raise ValueError("is none of the choices")
    if not text.isprintable() or len(text) > 200:
        raise ValueError("is no line of text")
    return Known(text, (at,))


def _listed(value: object) -> Listed:
    """A list; `{"list": […], "complete": false}` says that there may be more."""
    complete = True
    if isinstance(value, Mapping):
        complete, value = bool(value["complete"]), value["list"]
    if isinstance(value, str):
        value = [one.strip() for one in value.split(",")]
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError("is no list of texts")
    return Listed(frozenset(one for one in value if one), complete)


def remedy_of(fact: CoverageFact) -> str:
    """What can be stated of a fact."""
    if fact.type is FactType.YES_NO:
        return f"yes, no or {NOT_KNOWN}"
    if fact.type is FactType.NUMBER:
        return f"a number of {fact.unit}, or {NOT_KNOWN}"
    if fact.type is FactType.LIST:
        return f"a list, or {NOT_KNOWN}"
    return ", ".join((*fact.choices, NOT_KNOWN)) if fact.choices else f"a line of text, or {NOT_KNOWN}"
