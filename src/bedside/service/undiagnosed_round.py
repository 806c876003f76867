"""One round of the worklist of perhaps undiagnosed people: who, why, who is left out, whom it would miss.

A line is advice to look at a chart. It says who to look at; which gene is another question. Nothing is
ordered or scheduled by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from bedside.genome.chart_codes import NEVER, ChartCodes, LeftOut
from bedside.knowledge.phecodes import ChartMaps
from bedside.knowledge.phenotype_risk import RiskPolicy
from bedside.learn.chart_shape import Shaped, Unread, barred, known_answers, shaped
from bedside.learn.phenotype_queue import Queue
from bedside.learn.phenotype_risk import Fit, Ints, fit, score_pairs
from bedside.learn.recall_gap import GroupRecall, recall_by_group
from bedside.learn.shares import Share
from bedside.service.score_charts import Saved, queue_of, tail_people

METHOD = "phenotype-risk 1"
REASONS = 5
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Feature:
    """A reason: a feature of the profile that the chart holds, how many people of the house have it, and the
    day it was first written down (None when not said)."""

    phecode: str
    name: str
    people: int
    first: date | None


@dataclass(frozen=True, slots=True)
class Suspected:
    """One line. surprise: -log10 of the share of people whose chart resembles this profile as much, by
    chance; what the queue is ordered by."""

    rank: int
    person: str
    disease: str
    disease_name: str
    surprise: float
    residual: float
    features: int
    of: int
    reasons: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """A round. left_out: how many would stand in it but for the reason. recall: of people whose answer is
    known, scored without their diagnosis codes; None when too few. least_cell: what is fewer is not told."""

    as_of: date
    people: int
    without_codes: int
    diseases: int
    without_diagnosis: int
    lines: tuple[Suspected, ...]
    left_out: Mapping[str, int]
    recall: Share | None
    labelled: int
    groups: tuple[GroupRecall, ...]
    unread: Unread
    strangers: int
    capacity: int
    cut: float
    versions: tuple[str, ...]
    least_cell: int
    review_state: str


@dataclass(frozen=True, slots=True)
class Work:
    """How a round is made: threads, where unfinished work is kept, who is told how far it is."""

    workers: int = 2
    saved: Saved | None = None
    tell: Callable[[int, int], None] = field(default=lambda done, of: None)


def make_round(
    codes: ChartCodes, maps: ChartMaps, policy: RiskPolicy, as_of: date, capacity: int, work: Work
) -> Round:
    """The round over these charts. The same charts, maps, policy and day give the same round."""
    made = shaped(codes, maps, policy.least_cell)
    versions = (METHOD, policy.version, *maps.versions)
    diagnosed, answer = known_answers(made, policy.diagnosed_share)
    reasons = barred(codes, diagnosed)
    fitted = fit(made.charts, made.shape, policy.least_cell, tail_people(codes.people, policy.tail_people))
    queue = queue_of(
        fitted,
        made.charts,
        np.asarray([one is not None for one in reasons], dtype=bool),
        policy.least_features,
        capacity,
        workers=work.workers,
        saved=work.saved,
        tell=work.tell,
    )
    out = Counter(str(one.value) for at in queue.left_out.person if (one := reasons[at]) is not None)
    labels = _labels(codes, made, answer)
    found = _found(fitted, made, labels, queue, policy)
    groups = {"sex": [_sex(codes.female[at]) for at, _ in labels]}
    groups |= {name: [held[at] for at, _ in labels] for name, held in codes.groups.items()}
    enough = len(labels) >= policy.least_labels
    return Round(
        as_of,
        made.charts.people,
        int((made.charts.count == 0).sum()),
        len(made.diseases),
        made.without_diagnosis,
        _lines(codes, made, fitted, queue, maps),
        {one.value: out[one.value] for one in LeftOut if out[one.value]},
        Share(sum(found), len(found)) if enough else None,
        len(labels),
        recall_by_group(groups, found, policy.least_labels) if enough else (),
        made.unread,
        codes.strangers,
        capacity,
        queue.cut,
        versions,
        policy.least_cell,
        policy.provenance.review_state,
    )


def _lines(
    codes: ChartCodes, made: Shaped, fitted: Fit, queue: Queue, maps: ChartMaps
) -> tuple[Suspected, ...]:
    best = queue.listed
    if not len(best.person):
        return ()
    scored = score_pairs(fitted, made.charts.part(best.person), best.disease)
    size = np.diff(made.shape.profile.indptr)
    lines = []
    for at, (person, disease) in enumerate(zip(best.person.tolist(), best.disease.tolist(), strict=True)):
        name = made.diseases[disease]
        lines.append(
            Suspected(
                at + 1,
                codes.people[person],
                name,
                maps.diseases[name],
                round(float(best.surprise[at]), 3),
                round(float(scored.residual[at]), 3),
                int(scored.features[at]),
                int(size[disease]),
                _reasons(codes, made, fitted, person, disease, maps),
            )
        )
    return tuple(lines)


def _reasons(
    codes: ChartCodes, made: Shaped, fitted: Fit, person: int, disease: int, maps: ChartMaps
) -> tuple[Feature, ...]:
    """The features that weigh most, each with the first day any code of the chart reached it."""
    entries = slice(*np.searchsorted(codes.person, (person, person + 1)))
    reach, profile = made.shape.reach, made.shape.profile
    wanted = set(profile.indices[profile.indptr[disease] : profile.indptr[disease + 1]].tolist())
    first: dict[int, int] = {}
    for code, day in zip(codes.code[entries].tolist(), codes.first[entries].tolist(), strict=True):
        for feature in reach.indices[reach.indptr[code] : reach.indptr[code + 1]].tolist():
            if feature in wanted:
                days = [one for one in (first.get(feature, NEVER), day) if one != NEVER]
                first[feature] = min(days, default=NEVER)
    order = sorted(first, key=lambda one: (-fitted.weight[one], made.features[one]))
    return tuple(
        Feature(
            made.features[one],
            maps.features.get(made.features[one], made.features[one]),
            int(fitted.carriers[one]),
            None if first[one] == NEVER else EPOCH + timedelta(days=first[one]),
        )
        for one in order[:REASONS]
    )


def _labels(codes: ChartCodes, made: Shaped, answer: Ints) -> list[tuple[int, int]]:
    """People whose answer is known and can be scored, with the disease."""
    place = {name: at for at, name in enumerate(made.diseases)}
    found = []
    for at, (name, coded) in enumerate(zip(codes.diagnosis, answer.tolist(), strict=True)):
        if name in place:
            found.append((at, place[name]))
        elif not name and coded >= 0:
            found.append((at, int(coded)))
    return found


def _found(
    fitted: Fit, made: Shaped, labels: list[tuple[int, int]], queue: Queue, policy: RiskPolicy
) -> list[bool]:
    if not labels:
        return []
    people = np.asarray([at for at, _ in labels], dtype=np.int64)
    scored = score_pairs(fitted, made.charts.part(people), np.asarray([one for _, one in labels]))
    hit: list[bool] = ((scored.surprise >= queue.cut) & (scored.features >= policy.least_features)).tolist()
    return hit


def _sex(female: float) -> str:
    return "" if np.isnan(female) else "female" if female == 1.0 else "male"


def document(one: Round) -> dict[str, Any]:
    """A round as plain values, to be kept and shown again."""

    def share(held: Share | None) -> list[int] | None:
        return None if held is None else [held.count, held.of]

    lines = [
        {
            **{name: getattr(line, name) for name in ("rank", "person", "disease", "disease_name")},
            **{name: getattr(line, name) for name in ("surprise", "residual", "features", "of")},
            "reasons": [
                [r.phecode, r.name, r.people, None if r.first is None else r.first.isoformat()]
                for r in line.reasons
            ],
        }
        for line in one.lines
    ]
    names = ("people", "without_codes", "diseases", "without_diagnosis", "labelled", "strangers")
    return {
        "as_of": one.as_of.isoformat(),
        **{name: getattr(one, name) for name in names},
        "capacity": one.capacity,
        "cut": round(one.cut, 3),
        "versions": list(one.versions),
        "least_cell": one.least_cell,
        "review_state": one.review_state,
        "left_out": dict(one.left_out),
        "recall": share(one.recall),
        "groups": [[g.kind, g.group, share(g.recall), g.gap] for g in one.groups],
        "unread": {
            "distinct": dict(one.unread.distinct),
            "looked_up": dict(one.unread.looked_up),
            "entries": dict(one.unread.entries),
        },
        "lines": lines,
    }
