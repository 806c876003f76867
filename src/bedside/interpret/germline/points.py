"""Points of the ACMG/AMP criteria that can be told offline, each with what it rests on, and what was not
assessed. Points explain and prioritise: they lead to a person, never to a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import Bases
from bedside.interpret.germline.consequence import Consequence, Term, consequence
from bedside.interpret.germline.loss import loss_of
from bedside.knowledge.acmg_points import Leaning, PointsRules, Strength
from bedside.knowledge.classification import Bucket, Classification, ClassifiedVariant
from bedside.knowledge.findings_panel import Mechanism
from bedside.knowledge.transcripts import Transcript


@dataclass(frozen=True, slots=True)
class Evidence:
    """One criterion that is met. parts: the statement's particulars, to be shown one after the other.
    compared: VariationIDs of the records it was compared with."""

    code: str
    strength: Strength
    points: int
    statement: str
    parts: tuple[str, ...]
    citations: tuple[str, ...]
    compared: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """The sum, what it is made of, and what it leaves out. `statement` goes with every display of it."""

    total: int
    leaning: Leaning
    evidence: tuple[Evidence, ...]
    not_assessed: tuple[tuple[str, str], ...]
    statement: str

    @property
    def for_review(self) -> bool:
        """Whether a person should look: the evidence at hand leans towards pathogenic."""
        return self.leaning in (Leaning.PATHOGENIC, Leaning.LIKELY_PATHOGENIC)


@dataclass(frozen=True, slots=True)
class Computed:
    """What was worked out about a variant of a gene: its consequence in the gene's transcript, its points."""

    gene: str
    consequence: Consequence
    points: Points


@dataclass(frozen=True, slots=True)
class Comparator:
    """An established missense variant of the same gene, with the change of the protein worked out here."""

    variant: Variant
    variation_id: int
    classification: Classification
    residue: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparators:
    """The established missense variants of a transcript by residue, once for many variants."""

    by_residue: Mapping[int, tuple[Comparator, ...]]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the criteria say while they are gone through."""

    rules: PointsRules
    evidence: list[Evidence]
    open: dict[str, str]

    def met(self, code: str, strength: Strength, parts: Sequence[str], compared: Iterable[int] = ()) -> None:
        """A criterion is met."""
        criterion = self.rules.criteria[code]
        sign = -1 if code.startswith("B") else 1
        self.evidence.append(
            Evidence(
                code,
                strength,
                sign * self.rules.points[strength],
                criterion.statement,
                tuple(parts),
                criterion.citations,
                tuple(sorted(compared)),
            )
        )


def comparators(
    records: Iterable[ClassifiedVariant], transcript: Transcript, bases: Bases, rules: PointsRules
) -> Comparators:
    """The records that others may be compared with: pathogenic or likely so, with the stars asked for, and a
    missense change of one residue here. A nonsense change at the same codon is none."""
    found: dict[int, tuple[Comparator, ...]] = {}
    for record in records:
        if record.bucket is not Bucket.PLP or record.stars < rules.comparator_stars:
            continue
        what = consequence(record.variant, transcript, bases)
        protein = what.protein
        if Term.MISSENSE not in what.terms or protein is None or record.variation_id is None:
            continue
        if len(protein.before) == len(protein.after) == 1:
            one = Comparator(
                record.variant,
                record.variation_id,
                record.classification,
                protein.first,
                protein.before,
                protein.after,
            )
            found[one.residue] = (*found.get(one.residue, ()), one)
    return Comparators(found)


def points(
    variant: Variant,
    transcript: Transcript,
    what: Consequence,
    mechanisms: Iterable[Mechanism],
    rules: PointsRules,
    bases: Bases,
    against: Comparators | None = None,
    frequencies: Mapping[str, float] | None = None,
) -> Points:
    """The points of one variant. `mechanisms` are those of the gene's rows in the panel; `against` and
    `frequencies` are None where nobody looked them up."""
    found = _Found(rules, [], dict(rules.not_assessed))
    _loss(found, variant, transcript, what, set(mechanisms), bases)
    _same_residue(found, variant, what, against)
    _length(found, what)
    _silent(found, what)
    _frequency(found, transcript.gene, frequencies)
    total = sum(one.points for one in found.evidence)
    alone = any(one.strength is Strength.STAND_ALONE for one in found.evidence)
    return Points(
        total,
        rules.leaning(total, alone),
        tuple(found.evidence),
        tuple(sorted(found.open.items())),
        rules.statement,
    )


def _loss(
    found: _Found,
    variant: Variant,
    transcript: Transcript,
    what: Consequence,
    mechanisms: set[Mechanism],
    bases: Bases,
) -> None:
    if what.truncating is None:
        assert what.undetermined is not None
        found.open["PVS1"] = what.undetermined.value
        return
    loss = loss_of(variant, transcript, what, bases, found.rules)
    if loss is None:
        return
    if not mechanisms & {Mechanism.LOSS, Mechanism.TRUNCATING_ONLY}:
        found.open["PVS1"] = "the panel does not say that losing this gene's product causes the disease"
        return
    parts = (f"{what.transcript}: {loss.because}", *(f"not known: {one}" for one in loss.open))
    found.met("PVS1", loss.strength, parts)


def _same_residue(found: _Found, variant: Variant, what: Consequence, against: Comparators | None) -> None:
    """PS1 and PM5: other variants with the same change, or another missense change of the same residue."""
    if Term.MISSENSE not in what.terms and Term.CODING not in what.terms:
        return
    protein = what.protein
    if against is None or protein is None:
        why = "established variants were not looked up" if against is None else "needs the sequence"
        found.open.update(PS1=why, PM5=why)
        return
    if len(protein.before) != 1 or len(protein.after) != 1:
        return
    others = [one for one in against.by_residue.get(protein.first, ()) if one.variant != variant]
    same = [one for one in others if one.after == protein.after]
    different = [one for one in others if one.after != protein.after]
    for code, group, strong, weak in (
        ("PS1", same, Strength.STRONG, Strength.MODERATE),
        ("PM5", different, Strength.MODERATE, Strength.SUPPORTING),
    ):
        if group:
            sure = any(one.classification is Classification.PATHOGENIC for one in group)
            parts = [
                f"VariationID {one.variation_id} ({one.variant}): {one.before}{one.residue}{one.after},"
                f" {one.classification.value}"
                for one in sorted(group, key=lambda one: one.variation_id)
            ]
            found.met(code, strong if sure else weak, parts, (one.variation_id for one in group))


def _length(found: _Found, what: Consequence) -> None:
    terms = set(what.terms)
    if Term.STOP_LOST in terms:
        found.met("PM4", Strength.MODERATE, ("the stop codon is lost",))
        return
    if not terms & {Term.INFRAME_DELETION, Term.INFRAME_INSERTION, Term.INFRAME_INDEL}:
        return
    caution = "not known: whether the region is a repeat"
    if what.protein is None:
        found.met("PM4", Strength.SUPPORTING, ("whole codons are lost", caution))
        return
    residues = max(len(what.protein.before), len(what.protein.after))
    single = abs(len(what.protein.before) - len(what.protein.after)) <= 1
    strength = Strength.SUPPORTING if single else Strength.MODERATE
    found.met("PM4", strength, (f"{residues} residues from {what.protein.first} change", caution))


def _silent(found: _Found, what: Consequence) -> None:
    if set(what.terms) == {Term.SYNONYMOUS}:
        found.met(
            "BP7", Strength.SUPPORTING, ("not known: whether the base is conserved or a splice site made",)
        )


def _frequency(found: _Found, gene: str, frequencies: Mapping[str, float] | None) -> None:
    rules = found.rules
    at_hand = {} if frequencies is None else {k: v for k, v in frequencies.items() if k in rules.fields}
    if not at_hand:
        why = "no frequency of this variant is at hand, which is not the same as rare"
        found.open.update(BA1=why, BS1=why, PM2=why)
        return
    field, highest = max(at_hand.items(), key=lambda item: (item[1], item[0]))
    if highest < rules.rare_below:
        parts = (f"{field} = {highest:g}", rules.caution, f"below {rules.rare_below:g}")
        found.met("PM2", Strength.SUPPORTING, parts)
    counted = {k: v for k, v in at_hand.items() if round(v * rules.fields[k]) >= rules.fewest_alleles}
    if counted:
        _frequent(found, gene, *max(counted.items(), key=lambda item: (item[1], item[0])))


def _frequent(found: _Found, gene: str, field: str, frequency: float) -> None:
    """BA1 or BS1, by the limits of the gene's expert panel where it has some."""
    rules = found.rules
    parts = (f"{field} = {frequency:g}", rules.caution)
    own = [one for code in ("BA1", "BS1") for one in rules.thresholds.get((gene, code), ())]
    met = next((one for one in own if one.met(frequency)), None)
    if met is not None:
        limit = f"above {met.above:g} of {met.measure} ({met.specification})"
        found.met(met.criterion, met.strength, (*parts, limit))
    if not own:
        found.open["BS1"] = "no frequency limit of an expert panel for this gene"
        if frequency > rules.stand_alone_above:
            found.met("BA1", Strength.STAND_ALONE, (*parts, f"above {rules.stand_alone_above:g}"))
