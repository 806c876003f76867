"""The two ways an evaluated rule can end: a recommendation, or a reasoned silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bedside.genome.citation import Citation, Release
from bedside.knowledge.pgx import Action, Dose, Drug, Strength
from bedside.knowledge.tiers import Urgency as Urgency


@dataclass(frozen=True, slots=True)
class Basis:
    """One gene's part in a recommendation: what it was looked up with, and why that is not what the genotype
    says.
    """

    gene: str
    diplotypes: tuple[str, ...]
    phenotype: str
    activity_score: str
    lookup_key: str
    converted_by: tuple[str, ...] = ()
    genotype_phenotype: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A drug that may be ordered instead; `checked` says against which genes it was found no worse."""

    drug: Drug
    checked: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do about one drug for one person, for one population, and everything it rests on.

    summary: one sentence that says the action. why: one line that gives the reason. text: both and the dose
    or monitoring, composed in our own words from the codes. review_state: shown wherever the recommendation
    is shown. unknown_genes: genes of the drug without a usable result, that the guideline row passes over;
    always said in words. level: the strongest level at which the source holds the gene-drug pairs behind it
    (CPIC A…D). qualified: the guideline says more than the
    bare action. held_back: why it goes no further than its urgency, "" when nothing holds it back.
    """

    guidance_id: str
    drug: Drug
    population: str
    action: Action
    strength: Strength
    urgency: Urgency
    basis: tuple[Basis, ...]
    citation: Citation
    source: str
    release: Release
    review_state: str
    summary: str
    why: str
    text: str
    dose: Dose | None = None
    monitor: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    unknown_genes: tuple[str, ...] = ()
    level: str = ""
    qualified: bool = False
    held_back: str = ""


class SilenceReason(Enum):
    """Why an evaluated rule says nothing."""

    NO_GUIDANCE_FOR_DRUG = "no guidance for this drug"
    DRUG_NOT_RECOGNISED = "drug not recognised"
    DRAFT_WITHOUT_DRUG = "draft order names no drug"
    GENE_NOT_TESTED = "gene not tested"
    GENE_NOT_CALLED = "gene tested but not called"
    GENE_INDETERMINATE = "meaning of the genotype not known"
    CANDIDATES_DISAGREE = "candidate diplotypes disagree"
    OTHER_PHENOTYPE = "rule is for another phenotype"
    OTHER_POPULATION = "rule is for another population"
    STANDARD_DOSING = "guideline advises standard dosing"
    NO_RECOMMENDATION = "guideline gives no recommendation"
    ALREADY_SHOWN = "shown recently for the same order"
    NOT_CLINICAL = "result not confirmed for clinical use"
    NOT_THE_PATIENT = "about another patient"
    NOT_AN_ORDER = "order does not ask for the drug to be given"
    BELOW_THIS_HOOK = "not urgent enough for this hook"
    DECIDED = "made quieter by a decision of this site"
    REPEATED = "said before in this encounter"
    MERGED = "said by a card at least as urgent"
    TOLERATED = "taken for long at the same dose"
    OVER_BUDGET = "over the budget of its rule"
    WAITS = "waits as a task"


@dataclass(frozen=True, slots=True)
class Silence:
    """A rule that was evaluated and did not speak: which, why, and what would make it speak.

    least: how urgent it is whatever they turn out to be; None when that is not known.
    genes: the genes it waits for. worst: how urgent it could be once they are known; None when that is not
    known.
    """

    rule: str
    drug: str
    reason: SilenceReason
    detail: str = ""
    genes: tuple[str, ...] = ()
    worst: Urgency | None = None
    least: Urgency | None = None
