"""The launch of something new: its checklist against the record, who attested what, its uptake by clinic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bedside.act.launch_gate import Attested, Readiness, readiness
from bedside.errors import InputError, Problem
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.programme import Programme
from bedside.knowledge.launch import Checklist, load_checklists
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.service.house import House
from bedside.service.pathway_check import load_pathways
from bedside.service.pathway_funnel import FunnelReport, Shown
from bedside.service.pathway_rules import pathway_rules
from bedside.service.pathway_worklist import barriers
from bedside.service.record_cohort import record_report

PREFIX = "launch:"
"""What an attested item is called in the record: `launch:companion-diagnostic:reflex-policy`."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """How far people come on a checklist's pathway, by clinic, and what stands in their way: for each clinic
    the coded barriers with their counts as they may be shown."""

    report: FunnelReport
    barriers: Mapping[str, Mapping[str, int | str]]


def checklist_named(house: House, name: str) -> Checklist:
    """The checklist; raises InputError."""
    held = load_checklists(house.settings.knowledge_folder)
    if name not in held:
        raise InputError.one("CHECKLIST", "is none here", remedy=f"one of {', '.join(held)}")
    return held[name]


def stands(house: House, checklist: Checklist) -> Readiness:
    """The checklist against the record as it stands now."""
    return readiness(checklist, _seen(house, checklist), attested(house, checklist), house.clock().date())


def attest(house: House, checklist: Checklist, item: str, word: str, note: str, *, actor: str) -> None:
    """Somebody's word about an item: yes, or no with why. Raises InputError."""
    names = [one.name for one in checklist.items]
    problems = [] if item in names else [Problem("item", "is none of the checklist", remedy=", ".join(names))]
    if word not in ("yes", "no"):
        problems.append(Problem("word", "is not yes or no"))
    if not note.strip():
        problems.append(Problem("note", "is missing", remedy="say what was looked at, or what is missing"))
    if problems:
        raise InputError(problems)
    payload = {
        "indicator": f"{PREFIX}{checklist.name}:{item}",
        "level": 1 if word == "yes" else 0,
        "note": note,
        "checklist": checklist.provenance.sha256,
    }
    house.ledger.append([NewEvent(EventKind.ASSESSMENT_RECORDED, actor, house.clock(), None, payload)])


def attested(house: House, checklist: Checklist) -> dict[str, Attested]:
    """The last word about each item."""
    begins, found = f"{PREFIX}{checklist.name}:", dict[str, Attested]()
    for event in house.ledger.events(kinds=(EventKind.ASSESSMENT_RECORDED,)):
        name = str(event.payload["indicator"])
        if name.startswith(begins):
            said = event.payload
            found[name.removeprefix(begins)] = Attested(
                bool(said["level"]), event.actor, event.valid_at.date(), str(said.get("note", ""))
            )
    return found


def adoption(house: House, checklist: Checklist, only: frozenset[str] | None = None) -> Adoption:
    """The funnel of the checklist's pathway by clinic, with coded barriers. only: the records the asker may
    open. Raises InputError when the pathway is not here."""
    root, now = house.settings.knowledge_folder, house.clock()
    held = load_pathways(root).by_name
    if checklist.pathway not in held:
        raise InputError.one("pathway", f"{checklist.pathway} is no pathway here")
    report, cohort = record_report(house, held[checklist.pathway], now, "site", only)
    words, shown = pathway_rules(root).words.barriers, Shown(load_small_numbers(root).least)
    counted: dict[str, Counter[str]] = {}
    for person in dict.fromkeys(person for person, _ in cohort.rows):
        site = cohort.everybody.programmes.get(person, Programme()).group("site")
        for code in barriers(cohort.everybody.signals[person], now):
            counted.setdefault(site, Counter())[words.get(code, code)] += 1
    told = {
        site: {name: shown.count(count) for name, count in counts.most_common()}
        for site, counts in sorted(counted.items())
    }
    return Adoption(report, told)


def _seen(house: House, checklist: Checklist) -> dict[str, int]:
    """How many events show each item; no more are read than are asked for."""
    found: dict[str, int] = {}
    for item in checklist.items:
        if item.shows is not None:
            count = 0
            for event in house.ledger.events(kinds=(item.shows.kind,)):
                count += item.shows.fits(event.payload)
                if count >= item.shows.least:
                    break
            found[item.name] = count
    return found
