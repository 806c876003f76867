"""What a tumour board says of a case: the recommendation as structured facts, and the steps of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any


class BoardStep(Enum):
    """What happens to a case."""

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    NOTED = "noted"
    RECOMMENDED = "recommended"
    SIGNED = "signed"
    FOLLOWED = "followed"
    NOT_FOLLOWED = "not-followed"
    WITHDRAWN = "withdrawn"


class AdviceKind(Enum):
    """What is recommended."""

    TREATMENT = "treatment"
    TRIAL = "trial"
    FURTHER_TEST = "further-test"
    NO_CHANGE = "no-change"


class BoardPriority(Enum):
    """How soon it has to be done."""

    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"


class UseType(Enum):
    """How a medicine would be used."""

    IN_LABEL = "in-label"
    OFF_LABEL = "off-label"
    COMPASSIONATE = "compassionate"
    NO_MEDICINE = "no-medicine"


@dataclass(frozen=True, slots=True)
class BoardAdvice:
    """A recommendation. what: the regimen, trial or test; treatment: its class (`targeted`), "" where it is
    no treatment; rxnorm: the parts of a regimen; evidence: statements, papers; owner, due: who does it by
    when, without which it cannot be signed."""

    kind: AdviceKind
    what: str = ""
    treatment: str = ""
    use: UseType = UseType.NO_MEDICINE
    rxnorm: tuple[str, ...] = ()
    priority: BoardPriority = BoardPriority.ROUTINE
    evidence: tuple[str, ...] = ()
    why: str = ""
    owner: str = ""
    due: date | None = None


def plain_advice(one: BoardAdvice) -> dict[str, Any]:
    """A recommendation as plain values."""
    return {
        "kind": one.kind.value,
        "what": one.what,
        "treatment": one.treatment,
        "use": one.use.value,
        "rxnorm": list(one.rxnorm),
        "priority": one.priority.value,
        "evidence": list(one.evidence),
        "why": one.why,
        "owner": one.owner,
        "due": "" if one.due is None else one.due.isoformat(),
    }


def read_advice(plain: Mapping[str, Any]) -> BoardAdvice:
    """The recommendation of plain values."""
    return BoardAdvice(
        AdviceKind(plain["kind"]),
        plain["what"],
        plain["treatment"],
        UseType(plain["use"]),
        tuple(plain["rxnorm"]),
        BoardPriority(plain["priority"]),
        tuple(plain["evidence"]),
        plain["why"],
        plain["owner"],
        date.fromisoformat(plain["due"]) if plain["due"] else None,
    )


def gaps(one: BoardAdvice) -> tuple[tuple[str, str], ...]:
    """What a recommendation lacks before it can be signed: the field, and what is wrong with it."""
    found = []
    if not one.owner.strip():
        found.append(("owner", "nobody is named who is responsible"))
    if one.due is None:
        found.append(("due", "no day is set by which it is done"))
    if one.kind is not AdviceKind.NO_CHANGE and not one.what.strip():
        found.append(("what", "what is recommended is not said"))
    if one.kind is AdviceKind.TREATMENT and not one.treatment:
        found.append(("treatment", "the class of the treatment is not said"))
    if not one.why.strip():
        found.append(("why", "why it is recommended is not said"))
    if one.kind is AdviceKind.TREATMENT and one.rxnorm and one.use is UseType.NO_MEDICINE:
        found.append(("use", "how the medicine would be used is not said"))
    return tuple(found)
