"""The gate: what the dossier, the record, studies, models and people's words say to each item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bedside.errors import NotFound, RequestError
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.knowledge.dossier import Dossier, load_dossiers
from bedside.knowledge.economic_model import EconomicModel
from bedside.knowledge.economic_model_file import load_models
from bedside.knowledge.readiness import (
    AnsweredFrom,
    ReadinessChecklist,
    ReadinessItem,
    load_readiness,
)
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.dossier_gaps import lacks
from bedside.learn.economics.analysis import analyse
from bedside.learn.readiness import Finding, Met, Readiness, Ready, judge
from bedside.service.house import House

LONGEST = 400
_NO_RECORD = Finding(Met.UNKNOWN, "no record is at hand")


def gate(checklist: ReadinessChecklist, house: House | None, root: Path | None, today: date) -> Readiness:
    """The answer of a checklist. house: None without a record; then what rests on it is unknown."""
    dossiers, models = load_dossiers(root), load_models(root)
    words = _words(house, checklist)
    found = {}
    for item in checklist.items:
        match item.wanted.source:
            case AnsweredFrom.DOSSIER:
                found[item.name] = _of_dossier(dossiers.get(checklist.dossier), item.wanted.of, models, today)
            case AnsweredFrom.MODEL:
                found[item.name] = _of_model(models.get(item.wanted.of), item.wanted.of)
            case AnsweredFrom.EVENTS:
                found[item.name] = _NO_RECORD if house is None else _of_events(house, item)
            case AnsweredFrom.STUDY:
                found[item.name] = _NO_RECORD if house is None else _of_study(house, item.wanted.of)
            case AnsweredFrom.ATTESTED:
                found[item.name] = _NO_RECORD if house is None else _of_words(item, words, today)
    return judge(checklist, found, today)


def _of_dossier(
    dossier: Dossier | None, part: str, models: Mapping[str, EconomicModel], today: date
) -> Finding:
    if dossier is None:
        return Finding(Met.UNKNOWN, "the dossier is not at hand")
    missing = [one.what for one in lacks(dossier, models, today) if part in ("complete", one.part)]
    where = f"dossier {dossier.provenance.name} ({dossier.provenance.sha256[:12]})"
    if missing:
        return Finding(Met.NOT_MET, "; ".join(missing), where)
    return Finding(Met.MET, "nothing is missing in it", where)


def _of_model(model: EconomicModel | None, name: str) -> Finding:
    if model is None:
        return Finding(Met.UNKNOWN, f"the model {name} is not at hand")
    where = f"model {name} ({model.provenance.sha256[:12]})"
    if model.unknown:
        return Finding(Met.UNKNOWN, f"not known in it: {', '.join(model.unknown)}", where)
    wrong = [one.name for one in analyse(model, 200, 1).published if not one.same]
    if wrong:
        return Finding(Met.NOT_MET, f"does not reproduce {', '.join(wrong)}", where)
    return Finding(Met.MET, "reproduces what it says was published", where)


def _of_events(house: House, item: ReadinessItem) -> Finding:
    kind = EventKind(item.wanted.of)
    people = {event.person for event in house.ledger.events(kinds=(kind,)) if event.person is not None}
    small = load_small_numbers(house.settings.knowledge_folder)
    shown = f"fewer than {small.least}" if small.hides(len(people)) else str(len(people))
    met = Met.MET if len(people) >= item.wanted.least else Met.NOT_MET
    return Finding(met, f"{shown} of at least {item.wanted.least} people", f"events {kind.value}")


def _of_study(house: House, name: str) -> Finding:
    kinds = (EventKind.STUDY_REGISTERED, EventKind.STUDY_RUN)
    found = [event for event in house.ledger.events(kinds=kinds) if event.payload["study"] == name]
    ran = [event for event in found if event.kind is EventKind.STUDY_RUN]
    if ran:
        return Finding(Met.MET, f"run on {ran[-1].valid_at.date()}", f"bundle {ran[-1].payload['bundle']}")
    if found:
        return Finding(Met.NOT_MET, "registered, not run yet", f"event {found[-1].sequence}")
    return Finding(Met.NOT_MET, f"no study {name} is registered")


def _of_words(item: ReadinessItem, words: Mapping[str, Event], today: date) -> Finding:
    event = words.get(item.name)
    if event is None:
        return Finding(Met.UNKNOWN, "nobody has stood for it yet")
    said_on = event.valid_at.date()
    said = f"{event.payload['evidence']} ({event.actor}, {said_on})"
    if said_on + timedelta(days=item.wanted.valid_days) < today:
        return Finding(Met.UNKNOWN, f"said too long ago to hold: {said}", f"event {event.sequence}")
    met = Met.MET if event.payload["level"] == Met.MET.value else Met.NOT_MET
    return Finding(met, said, f"event {event.sequence}")


def _indicator(checklist: ReadinessChecklist, item: str) -> str:
    return f"readiness:{checklist.provenance.name}:{item}"


def _words(house: House | None, checklist: ReadinessChecklist) -> dict[str, Event]:
    """The last word on each item."""
    if house is None:
        return {}
    items = {_indicator(checklist, one.name): one.name for one in checklist.items}
    found: dict[str, Event] = {}
    for event in house.ledger.events(kinds=(EventKind.ASSESSMENT_RECORDED,)):
        name = items.get(str(event.payload["indicator"]))
        if name is not None:
            found[name] = event
    return found


def attest(
    house: House, checklist: ReadinessChecklist, item: str, *, met: bool, evidence: str, by: str
) -> None:
    """Somebody stands for an item, with what it rests on. Raises RequestError unless it is one to be
    attested and something is said."""
    held = {one.name: one for one in checklist.items}
    if item not in held:
        raise RequestError.one("item", f"{item!r} is not on this checklist", remedy=", ".join(held))
    if held[item].wanted.source is not AnsweredFrom.ATTESTED:
        source = held[item].wanted.source.value
        raise RequestError.one("item", f"{item} is answered by the {source}, not by anybody's word")
    said = " ".join(evidence.split())
    if not said or len(said) > LONGEST:
        raise RequestError.one("evidence", f"must be said in 1 to {LONGEST} characters")
    payload = {
        "indicator": _indicator(checklist, item),
        "level": (Met.MET if met else Met.NOT_MET).value,
        "evidence": said,
        "checklist": checklist.provenance.sha256,
    }
    house.ledger.append([NewEvent(EventKind.ASSESSMENT_RECORDED, by, house.clock(), None, payload)])


def checklist_named(name: str, root: Path | None) -> ReadinessChecklist:
    """A checklist by name; raises NotFound."""
    held = load_readiness(root)
    if name not in held:
        raise NotFound.one("CHECKLIST", f"{name!r} is none here", remedy=f"one of {', '.join(held)}")
    return held[name]


def document(checklist: ReadinessChecklist, found: Readiness, today: date) -> dict[str, Any]:
    """The answer, for machines and pages."""
    return {
        "checklist": checklist.provenance.name,
        "title": checklist.provenance.title,
        "digest": checklist.provenance.sha256,
        "review_state": checklist.provenance.review_state,
        "decision": checklist.decision,
        "dossier": checklist.dossier,
        "on": today.isoformat(),
        "answer": found.answer.value,
        "sentence": sentence(found),
        "items": [
            {
                "item": one.item.name,
                "asks": one.item.asks,
                "required": one.item.required,
                "owner": one.item.owner,
                "due": one.item.due.isoformat(),
                "overdue": one.overdue,
                "met": one.found.met.value,
                "why": one.found.why,
                "where": one.found.where,
                "from": one.item.wanted.source.value,
            }
            for one in found.judged
        ],
    }


def sentence(found: Readiness) -> str:
    """The answer in one sentence."""
    required = sum(one.item.required for one in found.judged)
    if found.answer is Ready.READY:
        return f"Ready: all {required} required items are met."
    late = sum(one.overdue for one in found.gaps)
    said = f"{found.answer.value.capitalize()}: {len(found.gaps)} of {required} required items stand open"
    return f"{said}, {late} of them overdue." if late else f"{said}."
