"""A protocol and its table become an answer: the design decides how, the policy decides whether."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bedside.knowledge.study_policy import StudyPolicy
from bedside.knowledge.study_protocol import Protocol, StudyDesign
from bedside.learn.competing_risks import cumulative_incidence
from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.interrupted_series import Series, SeriesEffect, interrupted_series
from bedside.learn.shares import Z
from bedside.learn.studies.analyse_groups import TOO_SMALL, analyse_groups, covariate_columns
from bedside.learn.studies.analyse_lot import analyse_lot
from bedside.learn.studies.answer import Named, StudyAnswer, unfit
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.emulation import Emulated, Followed, emulate
from bedside.learn.studies.negative_controls import ControlGroup, control_group
from bedside.learn.studies.quality import check_quality
from bedside.learn.studies.stepped_wedge import Wedge, stepped_wedge
from bedside.learn.studies.survival import Survival, hazard_ratios, survival
from bedside.learn.studies.table import StudyTable, month_of

DIFFERENCE, RATIO = "risk difference", "rate ratio"
FROM_ZERO = "everybody counted from time zero (immortal time)"


def analyse(protocol: Protocol, table: StudyTable, policy: StudyPolicy) -> StudyAnswer:
    """The answer of a study: estimated or refused. The same protocol, table and policy give the same answer
    to the last bit."""
    quality = check_quality(protocol, table, policy.other.most_missing)
    refused = unfit(quality) if table.rows else Refusal((Reason(Why.TOO_FEW_EVENTS, 0, 1),))
    if refused is not None:
        return StudyAnswer((), Named("main", "not estimated", refused), quality=quality)
    run = {
        StudyDesign.COMPARISON: analyse_groups,
        StudyDesign.EXTERNAL_CONTROL: analyse_groups,
        StudyDesign.TARGET_TRIAL: _target_trial,
        StudyDesign.SURVIVAL: _survival,
        StudyDesign.INTERRUPTED_SERIES: _series,
        StudyDesign.STEPPED_WEDGE: _wedge,
        StudyDesign.RANDOMISED: analyse_lot,
    }[protocol.design]
    return replace(run(protocol, table, policy), quality=quality)


def _followed(protocol: Protocol, columns: dict[str, Real], x: Real) -> Followed:
    intervals = int((protocol.primary.window.last) // protocol.interval_days) + 1
    start = np.where(np.isnan(columns["start"]), intervals, columns["start"]).astype(np.int64)
    end = np.minimum(columns["end"], intervals - 1).astype(np.int64)
    return Followed(start, end, columns["outcome"] == 1, x, intervals)


def _target_trial(protocol: Protocol, table: StudyTable, policy: StudyPolicy) -> StudyAnswer:
    names = covariate_columns(protocol, table)
    known = np.all([~np.isnan(table.columns[one]) for one in ("end", "outcome", *names)], axis=0)
    columns = {name: values[known] for name, values in table.columns.items()}
    x = np.column_stack([columns[one] for one in names])
    assert protocol.exposure is not None
    grace = protocol.exposure.last // protocol.interval_days
    apart = columns["control_group"] == 1 if protocol.control_group else np.zeros(len(x), bool)

    def trial(rows: Flags, length: int = grace) -> Emulated | Refusal:
        here = {name: values[rows] for name, values in columns.items()}
        made = _followed(protocol, here, x[rows])
        return emulate(made, min(length, made.intervals - 1), policy.overlap)

    found = trial(~apart)
    gone, used = int((~known).sum()), len(x)
    if isinstance(found, Refusal):
        return StudyAnswer((), Named("main", DIFFERENCE, found), not_known=gone, used=used)
    other = trial(apart) if protocol.control_group else None
    check = control_group(found.difference, other.difference) if isinstance(other, Emulated) else None
    first: tuple[str, ...] = ()
    if check is not None and check.verdict is not ControlGroup.NO_EFFECT:
        first = (check.verdict.value,)
    elif isinstance(other, Refusal):
        first = (TOO_SMALL,)
    grown = [
        Named(f"grace period of {length + 1} intervals", DIFFERENCE, _difference(trial(~apart, length)))
        for length in sorted({max(grace - 1, 0), grace + 1} - {grace})
    ]
    return StudyAnswer(
        first,
        Named("main", DIFFERENCE, found.difference),
        naive=Named("who ever started, against who did not (immortal time)", DIFFERENCE, found.immortal_time),
        sensitivity=tuple(grown),
        control=check,
        checks={
            "risk with": found.with_it,
            "risk without": found.without,
            "least effective share": found.effective,
            "largest weight": found.largest,
        },
        not_known=gone,
        used=used,
    )


def _difference(found: Emulated | Refusal) -> Estimate | Refusal:
    return found if isinstance(found, Refusal) else found.difference


def _survival(protocol: Protocol, table: StudyTable, policy: StudyPolicy) -> StudyAnswer:
    names = covariate_columns(protocol, table)
    needed = ("treated", "entry", "time", "event", *names)
    known = np.all([~np.isnan(table.columns[one]) for one in needed], axis=0)
    columns = {name: values[known] for name, values in table.columns.items()}
    treated, entry, time = columns["treated"] == 1, columns["entry"], columns["time"]
    event = columns["event"]
    gone, used = int((~known).sum()), len(time)
    least = policy.overlap.least_people
    if min(int(treated.sum()), int((~treated).sum())) < least:
        why = Why.TOO_FEW_TREATED if treated.sum() < least else Why.TOO_FEW_UNTREATED
        few = min(int(treated.sum()), int((~treated).sum()))
        return StudyAnswer(
            (), Named("main", "hazard ratio", Refusal((Reason(why, few, least),))), not_known=gone, used=used
        )
    x = np.column_stack([columns["treated"], *(columns[one] for one in names)])
    try:
        found = hazard_ratios(time, event == 1, x, ("treated", *names), entry)
        naive = hazard_ratios(time, event == 1, x, ("treated", *names), None)
    except ValueError:
        refused = Refusal((Reason(Why.NOT_ESTIMABLE, float((event == 1).sum()), 1),))
        return StudyAnswer((), Named("main", "hazard ratio", refused), not_known=gone, used=used)
    until = float(protocol.primary.window.last)
    risk = policy.other.least_at_risk
    curves = [survival(time[part], event[part] == 1, entry[part], risk) for part in (treated, ~treated)]
    means = Named("days without the outcome", "restricted mean difference", _mean_difference(curves, until))
    checks = {"chance of proportional hazards": found.proportional["treated"], "events": float(found.events)}
    if (event == 2).any():
        for name, part in (("with", treated), ("without", ~treated)):
            held = cumulative_incidence(time[part], event[part].astype(np.int64), entry[part])
            checks[f"incidence {name}, death competing"] = held[1].at(until) if 1 in held else 0.0
    first = []
    if found.proportional["treated"] < 0.05:
        first.append("one hazard ratio does not describe the whole time: read the restricted means")
    return StudyAnswer(
        tuple(first),
        Named("main", "hazard ratio", found.ratios["treated"]),
        naive=Named(FROM_ZERO, "hazard ratio", naive.ratios["treated"]),
        sensitivity=(means,),
        checks=checks,
        not_known=gone,
        used=used,
    )


def _mean_difference(curves: list[Survival | Refusal], until: float) -> Estimate | Refusal:
    refused = [one for one in curves if isinstance(one, Refusal)]
    if refused:
        return refused[0]
    one, two = (found.mean(until) for found in curves if isinstance(found, Survival))
    value, error = one.value - two.value, float(np.hypot(one.error, two.error))
    return Estimate(value, value - Z * error, value + Z * error, error)


def _series(protocol: Protocol, table: StudyTable, policy: StudyPolicy) -> StudyAnswer:
    plan, columns = protocol.series, table.columns
    assert plan is not None
    change = int(month_of(plan.change) - columns["period"][0])
    season = 12 if plan.season else None
    own = Series(columns["events"], columns["exposure"], change, plan.phase_in, season)
    control = None
    if plan.control_events:
        control = Series(
            columns["control_events"], columns["control_exposure"], change, plan.phase_in, season
        )
    found = interrupted_series(own, policy.interrupted_series, control=control)
    if isinstance(found, Refusal):
        return StudyAnswer((), Named("main", RATIO, found), used=table.rows)
    alone = interrupted_series(own, policy.interrupted_series) if control is not None else None
    checks = found.checks
    first = []
    if checks.bend_before < 0.05:
        first.append("the time before was no straight line: what it would have become is doubtful")
    if checks.false_change is not None and not checks.false_change.holds(1.0):
        first.append("the same model finds a change in the time before, when nothing happened")
    sensitivity = [
        Named("level, at once", RATIO, found.level),
        Named("slope, each month", RATIO, found.slope),
        Named("Newey and West's interval", RATIO, found.newey_west),
    ]
    if isinstance(alone, SeriesEffect):
        sensitivity.append(Named("without the control series", RATIO, alone.average))
    figures = {
        "autocorrelation": checks.autocorrelation,
        "chance of as much autocorrelation (Ljung and Box)": checks.ljung_box,
        "scatter over that of chance": checks.dispersion,
        "trend before, each month": checks.slope_before.value,
        "chance of a straight line before": checks.bend_before,
    }
    if checks.false_change is not None:
        figures["change found where nothing happened"] = checks.false_change.value
    main = Named("main", f"{RATIO}, average after", found.average)
    return StudyAnswer(tuple(first), main, sensitivity=tuple(sensitivity), checks=figures, used=table.rows)


def _wedge(protocol: Protocol, table: StudyTable, policy: StudyPolicy) -> StudyAnswer:
    columns = table.columns
    clinics, at = np.unique(columns["clinic"], return_inverse=True)
    periods, when = np.unique(columns["period"], return_inverse=True)
    total, people = np.zeros((len(clinics), len(periods))), np.zeros((len(clinics), len(periods)))
    np.add.at(total, (at, when), columns["total"])
    np.add.at(people, (at, when), columns["people"])
    switched = np.zeros(len(clinics))
    switched[at] = columns["switched"]
    whole = (people > 0).all(axis=0)
    if whole.sum() < 2:
        refused = Refusal((Reason(Why.TOO_FEW_EVENTS, float(whole.sum()), 2),))
        return StudyAnswer((), Named("main", DIFFERENCE, refused))
    kept = np.searchsorted(periods[whole], switched)
    made = Wedge(total[:, whole], people[:, whole], kept.astype(np.int64))
    found = stepped_wedge(made, policy.other.least_clusters, protocol.seed)
    if isinstance(found, Refusal):
        return StudyAnswer((), Named("main", DIFFERENCE, found), used=int(people.sum()))
    return StudyAnswer(
        (),
        Named("main", DIFFERENCE, found.difference),
        naive=Named("people as independent, without time", DIFFERENCE, found.naive),
        sensitivity=(Named("textbook interval of the mixed model", DIFFERENCE, found.model),),
        checks={
            "chance under the lot": found.chance,
            "how alike a clinic's people are": found.alike,
            "clinics": float(found.clusters),
            "periods in which every clinic had people": float(whole.sum()),
        },
        used=int(people[:, whole].sum()),
        not_known=int((~whole).sum()),
    )
