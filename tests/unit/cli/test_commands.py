"""The commands as somebody types them: what they answer, and what they say to wrong input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bedside.demo.cohort import write_cohort
from bedside.knowledge.catalogue import PACK_ROOT
from bedside.knowledge.write import redigest

ONE_PERSON = 1


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("laboratory") / "person.vcf"
    write_cohort(path, ONE_PERSON, 7)
    return path


def bedside(
    *words: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bedside", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, list[str]]:
    return done.returncode, [line for line in done.stderr.splitlines() if ": note: " not in line]


def test_a_file_is_called_accepted_and_shown(file: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    called = json.loads(bedside("pgx", file, "--no-recommendations").stdout)
    (sample,) = called["samples"]
    first = bedside("accept", file, "--person", "anna", "--store", store)
    again = bedside("accept", file, "--person", "anna", "--store", store)
    shown = json.loads(bedside("show", "anna", "--format", "json", "--store", store).stdout)
    assert first.stdout.split("\t")[::3] == ["anna", "stored\n"]
    assert again.stdout == first.stdout.replace("stored\n", "already stored\n")
    assert shown["knowledge_release"].startswith(f"cpic@{called['knowledge']['date']}#")
    assert {gene["gene"]: gene["status"] for gene in shown["genes"]} == {
        gene["gene"]: gene["status"] for gene in sample["genes"]
    }
    assert bedside("audit", "verify", "--store", store).stdout.split(",")[0].endswith("events")


def test_sex_and_birth_date_are_recorded_with_the_file_and_never_replaced(file: Path, tmp_path: Path) -> None:
    words = ("accept", file, "--store", f"sqlite:///{tmp_path}/ledger.db")
    told = ("--person", "anna", "--sex", "female", "--born", "1984-02-26")
    assert bedside(*words, *told).returncode == 0
    shown = bedside("show", "anna", *words[2:]).stdout
    assert shown.splitlines()[0] == "anna (anna, born 1984-02-26, female)"
    assert said(bedside(*words, "--person", "anna", "--sex", "male", "--born", "1984-02-27")) == (1, [
        "bedside: --sex: the record says otherwise of this person (nothing was stored; correct one)",
        "bedside: --born: the record says otherwise of this person (nothing was stored; correct one)",
    ])  # fmt: skip
    assert said(bedside(*words, "--born", "1984-02-26")) == (
        1, ["bedside: --sex, --born: say something of one person (name the person with --person)"]
    )  # fmt: skip
    assert bedside(*words, "--person", "anna", "--born", "26.2.1984").returncode == 2
    assert bedside(*words, "--person", "berta", "--born", "1984-02-26").returncode == 1  # the file is anna's
    assert said(bedside("show", "berta", *words[2:]))[0] == 1


def test_a_result_of_the_wrong_person_is_withdrawn_and_stays_known(file: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    result = bedside("accept", file, "--person", "anna", "--store", store).stdout.split("\t")[2]
    done = bedside("withdraw", result, "--reason", "another person's sample", "--store", store)
    shown = json.loads(bedside("show", "anna", "--format", "json", "--store", store).stdout)
    assert (done.returncode, done.stdout) == (0, f"{result}\twithdrawn\n")
    assert {gene["status"] for gene in shown["genes"]} == {"not-tested"}
    assert bedside("withdraw", "r-none", "--reason", "x", "--store", store).returncode == 1
    assert bedside("withdraw", result, "--store", store).returncode == 2
    assert bedside("audit", "rebuild", "--store", store).stdout == "projections written anew from 4 events\n"


def test_tsv_has_a_row_for_each_sample_and_gene(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "calls.tsv"
    done = bedside("pgx", file, "--format", "tsv", "-o", out)
    header, *rows = [line.split("\t") for line in out.read_text().splitlines()]
    assert (done.returncode, done.stdout) == (0, "")
    assert header[:6] == [
        "sample", "gene", "status", "source_diplotypes", "component_alleles", "recommendation_diplotypes",
    ]  # fmt: skip
    assert len(rows) == len({row[1] for row in rows}) == 23


@pytest.mark.parametrize("form", ["html", "fhir"])
def test_the_other_formats_are_whole_documents(file: Path, form: str) -> None:
    text = bedside("pgx", file, "--format", form).stdout
    if form == "fhir":
        assert json.loads(text)["resourceType"] == "Bundle"
    else:
        assert text.lstrip().lower().startswith("<!doctype html>")
        assert "awaiting pharmacist" in text


def test_several_wrong_files_are_named_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a VCF\n")
    status, lines = said(bedside("pgx", tmp_path / "notes.txt", tmp_path / "absent.vcf"))
    assert status == 1
    assert [line.split(":")[1].strip() for line in lines] == ["notes.txt", "absent.vcf"]


def test_a_folder_is_no_place_for_a_result(file: Path, tmp_path: Path) -> None:
    done = said(bedside("pgx", file, "-o", tmp_path))
    reason = f"bedside: {tmp_path.name}: cannot be written: it is a folder (name a file in it)"
    assert done == (1, [reason])


def test_a_full_disk_is_said_and_not_traced(file: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bedside", "pgx", str(file)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "bedside: No space left on device (check the path, the rights and the space left)"
    )


def test_nobody_of_that_name_is_an_error_that_names_nobody(file: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    bedside("accept", file, "--person", "anna", "--store", store)
    status, (line,) = said(bedside("show", "berta", "--store", store))
    assert status == 1
    assert "berta" not in line


@pytest.mark.parametrize("scheme", ["sqlite:///", ""])
def test_a_store_that_does_not_exist_is_not_made_by_looking(tmp_path: Path, scheme: str) -> None:
    status, (line,) = said(bedside("show", "anna", "--store", f"{scheme}{tmp_path}/none.db"))
    assert status == 1
    assert line.startswith("bedside: the store does not exist yet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_off_loopback_nothing_is_served_or_made_without_an_access_file(command: str, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/l.db"
    status, (line,) = said(bedside(command, "--host", "0.0.0.0", "--port", "0", "--store", store))
    assert status == 1
    assert "BEDSIDE_ACCESS_FILE" in line
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_said_with_the_remedy(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, (line,) = said(bedside("serve", "--port", str(port), "--store", f"sqlite:///{tmp_path}/l.db"))
    assert status == 1
    assert line == (
        f"bedside: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "choose another with --port or --host"
    )


def test_every_pack_that_ships_is_whole(tmp_path: Path) -> None:
    listed = bedside("knowledge", "list").stdout
    assert "cpic@2025-11-05#" in listed
    assert "awaiting pharmacist's sign-off" in listed
    same = bedside("knowledge", "diff", "cpic@2025-11-05", "cpic")
    assert (same.returncode, same.stdout.splitlines()[-1]) == (0, "nothing changed")


@pytest.mark.parametrize(
    "words",
    [["--port", "99999"], ["--port", "-1"], ["--port", "eight"]],
)
def test_a_port_that_is_none_is_wrong_usage(words: list[str]) -> None:
    assert bedside("serve", *words).returncode == 2


def site_pack(folder: Path, date: str, old: str, new: str) -> dict[str, str]:
    """A site's own release: the shipped one with one text of its genes' rules changed, under a later date."""
    shipped = PACK_ROOT / "sources" / "cpic" / "2025-11-05"
    later = folder / "sources" / "cpic" / date
    shutil.copytree(shipped, later)
    for name, was, now in (
        ("source.toml", 'date = "2025-11-05"', f'date = "{date}"'),
        ("phenotype_rules.tsv", old, new),
    ):
        text = (later / name).read_text(encoding="utf-8")
        assert was in text
        (later / name).write_text(text.replace(was, now, 1), encoding="utf-8")
    redigest(later)
    return {"BEDSIDE_KNOWLEDGE_ROOT": str(folder)}


def test_a_release_that_contradicts_itself_is_not_adopted(file: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    bedside("accept", file, "--person", "anna", "--store", store)
    rule = "CYP2C19\tNo function\tNo function\t\tPoor Metabolizer\tPoor Metabolizer"
    odd = rule.replace("Poor Metabolizer", "Odd Metabolizer")
    site = site_pack(tmp_path / "site", "2026-02-01", rule, odd)
    status, lines = said(bedside("reinterpret", "--store", store, environment=site))
    assert status == 1
    assert len(lines) > 1
    shown = json.loads(bedside("show", "anna", "--format", "json", "--store", store).stdout)
    assert shown["knowledge_release"].startswith("cpic@2025-11-05#")


def test_a_release_of_a_later_day_is_not_adopted_yet(tmp_path: Path, file: Path) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    bedside("accept", file, "--person", "anna", "--store", store)
    site = site_pack(tmp_path / "site", "2999-01-01", "CYP2C19", "CYP2C19")
    status, (line,) = said(bedside("reinterpret", "--store", store, environment=site))
    assert status == 1
    assert line == "bedside: 2999-01-01: is dated after today (adopt it when its day has come)"


def test_a_site_compares_its_own_release_with_the_shipped_one_and_goes_there_and_back(
    tmp_path: Path, file: Path
) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    bedside("accept", file, "--person", "anna", "--store", store)
    site = site_pack(tmp_path / "site", "2026-02-01", "CYP2C19", "CYP2C19")
    compared = bedside("knowledge", "diff", "cpic@2025-11-05", "cpic@2026-02-01", environment=site)
    there = bedside("reinterpret", "--to", "cpic@2026-02-01", "--store", store, environment=site)
    back = bedside("reinterpret", "--to", "cpic@2025-11-05", "--store", store, environment=site)
    assert compared.stdout.splitlines()[-1] == "nothing changed"
    assert there.stdout.startswith("cpic@2026-02-01#")
    assert back.stdout.startswith("cpic@2025-11-05#")
    assert "1 results" in there.stdout


def test_a_genome_asked_for_nothing_or_for_two_things_is_wrong_usage() -> None:
    both = bedside("genome", "anna", "--gene", "BRCA1", "--variants", "list.txt")
    neither = bedside("genome", "anna")
    assert [(one.returncode, one.stderr.splitlines()[-1]) for one in (both, neither)] == [
        (2, "bedside genome: error: give --gene or --region, or else --variants FILE")
    ] * 2
