"""A laboratory's reported finding as a typed finding of a tumour, where what it wrote allows that; else
nothing.

A report's coordinates are believed as they stand; protein text alone gives no place, and what rests on a
place stays undetermined.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bedside.genome.locus import Build
from bedside.genome.reported import (
    FindingKind,
    ReportedFinding,
    ReportedPlace,
    ReportedPresence,
    SourceClass,
)
from bedside.genome.tumour import Effect, Fusion, Marker, Origin, SmallVariant, TumourFinding
from bedside.knowledge.board_policy import MarkerCode

SOMATIC = frozenset({SourceClass.SOMATIC, SourceClass.LIKELY_SOMATIC})
_FUSION = re.compile(r"([A-Z][A-Z0-9-]*)::([A-Z][A-Z0-9-]*)")
_PROTEIN = re.compile(r"(?:[^:\s]*:)?(p\.\S+)")
_BASES = re.compile(r"[ACGT]*")
_NC = re.compile(r"NC_0000(\d\d)\.\d+")
_ASSEMBLIES = {"38": Build.GRCH38, "37": Build.GRCH37, "19": Build.GRCH37}


def of_a_tumour(finding: ReportedFinding) -> bool:
    """Whether a report says that this is of a tumour."""
    return finding.source in SOMATIC


def typed(finding: ReportedFinding, markers: Mapping[str, MarkerCode]) -> TumourFinding | None:
    """The typed finding; None for what is not present or cannot be typed, which is then shown as reported."""
    if finding.presence is not ReportedPresence.PRESENT:
        return None
    if finding.kind is FindingKind.MARKER:
        return _marker(finding, markers)
    if finding.kind is not FindingKind.VARIANT:
        return None
    for text in (finding.gene, *finding.hgvs):
        fused = _FUSION.search(text)
        if fused is not None:
            return Fusion(fused[1], fused[2])
    if not finding.gene:
        return None
    protein = next((found[1] for text in finding.hgvs if (found := _PROTEIN.fullmatch(text.strip()))), "")
    return _placed(finding, protein) or _text(finding, protein)


def _text(finding: ReportedFinding, protein: str) -> SmallVariant | None:
    if not protein:
        return None
    word = finding.classification.words
    return SmallVariant(
        finding.gene, Effect.NOT_KNOWN, written=protein, origin=Origin.SOMATIC, classification=word
    )


def _placed(finding: ReportedFinding, protein: str) -> SmallVariant | None:
    where = finding.where
    build, chromosome, start = _build(where), _chromosome(where), where.start.strip()
    reference, alternate = (
        text.strip().replace("-", "").upper() for text in (where.reference, where.alternate)
    )
    both = _BASES.fullmatch(reference) and _BASES.fullmatch(alternate) and reference != alternate
    if build is None or not chromosome or not start.isdigit() or not both:
        return None
    counted = where.system.casefold()
    if not counted.startswith(("0-based", "1-based")):
        return None
    first = int(start) + counted.startswith("0-based")
    while reference and alternate and reference[-1] == alternate[-1] and len(reference) + len(alternate) > 2:
        reference, alternate = reference[:-1], alternate[:-1]
    while reference and alternate and reference[0] == alternate[0]:
        reference, alternate, first = reference[1:], alternate[1:], first + 1
    begin, end = (first, first + len(reference) - 1) if reference else (first - 1, first)
    return SmallVariant(
        finding.gene,
        Effect.NOT_KNOWN,
        build,
        chromosome,
        begin,
        end,
        reference,
        alternate,
        written=protein,
        origin=Origin.SOMATIC,
        classification=finding.classification.words,
    )


def _build(where: ReportedPlace) -> Build | None:
    digits = re.findall(r"\d+", where.build)
    return _ASSEMBLIES.get(digits[0]) if digits else None


def _chromosome(where: ReportedPlace) -> str:
    named = _NC.fullmatch(where.sequence)
    if where.chromosome:
        return "chr" + where.chromosome.removeprefix("chr").removeprefix("Chromosome ")
    if named is None:
        return ""
    number = int(named[1])
    return f"chr{ {23: 'X', 24: 'Y'}.get(number, number) }"


def _marker(finding: ReportedFinding, markers: Mapping[str, MarkerCode]) -> Marker | None:
    for detail in finding.details:
        known = markers.get(detail.asked.code)
        if known is None:
            continue
        if known.answers is not None:
            value = known.answers.get(detail.answer.words)
            return None if value is None else Marker(known.name, value)
        number = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)(?:\s.*)?", detail.answer.words)
        return None if number is None else Marker(known.name, number=float(number[1]), unit=known.unit)
    return None
