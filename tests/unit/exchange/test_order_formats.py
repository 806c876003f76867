"""An order in the formats of hospitals: valid FHIR R4, an OML that another parser reads, and nothing accepted
that was changed on its way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bedside.errors import IntakeError
from bedside.exchange.order_fhir import order_bundle, read_order_bundle
from bedside.exchange.order_hl7v2 import read_oml, write_oml
from tests.unit.exchange.test_order_pdf import ORDER

SENT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_the_bundle_is_valid_fhir_r4():
    bundles = pytest.importorskip("fhir.resources.R4B.bundle")
    bundle = order_bundle(ORDER)
    read = bundles.Bundle.model_validate(bundle)
    kinds = [entry.resource.get_resource_type() for entry in read.entry]
    assert kinds == ["Patient", "Specimen", "Observation", "ServiceRequest"]
    assert read_order_bundle(json.loads(read.model_dump_json())) == ORDER


def test_a_bundle_sent_twice_makes_one_order():
    assert order_bundle(ORDER) == order_bundle(ORDER)
    unless = [entry["request"].get("ifNoneExist") for entry in order_bundle(ORDER)["entry"]]
    assert unless == ["identifier=urn:bedside:person|p1", None, None, "identifier=urn:bedside:order|BS1"]


def test_another_parser_reads_the_order_from_the_oml():
    hl7 = pytest.importorskip("hl7", reason="python-hl7, another implementation, reads it here")
    read = hl7.parse(write_oml(ORDER, SENT).decode())
    assert str(read.segment("MSH")[9]) == "OML^O21^OML_O21"
    assert (str(read.segment("PID")[5]), str(read.segment("PID")[7])) == (
        "O'Brien (née Müller)^Zoë",
        "19800203",
    )
    assert str(read.segment("OBR")[4]) == "EX1^Pharmacogene panel^99EX^pgx^^99BEDSIDE"
    assert [str(one[3][0][0]) for one in read.segments("DG1")] == ["Z80.3"]
    assert [str(one[5]) for one in read.segments("OBX")] == ["no", ORDER.digest]


@pytest.mark.parametrize(
    "change", [(b"19800203", b"19800202"), (b"Z80.3", b"Z80.4"), (b"|no|", b"|yes|"), (b"M1^", b"M2^")]
)
def test_an_oml_that_was_changed_is_refused(change):
    with pytest.raises(IntakeError, match="not what its digest says"):
        read_oml(write_oml(ORDER, SENT).replace(*change))


@pytest.mark.parametrize("gone", ["PID", "ORC", "OBR", "SPM", "TQ1"])
def test_an_oml_without_a_segment_is_refused(gone):
    lines = [one for one in write_oml(ORDER, SENT).split(b"\r") if not one.startswith(gone.encode())]
    with pytest.raises(IntakeError, match=f"has no {gone} segment"):
        read_oml(b"\r".join(lines))


def test_a_bundle_that_was_changed_or_is_none_is_refused():
    bundle = order_bundle(ORDER)
    bundle["entry"][0]["resource"]["birthDate"] = "1980-02-02"
    with pytest.raises(IntakeError, match="not what its digest says"):
        read_order_bundle(bundle)
    for other in (
        {},
        {"entry": []},
        {"entry": [{"fullUrl": "x", "resource": {"resourceType": "ServiceRequest"}}]},
    ):
        with pytest.raises(IntakeError, match="is not an order"):
            read_order_bundle(other)


def test_every_part_of_an_order_changes_its_digest():
    changed = [
        replace(ORDER, despite="x"), replace(ORDER, orderer="x"), replace(ORDER, answers=()),
        replace(ORDER, reasons=()), replace(ORDER, subject=replace(ORDER.subject, given="x")),
    ]  # fmt: skip
    assert len({one.digest for one in (ORDER, *changed)}) == len(changed) + 1
