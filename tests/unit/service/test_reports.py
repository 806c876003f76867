"""Reports as PDF: a draft is nothing until people confirmed it and somebody signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bedside.errors import InputError, IntakeError, RequestError
from bedside.genome.draft import DraftState, FieldKind, Verdict
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.genome.result import Confirmation
from bedside.service.drafts import (
    accept_others,
    add_row,
    decide,
    give_draft,
    list_drafts,
    open_draft,
    reject_draft,
)
from bedside.service.house import House, open_house
from bedside.service.receive_report import receive_report
from bedside.service.register_person import register_person
from bedside.service.reported_findings import reported_of
from bedside.service.sign_draft import against_signing, seen_digest, sign_draft
from bedside.service.verify_record import verify_record
from bedside.settings import Settings
from tests.made_up_reports import VARIANT, Placed, Says, classic, picture, report, write

ANNA = Person("p1", "Anna", "Example", date(1961, 3, 12), Sex.FEMALE, (Identifier("urn:made-up", "A-1001"),))
TWIN = Person("p2", "Berta", "Example", date(1961, 3, 12), Sex.FEMALE, (Identifier("urn:made-up", "A-1002"),))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    register_person(opened, ANNA)
    register_person(opened, TWIN)
    yield opened
    opened.close()


def confirm_all(house: House, draft: str, by: str = "reader") -> None:
    for one in open_draft(house, draft).undecided():
        decide(house, draft, one.key, Verdict.ACCEPTED, by=by)
    accept_others(house, draft, by=by)


def sign(house: House, draft: str, by: str = "reader") -> str:
    return sign_draft(house, draft, seen_digest(open_draft(house, draft)), by=by).result


def test_a_confirmed_report_becomes_a_result_with_page_box_and_who(house: House) -> None:
    made = receive_report(house, report("classic"), "a.pdf")
    assert (made.person, made.new) == ("p1", True)
    assert house.ledger.results("p1") == ()
    confirm_all(house, made.draft)
    result = sign(house, made.draft)
    (held,) = house.ledger.results("p1")
    assert (held.result, held.confirmation, held.laboratory) == (
        result,
        Confirmation.CLINICAL,
        "Made-up Genomics",
    )
    assert held.valid_at.date() == date(2026, 2, 14)
    calls = house.ledger.person_calls("p1")
    assert {gene: calls[gene].phenotypes for gene in calls} == {
        "CYP2C19": ("Intermediate Metabolizer",),
        "CYP2D6": ("Poor Metabolizer",),
        "SLCO1B1": ("Decreased Function",),
    }
    (signed,) = house.ledger.events(person="p1", kinds=(EventKind.DRAFT_SIGNED,))
    genotype = next(one for one in signed.payload["fields"] if one["field"] == "genotype-1")
    assert (genotype["value"], genotype["by"], genotype["boxes"][0][0]) == ("*1/*2", "reader", 1)
    assert signed.payload["document"] == made.document
    assert house.ledger.tasks("p1") == ()
    verify_record(house)


def test_the_same_bytes_again_are_the_same_draft(house: House) -> None:
    first = receive_report(house, report("classic"), "a.pdf")
    again = receive_report(house, report("classic"), "b.pdf")
    assert (again.draft, again.new) == (first.draft, False)
    assert [one.draft for one in list_drafts(house)] == [first.draft]


def test_nothing_is_signed_before_each_field_was_decided(house: House) -> None:
    made = receive_report(house, report("classic"), "a.pdf")
    with pytest.raises(RequestError, match="14 fields are not decided yet"):
        sign(house, made.draft)
    assert accept_others(house, made.draft, by="reader") == 3
    assert len(open_draft(house, made.draft).undecided()) == 14
    assert house.ledger.results("p1") == ()


def test_only_what_was_confirmed_enters_the_call(house: House) -> None:
    made = receive_report(house, report("classic"), "a.pdf")
    decide(house, made.draft, "genotype-1", Verdict.CORRECTED, value="*2/*2", by="reader")
    decide(house, made.draft, "phenotype-1", Verdict.REJECTED, reason="another word", by="reader")
    decide(house, made.draft, "gene-2", Verdict.REJECTED, reason="wrong line", by="reader")
    confirm_all(house, made.draft)
    sign(house, made.draft)
    calls = house.ledger.person_calls("p1")
    assert set(calls) == {"CYP2C19", "SLCO1B1"}
    assert calls["CYP2C19"].phenotypes == ("Poor Metabolizer",)


def test_a_signature_is_for_what_its_signer_saw(house: House) -> None:
    made = receive_report(house, report("classic"), "a.pdf")
    confirm_all(house, made.draft)
    seen = seen_digest(open_draft(house, made.draft))
    decide(house, made.draft, "genotype-1", Verdict.CORRECTED, value="*2/*2", by="other")
    with pytest.raises(RequestError, match="since you opened the page"):
        sign_draft(house, made.draft, seen, by="reader")
    assert house.ledger.results("p1") == ()


def test_whose_it_is_is_asked_again_with_what_was_confirmed(house: House) -> None:
    made = receive_report(house, report("classic"), "a.pdf")
    decide(house, made.draft, "patient", Verdict.CORRECTED, value="Example, Berta", by="reader")
    decide(house, made.draft, "number", Verdict.CORRECTED, value="A-1002", by="reader")
    confirm_all(house, made.draft)
    with pytest.raises(RequestError, match="another person's"):
        sign(house, made.draft)
    assert (house.ledger.results("p1"), house.ledger.results("p2")) == ((), ())
    give_draft(house, made.draft, "p2", "name as it is on the page", by="registrar")
    sign(house, made.draft)
    assert (len(house.ledger.results("p1")), len(house.ledger.results("p2"))) == (0, 1)


@pytest.mark.parametrize(
    "said",
    [Says(number="A-9"), Says(given="Anne"), Says(born="1961-03-13"), Says(family="Exemple")],
    ids=["number", "given", "born", "family"],
)
def test_a_report_that_matches_nobody_waits_without_a_person(house: House, said: Says) -> None:
    made = receive_report(house, report("classic", said), "a.pdf")
    assert made.person == ""
    assert made.reasons
    confirm_all(house, made.draft)
    with pytest.raises(RequestError, match="nobody said yet"):
        sign(house, made.draft)
    assert list_drafts(house, frozenset({"p1"})) == ()


def test_a_variant_becomes_a_reported_finding_and_no_call(house: House) -> None:
    said = Says(calls=(), variants=(VARIANT,), negative="No pathogenic variant was detected in BRCA1.")
    made = receive_report(house, report("classic", said), "a.pdf")
    confirm_all(house, made.draft)
    sign(house, made.draft)
    (variant, absent) = reported_of(house, house.ledger.results("p1"))
    assert (variant.finding.gene, variant.finding.hgvs) == ("BRCA2", ("c.5946del", "p.Ser1982fs"))
    assert (variant.finding.classification.text, variant.finding.allelic_state.value) == (
        "Pathogenic",
        "heterozygous",
    )
    assert str(variant.finding.places[0]) == "page 1"
    assert (absent.finding.gene, absent.finding.presence.value) == ("BRCA1", "absent")
    assert house.ledger.person_calls("p1") == {}


def test_an_amended_report_takes_the_place_of_the_earlier(house: House) -> None:
    first = receive_report(house, report("classic"), "a.pdf")
    confirm_all(house, first.draft)
    before = sign(house, first.draft)
    calls = (("CYP2C19", "*2/*2", "Poor Metabolizer"),)
    amended = receive_report(
        house, report("classic", Says(status="amended", reported="2026-02-20", calls=calls)), "b.pdf"
    )
    confirm_all(house, amended.draft)
    after = sign(house, amended.draft)
    assert house.ledger.held([before])[before].withdrawn
    assert not house.ledger.held([after])[after].withdrawn
    assert set(house.ledger.person_calls("p1")) == {"CYP2C19"}
    late = receive_report(house, report("blocks", Says(status="preliminary")), "c.pdf")
    decide(house, late.draft, "laboratory", Verdict.CORRECTED, value="Made-up Genomics", by="reader")
    confirm_all(house, late.draft)
    with pytest.raises(RequestError, match="newer report"):
        sign(house, late.draft)


def test_a_preliminary_report_reaches_no_guidance(house: House) -> None:
    made = receive_report(house, report("classic", Says(status="preliminary")), "a.pdf")
    confirm_all(house, made.draft)
    sign(house, made.draft)
    assert house.ledger.results("p1")[0].confirmation is Confirmation.UNCONFIRMED
    assert house.ledger.person_calls("p1") == {}


def test_a_rejected_report_is_kept_and_may_come_again(house: House) -> None:
    made = receive_report(house, report("classic"), "a.pdf")
    with pytest.raises(RequestError, match="stated reason"):
        reject_draft(house, made.draft, " ", by="reader")
    reject_draft(house, made.draft, "not ours", by="reader")
    assert open_draft(house, made.draft).state is DraftState.REJECTED
    with pytest.raises(RequestError, match="rejected before"):
        decide(house, made.draft, "patient", Verdict.ACCEPTED, by="reader")
    assert house.documents.has(made.document)
    assert house.ledger.tasks("p1") == ()
    again = receive_report(house, report("classic"), "a.pdf")
    assert (again.new, again.draft) == (True, f"{made.draft}-2")


def test_what_the_machine_missed_is_added_by_whoever_reads_it(house: House) -> None:
    made = receive_report(house, report("classic", Says(calls=())), "a.pdf")
    values = [(FieldKind.GENE, "TPMT"), (FieldKind.GENOTYPE, "*1/*3A"), (FieldKind.PHENOTYPE, "")]
    add_row(house, made.draft, values, 1, by="reader")
    confirm_all(house, made.draft)
    sign(house, made.draft)
    assert house.ledger.person_calls("p1")["TPMT"].phenotypes == ("Intermediate Metabolizer",)
    with pytest.raises(RequestError, match="signed before"):
        add_row(house, made.draft, values, 1, by="reader")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birth-date", "12/03/1961"),
        ("birth-date", "1961-02-30"),
        ("genotype-1", "normal"),
        ("status", "maybe"),
        ("gene-1", "the gene"),
    ],
)
def test_what_is_typed_must_be_of_its_kind(house: House, field: str, value: str) -> None:
    made = receive_report(house, report("classic"), "a.pdf")
    with pytest.raises(RequestError, match="is no"):
        decide(house, made.draft, field, Verdict.CORRECTED, value=value, by="reader")
    assert open_draft(house, made.draft).decided(field) is None


def test_a_correction_waits_for_the_second_reader_where_a_site_asks(tmp_path: Path) -> None:
    root = tmp_path / "own" / "report_layouts"
    root.mkdir(parents=True)
    from bedside.knowledge.provenance import DATA

    text = (DATA / "report_layouts" / "policy.toml").read_text()
    (root / "policy.toml").write_text(text.replace("second_reader = []", 'second_reader = ["genotype"]'))
    house = open_house(
        Settings(store_url=f"sqlite:///{tmp_path}/ledger.db", knowledge_root=str(tmp_path / "own"))
    )
    register_person(house, ANNA)
    made = receive_report(house, report("classic"), "a.pdf")
    decide(house, made.draft, "genotype-1", Verdict.CORRECTED, value="*2/*2", by="first")
    confirm_all(house, made.draft, by="first")
    assert "1 corrections wait for a second reader" in against_signing(house, open_draft(house, made.draft))
    decide(house, made.draft, "genotype-1", Verdict.CORRECTED, value="*2/*2", by="first")
    with pytest.raises(RequestError, match="typing it again"):
        decide(house, made.draft, "genotype-1", Verdict.ACCEPTED, by="second")
    with pytest.raises(RequestError, match="second reader"):
        sign(house, made.draft)
    decide(house, made.draft, "genotype-1", Verdict.CORRECTED, value="*2/*2", by="second")
    sign(house, made.draft)
    (signed,) = house.ledger.events(person="p1", kinds=(EventKind.DRAFT_SIGNED,))
    genotype = next(one for one in signed.payload["fields"] if one["field"] == "genotype-1")
    assert (genotype["by"], genotype["second"]) == ("first", "second")
    house.close()


def test_letters_guessed_from_a_picture_are_typed_not_accepted(house: House) -> None:
    from bedside.intake.pdf.picture import installed

    if not installed():
        pytest.skip("needs Debian's tesseract-ocr")
    said = Says(calls=(("CYP2C19", "*17/*17", "Ultrarapid Metabolizer"),), limits="")
    made = receive_report(house, picture(report("prose", said)), "scan.pdf")
    draft = open_draft(house, made.draft)
    genotype = next(one for one in draft.fields if one.kind is FieldKind.GENOTYPE)
    assert genotype.typed
    assert draft.notices == ("page 1 is a picture; its letters were guessed by a program",)
    with pytest.raises(RequestError):
        decide(house, made.draft, genotype.key, Verdict.ACCEPTED, by="reader")
    decide(house, made.draft, genotype.key, Verdict.CORRECTED, value="*17/*17", by="reader")


def test_a_picture_without_a_reader_needs_a_person_and_is_never_empty(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setenv("PATH", str(Path(sys.executable).parent / "nothing"))
    made = receive_report(house, picture(report("classic")), "scan.pdf")
    draft = open_draft(house, made.draft)
    assert "no program to read pictures is installed; a person must read it" in draft.notices[0]
    assert {one.absence.value for one in draft.fields if one.absence} == {"unreadable"}
    with pytest.raises(RequestError, match="nobody said yet"):
        sign(house, made.draft)


def test_text_that_nobody_sees_is_not_read(house: House) -> None:
    (page,) = classic(Says())
    hidden = [
        Placed(56, 400, "Gene: TPMT", invisible=True),
        Placed(56, 415, "Genotype: *1/*1", invisible=True),
    ]
    made = receive_report(house, write([[*page, *hidden]]), "a.pdf")
    draft = open_draft(house, made.draft)
    assert draft.notices == ("page 1 holds text that is not seen; it was not read",)
    assert "TPMT" not in {one.value for one in draft.fields}


def test_a_document_that_cannot_be_read_stores_nothing(house: House) -> None:
    before = house.ledger.checkpoint().sequence
    for content in (b"%PDF-1.4 nothing", b"no pdf at all", report("classic")[:900]):
        with pytest.raises(IntakeError):
            receive_report(house, content, "a.pdf")
    assert house.ledger.checkpoint().sequence == before
    assert not [path for path in house.documents.folder.rglob("*") if path.is_file()]


def test_problems_name_no_value_of_the_report(house: House) -> None:
    made = receive_report(house, report("classic", replace(Says(), given="Zebedee")), "a.pdf")
    with pytest.raises(InputError) as raised:
        sign(house, made.draft)
    assert "Zebedee" not in str(raised.value)
    assert "Zebedee" not in " ".join(made.reasons)
