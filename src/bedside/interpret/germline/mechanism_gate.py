"""The third gate: does the variant act as the disease needs, on as many copies as it needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.variant import Variant
from bedside.interpret.germline.screened import Carried, Gate, Outcome, ReasonCode, Verdict
from bedside.knowledge.findings_panel import Copies, Mechanism, Panel, PanelRow

_REPORT, _REVIEW, _NO_ACTION = Outcome.REPORT, Outcome.REVIEW, Outcome.NO_ACTION


def mechanism_verdict(
    panel: Panel, row: PanelRow, variant: Variant, consequences: Collection[str]
) -> Verdict:
    """Whether what the variant does to the gene is what causes the disease. Unknown is not "no"."""
    named = panel.named_variants.get(variant)
    is_named = named is not None and named.gene == row.gene
    truncating = None if not consequences else bool(panel.policy.truncating & set(consequences))
    outcome, reason = _acts(row.mechanism, is_named, truncating)
    return Verdict(Gate.MECHANISM, outcome, reason)


def _acts(mechanism: Mechanism, named: bool, truncating: bool | None) -> tuple[Outcome, ReasonCode]:
    if mechanism is Mechanism.LOSS:
        return _REPORT, ReasonCode.FITS_MECHANISM
    if mechanism is Mechanism.NAMED_ONLY:
        return (
            (_REPORT, ReasonCode.NAMED_VARIANT) if named else (_NO_ACTION, ReasonCode.NOT_THE_NAMED_VARIANT)
        )
    if mechanism is Mechanism.LOSS_PROTECTS and named:
        return _REPORT, ReasonCode.NAMED_VARIANT
    if truncating is None:
        return _REVIEW, ReasonCode.CONSEQUENCE_UNKNOWN
    if mechanism is Mechanism.TRUNCATING_ONLY:
        return (_REPORT, ReasonCode.FITS_MECHANISM) if truncating else (_NO_ACTION, ReasonCode.NOT_TRUNCATING)
    if mechanism is Mechanism.LOSS_PROTECTS:
        return (
            (_NO_ACTION, ReasonCode.PROTECTIVE_DIRECTION)
            if truncating
            else (_REVIEW, ReasonCode.MECHANISM_UNPROVEN)
        )
    return (_REVIEW, ReasonCode.MECHANISM_UNPROVEN) if truncating else (_REPORT, ReasonCode.FITS_MECHANISM)


def alone(row: PanelRow) -> bool:
    """Whether one variant decides by itself; otherwise those of the gene are weighed together."""
    return row.copies in (Copies.ONE, Copies.X_ANY)


def copies_verdict(row: PanelRow, carried: Sequence[Carried], sex: Sex) -> Verdict:
    """Whether enough copies of the gene are affected by these variants."""
    outcome, reason = _copies(row.copies, carried, sex)
    return Verdict(Gate.MECHANISM, outcome, reason)


def _copies(copies: Copies, carried: Sequence[Carried], sex: Sex) -> tuple[Outcome, ReasonCode]:
    zygosities = {one.zygosity for one in carried}
    match copies:
        case Copies.ONE:
            return _REPORT, ReasonCode.REPORTABLE
        case Copies.TWO:
            return _two(carried)
        case Copies.HOMOZYGOUS:
            if Zygosity.HEMIZYGOUS in zygosities:
                return _REVIEW, ReasonCode.IMPLAUSIBLE_ZYGOSITY
            found = Zygosity.HOMOZYGOUS in zygosities
            return (_REPORT, ReasonCode.BIALLELIC_HOM) if found else (_NO_ACTION, ReasonCode.CARRIER_ONLY)
        case Copies.X_ANY:
            return _x_any(carried[0].zygosity, sex)
        case Copies.X_TWO:
            return _x_two(carried, zygosities, sex)


def _two(carried: Sequence[Carried]) -> tuple[Outcome, ReasonCode]:
    zygosities = {one.zygosity for one in carried}
    if Zygosity.HOMOZYGOUS in zygosities:
        return _REPORT, ReasonCode.BIALLELIC_HOM
    if Zygosity.HEMIZYGOUS in zygosities:
        return _REVIEW, ReasonCode.IMPLAUSIBLE_ZYGOSITY
    pairs = [in_trans(first, second) for first, second in combinations(carried, 2)]
    if True in pairs:
        return _REPORT, ReasonCode.BIALLELIC_IN_TRANS
    if None in pairs:
        return _REVIEW, ReasonCode.PHASE_UNKNOWN
    return _NO_ACTION, ReasonCode.IN_CIS if pairs else ReasonCode.CARRIER_ONLY


def in_trans(first: Carried, second: Carried) -> bool | None:
    """Whether two heterozygous variants stand on different copies: None when the phase does not tell. Phase
    is told only inside one phase set, on one chromosome, by variants that are each on a single strand."""
    if first.variant.chromosome != second.variant.chromosome:
        return None
    if first.phase_set is None or first.phase_set != second.phase_set:
        return None
    if {first.strands, second.strands} - {1, 2}:
        return None
    return first.strands != second.strands


def _x_any(zygosity: Zygosity, sex: Sex) -> tuple[Outcome, ReasonCode]:
    if sex is Sex.MALE and zygosity is Zygosity.HETEROZYGOUS:
        return _REVIEW, ReasonCode.IMPLAUSIBLE_ZYGOSITY
    if sex is Sex.FEMALE and zygosity is Zygosity.HEMIZYGOUS:
        return _REVIEW, ReasonCode.IMPLAUSIBLE_ZYGOSITY
    if zygosity is Zygosity.HETEROZYGOUS:
        return _REPORT, ReasonCode.HETEROZYGOUS_X_LINKED
    hemizygous = sex is Sex.MALE or zygosity is Zygosity.HEMIZYGOUS
    return _REPORT, ReasonCode.HEMIZYGOUS if hemizygous else ReasonCode.BIALLELIC_HOM


def _x_two(
    carried: Sequence[Carried], zygosities: Collection[Zygosity], sex: Sex
) -> tuple[Outcome, ReasonCode]:
    if sex is Sex.MALE:
        if set(zygosities) == {Zygosity.HETEROZYGOUS}:
            return _REVIEW, ReasonCode.IMPLAUSIBLE_ZYGOSITY
        return _REPORT, ReasonCode.HEMIZYGOUS
    if sex is Sex.FEMALE:
        return _two(carried)
    if Zygosity.HEMIZYGOUS in zygosities:
        return _REPORT, ReasonCode.HEMIZYGOUS
    if Zygosity.HOMOZYGOUS in zygosities:  # every copy there is: two of a woman, or the one of a man
        return _REPORT, ReasonCode.BIALLELIC_HOM
    return _REVIEW, ReasonCode.SEX_UNKNOWN
