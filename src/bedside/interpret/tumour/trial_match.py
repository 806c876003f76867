"""Whether a trial is for a person's tumour: four answers, what it rests on, or the one criterion in the
way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bedside.genome.answer import Answer, all_of, any_of
from bedside.genome.tumour import Tumour
from bedside.interpret.tumour.judge import Known, judge
from bedside.interpret.tumour.trial_genomic import genomic
from bedside.knowledge.oncotree import OncoTree
from bedside.knowledge.trials import Arm, Clinical, Criterion, Either, Every, Genomic, Trial

SOLID, LIQUID = ("_SOLID_", "All Solid Tumors"), ("_LIQUID_", "All Liquid Tumors")
_NUMBER = re.compile(r"(>=|<=|>|<|=)?\s*([0-9.]+)")
_MARKERS = {
    "her2_status": "HER2_status", "er_status": "ER", "pr_status": "PR", "mmr_status": "mmr",
    "ms_status": "msi", "pdl1_status": "PDL1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Patient:
    """What a trial asks of the person. age: in years; sex, disease_status, and the receptors as reported
    (`positive`, `negative`); what is not given is not known."""

    age: float | None = None
    sex: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One criterion judged."""

    criterion: Genomic | Clinical
    answer: Answer
    why: str


@dataclass(frozen=True, slots=True)
class TrialMatch:
    """One arm judged. blocking: the one criterion that, met, would make it a yes; "" where there is none or
    there are several. met: the criteria that hold."""

    trial: Trial
    arm: Arm
    answer: Answer
    met: tuple[str, ...]
    blocking: str
    why: str


def match_trials(
    trials: Sequence[Trial], tree: OncoTree, tumour: Tumour, patient: Patient, known: Known
) -> tuple[TrialMatch, ...]:
    """Every arm of every trial, the open and fitting ones first. A closed trial or arm is a no, and says
    so."""
    found = [_arm(trial, arm, tree, tumour, patient, known) for trial in trials for arm in trial.arms]
    order = [Answer.YES, Answer.UNDETERMINED, Answer.NOT_REPORTED, Answer.NO]
    return tuple(
        sorted(found, key=lambda m: (order.index(m.answer), not m.blocking, m.trial.name, m.arm.code))
    )


def _arm(
    trial: Trial, arm: Arm, tree: OncoTree, tumour: Tumour, patient: Patient, known: Known
) -> TrialMatch:
    leaves: dict[Criterion, Leaf] = {}
    answer = _judge(arm.criterion, tree, tumour, patient, known, leaves)
    met = tuple(leaf.why for leaf in leaves.values() if leaf.answer is Answer.YES)
    if not (trial.open and arm.open):
        shut = "the trial is not open" if not trial.open else f"{arm.level} {arm.code} takes nobody now"
        return TrialMatch(trial, arm, Answer.NO, met, shut if answer is Answer.YES else "", shut)
    if answer is Answer.YES:
        return TrialMatch(trial, arm, answer, met, "", "; ".join(met))
    ways = [
        leaf
        for criterion, leaf in leaves.items()
        if leaf.answer is not Answer.YES
        and _again(arm.criterion, {**_answers(leaves), criterion: Answer.YES}) is Answer.YES
    ]
    blocking = ways[0].why if ways else ""
    reasons = [leaf.why for leaf in leaves.values() if leaf.answer is answer]
    return TrialMatch(trial, arm, answer, met, blocking, blocking or "; ".join(dict.fromkeys(reasons)))


def _answers(leaves: Mapping[Criterion, Leaf]) -> dict[Criterion, Answer]:
    return {criterion: leaf.answer for criterion, leaf in leaves.items()}


def _again(criterion: Criterion, answers: Mapping[Criterion, Answer]) -> Answer:
    match criterion:
        case Every():
            return all_of(_again(one, answers) for one in criterion.criteria)
        case Either():
            return any_of(_again(one, answers) for one in criterion.criteria)
        case _:
            return answers[criterion]


def _judge(
    criterion: Criterion,
    tree: OncoTree,
    tumour: Tumour,
    patient: Patient,
    known: Known,
    leaves: dict[Criterion, Leaf],
) -> Answer:
    match criterion:
        case Every():
            return all_of([_judge(one, tree, tumour, patient, known, leaves) for one in criterion.criteria])
        case Either():
            return any_of([_judge(one, tree, tumour, patient, known, leaves) for one in criterion.criteria])
        case Genomic():
            leaf = _genomic(criterion, tumour, known)
        case Clinical():
            leaf = _clinical(criterion, tree, tumour, patient)
    leaves[criterion] = leaf
    return leaf.answer


def _genomic(criterion: Genomic, tumour: Tumour, known: Known) -> Leaf:
    try:
        rule = genomic(dict(criterion.asked))
    except ValueError as error:
        return Leaf(criterion, Answer.UNDETERMINED, f"{_shown(criterion)}: {error}")
    found = judge(rule, tumour, known)
    return Leaf(criterion, found.answer, f"{_shown(criterion)}: {'; '.join(found.why)}")


def _clinical(criterion: Clinical, tree: OncoTree, tumour: Tumour, patient: Patient) -> Leaf:
    answers = [(key, *_one(key, value, tree, tumour, patient)) for key, value in criterion.asked]
    answer = all_of(one for _, one, _ in answers)
    deciding = [why for _, one, why in answers if one is answer] if answer is not Answer.YES else []
    return Leaf(criterion, answer, "; ".join(deciding) or _shown(criterion))


def _one(key: str, value: str, tree: OncoTree, tumour: Tumour, patient: Patient) -> tuple[Answer, str]:
    said = f"{key} {value}"
    match key:
        case "oncotree_primary_diagnosis":
            return _diagnosis(value, tree, tumour.oncotree)
        case "age_numerical":
            if patient.age is None:
                return Answer.NOT_REPORTED, f"{said}: age is not known"
            return _compared(value, patient.age), f"{said}: is {patient.age:g}"
        case "gender":
            if not patient.sex:
                return Answer.NOT_REPORTED, f"{said}: sex is not known"
            return _words(value, patient.sex), f"{said}: is {patient.sex}"
        case "tmb_numerical":
            numbers = [one.number for one in tumour.markers("tmb") if one.number is not None]
            if len(numbers) != 1:
                return Answer.NOT_REPORTED, f"{said}: not reported"
            return _compared(value, numbers[0]), f"{said}: is {numbers[0]:g}"
        case _:
            given = patient.said.get(key, "") or _marker(key, tumour)
            if given:
                return _words(value, given), f"{said}: is {given}"
            if key in _MARKERS or key == "disease_status":
                return Answer.NOT_REPORTED, f"{said}: not reported"
            return Answer.UNDETERMINED, f"{said}: a criterion that is not understood here"


def _marker(key: str, tumour: Tumour) -> str:
    found = {one.value for one in tumour.markers(_MARKERS.get(key, ""))}
    return found.pop() if len(found) == 1 else ""


def _diagnosis(value: str, tree: OncoTree, code: str) -> tuple[Answer, str]:
    wanted, opposite = value.removeprefix("!"), value.startswith("!")
    said = f"tumour type {value}"
    if wanted in SOLID:
        answer = Answer.YES if tree.solid(code) else Answer.NO
    elif wanted in LIQUID:
        answer = Answer.NO if tree.solid(code) else Answer.YES
    else:
        codes = [one.code for one in tree.by_code.values() if wanted in (one.name, one.code)]
        if not codes:
            return Answer.UNDETERMINED, f"{said}: no such type in {tree.version}"
        answer = Answer.YES if any(tree.is_a(code, one) for one in codes) else Answer.NO
    return (answer.negated if opposite else answer), f"{said}: is {tree.of(code).name}"


def _compared(asked: str, value: float) -> Answer:
    found = _NUMBER.fullmatch(asked.strip())
    if found is None:
        return Answer.UNDETERMINED
    sign, limit = found[1] or "=", float(found[2])
    holds = {
        ">=": value >= limit, "<=": value <= limit, ">": value > limit, "<": value < limit, "=": value ==
        limit,
    }[sign]  # fmt: skip
    return Answer.YES if holds else Answer.NO


def _words(asked: str, given: str) -> Answer:
    opposite = asked.startswith("!")
    wanted = {one.strip().casefold() for one in asked.removeprefix("!").split("|")}
    answer = Answer.YES if given.strip().casefold() in wanted else Answer.NO
    if "unknown" in wanted:
        answer = Answer.UNDETERMINED
    return answer.negated if opposite else answer


def _shown(criterion: Genomic | Clinical) -> str:
    return ", ".join(f"{key} {value}" for key, value in criterion.asked)
