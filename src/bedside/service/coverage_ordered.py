"""The test of an order as a payer sees it: its kind, the genes it looks at, its codes."""

from __future__ import annotations

from collections.abc import Mapping

from bedside.decide.coverage_chart import Drafted
from bedside.genome.coverage import TestAsked
from bedside.knowledge.coverage_pack import CoveragePack, KnownCode, KnownTest
from bedside.knowledge.test_catalogue import OrderableTest, Range


def as_payers_see(pack: CoveragePack, catalogue: Mapping[str, OrderableTest], drafted: Drafted) -> TestAsked:
    """By the catalogue where the test stands there, by its codes where only those are given; what the order
    itself says goes before both."""
    entry = _entry(catalogue, drafted.test)
    name = drafted.test if entry is None else entry.test
    known = pack.tests.get(name)
    coded = [pack.codes[code] for code in drafted.codes if code in pack.codes]
    return TestAsked(
        test=name,
        kind=_kind(pack, drafted, known, coded),
        genes=drafted.genes or _genes(entry, coded),
        codes=drafted.codes or (() if known is None else known.codes),
        z_code=drafted.z_code or ("" if known is None else known.z_code),
    )


def _entry(catalogue: Mapping[str, OrderableTest], test: str) -> OrderableTest | None:
    if test in catalogue:
        return catalogue[test]
    named = [one for one in catalogue.values() if test and test == one.code.code]
    return named[0] if len(named) == 1 else None


def _kind(pack: CoveragePack, drafted: Drafted, known: KnownTest | None, coded: list[KnownCode]) -> str:
    kind = drafted.kind or ("" if known is None else known.kind)
    if not kind and len({one.kind for one in coded}) == 1:
        kind = coded[0].kind
    return pack.urgent.get(kind, kind) if drafted.urgent else kind


def _genes(entry: OrderableTest | None, coded: list[KnownCode]) -> frozenset[str] | None:
    if entry is not None:
        return frozenset(entry.sees) if entry.range is Range.LISTED else None
    return frozenset(gene for one in coded for gene in one.genes)
