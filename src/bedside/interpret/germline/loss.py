"""How sure it is that a variant destroys the gene's product: the decision tree of PVS1, as far as exons and
sequence tell (Abou Tayoun 2018). What the tree asks beyond that is said as not known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import Bases, coding_bases, other_strand, translate
from bedside.interpret.germline.consequence import Consequence, Term
from bedside.interpret.germline.placement import change_of
from bedside.knowledge.acmg_points import PointsRules, Strength
from bedside.knowledge.transcripts import Transcript


@dataclass(frozen=True, slots=True)
class Loss:
    """A strength of PVS1 and what it rests on; open: what the tree asks and nothing at hand answers."""

    strength: Strength
    because: str
    open: tuple[str, ...] = ()


def loss_of(
    variant: Variant, transcript: Transcript, what: Consequence, bases: Bases, rules: PointsRules
) -> Loss | None:
    """The strength of PVS1 in a gene whose loss causes disease; None for a consequence that loses nothing."""
    terms = set(what.terms)
    if terms & {Term.SPLICE_ACCEPTOR, Term.SPLICE_DONOR}:
        return _splice_site(variant, transcript, rules)
    if Term.START_LOST in terms:
        return Loss(
            Strength.SUPPORTING,
            "the start codon is lost",
            ("whether established variants lie before the next start codon",),
        )
    if not terms & {Term.STOP_GAINED, Term.FRAMESHIFT} or what.coding is None:
        return None
    stop = stop_after(variant, transcript, what, bases)
    if stop is None:
        return _premature(transcript, what.coding, rules, ("where the shifted frame ends",))
    return _premature(transcript, stop, rules, ())


def stop_after(variant: Variant, transcript: Transcript, what: Consequence, bases: Bases) -> int | None:
    """The coding base, numbered from 1 in the reference, near which the new frame ends; None when the
    sequence is not at hand or the frame runs past the old stop."""
    if what.coding is None:
        return None
    index = what.coding - 1
    first = index - index % 3
    before = coding_bases(transcript, first, transcript.coding_length, bases)
    if before is None:
        return None
    change = change_of(variant)
    inserted = change.inserted if transcript.forward else other_strand(change.inserted)
    new = translate(before[: index - first] + inserted + before[index - first + change.deleted :])
    place = new.find("*")
    if place < 0:
        return None
    shift = len(inserted) - change.deleted
    return min(max(first + 3 * place + 1 - max(shift, 0), index + 1), transcript.coding_length)


def _premature(transcript: Transcript, stop: int, rules: PointsRules, open_: tuple[str, ...]) -> Loss:
    if decays(transcript, stop, rules.last_bases):
        return Loss(
            Strength.VERY_STRONG, f"a stop near coding base {stop}: decay of the messenger expected", open_
        )
    removed = 1 - (stop - 1) / transcript.coding_length
    strength = Strength.STRONG if removed > rules.large_fraction else Strength.MODERATE
    return Loss(
        strength,
        f"a stop near coding base {stop} escapes decay and removes {removed:.0%} of the protein",
        (*open_, "whether the lost part is critical", "whether its loss is frequent in the population"),
    )


def decays(transcript: Transcript, stop: int, last_bases: int) -> bool:
    """Whether a stop at this coding base lies more than `last_bases` before the last junction of exons that
    lies within the coding sequence (a junction behind the old stop lets every early stop decay)."""
    junctions = _junctions(transcript)
    return bool(junctions) and stop <= junctions[-1] - last_bases


def _junctions(transcript: Transcript) -> list[int]:
    """Coding bases before each junction of exons; those behind the stop count from the end of it."""
    read = transcript.exons if transcript.forward else transcript.exons[::-1]
    seen, started, found = 0, False, []
    for start, end in read[:-1]:
        low, high = max(start, transcript.cds_start), min(end, transcript.cds_end)
        if low <= high:
            seen += high - low + 1
            started = True
            trailing = (end - high) if transcript.forward else (low - start)
            found.append(seen + trailing)
        elif started:
            found.append((found[-1] if found else seen) + end - start + 1)
    return found


def _splice_site(variant: Variant, transcript: Transcript, rules: PointsRules) -> Loss | None:
    """A lost splice site, as if its exon were left out of the messenger."""
    exon = _skipped(variant, transcript)
    if exon is None:
        return None
    low, high = max(exon[0], transcript.cds_start), min(exon[1], transcript.cds_end)
    open_ = ("whether another splice site is used instead",)
    if low > high:
        return Loss(Strength.SUPPORTING, "a splice site beside an exon without coding bases", open_)
    if exon in (transcript.exons[0], transcript.exons[-1]) or low != exon[0] or high != exon[1]:
        return Loss(Strength.MODERATE, "a splice site of an exon that holds the start or the stop", open_)
    length = high - low + 1
    earlier = transcript.coding[: transcript.coding.index((low, high))]
    before = sum(end - start + 1 for start, end in earlier)
    if length % 3:
        if decays(transcript, before + 1, rules.last_bases):
            because = f"an exon of {length} bases is left out: the frame shifts, decay expected"
            return Loss(Strength.VERY_STRONG, because, open_)
        return Loss(Strength.STRONG, f"an exon of {length} bases is left out near the end", open_)
    removed = length / transcript.coding_length
    strength = Strength.STRONG if removed > rules.large_fraction else Strength.MODERATE
    return Loss(strength, f"an exon of {length} bases is left out in frame ({removed:.0%})", open_)


def _skipped(variant: Variant, transcript: Transcript) -> tuple[int, int] | None:
    """The exon whose splice site is lost."""
    change = change_of(variant)
    for left, right in pairwise(transcript.exons):
        if change.touches(left[1] + 1, min(left[1] + 2, right[0] - 1)):
            return left
        if change.touches(max(right[0] - 2, left[1] + 1), right[0] - 1):
            return right
    return None
