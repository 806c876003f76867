"""Proposals to make a rule quieter or to reword it, and what people decided about them.

    made → approved → (reverted by an approved proposal to revert)
         → refused

Whoever made a proposal cannot approve it; anybody who may decide can refuse it, its maker too. A rule of the
top tier has no proposals: making one is refused where it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from bedside.genome.event import Event, EventKind
from bedside.knowledge.alert_policy import Quieter, SiteOverride, read_override

PROPOSAL_KINDS = (EventKind.PROPOSAL_MADE, EventKind.PROPOSAL_DECIDED)
APPROVED, REFUSED = "approved", "refused"


class ProposalState(Enum):
    """Where a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class Change:
    """What is proposed: the card passive or silent (to), other words, for some roles (empty: all); or to
    revert an earlier decision."""

    to: Quieter | None = None
    words: str = ""
    roles: tuple[str, ...] = ()
    reverts: str = ""

    def __post_init__(self) -> None:
        if bool(self.reverts) == bool(self.to is not None or self.words):
            raise ValueError("a proposal makes a rule quieter, rewords it, or reverts a decision")

    @property
    def told(self) -> str:
        """The change in a few words."""
        if self.reverts:
            return f"take back decision {self.reverts}"
        parts = [f"make {self.to.value}" if self.to else "", f"reword: {self.words}" if self.words else ""]
        whom = f" for {', '.join(self.roles)}" if self.roles else ""
        return " and ".join(part for part in parts if part) + whom


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. evidence: the figures it was made on. override: what was approved. cycle: the cycle in
    which the change is studied."""

    proposal: str
    rule: str
    drug: str
    change: Change
    why: str
    evidence: Mapping[str, Any]
    made_by: str
    made_at: datetime
    aim: str = ""
    measure: str = ""
    prediction: str = ""
    state: ProposalState = ProposalState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    override: SiteOverride | None = None
    cycle: str = ""
    rules_then: str = ""


def proposals(events: Iterable[Event]) -> dict[str, Proposal]:
    """Every proposal by its id, from events in the order of the ledger."""
    found: dict[str, Proposal] = {}
    for event in events:
        name = str(event.payload.get("proposal", ""))
        if event.kind is EventKind.PROPOSAL_MADE and _about_alerts(event):
            found[name] = _made(name, event)
        elif event.kind is EventKind.PROPOSAL_DECIDED and name in found:
            found[name] = _after(found[name], event)
            reverted = found[name].change.reverts
            if found[name].state is ProposalState.APPROVED and reverted in found:
                found[reverted] = replace(found[reverted], state=ProposalState.REVERTED)
    return found


def decided(event: Event) -> bool:
    """Whether an event decides about a rule's cards; other proposals of a programme do not."""
    return event.kind is EventKind.PROPOSAL_DECIDED and (
        "override" in event.payload or "reverts" in event.payload
    )


def in_force(decisions: Iterable[Event]) -> tuple[SiteOverride, ...]:
    """The overrides that were approved and not reverted, in the order decided; the last about a rule
    holds."""
    held: dict[str, SiteOverride] = {}
    for event in decisions:
        said = event.payload
        if said["decision"] != APPROVED:
            continue
        if said.get("override"):
            one = read_override(said["override"])
            held.pop(one.override, None)
            held[one.override] = one
        held.pop(str(said.get("reverts", "")), None)
    return tuple(held.values())


def write_change(change: Change) -> dict[str, Any]:
    """The change as plain values."""
    return {
        "to": change.to.value if change.to else "",
        "words": change.words,
        "roles": list(change.roles),
        "reverts": change.reverts,
    }


def read_change(said: Mapping[str, Any]) -> Change:
    """The change that plain values describe. Raises ValueError."""
    return Change(
        Quieter(said["to"]) if said.get("to") else None,
        str(said.get("words", "")),
        tuple(str(role) for role in said.get("roles", ())),
        str(said.get("reverts", "")),
    )


def _about_alerts(event: Event) -> bool:
    """Whether a proposal is about a rule's cards; a programme may propose other things."""
    change = event.payload["change"]
    return isinstance(change, Mapping) and {"to", "reverts"} <= change.keys()


def _made(name: str, event: Event) -> Proposal:
    said = event.payload
    return Proposal(
        proposal=name,
        rule=str(said["rule"]),
        drug=str(said.get("drug", "")),
        change=read_change(said["change"]),
        why=str(said.get("why", "")),
        evidence=said.get("evidence", {}),
        made_by=event.actor,
        made_at=event.valid_at,
        aim=str(said.get("aim", "")),
        measure=str(said.get("measure", "")),
        prediction=str(said.get("prediction", "")),
    )


def _after(one: Proposal, event: Event) -> Proposal:
    said = event.payload
    override = said.get("override")
    return replace(
        one,
        state=ProposalState.APPROVED if said["decision"] == APPROVED else ProposalState.REFUSED,
        decided_by=event.actor,
        decided_at=event.valid_at,
        reason=str(said["reason"]),
        override=read_override(override) if override else None,
        cycle=str(said.get("cycle", "")),
        rules_then=str(said.get("rules", "")),
    )
