"""How far two readers agree beyond chance: Cohen's kappa."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bedside.learn.shares import Share, Z


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of those that both read. kappa: 1 complete, 0 by chance; None where both said the same of everything,
    so that chance explains all of it, or nothing was read. low and high: 95 % interval."""

    agreed: Share
    kappa: float | None
    low: float | None = None
    high: float | None = None


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Agreement of two readers (Cohen 1960; standard error of Fleiss, Cohen and Everitt 1969)."""
    agreed = Share(sum(first == second for first, second in pairs), len(pairs))
    words = sorted({word for pair in pairs for word in pair})
    if len(words) < 2:
        return Agreement(agreed, None)
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa as of_table

    table = np.zeros((len(words), len(words)))
    for first, second in pairs:
        table[words.index(first), words.index(second)] += 1
    found = of_table(table)
    kappa, error = float(found.kappa), float(np.sqrt(found.var_kappa))
    return Agreement(agreed, kappa, max(-1.0, kappa - Z * error), min(1.0, kappa + Z * error))
