"""Which signals somebody may record for a person on a pathway: those that close an open step, send back,
end the pathway or take it up again. Nothing else fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from bedside.act.pathway_state import PathwayState
from bedside.knowledge.care_pathway import CarePathway, Condition
from bedside.knowledge.care_pathways import SignalWord

ABOUT_THE_PERSON = frozenset({"died"})
"""Signals that are about every case of a person."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One signal that fits, and what it is called. key: names it within its case."""

    key: str
    signal: str
    attributes: tuple[tuple[str, str], ...]
    title: str


def closing(pathway: CarePathway, step: str, words: Mapping[str, SignalWord]) -> tuple[Choice, ...]:
    """What shows that a step is done, or makes it superfluous."""
    held = pathway.steps[step]
    return _choices((*held.done_by, *held.not_needed_by), words)


def sending_back(
    pathway: CarePathway, state: PathwayState, words: Mapping[str, SignalWord]
) -> tuple[Choice, ...]:
    """What sends the person back to an earlier step, as far as it still does."""
    ways = [one for one in pathway.returns if state.ended is None or one.after_end]
    return _choices([condition for one in ways for condition in one.on], words)


def ending(pathway: CarePathway, state: PathwayState, words: Mapping[str, SignalWord]) -> tuple[Choice, ...]:
    """The ends other than the goal, each with its coded reason; none once the pathway ended."""
    if state.ended is not None:
        return ()
    found: dict[str, Choice] = {}
    for way in pathway.exits:
        for reason in (way.reason,) if way.reason else sorted(way.reasons):
            title = pathway.reasons[reason].title
            for one in _choices(way.on, words):
                said = one.attributes if way.reason else (*one.attributes, ("reason", reason))
                key = _key(one.signal, said)
                found.setdefault(key, Choice(key, one.signal, said, title))
    return tuple(found.values())


def taking_up(
    pathway: CarePathway, state: PathwayState, words: Mapping[str, SignalWord]
) -> tuple[Choice, ...]:
    """What takes a person up again after an end that can be revoked."""
    if state.ended is None:
        return ()
    by = state.ended.by
    return _choices([one for way in pathway.exits if way.name == by for one in way.revoked_by], words)


def _choices(conditions: Iterable[Condition], words: Mapping[str, SignalWord]) -> tuple[Choice, ...]:
    found: dict[str, Choice] = {}
    for condition in conditions:
        for said in _spelled(condition):
            key = _key(condition.signal, said)
            found.setdefault(key, Choice(key, condition.signal, said, _title(condition.signal, said, words)))
    return tuple(found.values())


def _spelled(condition: Condition) -> Iterator[tuple[tuple[str, str], ...]]:
    keys = [key for key, _ in condition.where]
    for values in product(*(sorted(values) for _, values in condition.where)):
        yield tuple(zip(keys, values, strict=True))


def _key(signal: str, said: Iterable[tuple[str, str]]) -> str:
    return "&".join((signal, *(f"{key}={value}" for key, value in said)))


def _title(signal: str, said: tuple[tuple[str, str], ...], words: Mapping[str, SignalWord]) -> str:
    told = ", ".join(value.replace("-", " ") for _, value in said)
    return words[signal].title + (f" ({told})" if told else "")
