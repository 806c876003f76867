"""What a caller doubts is no finding on the board's page, and no absence."""

from __future__ import annotations

import pytest

from bedside.act.board_packet import PanelState
from bedside.act.board_panel import panel_of
from bedside.genome.tumour import Effect, Fusion, SmallVariant, Tumour
from bedside.knowledge.board_policy import load_board_policy

SURE = SmallVariant("BRAF", Effect.MISSENSE, written="p.V600E")


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        (SURE, PanelState.FOUND),
        (
            SmallVariant("BRAF", Effect.MISSENSE, doubt="the caller filtered it (weak)"),
            PanelState.UNDETERMINED,
        ),
        (SmallVariant("BRAF", Effect.NOT_KNOWN, start=140753336), PanelState.UNDETERMINED),
        (Fusion("EML4", "ALK"), PanelState.FOUND),
        (Fusion("EML4", "ALK", doubt="is joined against the direction of reading"), PanelState.UNDETERMINED),
    ],
)
def test_a_doubted_call_is_undetermined_with_its_reason(finding, state) -> None:
    (line,) = panel_of(Tumour("s", "LUAD", (finding,)), (), load_board_policy())
    assert line.state is state
    assert finding.doubt in line.said
