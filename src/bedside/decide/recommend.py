"""Guidance for one drug: the rows whose every gene fits, or a reasoned silence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bedside.decide.evidence import MEANING_UNKNOWN, NO_RESULT, Evidence, Standing, gather, most_specific
from bedside.decide.phenoconversion import Conversion
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.decide.rival import agreed, choices
from bedside.decide.tables import LEVELS, GuidanceTable, tables_of
from bedside.decide.wording import basis_of, compose, dose_words, explain, summarise
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import Action, Drug, Guidance, PgxPack
from bedside.knowledge.phrases import Phrases

URGENCIES = (Urgency.CRITICAL, Urgency.WARNING, Urgency.INFO)
NOTHING_TO_CHANGE = frozenset({Action.STANDARD_DOSING, Action.NO_RECOMMENDATION})

Told = dict[
    tuple[str, tuple[int, ...]], tuple[tuple[GeneCall | None, ...], tuple[Recommendation | Silence, ...]]
]
"""Answers by drug and the calls they rest on, which are kept with them so that they stay the same objects."""
_SILENT = {
    Standing.NOT_TESTED: SilenceReason.GENE_NOT_TESTED,
    Standing.NOT_CALLED: SilenceReason.GENE_NOT_CALLED,
    Standing.INDETERMINATE: SilenceReason.GENE_INDETERMINATE,
}


def recommend(
    pack: PgxPack,
    phrases: Phrases,
    calls: Mapping[str, GeneCall],
    drug: Drug,
    *,
    populations: Collection[str] | None = None,
    conversions: Sequence[Conversion] = (),
) -> tuple[Recommendation | Silence, ...]:
    """What every table of guidance says about the drug for these calls, most urgent first, silences last.

    populations: those the person may belong to; None when nothing is known, so that all that fit are given by
    name. Where candidate results lead to different advice the answer is a silence that says the range and
    what would settle it; where all of them lead to the same, that is the answer.
    """
    tables = tables_of(pack, drug.name)
    if not tables:
        return (_without_table(pack, drug),)
    answers: list[Recommendation | Silence] = []
    for table in tables:
        evidence = gather(pack, calls, table.asked, conversions)
        answers += _answer(pack, phrases, drug, table, evidence, populations)
    return tuple(sorted(answers, key=_order))


def recommend_all(
    pack: PgxPack,
    phrases: Phrases,
    calls: Mapping[str, GeneCall],
    problems: Collection[str] | None = None,
    told: Told | None = None,
) -> tuple[Recommendation, ...]:
    """Every recommendation that the calls lead to, by drug name; nobody has ordered any of these drugs.

    problems: codes of the problem list, None when it is not known; guidance that matters to few is held back.
    told: answers given before under this pack, for asking about many people.
    """
    return tuple(
        hold_back(phrases, answer, problems)
        for name in pack.guidance
        for answer in _told(pack, phrases, calls, pack.drugs[name], told)
        if isinstance(answer, Recommendation)
    )


def _told(
    pack: PgxPack, phrases: Phrases, calls: Mapping[str, GeneCall], drug: Drug, told: Told | None
) -> tuple[Recommendation | Silence, ...]:
    """The answers about a drug; those given before where the very same calls of its genes were asked with."""
    if told is None:
        return recommend(pack, phrases, calls, drug)
    rests_on = tuple(calls.get(gene) for table in tables_of(pack, drug.name) for gene in table.asked)
    key = (drug.name, tuple(map(id, rests_on)))
    if key not in told:
        told[key] = (rests_on, recommend(pack, phrases, calls, drug))
    return told[key][1]


def hold_back(phrases: Phrases, one: Recommendation, problems: Collection[str] | None) -> Recommendation:
    """The recommendation as it reaches somebody who was not ordered the drug; says why it is held back."""
    for relevance in phrases.tiers.relevance:
        if one.action not in NOTHING_TO_CHANGE and relevance.holds_back(one.drug.name, problems):
            least = max(one.urgency, relevance.urgency, key=URGENCIES.index)
            why, text = f"{one.why}. {relevance.reason}", f"{one.text} {relevance.reason}"
            return replace(one, urgency=least, why=why, text=text, held_back=relevance.reason)
    return one


def _answer(
    pack: PgxPack,
    phrases: Phrases,
    drug: Drug,
    table: GuidanceTable,
    evidence: Mapping[str, Evidence],
    populations: Collection[str] | None,
) -> list[Recommendation | Silence]:
    genes = tuple(evidence)
    if all(one.standing is Standing.NOT_TESTED for one in evidence.values()):
        return [_lacking(drug, table, evidence)]
    keys = {gene: frozenset().union(*one.candidates) for gene, one in evidence.items()}
    rivals = any(len(one.candidates) > 1 for one in evidence.values())
    fitting = [row for row in table.rows if fits(row, keys)]
    fitting = fitting if rivals else most_specific(fitting)
    wanted = [row for row in fitting if populations is None or row.population in populations]
    if rivals:
        found = choices(wanted, evidence)
        certain = agreed(found)
        if not certain:
            return [_disagreement(phrases, drug, table, found, evidence)]
        wanted = list(certain)
    if wanted:
        return [build(pack, phrases, drug, table, row, evidence) for row in wanted]
    if fitting:
        others = ", ".join(row.population for row in fitting)
        return [Silence(table.name, drug.name, SilenceReason.OTHER_POPULATION, others, genes)]
    if not all(one.known for one in evidence.values()):
        return [_lacking(drug, table, evidence)]
    detail = "; ".join(f"{gene}: {', '.join(sorted(keys[gene]))}" for gene in genes)
    return [Silence(table.name, drug.name, SilenceReason.OTHER_PHENOTYPE, detail, genes)]


def fits(row: Guidance, keys: Mapping[str, frozenset[str]]) -> bool:
    """Whether every gene of the row has the key the row asks for."""
    return all(key in keys[gene] for gene, key in row.criteria.items())


def build(
    pack: PgxPack,
    phrases: Phrases,
    drug: Drug,
    table: GuidanceTable,
    row: Guidance,
    evidence: Mapping[str, Evidence],
) -> Recommendation:
    """The recommendation a matched row makes, in words."""
    basis = basis_of(evidence, row)
    unknown = tuple(
        gene
        for gene in sorted(row.criteria)
        if row.criteria[gene] == NO_RESULT or row.criteria[gene] in MEANING_UNKNOWN
    )
    why = explain(phrases, basis)
    held = pack.release_of(row.source)
    return Recommendation(
        guidance_id=row.guidance_id,
        drug=drug,
        population=row.population,
        action=row.action,
        strength=row.strength,
        urgency=phrases.tiers.of(row.action, row.strength, table.level).urgency,
        basis=basis,
        citation=row.citation,
        source=row.source,
        release=held.release,
        review_state=held.review_state,
        summary=summarise(phrases, row, basis, unknown),
        why=why,
        text=compose(phrases, row, why, basis, unknown),
        dose=row.dose,
        monitor=row.monitor,
        unknown_genes=unknown,
        level=table.level,
        qualified=row.qualified,
    )


def _order(answer: Recommendation | Silence) -> tuple[int, str, str]:
    if isinstance(answer, Recommendation):
        return URGENCIES.index(answer.urgency), answer.population, answer.guidance_id
    return len(URGENCIES), answer.rule, answer.reason.value


def _without_table(pack: PgxPack, drug: Drug) -> Silence:
    genes = tuple(pair.gene for pair in pack.pairs if pair.drug == drug.name and pair.level == LEVELS[0])
    detail = (
        f"{pack.release.name} names {', '.join(genes)} for it but has no table of guidance" if genes else ""
    )
    return Silence(
        f"{pack.release.name}:{drug.name}", drug.name, SilenceReason.NO_GUIDANCE_FOR_DRUG, detail, genes
    )


def _lacking(drug: Drug, table: GuidanceTable, evidence: Mapping[str, Evidence]) -> Silence:
    """Silence for want of a usable result: the least known gene gives the reason, all
    such genes are named.
    """
    order = (Standing.NOT_TESTED, Standing.NOT_CALLED, Standing.INDETERMINATE)
    lacking = {gene: one.standing for gene, one in evidence.items() if not one.known}
    standing = min(lacking.values(), key=order.index)
    detail = "; ".join(f"{gene} {lacking[gene].value}" for gene in sorted(lacking))
    settle = [text for gene in sorted(lacking) if (call := evidence[gene].call) for text in call.settle_with]
    if settle:
        detail += f"; to settle it: {', '.join(dict.fromkeys(settle))}"
    return Silence(table.name, drug.name, _SILENT[standing], detail, tuple(sorted(lacking)))


def _disagreement(
    phrases: Phrases,
    drug: Drug,
    table: GuidanceTable,
    found: Sequence[Sequence[Guidance]],
    evidence: Mapping[str, Evidence],
) -> Silence:
    """Rival candidates: which keys, what each would advise, most cautious first, and what would tell them
    apart. found: the rows that each choice among them leads to.
    """
    genes = tuple(gene for gene, one in evidence.items() if len(one.candidates) > 1)

    def rank(row: Guidance) -> int:
        return URGENCIES.index(phrases.tiers.of(row.action, row.strength, table.level).urgency)

    every = sorted((row for rows in found for row in rows), key=rank)
    actions = dict.fromkeys(_advice(phrases, row) for row in every)
    rivals = "; ".join(f"{gene}: {' or '.join(_named(evidence[gene].candidates))}" for gene in genes)
    calls = [evidence[gene].call for gene in genes]
    settle = dict.fromkeys(text for call in calls if call for text in call.settle_with)
    detail = f"{rivals}. Advice ranges over: {' / '.join(actions) or 'none'}."
    if settle:
        detail += f" To settle it: {', '.join(settle)}."
    worst = URGENCIES[rank(every[0])] if every else None
    least = URGENCIES[max(min(map(rank, rows)) for rows in found)] if found and all(found) else None
    return Silence(table.name, drug.name, SilenceReason.CANDIDATES_DISAGREE, detail, genes, worst, least)


def _advice(phrases: Phrases, row: Guidance) -> str:
    dose = dose_words(phrases, row.dose)
    headline = phrases.actions[row.action].headline_of(row.qualified)
    return f"{headline} ({dose})" if dose else headline


def _named(candidates: Sequence[frozenset[str]]) -> list[str]:
    return ["Indeterminate" if one == MEANING_UNKNOWN else ", ".join(sorted(one)) for one in candidates]
