"""`bedside cohort`: what a person reads and scripts rely on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from bedside.commands.cohort import cohort
from bedside.errors import InputError
from bedside.genome.consent import Decision, Scope
from bedside.genome.presence import Zygosity
from bedside.service.record_consent import record_consent
from tests.unit.service.made_up_biobank import BRCA2, Record, Somebody, biobank, enrol, release

HET = Zygosity.HETEROZYGOUS


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Anna and Bert carry a pathogenic variant; Bert withdrew."""
    monkeypatch.chdir(tmp_path)
    house = biobank(tmp_path)
    release(house, "2026-01-05", [Record(BRCA2, "BRCA2")])
    enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("bert", [(BRCA2, HET)]))
    record_consent(house, "bert", Scope.CLINICAL, Decision.WITHDRAWN)
    url = house.settings.store_url
    house.close()
    return url


def run(store: str, *words: str) -> int:
    parser = argparse.ArgumentParser()
    cohort(parser)
    arguments = parser.parse_args([*words, "--store", store])
    return int(arguments.run(arguments))


def table(text: str) -> list[dict[str, str]]:
    header, *rows = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_carriers_of_a_file_of_variants(store, tmp_path, capsys):
    (tmp_path / "asked.txt").write_text(f"{BRCA2}\nchr1-5-A-C\n")
    assert run(store, "carriers", "--variants", str(tmp_path / "asked.txt")) == 0
    shown = capsys.readouterr()
    (row,) = table(shown.out)
    assert row.pop("knowledge_release").startswith("clinvar@2026-01-05")
    assert len(row.pop("run")) == 32
    assert row == {
        "person": "anna",
        "variant": BRCA2,
        "zygosity": "het",
        "classification": "pathogenic",
        "stars": "2",
    }
    assert "1 people not counted: withdrawn 1" in shown.err


@pytest.mark.parametrize("words", [["--gene", "BRCA2"], ["--region", "chr13:32338763-32338763"]])
def test_a_gene_and_a_region_show_the_same_carrier(store, capsys, words):
    assert run(store, "carriers", *words) == 0
    assert [(row["person"], row["variant"]) for row in table(capsys.readouterr().out)] == [("anna", BRCA2)]


def test_a_finding_adds_what_the_gates_said(store, capsys):
    assert run(store, "carriers", "--finding", "acmg-sf:BRCA2") == 0
    (row,) = table(capsys.readouterr().out)
    assert (row["person"], row["gene"], row["outcome"], row["reason"]) == (
        "anna",
        "BRCA2",
        "report",
        "reportable",
    )


def test_who_was_tested_is_four_answers_and_their_totals(store, capsys):
    assert run(store, "tested", "--variant", BRCA2, "--variant", "chr1-5-A-C") == 0
    shown = capsys.readouterr()
    assert [(row["place"], row["answer"], row["zygosity"]) for row in table(shown.out)] == [
        (BRCA2, "present", "het"),
        ("chr1-5-A-C", "not-tested", ""),
    ]
    assert "chr1-5-A-C: 1 not-tested" in shown.err


def test_counts_say_that_small_numbers_are_hidden(store, capsys):
    assert run(store, "counts", "--gene", "BRCA2", "--by", "ancestry") == 0
    (row,) = table(capsys.readouterr().out)
    assert (row["group"], row["copies"], row["frequency"]) == ("not recorded", "<5 people", "")
    assert run(store, "counts", "--gene", "BRCA2", "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"][0]["copies"], said["hidden_below"]) == (None, 5)


def test_json_says_who_was_not_counted(store, capsys):
    assert run(store, "carriers", "--gene", "BRCA2", "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["people"], said["not_counted"], said["purpose"]) == (1, {"withdrawn": 1}, "screening")
    assert [row["person"] for row in said["rows"]] == ["anna"]


def test_research_counts_nobody_who_was_not_asked(store, capsys):
    assert run(store, "carriers", "--gene", "BRCA2", "--purpose", "research", "--use", "DUO:0000006") == 0
    shown = capsys.readouterr()
    assert table(shown.out) == []
    assert "not-asked 1" in shown.err


def test_every_problem_is_said_at_once(store):
    with pytest.raises(InputError) as caught:
        run(store, "tested", "--region", "nowhere", "--gene", "NOGENE")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["carriers"],
        ["carriers", "--gene", "BRCA2", "--finding", "acmg-sf"],
        ["carriers", "--variants", "absent.txt"],
        ["carriers", "--finding", "nothing"],
        ["carriers", "--gene", "BRCA2", "--purpose", "research", "--use", "DUO:1"],
        ["tested"],
        ["tested", "--variant", "chr1-5-A"],
        ["counts"],
    ],
)
def test_wrong_questions_are_refused(store, words, capsys):
    with pytest.raises(InputError):
        run(store, *words)
    assert capsys.readouterr().out == ""


def test_spark_that_is_not_at_hand_is_said_with_the_remedy(store, monkeypatch):
    import sys

    from bedside.errors import SettingsError

    for name in [each for each in sys.modules if each.startswith(("bedside.store.lake.spark", "pyspark"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(SettingsError, match=r"pip install 'bedside\[spark\]'"):
        run(store, "carriers", "--gene", "BRCA2", "--engine", "spark")
