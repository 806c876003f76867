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

    table = np.zeros((len(words), len(words)))
    for first, second in pairs:
        table[words.index(first), words.index(second)] += 1 / len(pairs)
    rows, columns, same = table.sum(axis=1), table.sum(axis=0), np.diag(table)
    chance = float(rows @ columns)
    kappa = float((same.sum() - chance) / (1 - chance))
    apart = table - np.diag(same)
    spread = float(
        (same * np.square(1 - (rows + columns) * (1 - kappa))).sum()
        + (1 - kappa) ** 2 * (apart * np.square(columns[:, None] + rows[None, :])).sum()
        - (kappa - chance * (1 - kappa)) ** 2
    )
    error = np.sqrt(max(0.0, spread) / len(pairs)) / (1 - chance)
    return Agreement(agreed, kappa, float(max(-1.0, kappa - Z * error)), float(min(1.0, kappa + Z * error)))
