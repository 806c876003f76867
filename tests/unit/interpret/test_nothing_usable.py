"""Patients of whom a gene was looked at and nothing usable was seen: never reference, however called."""

from __future__ import annotations

from itertools import product

import pytest

from bedside.genome.state import Filtered, HalfCall, NoCall, PositionState, Reason
from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import CallStatus
from bedside.interpret.options import CallOptions
from bedside.knowledge.pgx import Position
from tests.unit.interpret.patients import call, codes, gene, pack

WAYS = [
    CallOptions(all_candidates, combinations, call_cyp2d6=True)
    for all_candidates, combinations in product((False, True), repeat=2)
]


def unusable(position: Position) -> list[PositionState]:
    return [
        NoCall(Reason.GENOTYPE_MISSING),
        NoCall(Reason.REFERENCE_MISMATCH),
        HalfCall((position.reference, None)),
        Filtered(Reason.FILTER_FAILED, "LowQual"),
    ]


@pytest.mark.parametrize("symbol", [one.symbol for one in pack().genes.values() if one.positions])
@pytest.mark.parametrize("kind", range(4))
def test_a_gene_whose_every_position_failed_is_no_call_and_never_reference(symbol: str, kind: int) -> None:
    states = tuple(unusable(position)[kind] for position in gene(symbol).positions)
    for options in WAYS:
        found = call_gene(gene(symbol), states, options)
        assert (found.status, found.source_diplotypes, found.component_alleles) == (
            CallStatus.NO_CALL,
            (),
            (),
        )
        assert (found.recommendation_diplotypes, found.lookup_keys) == ((), ())
        assert "no-usable-position" in codes(found)
        assert found.settle_with


@pytest.mark.parametrize("symbol", ["DPYD", "RYR1"])
def test_a_lowest_function_gene_of_which_nothing_was_seen_advises_nothing(symbol: str) -> None:
    states = tuple(NoCall(Reason.GENOTYPE_MISSING) for _ in gene(symbol).positions)
    found = call_gene(gene(symbol), states, CallOptions())
    assert (found.status, found.lookup_key) == (CallStatus.NO_CALL, None)
    assert found.settle_with == (f"another test of {symbol}",)


def test_the_only_position_of_vkorc1_unread_asks_for_that_position() -> None:
    found = call_gene(gene("VKORC1"), (NoCall(Reason.GENOTYPE_MISSING),), CallOptions(combinations=True))
    assert (found.status, found.settle_with) == (CallStatus.NO_CALL, ("genotype at rs9923231",))


def test_only_the_position_that_defines_no_allele_says_nothing_about_cyp2c9() -> None:
    for options in WAYS:
        found = call("CYP2C9", {"rs12777823": "G/A"}, only=True, options=options)
        assert found.status is CallStatus.NOT_TESTED
