"""Published cases put among made-up people: would the worklist find them? A simulation, and no more.

    nice python benchmarks/undiagnosed_cases.py [MAPS] [PHENOPACKETS.tar.xz] [--people 200000] [--cases 600]

The background has independent features, so it is easier than real charts, and the annotations of HPO often
cite the very paper a case comes from. Of a case's observed HPO terms a share is coded, each with every
phecode the map gives it (partly circular: the same map makes the profile), or with one of them, as one code
would; the case has as many other codes as anybody. For each: the AUROC of the case's own disease against
everybody else, how many cases lie above the 99th and 99.9th percentile, in how many the own disease is among
the ten most surprising, and, with the cases hidden among the people, how many of them the queue holds when
the clinic looks at as many people as there are cases (far more common here than in life).
"""

from __future__ import annotations

import argparse
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _made_up_charts import made_up, maps_of
from scipy import sparse

from bedside.knowledge.phecodes import ChartMaps, load_chart_maps
from bedside.knowledge.phenotype_risk import load_risk_policy
from bedside.learn.phenotype_queue import EMPTY
from bedside.learn.phenotype_risk import Charts, Fit, Shape, covariates, fit, score_pairs
from bedside.learn.shares import Share
from bedside.service.score_charts import queue_of, tail_people

Case = tuple[str, str, tuple[tuple[str, ...], ...]]
"""Its name, its disease, and the phecodes of each observed term that has some."""


def published(path: Path, maps: ChartMaps) -> Iterator[Case]:
    """Each case whose disease can be scored and that has a mapped term."""
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".json") else None
            if file is None:
                continue
            packet = json.load(file)
            diseases = {one["term"]["id"] for one in packet.get("diseases", []) if not one.get("excluded")}
            for interpretation in packet.get("interpretations", []):
                diseases.add(interpretation.get("diagnosis", {}).get("disease", {}).get("id", ""))
            known = sorted(diseases & maps.profiles.keys())
            found: set[tuple[str, ...]] = set()
            for one in packet.get("phenotypicFeatures", []):
                if not one.get("excluded"):
                    found |= {tuple(sorted(maps.hpo.get(one["type"]["id"], ())))} - {()}
            if known and found:
                yield member.name, known[0], tuple(sorted(found))


def injected(background: Charts, names: list[str], cases: list[Case], share: float, one_code: bool) -> Charts:
    """Each case: a made-up person's codes, and a share of the case's features added."""
    draw = np.random.default_rng(13)
    place = {name: at for at, name in enumerate(names)}
    held = background.codes[: len(cases)].tolil()
    for row, (_, _, terms) in enumerate(cases):
        for term in terms:
            if draw.random() < share:
                for one in (term[int(draw.integers(len(term)))],) if one_code else term:
                    held[row, place[one]] = 1.0
    codes = sparse.csr_array(held.tocsr().astype(np.float32))
    part = background.part(slice(0, len(cases)))
    return Charts(codes, part.age, part.female, np.diff(codes.indptr).astype(float))


def residuals(fitted: Fit, charts: Charts, diseases: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Dense people × some diseases."""
    scores = (charts.codes @ fitted.weighted[:, diseases]).toarray()
    expected = covariates(charts) @ fitted.line[:, diseases]
    found: np.ndarray[Any, np.dtype[np.float64]] = (scores - expected) / fitted.spread[diseases]
    return found


def figures(
    fitted: Fit, shape: Shape, background: Charts, cases: Charts, disease: Any, least_features: int
) -> str:
    """One line of the table."""
    own = score_pairs(fitted, cases, disease)
    chosen, column = np.unique(disease, return_inverse=True)
    others = np.sort(residuals(fitted, background, chosen), axis=0)
    below = np.asarray(
        [np.searchsorted(others[:, at], value) for at, value in zip(column, own.residual, strict=True)]
    )
    rank = below / others.shape[0]
    every = np.full((len(disease), shape.profile.shape[0]), -np.inf)
    for start in range(0, len(disease), 100):
        rows = slice(start, start + 100)
        found = residuals(fitted, cases.part(rows), np.arange(shape.profile.shape[0]))
        at = np.broadcast_to(np.arange(found.shape[1]), found.shape)
        every[rows] = fitted.surprise(found, at)
    mine = np.asarray([every[row, one] for row, one in enumerate(disease)])
    top = ((every > mine[:, None]).sum(axis=1) < 10).mean()
    whole = Charts(
        sparse.vstack([background.codes, cases.codes], format="csr"),
        np.concatenate([background.age, cases.age]),
        np.concatenate([background.female, cases.female]),
        np.concatenate([background.count, cases.count]),
    )
    capacity, nobody = len(disease), np.zeros(whole.people, dtype=bool)
    queue = EMPTY if not capacity else queue_of(fitted, whole, nobody, least_features, capacity)
    hit = Share(int((queue.listed.person >= background.people).sum()), capacity)
    low, high = hit.interval or (0.0, 0.0)
    return (
        f"auroc={rank.mean():.3f} >=99th={100 * (rank >= 0.99).mean():.0f}% "
        f">=99.9th={100 * (rank >= 0.999).mean():.0f}% own_disease_top10={100 * top:.1f}% "
        f"queue_of_{capacity}: {hit.count} cases ({100 * low:.0f} to {100 * high:.0f} %)"
    )


def main() -> None:
    """The table, a line for each share of features coded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("maps", type=Path, nargs="?")
    parser.add_argument("phenopackets", type=Path, nargs="?")
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--hpo-release")
    asked = parser.parse_args()
    policy, folder = load_risk_policy(), maps_of(asked.maps)
    maps = load_chart_maps(folder, policy.least_profile, asked.hpo_release)
    packets = asked.phenopackets or folder.parent / "phenopackets" / "phenopackets.tar.xz"
    every = sorted(published(packets, maps))
    draw = np.random.default_rng(11)
    chosen = sorted(draw.choice(len(every), min(asked.cases, len(every)), replace=False).tolist())
    cases = [every[at] for at in chosen]
    everybody, shape, names = made_up(asked.people + len(cases), maps, seed=7)
    seeds = everybody.part(slice(0, len(cases)))
    background = everybody.part(slice(len(cases), None))
    place = {name: at for at, name in enumerate(maps.profiles)}
    disease = np.asarray([place[one] for _, one, _ in cases], dtype=np.int64)
    tail = tail_people(range(background.people), policy.tail_people)
    fitted = fit(background, shape, policy.least_cell, tail)
    print(
        f"simulation: {len(cases)} of {len(every)} cases, {len(set(disease.tolist()))} diseases, "
        f"{background.people} made-up people, {'; '.join(maps.versions)}"
    )
    for one_code in (False, True):
        for share in (1.0, 0.6, 0.3):
            made = injected(seeds, names, cases, share, one_code)
            told = "one phecode a term" if one_code else "all phecodes of a term"
            line = figures(fitted, shape, background, made, disease, policy.least_features)
            print(f"coded={share:.0%}, {told}: {line}", flush=True)


if __name__ == "__main__":
    main()
