"""Phenotype risk scores of many made-up people against every disease that can be scored: time and memory.

    nice python benchmarks/undiagnosed.py [MAPS] [--people 1000000] [--workers 2] [--hpo-release FOLDER]

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
from _made_up_charts import made_up, maps_of

from bedside.knowledge.phecodes import load_chart_maps
from bedside.knowledge.phenotype_risk import load_risk_policy
from bedside.learn.phenotype_risk import fit
from bedside.service.score_charts import queue_of, tail_people


def main() -> None:
    """Make the people, score them, print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("maps", type=Path, nargs="?")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--capacity", type=int, default=100)
    parser.add_argument("--hpo-release")
    asked = parser.parse_args()
    policy = load_risk_policy()
    maps = load_chart_maps(maps_of(asked.maps), policy.least_profile, asked.hpo_release)
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
