"""Every measure's own examples: what is met, missed, waiting, excluded and unknown, and the figure."""

from __future__ import annotations

import pytest

from bedside.genome.event import REQUIRED, EventKind
from bedside.knowledge.measure import Measure, Shape, Story
from bedside.knowledge.measures import load_measures
from bedside.learn.measure_example import worked_out

MEASURES = load_measures()
EXAMPLES = [(measure, story) for measure in MEASURES.values() for story in measure.examples]


@pytest.mark.parametrize(
    ("measure", "story"), EXAMPLES, ids=[f"{one.name}: {story.title}" for one, story in EXAMPLES]
)
def test_an_example_of_a_measure_comes_to_what_it_says(measure: Measure, story: Story) -> None:
    _, figure = worked_out(measure, story)
    assert {name: figure.get(name) for name in story.expect} == dict(story.expect)
    if measure.shape in (Shape.SHARE, Shape.INTERVAL):
        assert {"met", "failed", "waiting", "excluded", "unknown"} <= set(story.expect)


@pytest.mark.parametrize(("measure", "story"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_events_of_an_example_are_events_that_the_ledger_would_take(
    measure: Measure, story: Story
) -> None:
    for event in story.events:
        kind = EventKind(event["event"])
        assert [name for name in REQUIRED[kind] if name not in event.get("payload", {})] == []
