"""`bedside undiagnosed` over a warehouse's files, as somebody at a terminal sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedside.cli import main
from tests.made_up_charts import write_maps

EVERYTHING = ("A10.1", "B20", "C30", "D40")


def extract(folder: Path, more: str = "", codes: str = "") -> list[str]:
    """300 people with none to eight colds; ann has four features of both diseases, bob the diagnosis too."""
    people = ["person\tsex\tage\tstanding\tdiagnosis\tlanguage"]
    rows = ["person\tsystem\tcode\tdate"]
    for at in range(300):
        people.append(f"p{at:03d}\t{'female' if at % 2 else 'male'}\t{20 + at % 60}\t\t\ten")
        rows += [f"p{at:03d}\ticd10cm\tF60.{one}\t2020-01-01" for one in range(at % 9)]
        rows += [f"p{at:03d}\ticd10cm\t{EVERYTHING[at % 4]}\t"] * (at % 5 == 0)
    for name, standing in (("ann", ""), ("bob", ""), ("cyd", "tested"), ("dan", "declined")):
        people.append(f"{name}\tfemale\t40\t{standing}\t\tes")
        rows += [f"{name}\ticd10cm\t{code}\t2021-02-0{at + 1}" for at, code in enumerate(EVERYTHING)]
    rows += ["bob\ticd10cm\tE50.1\t2022-01-01", "ann\tsnomed\t999\t", "stranger\ticd10cm\tA10\t"]
    folder.mkdir(exist_ok=True)
    (folder / "people.tsv").write_text("\n".join(people) + "\n" + more, encoding="utf-8")
    (folder / "codes.tsv").write_text("\n".join(rows) + "\n" + codes, encoding="utf-8")
    maps = write_maps(folder / "maps")
    files = ["--people", str(folder / "people.tsv"), "--codes", str(folder / "codes.tsv")]
    return ["undiagnosed", *files, "--maps", str(maps), "--hpo-release", str(maps), "--as-of", "2026-11-01"]


def test_who_to_look_at_with_the_reasons_and_who_is_left_out(tmp_path, capsys) -> None:
    assert main([*extract(tmp_path), "--capacity", "1"]) == 0
    out, said = capsys.readouterr()
    header, *rows = [line.split("\t") for line in out.splitlines()]
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(one["rank"], one["person"], one["features"], one["of"]) for one in found] == [
        ("1", "ann", "4", "5")
    ]
    assert "Kidney failure (" in found[0]["reasons"]
    assert "first 2021-02-04)" in found[0]["reasons"]
    assert found[0]["as_of"] == "2026-11-01"
    assert "phenotype-risk 1; phenotype_risk@" in found[0]["versions"]
    assert "hp@2026-01-01; HPOA 2026-01-01" in found[0]["versions"]
    for line in (
        "left out, diagnosed: 1",
        "left out, tested: 1",
        "left out, declined: 1",
        "1 codes are of people who are not in the table of people",
        "snomed: 1 of 1 distinct codes are in no map (1 entries)",
        "1 diseases have no diagnosis code",
        "1 people have a known answer: too few to say",
        "awaiting sign-off",
    ):
        assert line in said, line


def test_the_same_charts_in_another_order_give_the_same_bytes(tmp_path, capsys) -> None:
    words = extract(tmp_path)
    assert main([*words, "--format", "json", "--capacity", "3"]) == 0
    first = capsys.readouterr().out
    for name in ("people.tsv", "codes.tsv"):
        head, *lines = (tmp_path / name).read_text().splitlines()
        (tmp_path / name).write_text("\n".join([head, *reversed(lines)]) + "\n")
    assert main([*words, "--format", "json", "--capacity", "3", "--workers", "1"]) == 0
    assert capsys.readouterr().out == first
    assert [line["person"] for line in json.loads(first)["lines"]][:1] == ["ann"]


def test_what_is_wrong_in_either_file_is_told_all_at_once_and_nothing_of_what_stands_there(
    tmp_path, capsys
) -> None:
    words = extract(tmp_path, more="ann\tfemale\tsecret\tlost\t\t\n", codes="ann\tcpt\t1\tyesterday\n")
    assert main(words) == 1
    said = capsys.readouterr().err
    for part in ("age is no number of years", "standing is none of", "twice", "system is none of", "no date"):
        assert part in said, part
    assert "secret" not in said
    assert "yesterday" not in said


@pytest.mark.parametrize("missing", ["icd_phecode.csv", "hpo_phecode.tsv.gz", "mondo.sssom.tsv"])
def test_without_a_map_there_is_no_list(missing: str, tmp_path, capsys) -> None:
    words = extract(tmp_path)
    (tmp_path / "maps" / missing).unlink()
    assert main(words) == 1
    out, said = capsys.readouterr()
    assert out == ""
    assert "no such file" in said


def test_people_and_codes_go_together(tmp_path, capsys) -> None:
    assert main(["undiagnosed", "--people", str(tmp_path / "people.tsv")]) == 1
    assert "together" in capsys.readouterr().err
