"""Whatever a laboratory looked at or found: "none" needs a scope, and no recommendation closes without
owner and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.act.board_cases import CaseStage, board_of, why_not
from bedside.act.board_packet import PanelState
from bedside.act.board_panel import missing_of, panel_of
from bedside.genome.board import AdviceKind, BoardAdvice, BoardStep, UseType, plain_advice
from bedside.genome.event import Event, EventKind
from bedside.genome.tumour import (
    Aspect,
    CopyNumber,
    CopyState,
    Effect,
    ExonSkipping,
    Fusion,
    Marker,
    Origin,
    Scope,
    SmallVariant,
    Tumour,
)  # fmt: skip
from bedside.knowledge.board_policy import load_board_policy, load_expected
from bedside.knowledge.oncotree import load_oncotree
from bedside.store.encode_tumour import decode_tumour, encode_tumour
from tests.examples import examples

TREE, PANEL, POLICY = load_oncotree(), load_expected(), load_board_policy()
GENES = st.sampled_from(sorted({part for one in PANEL.rows for part in one.name.split("::") if one.aspect}))
NAMES = st.sampled_from(sorted({one.name for one in PANEL.rows if one.aspect is None}))
VAF = st.none() | st.floats(0, 1)
FINDINGS = st.one_of(
    st.builds(
        SmallVariant, GENES, st.sampled_from(Effect), origin=st.sampled_from(Origin), vaf=VAF,
        depth=st.none() | st.integers(0, 5000),
    ),
    st.builds(Fusion, GENES, GENES | st.just(""), st.none() | st.booleans(), rna=st.none() | st.booleans()),
    st.builds(ExonSkipping, GENES, st.integers(1, 30)),
    st.builds(CopyNumber, GENES, st.sampled_from(CopyState)),
    st.builds(Marker, NAMES, st.sampled_from(["high", "stable", "equivocal", "3+"])),
    st.builds(
        Marker, NAMES, number=st.floats(0, 100), unit=st.just("x"), size=st.none() | st.floats(0, 50)
    ),
)  # fmt: skip
SCOPES = st.builds(
    Scope,
    st.dictionaries(st.sampled_from(Aspect), st.frozensets(GENES, max_size=8), max_size=4),
    st.frozensets(st.sampled_from(Aspect), max_size=1),
    st.frozensets(NAMES, max_size=3),
)
TUMOURS = st.builds(
    Tumour,
    st.just("S"),
    st.sampled_from(["LUAD", "COAD", "IDC", "SKCM", "PRAD", "AML"]),
    st.lists(FINDINGS, max_size=8).map(tuple),
    SCOPES,
)


@settings(max_examples=examples(200), deadline=None)
@given(TUMOURS, st.frozensets(GENES, max_size=2))
def test_none_is_said_only_of_what_was_looked_at_and_nothing_expected_is_silent(tumour, mentioned):
    expected = PANEL.of(TREE, tumour.oncotree)
    panel = panel_of(tumour, expected, POLICY, mentioned)
    lines = {(one.name, one.kind): one for one in panel if one.expected}
    assert set(lines) == {(one.name, one.kind) for one in expected}
    for one in expected:
        line, genes = lines[one.name, one.kind], one.name.split("::")
        if line.state is PanelState.NONE:
            assert one.aspect is not None
            assert any(tumour.scope.looked_at(gene, one.aspect) for gene in genes)
            assert not mentioned & set(genes)
        if line.state is PanelState.NOT_TESTED:
            assert one.aspect is None or not any(tumour.scope.looked_at(gene, one.aspect) for gene in genes)
    unsettled = [
        one for one in lines.values() if one.state in (PanelState.NOT_TESTED, PanelState.UNDETERMINED)
    ]
    assert sum(len(gap.names) for gap in missing_of(panel, POLICY)) == len(unsettled)


@settings(max_examples=examples(100), deadline=None)
@given(TUMOURS)
def test_a_stored_tumour_comes_back_as_it_was(tumour):
    assert decode_tumour(encode_tumour(tumour)) == tumour


ADVICE = st.builds(
    BoardAdvice,
    st.sampled_from(AdviceKind),
    st.sampled_from(["", "osimertinib"]),
    st.sampled_from(["", "targeted"]),
    st.sampled_from(UseType),
    st.sampled_from([(), ("1",)]),
    why=st.sampled_from(["", "because"]),
    owner=st.sampled_from(["", " ", "oncologist"]),
    due=st.none() | st.just(date(2026, 3, 1)),
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(BoardStep), ADVICE), max_size=12))
def test_no_order_of_steps_closes_a_recommendation_without_owner_and_day(steps):
    start, events = datetime(2026, 1, 1, tzinfo=UTC), []
    for number, (step, advice) in enumerate([(BoardStep.REQUESTED, BoardAdvice(AdviceKind.TRIAL)), *steps]):
        at = start + timedelta(hours=number)
        payload = {
            "case": "c", "step": step.value, "advice": plain_advice(advice), "meeting": "2026-01-02",
            "text": "said", "reason": "",
        }  # fmt: skip
        events.append(Event(number, EventKind.BOARD_STEP, "a", at, at, "p", payload, None, ""))
    case = board_of(events).cases["c"]
    for version in case.versions:
        if version.signed is not None:
            assert version.advice.owner.strip()
            assert version.advice.due is not None
    if case.stage in (CaseStage.SIGNED, CaseStage.FOLLOWED, CaseStage.NOT_FOLLOWED):
        assert case.current is not None
        assert case.current.signed is not None
    if case.stage is CaseStage.DRAFTED and not case.current.advice.owner.strip():
        assert why_not(case, BoardStep.SIGNED)
