"""A measure's own examples, worked out by the same functions as the record's figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.genome.event import EventKind
from bedside.knowledge.measure import Measure, Story, reads_of
from bedside.learn.event_columns import Written, columns_of
from bedside.learn.measures import (
    DistributionFigure,
    Figure,
    IntervalFigure,
    Measured,
    NoSuchEvent,
    RateFigure,
    ShareFigure,
    measured,
)
from bedside.learn.signal_columns import EPOCH, MICROSECONDS
from bedside.learn.standing_events import needed, standing

NOT_REACHED = "not reached"
NO_EVENT = "no such event"


def written(story: Story) -> Iterator[Written]:
    """The events of an example, numbered as they are listed."""
    for place, one in enumerate(story.events, 1):
        at = round((one["at"] - EPOCH).total_seconds() * MICROSECONDS)
        kind = EventKind(one["event"])
        yield Written(place, kind, one.get("person"), at, one.get("payload", {}), one.get("key"))


def worked_out(measure: Measure, story: Story) -> tuple[Measured, Mapping[str, Any]]:
    """What an example comes to, in the words of its `expect`."""
    now = round((story.at - EPOCH).total_seconds() * MICROSECONDS)
    held = columns_of(written(story), needed(reads_of((measure,))))
    found = measured(measure, standing(held, now), now)
    words = {code: held.vocabulary[code] for code in range(len(held.vocabulary))}
    return found, plain_figure(found.figure(words))


def plain_figure(figure: Figure) -> dict[str, Any]:
    """A figure in the words of an example's `expect`."""
    if isinstance(figure, NoSuchEvent):
        return {"value": NO_EVENT}
    counts = figure.counts
    held: dict[str, Any] = {
        "met": counts.met,
        "failed": counts.failed,
        "waiting": counts.waiting,
        "excluded": counts.excluded,
        "unknown": counts.unknown,
    }
    match figure:
        case ShareFigure():
            held["value"] = NOT_REACHED if figure.share.value is None else round(figure.share.value, 4)
        case IntervalFigure():
            for percent, one in figure.percentiles.items():
                held[f"p{percent}"] = NOT_REACHED if one.value is None else round(one.value, 4)
        case RateFigure():
            held["value"] = NOT_REACHED if figure.value is None else round(figure.value, 4)
            held["against"] = figure.against
        case DistributionFigure():
            held["values"] = {name: share.count for name, share in figure.shares.items()}
    return held
