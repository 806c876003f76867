"""What the genome says about each medicine a person takes now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from bedside.decide.alternatives import alternatives_to
from bedside.decide.consider import NOTHING_TO_CHANGE, consider
from bedside.decide.moment import Moment, Taken, age_on
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason
from bedside.genome.code import PROBLEM_SYSTEMS
from bedside.genome.person import ItemStatus, Medication, Problem
from bedside.genome.record import PersonState
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import Action, Drug
from bedside.knowledge.ruleset import Ruleset
from bedside.service.chart import MedicineLine, SilentRule, Verdict
from bedside.service.chart_rows import cannot_say, merged_guidance, silent_rule


def medicine_lines(
    rules: Ruleset, calls: Mapping[str, GeneCall], state: PersonState, day: date
) -> tuple[MedicineLine, ...]:
    """The current medicines as of a day, those to act on first."""
    current = [medication for medication in state.medications if medication.status is ItemStatus.ACTIVE]
    drugs = {medication: rules.drugs.find((medication.drug,)) for medication in current}
    moment = moment_of(rules, state, drugs, day)
    lines = [_line(rules, calls, medication, drugs[medication], moment) for medication in current]
    verdicts = list(Verdict)
    return tuple(sorted(lines, key=lambda line: (verdicts.index(line.verdict), line.name.casefold())))


def moment_of(
    rules: Ruleset, state: PersonState, drugs: Mapping[Medication, tuple[Drug, ...]], day: date
) -> Moment:
    """The moment of opening the chart: no draft, but age, problems and medicines as the record has them."""
    taken = tuple(
        Taken(drug, None if medication.since is None else (day - medication.since).days)
        for medication, found in drugs.items()
        for drug in found
    )
    born = None if state.person is None else state.person.birth_date
    age = None if born is None else age_on(born, day)
    return Moment("patient-view", day, (), taken, True, age, problem_codes(state.problems))


def problem_codes(problems: Iterable[Problem]) -> frozenset[str]:
    """The codes of the problem list, without what was entered in error."""
    return frozenset(
        problem.condition.code
        for problem in problems
        if problem.status is not ItemStatus.ENTERED_IN_ERROR and problem.condition.system in PROBLEM_SYSTEMS
    )


def _line(
    rules: Ruleset,
    calls: Mapping[str, GeneCall],
    medication: Medication,
    drugs: tuple[Drug, ...],
    moment: Moment,
) -> MedicineLine:
    name = medication.drug.display or (drugs[0].name if drugs else medication.drug.code)
    enzymes = (one.gene for drug in drugs for one in rules.inhibitors.by_rxnorm.get(drug.rxnorm, ()))
    inhibits = tuple(dict.fromkeys(enzymes))
    if not drugs:
        unknown = SilentRule("", name, SilenceReason.DRUG_NOT_RECOGNISED.value)
        return MedicineLine(name, medication.since, Verdict.WITHOUT_GUIDANCE, (), (unknown,), inhibits)
    considered = [consider(rules, calls, drug, moment) for drug in drugs]
    instead = {
        each.drug.name: tuple(one.drug.name for one in alternatives_to(rules, calls, each, moment))
        for each in considered
        if each.severity > 1
    }
    told = [one for each in considered for one in each.recommendations]
    silent = [one for each in considered for one in each.silences]
    acting = [one for one in told if one.action not in NOTHING_TO_CHANGE]
    return MedicineLine(
        name=name,
        since=medication.since,
        verdict=_verdict(acting, told, silent),
        guidance=tuple(
            replace(one, alternatives=instead.get(one.drug, ()))
            for one in merged_guidance(acting or told, rules.phrases)
        ),
        silences=tuple(silent_rule(silence) for silence in silent),
        inhibits=inhibits,
    )


def _verdict(
    acting: Collection[Recommendation], told: Collection[Recommendation], silent: Collection[Silence]
) -> Verdict:
    if acting:
        return Verdict.ACT
    passed_over = any(one.action is Action.NO_RECOMMENDATION and one.unknown_genes for one in told)
    if passed_over or any(cannot_say(silence) for silence in silent):
        return Verdict.CANNOT_SAY
    standard = any(answer.action is Action.STANDARD_DOSING for answer in told)
    return Verdict.STANDARD if standard else Verdict.WITHOUT_GUIDANCE
