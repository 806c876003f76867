"""From a gene's call and the recommendations that rest on it to a row of the chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bedside.decide.consider import NOTHING_TO_CHANGE
from bedside.decide.evidence import hold_together
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.decide.wording import capital, conditional_dose, for_whom
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, MissingPosition
from bedside.knowledge.pgx import Action, Gene, PgxPack
from bedside.knowledge.phrases import Phrases
from bedside.service.chart import DrugGuidance, GeneRow, Look, SilentRule, in_order_of_need

_URGENCIES = (Urgency.CRITICAL, Urgency.WARNING, Urgency.INFO)
_MADE_BY = {
    CallSource.MATCHER: "called from genotypes",
    CallSource.OUTSIDE: "called by the laboratory",
    CallSource.NONE: "",
}


NOT_KNOWN = "meaning not known"


def gene_rows(
    pack: PgxPack,
    phrases: Phrases,
    calls: Mapping[str, GeneCall],
    recommendations: Sequence[Recommendation],
    taken: frozenset[str] = frozenset(),
) -> tuple[GeneRow, ...]:
    """A row for every gene of the release, also for those nobody tested; what changes treatment first.

    taken: names of the drugs taken now; a gene that matters for one of them comes before the others.
    """
    acting: dict[str, list[Recommendation]] = {gene: [] for gene in pack.genes}
    standard: dict[str, dict[str, None]] = {gene: {} for gene in pack.genes}
    for recommendation in recommendations:
        for gene in responsible_genes(pack, recommendation):
            acting[gene].append(recommendation)
        if recommendation.action is Action.STANDARD_DOSING:
            for basis in recommendation.basis:
                if basis.gene not in recommendation.unknown_genes:
                    standard[basis.gene].setdefault(recommendation.drug.name)
    rows = (
        _row(gene, calls.get(gene.symbol), phrases, acting[gene.symbol], tuple(standard[gene.symbol]))
        for gene in pack.genes.values()
    )
    return in_order_of_need(tuple(rows), taken)


def responsible_genes(pack: PgxPack, recommendation: Recommendation) -> tuple[str, ...]:
    """The genes because of which treatment changes; none when it does not.

    A gene is responsible alone when its result never leads to standard treatment with this drug, whatever
    the others
    say. When no gene is, it takes all of them together. A gene without a usable result is never responsible.
    """
    if recommendation.action in NOTHING_TO_CHANGE:
        return ()
    rows = [
        row for row in pack.guidance.get(recommendation.drug.name, ()) if row.source == recommendation.source
    ]
    known = tuple(one for one in recommendation.basis if one.gene not in recommendation.unknown_genes)
    alone = tuple(
        basis.gene
        for basis in known
        if (said := {row.action for row in rows if row.criteria.get(basis.gene) == basis.lookup_key})
        and not said & NOTHING_TO_CHANGE
    )
    return alone or tuple(basis.gene for basis in known)


def drug_guidance(recommendation: Recommendation, phrases: Phrases) -> DrugGuidance:
    """A recommendation in the words of the page."""
    return DrugGuidance(
        drug=recommendation.drug.name,
        population=phrases.population(recommendation.population),
        urgency=recommendation.urgency,
        action=phrases.actions[recommendation.action].headline_of(recommendation.qualified),
        strength=phrases.strengths[recommendation.strength],
        summary=recommendation.summary,
        why=recommendation.why,
        text=recommendation.text,
        genes=tuple(basis.gene for basis in recommendation.basis),
        source=recommendation.citation.source,
        guideline=recommendation.citation.title,
        url=recommendation.citation.url,
        pmids=recommendation.citation.pmids,
        release=str(recommendation.release),
        review_state=recommendation.review_state,
        dose=conditional_dose(phrases, recommendation.action, recommendation.dose),
        held_back=recommendation.held_back,
        alternatives=tuple(alternative.drug.name for alternative in recommendation.alternatives),
        converted_by=tuple(
            dict.fromkeys(drug for basis in recommendation.basis for drug in basis.converted_by)
        ),
    )


def merged_guidance(recommendations: Iterable[Recommendation], phrases: Phrases) -> tuple[DrugGuidance, ...]:
    """Recommendations in words, most urgent first; the same advice for several populations is said once."""
    groups: dict[tuple[object, ...], list[Recommendation]] = {}
    for one in recommendations:
        key = (one.drug, one.action, one.strength, one.urgency, one.why, one.dose, one.monitor, one.source)
        groups.setdefault(key, []).append(one)
    return in_order_of_urgency(_merge(group, phrases) for group in groups.values())


def _merge(group: Sequence[Recommendation], phrases: Phrases) -> DrugGuidance:
    first = drug_guidance(group[0], phrases)
    if len(group) == 1:
        return first
    populations = for_whom([phrases.population(one.population) for one in group])
    said = f"{capital(first.drug)} {populations}".rstrip() + f": {first.action}"
    return replace(first, population=populations, summary=said)


def in_order_of_urgency(guidance: Iterable[DrugGuidance]) -> tuple[DrugGuidance, ...]:
    """The most urgent first, then by drug."""
    return tuple(
        sorted(guidance, key=lambda item: (_URGENCIES.index(item.urgency), item.drug, item.population))
    )


def silent_rule(silence: Silence) -> SilentRule:
    """A rule that did not speak, in words."""
    return SilentRule(silence.rule, silence.drug, silence.reason.value, silence.detail)


def cannot_say(silence: Silence) -> bool:
    """Whether a rule is silent because something about the person is not known, rather than because all is
    well.
    """
    return silence.reason in _UNKNOWN


_UNKNOWN = frozenset(
    {
        SilenceReason.GENE_NOT_TESTED,
        SilenceReason.GENE_NOT_CALLED,
        SilenceReason.GENE_INDETERMINATE,
        SilenceReason.CANDIDATES_DISAGREE,
        SilenceReason.NOT_CLINICAL,
    }
)


def _row(
    gene: Gene,
    call: GeneCall | None,
    phrases: Phrases,
    acting: Sequence[Recommendation],
    standard: tuple[str, ...],
) -> GeneRow:
    if call is None or call.status is CallStatus.NOT_TESTED:
        return GeneRow(gene.symbol, Look.NOT_TESTED)
    drugs = merged_guidance(acting, phrases)
    changed = {drug.drug for drug in drugs}
    told = GeneRow(
        gene=gene.symbol,
        look=_look(call, drugs, standard),
        results=call.display or tuple(str(d) for d in call.source_diplotypes) or call.component_alleles,
        phenotypes=tuple(NOT_KNOWN if one == "n/a" else one for one in call.phenotypes),
        activity_scores=tuple(score for score in call.activity_scores if score not in ("", "n/a")),
        drugs=drugs,
        standard_drugs=tuple(sorted(drug for drug in standard if drug not in changed)),
        made_by=_MADE_BY[call.source],
        partial=call.partial,
        limits=tuple(limit.text for limit in call.warnings),
        settle_with=call.settle_with,
        missing=tuple(_unseen(position) for position in sorted(call.missing_positions, key=_harmless)),
        not_visible=call.uncallable_alleles,
        together=hold_together(call.lookup_keys),
    )
    return told if call.source is CallSource.MATCHER else replace(told, missing=())


def _harmless(position: MissingPosition) -> bool:
    return not position.could_change_phenotype


def _unseen(position: MissingPosition) -> str:
    weight = ", could change the phenotype" if position.could_change_phenotype else ""
    return f"{position.rsid or position.locus} ({position.state}{weight})"


def _rivals(call: GeneCall) -> bool:
    return len(call.lookup_keys) > 1 and not hold_together(call.lookup_keys)


def _look(call: GeneCall, drugs: Sequence[DrugGuidance], standard: Sequence[str]) -> Look:
    if call.status is CallStatus.NO_CALL and not (call.by_single_position and drugs):
        return Look.NO_CALL
    if call.status is CallStatus.INDETERMINATE or _rivals(call):
        return Look.INDETERMINATE
    if drugs:
        urgent = any(drug.urgency is not Urgency.INFO for drug in drugs)
        return Look.ACTIONABLE if urgent else Look.NOTE
    return Look.STANDARD if standard else Look.WITHOUT_GUIDANCE
