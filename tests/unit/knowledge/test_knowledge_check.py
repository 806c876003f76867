"""The lints: what a release may not say, with the file and the line where it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bedside.knowledge.check import check, check_release
from bedside.knowledge.write import redigest

Edit = Callable[[str, str, str], None]

ABCG2 = "ABCG2\tchr4\t88131171\trs2231142\tG\tT\tg.88131171G>T\t\t89052323\tG\tconfirmed\n"

CASES = {
    "a position twice": (
        "positions.tsv",
        ABCG2,
        ABCG2 + ABCG2,
        "positions.tsv:3: ABCG2 88131171 stands already in line 2",
    ),
    "a gene on two chromosomes": (
        "positions.tsv",
        "ABCG2\tchr4\t88131171",
        "ABCG2\tchr5\t88131171",
        "positions.tsv:2: ABCG2 is on chr4, not chr5",
    ),
    "a GRCh37 base called confirmed without being said": (
        "positions.tsv",
        "89052323\tG\tconfirmed",
        "89052323\t\tconfirmed",
        "positions.tsv:2: grch37 is 'confirmed', which its coordinate and reference base contradict",
    ),
    "a base that the position does not have": (
        "definitions.tsv",
        "ABCG2\trs2231142 variant (T)\t88131171\tT",
        "ABCG2\trs2231142 variant (T)\t88131171\tA",
        "definitions.tsv:3: ABCG2 rs2231142 variant (T): 'A' is not an allele of 88131171",
    ),
    "a function no rule speaks of": (
        "alleles.tsv",
        "CYP3A5\t*6\tnamed\tyes\tNo function",
        "CYP3A5\t*6\tnamed\tyes\tSome function",
        ": CYP3A5 *6: no phenotype rule speaks of 'Some function'",
    ),
    "a scored gene without a score": (
        "alleles.tsv",
        "DPYD\tc.557A>G\tnamed\tyes\tDecreased function\t0.5",
        "DPYD\tc.557A>G\tnamed\tyes\tDecreased function\t",
        ": DPYD c.557A>G has a function but no activity value",
    ),
    "a fact about an allele that is not there": (
        "genes.toml",
        'fallback_alleles = { T = "*1", C = "*5" }',
        'fallback_alleles = { T = "*1", C = "*500" }',
        "genes.toml: SLCO1B1 speaks of '*500' (fallback_alleles), which its tables do not have",
    ),
    "a fact that cites nothing": (
        "genes.toml",
        'cites = ["definitions", "functions", "extra"]',
        'cites = ["hearsay"]',
        "genes.toml: CYP2C9 cites 'hearsay', which [legend] of source.toml does not explain",
    ),
    "a pick that does not fit": (
        "priorities.tsv",
        "*1/*6;*4/*34\t*1/*6",
        "*1/*6;*4/*34\t*1/*7",
        "priorities.tsv:2: the pick *1/*7 is not one of *1/*6;*4/*34",
    ),
    "guidance for a key that no call gives": (
        "guidance.tsv",
        "abacavir\tgeneral\tHLA-B=*57:01 positive",
        "abacavir\tgeneral\tHLA-B=*57:02 positive",
        "guidance.tsv:3: no phenotype rule of HLA-B gives the lookup key '*57:02 positive'",
    ),
    "a reduction that raises the dose": (
        "guidance.tsv",
        "vortioxetine\tgeneral\tCYP2D6=0.0\tREDUCE_DOSE\tmoderate\t50\t50",
        "vortioxetine\tgeneral\tCYP2D6=0.0\tREDUCE_DOSE\tmoderate\t150\t150",
        ": REDUCE_DOSE with 150 % of the usual dose is no reduction",
    ),
    "a drug with guidance and no code": (
        "drugs.tsv",
        "abacavir\t190521\tJ05AF06;J05AR02;J05AR13;J05AR04",
        "abacavir\t\t",
        "guidance.tsv:2: abacavir has guidance but neither RxNorm nor ATC (add one to drugs.tsv)",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "expected"), CASES.values(), ids=CASES.keys())
def test_a_release_that_contradicts_itself_is_told_where(
    release: Path, edit: Edit, file: str, old: str, new: str, expected: str
) -> None:
    edit(file, old, new)
    assert redigest(release) == (file,)
    found = [str(problem) for problem in check_release(release)]
    assert [problem for problem in found if problem.endswith(expected)], found


def test_what_ships_has_no_problem() -> None:
    assert check() == ()


def test_a_review_that_is_due_is_a_problem_from_that_day_on(release: Path) -> None:
    assert check_release(release, today=date(2026, 12, 31)) == ()
    (problem,) = check_release(release, today=date(2027, 1, 1))
    assert str(problem) == (
        "cpic/2025-11-05/source.toml: its review was due on 2026-12-31 (review it and set review_due)"
    )


def test_a_file_that_nothing_verifies_is_a_problem(release: Path) -> None:
    (release / "extra.tsv").write_text("gene\n", encoding="utf-8")
    (problem,) = check_release(release)
    assert problem.source == "cpic/2025-11-05/extra.tsv"
    assert problem.remedy == "list it under [tables.…] or remove it"


def test_a_rule_file_without_an_owner_is_a_problem(root: Path) -> None:
    folder = root / "hooks"
    folder.mkdir()
    (folder / "own.toml").write_text('kind = "hooks"\nname = "own"\n', encoding="utf-8")
    missing = [problem.reason for problem in check(root)]
    assert missing == [
        f"{name} is missing"
        for name in (
            "title", "owner", "licence", "source", "retrieved", "review_due", "review_state",
            "evidence_level", "approval",
        )
    ]  # fmt: skip


def test_re_digesting_says_which_files_had_changed_and_then_nothing(release: Path, edit: Edit) -> None:
    edit(
        "alleles.tsv",
        "CYP2D6\t*10\tnamed\tyes\tDecreased function\t0.25",
        "CYP2D6\t*10\tnamed\tyes\tDecreased function\t0.5",
    )
    assert redigest(release) == ("alleles.tsv",)
    assert redigest(release) == ()
    assert check_release(release) == ()
