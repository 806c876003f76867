"""What a reader must know of a finding before resting a therapy on it, and how findings are said."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.genome.tumour import (
    CopyNumber,
    ExonSkipping,
    Fusion,
    Marker,
    Origin,
    SmallVariant,
    Tumour,
    TumourFinding,
)
from bedside.interpret.tumour.judge import named
from bedside.interpret.tumour.poisson import poisson_interval
from bedside.knowledge.board_policy import BoardPolicy


def said_of(one: TumourFinding) -> str:
    """A finding in a few words, with what was measured."""
    match one:
        case SmallVariant():
            parts = [named(one)]
            if one.vaf is not None:
                parts.append(f"{one.vaf:.0%} of reads")
            if one.classification:
                parts.append(one.classification)
            if one.doubt:
                parts.append(one.doubt)
            return ", ".join(parts)
        case Fusion():
            seen = {True: "seen in RNA", False: "DNA only", None: "RNA or DNA not said"}[one.rna]
            frame = {True: "", False: ", out of frame", None: ""}[one.in_frame]
            doubt = f", {one.doubt}" if one.doubt else ""
            return f"{one.five or '?'}::{one.three or '?'}, {seen}{frame}{doubt}"
        case ExonSkipping():
            return f"{one.gene} exon {one.exon} left out"
        case CopyNumber():
            copies = "" if one.copies is None else f", {one.copies:g} copies"
            return f"{one.gene} {one.state.value}{copies}"
        case Marker():
            number = "" if one.number is None else f"{one.number:g} {one.unit}".strip()
            return f"{one.name} {' '.join(filter(None, (one.value, number)))}"


def finding_warnings(one: TumourFinding, policy: BoardPolicy) -> Iterator[str]:
    """What stands against relying on one finding."""
    match one:
        case SmallVariant():
            yield from _variant(one, policy)
        case Fusion():
            if one.rna is not True:
                yield f"{one.five or '?'}::{one.three or '?'} was not shown in RNA"
            if one.in_frame is None:
                yield "whether the frame is kept is not said"
        case Marker() if one.name == "tmb" and one.number is not None:
            yield from _burden(one, policy)
        case _:
            return


def tumour_warnings(tumour: Tumour) -> Iterator[str]:
    """What stands against relying on the sample as a whole: answers that contradict one another."""
    unstable = {one.value for one in tumour.markers("msi")}
    repair = {one.value for one in tumour.markers("mmr")}
    if len(unstable) > 1 or len(repair) > 1:
        yield "microsatellite or mismatch repair results contradict one another"
    if ("high" in unstable and "proficient" in repair) or ("stable" in unstable and "deficient" in repair):
        said, also = ", ".join(sorted(unstable)), ", ".join(sorted(repair))
        yield (
            f"microsatellites ({said}) and mismatch repair ({also}) do not agree: ask pathology to look again"
        )


def _variant(one: SmallVariant, policy: BoardPolicy) -> Iterator[str]:
    name = named(one)
    if one.vaf is not None and one.vaf < policy.low_vaf:
        yield f"{name} is in {one.vaf:.0%} of reads only: it may be in a part of the tumour"
    if one.depth is not None and one.depth < policy.low_depth:
        yield f"{name} was read {one.depth} times only"
    if one.origin is Origin.NOT_SAID:
        yield f"{name}: tumour only, whether it is inherited is not said"
    yield from (f"{name}: {note}" for note in one.notes)


def _burden(one: Marker, policy: BoardPolicy) -> Iterator[str]:
    if one.number is None:
        return
    if one.size is None or one.size <= 0:
        yield "the megabases that the burden was counted on are not said"
    elif one.size < policy.small_panel_mb:
        low, high = poisson_interval(round(one.number * one.size), policy.confidence)
        yield (
            f"tmb was counted on {one.size:g} megabases: with {policy.confidence:.0%} confidence it lies "
            f"between {low / one.size:.1f} and {high / one.size:.1f}"
        )
