"""What a caller may be asked to do differently from the default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallOptions:
    """Off by default, except `missing_effects`.

    all_candidates: every pair that fits, not only the best scored. combinations: combination and partial
    alleles. call_cyp2d6: also call OUTSIDE_ONLY genes that have definitions from genotypes (research,
    said in a warning). missing_effects: work out whether a missing position could change the phenotype.
    """

    all_candidates: bool = False
    combinations: bool = False
    call_cyp2d6: bool = False
    missing_effects: bool = True
