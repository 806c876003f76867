"""A small made-up score, people at its places, and a panel of two ancestries whose sums differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bedside.interpret.polygenic_match import Genotypes, Looked
from bedside.knowledge.polygenic_panel import Panel
from bedside.knowledge.scoring_file import ScoringFile, read_scoring_file

HEADER = "#pgs_id=PGS001229\n#trait_reported=Standing height\n#genome_build=GRCh38\n#weight_type=beta\n"
COLUMNS = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"


def written(folder: Path, *rows: str, header: str = HEADER, columns: str = COLUMNS) -> Path:
    """A scoring file of these rows."""
    path = folder / "score.txt"
    path.write_text(header + columns + "".join(f"{row}\n" for row in rows))
    return path


def score_of(folder: Path, *rows: str) -> ScoringFile:
    """The score of these rows."""
    return read_scoring_file(written(folder, *rows))


def seen(*sites: Sequence[object]) -> Genotypes:
    """A person: for each variant (reference, alternate, copies), or what stopped the look."""
    looked, reference, alternate, copies, several = [], [], [], [], []
    for site in sites:
        word = site[0] if site and isinstance(site[0], Looked) else Looked.CALLED
        looked.append(word)
        ref, alt, number, *more = site if word is Looked.CALLED else ("", "", 0)
        reference.append(str(ref))
        alternate.append(str(alt))
        copies.append(number)
        several.append(bool(more))
    return Genotypes(
        np.array(looked, np.int8),
        reference,
        alternate,
        np.array(copies, np.int8),
        np.array(several, np.bool_),
    )


def panel(sites: int, people: int = 400, score: str = "PGS001229") -> Panel:
    """Two groups along the first component: the second scores higher by 3 and varies twice as much."""
    draw = np.random.default_rng(7)
    second = np.arange(people) % 2 == 1
    components = draw.normal(size=(people, 6))
    components[:, 0] += np.where(second, 20.0, 0.0)
    sums = np.where(second, 3.0, 0.0) + draw.normal(size=people) * np.where(second, 2.0, 1.0)
    return Panel(
        "made-up#0",
        score,
        tuple(str(number) for number in range(people)),
        sums,
        components,
        tuple("two" if one else "one" for one in second),
        sites,
    )
