"""What a person allowed, in layers, and for what somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Scope(Enum):
    """The layers of consent. Each is given or withdrawn by itself."""

    CLINICAL = "clinical"
    RESEARCH = "research"
    RECONTACT = "recontact"
    FAMILY = "family"
    COMMERCIAL = "commercial"


class Decision(Enum):
    """What was said about a layer. Nobody asked yet is `NOT_ASKED`, never `GIVEN`."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    NOT_ASKED = "not-asked"


class Giver(Enum):
    """Who spoke."""

    SELF = "self"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Said:
    """One layer's decision in force: when it was given, by whom, limited to which uses (GA4GH DUO codes such
    as `DUO:0000007` with their disease; empty is no limit)."""

    decision: Decision
    at: datetime | None = None
    by: Giver = Giver.SELF
    uses: tuple[str, ...] = ()


NOT_ASKED = Said(Decision.NOT_ASKED)


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's decisions in force, one for each layer that was ever spoken of."""

    person: str
    said: Mapping[Scope, Said] = field(default_factory=dict)

    def of(self, scope: Scope) -> Said:
        """The decision about a layer."""
        return self.said.get(scope, NOT_ASKED)
