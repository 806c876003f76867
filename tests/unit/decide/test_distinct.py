"""Guidance worked out once for each distinct set of calls says what working it out each time says."""

from __future__ import annotations

import random

from bedside.decide.distinct import genes_of, recommend_distinct
from bedside.decide.recommend import recommend
from bedside.interpret.gene_call import GeneCall
from tests.unit.decide.people import called, pack, rules, unknown


def somebody(chance: random.Random) -> dict[str, GeneCall]:
    """Any of the keys that guidance asks for, or nothing, for every gene."""
    keys: dict[str, set[str]] = {}
    for rows in pack().guidance.values():
        for row in rows:
            for gene, key in row.criteria.items():
                keys.setdefault(gene, set()).add(key)
    made = {}
    for gene, some in keys.items():
        if chance.random() < 0.8:
            made[gene] = unknown(gene) if chance.random() < 0.1 else called(gene, chance.choice(sorted(some)))
    return made


def test_the_kept_answer_is_the_answer() -> None:
    for seed in range(6):
        calls = somebody(random.Random(seed))
        for drug in pack().guidance:
            fresh = recommend(pack(), rules().phrases, calls, pack().drugs[drug])
            assert recommend_distinct(pack(), rules().phrases, calls, drug) == fresh, (seed, drug)


def test_people_who_differ_elsewhere_share_one_working_out() -> None:
    drug = next(name for name in pack().guidance if genes_of(pack(), name))
    calls = somebody(random.Random(1))
    first = recommend_distinct(pack(), rules().phrases, calls, drug)
    other = {gene: call for gene, call in calls.items() if gene in genes_of(pack(), drug)}
    assert recommend_distinct(pack(), rules().phrases, other, drug) is first
