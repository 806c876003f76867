"""A person's pharmacogenes in force as one HL7 v2 result, and what of them it cannot say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from bedside.errors import RequestError
from bedside.exchange.hl7v2_lri_out import tells_one_answer, write_oru
from bedside.genome.person import Person
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.lri_answers import load_lri_answers
from bedside.knowledge.terminology import load_terminology
from bedside.service.house import House
from bedside.service.show_person import current_view


def export_oru(house: House, person: str) -> bytes:
    """The message; raises `RequestError` when no gene has one answer that it could say."""
    results = [one for one in house.ledger.results(person) if not one.withdrawn]
    calls = {gene: current.call for gene, current in current_view(house, results).items()}
    answers, phenotypes = load_lri_answers(house.settings.knowledge_folder), load_terminology().phenotypes
    codes = {term for code, term in phenotypes.items() if code in answers.lists[answers.metabolism]}
    told = [call for call in calls.values() if _told(call, codes)]
    if not told:
        raise RequestError.one("PERSON", "no pharmacogene of this person has one answer to write")
    known = house.ledger.person(person) or Person(person)
    number = hashlib.sha256(person.encode()).hexdigest()[:12]
    hgnc = {symbol: gene.hgnc for symbol, gene in house.pgx.genes.items()}
    reported = max(one.valid_at for one in results)
    notes = tuple(_notes(house, calls, {call.gene for call in told}))
    return write_oru(known, told, notes, reported, f"PGX-{number.upper()}", answers, phenotypes, hgnc)


def _told(call: GeneCall, codes: set[str]) -> bool:
    """Whether the message can say it: a call with one genotype, or with one metabolism that has a code."""
    if call.status is not CallStatus.CALLED or not tells_one_answer(call):
        return False
    return bool(call.source_diplotypes) or call.phenotypes[0] in codes


def _notes(house: House, calls: Mapping[str, GeneCall], told: set[str]) -> Iterator[str]:
    """What the coded values do not say: genes without one answer, and genes not tested."""
    open_genes = [
        f"{gene} ({call.status.value})"
        for gene, call in calls.items()
        if gene not in told and call.status is not CallStatus.NOT_TESTED
    ]
    if open_genes:
        yield f"Looked at, and not in this message as a coded value: {', '.join(open_genes)}."
    seen = {gene for gene, call in calls.items() if call.status is not CallStatus.NOT_TESTED}
    untested = [gene for gene in house.pgx.genes if gene not in seen]
    if untested:
        yield f"Not tested: {', '.join(untested)}. Not tested is not normal."
    yield f"Knowledge {house.pgx.release}; review: {house.pgx.review_state}."
