"""One drug for one person at one moment: populations, phenoconversion and guidance put together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from bedside.decide.moment import Moment
from bedside.decide.phenoconversion import Conversion, convert
from bedside.decide.population import populations_for
from bedside.decide.recommend import NOTHING_TO_CHANGE as NOTHING_TO_CHANGE
from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import Drug
from bedside.knowledge.ruleset import Ruleset

SEVERITY = {Urgency.CRITICAL: 3, Urgency.WARNING: 2, Urgency.INFO: 1}


@dataclass(frozen=True, slots=True)
class Consideration:
    """What guidance says of a drug. conversions: those in force while it was considered."""

    drug: Drug
    answers: tuple[Recommendation | Silence, ...]
    conversions: tuple[Conversion, ...] = ()

    @property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """What speaks, most urgent first."""
        return tuple(answer for answer in self.answers if isinstance(answer, Recommendation))

    @property
    def silences(self) -> tuple[Silence, ...]:
        """What does not speak, and why."""
        return tuple(answer for answer in self.answers if isinstance(answer, Silence))

    @property
    def severity(self) -> int:
        """3 critical, 2 warning, 1 worth knowing, 0 nothing to change. Rival candidates count as the worst of
        them.
        """
        spoken = [
            SEVERITY[one.urgency] for one in self.recommendations if one.action not in NOTHING_TO_CHANGE
        ]
        rivals = [SEVERITY[one.worst] for one in self.silences if one.worst is not None]
        return max([*spoken, *rivals], default=0)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Genes of the drug without a usable result."""
        reasons = (
            SilenceReason.GENE_NOT_TESTED,
            SilenceReason.GENE_NOT_CALLED,
            SilenceReason.GENE_INDETERMINATE,
        )
        silent = [gene for one in self.silences if one.reason in reasons for gene in one.genes]
        passed = [gene for one in self.recommendations for gene in one.unknown_genes]
        return tuple(dict.fromkeys([*silent, *passed]))


def consider(
    rules: Ruleset,
    calls: Mapping[str, GeneCall],
    drug: Drug,
    moment: Moment,
    taken: Collection[Drug] | None = None,
) -> Consideration:
    """What guidance says of the drug, given what is taken with it (by default what the moment says); never
    less urgent than without it.
    """
    with_it = moment.drugs_taken if taken is None else taken
    conversions = convert(rules.pgx, rules.inhibitors, calls, with_it, ordered=drug)
    populations = populations_for(rules.phrases.populations, rules.pgx, drug, moment)

    def ask(acting: tuple[Conversion, ...]) -> Consideration:
        answers = recommend(
            rules.pgx, rules.phrases, calls, drug, populations=populations, conversions=acting
        )
        return Consideration(drug, answers, acting)

    inhibited = ask(conversions)
    if not conversions:
        return inhibited
    alone = ask(())
    return _with_note(rules, alone, conversions) if alone.severity > inhibited.severity else inhibited


def _with_note(rules: Ruleset, alone: Consideration, conversions: tuple[Conversion, ...]) -> Consideration:
    """What the genotype alone advises, said to be so: an inhibitor never makes advice less urgent, since it
    may act in part and may be stopped tomorrow.
    """
    note = " ".join(
        rules.phrases.say(
            "inhibited",
            gene=one.gene,
            drugs=" and ".join(one.by),
            phenotype=" or ".join(map(rules.phrases.phenotype, dict.fromkeys(one.phenotypes.values()))),
        )
        for one in conversions
    )
    answers = tuple(
        replace(one, text=f"{one.text} {note}") if isinstance(one, Recommendation) else one
        for one in alone.answers
    )
    return replace(alone, answers=answers, conversions=conversions)
