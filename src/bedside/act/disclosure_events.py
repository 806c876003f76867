"""From one person's events to findings and to what happened to each, corrections applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bedside.act.disclosure import Fact, Finding, Standing, standing
from bedside.genome.event import Event, EventKind
from bedside.genome.person import ItemStatus
from bedside.genome.result import Confirmation
from bedside.knowledge.disclosure_policy import Pathway

DISCLOSURE = "disclosure"
NEWBORN = "newborn"
FOUND = "screen-positive"
CORRECTION = "correction"
WRITTEN = "letter-written"
NOTES = frozenset({FOUND, CORRECTION, WRITTEN})
"""Steps that are kept and move nothing."""


def standings(pathway: Pathway, events: Iterable[Event]) -> tuple[Standing, ...]:
    """Where every finding of one person stands, in order of id. A change to what the person was told already
    may be told like the finding was."""
    kept = in_force(events)
    found = findings_of(pathway, kept)
    first = {
        one.finding: standing(pathway, one, facts_of(pathway, one, kept))
        for one in found
        if one.entry not in pathway.told
    }
    shown = {variant for one in first.values() if one.visible for variant in one.finding.variants}
    for one in found:
        if one.entry in pathway.told:
            known = replace(one, clinical=one.clinical or bool(shown & set(one.variants)))
            first[one.finding] = standing(pathway, known, facts_of(pathway, known, kept))
    return tuple(first[name] for name in sorted(first))


def in_force(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events without the steps that a later event, itself in force, corrects; each key once."""
    ordered = sorted(events, key=lambda event: event.sequence)
    corrected: set[str] = set()
    for event in reversed(ordered):
        if (
            event.kind is EventKind.STEP_TAKEN
            and event.key not in corrected
            and event.payload.get("corrects")
        ):
            corrected.add(str(event.payload["corrects"]))
    kept: dict[tuple[str, str], Event] = {}
    for event in ordered:
        if event.kind is not EventKind.STEP_TAKEN or event.key not in corrected:
            kept.setdefault((event.kind.value, event.key or str(event.sequence)), event)
    return tuple(kept.values())


def findings_of(pathway: Pathway, events: Sequence[Event]) -> tuple[Finding, ...]:
    """The findings these events bring in: screen-positives, and tasks of changed classifications."""
    withdrawn = _withdrawn(events)
    found: dict[str, Finding] = {}
    for event in events:
        one = _found(pathway, event, withdrawn)
        if one is not None:
            held = found.get(one.finding)
            found[one.finding] = one if held is None else _joined(held, one)
    return tuple(found[name] for name in sorted(found))


def _joined(held: Finding, other: Finding) -> Finding:
    """One finding seen twice: as it was seen first, resting on both results."""
    first, second = (held, other) if held.found_at <= other.found_at else (other, held)
    results = tuple(dict.fromkeys((*first.results, *second.results)))
    days = [one.not_before for one in (first, second) if one.not_before is not None]
    return replace(
        first,
        clinical=first.clinical or second.clinical,
        results=results,
        not_before=max(days, default=None),
    )


def _withdrawn(events: Iterable[Event]) -> frozenset[str]:
    return frozenset(e.payload["result"] for e in events if e.kind is EventKind.RESULT_WITHDRAWN)


def _found(pathway: Pathway, event: Event, withdrawn: frozenset[str]) -> Finding | None:
    held = event.payload
    if event.kind is EventKind.STEP_TAKEN and held["pathway"] == pathway.name:
        if held["step"] != FOUND or not held.get("finding"):
            return None
        entry = str(held.get("entry", "found"))
        return _finding(event, held["finding"], held, entry, withdrawn) if entry in pathway.entries else None
    if event.kind is EventKind.TASK_OPENED and held["kind"] in pathway.changes:
        entry = pathway.changes[held["kind"]]
        return _finding(event, held["task"], held.get("about", {}), entry, withdrawn)
    return None


def _finding(
    event: Event, name: str, held: Mapping[str, Any], entry: str, withdrawn: frozenset[str]
) -> Finding:
    result = str(held.get("result", ""))
    clinical = held.get("confirmation") == Confirmation.CLINICAL.value and result not in withdrawn
    not_before = held.get("not_before")
    variants = held.get("variants") or filter(None, (held.get("variant"),))
    return Finding(
        finding=name,
        person=str(event.person),
        gene=str(held.get("gene", "")),
        variants=tuple(str(variant) for variant in variants),
        panel=str(held.get("panel", "")),
        found_at=event.valid_at,
        entry=entry,
        clinical=clinical,
        release=str(held.get("release", "")),
        disease=str(held.get("disease", "")),
        results=(result,) if result else (),
        site=str(held.get("site", "")),
        not_before=None if not not_before else date.fromisoformat(not_before),
        about=held,
    )


def facts_of(pathway: Pathway, finding: Finding, events: Sequence[Event]) -> tuple[Fact, ...]:
    """What happened to one finding, and to its person as a whole."""
    return (
        *(fact for event in events for fact in _facts(pathway, finding, event)),
        *_arrivals(pathway, finding, events),
        *_withdrawals(finding, events),
    )


def _facts(pathway: Pathway, finding: Finding, event: Event) -> Iterator[Fact]:
    held = event.payload
    if event.kind is EventKind.STEP_TAKEN and held["pathway"] == pathway.name:
        step, of = held["step"], held.get("finding")
        if step not in NOTES and (of == finding.finding or (not of and step in pathway.interrupts)):
            yield Fact(step, str(held.get("outcome", "")), event.valid_at, event.actor, held)
    elif event.kind is EventKind.GENOME_ERASED:
        yield Fact("genome-erased", "recorded", event.valid_at, event.actor)
    elif event.kind is EventKind.TASK_CLOSED and held["task"] == finding.finding and "pathway" not in held:
        yield Fact("task-closed", str(held["outcome"]), event.valid_at, event.actor)


def _arrivals(pathway: Pathway, finding: Finding, events: Sequence[Event]) -> Iterator[Fact]:
    """The first problem-list entry for the finding whose code was not entered in error since."""
    arriving = [state for state in pathway.states.values() if state.arrives]
    if not arriving or all(event.kind is not EventKind.PROBLEM_RECORDED for event in events):
        return
    for (system, code), several in _problems(events).items():
        ours = [event for event in several if event.payload.get("finding") == finding.finding]
        latest = max(several, key=lambda event: (event.valid_at, event.sequence))
        if ours and latest.payload["status"] != ItemStatus.ENTERED_IN_ERROR.value:
            first = min(ours, key=lambda event: (event.valid_at, event.sequence))
            details = {"system": system, "code": code}
            for state in arriving:
                yield Fact(state.name, state.arrives, first.valid_at, first.actor, details)


def _problems(events: Iterable[Event]) -> Mapping[tuple[str, str], list[Event]]:
    found: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        if event.kind is EventKind.PROBLEM_RECORDED:
            found.setdefault((event.payload["system"], event.payload["code"]), []).append(event)
    return found


def _withdrawals(finding: Finding, events: Sequence[Event]) -> Iterator[Fact]:
    """That every result the finding rests on was withdrawn: once, on the day of the last."""
    gone = [
        e for e in events if e.kind is EventKind.RESULT_WITHDRAWN and e.payload["result"] in finding.results
    ]
    if finding.results and {event.payload["result"] for event in gone} == set(finding.results):
        last = max(gone, key=lambda event: (event.valid_at, event.sequence))
        yield Fact("result-withdrawn", "recorded", last.valid_at, last.actor)
