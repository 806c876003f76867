"""People whom nobody has diagnosed, ranked again under every release: what changed since the last look.

Only features that somebody confirmed are ranked. What came of it is on the ledger with the release it rests
on, so that any past ranking can be had again; a change worth a look is a task that somebody owns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bedside.act.pathway_walk import said as signal_said
from bedside.act.rank_change import Place, RankChange, RankPolicy, changes
from bedside.act.tasks import due_from
from bedside.genome.case import Case
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.features import KINDS
from bedside.interpret.phenotype_rank import Ranked, rank_diseases
from bedside.knowledge.care_pathway import Condition
from bedside.knowledge.unsolved_policy import UnsolvedPolicy, load_unsolved_policy
from bedside.service.features import confirmed_case
from bedside.service.house import House
from bedside.service.pathway_signals import meanings_of, signals_of
from bedside.service.rank_cases import Ranker

SOLVED = (Condition("result-reviewed", (("finding", frozenset({"diagnosis"})),)),)
"""What says that somebody's question was answered."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One person looked at again: the ranking, what changed, and under which release it was ranked before (""
    the first time). new: whether anything was written."""

    person: str
    case: Case
    places: tuple[Ranked, ...]
    changed: tuple[RankChange, ...]
    before: str
    new: bool


def unsolved_people(house: House) -> Iterator[str]:
    """Everybody with a feature that somebody decided about, and no diagnosis on record."""
    people = dict.fromkeys(
        event.person for event in house.ledger.events(kinds=KINDS) if event.person is not None
    )
    meanings = meanings_of(house)
    for person in people:
        if not any(signal_said(SOLVED, one) for one in signals_of(house, person, meanings)):
            yield person


def look_again(house: House, ranker: Ranker, *, by: str, write: bool = True) -> tuple[Looked, ...]:
    """Rank every unsolved person under a release. A person whose features and release are as at the last look
    is ranked to be shown, and nothing is written."""
    policy = load_unsolved_policy(house.settings.knowledge_folder)
    found = []
    for person in unsolved_people(house):
        case = confirmed_case(house, person)
        if case.observed:
            found.append(_looked(house, ranker, policy, person, case, by, write))
    return tuple(found)


def last_ranking(house: House, person: str) -> Mapping[str, Any] | None:
    """What was kept of a person's last ranking; None where there was none."""
    held = None
    for event in house.ledger.events(person=person, kinds=(EventKind.CASE_RANKED,)):
        held = event.payload
    return held


def _looked(
    house: House, ranker: Ranker, policy: UnsolvedPolicy, person: str, case: Case, by: str, write: bool
) -> Looked:
    places = rank_diseases(ranker.scorer, case, policy.kept)
    terms = _digest(case)
    held = last_ranking(house, person)
    after = tuple(Place(one.id, one.label, one.rank, one.posterior) for one in places)
    changed: tuple[RankChange, ...] = ()
    if held is not None and held["release"] != ranker.release:
        before = tuple(Place(**one) for one in held["places"])
        changed = changes(before, after, RankPolicy(policy.near, policy.least, policy.times))
    new = held is None or held["release"] != ranker.release or held["terms"] != terms
    if new and write:
        _write(house, ranker, policy, person, terms, after, changed, by)
    return Looked(person, case, places, changed, "" if held is None else str(held["release"]), new and write)


def _write(
    house: House,
    ranker: Ranker,
    policy: UnsolvedPolicy,
    person: str,
    terms: str,
    after: tuple[Place, ...],
    changed: tuple[RankChange, ...],
    by: str,
) -> None:
    now = house.clock()
    mark = f"{person}:{terms}:{ranker.release}"
    payload = {
        "release": ranker.release,
        "terms": terms,
        "places": [
            {"id": one.id, "label": one.label, "rank": one.rank, "posterior": round(one.posterior, 6)}
            for one in after
        ],
        "changes": [_said(one) for one in changed],
    }
    events = [NewEvent(EventKind.CASE_RANKED, by, now, person, payload, f"ranked:{mark}")]
    if changed:
        due = due_from(policy.task, now.date())
        task = {
            "task": f"{policy.task.kind}:{mark}",
            "kind": policy.task.kind,
            "summary": f"{len(changed)} diseases came nearer under a new release; look at the case again",
            "owner": policy.task.owner,
            "due": due.due.isoformat(),
            "about": {
                "release": ranker.release,
                "diseases": [one.after.id for one in changed],
                "escalate_on": due.escalate.isoformat(),
                "escalate_to": policy.task.escalate_to,
            },
        }
        events.append(NewEvent(EventKind.TASK_OPENED, by, now, person, task, str(task["task"])))
    house.ledger.append(events)


def _said(one: RankChange) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "id": one.after.id,
        "label": one.after.label,
        "rank": one.after.rank,
        "before": None if one.before is None else one.before.rank,
    }


def _digest(case: Case) -> str:
    text = "\n".join(("+", *sorted(case.observed), "-", *sorted(case.excluded)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
