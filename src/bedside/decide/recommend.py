"""Guidance for one drug: the rows whose every gene fits, or a reasoned silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from bedside.decide.evidence import MEANING_UNKNOWN, NO_RESULT, Evidence, Standing, asked_of, gather
from bedside.decide.phenoconversion import Conversion
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.decide.wording import basis_of, compose, explain, summarise
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import Drug, Guidance, PgxPack
from bedside.knowledge.phrases import Phrases

MOST_CANDIDATES = 64
"""More combinations of candidate results than this are not told apart row by row."""

LEVELS = ("A", "A/B", "B", "B/C", "C", "C/D", "D")
URGENCIES = (Urgency.CRITICAL, Urgency.WARNING, Urgency.INFO)

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
    name. Where candidate results lead to different keys the answer is a silence that says the range and what
    would settle it.
    """
    rows = pack.guidance.get(drug.name, ())
    if not rows:
        return (_without_table(pack, drug),)
    answers: list[Recommendation | Silence] = []
    for rule, several in _tables(rows).items():
        evidence = gather(pack, calls, asked_of(several), conversions)
        answers += _answer(pack, phrases, drug, rule, several, evidence, populations)
    return tuple(sorted(answers, key=_order))


def recommend_all(
    pack: PgxPack, phrases: Phrases, calls: Mapping[str, GeneCall]
) -> tuple[Recommendation, ...]:
    """Every recommendation that the calls lead to, by drug name."""
    return tuple(
        answer
        for name in pack.guidance
        for answer in recommend(pack, phrases, calls, pack.drugs[name])
        if isinstance(answer, Recommendation)
    )


def level_of(pack: PgxPack, drug: str, genes: Collection[str]) -> str:
    """The strongest level at which the source holds the drug with one of these genes,
    "" when it lists none.
    """
    held = {pair.level for pair in pack.pairs if pair.drug == drug and pair.gene in genes}
    return min(held & set(LEVELS), key=LEVELS.index, default="")


def _tables(rows: Sequence[Guidance]) -> Mapping[str, tuple[Guidance, ...]]:
    """Rows of one source and one set of genes belong together; the name is how traces call the table."""
    found: dict[tuple[str, str, tuple[str, ...]], list[Guidance]] = {}
    for row in rows:
        found.setdefault((row.source, row.citation.identifier, tuple(row.criteria)), []).append(row)
    return {
        f"{source}:{guideline}:{several[0].drug}:{'+'.join(sorted(genes))}": tuple(several)
        for (source, guideline, genes), several in found.items()
    }


def _answer(
    pack: PgxPack,
    phrases: Phrases,
    drug: Drug,
    rule: str,
    rows: Sequence[Guidance],
    evidence: Mapping[str, Evidence],
    populations: Collection[str] | None,
) -> list[Recommendation | Silence]:
    genes = list(evidence)
    if all(one.standing is Standing.NOT_TESTED for one in evidence.values()):
        return [_lacking(pack, drug, rule, evidence)]
    assignments = list(product(*(evidence[gene].candidates for gene in genes)))
    if len(assignments) > 1:
        return [_disagreement(pack, phrases, drug, rule, rows, evidence, assignments, populations)]
    keys = dict(zip(genes, assignments[0], strict=True))
    fitting = [row for row in rows if fits(row, keys)]
    wanted = [row for row in fitting if _includes(populations, row.population)]
    if wanted:
        return [build(pack, phrases, drug, row, evidence) for row in wanted]
    if fitting:
        others = ", ".join(row.population for row in fitting)
        return [Silence(rule, drug.name, SilenceReason.OTHER_POPULATION, others, tuple(genes))]
    if not all(one.known for one in evidence.values()):
        return [_lacking(pack, drug, rule, evidence)]
    detail = "; ".join(f"{gene}: {', '.join(sorted(keys[gene]))}" for gene in genes)
    return [Silence(rule, drug.name, SilenceReason.OTHER_PHENOTYPE, detail, tuple(genes))]


def fits(row: Guidance, keys: Mapping[str, frozenset[str]]) -> bool:
    """Whether every gene of the row has the key the row asks for."""
    return all(key in keys[gene] for gene, key in row.criteria.items())


def _includes(populations: Collection[str] | None, population: str) -> bool:
    return populations is None or population in populations


def build(
    pack: PgxPack, phrases: Phrases, drug: Drug, row: Guidance, evidence: Mapping[str, Evidence]
) -> Recommendation:
    """The recommendation a matched row makes, in words."""
    basis = basis_of(evidence, row)
    unknown = tuple(
        gene
        for gene in sorted(row.criteria)
        if row.criteria[gene] == NO_RESULT or row.criteria[gene] in MEANING_UNKNOWN
    )
    why = explain(phrases, basis)
    level = level_of(pack, drug.name, row.criteria)
    held = pack.release_of(row.source)
    return Recommendation(
        guidance_id=row.guidance_id,
        drug=drug,
        population=row.population,
        action=row.action,
        strength=row.strength,
        urgency=phrases.tiers.of(row.action, row.strength, level).urgency,
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
        level=level,
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


def _lacking(pack: PgxPack, drug: Drug, rule: str, evidence: Mapping[str, Evidence]) -> Silence:
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
    return Silence(rule, drug.name, _SILENT[standing], detail, tuple(sorted(lacking)))


def _disagreement(
    pack: PgxPack,
    phrases: Phrases,
    drug: Drug,
    rule: str,
    rows: Sequence[Guidance],
    evidence: Mapping[str, Evidence],
    assignments: Sequence[tuple[frozenset[str], ...]],
    populations: Collection[str] | None,
) -> Silence:
    """Rival candidates: which keys, what each would advise, what would tell them apart."""
    genes = tuple(gene for gene, one in evidence.items() if len(one.candidates) > 1)
    fitting = list(_rows_of(rows, evidence, assignments[:MOST_CANDIDATES], populations))
    urgencies = [
        phrases.tiers.of(row.action, row.strength, level_of(pack, drug.name, row.criteria)).urgency
        for row in fitting
    ]
    actions = dict.fromkeys(phrases.actions[row.action].headline for row in fitting)
    rivals = "; ".join(f"{gene}: {' or '.join(_named(evidence[gene].candidates))}" for gene in genes)
    calls = [evidence[gene].call for gene in genes]
    settle = dict.fromkeys(text for call in calls if call for text in call.settle_with)
    detail = f"{rivals}. Advice ranges over: {', '.join(actions) or 'none'}."
    if settle:
        detail += f" To settle it: {', '.join(settle)}."
    worst = min(urgencies, key=URGENCIES.index, default=None)
    return Silence(rule, drug.name, SilenceReason.CANDIDATES_DISAGREE, detail, genes, worst)


def _rows_of(
    rows: Sequence[Guidance],
    evidence: Mapping[str, Evidence],
    assignments: Sequence[tuple[frozenset[str], ...]],
    populations: Collection[str] | None,
) -> Iterator[Guidance]:
    for assignment in assignments:
        keys = dict(zip(evidence, assignment, strict=True))
        yield from (row for row in rows if fits(row, keys) and _includes(populations, row.population))


def _named(candidates: Sequence[frozenset[str]]) -> list[str]:
    return ["Indeterminate" if one == MEANING_UNKNOWN else ", ".join(sorted(one)) for one in candidates]
