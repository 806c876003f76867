"""Every rule about a drug and how it ended: the row that spoke, and for each that did not, why."""

from __future__ import annotations

from collections.abc import Mapping

from bedside.decide.consider import consider
from bedside.decide.evidence import asked_of, gather
from bedside.decide.moment import Moment
from bedside.decide.population import populations_for
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import Drug, Guidance
from bedside.knowledge.ruleset import Ruleset


def trace(
    rules: Ruleset, calls: Mapping[str, GeneCall], drug: Drug, moment: Moment
) -> tuple[Recommendation | Silence, ...]:
    """One line a guidance row, in the order of the release, then what concerns the drug as a whole."""
    considered = consider(rules, calls, drug, moment)
    spoke = {one.guidance_id: one for one in considered.recommendations}
    populations = populations_for(rules.phrases.populations, rules.pgx, drug, moment)
    rows = rules.pgx.guidance.get(drug.name, ())
    evidence = gather(rules.pgx, calls, asked_of(rows), considered.conversions)
    possible = {gene: frozenset().union(*one.candidates) for gene, one in evidence.items()}
    lines: list[Recommendation | Silence] = []
    for row in rows:
        if row.guidance_id in spoke:
            lines.append(spoke[row.guidance_id])
            continue
        lines.append(_silence(row, possible, populations))
    return (*lines, *considered.silences)


def _silence(row: Guidance, possible: Mapping[str, frozenset[str]], populations: frozenset[str]) -> Silence:
    asked = "; ".join(f"{gene}: {key}" for gene, key in row.criteria.items())
    others = tuple(gene for gene, key in row.criteria.items() if key not in possible[gene])
    if others:
        held = "; ".join(f"{gene}: {' or '.join(sorted(possible[gene]))}" for gene in others)
        detail = f"asks for {asked}; this person has {held}"
        return Silence(row.guidance_id, row.drug, SilenceReason.OTHER_PHENOTYPE, detail, others)
    if row.population not in populations:
        return Silence(row.guidance_id, row.drug, SilenceReason.OTHER_POPULATION, f"is for {row.population}")
    return Silence(row.guidance_id, row.drug, SilenceReason.CANDIDATES_DISAGREE, f"would need {asked} alone")
