"""Whether a tumour is one that a rule is for, in four answers, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bedside.genome.answer import Answer, all_of, any_of
from bedside.genome.tumour import (
    Aspect,
    CopyNumber,
    CopyState,
    Covered,
    Effect,
    ExonSkipping,
    Fusion,
    Origin,
    SmallVariant,
    Tumour,
    TumourFinding,
)
from bedside.interpret.tumour.markers import judged_marker
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
"""What a pack knows of a variant's effect: whether it activates its gene, or breaks it; UNDETERMINED where
it does not know."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer, the findings it rests on, and why in words."""

    answer: Answer
    why: tuple[str, ...] = ()
    findings: tuple[TumourFinding, ...] = ()


def judge(rule: Rule, tumour: Tumour, known: Known) -> Judgement:
    """Whether the tumour is one the rule is for. A question that cannot be answered is undetermined, never
    yes; what nothing looked at is not reported, never no."""
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
            return Judgement(*judged_marker(atom, tumour))
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
            return Judgement(wanted, tuple(_said(one, wanted) for one in found), found)
    aspect = Aspect.GERMLINE if atom.germline else Aspect.SMALL
    covered = tumour.scope.partly.get(atom.gene)
    if aspect is Aspect.SMALL and covered is not None and not tumour.scope.looked_at(atom.gene, aspect):
        return _partly(atom, covered)
    return _negative(atom.gene, aspect, tumour)


def _partly(atom: VariantAtom, covered: Covered) -> Judgement:
    """The answer where only a part of the gene was read and nothing that counts was found in it."""
    if atom.change is not None:
        codon = atom.change[1]
        held, what = any(a <= codon <= b for a, b in covered.codons), f"codon {codon}"
    elif atom.exons is not None:
        asked = set(range(atom.exons[0], atom.exons[1] + 1))
        held = asked <= (covered.spliced if atom.kind is Kind.SKIPPING else covered.exons)
        what = f"exon {'-'.join(str(one) for one in sorted({atom.exons[0], atom.exons[1]}))}"
    else:
        held, what = False, "the whole gene"
    if held:
        return Judgement(Answer.NO, (f"{atom.gene} {what} was read: no such change",))
    return Judgement(Answer.NOT_REPORTED, (f"{atom.gene}: {what} was not read completely",))


def _said(one: SmallVariant, answer: Answer) -> str:
    if answer is Answer.YES:
        return named(one)
    return (
        f"{named(one)}, of which it cannot be told whether it counts{f': {one.doubt}' if one.doubt else ''}"
    )


def _negative(gene: str, aspect: Aspect, tumour: Tumour) -> Judgement:
    if tumour.scope.looked_at(gene, aspect):
        return Judgement(Answer.NO, (f"{gene} was looked at ({aspect.value}): no such change",))
    return Judgement(Answer.NOT_REPORTED, (f"nothing says that {gene} was looked at ({aspect.value})",))


def _meets(one: SmallVariant, atom: VariantAtom, known: Known) -> Answer:
    inner = _meets_kind(one, atom, known)
    unsure = bool(one.doubt) or (atom.germline and one.origin is Origin.NOT_SAID)
    return Answer.UNDETERMINED if unsure and inner is Answer.YES else inner


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
            return _effect(one, CODING)
        case Kind.INFRAME_DELETION:
            return _effect(one, DELETED if _net(one) <= 0 else frozenset({Effect.INFRAME_DELETION}))
        case Kind.INFRAME_INSERTION:
            return _effect(one, INSERTED if _net(one) >= 0 else frozenset({Effect.INFRAME_INSERTION}))
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


def _net(one: SmallVariant) -> int:
    """How many bases more there are than before; 0 where the alleles are not known."""
    return len(one.alternate) - len(one.reference)


def _effect(one: SmallVariant, wanted: frozenset[Effect]) -> Answer:
    return Answer.UNDETERMINED if one.effect is Effect.NOT_KNOWN else _yes(one.effect in wanted)


def _exon(atom: VariantAtom, exons: tuple[int, ...]) -> bool:
    return atom.exons is not None and any(atom.exons[0] <= exon <= atom.exons[1] for exon in exons)


def _fusion(atom: FusionAtom, tumour: Tumour) -> Judgement:
    found = [one for one in tumour.findings if isinstance(one, Fusion)]
    whole = [one for one in found if set(atom.genes) <= one.genes]
    sure = [one for one in whole if one.in_frame is not False and not one.doubt]
    for one in sure:
        return Judgement(Answer.YES, (f"{one.five or '?'}::{one.three or '?'}",), (one,))
    for one in whole:
        why = one.doubt or "is out of frame"
        return Judgement(Answer.UNDETERMINED, (f"{one.five or '?'}::{one.three or '?'} {why}",), (one,))
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
            if one.state is CopyState.HIGHLY_AMPLIFIED:
                return Judgement(Answer.YES, (f"{one.gene} is highly amplified",), (one,))
            if one.state is not CopyState.AMPLIFIED:
                return Judgement(Answer.NO, (f"{one.gene} is {one.state.value}",), (one,))
            if atom.high:
                why = f"{one.gene} is amplified; whether that is high depends on the assay"
                return Judgement(Answer.UNDETERMINED, (why,), (one,))
            return Judgement(Answer.YES, (f"{one.gene} is amplified",), (one,))
    if atom.reported:
        return Judgement(Answer.NO, (f"no amplification of {atom.gene} is reported",))
    return _negative(atom.gene, Aspect.COPY_NUMBER, tumour)


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
