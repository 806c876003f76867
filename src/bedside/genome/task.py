"""Something somebody must do about a person, with an owner and a day it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """A tracked duty. `owner` is a role, never empty; `outcome` is "" while the task is open.

    `kind` is a short stable word (`top-tier-finding`, `meaning-changed`); `about` holds its coded particulars
    (gene, drug, result, before, after) for machines, `summary` says it for people.
    """

    task: str
    person: str
    kind: str
    summary: str
    owner: str
    due: date
    about: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody still has to act."""
        return not self.outcome
