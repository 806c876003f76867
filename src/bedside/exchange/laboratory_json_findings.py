"""One object of a laboratory's JSON as a reported finding: its own words, with a presence only where the
mapping says what they mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bedside.exchange.laboratory_json_values import Row, Wrong, leaf
from bedside.genome.observation import OutsideCall
from bedside.genome.reported import (
    AllelicState,
    Detail,
    JsonPlace,
    ReportedFinding,
    ReportedPlace,
    ReportedPresence,
    SaidCode,
    SourceClass,
)
from bedside.knowledge.laboratory_json import DetailPlace, FindingsPlace, LaboratoryMapping

_WHERE = ("build", "chromosome", "sequence", "start", "end", "system", "reference", "alternate")


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call and where it stands."""

    call: OutsideCall
    place: JsonPlace


def word(mapping: LaboratoryMapping, name: str, said: str) -> str:
    """What a laboratory's word means here; "" when it said none. Raises `Wrong` for a word that the mapping
    does not know: nothing is guessed."""
    if not said:
        return ""
    known = mapping.words.get(name, {})
    meant = known.get(said) or next(
        (own for its, own in known.items() if its.casefold() == said.casefold()), ""
    )
    if not meant:
        raise Wrong(f"its {name.replace('_', ' ')} is a word that the mapping does not know")
    return meant


def finding_of(
    row: Row, place: FindingsPlace, mapping: LaboratoryMapping, where: JsonPlace, claimed: set[str]
) -> ReportedFinding:
    """The finding of one object; raises `Wrong` when it cannot be one."""
    said = {name: leaf(row, pointer, claimed) for name, pointer in place.fields.items()}
    meant = {
        name: place.fixed.get(name) or word(mapping, name, said.get(name, "")) or "not-said"
        for name in ("presence", "allelic_state", "source")
    }
    said = {**place.fixed, **{name: text for name, text in said.items() if text}}
    details = tuple(_details(row, place.details, claimed))
    names = tuple(filter(None, (said.get(name, "") for name in ("coding", "protein", "genomic"))))
    if not (names or details or said.get("identifier") or said.get("chromosome") or said.get("sequence")):
        raise Wrong("it names nothing that was found")
    spot = ReportedPlace(**{name: said[name] for name in _WHERE if name in said})
    return ReportedFinding(
        kind=place.kind,
        presence=ReportedPresence(meant["presence"]),
        places=(where,),
        gene=said.get("gene", ""),
        gene_code=said.get("gene_code", ""),
        hgvs=names,
        where=spot,
        identifiers=(SaidCode(said["identifier"]),) if said.get("identifier") else (),
        allelic_state=AllelicState(meant["allelic_state"]),
        source=SourceClass(meant["source"]),
        classification=SaidCode(said.get("classification", "")),
        condition=SaidCode(said.get("condition", "")),
        inheritance=SaidCode(said.get("inheritance", "")),
        details=details,
        comment=said.get("comment", ""),
    )


def _details(row: Row, places: tuple[DetailPlace, ...], claimed: set[str]) -> Iterator[Detail]:
    for place in places:
        value = leaf(row, place.at, claimed)
        name = place.name or leaf(row, place.name_at, claimed)
        unit = place.unit or leaf(row, place.unit_at, claimed)
        if value:
            yield Detail(SaidCode(name or place.at.strip("/")), SaidCode(f"{value} {unit}".strip()))
