"""A laboratory's HL7 message enters the right chart once, or waits for a person with its reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bedside.errors import IntakeError
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.genome.result import Confirmation
from bedside.genome.specimen import Stage, Step
from bedside.service.accept_result import accept_files
from bedside.service.move_specimen import label_specimen, move_specimen, specimens_of
from bedside.service.order_test import Wish, order_test
from bedside.service.receive_hl7 import receive_message
from bedside.service.receive_result import Fate, Received
from bedside.service.register_person import register_person
from bedside.service.stored_answers import orders_of

HOSPITAL = "urn:oid:2.16.840.1.113883.19.5"
ADA = Person("p1", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier(HOSPITAL, "MRN12345"),))
BEA = Person("p2", "Bea", "Osei", date(1980, 1, 11), Sex.FEMALE, (Identifier(HOSPITAL, "MRN12346"),))
HEADER = "MSH|^~\\&|LIS|GENLAB|EHR|HOSP|20260301{minute:02d}00||ORU^R01^ORU_R01|M{minute}|{processing}|2.5.1"
PID = "PID|1||MRN12345^^^&2.16.840.1.113883.19.5&ISO^MR||Osei^Ada||19800101|F"
POOR = (
    "OBX|1|CWE|48018-6^Gene studied^LN|1a|HGNC:2621^CYP2C19^HGNC||||||{status}",
    "OBX|2|ST|84413-4^Genotype display name^LN|1a|CYP2C19 *2/*2||||||{status}",
    "OBX|3|CWE|53040-2^Metabolism^LN|1a|LA9657-3^Poor metabolizer^LN||||||{status}",
)


def message(
    *observations: str,
    pid: str = PID,
    placer: str = "",
    filler: str = "L1",
    status: str = "F",
    processing: str = "P",
    minute: int = 10,
    times: str = "",
) -> bytes:
    reported = f"202603010{minute:02d}0"
    obr = f"OBR|1|{placer}|{filler}|81247-9^Panel^LN|||{times}|||||||{times}||||||||{reported}|||{status}"
    lines = [HEADER.format(minute=minute, processing=processing), pid, f"ORC|RE|{placer}|{filler}", obr]
    lines += [one.format(status=status) for one in observations or POOR]
    return ("\r".join(lines) + "\r").encode()


@pytest.fixture
def house(house):
    register_person(house, ADA)
    register_person(house, BEA)
    return house


def diplotypes(house, person="p1", gene="CYP2C19"):
    call = house.ledger.person_calls(person).get(gene)
    return None if call is None else tuple(map(str, call.source_diplotypes))


def test_a_final_result_answers_for_its_gene_with_the_bytes_it_stands_in(house):
    sent = message()
    received = receive_message(house, sent)
    assert received == Received(
        Fate.ACCEPTED, received.document, "M10", True, "p1", received.result, unread=0
    )
    assert diplotypes(house) == ("*2/*2",)
    (held,) = house.ledger.results("p1")
    assert (held.documents, held.laboratory, held.confirmation) == (
        (received.document,), "LIS/GENLAB", Confirmation.CLINICAL,
    )  # fmt: skip
    (event,) = house.ledger.events(person="p1", kinds=(EventKind.MESSAGE_RECEIVED,))
    (call,) = event.payload["calls"]
    kept = house.documents.get(received.document)
    pieces = [kept[start:end].decode() for _, start, end in call["from"]]
    assert pieces == [one.format(status="F") for one in POOR]


def test_it_is_the_same_in_the_record_as_a_file_of_outside_calls(house, tmp_path):
    received = receive_message(house, message())
    file = tmp_path / "calls.tsv"
    file.write_text("CYP2C19\tCYP2C19 *2/*2\tPoor Metabolizer\n")
    (accepted,) = accept_files(house, [file], "p2")
    (mine,), (theirs,) = house.ledger.results("p1"), house.ledger.results("p2")
    assert (mine.result, theirs.result) == (received.result, accepted.result)
    assert (mine.observations, mine.calls, mine.assay, mine.release) == (
        theirs.observations, theirs.calls, theirs.assay, theirs.release,
    )  # fmt: skip


def test_the_same_result_sent_a_hundred_times_is_one_result(house):
    first = receive_message(house, message())
    written = house.ledger.checkpoint()
    for minute in range(11, 60):
        header = HEADER.format(minute=minute, processing="P").encode()
        again = receive_message(house, header + message()[message().index(b"\r") :])
        assert (again.new, again.result, again.person) == (False, first.result, "p1")
    assert house.ledger.checkpoint() == written


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (PID.replace("Osei", "Osej"), "the family name differs"),
        (PID.replace("^Ada", "^Bda"), "the given name differs"),
        (PID.replace("^Ada", ""), "the given name is missing on one side"),
        (PID.replace("19800101", "19800111"), "the birth date differs"),
        (PID.replace("19800101", ""), "the birth date is missing on one side"),
        (PID.replace("|F", "|M"), "the sex differs"),
        (PID.replace("12345", "12346"), "the given name differs"),
        (PID.replace("12345", "12395"), "no record has any of its numbers, and the order is not ours"),
        (PID.replace("MRN12345", ""), "no record has any of its numbers, and the order is not ours"),
    ],
)
def test_a_change_of_one_character_touches_nobodys_chart(house, changed, reason):
    received = receive_message(house, message(pid=changed))
    assert received.fate is Fate.QUARANTINED
    assert reason in received.reasons
    assert house.ledger.results("p1") == house.ledger.results("p2") == ()
    assert house.documents.get(received.document) == message(pid=changed)


def ordered(house, person="p1"):
    wish = Wish("pgx-basic", "Dr Who", answers={"transplant": "no"})
    return order_test(house, person, wish).order.order


def test_an_order_of_somebody_else_touches_nobodys_chart(house):
    received = receive_message(house, message(placer=ordered(house, "p2")))
    assert received.reasons == ("its numbers and its order belong to different people",)
    assert house.ledger.results("p1") == house.ledger.results("p2") == ()


def test_a_result_of_our_order_ends_it_and_its_specimen(house):
    number = ordered(house)
    tube = label_specimen(house, "p1", number, by="nurse").specimen
    move_specimen(house, "p1", tube, Step.COLLECT, by="nurse")
    early = receive_message(house, message(placer=number))
    assert early.fate is Fate.QUARANTINED
    assert "specimen is not on record as received" in early.reasons[0]
    move_specimen(house, "p1", tube, Step.RECEIVE, by="laboratory")
    late = receive_message(house, message(placer=number))
    assert late.fate is Fate.ACCEPTED
    assert specimens_of(house, "p1")[tube].stage is Stage.RESULTED
    held = orders_of(house, "p1")[number]
    assert (held.outcome.value, held.results) == ("resulted", (late.result,))
    (settled,) = house.ledger.events(kinds=(EventKind.MESSAGE_SETTLED,))
    assert settled.payload["why"] == "matched when it was sent again"


def test_a_message_that_states_receipt_itself_ends_the_specimen_too(house):
    number = ordered(house)
    tube = label_specimen(house, "p1", number, by="nurse").specimen
    received = receive_message(house, message(placer=number, times="202603010700"))
    assert received.fate is Fate.ACCEPTED
    steps = [moved.step for moved in specimens_of(house, "p1")[tube].custody]
    assert steps == [Step.LABEL, Step.COLLECT, Step.RECEIVE, Step.RESULT]


@pytest.mark.parametrize(("status", "processing"), [("P", "P"), ("F", "T"), ("F", "D")])
def test_what_is_not_final_or_a_test_of_the_interface_reaches_no_card(house, status, processing):
    received = receive_message(house, message(status=status, processing=processing))
    (held,) = house.ledger.results("p1")
    assert (received.fate, held.confirmation) == (Fate.ACCEPTED, Confirmation.UNCONFIRMED)
    assert diplotypes(house) is None


def test_a_corrected_report_replaces_the_first_and_an_old_one_does_not_come_back(house):
    first = receive_message(house, message(minute=10))
    changed = (
        POOR[0],
        POOR[1].replace("*2/*2", "*1/*2"),
        POOR[2].replace("LA9657-3^Poor", "LA10317-8^Intermediate"),
    )
    second = receive_message(house, message(*changed, status="C", minute=20))
    assert [(one.result, bool(one.withdrawn)) for one in house.ledger.results("p1")] == [
        (first.result, True), (second.result, False),
    ]  # fmt: skip
    assert diplotypes(house) == ("*1/*2",)
    stale = receive_message(house, message(*changed[:2], minute=15))
    assert stale.reasons == ("a newer report of the same result is in the record already",)


def test_a_cancelled_result_leaves_nothing_in_force(house):
    receive_message(house, message())
    cancelled = receive_message(house, message("NTE|1||withdrawn", status="X", minute=30))
    assert (cancelled.fate, cancelled.result, diplotypes(house)) == (Fate.ACCEPTED, "", None)


MISCODED = (
    "OBX|1|CWE|53037-8^Clinical significance^LN|2a|254843006^Familial cancer of breast^SCT||||||F",
    "OBX|2|CWE|69548-6^Genetic variant assessment^LN|2a|Pathogenic||||||F",
    "OBX|3|ST|LA6668-3^Pathogenic^LN|2a|NM_007294.4:c.68_69del||||||F",
)


def test_a_message_that_codes_wrongly_is_kept_apart_with_each_reason(house):
    received = receive_message(house, message(*MISCODED))
    assert received.reasons == (
        "segment 5: 53037-8 is answered with a code of another system",
        "segment 6: 69548-6 is answered with an answer of another question",
        "segment 7: OBX-3 holds an answer's code where a question's belongs",
    )
    assert house.ledger.results("p1") == ()


def test_what_cannot_be_coded_is_listed_and_becomes_somebodys_task(house):
    local = "OBX|4|CWE|48018-6^Gene studied^UFMOLLRR|2a|HGNC:583^APC^HGNC||||||F"
    received = receive_message(house, message(*POOR, local))
    (event,) = house.ledger.events(person="p1", kinds=(EventKind.MESSAGE_RECEIVED,))
    assert [(one["code"], one["why"]) for one in event.payload["unread"]] == [
        ("48018-6", "its code is of the system UFMOLLRR, which is not read")
    ]
    (task,) = house.ledger.tasks("p1")
    assert (task.kind, task.owner, task.about["result"]) == (
        "read-uncoded-result", "laboratory liaison", received.result,
    )  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        POOR[0].replace("HGNC:2621", "HGNC:2625"),
        POOR[0].replace("HGNC:2621^CYP2C19^HGNC", "cytochrome P450 2C19"),
        POOR[0] + "\r" + POOR[0].replace("OBX|1", "OBX|9"),
    ],
)
def test_a_gene_that_is_not_named_surely_makes_no_call(house, broken):
    received = receive_message(house, message(broken, *POOR[1:]))
    assert (received.fate, diplotypes(house)) == (Fate.ACCEPTED, None)
    assert received.unread >= 3


@pytest.mark.parametrize(
    "content",
    [
        b"", b"MSH", b"hello", message()[:40], message().replace(b"ORU^R01^ORU_R01", b"ADT^A01"),
        message().replace(b"Osei", b"Os\xffei"), message().replace(b"Osei", b"Os\x00ei"),
        message() + message(), message().replace(b"PID|", b"PIX|"), message().replace(b"OBR|", b"OBQ|"),
    ],
)  # fmt: skip
def test_what_is_no_result_is_refused_with_nothing_stored(house, content):
    written = house.ledger.checkpoint()
    with pytest.raises(IntakeError):
        receive_message(house, content)
    assert house.ledger.checkpoint() == written


def test_the_real_and_assembled_messages_are_taken_or_kept_apart_with_a_reason(house, shared):
    folder = shared / "hl7v2"
    jane = Person("p3", "Jane", "Doe", date(1980, 1, 1), Sex.FEMALE, (Identifier("HOSP", "NB6TK328"),))
    register_person(house, jane)
    variants = receive_message(house, (folder / "synthetic_ORU_LRI_NB6TK328.hl7").read_bytes())
    assert (variants.fate, variants.person, variants.unread) == (Fate.ACCEPTED, "p3", 11)
    report = (folder / "nw_ORU_R01_PDF_NWGMSA.txt").read_bytes()
    assert receive_message(house, report).fate is Fate.QUARANTINED
    octavia = Person(
        "p4", "Octavia", "Chislett", date(2008, 9, 20), Sex.FEMALE, (Identifier("NHS", "9449305552"),)
    )
    register_person(house, octavia)
    again = receive_message(house, report)
    assert (again.fate, again.person) == (Fate.ACCEPTED, "p4")
    assert [one.confirmation for one in house.ledger.results("p4")] == [Confirmation.UNCONFIRMED]
    for order in ("nw_OML_O21_PDF.txt", "pharmcat_order_OML.hl7"):
        with pytest.raises(IntakeError, match="message type is not read here"):
            receive_message(house, (folder / order).read_bytes())
    for piece in ("expected_example1_with_patient.txt", "expected_example4.txt"):
        with pytest.raises(IntakeError, match="MSH"):
            receive_message(house, (folder / piece).read_bytes())


def test_the_time_a_result_was_reported_is_when_it_held(house):
    receive_message(house, message())
    (held,) = house.ledger.results("p1")
    assert held.valid_at == datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
