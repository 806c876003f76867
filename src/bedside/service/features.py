"""A person's features: suggested by notes and codes, decided by people, and the case that results.

What is suggested is on the ledger as a suggestion. Only what a named person confirmed leaves this module as a
finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from bedside.errors import NotFound, RequestError
from bedside.genome.case import Case, FeatureStatus
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.features import KINDS, Decision, Standing, case_of, standings
from bedside.genome.person import ItemStatus
from bedside.intake.fhir_findings import read_findings
from bedside.interpret.phenotype_index import PhenotypeIndex
from bedside.interpret.read_phenotypes import read_phenotypes
from bedside.interpret.suggest_features import Suggested, from_codes, from_note
from bedside.knowledge.code_maps import CodeMaps, load_code_maps, maps_folder
from bedside.knowledge.hpo import Term
from bedside.service.house import House
from bedside.service.read_notes import phenotype_index

LONGEST_NOTE = 100_000
MOST_FOUND = 20


@lru_cache(maxsize=2)
def code_maps(root: Path | None = None) -> CodeMaps:
    """HPO's own cross-references and the maps in a site's knowledge folder, read once."""
    return load_code_maps(phenotype_index(None, root).hpo, maps_folder(root))


def reader_of(house: House) -> PhenotypeIndex:
    """The dictionary by which a house reads notes."""
    return phenotype_index(None, house.settings.knowledge_folder)


def features_of(house: House, person: str, known_at: datetime | None = None) -> tuple[Standing, ...]:
    """Every term spoken of about a person, as known at a moment."""
    return standings(house.ledger.events(person=person, kinds=KINDS), known_at)


def confirmed_case(house: House, person: str) -> Case:
    """The case of a person; its `observed` and `excluded` hold what named people confirmed. Raises
    NotFound."""
    known = house.ledger.person(person)
    if known is None:
        raise NotFound.one("person", "is not in the record")
    return case_of(known, features_of(house, person))


def suggest_from_note(house: House, person: str, text: str, *, source: str, by: str) -> int:
    """Suggest what a note names. Returns how many suggestions are new. Raises RequestError."""
    if not text.strip():
        raise RequestError.one("note", "is empty", remedy="paste the text of the note")
    if len(text) > LONGEST_NOTE:
        raise RequestError.one("note", f"is longer than {LONGEST_NOTE} letters", remedy="give it in parts")
    marked = f"{source} {sha256(text.encode()).hexdigest()[:12]}"
    return suggest(house, person, from_note(text, marked, reader_of(house)), by=by)


def suggest_from_record(house: House, person: str, *, by: str) -> int:
    """Suggest what the problems in force mean. Returns how many suggestions are new."""
    root = house.settings.knowledge_folder
    found = [
        one
        for problem in house.ledger.problems(person)
        if problem.status is ItemStatus.ACTIVE
        for one in from_codes(
            [(problem.condition.system.value, problem.condition.code, problem.condition.display)],
            FeatureStatus.OBSERVED,
            "the problem list",
            code_maps(root),
            reader_of(house),
        )
    ]
    return suggest(house, person, found, by=by)


def suggest_from_fhir(house: House, person: str, content: bytes, *, source: str, by: str) -> int:
    """Suggest what conditions and measurements of a FHIR document mean. Raises IntakeError."""
    root = house.settings.knowledge_folder
    found = [
        one
        for coded in read_findings(content, source)
        for one in from_codes(
            coded.codings, coded.status, coded.place, code_maps(root), reader_of(house), coded.outcome
        )
    ]
    return suggest(house, person, found, by=by)


def suggest(house: House, person: str, found: Iterable[Suggested], *, by: str) -> int:
    """Write suggestions down, each once. Returns how many are new. Raises NotFound."""
    if house.ledger.person(person) is None:
        raise NotFound.one("person", "is not in the record")
    now, hpo = house.clock(), reader_of(house).hpo.version
    held = {event.key for event in house.ledger.events(person=person, kinds=(EventKind.FEATURE_SUGGESTED,))}
    new: dict[str, NewEvent] = {}
    for one in found:
        mark = "\n".join((person, one.term, one.status.value, one.source, one.why))
        key = f"feature:{sha256(mark.encode()).hexdigest()}"
        payload = {
            "term": one.term,
            "label": one.label,
            "status": one.status.value,
            "source": one.source,
            "why": one.why,
            "quote": one.quote,
            "hpo": hpo,
        }
        if key not in held:
            new.setdefault(key, NewEvent(EventKind.FEATURE_SUGGESTED, by, now, person, payload, key))
    house.ledger.append(list(new.values()))
    return len(new)


def decide(house: House, person: str, term: str, decision: Decision, *, by: str) -> None:
    """Write down what somebody decided about a term, suggested or added by hand. Raises RequestError,
    NotFound."""
    if house.ledger.person(person) is None:
        raise NotFound.one("person", "is not in the record")
    if not by.strip():
        raise RequestError.one("by", "nobody is named", remedy="sign in under your own name")
    hpo = reader_of(house).hpo
    known = hpo.term(term)
    held = {one.term: one for one in features_of(house, person)}
    if known is None and term not in held:
        raise RequestError.one("term", "is no term of HPO", remedy="choose one of those found")
    identity = term if term in held or known is None else known.id
    standing = held.get(identity, Standing(identity, known.name if known else ""))
    if standing.decision is decision and standing.by == by:
        return
    label = known.name if known else standing.label
    payload = {"term": identity, "label": label, "decision": decision.value, "hpo": hpo.version}
    house.ledger.append([NewEvent(EventKind.FEATURE_DECIDED, by, house.clock(), person, payload)])


def search_terms(house: House, asked: str) -> tuple[Term, ...]:
    """Terms by id, by any of their names in any word order, then by words they begin with."""
    index = reader_of(house)
    hpo, text = index.hpo, " ".join(asked.split())[:120]
    if not text:
        return ()
    found: dict[str, Term] = {}
    if (term := hpo.term(text.upper())) is not None:
        found[term.id] = term
    named = sorted(read_phenotypes(text, index, nested=True), key=lambda one: one.start - one.end)
    found |= {one.term: hpo.terms[one.term] for one in named}
    parts = text.lower().split()
    for term in hpo.terms.values():
        if len(found) >= MOST_FOUND:
            break
        names = (term.name.lower(), *(one.lower() for one, _ in term.synonyms))
        if any(all(part in name for part in parts) for name in names):
            found.setdefault(term.id, term)
    return tuple(found.values())[:MOST_FOUND]
