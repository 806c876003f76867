"""The first two gates: is this allele screened at all, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bedside.genome.variant import Variant
from bedside.interpret.germline.screened import Gate, Outcome, ReasonCode, Verdict
from bedside.knowledge.classification import Bucket, Classification, ClassifiedVariant
from bedside.knowledge.findings_panel import Mechanism, Panel, PanelRow

_LOW_PENETRANCE = {
    Classification.PATHOGENIC_LOW_PENETRANCE,
    Classification.LIKELY_PATHOGENIC_LOW_PENETRANCE,
}
_RISK = {
    Classification.ESTABLISHED_RISK_ALLELE,
    Classification.LIKELY_RISK_ALLELE,
    Classification.UNCERTAIN_RISK_ALLELE,
    Classification.RISK_FACTOR,
}
_CERTAINTY = (
    Classification.PATHOGENIC,
    Classification.LIKELY_PATHOGENIC,
    *sorted(_LOW_PENETRANCE, key=lambda one: one.number),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the records about one allele say together. `agree` is False when they belong to several groups."""

    classification: Classification | None
    stars: int
    agree: bool


def known(records: Sequence[ClassifiedVariant]) -> Known:
    """The records of one allele as one statement: when they agree, the weaker class with the most stars; when
    they do not, a conflict with the fewest. Records that state no class are left aside."""
    stated = [one for one in records if one.bucket is not Bucket.NONE] or list(records)
    if not stated:
        return Known(None, 0, True)
    if len({one.bucket for one in stated}) > 1:
        return Known(Classification.CONFLICTING, min(one.stars for one in stated), False)
    weakest = max(stated, key=lambda one: (rank(one.classification), one.classification.number))
    return Known(weakest.classification, max(one.stars for one in stated), True)


def rank(classification: Classification | None) -> int:
    """How weak a class is as a statement that a variant causes disease; 0 is pathogenic."""
    return _CERTAINTY.index(classification) if classification in _CERTAINTY else len(_CERTAINTY)


def allele_gate(panel: Panel, variant: Variant) -> Verdict:
    """Whether the site screens for this allele."""
    if variant in panel.blocked:
        return Verdict(Gate.ALLELE, Outcome.NO_ACTION, ReasonCode.BLOCKLISTED)
    return Verdict(Gate.ALLELE, Outcome.REPORT, ReasonCode.ALLELE_MATCH)


def classification_gate(panel: Panel, row: PanelRow, variant: Variant, what: Known) -> Verdict:
    """Whether the allele's class is enough; a variant that the panel alone looks for needs none."""
    outcome, reason = _classified(panel, row, variant, what)
    return Verdict(Gate.CLASSIFICATION, outcome, reason)


def _classified(panel: Panel, row: PanelRow, variant: Variant, what: Known) -> tuple[Outcome, ReasonCode]:
    named = panel.named_variants.get(variant)
    if row.mechanism is Mechanism.NAMED_ONLY and named is not None and named.gene == row.gene:
        return Outcome.REPORT, ReasonCode.NAMED_VARIANT
    if what.classification is None or what.classification.bucket is Bucket.NONE:
        return Outcome.NO_ACTION, ReasonCode.NOT_CLASSIFIED
    match what.classification.bucket:
        case Bucket.PLP:
            return _pathogenic(panel, what.classification, what.stars)
        case Bucket.CONFLICT:
            return Outcome.HOLD, ReasonCode.CONFLICT if what.agree else ReasonCode.RECORDS_DISAGREE
        case Bucket.VUS:
            return Outcome.NO_ACTION, ReasonCode.UNCERTAIN
        case Bucket.BLB:
            return Outcome.NO_ACTION, ReasonCode.BENIGN
        case _:
            return _not_about_pathogenicity(what.classification)


def _pathogenic(panel: Panel, classification: Classification, stars: int) -> tuple[Outcome, ReasonCode]:
    if stars < panel.policy.review_stars:
        return Outcome.NO_ACTION, ReasonCode.ZERO_STAR
    if stars < panel.policy.report_stars:
        return Outcome.REVIEW, ReasonCode.ONE_STAR
    if classification in _LOW_PENETRANCE:
        return Outcome.REVIEW, ReasonCode.LOW_PENETRANCE
    return Outcome.REPORT, ReasonCode.PATHOGENIC


def _not_about_pathogenicity(classification: Classification) -> tuple[Outcome, ReasonCode]:
    if classification in _RISK:
        return Outcome.NO_ACTION, ReasonCode.RISK_ALLELE
    if classification is Classification.OTHER:
        return Outcome.HOLD, ReasonCode.UNKNOWN_TERM
    return Outcome.NO_ACTION, ReasonCode.NOT_ABOUT_DISEASE
