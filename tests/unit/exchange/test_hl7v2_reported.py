"""Variants of an HL7 v2 message as the laboratory's statements, with the segments they stand in."""

from __future__ import annotations

import pytest

from bedside.exchange.hl7v2_lri import Coded, coded, miscoded
from bedside.exchange.hl7v2_result import read_result
from bedside.exchange.hl7v2_text import read_message
from bedside.genome.reported import (
    AllelicState,
    FindingKind,
    ReportedPresence,
    SegmentPlace,
    SourceClass,
)
from bedside.knowledge.lri_answers import load_lri_answers

HEAD = (
    "MSH|^~\\&|LIS|GENLAB|EHR|HOSP|20260301||ORU^R01^ORU_R01|M1|P|2.5.1",
    "PID|1||M1^^^HOSP^MR||Osei^Ada||19800101|F",
    "OBR|1||L1|81247-9^Panel^LN||||||||||||||||||20260301|||F",
)
SIMPLE = (
    ("CWE", "48018-6", "HGNC:1^MADEUP1^HGNC"),
    ("CWE", "48004-6", "NM_0001.1:c.5A>G"),
    ("CWE", "48005-3", "p.Lys2Arg"),
    ("ST", "69547-8", "A"),
    ("NR", "81254-5", "100^101"),
    ("ST", "69551-0", "G"),
    ("CWE", "48002-0", "LA6683-2^Germline^LN"),
    ("CWE", "53037-8", "LA6668-3^Pathogenic^LN"),
    ("CWE", "53034-5", "LA6706-1^Heterozygous^LN"),
    ("CWE", "81259-4", "1^A made-up disease^SCT"),
    ("NM", "82121-5", "47"),
)


def read(*observed: tuple[str, str, str, str], status: str = "F") -> tuple[bytes, Coded]:
    lines = [
        f"OBX|{n}|{kind}|{code}^Question {code}^LN|{group}|{value}||||||{status}"
        for n, (group, kind, code, value) in enumerate(observed, start=1)
    ]
    content = ("\r".join((*HEAD, *lines)) + "\r").encode()
    said = read_result(read_message(content))
    assert not miscoded(said.observed, load_lri_answers())
    return content, coded(said.observed, load_lri_answers(), {}, {})


def in_group(group: str, *more: tuple[str, str, str]) -> list[tuple[str, str, str, str]]:
    return [(group, *one) for one in (*SIMPLE, *more)]


@pytest.mark.parametrize(
    ("answer", "presence"),
    [
        ("LA9633-4^Present^LN", ReportedPresence.PRESENT),
        ("LA9634-2^Absent^LN", ReportedPresence.ABSENT),
        ("LA18198-4^No call^LN", ReportedPresence.NO_CALL),
        ("LA11884-6^Indeterminate^LN", ReportedPresence.INDETERMINATE),
        ("^Present", ReportedPresence.PRESENT),
        ("maybe", ReportedPresence.NOT_SAID),
    ],
)
def test_a_variant_is_what_the_laboratory_says_in_four_answers(answer, presence):
    content, found = read(*in_group("2a", ("CWE", "69548-6", answer)))
    (finding,) = found.findings
    assert (finding.kind, finding.presence, found.unread) == (FindingKind.VARIANT, presence, ())
    assert finding.name == "MADEUP1 NM_0001.1:c.5A>G"
    assert (finding.gene_code, finding.hgvs[1], finding.where.start, finding.where.end) == (
        "HGNC:1", "p.Lys2Arg", "100", "101",
    )  # fmt: skip
    assert (finding.allelic_state, finding.source) == (AllelicState.HETEROZYGOUS, SourceClass.GERMLINE)
    assert (finding.classification.code, finding.condition.text) == ("LA6668-3", "A made-up disease")
    assert ("82121-5", "47") in [(one.asked.code, one.answer.text) for one in finding.details]
    place = finding.places[0]
    assert isinstance(place, SegmentPlace)
    assert b"69548-6" in content[place.start : place.end]
    assert len(finding.places) == len(SIMPLE) + 1


def test_no_answer_about_presence_is_no_answer():
    _, found = read(*in_group("2a"))
    assert [one.presence for one in found.findings] == [ReportedPresence.NOT_SAID]


def test_structural_and_complex_variants_and_their_parts_stand_apart():
    _, found = read(
        ("3", "CWE", "83005-9", "LA26802-1^Structural variant^LN"),
        ("3", "CWE", "81290-9", "NC_000001.11:g.1_9del"),
        ("3.a", "NR", "82155-3", "1"),
        ("4", "ST", "81262-8", "[made up 1;made up 2]"),
        ("4.a", "CWE", "48004-6", "NM_0001.1:c.5A>G"),
        ("4.b", "CWE", "48004-6", "NM_0001.1:c.9A>G"),
        ("4.b.x", "NM", "82121-5", "12"),
    )
    names = {one.hgvs[0] if one.hgvs else "": len(one.places) for one in found.findings}
    assert names == {
        "NC_000001.11:g.1_9del": 2, "": 1, "[made up 1;made up 2]": 1, "NM_0001.1:c.5A>G": 1,
        "NM_0001.1:c.9A>G": 2,
    }  # fmt: skip
    assert found.unread == ()


def test_what_was_looked_at_and_the_overall_result_are_kept():
    _, found = read(
        ("1", "CWE", "51968-6", "LA6577-6^Negative^LN"),
        ("1a", "ST", "48013-7", "NC_000001.11"),
        ("1a.a", "NR", "51959-5", "1^500"),
    )
    marker, region = sorted(found.findings, key=lambda one: one.kind.value)
    assert (marker.kind, marker.details[0].answer.text) == (FindingKind.MARKER, "Negative")
    assert (region.kind, region.where.sequence, region.where.end) == (
        FindingKind.REGION, "NC_000001.11", "500",
    )  # fmt: skip


def test_a_group_that_says_one_thing_twice_or_is_not_final_waits_for_a_person():
    twice = in_group(
        "2a", ("CWE", "69548-6", "LA9633-4^Present^LN"), ("CWE", "69548-6", "LA9634-2^Absent^LN")
    )
    _, found = read(*twice)
    assert found.findings == ()
    assert {why for _, why in found.unread} == {"its group answers one question about one variant twice"}
    _, found = read(*in_group("2a"), status="P")
    assert found.findings == ()
    assert {why for _, why in found.unread} == {"its group is not final"}
