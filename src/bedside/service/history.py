"""The events of a record in words, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bedside.genome.event import Event, EventKind
from bedside.genome.person import ItemStatus
from bedside.service.chart import HistoryLine

_NOT_TOLD = frozenset({EventKind.ACCESSED, EventKind.ACCESS_REFUSED})


def history(events: Iterable[Event], summaries: Mapping[str, str], most: int = 40) -> tuple[HistoryLine, ...]:
    """The newest events, newest first; who looked is for the audit and is not told here. summaries: what may
    be said of each task."""
    told = [event for event in events if event.kind not in _NOT_TOLD]
    return tuple(
        HistoryLine(event.known_at, event.valid_at, what_happened(event, summaries), event.actor)
        for event in reversed(told[-most:])
    )


def what_happened(event: Event, summaries: Mapping[str, str]) -> str:
    """One event in a short sentence."""
    said = event.payload
    named = str(said.get("display") or said.get("code", ""))
    match event.kind:
        case EventKind.PERSON_REGISTERED:
            return "Registered"
        case EventKind.MEDICATION_RECORDED:
            return f"{named}: {_DRUG[ItemStatus(said['status'])]}"
        case EventKind.PROBLEM_RECORDED:
            return f"{named}: {_PROBLEM[ItemStatus(said['status'])]}"
        case EventKind.RESULT_ACCEPTED:
            return f"Result of {said.get('laboratory') or 'a laboratory'} accepted"
        case EventKind.RESULT_WITHDRAWN:
            return f"Result withdrawn: {said['reason']}"
        case EventKind.MEANINGS_DERIVED:
            return f"Results read under {str(said['release']).partition('#')[0]}"
        case EventKind.HOOK_ANSWERED:
            return (
                _counted(len(said["cards"]), "card shown", "cards shown")
                if said["cards"]
                else "Order checked"
            )
        case EventKind.FEEDBACK_RECEIVED:
            return f"Card {said['outcome']}"
        case EventKind.ORDER_SET_FILTERED:
            return "Order set filtered"
        case EventKind.TASK_OPENED:
            return f"Task opened: {summaries[said['task']]}"
        case EventKind.TASK_CLOSED:
            return f"Task closed: {said['outcome']}"
        case EventKind.GLASS_BROKEN:
            return f"Opened in an emergency: {said['reason']}"
        case EventKind.CONSULT_DRAFTED:
            return f"Question to another site {said.get('draft', 'written')}"
        case EventKind.SITE_QUEUED | EventKind.SITE_RECEIVED if said["kind"] == "econsult":
            return f"eConsult {str(said['body']['kind']).replace('-', ' ')}"
    return str(event.kind.value).replace("-", " ").capitalize()


_DRUG = {
    ItemStatus.ACTIVE: "taken",
    ItemStatus.ENDED: "no longer taken",
    ItemStatus.ENTERED_IN_ERROR: "was entered in error",
}
_PROBLEM = {
    ItemStatus.ACTIVE: "on the problem list",
    ItemStatus.ENDED: "no longer a problem",
    ItemStatus.ENTERED_IN_ERROR: "was entered in error",
}


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
