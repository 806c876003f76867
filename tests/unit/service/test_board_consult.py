"""The packet travels by eConsult row by row, with "not tested" as such and nothing that names the sample."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import RequestError
from bedside.genome.consult import StepKind
from bedside.service.consult_steps import consults
from bedside.service.econsult_packet import offered, packet_of
from bedside.service.tumours_held import accept_tumours
from tests.made_up_record import INGRID
from tests.made_up_tumours import L858R, T790M, lung, write_tumour
from tests.two_sites import WISH, Two, open_two

ROWS = frozenset(
    {
        "tumour:type",
        "tumour-molecular:EGFR:small-variants",
        "tumour-molecular:RET:fusions",
        "tumour-options:against:T032",
        "tumour-options:for:T013",
    }
)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    both = open_two(tmp_path)
    plain = lung(sample="SECRET-SAMPLE-7", small_variants=[L858R, T790M])
    accept_tumours(both.spoke, INGRID, write_tumour(tmp_path, plain), laboratory="Lab of the spoke")
    yield both
    both.close()


def test_the_hub_gets_the_rows_that_were_chosen_and_no_name_of_the_sample(two: Two) -> None:
    kinds = {part.kind for part in offered(two.spoke, INGRID)}
    assert {"tumour", "tumour-molecular", "tumour-options"} <= kinds
    held = two.ask(replace(WISH, chosen=ROWS))
    two.meet()
    (there,) = consults(two.hub, two.hub_sites).values()
    assert there.consult.consult == held.consult.consult
    question = next(one.step.said for one in there.consult.history if one.step.kind is StepKind.ASKED)
    sections = {one.kind: one for one in question.packet.sections}
    states = {row[0]: row[1] for row in sections["tumour-molecular"].rows}
    assert states == {"EGFR small variants": "found", "RET fusions": "not tested"}
    assert [row[:2] for row in sections["tumour-options"].rows] == [
        ("against", "Erlotinib"),
        ("for", "Osimertinib"),
    ]
    said = json.dumps([one.rows for one in question.packet.sections])
    assert "SECRET-SAMPLE-7" not in said
    assert "Lab of the spoke" not in said


def test_a_row_of_another_release_or_sample_is_looked_at_again(two: Two, tmp_path: Path) -> None:
    chosen = packet_of(two.spoke, INGRID, ROWS, identified=False)
    assert chosen == packet_of(two.spoke, INGRID, ROWS, identified=False)
    plain = lung(sample="SECRET-SAMPLE-7", small_variants=[])
    accept_tumours(two.spoke, INGRID, write_tumour(tmp_path, plain))
    with pytest.raises(RequestError, match="not in the record"):
        packet_of(two.spoke, INGRID, ROWS, identified=False)
