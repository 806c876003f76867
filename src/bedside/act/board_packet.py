"""The one page that a tumour board looks at, as plain facts: who, what was given, what was found, what was
looked at and found absent, what was not looked at, what speaks for and against which therapy, which trials,
what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class PanelState(Enum):
    """What is known of a gene or marker that is expected. Never one for the other."""

    FOUND = "found"
    NONE = "none"
    NOT_TESTED = "not tested"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Header:
    """Who and what: what nobody recorded is None or "". sample, version: of the tumour sample, "" and 0
    where there is none."""

    age: int | None
    sex: str
    performance: str
    stage: str
    oncotree: str
    type_name: str
    sample: str
    version: int
    laboratory: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Given:
    """A medicine of the record. treatment: its class, "" for one that no class is known of."""

    drug: str
    treatment: str
    status: str
    since: date | None


@dataclass(frozen=True, slots=True)
class PanelLine:
    """A gene in one aspect, or a marker. expected: asked for by a statement about this tumour type; said:
    what was found, or why it cannot be told."""

    name: str
    kind: str
    state: PanelState
    said: str = ""
    warnings: tuple[str, ...] = ()
    expected: bool = True

    @property
    def words(self) -> str:
        """What it is called."""
        return self.name if self.kind == "marker" else f"{self.name} {self.kind.replace('-', ' ')}"


@dataclass(frozen=True, slots=True)
class Option:
    """A therapy that a checked statement speaks for or against. statements: their ids; rxnorm: its parts."""

    regimen: str
    biomarker: str
    line: str
    status: str
    tier: str
    why: str
    warnings: tuple[str, ...]
    statements: tuple[str, ...]
    source: str
    rxnorm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialLine:
    """An arm that is open to the person, or the one criterion in the way."""

    name: str
    arm: str
    phase: str
    fits: bool
    blocker: str
    why: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Trials:
    """What is known of trials. standing: why there is nothing, or how current it is."""

    asked: bool
    standing: str
    lines: tuple[TrialLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """What was not looked at or cannot be told, and how to get it."""

    names: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release of knowledge that the packet rests on, and who has still to check it."""

    name: str
    review_state: str


@dataclass(frozen=True, slots=True)
class BoardPacket:
    """The packet. undetermined: options of which it cannot be told whether they fit; reported: statements of
    laboratories that could not be typed; unchecked: statements about this tumour type that are not shown."""

    person: str
    at: date
    header: Header
    given: tuple[Given, ...]
    panel: tuple[PanelLine, ...]
    warnings: tuple[str, ...]
    reported: tuple[str, ...]
    options: tuple[Option, ...]
    undetermined: tuple[Option, ...]
    resistance: tuple[Option, ...]
    trials: Trials
    missing: tuple[Missing, ...]
    unchecked: int
    left_out: int
    releases: tuple[Release, ...]

    def lines(self, state: PanelState) -> tuple[PanelLine, ...]:
        """The lines of the molecular block in one state."""
        return tuple(one for one in self.panel if one.state is state)
