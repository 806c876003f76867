"""The answers of the variant operations as FHIR Parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.exchange.fhir_genomics_out import (
    Resource,
    ShownVariant,
    Writer,
    answer_parts,
    parameters,
    resource_part,
    text_part,
)
from bedside.genome.locus import Build
from bedside.genome.region import Region
from bedside.service.ask_genome import VariantLine
from bedside.service.genomics_answers import Answer, Told
from bedside.service.genomics_match import core, core_of
from bedside.service.genomics_places import Change
from bedside.service.genomics_subject import ChangeAnswer, RangeAnswer, Study


@dataclass(frozen=True, slots=True)
class Include:
    """What else is wanted beside the answer."""

    variants: bool = False
    phasing: bool = False


def answer_name(told: Told) -> str:
    """The name of an answer's code in the knowledge."""
    if told.no_call:
        return "no_call"
    return told.answer.value.replace(" ", "_")


def shown(line: VariantLine) -> ShownVariant:
    """A variant that a person carries."""
    start, deleted, inserted = core_of(line.variant)
    return ShownVariant(
        line.variant.chromosome, start, deleted, inserted, line.zygosity, line.depth, line.alternate_depth
    )


def shown_change(change: Change) -> ShownVariant:
    """A variant that was asked for."""
    return ShownVariant(change.chromosome, *core(change.start, change.deleted, change.inserted))


def write_ranges(writer: Writer, answers: Sequence[RangeAnswer], include: Include) -> Resource:
    """The answers of `find-subject-variants`."""
    groups = []
    for one in answers:
        parts = [text_part("rangeItem", one.place.text)]
        parts += answer_parts(writer, answer_name(one.told), one.told.reason)
        if include.variants:
            observed = [writer.variant(shown(line)) for line in one.lines]
            parts += [resource_part("variant", resource) for resource in observed]
            if include.phasing:
                pairs = _phases(writer, one.lines, observed)
                parts += [resource_part("sequencePhaseRelationship", resource) for resource in pairs]
        groups.append({"name": "variants", "part": parts})
    return parameters(groups)


def _phases(writer: Writer, lines: Sequence[VariantLine], observed: Sequence[Resource]) -> Iterator[Resource]:
    """Each variant with the next one of its phase set: enough to order them all along the strands."""
    last: dict[tuple[str, str, int], int] = {}
    for at, line in enumerate(lines):
        if line.phase_set is None or line.strands not in (1, 2):
            continue
        key = (line.run, line.variant.chromosome, line.phase_set)
        if key in last:
            before = last[key]
            relation = "cis" if lines[before].strands == line.strands else "trans"
            yield writer.phase(observed[before], observed[at], relation)
        last[key] = at


def write_changes(writer: Writer, answers: Sequence[ChangeAnswer]) -> Resource:
    """The answers of `find-subject-specific-variants`."""
    groups = []
    for one in answers:
        parts = [text_part("variantItem", one.change.text)]
        parts += answer_parts(writer, answer_name(one.told), one.told.reason)
        if one.told.answer is Answer.PRESENT:
            parts += [resource_part("variant", writer.variant(shown(line))) for line in one.lines]
        elif one.told.answer is not Answer.NOT_TESTED:
            observed = writer.variant(shown_change(one.change), answer_name(one.told), one.told.reason)
            parts.append(resource_part("variant", observed))
        groups.append({"name": "variants", "part": parts})
    return parameters(groups)


def write_studies(writer: Writer, studies: Sequence[Study]) -> Resource:
    """The answers of `find-study-metadata`."""
    return parameters([{"name": "tests", "part": _study(writer, one)} for one in studies])


def _study(writer: Writer, study: Study) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        text_part("testId", study.run),
        {"name": "testDate", "valueDateTime": study.performed.isoformat()},
    ]
    if study.sample:
        parts.append(text_part("specimenId", study.sample))
    if study.build:
        parts.append(
            {"name": "genomicBuild", "valueCodeableConcept": writer.concept(writer.known.values[study.build])}
        )
    changes = [writer.concept(writer.known.values[name])["coding"][0] for name in ("snv", "mnv", "delins")]
    parts.append({"name": "dnaChangeType", "valueCodeableConcept": {"coding": changes}})
    if study.studied is not None and study.uncallable is not None:
        parts.append(text_part("regionStudied", _regions(writer, (*study.studied, *study.uncallable))))
        parts.append(text_part("uncallableRegions", _regions(writer, study.uncallable)))
    return parts


def _regions(writer: Writer, regions: Sequence[Region]) -> str:
    """Stretches as the guide writes them: zero-based, half-open, on GRCh38, touching ones joined."""
    joined: list[Region] = []
    for one in sorted(regions):
        if joined and joined[-1].chromosome == one.chromosome and joined[-1].end + 1 >= one.start:
            end = max(joined[-1].end, one.end)
            joined[-1] = Region(one.chromosome, joined[-1].start, end)
        else:
            joined.append(one)
    names = writer.known.accessions[Build.GRCH38]
    return ", ".join(f"{names[one.chromosome]}:{one.start - 1}-{one.end}" for one in joined) or "none"
