"""Made-up people with phecodes for the benchmarks of the worklist of perhaps undiagnosed people."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from bedside.knowledge.phecodes import ChartMaps
from bedside.learn.phenotype_risk import Charts, Shape, ones


def maps_of(given: Path | None) -> Path:
    """The folder of code maps: as given, else the shared data's; ends the script when there is none."""
    folder = given or Path(os.environ.get("BEDSIDE_SHARED", "")) / "data" / "hpo"
    if not folder.is_dir():
        raise SystemExit("no code maps: give MAPS, or set BEDSIDE_SHARED")
    return folder


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
