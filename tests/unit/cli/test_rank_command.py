"""`bedside rank` as somebody at a terminal sees it."""

from __future__ import annotations

import json

from bedside.cli import main

CASE = {
    "id": "made-up-1",
    "subject": {"id": "p", "sex": "FEMALE"},
    "phenotypicFeatures": [
        {"type": {"id": "HP:0001166", "label": "Arachnodactyly"}},
        {"type": {"id": "HP:0001083", "label": "Ectopia lentis"}},
        {"type": {"id": "HP:0004942", "label": "Aortic aneurysm"}},
        {"type": {"id": "HP:0001250", "label": "Seizure"}, "excluded": True},
    ],
    "metaData": {"created": "2026-01-01T00:00:00Z", "createdBy": "t", "resources": []},
}


def test_a_case_is_ranked_and_every_line_names_the_release(tmp_path, capsys) -> None:
    (tmp_path / "case.json").write_text(json.dumps(CASE))
    assert main(["rank", str(tmp_path / "case.json"), "--top", "3"]) == 0
    shown = capsys.readouterr()
    header, *rows = [line.split("\t") for line in shown.out.splitlines()]
    assert header == [
        "case", "rank", "id", "label", "gene", "score", "posterior", "top_terms", "annotation_release",
    ]  # fmt: skip
    assert [row[1] for row in rows] == ["1", "2", "3"]
    assert all(row[8].startswith("HPO 2025-01-16, HPOA 2025-01-16, ranking#") for row in rows)
    assert "Marfan" in rows[0][3]
    assert "no diagnosis" in shown.err


def test_genes_and_pheval_and_json(tmp_path, capsys) -> None:
    (tmp_path / "case.json").write_text(json.dumps(CASE))
    assert main(["rank", str(tmp_path), "--by", "gene", "--format", "pheval", "--top", "1"]) == 0
    assert "FBN1" in capsys.readouterr().out
    assert main(["rank", str(tmp_path), "--format", "json", "--top", "1"]) == 0
    document = json.loads(capsys.readouterr().out)
    (place,) = document["places"]
    assert {one["id"] for one in place["terms"]} == {"HP:0001166", "HP:0001083", "HP:0004942"}
    assert [one["id"] for one in document["excluded"]] == ["HP:0001250"]


def test_a_release_that_is_not_there_is_an_error(tmp_path, capsys) -> None:
    (tmp_path / "case.json").write_text(json.dumps(CASE))
    assert main(["rank", str(tmp_path / "case.json"), "--hpo-release", "1999-01-01"]) == 1
    assert "no release of HPO is named 1999-01-01" in capsys.readouterr().err
