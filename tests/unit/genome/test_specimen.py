"""A specimen on its way: what can follow what, and its chain of custody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bedside.genome.event import Event, EventKind
from bedside.genome.specimen import ALLOWED, Moved, NotPossible, Specimen, Stage, Step, specimens, wanted

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def history(*steps: tuple[str, Step], order: str = "o1") -> list[Event]:
    events = []
    for place, (name, step) in enumerate(steps):
        why = "broken" if step is Step.LOSE else ""
        payload = {"specimen": name, "order": order, "step": step.value, "reason": why}
        at = START + timedelta(hours=place)
        kind = EventKind.SPECIMEN_MOVED
        events.append(Event(place, kind, "nurse", at, START, "p1", payload, None, ""))
    return events


def test_a_specimen_keeps_who_did_what_when_and_why():
    (one,) = specimens(history(("t1", Step.LABEL), ("t1", Step.COLLECT), ("t1", Step.LOSE))).values()
    assert one == Specimen(
        "t1", "o1", "", Stage.LOST,
        (
            Moved(Step.LABEL, START, "nurse"),
            Moved(Step.COLLECT, START + timedelta(hours=1), "nurse"),
            Moved(Step.LOSE, START + timedelta(hours=2), "nurse", "broken"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    "before", [Stage.LABELLED, Stage.COLLECTED, Stage.SHIPPED, Stage.REJECTED, Stage.LOST, None]
)
def test_nothing_is_resulted_before_it_is_received(before):
    specimen = Specimen("t1", "o1", stage=before)
    with pytest.raises(NotPossible) as caught:
        specimen.then(Moved(Step.RESULT, START, "x"))
    assert (caught.value.stage, caught.value.step) == (before, Step.RESULT)


def test_from_every_stage_it_is_written_down_what_can_follow():
    assert set(ALLOWED) == {None, *Stage}


def test_another_specimen_is_wanted_only_when_none_is_on_its_way():
    assert wanted([])
    assert not wanted(specimens(history(("t1", Step.LABEL))).values())
    lost = specimens(history(("t1", Step.LABEL), ("t1", Step.LOSE))).values()
    assert wanted(lost)
    assert not wanted(specimens(history(("t1", Step.LABEL), ("t1", Step.LOSE), ("t2", Step.LABEL))).values())


def test_a_history_that_cannot_be_is_refused():
    with pytest.raises(NotPossible, match="not labelled yet; `collect` cannot follow, only label"):
        specimens(history(("t1", Step.COLLECT)))
