"""Coded charts and the maps that read them, as the matrices that scores are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bedside.genome.chart_codes import ChartCodes, LeftOut
from bedside.knowledge.phecodes import ChartMaps
from bedside.learn.phenotype_risk import Charts, Flags, Ints, Shape, ones


@dataclass(frozen=True, slots=True)
class Unread:
    """Codes that no map knows: by system how many distinct codes, how many were looked up, how many times
    they stand in a chart; and the most frequent ones with how many people have them."""

    distinct: Mapping[str, int]
    looked_up: Mapping[str, int]
    entries: Mapping[str, int]
    frequent: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Shaped:
    """The charts, what is known before, the names of diseases and features by place, and what was not
    understood. without_diagnosis: how many diseases have no known diagnosis code."""

    charts: Charts
    shape: Shape
    diseases: tuple[str, ...]
    features: tuple[str, ...]
    unread: Unread
    without_diagnosis: int


def shaped(codes: ChartCodes, maps: ChartMaps, least_cell: int) -> Shaped:
    """The matrices. Codes that are not understood count as codes of the person, and as nothing else."""
    features = tuple(sorted({one for held in maps.profiles.values() for one in held} | set(maps.features)))
    place = {name: at for at, name in enumerate(features)}
    diseases = tuple(maps.profiles)
    reach = [
        (at, place[one]) for at, code in enumerate(codes.codes) for one in maps.reached(*code) if one in place
    ]
    profile = [(at, place[one]) for at, name in enumerate(diseases) for one in maps.profiles[name]]
    said = diagnosis_places(codes, maps, diseases)
    size = len(codes.codes)
    shape = Shape(
        ones([row for row, _ in reach], [one for _, one in reach], (size, len(features))),
        ones([row for row, _ in profile], [one for _, one in profile], (len(diseases), len(features))),
        ones([row for row, _ in said], [one for _, one in said], (len(diseases), size)),
    )
    people = len(codes.people)
    held = ones(codes.person, codes.code, (people, size))
    count = np.diff(held.indptr).astype(float)
    carriers = np.bincount(codes.code, minlength=size)
    unread = _unread(codes, np.diff(shape.reach.indptr), carriers, least_cell)
    charts = Charts(held, codes.age, codes.female, count)
    without = sum(1 for name in diseases if not maps.diagnosis.get(name))
    return Shaped(charts, shape, diseases, features, unread, without)


def diagnosis_places(codes: ChartCodes, maps: ChartMaps, diseases: tuple[str, ...]) -> list[tuple[int, int]]:
    """Of each disease the places of its diagnosis codes among the codes of the house."""
    exact, below = dict[tuple[str, str], list[int]](), dict[str, list[int]]()
    for row, name in enumerate(diseases):
        for system, code in maps.diagnosis.get(name, ()):
            exact.setdefault((system, code), []).append(row)
            if system == "icd10cm":
                below.setdefault(code, []).append(row)
    found = []
    for at, (system, code) in enumerate(codes.codes):
        if system != "icd10cm":
            found += [(row, at) for row in exact.get((system, code), ())]
            continue
        plain = code.replace(".", "").upper()
        for length in range(3, len(plain) + 1):
            found += [(row, at) for row in below.get(plain[:length], ())]
    return found


def known_answers(made: Shaped, share: float) -> tuple[Flags, Ints]:
    """Who carries a diagnosis code of a scored disease that is rare here, and which (its place; -1 nobody's).

    A disease whose codes more than `share` of the people carry (at least one may) says nothing of the kind.
    Of several the rarest counts.
    """
    people = made.charts.people
    told = (made.charts.codes @ made.shape.diagnosis.T).tocoo()
    person, disease = np.asarray(told.row, dtype=np.int64), np.asarray(told.col, dtype=np.int64)
    carriers = np.bincount(disease, minlength=len(made.diseases))
    rare = carriers[disease] <= max(1.0, share * people)
    person, disease = person[rare], disease[rare]
    order = np.lexsort((-disease, -carriers[disease]))
    answer = np.full(people, -1, dtype=np.int64)
    answer[person[order]] = disease[order]
    return answer >= 0, answer


def barred(codes: ChartCodes, diagnosed: Flags) -> tuple[LeftOut | None, ...]:
    """Why each person is left out, None when they are not."""
    return tuple(
        said or (LeftOut.DIAGNOSED if name or coded else None)
        for said, name, coded in zip(codes.standing, codes.diagnosis, diagnosed.tolist(), strict=True)
    )


def _unread(codes: ChartCodes, reached: object, carriers: object, least_cell: int) -> Unread:
    reach, people = np.asarray(reached), np.asarray(carriers)
    distinct, looked, entries = dict[str, int](), dict[str, int](), dict[str, int]()
    frequent = []
    for at, (system, code) in enumerate(codes.codes):
        looked[system] = looked.get(system, 0) + 1
        if reach[at]:
            continue
        distinct[system] = distinct.get(system, 0) + 1
        entries[system] = entries.get(system, 0) + int(people[at])
        if people[at] >= least_cell:
            frequent.append((system, code, int(people[at])))
    frequent.sort(key=lambda one: (-one[2], one[0], one[1]))
    return Unread(distinct, looked, entries, tuple(frequent[:20]))
