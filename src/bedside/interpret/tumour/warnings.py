"""What somebody who relies on a call should know of it: few cells carry it, few reads show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedside.genome.tumour import Fusion, SmallVariant, TumourFinding
from bedside.knowledge.tumour_effects import Reading


def warnings_of(findings: Iterable[TumourFinding], purity: float | None, reading: Reading) -> Iterator[str]:
    """What is said beside an answer, in words; nothing is decided by it. purity: the share of tumour cells,
    None where nobody said."""
    for one in findings:
        if isinstance(one, Fusion) and one.rna is False:
            yield f"{one.five or '?'}::{one.three or '?'} was seen in DNA only"
        if not isinstance(one, SmallVariant):
            continue
        yield from one.notes
        if one.vaf is not None and one.vaf < (reading.low_fraction if purity is None else purity / 4):
            beside = "" if purity is None else f" where {purity:.0%} of the cells are tumour"
            yield f"in {one.vaf:.1%} of the reads{beside}: perhaps in a part of the tumour only"
        if one.depth is not None and one.depth < reading.low_depth:
            yield f"{one.depth} reads only"
