"""A tumour that is stored is read again as it was."""

from __future__ import annotations

from bedside.genome.tumour import Aspect, Covered, Effect, Fusion, Scope, SmallVariant, Tumour
from bedside.store.encode_tumour import decode_tumour, encode_tumour


def test_doubts_and_what_was_read_in_part_are_kept() -> None:
    scope = Scope(
        {Aspect.SMALL: frozenset({"KRAS"})},
        partly={"EGFR": Covered(frozenset({21}), frozenset({21}), ((824, 875),))},
    )
    findings = (
        SmallVariant("EGFR", Effect.MISSENSE, doubt="the caller filtered it (weak)", tandem=False),
        Fusion("EML4", "ALK", rna=False, doubt="is joined against the direction of reading"),
    )
    tumour = Tumour("s", "LUAD", findings, scope, {"age": "61"}, 0.4)
    assert decode_tumour(encode_tumour(tumour)) == tumour
