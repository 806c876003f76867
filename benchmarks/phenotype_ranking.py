"""How often the published diagnosis stands first, in the first three and in the first ten, by phenotype
alone.

Two figures side by side: as published, and with the annotations that cite the case's own paper left out
(the honest one:
otherwise the answer was put into the annotations by the paper that the case is from). A case whose
disease cannot be ranked
counts as missed. Intervals: 2,000 resamples of papers, since cases of one paper are alike.

    python benchmarks/phenotype_ranking.py SHARED_DATA_FOLDER [--release FOLDER]
"""

from __future__ import annotations

import argparse
import resource
import tarfile
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bedside.genome.case import Case
from bedside.intake.phenopacket_in import read_cases
from bedside.interpret.disease_index import variant_index
from bedside.interpret.phenotype_rank import Scorer, rank_of
from bedside.service.rank_cases import Ranker, load_ranker

MISSED = np.inf
TOPS = (1, 3, 10)
Ranks = npt.NDArray[np.float64]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--release", help="a folder with hp.obo, phenotype.hpoa and genes")
    arguments = parser.parse_args()
    began = time.perf_counter()
    ranker = load_ranker(arguments.release)
    loaded = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(arguments.shared / "phenopackets" / "phenopackets.tar.xz") as packed:
            packed.extractall(folder, filter="data")
        cases = read_cases([Path(folder)], ranker.hpo, confirmed=True)
    papers = [paper_of(case) for case in cases]
    ranks = evaluate(ranker, cases, papers)
    print(f"{len(cases)} cases, {len(set(papers))} papers; {ranker.release}")
    print("| ranked by | top 1 | top 3 | top 10 |\n|---|---|---|---|")
    for name, found in ranks.items():
        cells = (f"{value:.1f} ({low:.1f}–{high:.1f})" for value, low, high in shares(found, papers))
        print(f"| {name} | {' | '.join(cells)} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"index built in {loaded - began:.1f} s; peak {peak:.0f} MB")


def paper_of(case: Case) -> str:
    """The paper a case is from: the number that its id begins with."""
    parts = case.id.split("_")
    return f"PMID:{parts[1]}" if parts[0] == "PMID" and len(parts) > 1 else ""


def evaluate(ranker: Ranker, cases: Sequence[Case], papers: Sequence[str]) -> dict[str, Ranks]:
    """The rank of each case's diagnosis: by disease and by gene, as published and without its own paper."""
    scorer, index = ranker.scorer, ranker.scorer.index
    pairs = sorted(
        {(d, p) for case, p in zip(cases, papers, strict=True) for d in case.diagnoses if d in scorer.number}
    )
    other = Scorer(
        variant_index(index, [index.diseases[scorer.number[d]] for d, _ in pairs], [p for _, p in pairs]),
        4000,
    )
    place = {pair: at for at, pair in enumerate(pairs)}
    genes = sorted({gene for one in index.diseases for gene in one.genes})
    number = {gene: at for at, gene in enumerate(genes)}
    links = [(number[g], d) for d, one in enumerate(index.diseases) for g in one.genes]
    of_gene = np.array(links, np.int64).T
    names = (
        "disease, as published",
        "disease, own paper left out",
        "gene, as published",
        "gene, own paper left out",
    )
    found = {name: np.full(len(cases), MISSED) for name in names}
    for at, (case, paper) in enumerate(zip(cases, papers, strict=True)):
        true = next((d for d in case.diagnoses if d in scorer.number), None)
        scores = scorer.scores(case)
        if true is None or scores is None:
            continue
        scores[scorer.empty] = -np.inf
        own = scorer.number[true]
        found[names[0]][at] = rank_of(scores, scores[own], own)
        without = other.scores(case)
        if without is None:
            continue
        honest = float(without[place[(true, paper)]])
        known = not other.empty[place[(true, paper)]]
        if known:
            found[names[1]][at] = rank_of(scores, honest, own)
        changed = scores.copy()
        changed[own] = honest if known else -np.inf
        for name, values in ((names[2], scores), (names[3], changed)):
            best = np.full(len(genes), -np.inf)
            np.maximum.at(best, of_gene[0], values[of_gene[1]])
            mine = [number[g] for g in index.diseases[own].genes]
            if mine and np.isfinite(best[mine]).any():
                one = mine[int(np.argmax(best[mine]))]
                found[name][at] = rank_of(best, float(best[one]), one)
    return found


def shares(ranks: Ranks, papers: Sequence[str], repeats: int = 2000) -> list[tuple[float, float, float]]:
    """Of all cases the per cent at or above each place, with the 95 % interval over papers. Ties count
    half."""
    names = sorted(set(papers))
    of = np.array([names.index(one) for one in papers])
    random = np.random.default_rng(0)
    drawn = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=repeats)
    total = drawn @ np.bincount(of, minlength=len(names))
    rows = []
    for top in TOPS:
        hit = ranks < top + 0.75
        value = 100 * float(hit.mean())
        per_paper = np.bincount(of, hit.astype(float), len(names))
        low, high = np.quantile(100 * (drawn @ per_paper) / total, (0.025, 0.975))
        rows.append((value, float(low), float(high)))
    return rows


if __name__ == "__main__":
    main()
