"""A laboratory's FHIR report enters the right chart once, with the bytes of it all, or waits."""

from __future__ import annotations

import json

import pytest

from bedside.errors import IntakeError
from bedside.genome.event import EventKind
from bedside.genome.reported import AllelicState, FindingKind, ReportedPresence, SourceClass
from bedside.genome.result import Confirmation
from bedside.service.quarantine import give_to, waiting
from bedside.service.receive_fhir import keep_fhir
from bedside.service.receive_result import Fate, receive_kept
from bedside.service.register_person import register_person
from bedside.service.reported_findings import reported_of
from tests.unit.service.fhir_reports import (
    CYP2C19,
    EVERYTHING,
    GENOTYPE,
    IMPLICATION,
    INDICATORS,
    MEANS,
    PATIENT,
    REPORT,
    VARIANT,
    bundle,
    changed,
    coded,
    component,
    document,
    gene,
    observation,
    swapped,
)
from tests.unit.service.test_receive_hl7 import ADA, BEA, diplotypes


@pytest.fixture
def house(house):
    register_person(house, ADA)
    register_person(house, BEA)
    return house


def receive(house, content):
    (kept,) = keep_fhir(house, content)
    return receive_kept(house, kept)


def reading(house, *resources):
    (kept,) = keep_fhir(house, document(*resources))
    return kept.read(house)


def test_a_report_answers_for_its_gene_with_the_bytes_it_stands_in(house):
    sent = document()
    received = receive(house, sent)
    assert (received.fate, received.person, received.unread) == (Fate.ACCEPTED, "p1", 1)
    assert diplotypes(house) == ("*2/*2",)
    (held,) = house.ledger.results("p1")
    assert (held.documents, held.laboratory, held.confirmation) == (
        (received.document,), "Genlab", Confirmation.CLINICAL,
    )  # fmt: skip
    assert house.documents.get(received.document) == sent
    (event,) = house.ledger.events(person="p1", kinds=(EventKind.MESSAGE_RECEIVED,))
    (call,) = event.payload["calls"]
    assert (call["diplotype"], call["phenotype"]) == ("*2/*2", "Poor Metabolizer")
    pieces = [json.loads(sent[start:end])["id"] for _, start, end in call["from"]]
    assert pieces == ["genotype", "implication"]
    (unread,) = event.payload["unread"]
    assert "own advice on a drug" in unread["why"]


def test_a_variant_is_kept_as_the_laboratorys_own_statement(house):
    sent = document()
    receive(house, sent)
    (one,) = reported_of(house, house.ledger.results("p1"))
    found = one.finding
    assert one.reported_by == "Reported by Genlab on 2026-03-01"
    assert (found.kind, found.presence, found.allelic_state, found.source) == (
        FindingKind.VARIANT, ReportedPresence.PRESENT, AllelicState.HETEROZYGOUS, SourceClass.GERMLINE,
    )  # fmt: skip
    assert (found.gene, found.gene_code, found.hgvs) == ("BRCA1", "HGNC:1100", ("NM_007294.4:c.68_69del",))
    assert (found.classification.text, found.classification.code) == ("Pathogenic", "LA6668-3")
    assert found.condition.text == "hereditary breast and ovarian cancer"
    assert [(one.asked.code, one.answer.text) for one in found.details] == [
        ("81258-6", "0.48 relative frequency")
    ]
    assert [json.loads(sent[place.start : place.end])["id"] for place in found.places] == ["variant", "means"]
    assert [place.pointer for place in found.places] == ["/entry/5/resource", "/entry/6/resource"]
    assert "BRCA1" not in house.ledger.person_calls("p1")


def test_the_same_report_sent_again_is_one_result_whatever_its_envelope(house):
    first = receive(house, document())
    written = house.ledger.checkpoint()
    again = bundle(id="other", timestamp="2026-03-02T00:00:00Z", meta={"lastUpdated": "2026-03-02T00:00:00Z"})
    again["entry"][3]["resource"]["meta"] = {"versionId": "7", "lastUpdated": "2026-03-02T00:00:00Z"}
    for content in (
        document(),
        json.dumps(again).encode(),
        json.dumps(again, sort_keys=True).encode("utf-8-sig"),
    ):
        received = receive(house, content)
        assert (received.new, received.result, received.person) == (False, first.result, "p1")
    assert house.ledger.checkpoint() == written


NAME = PATIENT["name"][1]


@pytest.mark.parametrize(
    ("patient", "reason"),
    [
        ({"name": [{**NAME, "family": "Osej"}]}, "the family name differs"),
        ({"name": [{**NAME, "given": ["Bda"]}]}, "the given name differs"),
        ({"name": [{**NAME, "use": "old"}]}, "the family name is missing on one side"),
        ({"name": []}, "the given name is missing on one side"),
        ({"birthDate": "1980-01-11"}, "the birth date differs"),
        ({"birthDate": "1980-01"}, "the birth date is missing on one side"),
        ({"gender": "male"}, "the sex differs"),
        (
            {"identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "MRN12346"}]},
            "the given name differs",
        ),
        (
            {"identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "MRN12395"}]},
            "no record has any of its numbers, and the order is not ours",
        ),
        ({"identifier": []}, "no record has any of its numbers, and the order is not ours"),
        (
            {"link": [{"type": "replaced-by", "other": {"reference": "Patient/x"}}]},
            "the sender merged this patient",
        ),
    ],
)
def test_a_change_of_one_character_touches_nobodys_chart(house, patient, reason):
    sent = document(*swapped(changed(PATIENT, **patient)))
    received = receive(house, sent)
    assert received.fate is Fate.QUARANTINED
    assert any(one.startswith(reason) for one in received.reasons)
    assert house.ledger.results("p1") == house.ledger.results("p2") == ()
    assert house.documents.get(received.document) == sent


def test_a_person_decides_whose_a_waiting_report_is(house):
    received = receive(house, document(*swapped(changed(PATIENT, birthDate="1980-01-11"))))
    (one,) = waiting(house)
    given = give_to(house, one.number[:16], "p1", by="registrar", why="spelling on her card")
    assert (given.fate, given.document, diplotypes(house)) == (Fate.ACCEPTED, received.document, ("*2/*2",))
    assert waiting(house) == ()


def test_a_corrected_report_takes_the_place_of_the_earlier_one_which_is_kept(house):
    receive(house, document())
    normal = changed(GENOTYPE, valueCodeableConcept={"text": "CYP2C19 *1/*1"})
    good = changed(IMPLICATION, component=IMPLICATION["component"][1:])
    corrected = changed(REPORT, status="corrected", issued="2026-03-02T10:00:00Z")
    receive(house, document(*swapped(normal, good, corrected)))
    assert diplotypes(house) == ("*1/*1",)
    held = house.ledger.results("p1")
    assert [one.withdrawn for one in held] == ["replaced by a later report of the laboratory", ""]
    old = changed(REPORT, issued="2026-02-01T10:00:00Z")
    late = receive(house, document(*swapped(old)))
    assert late.reasons == ("a newer report of the same result is in the record already",)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_withdrawn_report_takes_the_result_out_of_force(house, status):
    receive(house, document())
    received = receive(house, document(*swapped(changed(REPORT, status=status))))
    assert (received.fate, received.result) == (Fate.ACCEPTED, "")
    (held,) = house.ledger.results("p1")
    assert held.withdrawn == "cancelled by the laboratory"
    assert diplotypes(house) is None
    assert reported_of(house, house.ledger.results("p1")) == ()


@pytest.mark.parametrize("more", [{"status": "preliminary"}, {"meta": {"security": [{"code": "HTEST"}]}}])
def test_what_is_not_final_or_a_test_of_the_interface_reaches_no_chart(house, more):
    receive(house, document(*swapped(changed(REPORT, **more))))
    (held,) = house.ledger.results("p1")
    assert held.confirmation is Confirmation.UNCONFIRMED
    assert diplotypes(house) is None
    assert reported_of(house, house.ledger.results("p1")) == ()


def calls(read):
    return [(one.gene, one.diplotype, one.phenotype) for one in read.calls]


@pytest.mark.parametrize(
    ("code", "pair"),
    [
        ("hla#3.31.0#HLA-B*57:01:01+HLA-B*15:02", "*57:01:01/*15:02"),
        ("HLA-B*57:01+HLA-B*15:02", "*57:01/*15:02"),
        ("hla#3.31.0#HLA-B*57:01+HLA-B*15:02|HLA-B*57:03+HLA-B*15:02", None),
        ("hla#3.31.0#HLA-B*57:01/HLA-B*57:02+HLA-B*15:02", None),
        ("hla#3.31.0#HLA-B*57:01+HLA-A*15:02", None),
    ],
)
def test_an_hla_genotype_list_string_is_a_pair_unless_it_leaves_several_open(house, code, pair):
    typed = observation(
        "hla",
        coded("84413-4"),
        component=[gene("HLA-B", "HGNC:4932")],
        valueCodeableConcept=coded(code, system="http://glstring.org"),
    )
    read = reading(house, PATIENT, typed)
    assert [one[1] for one in calls(read)] == ([pair] if pair else [])
    assert len(read.unread) == (0 if pair else 1)


def test_indicators_come_as_the_answer_to_a_search_and_wait_where_the_patient_is_not_sent(house):
    found = [
        {
            "resourceType": "Condition",
            "id": f"i{number}",
            "clinicalStatus": coded("active", system="urn:x"),
            "verificationStatus": coded("confirmed", system="urn:x"),
            "category": [coded("genomics", "Genomics", INDICATORS)],
            "code": {"text": words},
            "subject": {"reference": "https://ehr.example/fhir/Patient/ada", "display": "Osei, Ada"},
        }
        for number, words in enumerate(("CYP2C19 Poor Metabolizer", "CYP2D6 something new"))
    ]
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "information", "code": "informational"}],
    }
    sent = bundle(*found, type="searchset", total=2)
    sent["entry"].append({"resource": outcome, "search": {"mode": "outcome"}})
    received = receive(house, json.dumps(sent).encode())
    assert "the patient is not in the document" in received.reasons
    given = give_to(house, received.number, "p1", by="registrar", why="asked of her record")
    assert (given.fate, given.unread) == (Fate.ACCEPTED, 1)
    assert house.ledger.person_calls("p1")["CYP2C19"].phenotypes == ("Poor Metabolizer",)
    assert "CYP2D6" not in house.ledger.person_calls("p1")


def test_a_stated_phenotype_that_the_alleles_contradict_is_kept_beside_them(house):
    rapid = changed(IMPLICATION, component=[component("therapeutic-implication", coded("LA25390-8"))])
    read = reading(house, PATIENT, GENOTYPE, rapid)
    assert calls(read) == [("CYP2C19", "*2/*2", "Rapid Metabolizer")]


def test_two_haplotypes_of_a_gene_are_its_genotype_and_one_is_none(house):
    one = observation(
        "h1", coded("84414-2"), component=[CYP2C19], valueCodeableConcept={"text": "CYP2C19 *1"}
    )
    two = observation(
        "h2", coded("84414-2"), component=[CYP2C19], valueCodeableConcept=coded("*17", system="urn:x")
    )
    assert calls(reading(house, PATIENT, one, two)) == [("CYP2C19", "*1/*17", "")]
    alone = reading(house, PATIENT, one)
    assert (calls(alone), len(alone.unread)) == ([], 1)


def test_metabolism_and_genomic_indicators_are_the_laboratorys_phenotypes(house):
    said = observation("m", coded("53040-2"), component=[CYP2C19], valueCodeableConcept=coded("LA9657-3"))
    assert calls(reading(house, PATIENT, said)) == [("CYP2C19", "", "Poor Metabolizer")]
    indicator = {
        "resourceType": "Condition",
        "id": "i",
        "category": [coded("genomics", system=INDICATORS)],
        "code": {"text": "CYP2B6 Intermediate Metabolizer"},
        "subject": {"reference": "Patient/ada"},
    }
    assert calls(reading(house, PATIENT, indicator)) == [("CYP2B6", "", "Intermediate Metabolizer")]
    refuted = changed(indicator, verificationStatus=coded("refuted", system="urn:x"))
    read = reading(house, PATIENT, refuted)
    assert (calls(read), [one["why"] for one in read.unread]) == (
        [],
        ["it is not confirmed, or no longer in force"],
    )


@pytest.mark.parametrize(
    "wrong",
    [
        [gene("CYP2D6", "HGNC:2621")],
        [CYP2C19, gene("CYP2D6", "HGNC:2625")],
        [gene("CYP2D6", "HGNC:2625")],
    ],
)
def test_a_genotype_whose_gene_is_contradicted_makes_no_call(house, wrong):
    read = reading(house, PATIENT, changed(GENOTYPE, component=wrong))
    assert (calls(read), len(read.unread)) == ([], 1)


def test_a_genotype_of_a_tumour_is_no_genotype_of_the_person(house):
    for code in ("LA6684-0", "LA18195-0", "LA10429-1"):
        somatic = changed(GENOTYPE, component=[CYP2C19, component("48002-0", coded(code))])
        read = reading(house, PATIENT, somatic)
        assert (calls(read), len(read.unread)) == ([], 1)
    germline = changed(GENOTYPE, component=[CYP2C19, component("48002-0", coded("LA6683-2"))])
    assert calls(reading(house, PATIENT, germline)) == [("CYP2C19", "*2/*2", "")]


def test_absent_indeterminate_and_no_call_stay_what_they_are(house):
    said = {"LA9634-2": "absent", "LA11884-6": "indeterminate", "LA18198-4": "no-call"}
    for code, presence in said.items():
        (found,) = reading(house, PATIENT, changed(VARIANT, valueCodeableConcept=coded(code))).findings
        assert found.presence is ReportedPresence(presence)
    silent = changed(VARIANT)
    del silent["valueCodeableConcept"]
    (found,) = reading(house, PATIENT, silent).findings
    assert found.presence is ReportedPresence.NOT_SAID


def test_two_meanings_of_one_variant_are_two_statements(house):
    other = changed(MEANS, id="other", component=[component("53037-8", coded("LA26333-7"))])
    found = reading(house, PATIENT, VARIANT, MEANS, other).findings
    assert [one.classification.code for one in found] == ["LA6668-3", "LA26333-7"]
    assert len({one.places[0] for one in found}) == 1


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (coded("LA6668-3"), "none of its answers"),
        (coded("LA9633-4", "Absent"), "a code and a text that mean different answers"),
        ({**coded("LA9633-4"), "text": "Absent"}, "a code and a text that mean different answers"),
        ({"coding": [*coded("LA9633-4")["coding"], *coded("LA9634-2")["coding"]]}, "two of its answers"),
    ],
)
def test_an_answer_that_contradicts_itself_enters_nobodys_chart(house, value, why):
    received = receive(house, document(*swapped(changed(VARIANT, valueCodeableConcept=value))))
    assert received.fate is Fate.QUARANTINED
    assert any(why in one and "/entry/5/resource" in one for one in received.reasons)
    assert house.ledger.results("p1") == ()


def broken(change):
    made = bundle()
    change(made)
    return json.dumps(made).encode()


def inside(number, **more):
    return broken(lambda made: made["entry"][number]["resource"].update(more))


def longer(resource, **more):
    return broken(lambda made: made["entry"].append({"resource": resource, **more}))


DELETE = {"method": "DELETE", "url": "x"}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "empty"),
        (document()[:-3], "cut short"),
        (document()[:-40], "a text that does not end"),
        (document().decode().encode("utf-16"), "is not UTF-8 text"),
        (b'{"resourceType": "Bundle", "type": "collection", "type": "batch"}', "names a member twice"),
        (b'{"resourceType": "Bundle", "a": ' + b"[" * 5000, "nested more than"),
        (b'{"resourceType": "Bundle", "a": 1e' + b"9" * 500 + b"}", "too many digits"),
        (b'{"resourceType": ["Bundle"]}', "no FHIR resource"),
        (b'{"resourceType": "Bundle", "type": "history"}', "/type"),
        (b'{"resourceType": "Bundle", "type": {"a": 1}}', "/type"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": {}}', "/entry"),
        (b'{"resourceType": "Organization", "name": "L"}', "holds no genomic result"),
        (inside(0, result=[{"reference": "Observation/x"}]), "/entry/0/resource/result/0"),
        (inside(4, derivedFrom=[{"reference": "#x"}]), "/derivedFrom/0"),
        (inside(3, subject={"reference": "Patient/bea"}), "/entry/3/resource/subject"),
        (inside(3, subject={"reference": "Organization/lab"}), "/subject"),
        (longer(changed(PATIENT, id="bea")), "/entry/7/resource: is a second patient"),
        (longer(changed(REPORT, id="r2")), "second report"),
        (longer(changed(GENOTYPE)), "an address that another resource"),
        (longer(bundle()), "a Bundle inside a Bundle"),
        (longer(changed(GENOTYPE, id="g2"), request=DELETE), "/entry/7/request"),
        (longer(None, request=DELETE), "/entry/7: holds no resource"),
        (inside(3, status="perhaps"), "/entry/3/resource/status"),
        (inside(3, component={"code": 1}), "/component"),
        (inside(3, valueString=5), "/valueString"),
        (inside(1, birthDate=1980), "/entry/1/resource/birthDate"),
    ],
)
def test_what_is_not_one_whole_report_of_one_person_is_refused_with_the_place(house, content, place):
    before = house.ledger.checkpoint()
    with pytest.raises(IntakeError) as refused:
        keep_fhir(house, content)
    assert place in str(refused.value)
    assert "Osei" not in str(refused.value)
    assert house.ledger.checkpoint() == before


def test_a_report_may_contain_its_parts(house):
    inner = [changed(one, subject={"reference": "#ada"}) for one in (GENOTYPE, VARIANT)]
    report = changed(
        REPORT,
        contained=[PATIENT, *inner],
        subject={"reference": "#ada"},
        performer=[{"display": "Genlab"}],
        result=[{"reference": "#genotype"}, {"reference": "#variant"}],
    )
    received = receive(house, json.dumps(report).encode())
    assert (received.fate, diplotypes(house)) == (Fate.ACCEPTED, ("*2/*2",))
    (found,) = reported_of(house, house.ledger.results("p1"))
    assert found.finding.places[0].pointer == "/contained/2"


def test_a_report_without_its_patient_waits_and_says_so(house):
    received = receive(house, document(*(one for one in EVERYTHING if one is not PATIENT)))
    assert "the patient is not in the document" in received.reasons


def test_a_report_that_answers_an_order_of_somebody_else_waits(house):
    order = {"resourceType": "ServiceRequest", "id": "o", "identifier": [{"value": "A"}]}
    other = changed(order, id="o2", identifier=[{"value": "B"}])
    report = changed(REPORT, basedOn=[{"reference": "ServiceRequest/o"}, {"reference": "ServiceRequest/o2"}])
    received = receive(house, document(*swapped(report), order, other))
    assert received.reasons == ("it answers several orders",)
