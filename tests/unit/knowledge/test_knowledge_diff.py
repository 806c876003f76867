"""What changed between two releases, as facts and in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.knowledge.catalogue import load_folder
from bedside.knowledge.diff import Change, ChangeKind, diff
from bedside.knowledge.report import change_lines, diff_lines, diff_table, list_lines

Publish = Callable[[str, str, str], Path]

CASES = {
    "an activity value": (
        "alleles.tsv",
        "CYP2D6\t*10\tnamed\tyes\tDecreased function\t0.25",
        "CYP2D6\t*10\tnamed\tyes\tDecreased function\t0.5",
        Change(ChangeKind.ACTIVITY_CHANGED, "*10", "0.25", "0.5", "CYP2D6"),
    ),
    "a function": (
        "alleles.tsv",
        "CYP2C19\t*19\tnamed\t\tDecreased function",
        "CYP2C19\t*19\tnamed\t\tNo function",
        Change(ChangeKind.FUNCTION_CHANGED, "*19", "Decreased function", "No function", "CYP2C19"),
    ),
    "a definition": (
        "definitions.tsv",
        "TPMT\t*2\t18143724\tG",
        "TPMT\t*2\t18143724\tS",
        Change(ChangeKind.DEFINITION_CHANGED, "*2", "rs1800462=G", "rs1800462=S", "TPMT"),
    ),
    "an allele gone": (
        "alleles.tsv",
        "CYP4F2\t*16\tstructural\t\t\t\t\n",
        "",
        Change(
            ChangeKind.ALLELE_REMOVED, "*16", "no function assigned: not defined by positions", "", "CYP4F2"
        ),
    ),
    "a phenotype": (
        "phenotype_rules.tsv",
        "CYP2C9\t0.5\t1.0\t1.5\tIntermediate Metabolizer\t1.5",
        "CYP2C9\t0.5\t1.0\t1.5\tNormal Metabolizer\t1.5",
        Change(
            ChangeKind.RULE_CHANGED,
            "0.5 + 1.0",
            "Intermediate Metabolizer (activity score 1.5)",
            "Normal Metabolizer (activity score 1.5)",
            "CYP2C9",
        ),
    ),
    "a fact about a gene": (
        "genes.toml",
        'presence_tests = ["*31:01"]',
        'presence_tests = ["*31:01", "*33:03"]',
        Change(ChangeKind.GENE_FACT_CHANGED, "presence tests", "*31:01", "*31:01; *33:03", "HLA-A"),
    ),
    "advice": (
        "guidance.tsv",
        "abacavir\tgeneral\tHLA-B=*57:01 positive\tAVOID\tstrong",
        "abacavir\tgeneral\tHLA-B=*57:01 positive\tCONTRAINDICATED\tstrong",
        Change(
            ChangeKind.GUIDANCE_CHANGED,
            "HLA-B=*57:01 positive (CPIC, general)",
            "avoid, strong, alternate drug, PA166104997",
            "contraindicated, strong, alternate drug, PA166104997",
            "",
            "abacavir",
        ),
    ),
    "a dose": (
        "guidance.tsv",
        "vortioxetine\tgeneral\tCYP2D6=0.0\tREDUCE_DOSE\tmoderate\t50\t50",
        "vortioxetine\tgeneral\tCYP2D6=0.0\tREDUCE_DOSE\tmoderate\t50\t75",
        Change(
            ChangeKind.GUIDANCE_CHANGED,
            "CYP2D6=0.0 (CPIC, general)",
            "reduce dose, moderate, 50 % of the usual start dose, at most 10 mg start,"
            " further other drug is an option, alternate drug, dosing info, PA166288221",
            "reduce dose, moderate, 50 to 75 % of the usual start dose, at most 10 mg start,"
            " further other drug is an option, alternate drug, dosing info, PA166288221",
            "",
            "vortioxetine",
        ),
    ),
    "a sign-off": (
        "source.toml",
        "awaiting pharmacist's sign-off",
        "signed off by the site's pharmacist",
        Change(
            ChangeKind.DESCRIPTION_CHANGED,
            "review state",
            "codes assigned by rule; awaiting pharmacist's sign-off",
            "codes assigned by rule; signed off by the site's pharmacist",
        ),
    ),
    "a guideline's publication": (
        "guidelines.tsv",
        "HLA-B\tabacavir\t24561393;22378157",
        "HLA-B\tabacavir\t22378157",
        Change(
            ChangeKind.GUIDELINE_CHANGED,
            "PA166104997",
            "CPIC Guideline for abacavir and HLA-B, PMID 24561393 22378157",
            "CPIC Guideline for abacavir and HLA-B, PMID 22378157",
        ),
    ),
    "a code": (
        "drugs.tsv",
        "abacavir\t190521\tJ05AF06;J05AR02;J05AR13;J05AR04",
        "abacavir\t190521\tJ05AF06",
        Change(
            ChangeKind.DRUG_CHANGED,
            "abacavir",
            "RxNorm 190521, ATC J05AF06 J05AR02 J05AR13 J05AR04",
            "RxNorm 190521, ATC J05AF06",
            "",
            "abacavir",
        ),
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "expected"), CASES.values(), ids=CASES.keys())
def test_one_changed_fact_is_one_change(
    release: Path, next_release: Publish, file: str, old: str, new: str, expected: Change
) -> None:
    before, after = load_folder(release), load_folder(next_release(file, old, new))
    assert diff(before, after) == (expected,)


def test_a_release_does_not_differ_from_itself(release: Path) -> None:
    pack = load_folder(release)
    assert diff(pack, pack) == ()
    assert change_lines(diff(pack, pack)) == ("nothing changed",)


def test_a_renumbered_row_is_no_change(release: Path, next_release: Publish) -> None:
    later = next_release("guidance.tsv", "PA166296758\tPA166104997\tabacavir", "PA999\tPA166104997\tabacavir")
    assert diff(load_folder(release), load_folder(later)) == ()


def test_what_one_way_adds_the_other_way_removes(release: Path, next_release: Publish) -> None:
    later = next_release("alleles.tsv", "CYP4F2\t*16\tstructural\t\t\t\t\n", "")
    (back,) = diff(load_folder(later), load_folder(release))
    assert back == Change(
        ChangeKind.ALLELE_ADDED, "*16", "", "no function assigned: not defined by positions", "CYP4F2"
    )


def test_releases_are_compared_by_name_and_date_in_plain_words(root: Path, next_release: Publish) -> None:
    next_release(
        "alleles.tsv",
        "CYP2D6\t*10\tnamed\tyes\tDecreased function\t0.25",
        "CYP2D6\t*10\tnamed\tyes\tDecreased function\t0.5",
    )
    lines = diff_lines("cpic@2025-11-05", "cpic", root)
    assert lines[1:] == ("activity value changed: 1", "    CYP2D6 *10: 0.25 → 0.5")
    assert lines[0].startswith("cpic@2025-11-05#")
    assert diff_table("cpic@2025-11-05", "cpic@2026-02-01", root) == (
        "kind\tgene\tdrug\tsubject\tbefore\tafter",
        "activity value changed\tCYP2D6\t\t*10\t0.25\t0.5",
    )


def test_the_list_says_who_owns_a_release_and_what_it_still_awaits(root: Path) -> None:
    name, title, owner, review, evidence = list_lines(root)
    assert name.startswith("cpic@2025-11-05#")
    assert name.endswith("  pgx  CC0-1.0")
    assert title == "    CPIC: named alleles, functions, phenotypes, gene-drug pairs and coded guidance"
    assert owner.startswith("    owner: Clinical Pharmacogenetics Implementation Consortium (CPIC)")
    assert review == "    review: codes assigned by rule; awaiting pharmacist's sign-off; due 2026-12-31"
    assert evidence == "    evidence: guideline; awaiting pharmacist"
