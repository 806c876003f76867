"""Units drawn by lot, compared as drawn: the answer of a randomised study."""

from __future__ import annotations

import numpy as np

from bedside.knowledge.study_policy import StudyPolicy
from bedside.knowledge.study_protocol import Protocol
from bedside.learn.estimate import Refusal
from bedside.learn.studies.answer import Named, StudyAnswer
from bedside.learn.studies.assignment import draw, intention_to_treat
from bedside.learn.studies.comparison import naive
from bedside.learn.studies.table import StudyTable, units_of

DIFFERENCE = "difference of means, as drawn"


def analyse_lot(protocol: Protocol, table: StudyTable, policy: StudyPolicy) -> StudyAnswer:
    """Intention to treat; beside it what those who did it had, whatever they were drawn to."""
    assert protocol.lot is not None
    columns, outcome = table.columns, protocol.primary.name
    known = np.all([~np.isnan(columns[one]) for one in ("unit", "did", outcome)], axis=0)
    gone, used = int((~known).sum()), int(known.sum())
    names, arm = units_of(protocol), protocol.lot.arms[0]
    drawn = draw(protocol.lot.units, protocol.lot.arms, protocol.seed)
    units = [names[int(one)] for one in columns["unit"][known]]
    did, values = columns["did"][known], columns[outcome][known]
    found = intention_to_treat(units, values, drawn, did, arm, policy.other.least_clusters)
    if isinstance(found, Refusal):
        return StudyAnswer((), Named("main", DIFFERENCE, found), not_known=gone, used=used)
    as_done = None
    if 1 < did.sum() < len(did) - 1:
        as_done = Named("by what was done, not by what was drawn", DIFFERENCE, naive(did == 1, values))
    return StudyAnswer(
        (),
        Named("main", DIFFERENCE, found.difference),
        naive=as_done,
        checks={
            "units": float(found.units),
            "chance under the lot": found.chance,
            "share of people treated otherwise than drawn": found.contaminated,
        },
        not_known=gone,
        used=used,
    )
