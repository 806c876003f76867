"""Builds the CPIC release from a folder of retrieved facts: `python tools/build_cpic.py FACTS [--liftover FOLDER …]`."""

from __future__ import annotations

import argparse
import csv
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cpic_guidance import guidance_rows, guideline_rows
from release import Part, table, write_release, yes

HERE = Path(__file__).resolve().parent
DATE = "2025-11-05"
OUTPUT = HERE.parent / "src/bedside/knowledge/data/sources/cpic" / DATE
Cells = Mapping[str, str]

DESCRIPTION = {
    "kind": "pgx",
    "name": "cpic",
    "date": DATE,
    "title": "CPIC: named alleles, functions, phenotypes, gene-drug pairs and coded guidance",
    "owner": "Clinical Pharmacogenetics Implementation Consortium (CPIC); codes by the Bedside authors",
    "licence": "CC0-1.0",
    "url": "https://cpicpgx.org/",
    "guideline_url": "https://www.clinpgx.org/guidelineAnnotation/{id}",
    "version": "definitions and functions of 2025-11-05 as carried by PharmCAT 3.1.1; guidance of 2024-05 with later changes",
    "retrieved": "2025-11-05",
    "review_state": "codes assigned by rule; awaiting pharmacist's sign-off",
    "review_due": "2026-12-31",
    "made_by": "tools/build_cpic.py",
    "attribution": "Facts from CPIC (cpicpgx.org), CC0 1.0. CPIC has not reviewed this form of them.",
}

LEGEND = {
    "definitions": "CPIC and PharmVar allele definitions, 2025-11-05",
    "functions": "CPIC allele functionality, 2025-11-05",
    "guidance": "CPIC recommendations, 2024-05 and later changes",
    "structural": "alleles defined by structure or whole-gene deletion, which single positions cannot show (PharmVar)",
    "copy-number": "CPIC CYP2D6 allele functionality: copy numbers of three and more share a row",
    "extra": "CPIC warfarin guideline, PMID 28198005: rs12777823",
    "exemptions": "PharmCAT 3.1.1, exemptions to CPIC definitions: required and ignored positions, unphased priorities",
    "undocumented": "PharmCAT 3.1.1 documentation, genes in which an undefined allele counts as reference",
    "lowest-function": "CPIC fluoropyrimidine guideline, PMID 29152729; CPIC anaesthetics guideline, PMID 30499100",
    "hapb3": "CPIC DPYD update, 2024: rs75017182 is causal, rs56038477 its proxy",
    "fallback": "CPIC statin guideline, PMID 35152405: rs4149056 alone",
    "basis:release": "function as published in the release of 2025-11-05",
    "basis:copy": "function from a copy of the release's tables",
    "basis:cross-checked": "function of 2023-08, equal in a copy of the release's tables",
    "basis:inferred": "activity value from a copy of the release's tables; function term inferred from it",
}

FUNCTION_BASIS = {
    "PharmCAT 3.1.1 phenotype file (CPIC, 2025-11-05)": "release",
    "fork copy of PharmCAT 3.1.x": "copy",
    "PharmCAT 2023-08 file, cross-checked with fork copy of 3.1.x": "cross-checked",
    "fork copy of PharmCAT 3.1.x; clinical function inferred from activity value": "inferred",
}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a tab-separated file with a header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def position_rows(facts: Path, exemptions: Mapping[str, Any]) -> Iterator[Cells]:
    """Defining positions, and the tracked ones that define no allele, by gene and position."""
    found = []
    for row in rows_of(facts / "positions.tsv"):
        gene, position = row["gene"], int(row["pos_grch38"])
        exemption = exemptions.get(gene, {})
        ignored = {(one["position"], one["ref"]) for one in exemption.get("ignoredPositions", ())}
        if (position, row["ref"]) in ignored:
            continue
        roles = [
            role
            for role, column in (("required", "required_for_call"), ("tier1", "amp_tier1"))
            if row[column] == "1"
        ]
        found.append(
            (gene, position, row["chrom_grch38"], row["rsid"], row["ref"], row["alts"], row["hgvs_g"], roles)
        )
    for gene, exemption in exemptions.items():
        for one in exemption["extraPositions"]:
            alternates, hgvs = ",".join(one["alts"]), one["chromosomeHgvsName"]
            found.append(
                (
                    gene,
                    one["position"],
                    one["chromosome"],
                    one["rsid"],
                    one["ref"],
                    alternates,
                    hgvs,
                    ["extra"],
                )
            )
    for gene, position, chromosome, rsid, reference, alternates, hgvs, roles in sorted(found):
        yield {
            "gene": gene, "chromosome": chromosome, "position": str(position), "rsid": rsid, "reference": reference,
            "alternates": alternates, "hgvs": hgvs, "role": " ".join(roles), "grch37": "none",
        }  # fmt: skip


def allele_rows(facts: Path, exemptions: Mapping[str, Any], genes: Mapping[str, Any]) -> Iterator[Cells]:
    """Named alleles in the order of their definitions, then those that only have a function or only a name."""
    functions = {(row["gene"], row["allele"]): row for row in rows_of(facts / "allele_function.tsv")}
    kinds: dict[tuple[str, str], str] = {}
    for row in rows_of(facts / "allele_definitions.tsv"):
        kinds.setdefault((row["gene"], row["allele"]), "reference" if row["is_reference"] == "1" else "named")
    for gene, name in [
        *functions,
        *((gene, name) for gene in genes for name in genes[gene].get("not_callable", ())),
    ]:
        if (gene, name) not in kinds:
            kinds[gene, name] = undefined_kind(name, genes[gene])
    for gene, name in sorted(kinds, key=lambda key: key[0]):
        function = functions.get((gene, name))
        yield {
            "gene": gene,
            "allele": name,
            "kind": kinds[gene, name],
            "tier1": yes(name in exemptions.get(gene, {}).get("amp1Alleles", ())),
            "function": function["clinical_function"] if function else "",
            "activity_value": function["activity_value"] if function else "",
            "function_basis": FUNCTION_BASIS[function["source"]] if function else "",
        }


def undefined_kind(name: str, gene: Mapping[str, Any]) -> str:
    """Why no genotype position defines this allele."""
    if name in gene.get("ignored_alleles", ()):
        return "not-callable"
    if name in gene.get("not_callable", ()):
        return "structural"
    if name in gene.get("renames", {}).values():
        return "reported-name"
    if re.search(r"x≥?\d| \+ ", name):
        return "copy-number"
    if gene["matcher"] == "outside-only":
        return "reported-only"
    raise SystemExit(f"no reason known why {name} has no definition")


def definition_rows(facts: Path) -> Iterator[Cells]:
    """What each allele requires at each position it speaks of."""
    for row in sorted(rows_of(facts / "allele_definitions.tsv"), key=lambda row: row["gene"]):
        yield {
            "gene": row["gene"], "allele": row["allele"], "position": row["pos_grch38"],
            "base": row["required_base_or_iupac"],
        }  # fmt: skip


def rule_rows(facts: Path) -> Iterator[Cells]:
    """Pairs of functions or activity values and their phenotype."""
    for row in sorted(rows_of(facts / "phenotype_rules.tsv"), key=lambda row: row["gene"]):
        yield {
            "gene": row["gene"], "first": row["function_or_value_1"], "second": row["function_or_value_2"],
            "activity_score": row["activity_score"], "phenotype": row["phenotype"], "lookup_key": row["lookup_key"],
            "diplotypes_covered": row["n_diplotypes_covered"],
        }  # fmt: skip


def priority_rows(exemptions: Mapping[str, Any]) -> Iterator[Cells]:
    """Which of several diplotypes that fit unphased genotypes is reported."""
    for gene, exemption in sorted(exemptions.items()):
        for rule in exemption["unphasedDiplotypePriorities"]:
            yield {"gene": gene, "diplotypes": ";".join(rule["list"]), "pick": rule["pick"]}


def drug_rows(facts: Path) -> Iterator[Cells]:
    """Drugs by name, with their codes."""
    origins = {"cpic-data V2": "cpic", "pypgx cpic-table (CPIC pairs)": "cpic-pairs"}
    for row in sorted(rows_of(facts / "drugs.tsv"), key=lambda row: row["name"]):
        yield {
            "drug": row["name"], "rxnorm": row["rxnorm"], "atc": row["atc"], "drugbank": row["drugbank"],
            "clinpgx": row["clinpgx_id"], "origin": origins[row["source"]],
        }  # fmt: skip


def pair_rows(facts: Path) -> Iterator[Cells]:
    """Gene-drug pairs by gene and drug."""
    for row in sorted(rows_of(facts / "gene_drug_pairs.tsv"), key=lambda row: (row["gene"], row["drug"])):
        yield {
            "gene": row["gene"], "drug": row["drug"], "level": row["cpic_level"], "status": row["cpic_level_status"],
            "clinpgx_level": row["pharmgkb_level"], "fda_label": row["fda_label_testing"], "pmids": row["pmids"],
            "url": row["guideline_url"],
        }  # fmt: skip


def parts(facts: Path) -> Iterator[Part]:
    """Every file of the release."""
    exemptions = json.loads((facts / "matcher_exemptions.json").read_text(encoding="utf-8"))
    facts_of_genes = (HERE / "cpic/genes.toml").read_bytes()
    genes = tomllib.loads(facts_of_genes.decode())
    release, guidance, pairs = "CPIC via PharmCAT 3.1.1", "CPIC recommendations", "CPIC pairs"
    yield Part(
        "genes.toml", facts_of_genes, DATE, "algorithm facts: CPIC and PharmCAT 3.1.1 documentation; HGNC"
    )
    yield Part("positions.tsv", table("positions.tsv", position_rows(facts, exemptions)), DATE, release)
    yield Part("alleles.tsv", table("alleles.tsv", allele_rows(facts, exemptions, genes)), DATE, release)
    yield Part("definitions.tsv", table("definitions.tsv", definition_rows(facts)), DATE, release)
    yield Part("phenotype_rules.tsv", table("phenotype_rules.tsv", rule_rows(facts)), DATE, release)
    yield Part("priorities.tsv", table("priorities.tsv", priority_rows(exemptions)), DATE, release)
    yield Part(
        "guidance.tsv",
        table("guidance.tsv", guidance_rows(facts)),
        "2024-05",
        f"{guidance}, 2024-05 and later",
    )
    yield Part("guidelines.tsv", table("guidelines.tsv", guideline_rows(facts)), "2024-05", guidance)
    yield Part("drugs.tsv", table("drugs.tsv", drug_rows(facts)), DATE, "CPIC drug list with RxNorm and ATC")
    yield Part("pairs.tsv", table("pairs.tsv", pair_rows(facts)), DATE, pairs)


def main() -> None:
    """Writes the release folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "facts", type=Path, help="folder of retrieved facts (positions.tsv, allele_definitions.tsv, …)"
    )
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    write_release(arguments.output, DESCRIPTION, LEGEND, tuple(parts(arguments.facts)))


if __name__ == "__main__":
    main()
