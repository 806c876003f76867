"""Values of FHIR elements as the document writes them: terms with their codes, quantities and ranges in
words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.exchange.json_places import Number
from bedside.genome.reported import NOTHING_SAID, SaidCode

Resource = Mapping[str, Any]
LOINC = "http://loinc.org"
HGNC = ("http://www.genenames.org", "http://www.genenames.org/geneId", "urn:oid:2.16.840.1.113883.6.281")


def text(value: object) -> str:
    """A text without the spaces around it; "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


def maps(value: object) -> Iterator[Resource]:
    """The objects of a list; none of anything else."""
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, Mapping))


def codings(concept: object) -> Iterator[Resource]:
    """The codings of a CodeableConcept."""
    return maps(concept.get("coding")) if isinstance(concept, Mapping) else iter(())


def said_code(concept: object) -> SaidCode:
    """A CodeableConcept: its text or its first display, with its first code."""
    if not isinstance(concept, Mapping):
        return NOTHING_SAID
    every = list(codings(concept))
    first = next((one for one in every if text(one.get("code"))), {})
    shown = text(first.get("display")) or next((d for one in every if (d := text(one.get("display")))), "")
    return SaidCode(text(concept.get("text")) or shown, text(first.get("code")), text(first.get("system")))


def said_codes(concept: object) -> tuple[SaidCode, ...]:
    """Every coding of a CodeableConcept; its text alone when it has none."""
    found = tuple(
        SaidCode(text(one.get("display")), text(one.get("code")), text(one.get("system")))
        for one in codings(concept)
    )
    alone = said_code(concept)
    return found or ((alone,) if alone != NOTHING_SAID else ())


def loinc_of(concept: object) -> frozenset[str]:
    """The LOINC codes of a CodeableConcept."""
    return frozenset(text(one.get("code")) for one in codings(concept) if one.get("system") == LOINC)


def codes_of_any(concept: object) -> frozenset[str]:
    """Its codes, whatever their system."""
    return frozenset(code for one in codings(concept) if (code := text(one.get("code"))))


def answer(element: Resource) -> SaidCode:
    """The value of an Observation or component, whatever its type, as written; that it is absent, and why."""
    for name, value in element.items():
        if name.startswith("value") and value is not None:
            return said_code(value) if name == "valueCodeableConcept" else SaidCode(_worded(value))
    absent = said_code(element.get("dataAbsentReason"))
    return SaidCode(f"no value: {absent.words}", absent.code, absent.system) if absent.words else NOTHING_SAID


def _worded(value: object) -> str:
    if isinstance(value, Number):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, Mapping):
        return text(value)
    if "value" in value:
        sign, unit = text(value.get("comparator")), text(value.get("unit")) or text(value.get("code"))
        return f"{sign}{_worded(value['value'])} {unit}".strip()
    if "low" in value or "high" in value:
        return f"{_worded(value.get('low'))} to {_worded(value.get('high'))}".strip()
    if "numerator" in value or "denominator" in value:
        return f"{_worded(value.get('numerator'))} / {_worded(value.get('denominator'))}"
    if "start" in value or "end" in value:
        return f"{_worded(value.get('start'))} to {_worded(value.get('end'))}"
    return text(value.get("display")) or text(value.get("reference"))


def bounds(element: Resource) -> tuple[str, str]:
    """The low and the high end of a valueRange, as written."""
    value = element.get("valueRange")
    if not isinstance(value, Mapping):
        return "", ""
    return _worded(value.get("low")), _worded(value.get("high"))


def gene_of(component: Resource) -> tuple[str, str]:
    """The symbol and the HGNC number that a `gene studied` component names, as written."""
    symbol = number = ""
    concept = component.get("valueCodeableConcept")
    for one in codings(concept):
        code, display = text(one.get("code")), text(one.get("display"))
        if one.get("system") in HGNC or code.upper().startswith("HGNC:"):
            number = number or code
            symbol = symbol or display
    fallback = said_code(concept)
    return symbol or fallback.text or ("" if number else fallback.code) or answer(component).text, number
