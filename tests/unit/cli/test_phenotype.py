"""`bedside phenotype` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedside.cli import main

NOTE = "Family history: mother has epilepsy.\nExam: microcephaly. Cleft palate was not seen.\n"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text(NOTE)
    return path


def test_a_note_becomes_a_line_for_each_feature(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phenotype", str(note)]) == 0
    told = capsys.readouterr()
    lines = [line.split("\t") for line in told.out.splitlines()]
    assert lines[0] == ["file", "start", "end", "text", "hpo", "label", "status", "why"]
    assert [(one[4], one[6]) for one in lines[1:]] == [
        ("HP:0001250", "family"),
        ("HP:0000252", "observed"),
        ("HP:0000175", "excluded"),
    ]
    assert "HPO 20" in told.err
    assert "until a person confirms" in told.err


def test_as_json_nothing_is_confirmed_and_the_release_is_named(
    note: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["phenotype", str(note), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["hpo"].startswith("20")
    assert {one["confirmed"] for one in document["features"]} == {False}
    assert document["features"][2]["cue"] == "was not seen"


def test_every_file_that_cannot_be_read_is_named_and_none_of_its_text(
    note: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bytes.txt").write_bytes(b"microcephaly \xff\xfe")
    assert main(["phenotype", str(note), str(tmp_path / "bytes.txt"), str(tmp_path / "none.txt")]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "bytes.txt" in told.err
    assert "none.txt" in told.err
    assert "microcephaly" not in told.err


def test_another_release_is_named_or_refused(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phenotype", str(note), "--hpo-release", "1999-01-01"]) == 1
    assert "no release of HPO" in capsys.readouterr().err


def test_a_chart_in_fhir_is_read_by_its_codes_and_names_the_map(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "91175000", "display": "Seizure"}]}
    refuted = {"coding": [{"code": "refuted"}]}
    chart = tmp_path / "chart.json"
    chart.write_text(json.dumps({"resourceType": "Condition", "code": code, "verificationStatus": refuted}))
    assert main(["phenotype", str(chart)]) == 0
    (line,) = [one.split("\t") for one in capsys.readouterr().out.splitlines()[1:]]
    assert line[:7] == ["chart.json", "", "", "91175000 Seizure", "HP:0001250", "Seizure", "excluded"]
    assert "HPO cross-references" in line[7]
    chart.write_text("{}")
    assert main(["phenotype", str(chart)]) == 1
    assert "no FHIR resource" in capsys.readouterr().err


def test_a_phenopacket_is_listed_with_the_ids_that_this_release_does_not_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = [
        {"type": {"id": "HP:0000252"}, "excluded": True},
        {"type": {"id": "HP:9999999", "label": "later"}},
    ]
    packet = tmp_path / "packet.json"
    packet.write_text(json.dumps({"id": "x", "subject": {"id": "p"}, "phenotypicFeatures": features}))
    assert main(["phenotype", str(packet)]) == 0
    lines = [one.split("\t") for one in capsys.readouterr().out.splitlines()[1:]]
    assert [(one[4], one[5], one[6]) for one in lines] == [
        ("HP:0000252", "Microcephaly", "excluded"),
        ("HP:9999999", "later", "observed"),
    ]
    assert "never ranked" in lines[1][7]
