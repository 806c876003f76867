"""The protocol of a study, written before anybody looks: question, people, comparison, outcomes, method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, parse_rule_file, rule_files
from bedside.knowledge.study_cohorts import Window, names_of, window_of

KIND = "studies"
TARGET = ("eligibility", "strategies", "assignment", "follow_up", "outcome", "contrast", "analysis")
"""The parts of a target trial that a protocol says in words."""


class StudyDesign(Enum):
    """How the question is answered."""

    COMPARISON = "comparison"
    TARGET_TRIAL = "target-trial"
    SURVIVAL = "survival"
    INTERRUPTED_SERIES = "interrupted-series"
    STEPPED_WEDGE = "stepped-wedge"
    EXTERNAL_CONTROL = "external-control"
    RANDOMISED = "randomised"


class Sensitivity(Enum):
    """What is tried beside the main analysis of a comparison."""

    WEIGHTS = "weights"
    OVERLAP = "overlap"
    TREATED = "treated"
    TRIMMED = "trimmed"


PART = ("age", "female", "site", "payer", "language", "deprivation")
"""What is known of a person besides what happened; the last four become one yes-or-no column a value."""


@dataclass(frozen=True, slots=True)
class Covariate:
    """Known before time zero: a part of the person, or whether something happened. low, high: what a
    plausible value lies between; None for no limit."""

    name: str
    part: str = ""
    window: Window | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class OutcomeOf:
    """An outcome: what counts, within which days of time zero. negative: the exposure can neither cause nor
    prevent it."""

    name: str
    window: Window
    negative: bool = False


@dataclass(frozen=True, slots=True)
class SeriesOf:
    """Counts by month: events among those exposed to the risk of one, before and after a day. control: the
    same for something the change could not touch."""

    events: tuple[str, ...]
    exposure: tuple[str, ...]
    change: date
    phase_in: int
    season: bool
    control_events: tuple[str, ...]
    control_exposure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LotOf:
    """Who is drawn by lot: units (clinics, clinicians) with their strata, and the arms, the first of which is
    compared with the others."""

    units: tuple[tuple[str, str], ...]
    arms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A study as planned. exposure: its window is the grace period of a target trial. control_group: people
    whom the exposure cannot help. interval_days: of a target trial. switched: of a stepped wedge, each site's
    day. document: the whole file as read."""

    provenance: Provenance
    question: str
    design: StudyDesign
    policy: str
    cohort: str
    exposure: Window | None
    comparator: str
    outcomes: tuple[OutcomeOf, ...]
    covariates: tuple[Covariate, ...]
    control_group: Window | None
    sensitivity: tuple[Sensitivity, ...]
    series: SeriesOf | None
    switched: Mapping[str, date]
    entry: Window | None
    lot: LotOf | None
    interval_days: int
    seed: int
    target: Mapping[str, str]
    document: Mapping[str, Any]

    @property
    def primary(self) -> OutcomeOf:
        """The outcome that decides: the first that is no negative control."""
        return next(one for one in self.outcomes if not one.negative)


def load_protocols(root: Path | None = None) -> Mapping[str, Protocol]:
    """Every protocol that ships or that a site keeps, by name. Raises PackError."""
    return {file.provenance.name: read_protocol(file) for file in rule_files(KIND, root)}


def protocol_at(path: Path) -> Protocol:
    """The protocol in a file; raises PackError with what is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PackError([Problem(path.name, f"cannot be read: {error.strerror}")]) from error
    return read_protocol(parse_rule_file(path.name, content, KIND, path.parent))


def read_protocol(file: RuleFile) -> Protocol:
    """The protocol in a rule file; raises PackError when a part is missing that its design needs."""
    said = file.document
    try:
        design = StudyDesign(said["design"])
        made = Protocol(
            provenance=file.provenance,
            question=str(said["question"]),
            design=design,
            policy=str(said["policy"]),
            cohort=str(said.get("cohort", "")),
            exposure=window_of(said["exposure"]) if "exposure" in said else None,
            comparator=str(said.get("comparator", {}).get("title", "")),
            outcomes=tuple(_outcome(one) for one in said.get("outcome", ())),
            covariates=tuple(_covariate(one) for one in said.get("covariate", ())),
            control_group=window_of(said["control_group"]) if "control_group" in said else None,
            sensitivity=tuple(Sensitivity(one) for one in said.get("sensitivity", ())),
            series=_series(said["series"]) if "series" in said else None,
            switched={str(site): day for site, day in said.get("switched", {}).items()},
            entry=window_of(said["late_entry"]) if "late_entry" in said else None,
            lot=_lot(said["lot"]) if "lot" in said else None,
            interval_days=int(said.get("interval_days", 7)),
            seed=int(said["seed"]),
            target={part: str(said["target"][part]) for part in TARGET},
            document=said,
        )
        missing = _missing(made)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise file.fail(
            f"not a protocol: {error}", remedy="docs/evidence.md has one of each design"
        ) from error
    if missing:
        raise PackError([Problem(file.label, one, remedy="docs/evidence.md") for one in missing])
    return made


def _missing(made: Protocol) -> list[str]:
    found = []
    if not made.question.strip():
        found.append("the question is empty")
    if made.design is StudyDesign.INTERRUPTED_SERIES:
        return found + ([] if made.series else ["an interrupted series needs [series]"])
    if made.design is StudyDesign.RANDOMISED and made.lot is None:
        found.append("a randomised study needs [lot], its units and arms")
    if made.design is StudyDesign.STEPPED_WEDGE and not made.switched:
        found.append("a stepped wedge needs [switched], each site's day")
    if not any(not one.negative for one in made.outcomes):
        found.append("no [[outcome]] decides the question")
    if not made.cohort:
        found.append("no cohort is named")
    if made.design is not StudyDesign.STEPPED_WEDGE and (made.exposure is None or not made.covariates):
        found.append("a comparison needs [exposure] and [[covariate]]")
    if made.interval_days < 1:
        found.append("interval_days is a whole number from 1")
    return found


def _outcome(said: Mapping[str, Any]) -> OutcomeOf:
    return OutcomeOf(str(said["name"]), window_of(said), bool(said.get("negative_control", False)))


def _covariate(said: Mapping[str, Any]) -> Covariate:
    part, name = str(said.get("part", "")), str(said["name"])
    if bool(part) == ("any" in said) or (part and part not in PART):
        raise ValueError(
            f"covariate {name!r} is either a part ({', '.join(PART)}) or something that happened"
        )
    window = None if part else window_of({"title": name, **said})
    if window is not None and window.last > 0:
        raise ValueError(f"covariate {name!r} looks behind time zero")
    limits = [None if said.get(end) is None else float(said[end]) for end in ("low", "high")]
    return Covariate(name, part, window, limits[0], limits[1])


def _lot(said: Mapping[str, Any]) -> LotOf:
    units = tuple((str(one["unit"]), str(one["stratum"])) for one in said["units"])
    arms = tuple(str(one) for one in said["arms"])
    if len(set(arms)) < 2 or len(arms) != len(set(arms)) or len({unit for unit, _ in units}) != len(units):
        raise ValueError("a lot has two arms or more and names each unit once")
    return LotOf(units, arms)


def _series(said: Mapping[str, Any]) -> SeriesOf:
    if not isinstance(said["change"], date):
        raise ValueError("the change of a series is a date")
    control = said.get("control", {})
    return SeriesOf(
        events=names_of(said["events"]),
        exposure=names_of(said["exposure"]),
        change=said["change"],
        phase_in=int(said.get("phase_in", 0)),
        season=bool(said.get("season", False)),
        control_events=names_of(control["events"]) if control else (),
        control_exposure=names_of(control["exposure"]) if control else (),
    )
