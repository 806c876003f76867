"""The groups that people are compared by, from what was said of each: last said holds, "" takes it back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bedside.genome.event import EventKind
from bedside.genome.programme import NOT_KNOWN, PARTS
from bedside.knowledge.measure import Table
from bedside.learn.event_columns import ABSENT, Codes, EventColumns, Rows

SAID_ANCESTRY = "ancestry"
"""Ancestry as the person said it; never read from a genome."""
GROUPS = (*PARTS, SAID_ANCESTRY)
_PROGRAMME: Table = (EventKind.PROGRAMME_RECORDED, "")
_PERSON: Table = (EventKind.PERSON_REGISTERED, "")
REGISTERED: Mapping[Table, tuple[str, ...]] = {
    _PROGRAMME: tuple(sorted(PARTS)),
    _PERSON: ("ancestry", "birth_date", "sex"),
}
"""What has to be read to tell the groups."""


def last_said(rows: Rows, path: str, *, whole: bool) -> tuple[Codes, Codes]:
    """For each person of whom something was said, what was said last. whole: an event that does not speak of
    it takes it back."""
    if not len(rows):
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    held = rows if whole else rows.only(rows.codes(path) != ABSENT)
    order = np.lexsort((held.sequence, held.person))
    person = held.person[order]
    last = np.append(person[1:] != person[:-1], True) if len(person) else np.zeros(0, np.bool_)
    return person[last], held.codes(path)[order][last]


def groups_of_people(events: EventColumns, by: str) -> tuple[Mapping[int, int], tuple[str, ...]]:
    """The group of each person who is in one, by code: its place in the names of the groups. Whoever is in
    none counts as the last of them, not known."""
    if by in PARTS:
        person, said = last_said(events.rows(_PROGRAMME), by, whole=False)
    else:
        person, said = last_said(events.rows(_PERSON), by, whole=True)
    blank = events.vocabulary.find([""])[0]
    known = (said != ABSENT) & (said != blank)
    codes, place = np.unique(said[known], return_inverse=True)
    names = [events.vocabulary[int(code)] for code in codes]
    order = sorted(range(len(names)), key=lambda i: names[i])
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    mapped = dict(zip(person[known].tolist(), rank[place].tolist() if len(names) else (), strict=True))
    return mapped, (*(names[i] for i in order), NOT_KNOWN)


def group_of_each(mapped: Mapping[int, int], names: tuple[str, ...], people: Codes) -> Codes:
    """The group of each of these people, as a place in the names."""
    distinct, place = np.unique(people, return_inverse=True)
    nobody = len(names) - 1
    held = np.array([mapped.get(int(one), nobody) for one in distinct], np.int32)
    return held[place] if len(distinct) else np.zeros(0, np.int32)
