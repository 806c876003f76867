"""Cohorts: every person gets the call that they would get alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bedside.genome.genotypes import GenotypeTable
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import GenotypePattern, OutsideCall
from bedside.genome.state import NOT_TESTED, Called, PositionState
from bedside.interpret import call_people as module
from bedside.interpret.call_gene import call_gene
from bedside.interpret.call_people import call_people, distinct_columns
from bedside.interpret.gene_call import CallStatus
from bedside.interpret.options import CallOptions
from tests.unit.interpret.patients import pack


def cohort(people: int, seed: int = 1) -> GenotypeTable:
    """People with random genotypes at every position of the release, a tenth of them not tested."""
    random = np.random.default_rng(seed)
    loci, states, rows = [], [], []
    for gene in pack().genes.values():
        for position in gene.positions:
            bases = (position.reference, position.alternates[0])
            row: tuple[PositionState, ...] = (
                NOT_TESTED,
                Called((bases[0], bases[0])),
                Called(bases),
                Called((bases[1], bases[1])),
            )
            loci.append(Locus(Build.GRCH38, position.chromosome, position.position))
            states.append(row)
            rows.append(random.choice(4, size=people, p=[0.01, 0.97, 0.015, 0.005]))
    codes = np.array(rows, dtype=np.uint8)
    return GenotypeTable(tuple(f"S{n}" for n in range(people)), tuple(loci), tuple(states), codes)


def test_everybody_in_a_cohort_gets_the_call_they_would_get_alone() -> None:
    table, options = cohort(12), CallOptions(missing_effects=False)
    people = call_people(table, pack(), {}, options)
    for person in range(len(table.samples)):
        row = 0
        alone = []
        for gene in pack().genes.values():
            states = tuple(table.state(row + n, person) for n in range(len(gene.positions)))
            alone.append(call_gene(gene, states, options))
            row += len(gene.positions)
        assert people.of(person) == tuple(alone)


def test_people_who_share_a_pattern_share_a_call_and_each_pattern_is_kept() -> None:
    table = cohort(3)
    doubled = replace(table, samples=("A", "B", "C", "D"), codes=table.codes[:, [0, 1, 0, 2]])
    people = call_people(doubled, pack(), {}, CallOptions(missing_effects=False))
    for symbol in people.genes:
        assert people.index[symbol][0] == people.index[symbol][2] == 0
        assert len(people.calls[symbol]) == len(people.patterns[symbol])
        first = people.patterns[symbol][0]
        assert isinstance(first, GenotypePattern)
        assert first.states == tuple(
            doubled.state(row, 0) for row, locus in enumerate(doubled.loci) if locus in first.loci
        )


def test_an_outside_call_beats_the_genotypes_of_that_person_only() -> None:
    table = cohort(2)
    given = {"S1": (OutsideCall("CYP2C19", "*2/*2"),)}
    people = call_people(table, pack(), given, CallOptions(missing_effects=False))
    mine, theirs = dict(zip(people.genes, people.of(1), strict=True)), people.of(0)
    assert mine["CYP2C19"].lookup_key == "Poor Metabolizer"
    assert theirs == call_people(table, pack(), {}, CallOptions(missing_effects=False)).of(0)
    assert people.patterns["CYP2C19"][people.index["CYP2C19"][1]] == given["S1"]


def test_genes_without_positions_are_not_tested_unless_somebody_called_them() -> None:
    table = replace(cohort(1), samples=("only",))
    people = call_people(table, pack(), {"": (OutsideCall("HLA-B", "*15:02/*57:01"),)}, CallOptions())
    calls = dict(zip(people.genes, people.of(0), strict=True))
    assert calls["HLA-B"].status is CallStatus.CALLED
    assert calls["HLA-A"].status is CallStatus.NOT_TESTED


def test_an_outside_call_for_nobody_in_the_cohort_is_refused() -> None:
    with pytest.raises(ValueError, match="names a sample that the genotypes do not have"):
        call_people(cohort(2), pack(), {"someone": (OutsideCall("CYP2C19", "*1/*1"),)}, CallOptions())


def test_a_table_of_another_release_is_refused() -> None:
    table = cohort(1)
    short = GenotypeTable(table.samples, table.loci[1:], table.states[1:], table.codes[1:])
    with pytest.raises(ValueError, match="the table has 1201 rows, the release 1202 positions"):
        call_people(short, pack(), {}, CallOptions())


def test_a_collision_of_hashes_never_puts_two_people_together(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(3).integers(0, 4, size=(9, 200), dtype=np.uint8)
    honest = distinct_columns(codes)
    monkeypatch.setattr(module, "_hashes", lambda rows: iter([np.zeros(len(rows[0]), dtype=np.uint64)] * 3))
    columns, people = distinct_columns(codes)
    assert (columns, people.tolist()) == (honest[0], honest[1].tolist())
    assert [columns[n] for n in people] == [tuple(column) for column in codes.T.tolist()]
