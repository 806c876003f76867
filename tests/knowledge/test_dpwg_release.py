"""The optional DPWG release: under its own licence, and with advice that agrees with its doses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bedside.knowledge.catalogue import PACK_ROOT, load_pgx
from bedside.knowledge.pgx import Action, Guidance, PgxPack

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = PACK_ROOT / "sources" / "dpwg" / "2024-05"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="this site has removed the DPWG release")


@pytest.fixture(scope="module")
def dpwg() -> PgxPack:
    return load_pgx("dpwg")


def row(pack: PgxPack, drug: str, **criteria: str) -> Guidance:
    wanted = {gene.replace("_", "-"): key for gene, key in criteria.items()}
    (found,) = [one for one in pack.guidance[drug] if one.criteria == wanted]
    return found


def test_it_holds_529_rows_for_53_drugs_and_no_genes_of_its_own(dpwg: PgxPack) -> None:
    assert sum(len(rows) for rows in dpwg.guidance.values()) == 529
    assert len(dpwg.guidance) == 53
    assert dict(dpwg.genes) == {}


def test_it_stands_under_its_own_licence_with_a_note(dpwg: PgxPack) -> None:
    assert dpwg.licence == "CC-BY-SA-4.0"
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in (FOLDER / "LICENSE.md").read_text()
    assert "ClinPGx" in dpwg.guidance_releases[0].attribution


def test_a_contraindication_is_coded_as_one(dpwg: PgxPack) -> None:
    assert row(dpwg, "abacavir", HLA_B="*57:01 positive").action is Action.CONTRAINDICATED
    assert row(dpwg, "eliglustat", CYP2D6="3.0").action is Action.CONTRAINDICATED


@pytest.mark.parametrize(
    ("drug", "criteria", "action", "percent"),
    [
        ("irinotecan", {"UGT1A1": "*28/*28"}, Action.REDUCE_DOSE, 70),
        ("nortriptyline", {"CYP2D6": "0.0"}, Action.REDUCE_DOSE, 40),
        ("warfarin", {"CYP2C9": "*3/*3"}, Action.REDUCE_DOSE, 20),
        ("warfarin", {"VKORC1": "-1639 AA"}, Action.REDUCE_DOSE, 60),
        ("thioguanine", {"TPMT": "Intermediate Metabolizer"}, Action.REDUCE_DOSE, 75),
        ("phenytoin", {"CYP2C9": "*3/*3"}, Action.REDUCE_MAINTENANCE_DOSE, 40),
    ],
)
def test_a_reduced_dose_is_never_coded_as_standard_or_increased(
    dpwg: PgxPack, drug: str, criteria: dict[str, str], action: Action, percent: float
) -> None:
    found = row(dpwg, drug, **criteria)
    assert found.dose is not None
    assert (found.action, found.dose.percent_low) == (action, percent)


def test_two_decreased_dpyd_alleles_ask_for_a_test_and_are_not_mixed_up_with_one_without_function(
    dpwg: PgxPack,
) -> None:
    assert row(dpwg, "capecitabine", DPYD="0.5 + 0.5").action is Action.FURTHER_TESTING
    assert row(dpwg, "capecitabine", DPYD="1.0").action is Action.REDUCE_DOSE


def test_rebuilding_from_the_same_facts_gives_the_same_bytes(shared: Path, tmp_path: Path) -> None:
    built = tmp_path / "2024-05"
    command = [sys.executable, "-m", "tools.build_dpwg", str(shared / "pgx"), "-o", str(built)]
    subprocess.run(command, check=True, cwd=ROOT)
    assert {path.name: path.read_bytes() for path in built.iterdir()} == {
        path.name: path.read_bytes() for path in FOLDER.iterdir()
    }
