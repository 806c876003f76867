"""Whether a care pathway does what its examples say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bedside.act.pathway_guards import fired
from bedside.act.pathway_moves import moves
from bedside.act.pathway_state import states
from bedside.knowledge.calendars import Calendar
from bedside.knowledge.care_pathway import CarePathway
from bedside.knowledge.pathway_examples import PathwayExample


def differences(
    pathway: CarePathway, example: PathwayExample, calendars: Mapping[str, Calendar]
) -> Iterator[str]:
    """Everything in which an example's case is not what the example says."""
    calendar = calendars[pathway.calendar]
    cases = states(pathway, "example", example.signals, example.at)
    if len(cases) != 1:
        yield f"{example.says}: {len(cases)} cases began, not one"
        return
    (case,) = cases
    ended = "" if case.ended is None else case.ended.reason
    if ended != example.ended:
        yield f"{example.says}: ended with {ended or 'nothing'}, not with {example.ended or 'nothing'}"
    found = moves(pathway, case, calendar, example.at)
    if (now_open := {one.step for one in found}) != example.open:
        yield f"{example.says}: open {_list(now_open)}, not {_list(example.open)}"
    for step, owner in example.owners.items():
        owners = {one.owner for one in found if one.step == step}
        if owners != {owner}:
            yield f"{example.says}: {step} belongs to {_list(owners)}, not to {owner}"
    warned = fired(pathway, "example", case.case, example.signals, calendar, example.at)
    if (names := {one.guard for one in warned}) != example.fired:
        yield f"{example.says}: fired {_list(names)}, not {_list(example.fired)}"


def _list(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
