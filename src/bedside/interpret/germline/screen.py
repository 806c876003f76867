"""Screens what a person carries against a panel: every classified variant in a gene of the panel gets exactly
one answer for each disease of the gene, "no action" too, in an order that does not depend on the input's.

The strictest verdict of the gates stands, the earliest of equally strict ones; a gate that says "no action"
is the last one reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant
from bedside.interpret.germline.classification_gate import (
    Known,
    allele_gate,
    classification_gate,
    known,
    rank,
)
from bedside.interpret.germline.mechanism_gate import alone, copies_verdict, mechanism_verdict
from bedside.interpret.germline.points import Computed
from bedside.interpret.germline.return_gate import return_gate
from bedside.interpret.germline.screened import Carried, Gate, Outcome, ReasonCode, Screened, Subject, Verdict
from bedside.knowledge.findings_panel import Panel, PanelRow


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One carried variant after the gates that look at it alone."""

    carried: Carried
    known: Known
    verdicts: tuple[Verdict, ...]
    computed: Computed | None

    @property
    def outcome(self) -> Outcome:
        return _strictest(self.verdicts).outcome


_NOTHING: Mapping[Variant, Computed] = {}


def screen(
    panel: Panel,
    carried: Sequence[Carried],
    subject: Subject,
    computed: Mapping[Variant, Computed] = _NOTHING,
) -> tuple[Screened, ...]:
    """The answers of a panel about a person. ValueError when one variant is given twice, differently.

    computed: what was worked out about some of the variants. Its consequence goes before the records' own in
    the question of mechanism; its points bring a variant that nobody classified to a person, no further.
    """
    by_gene: dict[str, list[Carried]] = {}
    for one in _unique(carried):
        for gene in _genes(panel, one, computed):
            by_gene.setdefault(gene, []).append(one)
    answers: list[Screened] = []
    for gene in sorted(by_gene):
        own = {one.variant: computed[one.variant] for one in by_gene[gene] if one.variant in computed}
        own = {variant: one for variant, one in own.items() if one.gene == gene}
        for row in sorted(panel.by_gene[gene], key=lambda row: row.disease):
            answers += _screen_row(panel, row, by_gene[gene], subject, own)
    return tuple(answers)


def _genes(panel: Panel, carried: Carried, computed: Mapping[Variant, Computed]) -> set[str]:
    """The genes of the panel in which a variant is looked at: by its records, its name in the panel, or what
    was computed."""
    genes = {gene for record in carried.classified for gene in record.genes}
    if carried.variant in panel.named_variants:
        genes.add(panel.named_variants[carried.variant].gene)
    if carried.variant in computed:
        genes.add(computed[carried.variant].gene)
    return genes & panel.by_gene.keys()


def _unique(carried: Sequence[Carried]) -> list[Carried]:
    """Each variant once, in genome order."""
    found: dict[Variant, Carried] = {}
    for one in sorted(carried, key=lambda one: one.variant):
        if found.setdefault(one.variant, one) != one:
            raise ValueError("a variant is carried once: the same one is given twice, and differently")
    return list(found.values())


def _screen_row(
    panel: Panel,
    row: PanelRow,
    carried: Sequence[Carried],
    subject: Subject,
    own: Mapping[Variant, Computed],
) -> list[Screened]:
    weighed = [_weigh(panel, row, one, own.get(one.variant)) for one in carried]
    counted = [one for one in weighed if one.outcome.strictness <= Outcome.REVIEW.strictness]
    held = [one for one in weighed if one.outcome is Outcome.HOLD]
    groups = [[one] for one in counted] if alone(row) else list(_groups(row, counted, subject))
    answers = [_answer(panel, row, [one], one.verdicts, subject) for one in weighed if one not in counted]
    answers += [
        _answer(panel, row, group, _together(row, group, counted, held, subject), subject) for group in groups
    ]
    return sorted(answers, key=lambda answer: answer.variants)


def _weigh(panel: Panel, row: PanelRow, carried: Carried, computed: Computed | None) -> _Weighed:
    what = known(carried.classified)
    verdicts = [allele_gate(panel, carried.variant)]
    if verdicts[-1].outcome is not Outcome.NO_ACTION:
        verdict = classification_gate(panel, row, carried.variant, what)
        if verdict.reason is ReasonCode.NOT_CLASSIFIED and computed and computed.points.for_review:
            verdict = Verdict(Gate.CLASSIFICATION, Outcome.REVIEW, ReasonCode.COMPUTED_EVIDENCE)
        verdicts.append(verdict)
    if verdicts[-1].outcome is not Outcome.NO_ACTION:
        terms = _consequences(carried, computed)
        verdicts.append(mechanism_verdict(panel, row, carried.variant, terms))
    return _Weighed(carried, what, tuple(verdicts), computed)


def _consequences(carried: Carried, computed: Computed | None) -> set[str]:
    """SO terms: as worked out in the gene's transcript, else as the records have them."""
    if computed is not None and computed.consequence.truncating is not None:
        return {term.value for term in computed.consequence.terms}
    return {term for record in carried.classified for term in record.consequences}


def _groups(row: PanelRow, counted: Sequence[_Weighed], subject: Subject) -> Iterator[Sequence[_Weighed]]:
    """The variants that make one answer together. Those that suffice by themselves come first, the surest
    before the others: what a consumer's file or a single star adds neither joins a finding nor holds it."""
    left = list(counted)
    while left:
        group = _sufficing(row, left, subject)
        yield group
        left = [one for one in left if one not in group]


def _sufficing(row: PanelRow, left: Sequence[_Weighed], subject: Subject) -> Sequence[_Weighed]:
    allowed: set[Confirmation] = set()
    for confirmation in _SUREST:
        allowed.add(confirmation)
        some = [one for one in left if one.carried.confirmation in allowed]
        sure = [one for one in some if one.outcome is Outcome.REPORT]
        if sure and _copies(row, sure, subject).outcome is Outcome.REPORT:
            return sure
        if some and _copies(row, some, subject).outcome is not Outcome.NO_ACTION:
            return some
    return left


_SUREST = (Confirmation.CLINICAL, Confirmation.RESEARCH, Confirmation.UNCONFIRMED)


def _copies(row: PanelRow, group: Sequence[_Weighed], subject: Subject) -> Verdict:
    return copies_verdict(row, [one.carried for one in group], subject.sex)


def _together(
    row: PanelRow,
    group: Sequence[_Weighed],
    counted: Sequence[_Weighed],
    held: Sequence[_Weighed],
    subject: Subject,
) -> tuple[Verdict, ...]:
    """The verdicts of a group, and of how many copies it affects: alone, or beside all that counts. Where
    only a variant that is held would make the second copy, the group is held with it."""
    copies = _copies(row, group, subject)
    if copies.outcome is Outcome.NO_ACTION:
        copies = _copies(row, counted, subject)
    beside = [*counted, *held]
    if copies.outcome is Outcome.NO_ACTION and _copies(row, beside, subject).outcome is not Outcome.NO_ACTION:
        copies = Verdict(Gate.MECHANISM, Outcome.HOLD, _strictest(held[0].verdicts).reason)
    return (*_merged(group), copies)


def _merged(group: Sequence[_Weighed]) -> tuple[Verdict, ...]:
    """Gate by gate the strictest verdict of several variants."""
    return tuple(_strictest(verdicts) for verdicts in zip(*(one.verdicts for one in group), strict=True))


def _strictest(verdicts: Sequence[Verdict]) -> Verdict:
    return max(verdicts, key=lambda verdict: verdict.outcome.strictness)


def _answer(
    panel: Panel, row: PanelRow, group: Sequence[_Weighed], verdicts: tuple[Verdict, ...], subject: Subject
) -> Screened:
    if verdicts[-1].outcome is not Outcome.NO_ACTION:
        confirmations = [one.carried.confirmation for one in group]
        verdicts = (*verdicts, return_gate(panel.policy, row, subject, confirmations))
    deciding = _strictest(verdicts)
    if deciding.outcome is Outcome.REPORT:
        deciding = verdicts[-2]
    weakest = min(group, key=lambda one: (one.known.stars, -rank(one.known.classification)))
    records = [record for one in group for record in one.carried.classified]
    return Screened(
        gene=row.gene,
        variants=tuple(one.carried.variant for one in group),
        zygosity=tuple(one.carried.zygosity for one in group),
        classification=weakest.known.classification,
        stars=weakest.known.stars,
        disease=row.disease,
        inheritance=row.inheritance.value,
        outcome=deciding.outcome,
        gate=deciding.gate,
        reason=deciding.reason,
        release=";".join(sorted({record.release for record in records})),
        panel=panel.release,
        evidence=_evidence(panel, row, group),
        passed=tuple((verdict.gate, verdict.reason) for verdict in verdicts),
        confirmation=max((one.carried.confirmation for one in group), key=_SUREST.index),
    )


def _evidence(panel: Panel, row: PanelRow, group: Sequence[_Weighed]) -> tuple[str, ...]:
    """The records, the named variant and the row of the panel that the answer rests on."""
    records = sorted(
        (record for one in group for record in one.carried.classified),
        key=lambda record: (record.variation_id or 0, record.raw),
    )
    said = [
        f"ClinVar VariationID {record.variation_id}: {record.raw} ({record.review_status}), {record.release}"
        for record in records
    ]
    named = [panel.named_variants.get(one.carried.variant) for one in group]
    said += [f"{one.name}: {one.source}" for one in named if one is not None and one.gene == row.gene]
    said += [
        f"blocked: {panel.blocked[one.carried.variant].reason}"
        for one in group
        if one.carried.variant in panel.blocked
    ]
    said += [
        f"computed, not a classification: {item.code} {item.strength.value}: {'; '.join(item.parts)}"
        for one in group
        if one.computed is not None and (ReasonCode.COMPUTED_EVIDENCE in {v.reason for v in one.verdicts})
        for item in one.computed.points.evidence
    ]
    said.append(f"{panel.release}: {row.gene}, {row.disease}: {row.published}")
    return tuple(dict.fromkeys(said))
