"""Whether a tumour is one that a rule is for, in four answers, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bedside.genome.answer import Answer, all_of, any_of
from bedside.genome.tumour import (
    Aspect,
    CopyNumber,
    CopyState,
    Effect,
    ExonSkipping,
    Fusion,
    Marker,
    Origin,
    SmallVariant,
    Tumour,
    TumourFinding,
)
from bedside.knowledge.tumour_rule import (
    All,
    AmplifiedAtom,
    Atom,
    FusionAtom,
    Kind,
    MarkerAtom,
    Not,
    OneOf,
    Rule,
    VariantAtom,
)

TRUNCATING = frozenset({Effect.NONSENSE, Effect.FRAMESHIFT})
CODING = frozenset(Effect) - {Effect.SYNONYMOUS, Effect.OTHER}
INSERTED = frozenset({Effect.INFRAME_INSERTION, Effect.INFRAME_DELINS})
DELETED = frozenset({Effect.INFRAME_DELETION, Effect.INFRAME_DELINS})

Known = Callable[[SmallVariant, VariantAtom], Answer]
"""What a pack knows of a variant's effect: whether it activates its gene, or breaks it; UNDETERMINED where it
does not know."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer, the findings it rests on, and why in words."""

    answer: Answer
    why: tuple[str, ...] = ()
    findings: tuple[TumourFinding, ...] = ()


def judge(rule: Rule, tumour: Tumour, known: Known) -> Judgement:
    """Whether the tumour is one the rule is for. A question that cannot be answered is undetermined, never
    yes;
    what nothing looked at is not reported, never no."""
    match rule:
        case Not():
            inner = judge(rule.rule, tumour, known)
            return Judgement(inner.answer.negated, inner.why, inner.findings)
        case All():
            return _joined([judge(one, tumour, known) for one in rule.rules], all_of)
        case OneOf():
            return _joined([judge(one, tumour, known) for one in rule.rules], any_of)
        case _:
            return _atom(rule, tumour, known)


def _joined(parts: Sequence[Judgement], join: Callable[[list[Answer]], Answer]) -> Judgement:
    answer = join([one.answer for one in parts])
    deciding = [one for one in parts if one.answer is answer] if answer is not Answer.YES else parts
    why = dict.fromkeys(reason for one in deciding for reason in one.why)
    found = [finding for one in parts if one.answer is answer for finding in one.findings]
    return Judgement(answer, tuple(why), tuple(found))


def _atom(atom: Atom, tumour: Tumour, known: Known) -> Judgement:
    match atom:
        case VariantAtom():
            return _variant(atom, tumour, known)
        case FusionAtom():
            return _fusion(atom, tumour)
        case AmplifiedAtom():
            return _amplified(atom, tumour)
        case MarkerAtom():
            return _marker(atom, tumour)
        case _:
            return Judgement(Answer.YES, ("for every tumour of this type",))


def _variant(atom: VariantAtom, tumour: Tumour, known: Known) -> Judgement:
    if atom.kind is Kind.SKIPPING:
        for one in tumour.findings:
            if isinstance(one, ExonSkipping) and one.gene == atom.gene and _exon(atom, (one.exon,)):
                return Judgement(Answer.YES, (f"{one.gene} exon {one.exon} is left out",), (one,))
    asked = [one for one in tumour.small(atom.gene) if not (atom.germline and one.origin is Origin.SOMATIC)]
    answers = [(one, _meets(one, atom, known)) for one in asked]
    for wanted in (Answer.YES, Answer.UNDETERMINED):
        found = tuple(one for one, answer in answers if answer is wanted)
        if found:
            said = "" if wanted is Answer.YES else ", of which it cannot be told whether it counts"
            return Judgement(wanted, tuple(f"{named(one)}{said}" for one in found), found)
    aspect = Aspect.GERMLINE if atom.germline else Aspect.SMALL
    return _negative(atom.gene, aspect, tumour)


def _negative(gene: str, aspect: Aspect, tumour: Tumour) -> Judgement:
    if tumour.scope.looked_at(gene, aspect):
        return Judgement(Answer.NO, (f"{gene} was looked at ({aspect.value}): no such change",))
    return Judgement(Answer.NOT_REPORTED, (f"nothing says that {gene} was looked at ({aspect.value})",))


def _meets(one: SmallVariant, atom: VariantAtom, known: Known) -> Answer:
    if atom.germline and one.origin is Origin.NOT_SAID:
        inner = _meets_kind(one, atom, known)
        return Answer.UNDETERMINED if inner is Answer.YES else inner
    return _meets_kind(one, atom, known)


def _meets_kind(one: SmallVariant, atom: VariantAtom, known: Known) -> Answer:
    if atom.kind is Kind.SKIPPING:
        return _yes(bool(atom.exons and atom.exons[0] in one.splice_of)) if one.start else Answer.UNDETERMINED
    if one.effect is Effect.SYNONYMOUS:
        return Answer.NO
    if atom.exons is not None and not one.exons and not one.splice_of:
        return Answer.UNDETERMINED if one.start is None else Answer.NO
    if atom.exons is not None and not _exon(atom, (*one.exons, *one.splice_of)):
        return Answer.NO
    match atom.kind:
        case Kind.CHANGE:
            return _changed(one, atom)
        case Kind.ANY:
            return _yes(one.effect in CODING)
        case Kind.INFRAME_DELETION:
            return _effect(one, DELETED)
        case Kind.INFRAME_INSERTION:
            return _effect(one, INSERTED)
        case Kind.FRAMESHIFT:
            return _effect(one, frozenset({Effect.FRAMESHIFT}))
        case _:
            return known(one, atom)


def _changed(one: SmallVariant, atom: VariantAtom) -> Answer:
    if atom.change is None:
        raise ValueError("a change is asked for and none is named")
    reference, codon, alternate = atom.change
    if one.change is None:
        if one.codons is not None:
            other = one.effect in CODING and one.effect not in (Effect.MISSENSE, Effect.NOT_KNOWN)
            within = one.codons[0] <= codon <= one.codons[1]
            return Answer.UNDETERMINED if within and not other else Answer.NO
        return Answer.UNDETERMINED if one.start is None else Answer.NO
    here = one.change.first <= codon <= one.change.last and one.change.reference == reference
    if not here or one.change.alternate in ("*", one.change.reference):
        return Answer.NO
    return _yes(alternate in ("*", one.change.alternate))


def _effect(one: SmallVariant, wanted: frozenset[Effect]) -> Answer:
    return Answer.UNDETERMINED if one.effect is Effect.NOT_KNOWN else _yes(one.effect in wanted)


def _exon(atom: VariantAtom, exons: tuple[int, ...]) -> bool:
    return atom.exons is not None and any(atom.exons[0] <= exon <= atom.exons[1] for exon in exons)


def _fusion(atom: FusionAtom, tumour: Tumour) -> Judgement:
    found = [one for one in tumour.findings if isinstance(one, Fusion)]
    whole = [one for one in found if set(atom.genes) <= one.genes]
    for one in whole:
        if one.in_frame is False:
            return Judgement(Answer.UNDETERMINED, (f"{one.five}::{one.three} is out of frame",), (one,))
        return Judgement(Answer.YES, (f"{one.five or '?'}::{one.three or '?'}",), (one,))
    half = [one for one in found if set(atom.genes) & one.genes and len(one.genes) == 1]
    if half:
        return Judgement(Answer.UNDETERMINED, ("a fusion of which one partner is not known",), tuple(half))
    if any(tumour.scope.looked_at(gene, Aspect.FUSION) for gene in atom.genes):
        return Judgement(Answer.NO, (f"{'::'.join(atom.genes)} was looked at (fusions): none",))
    return Judgement(
        Answer.NOT_REPORTED, (f"nothing says that fusions of {'::'.join(atom.genes)} were sought",)
    )


def _amplified(atom: AmplifiedAtom, tumour: Tumour) -> Judgement:
    for one in tumour.findings:
        if isinstance(one, CopyNumber) and one.gene == atom.gene:
            if one.state is CopyState.NOT_KNOWN:
                return Judgement(Answer.UNDETERMINED, (f"{one.gene} copies are not told apart",), (one,))
            if one.state is not CopyState.AMPLIFIED:
                return Judgement(Answer.NO, (f"{one.gene} is {one.state.value}",), (one,))
            if atom.high:
                why = f"{one.gene} is amplified; whether that is high depends on the assay"
                return Judgement(Answer.UNDETERMINED, (why,), (one,))
            return Judgement(Answer.YES, (f"{one.gene} is amplified",), (one,))
    return _negative(atom.gene, Aspect.COPY_NUMBER, tumour)


def _marker(atom: MarkerAtom, tumour: Tumour) -> Judgement:
    found = tumour.markers(atom.name)
    if not found:
        return Judgement(Answer.NOT_REPORTED, (f"{atom.name} is not reported",))
    answers = [_measured(one, atom) for one in found]
    if len(set(answers)) > 1:
        return Judgement(Answer.UNDETERMINED, (f"{atom.name}: results contradict one another",), found)
    shown = "; ".join(f"{atom.name} {one.value or one.number}" for one in found)
    return Judgement(answers[0], (shown,), found)


def _measured(one: Marker, atom: MarkerAtom) -> Answer:
    if atom.compare:
        if one.number is None:
            return Answer.UNDETERMINED
        sides = {
            ">=": one.number >= atom.limit,
            "<=": one.number <= atom.limit,
            ">": one.number > atom.limit,
            "<": one.number < atom.limit,
        }
        return _yes(sides[atom.compare])
    if not one.value or one.value in ("indeterminate", "equivocal", "failed"):
        return Answer.UNDETERMINED
    return _yes(one.value in atom.values)


def named(one: SmallVariant) -> str:
    """How a variant is named to people: by its protein change where that is sure, else by where it lies."""
    if one.change is not None:
        return f"{one.gene} p.{one.change.reference}{one.change.first}{one.change.alternate}"
    if one.splice_of:
        return f"{one.gene} exon {one.splice_of[0]} splice site"
    if one.exons and one.effect is not Effect.NOT_KNOWN:
        return f"{one.gene} exon {one.exons[0]} {one.effect.value}"
    return f"{one.gene} {one.written or 'change'}".strip()


def _yes(holds: bool) -> Answer:
    return Answer.YES if holds else Answer.NO
