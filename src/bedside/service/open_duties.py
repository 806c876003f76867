"""Which tasks new or changed meanings open: top-tier findings about medicines that people take now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from bedside.act.tasks import due_from, open_tasks
from bedside.decide.consider import consider
from bedside.decide.moment import Moment, Taken, age_on
from bedside.decide.recommendation import Recommendation, Urgency
from bedside.decide.silence import spoken
from bedside.genome.code import System
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import ItemStatus
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.hook import Hook, Scope
from bedside.knowledge.ruleset import Ruleset
from bedside.service.house import House
from bedside.service.rules import rules_of


def duties(
    house: House, calls_of: Mapping[str, Mapping[str, GeneCall]], actor: str, now: datetime
) -> Iterator[NewEvent]:
    """The tasks that these people's calls open; a finding that has its task already opens none when
    appended."""
    if not calls_of:
        return
    rules = rules_of(house).ruleset
    hook = next((hook for hook in rules.hooks.values() if hook.scope is Scope.CURRENT_MEDICATIONS), None)
    if hook is None:
        return
    tiers = rules.phrases.tiers
    due = due_from(tiers.task, now.date())
    for person, calls in calls_of.items():
        found = _findings(house, rules, hook, person, calls, now.date())
        for task in open_tasks(person, found, tiers, due):
            payload = {
                "task": task.task,
                "kind": task.kind,
                "summary": task.summary,
                "owner": task.owner,
                "due": task.due.isoformat(),
                "about": dict(task.about),
            }
            yield NewEvent(EventKind.TASK_OPENED, actor, now, person, payload, task.task)


def _findings(
    house: House, rules: Ruleset, hook: Hook, person: str, calls: Mapping[str, GeneCall], day: date
) -> Sequence[Recommendation]:
    moment = _moment(house, rules, hook, person, day)
    return [
        one
        for drug in moment.drugs_taken
        for one in spoken(hook, consider(rules, calls, drug, moment))[0]
        if one.urgency is Urgency.CRITICAL
    ]


def _moment(house: House, rules: Ruleset, hook: Hook, person: str, day: date) -> Moment:
    known = house.ledger.person(person)
    born = None if known is None else known.birth_date
    taken = tuple(
        Taken(drug, None if one.since is None else (day - one.since).days)
        for one in house.ledger.medications(person)
        if one.status is ItemStatus.ACTIVE
        for drug in rules.drugs.find((one.drug,), one.drug.display)
    )
    problems = frozenset(
        problem.condition.code
        for problem in house.ledger.problems(person)
        if problem.condition.system is System.SNOMED_CT and problem.status is not ItemStatus.ENTERED_IN_ERROR
    )
    age = None if born is None or born > day else age_on(born, day)
    return Moment(hook.hook, day, taken=taken, medications_known=True, age=age, problems=problems)
