"""What a laboratory reported comes back from the ledger as it was said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bedside.genome.reported import (
    Detail,
    FindingKind,
    JsonPlace,
    PagePlace,
    ReportedFinding,
    ReportedPlace,
    ReportedPresence,
    SaidCode,
    SegmentPlace,
)
from bedside.store.encode import decode
from bedside.store.encode_reported import decode_reported, reported_content

NUMBER = st.integers(0, 2**40)
CODES = st.builds(SaidCode, st.text(), st.text(), st.text())
PLACES = st.one_of(
    st.builds(JsonPlace, st.text(), NUMBER, NUMBER),
    st.builds(SegmentPlace, NUMBER, NUMBER, NUMBER),
    st.builds(PagePlace, NUMBER, st.tuples(*[st.floats(0, 1e4)] * 4)),
)
FINDINGS = st.builds(
    ReportedFinding,
    kind=st.sampled_from(FindingKind),
    presence=st.sampled_from(ReportedPresence),
    places=st.lists(PLACES, min_size=1, max_size=3).map(tuple),
    gene=st.text(),
    gene_code=st.text(),
    hgvs=st.lists(st.text(), max_size=3).map(tuple),
    where=st.builds(ReportedPlace, *[st.text()] * 8),
    identifiers=st.lists(CODES, max_size=2).map(tuple),
    classification=CODES,
    condition=CODES,
    inheritance=CODES,
    details=st.lists(st.builds(Detail, CODES, CODES), max_size=2).map(tuple),
    comment=st.text(),
)


@given(FINDINGS)
def test_a_finding_is_read_as_it_was_written(finding):
    content = reported_content(finding)
    assert decode_reported(decode(content.body)) == finding
    assert reported_content(finding) == content


@given(FINDINGS, st.sampled_from(ReportedPresence))
def test_another_answer_is_another_statement(finding, presence):
    other = replace(finding, presence=presence)
    assert (reported_content(other).digest == reported_content(finding).digest) == (other == finding)


@given(FINDINGS)
def test_every_finding_has_a_name_to_be_shown_by(finding):
    assert finding.name or not finding.gene.strip()
