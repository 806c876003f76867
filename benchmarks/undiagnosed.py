"""Phenotype risk scores of many made-up people against every disease that can be scored: time and memory.

    nice python benchmarks/undiagnosed.py MAPS [--people 1000000] [--workers 2] [--hpo-release FOLDER]

MAPS is a folder as docs/undiagnosed.md describes it. The people are made up: each has about 21 phecodes,
drawn independently with the spread of frequencies of a health system; nobody is real. Reported: CPU seconds
of the process, wall clock, the most memory held, and the load of the machine when it started.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np

from bedside.knowledge.phecodes import ChartMaps, load_chart_maps
from bedside.knowledge.phenotype_risk import load_risk_policy
from bedside.learn.phenotype_risk import Charts, Shape, fit, ones
from bedside.service.score_charts import queue_of, tail_people


def made_up(people: int, maps: ChartMaps, seed: int = 1) -> tuple[Charts, Shape, list[str]]:
    """People with phecodes as codes; frequencies fall off as in a health system, 21 codes each on average."""
    from scipy import sparse

    draw = np.random.default_rng(seed)
    names = sorted(set(maps.features) | {one for held in maps.profiles.values() for one in held})
    place = {name: at for at, name in enumerate(names)}
    share = 1.0 / (np.arange(len(names)) + 8.0) ** 1.1
    share = draw.permutation(np.minimum(share * 21.0 / share.sum(), 0.4))
    busy = draw.gamma(2.0, 0.5, people)
    count = draw.poisson(21.0 * busy)
    flat = np.searchsorted(np.cumsum(share) / share.sum(), draw.random(int(count.sum()))).astype(np.int32)
    rows = np.concatenate(([0], np.cumsum(count)))
    codes = sparse.csr_array((np.ones(len(flat), dtype=np.float32), flat, rows), shape=(people, len(names)))
    codes.sum_duplicates()
    codes.data[:] = 1.0
    diseases = list(maps.profiles)
    at = [(row, place[one]) for row, name in enumerate(diseases) for one in maps.profiles[name]]
    said = [
        (row, place[code])
        for row, name in enumerate(diseases)
        for system, code in maps.diagnosis.get(name, ())
        if system == "phecode"
    ]
    size = (len(diseases), len(names))
    shape = Shape(
        sparse.csr_array(sparse.identity(len(names), dtype=np.float32, format="csr")),
        ones([row for row, _ in at], [one for _, one in at], size),
        ones([row for row, _ in said], [one for _, one in said], size),
    )
    age, female = draw.uniform(0, 90, people), (draw.random(people) < 0.53).astype(float)
    return Charts(codes, age, female, np.diff(codes.indptr).astype(float)), shape, names


def main() -> None:
    """Make the people, score them, print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("maps", type=Path)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--capacity", type=int, default=100)
    parser.add_argument("--hpo-release")
    asked = parser.parse_args()
    policy = load_risk_policy()
    maps = load_chart_maps(asked.maps, policy.least_profile, asked.hpo_release)
    charts, shape, _ = made_up(asked.people, maps)
    before = resource.getrusage(resource.RUSAGE_SELF)
    load, wall = os.getloadavg()[0], time.perf_counter()
    fitted = fit(charts, shape, policy.least_cell, tail_people(range(asked.people), policy.tail_people))
    fit_wall = time.perf_counter() - wall
    nobody = np.zeros(asked.people, dtype=bool)
    queue = queue_of(fitted, charts, nobody, policy.least_features, asked.capacity, workers=asked.workers)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"people={asked.people} diseases={shape.profile.shape[0]} codes_each={charts.count.mean():.1f} "
        f"wall={wall:.1f}s (fit {fit_wall:.1f}s) cpu={cpu:.1f}s peak_rss={after.ru_maxrss / 1024:.0f}MB "
        f"before={before.ru_maxrss / 1024:.0f}MB workers={asked.workers} load={load:.2f} "
        f"listed={len(queue.listed.person)} cut={queue.cut:.2f}"
    )


if __name__ == "__main__":
    main()
