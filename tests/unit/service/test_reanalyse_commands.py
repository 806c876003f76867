"""`bedside screen` and `bedside reanalyse` as scripts call them, on a store on disk."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.commands.reanalyse import clingen, reanalyse
from bedside.commands.screen import screen
from bedside.errors import InputError
from bedside.genome.presence import Zygosity
from bedside.knowledge.clinvar.release import load_clinvar
from bedside.service.reanalyse import reanalyse_clinvar
from tests.unit.service.made_up_biobank import (
    BRCA2,
    MUTYH,
    PATHOGENIC,
    UNCERTAIN,
    Record,
    Somebody,
    biobank,
    enrol,
    release,
)

Options = Callable[[argparse.ArgumentParser], None]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two people, two releases at hand, none in force."""
    house = biobank(tmp_path)
    enrol(
        house,
        Somebody("anna", [(BRCA2, Zygosity.HETEROZYGOUS)]),
        Somebody("bert", [(MUTYH, Zygosity.HETEROZYGOUS)]),
    )
    for day, said in (("2026-01-05", UNCERTAIN), ("2026-02-02", PATHOGENIC)):
        release(house, day, [Record(BRCA2, "BRCA2", said), Record(MUTYH, "MUTYH", said)])
    house.close()
    return tmp_path


def run(options: Options, store: Path, *words: str) -> int:
    """Run a command as the command line does."""
    parser = argparse.ArgumentParser()
    options(parser)
    arguments = parser.parse_args([*words, "--store", f"sqlite:///{store}/ledger.db"])
    return int(arguments.run(arguments))


def cells(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_screen_writes_the_columns_scripts_rely_on(store, capsys):
    assert run(screen, store) == 0
    header, *rows = cells(capsys.readouterr().out)
    assert header == [
        "person", "gene", "variant", "zygosity", "classification", "stars", "disease", "inheritance",
        "gate_outcome", "reason_code", "knowledge_release",
    ]  # fmt: skip
    assert [(row[0], row[2], row[3], row[8], row[9]) for row in rows] == [
        ("anna", BRCA2, "het", "report", "reportable"),
        ("bert", MUTYH, "het", "no-action", "carrier-only"),
    ]
    assert rows[0][10].startswith("clinvar@2026-02-02#")


def test_reanalyse_writes_the_columns_scripts_rely_on(store, capsys):
    assert run(reanalyse, store, "--to", "clinvar@2026-02-02", "--dry-run") == 0
    looked = capsys.readouterr().out
    assert run(reanalyse, store, "--to", "clinvar@2026-02-02") == 0
    captured = capsys.readouterr()
    assert captured.out == looked
    header, *rows = cells(captured.out)
    assert header == ["person", "variant", "from", "to", "kind", "action", "owner", "due", "reason_code"]
    assert [(row[0], row[4], row[5], row[6], row[8]) for row in rows] == [
        ("bert", "no-op", "none", "", "carrier-only"),
        ("anna", "upgrade", "confirm-and-disclose", "laboratory director", "reportable"),
    ]
    assert "2 people looked at, 1 upgrade, 1 no-op; 1 tasks" in captured.err


def test_both_speak_json_too(store, capsys):
    assert run(reanalyse, store, "--to", "clinvar@2026-02-02", "--format", "json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["person"], row["kind"], row["stars_to"]) for row in rows] == [
        ("bert", "no-op", 2),
        ("anna", "upgrade", 2),
    ]
    assert run(screen, store, "--person", "anna", "--format", "json") == 0
    assert [row["gate_outcome"] for row in json.loads(capsys.readouterr().out)] == ["report"]


def test_the_same_release_again_is_nothing_to_do(store, capsys):
    run(reanalyse, store, "--to", "clinvar@2026-02-02")
    capsys.readouterr()
    assert run(reanalyse, store, "--to", "clinvar@2026-02-02") == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert "in force already" in captured.err


def test_a_stopped_release_is_status_1_with_the_list_and_passes_for_a_named_person(store, capsys):
    house = biobank(store)
    many = [Record(f"chr13-{32340000 + n}-A-C", "BRCA2", PATHOGENIC) for n in range(200)]
    release(house, "2026-03-02", many)
    release(house, "2026-04-06", [Record(one.variant, "BRCA2", "other") for one in many])
    house.close()
    many_new = ("--accept-mass-change", "200 new records: real", "--by", "Dr. Roe")
    assert run(reanalyse, store, "--to", "clinvar@2026-03-02") == 1
    assert "200 pathogenic or likely pathogenic records are new" in capsys.readouterr().err
    assert run(reanalyse, store, "--to", "clinvar@2026-03-02", *many_new) == 0
    capsys.readouterr()
    assert run(reanalyse, store, "--to", "clinvar@2026-04-06") == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 200
    assert "200 pathogenic or likely pathogenic records have no class" in captured.err
    assert "nothing was adopted" in captured.err
    with pytest.raises(InputError, match="needs --by"):
        run(reanalyse, store, "--to", "clinvar@2026-04-06", "--accept-mass-change", "real")
    words = ("--accept-mass-change", "looked at: real", "--by", "Dr. Roe")
    assert run(reanalyse, store, "--to", "clinvar@2026-04-06", *words) == 0


def test_a_source_that_is_not_reanalysed_is_said_with_those_that_are(store):
    with pytest.raises(InputError, match="clinvar, clingen, cpic"):
        run(reanalyse, store, "--to", "gnomad@2026-02-02")


CLINGEN = "gene_name\tdisease_label\tmondo_disease_id\tclassification\nBRCA2\tbreast cancer\tMONDO:1\t{}\n"


def test_a_gene_that_loses_its_support_concerns_those_who_carry_a_finding_in_it(store, capsys):
    run(reanalyse, store, "--to", "clinvar@2026-02-02")
    for day, said in (("2026-01-01", "Definitive"), ("2026-06-01", "Refuted")):
        file = store / f"clingen-{day}.tsv"
        file.write_text(CLINGEN.format(said))
        assert run(clingen, store, str(file), "--release", day) == 0
    capsys.readouterr()
    assert run(reanalyse, store, "--to", "clingen@2026-06-01") == 0
    _, *rows = cells(capsys.readouterr().out)
    assert [[*row[:7], row[8]] for row in rows] == [
        [
            "anna", BRCA2, "definitive", "refuted", "downgrade", "review", "genetic counsellor",
            "gene-validity-lowered",
        ]
    ]  # fmt: skip
    assert run(reanalyse, store, "--to", "clingen@2026-06-01") == 0


def test_a_past_screen_is_given_again_with_the_release_of_its_day(store, capsys):
    house = biobank(store)
    reanalyse_clinvar(house, None, load_clinvar("clinvar@2026-01-05", house.settings))
    house.close()
    run(reanalyse, store, "--to", "clinvar@2026-02-02")
    capsys.readouterr()
    seen = []
    for words in ((), ("--as-of", "2026-03-02")):
        assert run(screen, store, "--person", "anna", *words) == 0
        _, row = cells(capsys.readouterr().out)
        seen.append((row[8], row[9], row[10].partition("#")[0]))
    assert seen == [
        ("report", "reportable", "clinvar@2026-02-02"),
        ("no-action", "uncertain", "clinvar@2026-01-05"),
    ]
