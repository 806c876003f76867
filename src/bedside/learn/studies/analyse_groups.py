"""Two groups of people, one of them perhaps treated elsewhere: the effect, what it would look like otherwise,
and what it looks like where there can be none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bedside.knowledge.study_policy import StudyPolicy
from bedside.knowledge.study_protocol import Protocol, Sensitivity, StudyDesign
from bedside.learn.estimate import Estimate, Refusal
from bedside.learn.studies.answer import Named, StudyAnswer
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.comparison import Compared, compare
from bedside.learn.studies.negative_controls import (
    Calibration,
    ControlGroup,
    ControlGroupCheck,
    calibrate,
    control_group,
    placebo,
)
from bedside.learn.studies.propensity import Whom, propensity, within
from bedside.learn.studies.table import StudyTable
from bedside.learn.studies.unmeasured import e_values, tipping_point

DIFFERENCE, RATIO = "risk difference", "risk ratio"
CUT = 0.1
"""Chances of treatment below this or above one minus it are cut off where a protocol asks for trimming."""
LATER = (
    "who counts as exposed is known only after time zero: they had to be there for it (immortal time); "
    "a target trial with a grace period answers without"
)
TOO_SMALL = (
    "the control group cannot be estimated: "
    "an effect that has nothing to do with the genotype is not excluded"
)


def covariate_columns(protocol: Protocol, table: StudyTable) -> tuple[str, ...]:
    """The columns of a table that are covariates of a protocol, groups with one column a value."""
    named = {one.name for one in protocol.covariates}
    return tuple(name for name in table.columns if name in named or name.split("=", 1)[0] in named)


@dataclass(frozen=True, slots=True)
class _Groups:
    """The rows of which everything is known that an outcome needs."""

    protocol: Protocol
    policy: StudyPolicy
    columns: dict[str, Real]
    names: tuple[str, ...]
    whom: Whom

    def rows(self, outcome: str, among: Flags | None = None) -> Flags:
        """Who is known, and among these."""
        known = np.all([~np.isnan(self.columns[one]) for one in ("treated", outcome, *self.names)], axis=0)
        found: Flags = known if among is None else known & among
        return found

    def compared(
        self, outcome: str, among: Flags | None = None, whom: Whom | None = None, augmented: bool = True
    ) -> Compared | Refusal:
        """The effect on an outcome."""
        rows = self.rows(outcome, among)
        treated = self.columns["treated"][rows] == 1
        x = self.x(rows)
        names = [*self.names]
        return compare(
            treated, self.columns[outcome][rows], x, names, self.policy.overlap, whom or self.whom, augmented
        )

    def x(self, rows: Flags) -> Real:
        """The covariates of some rows."""
        return np.column_stack([self.columns[one][rows] for one in self.names])


def analyse_groups(protocol: Protocol, table: StudyTable, policy: StudyPolicy) -> StudyAnswer:
    """The answer of a comparison or of an external control (then among those of the single arm)."""
    external = protocol.design is StudyDesign.EXTERNAL_CONTROL
    whom = Whom.TREATED if external else Whom.EVERYBODY
    groups = _Groups(protocol, policy, dict(table.columns), covariate_columns(protocol, table), whom)
    primary = protocol.primary.name
    apart = groups.columns["control_group"] == 1 if protocol.control_group else None
    among = None if apart is None else ~apart
    rows = groups.rows(primary, among)
    gone, used = int((~groups.rows(primary)).sum()), int(rows.sum())
    found = groups.compared(primary, among)
    if isinstance(found, Refusal):
        return StudyAnswer((), Named("main", DIFFERENCE, found), not_known=gone, used=used)
    check, first = _control(groups, found, apart)
    if not external and protocol.exposure is not None and protocol.exposure.last > 0:
        first = (*first, LATER)
    negative, calibration, calibrated = _negative(groups, found, among)
    lots = placebo(
        groups.columns["treated"][rows] == 1, groups.columns[primary][rows], groups.x(rows), protocol.seed
    )
    other = [one.name for one in protocol.outcomes if not one.negative and one.name != primary]
    return StudyAnswer(
        first=first,
        main=Named("main", DIFFERENCE, found.difference),
        naive=Named("groups as they are", DIFFERENCE, found.naive),
        sensitivity=(*_ratio(found), *_sensitivity(groups, primary, among)),
        outcomes=tuple(Named(one, DIFFERENCE, _answer(groups.compared(one, among))) for one in other),
        negative=negative,
        calibration=calibration,
        calibrated=calibrated,
        control=check,
        placebo=lots,
        e_values=None if found.ratio is None else e_values(found.ratio),
        tipping=tipping_point(found.difference),
        overlap=found.overlap,
        checks={"mean with": found.with_it, "mean without": found.without},
        not_known=gone,
        used=used,
    )


def _answer(found: Compared | Refusal) -> Estimate | Refusal:
    return found if isinstance(found, Refusal) else found.difference


def _ratio(found: Compared) -> tuple[Named, ...]:
    return () if found.ratio is None else (Named("as a ratio", RATIO, found.ratio),)


def _control(
    groups: _Groups, found: Compared, apart: Flags | None
) -> tuple[ControlGroupCheck | None, tuple[str, ...]]:
    """The same comparison among those whom the exposure cannot help; what it says comes first."""
    if apart is None:
        return None, ()
    other = groups.compared(groups.protocol.primary.name, apart)
    if isinstance(other, Refusal):
        return None, (TOO_SMALL,)
    check = control_group(found.difference, other.difference)
    return check, () if check.verdict is ControlGroup.NO_EFFECT else (check.verdict.value,)


def _negative(
    groups: _Groups, found: Compared, among: Flags | None
) -> tuple[tuple[Named, ...], Calibration | Refusal | None, Named | None]:
    """Outcomes without a possible effect, and the result with their systematic error taken off."""
    named, ratios = [], []
    for one in groups.protocol.outcomes:
        if one.negative:
            answer = groups.compared(one.name, among)
            ratio = answer if isinstance(answer, Refusal) else answer.ratio
            if ratio is not None:
                named.append(Named(one.name, RATIO, ratio))
            if isinstance(ratio, Estimate):
                ratios.append(ratio)
    if not named:
        return (), None, None
    calibration = calibrate(ratios, groups.policy.other.least_negative_controls)
    if isinstance(calibration, Refusal) or found.ratio is None:
        return tuple(named), calibration, None
    made = Named("calibrated by negative controls", RATIO, calibration.calibrated(found.ratio))
    return tuple(named), calibration, made


def _sensitivity(groups: _Groups, outcome: str, among: Flags | None) -> tuple[Named, ...]:
    made = []
    for one in groups.protocol.sensitivity:
        match one:
            case Sensitivity.WEIGHTS:
                made.append(("weights alone", groups.compared(outcome, among, augmented=False)))
            case Sensitivity.OVERLAP:
                made.append(
                    ("those who could have been either", groups.compared(outcome, among, Whom.OVERLAP))
                )
            case Sensitivity.TREATED:
                made.append(("those treated", groups.compared(outcome, among, Whom.TREATED)))
            case Sensitivity.TRIMMED:
                made.append((f"chances below {CUT:g} cut off", _trimmed(groups, outcome, among)))
    return tuple(Named(name, DIFFERENCE, _answer(found)) for name, found in made)


def _trimmed(groups: _Groups, outcome: str, among: Flags | None) -> Compared | Refusal:
    rows = groups.rows(outcome, among)
    kept = np.zeros(len(rows), bool)
    chance = propensity(groups.columns["treated"][rows] == 1, groups.x(rows)).chance
    kept[np.flatnonzero(rows)[within(chance, CUT)]] = True
    return groups.compared(outcome, kept)
