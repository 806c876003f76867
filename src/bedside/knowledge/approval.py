"""What content rests on, and who stands for it. Both are in its header; without them nothing loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from bedside.errors import Problem


class EvidenceLevel(Enum):
    """What the facts of a piece of content rest on. A policy or wording of our own is `local policy`; a code
    system or a reference sequence is a `standard`. Their order says nothing of strength.
    """

    GUIDELINE = "guideline"
    REGULATION = "regulation"
    REVIEW = "review"
    TRIAL = "trial"
    OBSERVATIONAL = "observational"
    CONSENSUS = "consensus"
    STANDARD = "standard"
    LOCAL_POLICY = "local policy"


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Nobody has approved it; `role` is who is asked to."""

    role: str

    def __str__(self) -> str:
        return f"awaiting {self.role}"


@dataclass(frozen=True, slots=True)
class Approved:
    """A named person in a role approved it on a day."""

    role: str
    name: str
    on: date

    def __str__(self) -> str:
        return f"approved by {self.name} ({self.role}) on {self.on.isoformat()}"


Approval = Awaiting | Approved

LEVELS = ", ".join(level.value for level in EvidenceLevel)
ADD_LEVEL = f'add evidence_level = "…" (one of: {LEVELS})'
ADD_APPROVAL = 'add approval = { state = "awaiting", role = "…" }'
ADD_APPROVED = 'write approval = { state = "approved", role = "…", name = "…", on = 2026-11-26 }'


def read_level(where: str, document: Mapping[str, Any], problems: list[Problem]) -> EvidenceLevel | None:
    """The evidence level of a header, or None with the reason added to `problems`."""
    said = document.get("evidence_level")
    if not said:
        problems.append(Problem(where, "evidence_level is missing", remedy=ADD_LEVEL))
        return None
    try:
        return EvidenceLevel(said)
    except ValueError:
        problems.append(Problem(where, f"{said!r} is no evidence level", remedy=f"one of: {LEVELS}"))
        return None


def read_approval(
    where: str, document: Mapping[str, Any], retrieved: date | None, today: date, problems: list[Problem]
) -> Approval | None:
    """The approval of a header, or None with every reason added to `problems`.

    An approval of content that was retrieved later was of other content, and one dated after today has not
    happened: both are refused.
    """
    said = document.get("approval")
    if not said:
        problems.append(Problem(where, "approval is missing", remedy=ADD_APPROVAL))
        return None
    if not isinstance(said, Mapping) or said.get("state") not in ("awaiting", "approved"):
        problems.append(Problem(where, "approval says neither awaiting nor approved", remedy=ADD_APPROVAL))
        return None
    role = str(said.get("role", "")).strip()
    if not role:
        problems.append(Problem(where, "approval names no role", remedy=ADD_APPROVAL))
    if said["state"] == "awaiting":
        if "name" in said or "on" in said:
            problems.append(Problem(where, "approval awaits and names who gave it", remedy=ADD_APPROVED))
            return None
        return Awaiting(role) if role else None
    return _approved(where, said, role, retrieved, today, problems)


def _approved(
    where: str,
    said: Mapping[str, Any],
    role: str,
    retrieved: date | None,
    today: date,
    problems: list[Problem],
) -> Approved | None:
    before = len(problems)
    name, on = str(said.get("name", "")).strip(), said.get("on")
    if not name:
        problems.append(Problem(where, "approval names nobody who gave it", remedy=ADD_APPROVED))
    if type(on) is not date:
        problems.append(Problem(where, "approval does not say on which day", remedy=ADD_APPROVED))
        return None
    if on > today:
        problems.append(Problem(where, f"approval is dated {on}, which is after today ({today})"))
    if retrieved is not None and on < retrieved:
        reason = f"approval of {on} is older than the content, retrieved {retrieved}"
        problems.append(Problem(where, reason, remedy="ask for approval of what stands there now"))
    return Approved(role, name, on) if role and len(problems) == before else None
