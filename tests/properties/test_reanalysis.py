"""Whatever a variant's history: no conflict recontacts anybody, nobody is told twice, nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bedside.act.reanalysis import Action, Case, Gate, Kind, Standing, Told, follow, judge
from bedside.interpret.germline.screened import Outcome
from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.reanalysis_policy import FindingTask, load_reanalysis_policy

POLICY = load_reanalysis_policy()
CLASSES = st.one_of(st.none(), st.sampled_from(list(Classification)))
SERIES = st.lists(st.tuples(CLASSES, st.integers(0, 4), st.integers(1, 200)), min_size=2, max_size=12)


def gate(standing: Standing) -> Gate:
    """The gates of a dominant condition in an adult who consented."""
    if standing.bucket is Bucket.CONFLICT:
        return Gate(Outcome.HOLD, "conflict")
    if standing.bucket is Bucket.PLP and standing.stars:
        return Gate(Outcome.REPORT if standing.stars > 1 else Outcome.REVIEW, "reportable")
    return Gate(Outcome.NO_ACTION, "class-not-reportable")


def standings(series: list[tuple[Classification | None, int, int]]) -> list[Standing]:
    day, found = date(2016, 1, 4), []
    for classification, stars, days in series:
        day += timedelta(days=days)
        found.append(Standing(day, classification, 0 if classification is None else stars))
    return found


@given(SERIES, st.booleans())
def test_contacts_alternate_between_a_finding_and_its_correction(series, disclose_at_once):
    """A person hears of the finding, then perhaps of its correction, never of either twice in a row."""
    seen = standings(series)
    history, told, tasks, heard = (seen[0],), Told.UNKNOWN, frozenset[FindingTask](), []
    for before, now in pairwise(seen):
        history = follow(history, now)
        found = judge(Case(history, gate(before), gate(now), told, tasks), POLICY)
        assert found.closes <= tasks
        tasks = (tasks - found.closes) | ({found.opens} if found.opens else frozenset())
        if found.opens is FindingTask.RECONTACT:
            heard.append("correction")
            told, tasks = Told.CORRECTED, tasks - {FindingTask.RECONTACT}
        elif found.opens and found.opens.finds:
            told = Told.NEVER if told is Told.UNKNOWN else told
            if disclose_at_once:
                tasks -= {found.opens}
                heard.append("finding")
                told = Told.TOLD
        if now.bucket is Bucket.CONFLICT:
            assert found.action is not Action.RECONTACT
            assert not any(task.finds for task in tasks)
    assert all(one != other for one, other in pairwise(heard))


@given(
    SERIES,
    st.sampled_from(Told),
    st.frozensets(st.sampled_from(FindingTask), max_size=3),
    st.sampled_from(Outcome),
    st.sampled_from(Outcome),
)
def test_every_case_has_one_kind_with_a_reason_and_an_open_duty_never_vanishes(
    series, told, tasks, before, after
):
    case = Case(tuple(standings(series)), Gate(before, "before"), Gate(after, "after"), told, tasks)
    found = judge(case, POLICY)
    assert found == judge(case, POLICY)
    assert found.reason
    assert found.closes <= tasks
    assert (found.kind is Kind.NO_OP) == (found.action is Action.NONE)
    if found.kind is Kind.NO_OP:
        assert (found.opens, found.closes) == (None, frozenset())
    if found.action not in (Action.NONE, Action.CLOSE):
        assert found.opens is not None
    if found.action is Action.RECONTACT:
        assert told is Told.TOLD
