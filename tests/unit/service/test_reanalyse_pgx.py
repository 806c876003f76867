"""A pharmacogenomic release through the same door: a new meaning re-dates whom it affects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedside.genome.citation import Release
from bedside.genome.event import EventKind
from bedside.service.accept_result import accept_files
from bedside.service.reanalyse import Asked
from bedside.service.reanalyse_groups import table_lines
from bedside.service.reanalyse_pgx import reanalyse_pgx

POOR = {"rs12769205": "1/1", "rs4244285": "1/1"}


@pytest.fixture
def next_pack(pack):
    """A release that knows *2/*2 of CYP2C19 as likely poor; everything else as before."""
    gene = pack.genes["CYP2C19"]
    rules = tuple(
        replace(rule, phenotype="Likely Poor Metabolizer", lookup_key="Likely Poor Metabolizer")
        if rule.phenotype == "Poor Metabolizer"
        else rule
        for rule in gene.rules
    )
    release = Release("cpic", "2027-01-01", "b" * 64)
    return replace(pack, release=release, genes={**pack.genes, "CYP2C19": replace(gene, rules=rules)})


def test_whoever_a_new_allele_function_concerns_is_in_the_rows_with_the_task(
    house, write_vcf, next_pack, clock
):
    people = {"ada": POOR, "bo": {}, "cy": {}}
    accept_files(house, [write_vcf("cohort.vcf", people, genes=("CYP2C19", "TPMT"))])
    clock.turn(days=30)
    at = house.ledger.checkpoint()
    looked = reanalyse_pgx(house, next_pack, Asked(dry_run=True))
    assert house.ledger.checkpoint() == at
    done = reanalyse_pgx(house, next_pack)
    assert done.groups == looked.groups
    (task,) = (one for one in house.ledger.tasks("ada") if one.kind == "meaning-changed")
    assert [line.split("\t") for line in table_lines(done.groups)][1:] == [
        [
            "ada", "CYP2C19", "Poor Metabolizer", "Likely Poor Metabolizer", "meaning-changed", "review",
            task.owner, task.due.isoformat(), "meaning-changed",
        ]
    ]  # fmt: skip
    assert (done.people, done.tasks, done.counts) == (1, 1, {"meaning-changed": 1})
    kinds = [event.kind for event in house.ledger.events(after=at.sequence)]
    assert kinds[:2] == [EventKind.RELEASE_ADOPTED, EventKind.MEANINGS_DERIVED]
