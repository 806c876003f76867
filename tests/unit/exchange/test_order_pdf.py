"""A requisition on paper says what the order says, with its digest and the order itself attached."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bedside.errors import InputError
from bedside.exchange.order_pdf import write_requisition
from bedside.genome.code import Code, System
from bedside.genome.order import AskedAnswer, LocalCode, Order, SpecimenWanted, Subject, order_of
from bedside.genome.person import Identifier, Sex

MRN = (Identifier("urn:x", "M1"),)
ORDER = Order(
    order="BS1",
    subject=Subject("p1", "O'Brien (née Müller)", "Zoë", date(1980, 2, 3), Sex.FEMALE, MRN),
    test="pgx",
    code=LocalCode("EX1", "Pharmacogene panel", "99EX"),
    laboratory="Lab",
    reasons=(Code(System.ICD10CM, "Z80.3", "Family history of breast cancer"),),
    specimen=SpecimenWanted("BLD", "whole blood", "EDTA tube"),
    orderer="Dr Who",
    placed_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
    answers=(AskedAnswer("q", "Transfusion", "no", "clinician"),),
)  # fmt: skip


def streams(pdf: bytes) -> list[bytes]:
    return [zlib.decompress(one) for one in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.S)]


def test_the_order_is_printed_and_attached_whole():
    pdf = write_requisition(ORDER)
    attached, page = streams(pdf)
    assert order_of(json.loads(attached)) == ORDER
    text = page.decode("cp1252")
    for said in (
        r"O'Brien \(née Müller\), Zoë",
        "Born 1980-02-03",
        "Z80.3",
        "EDTA tube",
        "Transfusion: no",
        ORDER.digest,
    ):
        assert said in text
    assert f"sha256:{ORDER.digest}".encode() in pdf


def test_its_cross_references_lead_to_its_objects():
    pdf = write_requisition(ORDER)
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert pdf[start:].startswith(b"xref\n")
    places = [int(one[:10]) for one in pdf[start:].split(b"\n")[3:] if one.endswith(b"00000 n ")]
    for number, place in enumerate(places, start=1):
        assert pdf[place:].startswith(f"{number} 0 obj\n".encode())


def test_a_name_in_other_letters_is_refused_rather_than_printed_wrongly():
    order = replace(ORDER, subject=replace(ORDER.subject, given="李"))
    with pytest.raises(InputError, match="send FHIR or HL7 v2"):
        write_requisition(order)


def test_a_long_order_runs_over_pages():
    answers = tuple(AskedAnswer(f"q{n}", f"Question {n}", "word " * 40) for n in range(40))
    pdf = write_requisition(replace(ORDER, answers=answers))
    assert int(re.search(rb"/Count (\d+)", pdf)[1]) == 4
