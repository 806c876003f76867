"""`bedside accept` takes HL7 v2 files like the listener does, and tells what waits in quarantine."""

from __future__ import annotations

import pytest

from bedside.cli import main
from bedside.service.house import open_house
from bedside.service.register_person import register_person
from bedside.settings import read_settings
from tests.made_up_reports import report
from tests.unit.service.fhir_reports import PATIENT, changed, document, swapped
from tests.unit.service.test_receive_hl7 import ADA, BEA, PID, message


@pytest.fixture
def store(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("BEDSIDE_STORE_URL", url)
    house = open_house(read_settings({"BEDSIDE_STORE_URL": url}))
    register_person(house, ADA)
    register_person(house, BEA)
    house.close()
    return url


def results(url):
    house = open_house(read_settings({"BEDSIDE_STORE_URL": url}))
    held = {person: len(house.ledger.results(person)) for person in ("p1", "p2")}
    house.close()
    return held


def test_a_file_of_several_messages_gives_each_its_answer(store, tmp_path, capsys):
    wrong = message(pid=PID.replace("Osei", "Osej"), filler="L2", minute=12)
    file = tmp_path / "night.dat"
    file.write_bytes(b"\x0b" + message() + b"\x1c\r\x0b" + wrong + b"\x1c\r")
    assert main(["accept", str(file)]) == 3
    told = capsys.readouterr()
    first, second = told.out.splitlines()
    assert first.startswith("p1\tM10\tr-")
    assert first.endswith("\tstored")
    assert second.startswith("-\tM12\t")
    assert second.endswith("\tquarantined")
    assert told.err == "bedside: night.dat: waits in quarantine: the family name differs\n"
    assert results(store) == {"p1": 1, "p2": 0}
    number = second.split("\t")[2]
    given = ["quarantine", "give", number, "p1", "--by", "registrar", "--why", "spelling on the card"]
    assert main(given) == 0
    assert results(store) == {"p1": 2, "p2": 0}
    assert main(["accept", str(file)]) == 0
    assert [line.split("\t")[3] for line in capsys.readouterr().out.splitlines()[-2:]] == [
        "already stored"
    ] * 2


def test_a_message_that_cannot_be_read_stops_every_file(store, tmp_path, capsys):
    good, bad = tmp_path / "good.hl7", tmp_path / "bad.hl7"
    good.write_bytes(message())
    bad.write_bytes(message() + message(filler="L2").replace(b"PID|1", b"ZZZ|1"))
    assert main(["accept", str(good), str(bad)]) == 1
    assert (
        "bedside: bad.hl7: message 2: has 0 PID segments (send one patient a message)"
        in capsys.readouterr().err
    )
    assert results(store) == {"p1": 0, "p2": 0}


def test_a_document_says_itself_whose_it_is(store, tmp_path, capsys):
    file = tmp_path / "one.hl7"
    file.write_bytes(message())
    assert main(["accept", str(file), "--person", "p2", "--laboratory", "L"]) == 1
    assert "leave --person, --laboratory out" in capsys.readouterr().err
    assert results(store) == {"p1": 0, "p2": 0}


def test_a_fhir_report_comes_in_like_a_message(store, tmp_path, capsys):
    good, wrong = tmp_path / "good.json", tmp_path / "wrong.json"
    good.write_bytes(document())
    wrong.write_bytes(document(*swapped(changed(PATIENT, birthDate="1980-01-11"))))
    assert main(["accept", str(good), str(wrong)]) == 3
    told = capsys.readouterr()
    first, second = (line.split("\t") for line in told.out.splitlines())
    assert (first[0], first[2][:2], first[3]) == ("p1", "r-", "stored")
    assert (second[0], second[3]) == ("-", "quarantined")
    assert "wrong.json: waits in quarantine: the birth date differs" in told.err
    assert main(["show", "p1"]) == 0
    assert "Reported by Genlab on 2026-03-01" in capsys.readouterr().out


def test_json_that_no_mapping_recognises_is_refused_in_words(store, tmp_path, capsys):
    file = tmp_path / "report"
    file.write_bytes(b'{"sample": "A"}')
    assert main(["accept", str(file)]) == 1
    told = capsys.readouterr().err
    assert "no mapping at this site recognises this laboratory's JSON (add one under" in told


def test_a_report_as_pdf_waits_to_be_confirmed_and_brings_nothing(store, tmp_path, capsys):
    file = tmp_path / "report"
    file.write_bytes(report("classic"))
    assert main(["accept", str(file)]) == 3
    told = capsys.readouterr()
    assert told.out.split("\t")[3] == "waits to be confirmed\n"
    assert told.out.split("\t")[2].startswith("/reports/d-")
    assert results(store) == {"p1": 0, "p2": 0}
    file.write_bytes(report("classic")[:700])
    assert main(["accept", str(file)]) == 1
    assert "report: the PDF is damaged or cut short" in capsys.readouterr().err
