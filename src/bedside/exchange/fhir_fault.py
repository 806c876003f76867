"""What can be wrong with a FHIR resource, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Rule(Enum):
    """The kind of rule that is broken."""

    JSON = "json"
    UNKNOWN = "unknown element"
    CARDINALITY = "cardinality"
    TYPE = "type"
    FORMAT = "format"
    VALUE = "fixed value"
    BINDING = "required value set"
    REFERENCE = "reference"
    SLICE = "slice"
    PROFILE = "profile"
    INVARIANT = "invariant"


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule. profile: whose rule it is, the type's or a profile's name. said: what is wrong, without
    any value of the resource."""

    path: str
    rule: Rule
    profile: str
    said: str

    def __str__(self) -> str:
        return f"{self.path}: {self.said} ({self.rule.value}, {self.profile})"
