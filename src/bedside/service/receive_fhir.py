"""Takes a FHIR document of one result into the record: calls, reported findings, and everything that was
not read, each with the pointer and the bytes it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bedside.errors import IntakeError
from bedside.exchange.fhir_called import CalledHere, CallsReader, is_indicator
from bedside.exchange.fhir_document import FhirDocument, Found, read_document
from bedside.exchange.fhir_reported import IMPLICATIONS, FindingsReader, implied_variants
from bedside.exchange.fhir_said import STATUS, placers, said_of
from bedside.exchange.fhir_value import LOINC, answer, codes_of_any, codings, maps, said_code, text
from bedside.exchange.json_places import SOURCE
from bedside.exchange.said import CANCELLED, FINAL
from bedside.genome.observation import OutsideCall
from bedside.genome.reported import NOTHING_SAID, JsonPlace, ReportedFinding
from bedside.interpret.outside import call_outside
from bedside.knowledge.lri_answers import LriAnswers, load_lri_answers
from bedside.knowledge.terminology import load_terminology
from bedside.service.house import House
from bedside.service.message_events import Reading
from bedside.service.receive_result import Kept
from bedside.service.rules import rules_of

ACTOR = "fhir"
_FRAME = frozenset(
    {
        "Composition", "Device", "DiagnosticReport", "Encounter", "Location", "MessageHeader", "Organization",
        "Patient", "Practitioner", "PractitionerRole", "Provenance", "ServiceRequest", "Specimen",
    }
)  # fmt: skip
"""Types that say whose a result is and how it came about, and are no statement about the genome."""
NOT_TAKEN = "nothing in the record takes it yet"


def keep_fhir(house: House, content: bytes) -> tuple[Kept, ...]:
    """Read a document and keep its bytes. Raises `IntakeError` with every place that keeps it from being
    one result of one person; then nothing is stored."""
    return (keep_document(house, read_document(content), content),)


def keep_document(house: House, document: FhirDocument, content: bytes) -> Kept:
    """The rest of `keep_fhir`, of a document that was read. Raises `IntakeError`."""
    said = said_of(document)
    if not brings_a_result(document):
        remedy = "send a DiagnosticReport with its Observations, or genomic indicators"
        raise IntakeError.one(SOURCE, "/: holds no genomic result", remedy=remedy)
    return Kept(said, house.documents.put(content), ACTOR, lambda under: read_fhir(under, document))


def brings_a_result(document: FhirDocument) -> bool:
    """Whether it says anything of a genome: a report, an Observation, an indicator, a study."""
    terms = load_terminology()
    reader = FindingsReader(terms, load_lri_answers())
    if document.of("DiagnosticReport", "Observation"):
        return True
    indicated = any(is_indicator(one, terms) for one in document.of("Condition"))
    return indicated or any(reader.is_region(one) for one in document.of("Procedure"))


def read_fhir(house: House, document: FhirDocument) -> Reading:
    """What can be made of a document under the knowledge of a house."""
    terms, answers = load_terminology(), load_lri_answers(house.settings.knowledge_folder)
    counted, unread = _counted(document)
    classes = answers.lists.get(terms.codes["source_class"], {})
    elsewhere = frozenset(
        code for code, said in classes.items() if said.lower().endswith(("somatic", "fetal"))
    )
    called = CallsReader(
        rules_of(house).words, terms, lambda gene, pair: _means(house, gene, pair), elsewhere
    )
    calls = called.read(document, counted)
    reader = FindingsReader(terms, answers)
    findings, left = _findings(document, counted, reader, {id(one.resource) for one, _ in calls.unread})
    unread += [*calls.unread, *left]
    read = {id(one.resource) for one, _ in unread}
    for one in counted:
        if id(one.resource) not in read and not _is_read(one, called, reader) and not _is_group(one):
            unread.append((one, NOT_TAKEN))
    return Reading(
        calls=tuple(one.call for one in calls.calls),
        placed=tuple(map(_placed, calls.calls)),
        findings=tuple(findings),
        unread=(*(_unread(one, why) for one, why in _in_order(unread)), *_words(document)),
        against=tuple(_against(document, answers)),
        whose=tuple(_unsure(document)),
    )


def _counted(document: FhirDocument) -> tuple[list[Found], list[tuple[Found, str]]]:
    """The statements that count, and those that do not, with the reason."""
    counted: list[Found] = []
    unread: list[tuple[Found, str]] = []
    for one in document.found:
        if one.within == "ServiceRequest":
            continue
        if one.kind == "Observation":
            letter = STATUS[one.resource["status"]]
            if letter in FINAL:
                counted.append(one)
            else:
                withdrawn = "the laboratory withdrew it" if letter == CANCELLED else "it is not final"
                unread.append((one, withdrawn))
        elif one.kind in ("Condition", "Procedure"):
            counted.append(one)
        elif one.kind not in _FRAME:
            unread.append((one, f"resources of the type {one.kind[:40]} are not taken"))
    return counted, unread


def _means(house: House, gene: str, pair: str) -> frozenset[str]:
    if gene not in house.pgx.genes:
        return frozenset()
    return frozenset(call_outside(house.pgx.genes[gene], (OutsideCall(gene, diplotype=pair),)).phenotypes)


def _findings(
    document: FhirDocument, counted: list[Found], reader: FindingsReader, taken: set[int]
) -> tuple[list[ReportedFinding], list[tuple[Found, str]]]:
    """Variants with what is said of each, markers and regions; and implications that no variant here
    takes."""
    own: dict[int, list[ReportedFinding]] = {}
    for one in counted:
        if one.kind != "Condition" and reader.is_region(one):
            own[id(one.resource)] = [reader.region(one)]
        elif one.kind == "Observation" and reader.is_variant(one):
            own[id(one.resource)] = [reader.variant(one)]
        elif one.kind == "Observation" and reader.is_marker(one):
            own[id(one.resource)] = [reader.marker(one)]
    bare = {key: several[0] for key, several in own.items()}
    judged: dict[int, int] = {}
    left: list[tuple[Found, str]] = []
    for one in counted:
        kinds = codes_of_any(one.resource.get("code"))
        phase = reader.terms.codes["allelic_phase"] in kinds
        if not (kinds & IMPLICATIONS or phase) or one.kind != "Observation":
            continue
        about = [id(found.resource) for found in implied_variants(document, one) if id(found.resource) in own]
        if not about and id(one.resource) not in taken:
            left.append((one, "what it is derived from is no variant, marker or pharmacogene that was read"))
        for key in about:
            if "diagnostic-implication" in kinds and judged.setdefault(key, 0):
                own[key].append(reader.with_implication(bare[key], one))
            else:
                own[key] = [reader.with_implication(each, one) for each in own[key]]
            judged[key] = judged.get(key, 0) + ("diagnostic-implication" in kinds)
    return [finding for several in own.values() for finding in several], left


def _is_read(one: Found, called: CallsReader, reader: FindingsReader) -> bool:
    if one.kind == "Condition":
        return is_indicator(one, called.terms)
    if one.kind == "Procedure":
        return reader.is_region(one)
    kinds = codes_of_any(one.resource.get("code"))
    told = called.concerns(one) or reader.is_variant(one) or reader.is_marker(one) or reader.is_region(one)
    return told or bool(kinds & IMPLICATIONS) or reader.terms.codes["allelic_phase"] in kinds


def _is_group(one: Found) -> bool:
    """Whether an Observation only holds others together."""
    resource = one.resource
    says = answer(resource) != NOTHING_SAID or resource.get("component") or resource.get("note")
    return bool(resource.get("hasMember")) and not says


def _in_order(unread: list[tuple[Found, str]]) -> list[tuple[Found, str]]:
    return sorted(unread, key=lambda pair: pair[0].place.start)


def _place(place: JsonPlace) -> list[Any]:
    return [place.pointer, place.start, place.end]


def _placed(one: CalledHere) -> Mapping[str, Any]:
    return {
        "gene": one.call.gene,
        "diplotype": one.call.diplotype,
        "phenotype": one.call.phenotype or one.said,
        "from": [_place(found.place) for found in one.places],
    }


def _unread(one: Found, why: str) -> Mapping[str, Any]:
    code = said_code(one.resource.get("code"))
    return {
        "place": _place(one.place),
        "type": one.kind[:40],
        "code": code.code,
        "system": code.system,
        "why": why,
    }


def _words(document: FhirDocument) -> Iterator[Mapping[str, Any]]:
    """What the report says in words and in documents."""
    for one in document.of("DiagnosticReport"):
        said = {"conclusion": "words, not coded values", "conclusionCode": NOT_TAKEN}
        said["presentedForm"] = "a document, not coded values"
        for name, why in said.items():
            if one.resource.get(name):
                place = replace(one.place, pointer=f"{one.place.pointer}/{name}")
                yield {"place": _place(place), "type": one.kind, "code": "", "system": "", "why": why}


def _unsure(document: FhirDocument) -> Iterator[str]:
    """Reasons why it is not sure whose it is."""
    if document.patient is None:
        yield "the patient is not in the document"
    elif any(link.get("type") == "replaced-by" for link in maps(document.patient.get("link"))):
        yield "the sender merged this patient into another"


def _against(document: FhirDocument, answers: LriAnswers) -> Iterator[str]:
    """Reasons why nobody's chart may take it as it is."""
    if len(placers(document)) > 1:
        yield "it answers several orders"
    for one in document.of("Observation"):
        parts = [("", one.resource)]
        parts += [(f"/component/{n}", each) for n, each in enumerate(maps(one.resource.get("component")))]
        for pointer, part in parts:
            for why in _contradictions(part, answers):
                yield f"{one.place.pointer}{pointer}: {why}"


def _contradictions(part: Mapping[str, Any], answers: LriAnswers) -> Iterator[str]:
    """A question with a closed list that is answered with something else."""
    for question in codes_of_any(part.get("code")) & answers.lists.keys():
        own = answers.lists[question]
        concept = part.get("valueCodeableConcept")
        coded = [one for one in codings(concept) if one.get("system") == LOINC]
        codes = {text(one.get("code")) for one in coded} & own.keys()
        if len(codes) > 1:
            yield f"{question} is answered with two of its answers"
        for one in coded:
            meant = answers.by_text(question, text(one.get("display")))
            if text(one.get("code")) not in own:
                yield f"{question} is answered with a code that is none of its answers"
            elif meant and meant != text(one.get("code")):
                yield f"{question} is answered with a code and a text that mean different answers"
        said = answers.by_text(question, said_code(concept).text)
        if codes and said and said not in codes:
            yield f"{question} is answered with a code and a text that mean different answers"
