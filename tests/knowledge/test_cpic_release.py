"""The CPIC release that ships: what it holds, counted, and what its parts must agree on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from bedside.knowledge.catalogue import PACK_ROOT, load_pgx, releases
from bedside.knowledge.check_guidance import lookup_keys
from bedside.knowledge.pgx import Action, Gene, Grch37, Lookup, Matcher, PgxPack

ROOT = Path(__file__).resolve().parent.parent.parent

POSITIONS = {
    "ABCG2": 1, "CACNA1S": 2, "CFTR": 93, "CYP2B6": 48, "CYP2C19": 35, "CYP2C9": 84, "CYP2D6": 156,
    "CYP3A4": 42, "CYP3A5": 5, "CYP4F2": 20, "DPYD": 83, "G6PD": 171, "HLA-A": 0, "HLA-B": 0, "IFNL3": 1,
    "MT-RNR1": 0, "NAT2": 47, "NUDT15": 18, "RYR1": 313, "SLCO1B1": 35, "TPMT": 43, "UGT1A1": 4, "VKORC1": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> PgxPack:
    return load_pgx()


def test_all_genes_are_there_in_alphabetical_order_with_their_positions(pack: PgxPack) -> None:
    assert list(pack.genes) == sorted(pack.genes)
    assert {symbol: len(gene.positions) for symbol, gene in pack.genes.items()} == POSITIONS


def test_nineteen_genes_are_called_from_genotypes_and_four_from_outside(pack: PgxPack) -> None:
    outside = {symbol for symbol, gene in pack.genes.items() if gene.matcher is Matcher.OUTSIDE_ONLY}
    assert outside == {"CYP2D6", "HLA-A", "HLA-B", "MT-RNR1"}
    assert len(pack.genes) - len(outside) == 19


def test_the_published_counts_are_whole(pack: PgxPack) -> None:
    genes = pack.genes.values()
    assert sum(any(allele.bases) for gene in genes for allele in gene.alleles) == 1317
    assert sum(not position.extra for gene in genes for position in gene.positions) == 1201
    assert sum(bool(allele.function) for gene in genes for allele in gene.alleles) == 1261
    assert sum(len(gene.rules) for gene in genes) == 186
    assert sum(len(gene.priorities) for gene in genes) == 29
    assert len(pack.pairs) == 518
    assert len(pack.drugs) == 316
    assert len(pack.guidelines) == 58


def test_the_base_of_2054_rows_and_the_later_23_are_there_for_80_drugs(pack: PgxPack) -> None:
    rows = [row for rows in pack.guidance.values() for row in rows]
    assert len(rows) == 2077
    assert sum(row.guidance_id.startswith("PA166") and ":" not in row.guidance_id for row in rows) == 2054
    assert len(pack.guidance["metoprolol"]) == 22
    assert [dict(row.criteria) for row in pack.guidance["hydralazine"]] == [{"NAT2": "Rapid Metabolizer"}]
    assert len(pack.guidance) == 80
    assert all(
        pack.drugs[name].rxnorm and pack.drugs[name].atc
        for name in set(pack.guidance) - {"plazomicin"} - NO_ATC
    )
    assert all(pack.drugs[name].rxnorm for name in pack.guidance)


NO_ATC = {"methylene blue", "pegloticase", "toluidine blue"}
"""Drugs with guidance for which the retrieved table has no ATC code."""


def test_every_gene_says_its_hgnc_identifier_once(pack: PgxPack) -> None:
    identifiers = [gene.hgnc for gene in pack.genes.values()]
    assert len(set(identifiers)) == 23
    assert pack.genes["CYP2C19"].hgnc == "HGNC:2621"


def test_positions_stand_in_order_and_alleles_are_aligned_to_them(pack: PgxPack) -> None:
    for gene in pack.genes.values():
        order = [position.position for position in gene.positions]
        assert order == sorted(set(order))
        assert {len(allele.bases) for allele in gene.alleles} <= {len(gene.positions)}
        assert {position.gene for position in gene.positions} <= {gene.symbol}


def test_the_reference_of_cyp2c19_is_star_38_and_star_1_is_a_variant(pack: PgxPack) -> None:
    gene = pack.genes["CYP2C19"]
    assert gene.reference_allele.name == "*38"
    star_1 = next(allele for allele in gene.alleles if allele.name == "*1")
    differing = [
        position.rsid
        for position, base, reference in zip(
            gene.positions, star_1.bases, gene.reference_allele.bases, strict=True
        )
        if base != reference
    ]
    assert differing == ["rs3758581"]


def test_a_position_only_tracked_defines_no_allele(pack: PgxPack) -> None:
    gene = pack.genes["CYP2C9"]
    extra = [place for place, position in enumerate(gene.positions) if position.extra]
    assert [gene.positions[place].rsid for place in extra] == ["rs12777823"]
    assert {allele.bases[extra[0]] for allele in gene.alleles} == {""}


def test_nat2_needs_five_positions(pack: PgxPack) -> None:
    needed = [position.rsid for position in pack.genes["NAT2"].positions if position.required]
    assert needed == ["rs1801279", "rs1801280", "rs1799930", "rs1208", "rs1799931"]


def test_ignored_alleles_are_known_by_name_but_never_matched(pack: PgxPack) -> None:
    g6pd = pack.genes["G6PD"]
    assert g6pd.ignored_alleles == ("Mediterranean Haplotype", "Villeurbanne")
    assert [any(a.bases) for a in g6pd.alleles if a.name in g6pd.ignored_alleles] == [False, False]
    assert 154532439 not in {position.position for position in g6pd.positions}
    assert "rs193922877" not in {position.rsid for position in pack.genes["RYR1"].positions}


def test_alleles_without_an_assigned_function_are_counted_and_never_normal(pack: PgxPack) -> None:
    without = Counter(
        gene.symbol
        for gene in pack.genes.values()
        for allele in gene.alleles
        if any(allele.bases) and not allele.function
    )
    assert without == {
        "CYP3A4": 33, "CYP2D6": 24, "CYP4F2": 22, "CYP2C9": 13, "NUDT15": 12, "SLCO1B1": 11, "NAT2": 6,
        "TPMT": 3, "CYP2C19": 2, "CYP2B6": 1,
    }  # fmt: skip


def terms(gene: Gene) -> set[str]:
    scored = gene.lookup is Lookup.ACTIVITY_SCORE
    return {allele.activity_value if scored else allele.function for allele in gene.alleles} - {""}


def test_every_pair_of_functions_of_a_gene_with_rules_has_exactly_one_phenotype(pack: PgxPack) -> None:
    missing = {}
    for gene in pack.genes.values():
        if not gene.rules or gene.single_allele:
            continue
        ruled = Counter(frozenset((rule.first, rule.second)) for rule in gene.rules if rule.second)
        assert set(ruled.values()) == {1}
        pairs = {frozenset(pair) for pair in combinations_with_replacement(sorted(terms(gene)), 2)}
        missing[gene.symbol] = sorted(" + ".join(sorted(pair)) for pair in pairs - set(ruled))
    assert {symbol: found for symbol, found in missing.items() if found} == {}


def test_a_score_of_a_rule_is_the_sum_of_its_values(pack: PgxPack) -> None:
    for symbol in ("CYP2C9", "CYP2D6", "DPYD"):
        for rule in pack.genes[symbol].rules:
            if "n/a" in (rule.first, rule.second):
                assert rule.activity_score == "n/a"
                continue
            total = sum(float(value.lstrip("≥")) for value in (rule.first, rule.second))
            at_least = "≥" if "≥" in rule.first + rule.second else ""
            assert rule.activity_score == f"{at_least}{total}"


def test_guidance_asks_only_for_keys_that_a_call_can_give(pack: PgxPack) -> None:
    reserved = {"No Result", "Indeterminate", "n/a"}
    for rows in pack.guidance.values():
        for row in rows:
            if row.action is not Action.INVALID_INPUT:
                for gene, key in row.criteria.items():
                    assert key in lookup_keys(pack.genes[gene]) | reserved, (row.guidance_id, gene, key)


def test_a_dose_is_a_share_of_the_usual_dose_never_a_reduction_by_it(pack: PgxPack) -> None:
    def doses(drug: str, **criteria: str) -> set[tuple[float | None, float | None, str]]:
        wanted = {gene.replace("_", "-"): key.replace("_", " ") for gene, key in criteria.items()}
        found = {row.dose for row in pack.guidance[drug] if wanted.items() <= row.criteria.items()}
        return {(dose.percent_low, dose.percent_high, dose.basis) for dose in found if dose}

    assert doses("amitriptyline", CYP2D6="0.5", CYP2C19="Normal_Metabolizer") == {(75, 75, "start")}
    assert doses("thioguanine", TPMT="Normal_Metabolizer", NUDT15="Poor_Metabolizer") == {(25, 25, "start")}
    assert doses("vortioxetine", CYP2D6="≥3.0") == {(150, None, "maintenance")}
    assert doses("vortioxetine", CYP2D6="0.0") == {(50, 50, "start")}
    assert doses("omeprazole", CYP2C19="Ultrarapid_Metabolizer") == {(200, 200, "start")}
    assert doses("ibuprofen", CYP2C9="0.0") == {(25, 50, "lowest_start")}
    assert doses("atazanavir", UGT1A1="Poor_Metabolizer") == set()


@pytest.mark.parametrize("drug", ["azathioprine", "mercaptopurine", "thioguanine"])
def test_a_thiopurine_for_somebody_without_tpmt_is_ten_times_less(pack: PgxPack, drug: str) -> None:
    rows = [row for row in pack.guidance[drug] if row.criteria["TPMT"] == "Poor Metabolizer"]
    assert len(rows) == 6
    assert {row.dose.percent_low for row in rows if row.dose} == {10}
    assert all(row.dose for row in rows)


def test_every_position_has_a_grch37_coordinate_and_four_in_five_a_confirmed_base(pack: PgxPack) -> None:
    positions = [position for gene in pack.genes.values() for position in gene.positions]
    assert Counter(position.grch37 for position in positions) == {
        Grch37.CONFIRMED: 961,
        Grch37.COORDINATE_ONLY: 241,
    }


def test_where_the_assemblies_differ_grch37_keeps_its_own_base(pack: PgxPack) -> None:
    positions = [position for gene in pack.genes.values() for position in gene.positions]
    differing = {
        (one.gene, one.rsid, one.reference, one.position_grch37, one.reference_grch37)
        for one in positions
        if one.grch37 is Grch37.CONFIRMED and one.reference != one.reference_grch37
    }
    assert differing == {
        ("CYP2C19", "rs3758581", "A", 96602623, "G"),
        ("CYP2D6", "rs1135840", "C", 42522613, "G"),
        ("CYP2D6", "rs16947", "G", 42523943, "A"),
        ("CYP3A5", "rs776746", "T", 99270539, "C"),
        ("DPYD", "rs1801265", "A", 98348885, "G"),
    }


def test_the_core_release_is_cc0_and_small() -> None:
    (cpic,) = [info for info in releases() if info.release.name == "cpic"]
    assert cpic.source.licence == "CC0-1.0"
    assert cpic.source.review_state == "codes assigned by rule; awaiting pharmacist's sign-off"
    folder = PACK_ROOT / "sources" / "cpic"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 2_000_000


def test_rebuilding_from_the_same_facts_gives_the_same_bytes(shared: Path, tmp_path: Path) -> None:
    wheel = os.environ.get("BEDSIDE_PYPGX_WHEEL")
    if not wheel or not Path(wheel).is_file():
        pytest.skip("set BEDSIDE_PYPGX_WHEEL to the wheel of pypgx 0.27.0 (GRCh37 reference bases)")
    built = tmp_path / "2025-11-05"
    command = [sys.executable, "-m", "tools.build_cpic", str(shared / "pgx"), "--pypgx", wheel]
    subprocess.run([*command, "-o", str(built)], check=True, cwd=ROOT)
    shipped = PACK_ROOT / "sources/cpic/2025-11-05"
    assert {path.name: path.read_bytes() for path in built.iterdir()} == {
        path.name: path.read_bytes() for path in shipped.iterdir()
    }
