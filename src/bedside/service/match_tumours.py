"""Reads tumours from a file and says which statements about therapies they meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bedside.genome.answer import Answer
from bedside.genome.tumour import Aspect, Scope, Tumour
from bedside.interpret.tumour.effects import known_effects
from bedside.interpret.tumour.match import Fitting, TherapyMatch, fitting, matched
from bedside.interpret.tumour.trial_match import Patient, TrialMatch, match_trials
from bedside.interpret.tumour.warnings import warnings_of
from bedside.knowledge.civic_release import load_civic
from bedside.knowledge.compare_evidence import Agreement, compared
from bedside.knowledge.oncotree import OncoTree, load_oncotree
from bedside.knowledge.statement_lint import load_words
from bedside.knowledge.therapies import Direction, Therapies, load_therapies
from bedside.knowledge.trials import load_most_days, read_trials, refuse_stale
from bedside.knowledge.tumour_effects import TumourEffects, load_tumour_effects
from bedside.knowledge.tumour_genes import TumourGenes, load_tumour_genes
from bedside.service.read_tumours import TumourFile, placed_tumour, read_file

COLUMNS = (
    "sample", "gene", "alteration", "tumour", "therapy", "tier", "status", "line", "logic", "reason",
    "source",
)  # fmt: skip
EXOME = Scope(everything=frozenset({Aspect.SMALL}))


@dataclass(frozen=True, slots=True)
class TumourKnowledge:
    """Everything a match rests on."""

    therapies: Therapies
    tree: OncoTree
    genes: TumourGenes
    effects: TumourEffects


def load_tumour_knowledge(root: Path | None = None) -> TumourKnowledge:
    """The packs in force; raises PackError."""
    return TumourKnowledge(
        load_therapies(root), load_oncotree(root), load_tumour_genes(root), load_tumour_effects(root)
    )


def tumours_of(path: Path, oncotree: str, held: TumourKnowledge, scope: Scope) -> tuple[Tumour, ...]:
    """The tumours of a MAF, VCF or JSON file, each variant placed. scope: what was looked at, where the
    file does not say. Raises IntakeError, or InputError for a tumour type that OncoTree does not have."""
    return tuple(placed(one, held) for one in read_tumour_file(path, oncotree, held, scope))


def read_tumour_file(path: Path, oncotree: str, held: TumourKnowledge, scope: Scope) -> tuple[Tumour, ...]:
    """The tumours of a file as they were reported, nothing placed; raises as `tumours_of` does."""
    return read_file(TumourFile(path, oncotree, scope), held.tree, held.genes).tumours


def placed(one: Tumour, held: TumourKnowledge) -> Tumour:
    """The tumour with each small variant placed in its gene; those in genes that the pack does not know are
    left out, unless the report gives them no place."""
    return placed_tumour(one, held.genes, Counter())


def judged(
    tumours: Iterable[Tumour], held: TumourKnowledge, on: date | None = None
) -> Iterator[tuple[Tumour, tuple[TherapyMatch, ...]]]:
    """Every tumour with every statement judged."""
    known = known_effects(held.effects)
    by_type: dict[str, tuple[Fitting, ...]] = {}
    for one in tumours:
        if one.oncotree not in by_type:
            by_type[one.oncotree] = fitting(held.therapies, held.tree, one.oncotree, on)
        yield one, matched(by_type[one.oncotree], one, known)


def wanted(one: TherapyMatch, answers: frozenset[Answer]) -> bool:
    """Whether a match is listed: its answer is asked for, and it is about this tumour; or a finding of this
    tumour (not the lack of one) speaks for a therapy that another tumour's label supports."""
    if one.answer not in answers:
        return False
    for_it = one.therapy.direction is Direction.SENSITIVITY
    return one.same_tumour or (one.answer is Answer.YES and for_it and bool(one.judgement.findings))


def row(one: TherapyMatch, tumour: Tumour, held: TumourKnowledge, beside: str = "") -> tuple[str, ...]:
    """A match as a line, in the order of COLUMNS: the reason ends with what is to be known of the calls.
    beside: what another source's evidence says, after the source."""
    therapy = one.therapy
    status = therapy.status.value
    if therapy.direction.value == "resistance":
        status = f"resistance ({therapy.level})"
    warned = dict.fromkeys(warnings_of(one.judgement.findings, tumour.purity, held.effects.reading))
    return (
        one.sample, therapy.gene, therapy.alteration, one.oncotree, therapy.drug, one.tier.value, status,
        therapy.setting, one.answer.value, "; ".join((one.why, *warned)), therapy.source + beside,
    )  # fmt: skip


def trials_judged(
    tumours: Iterable[Tumour], held: TumourKnowledge, folder: Path, on: date, root: Path | None = None
) -> Iterator[tuple[Tumour, tuple[TrialMatch, ...]]]:
    """Every tumour with every arm of every trial judged. Raises IntakeError for trials that cannot be read,
    or of which what we hold is too old on that day."""
    trials = read_trials(folder)
    refuse_stale(trials, on, load_most_days(root))
    known = known_effects(held.effects)
    for one in tumours:
        age = one.patient.get("age", "")
        patient = Patient(float(age) if age else None, one.patient.get("sex", ""), one.patient)
        yield one, match_trials(trials, held.tree, one, patient, known)


def trial_row(tumour: Tumour, one: TrialMatch) -> tuple[str, ...]:
    """A trial's arm as a line, in the order of COLUMNS: what is in the way stands in the reason."""
    state = "open" if one.trial.open and one.arm.open else "closed"
    reason = f"only in the way: {one.blocking}" if one.blocking else one.why
    place = f"{one.arm.level} {one.arm.code}"
    phase = f"phase {one.trial.phase}, {state}" if one.trial.phase else state
    as_of = "" if one.trial.as_of is None else f", as of {one.trial.as_of}"
    return (
        tumour.sample, "", place, tumour.oncotree, f"trial {one.trial.name}", "trial", phase, one.arm.title,
        one.answer.value, reason, f"{one.trial.file}{as_of}",
    )  # fmt: skip


def evidence_beside(held: TumourKnowledge, root: Path | None) -> Mapping[str, str]:
    """By statement the evidence of the newest CIViC release about it, in words; raises PackError when there
    is no release. Items that say the same are listed, never counted up or weighed."""
    release = load_civic(None, root)
    found: dict[str, dict[Agreement, list[str]]] = {}
    rows = [one for one in held.therapies.rows if one.checked]
    for one in compared(rows, release.evidence, load_words()):
        item = f"EID{one.evidence.number} ({one.evidence.level}{', flagged' if one.evidence.flagged else ''})"
        found.setdefault(one.therapy.name, {}).setdefault(one.agreement, []).append(item)
    name = f"{release.release.name}@{release.release.date}"
    return {
        statement: "".join(
            f"; {name} {agreement.value}: {', '.join(items)}" for agreement, items in said.items()
        )
        for statement, said in found.items()
    }
