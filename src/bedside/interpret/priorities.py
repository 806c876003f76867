"""When unphased genotypes fit several pairs alike, the pair that population frequency makes the likeliest."""

from __future__ import annotations

from bedside.knowledge.pgx import PriorityRule


def pick_by_frequency(written: tuple[str, ...], priorities: tuple[PriorityRule, ...]) -> str | None:
    """The pick of the first rule all of whose diplotypes fit, or None when no rule applies."""
    fitting = frozenset(written)
    return next((rule.pick for rule in priorities if fitting.issuperset(rule.diplotypes)), None)
