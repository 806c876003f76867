"""Letters about a finding, and its entry in the problem list: only of what may be shown, kept by digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bedside.act.disclosure import Standing
from bedside.act.disclosure_events import DISCLOSURE, WRITTEN
from bedside.act.disclosure_shown import May, held_by, lowered, why_not_shown
from bedside.errors import RequestError
from bedside.genome.code import PROBLEM_SYSTEMS, Code
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import ItemStatus, Person
from bedside.genome.result import Confirmation
from bedside.knowledge.letters import Letter, load_letters, write_letter
from bedside.service.disclose import events_of, findings, key_of, pathway_of
from bedside.service.disclose_consent import may_of
from bedside.service.house import House

DECLINED = "declined"


def finding_named(house: House, person: str, finding: str) -> Standing:
    """Where one finding of a person stands; raises `RequestError` when there is none."""
    for one in findings(house, person):
        if one.finding.finding == finding:
            return one
    raise RequestError.one("finding", "this person has no such finding", remedy="open the worklist again")


def write_finding_letter(
    house: House,
    person: str,
    finding: str,
    name: str,
    *,
    actor: str,
    contact: str = "",
    may: May | None = None,
) -> Letter:
    """Write a letter about a finding and keep it; that it was written is in the record, its text by digest.

    Sending it is a step of its own. Raises `RequestError` for a letter that tells of what may not be shown
    or that the person did not agree to get, `InputError` when a fact it needs is not known.
    """
    here, now = finding_named(house, person, finding), house.clock()
    letters = load_letters(house.settings.knowledge_folder)
    text = letters.texts.get(name)
    if text is None or text.audience == "relative":
        raise RequestError.one("letter", "no such letter about a person's own finding")
    asked = may or may_of(house)
    why = why_not_shown(here, now.date(), asked) if text.shows else ""
    if text.audience == "person" and not why:
        contact_state = pathway_of(house).states["contact"]
        low = lowered(pathway_of(house), findings(house, person))
        asked_of = replace(here, state=contact_state)
        held = held_by(pathway_of(house), asked_of, now.date(), asked, low)
        why = held.reason if held is not None else _not_yet(house, here) if text.shows else ""
    if why:
        raise RequestError.one("letter", f"not written: {why}", remedy=f"it stands at {here.state.name}")
    known = house.ledger.person(person) or Person(person)
    facts = {key: value for key, value in facts_of(house, here, known).items() if key in text.facts}
    release = here.finding.release or str(house.pgx.release)
    letter = write_letter(letters, name, facts, release=release, day=now.date(), contact=contact)
    document = house.documents.put(letter.content)
    payload = {
        "pathway": DISCLOSURE,
        "step": WRITTEN,
        "finding": finding,
        "outcome": name,
        "document": document,
        "template": letter.template,
    }
    key = key_of(payload, now, events_of(house, person))
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, now, person, payload, key)])
    return letter


def _not_yet(house: House, here: Standing) -> str:
    """Why a person does not get a letter that tells: nobody told them yet, or they said no."""
    if here.state.final.startswith(DECLINED):
        return here.state.final
    told = here.happened("disclosure", "disclosed") is not None
    if here.finding.entry in pathway_of(house).told:
        told = here.state.shows
    return "" if told else "not-told-in-person-yet"


def facts_of(house: House, here: Standing, person: Person) -> dict[str, str]:
    """Everything a letter may say of a finding, each from a field of the record; what is not known is left
    out, so that a letter that needs it is refused.
    """
    finding, about = here.finding, here.finding.about
    said = [fact.details["laboratory"] for fact in here.taken if "laboratory" in fact.details]
    facts = {
        "name": " ".join(part for part in (person.given, person.family) if part),
        "gene": finding.gene,
        "variant": " and ".join(finding.variants),
        "disease": finding.disease,
        "classification": about.get("classification") or about.get("after") or about.get("to"),
        "before": about.get("before") or about.get("from"),
        "after": about.get("after") or about.get("to"),
        "laboratory": said[-1] if said else about.get("laboratory") or _laboratory(house, person.person),
    }
    return {key: str(value) for key, value in facts.items() if value}


def _laboratory(house: House, person: str) -> str:
    """Who reported the person's genome for clinical use: the one laboratory, "" where several did or none."""
    genomes = {run.result for run in house.ledger.genome_runs(person) if run.erased is None}
    named = {
        result.laboratory
        for result in house.ledger.results(person)
        if result.result in genomes and result.confirmation is Confirmation.CLINICAL and not result.withdrawn
    }
    return named.pop() if len(named) == 1 else ""


def enter_problem(
    house: House,
    person: str,
    finding: str,
    condition: Code,
    *,
    actor: str,
    at: datetime | None = None,
    may: May | None = None,
) -> Standing:
    """Enter the diagnosis in the problem list: the proof that the finding arrived. Raises `RequestError` for
    a finding that may not be shown, or a code of another kind of thing.
    """
    here, when = finding_named(house, person, finding), at or house.clock()
    why = why_not_shown(here, when.date(), may or may_of(house))
    if not why and here.state.final.startswith(DECLINED):
        why = here.state.final
    if why:
        raise RequestError.one("finding", f"it cannot be entered: {why}")
    if condition.system not in PROBLEM_SYSTEMS:
        raise RequestError.one("code", "a problem is coded in SNOMED CT or ICD-10-CM")
    payload = {
        "system": condition.system.value,
        "code": condition.code,
        "display": condition.display,
        "status": ItemStatus.ACTIVE.value,
        "since": when.date().isoformat(),
        "finding": finding,
    }
    key = f"problem:{finding}:{condition.system.value}|{condition.code}:{when.isoformat()}"
    house.ledger.append([NewEvent(EventKind.PROBLEM_RECORDED, actor, when, person, payload, key)])
    return finding_named(house, person, finding)
