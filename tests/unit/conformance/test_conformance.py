"""The page says what ran, what failed and what did not run; nothing is passed by default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.conformance import page
from bedside.conformance.bench import Bench
from bedside.conformance.recorded import FOLDER, read_area, recorded_areas, write_area
from bedside.conformance.registry import Check, all_checks, run
from bedside.conformance.result import Area, Case, Origin, Verdict, case, not_run
from bedside.errors import InputError

WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIXED = Area(
    "mixed",
    "A <mixed> area",
    "somebody",
    (
        Case("good", Verdict.PASSED, count=3),
        case("bad", ["first", "second"]),
        Case("left", Verdict.NOT_RUN, "why"),
    ),
)


def test_an_area_fails_with_one_case_and_passes_only_when_something_ran() -> None:
    assert MIXED.verdict is Verdict.FAILED
    assert not_run("k", "t", "x", "no client").verdict is Verdict.NOT_RUN
    assert Area("k", "t", "x", ()).verdict is Verdict.NOT_RUN
    assert Area("k", "t", "x", (case("a", []),)).verdict is Verdict.PASSED


def test_the_page_lists_what_failed_and_escapes_it() -> None:
    text = page.as_html([MIXED, not_run("k", "Other", "x", "no client")], WHEN)
    assert "0 areas passed, 1 failed, 1 not run" in text
    assert "first; second" in text
    assert "A &lt;mixed&gt; area" in text
    assert "no client" in text
    assert "http" not in text.replace("http-equiv", "")


def test_tsv_and_json_say_the_same() -> None:
    rows = page.as_tsv([MIXED], WHEN).splitlines()
    assert [row.split("\t")[5:7] for row in rows[2:]] == [["passed", "3"], ["failed", "1"], ["not run", "1"]]
    (area,) = json.loads(page.as_json([MIXED], WHEN))["areas"]
    assert (area["verdict"], area["passed"], area["failed"], area["not_run"]) == ("failed", 3, 1, 1)


def test_a_check_that_breaks_off_has_failed_and_says_no_value(tmp_path: Path) -> None:
    def breaks(bench: Bench) -> Iterator[Area]:
        yield MIXED
        raise ValueError("SECRET")

    first, second = run([Check("breaks", 1, breaks)], Bench(tmp_path))
    assert (first, second.verdict) == (MIXED, Verdict.FAILED)
    assert second.cases[0].reason == "the check broke off: ValueError"


def test_what_a_test_run_wrote_is_read_again_with_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "area.tsv"
    head = {"title": "T", "checked_by": "C", "command": "pytest x", "versions": "a 1; b 2"}
    cases = (Case("one", Verdict.PASSED, "", 2), Case("two", Verdict.FAILED, "because\tof it"))
    write_area(path, head, cases, date(2026, 3, 1))
    area = read_area(path)
    assert area.cases == (cases[0], Case("two", Verdict.FAILED, "because of it"))
    assert (area.origin, area.versions, area.verdict) == (Origin.RECORDED, ("a 1", "b 2"), Verdict.FAILED)
    assert area.told.startswith("pytest x, 2026-03-01, Bedside ")
    assert len(area.told.rpartition("sha256 ")[2]) == 16


def test_a_recorded_file_without_a_head_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "area.tsv"
    path.write_text("one\tpassed\t1\t\n")
    with pytest.raises(InputError, match="title"):
        read_area(path)


def test_what_nobody_recorded_was_not_run() -> None:
    (area,) = recorded_areas("nobody_recorded_this")
    assert (area.verdict, area.origin) == (Verdict.NOT_RUN, Origin.NOTHING)


def test_every_recorded_file_is_shown_on_the_page(tmp_path: Path) -> None:
    shown = {
        area.key for one in all_checks() if one.name == "recorded" for area in one.areas(Bench(tmp_path))
    }
    assert {path.stem for path in FOLDER.glob("*.tsv")} <= shown


def test_the_command_writes_the_page_of_one_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"
    assert main(["conformance", "--only", "recorded", "--out", str(out), "--strict"]) == 0
    assert out.read_text().startswith("<!doctype html>")
    assert "passed" in capsys.readouterr().err


def test_an_unknown_check_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conformance", "--only", "nothing"]) == 1
    assert "fhir_examples" in capsys.readouterr().err


def test_the_made_up_system_gives_out_no_faulty_fhir(tmp_path: Path) -> None:
    bench = Bench(tmp_path, asked=3)
    try:
        areas = list(run([one for one in all_checks() if one.name == "fhir_out"], bench))
    finally:
        bench.close()
    assert [(one.key, one.cases_of(Verdict.FAILED)) for one in areas] == [
        ("fhir_out", ()),
        ("fhir_out_models", ()),
    ]
    assert all(one.count(Verdict.PASSED) > 300 for one in areas)
