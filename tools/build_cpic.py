"""Builds the CPIC release: `python -m tools.build_cpic SHARED/data/pgx --pypgx
pypgx-0.27.0-py3-none-any.whl`.

The folder holds the retrieved facts; its neighbours hold the alignment chains and GRCh37 records that give
and confirm GRCh37 coordinates. Nothing of those is carried into the release but coordinates and bases.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.cpic_guidance import guidance_rows, guideline_rows
from tools.grch37 import Assembly37
from tools.release import Part, table, write_release, yes

HERE = Path(__file__).resolve().parent
DATE = "2025-11-05"
OUTPUT = HERE.parent / "src/bedside/knowledge/data/sources/cpic" / DATE
Cells = Mapping[str, str]


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a tab-separated file with a header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def position_rows(facts: Path, exemptions: Mapping[str, Any], wheel: Path) -> Iterator[Cells]:
    """Positions that define alleles and those only tracked, by gene and position, in both builds."""
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
    assembly37 = Assembly37(facts.parent, wheel, frozenset(row[2] for row in found))
    for gene, position, chromosome, rsid, reference, alternates, hgvs, roles in sorted(found):
        yield {
            "gene": gene,
            "chromosome": chromosome,
            "position": str(position),
            "rsid": rsid,
            "reference": reference,
            "alternates": alternates,
            "hgvs": hgvs,
            "role": " ".join(roles),
            **assembly37.cells(chromosome, position, reference),
        }


def allele_rows(
    facts: Path, exemptions: Mapping[str, Any], genes: Mapping[str, Any], basis: Mapping[str, str]
) -> Iterator[Cells]:
    """Named alleles in the order of their definitions, then those that have only a function or a name."""
    functions = {(row["gene"], row["allele"]): row for row in rows_of(facts / "allele_function.tsv")}
    kinds: dict[tuple[str, str], str] = {}
    for row in rows_of(facts / "allele_definitions.tsv"):
        kinds.setdefault((row["gene"], row["allele"]), "reference" if row["is_reference"] == "1" else "named")
    for gene, name in [
        *functions,
        *((symbol, name) for symbol in genes for name in genes[symbol].get("not_callable", ())),
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
            "function_basis": basis[function["source"]] if function else "",
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
            "gene": row["gene"],
            "allele": row["allele"],
            "position": row["pos_grch38"],
            "base": row["required_base_or_iupac"],
        }


def rule_rows(facts: Path) -> Iterator[Cells]:
    """Pairs of functions or activity values and their phenotype."""
    for row in sorted(rows_of(facts / "phenotype_rules.tsv"), key=lambda row: row["gene"]):
        yield {
            "gene": row["gene"],
            "first": row["function_or_value_1"],
            "second": row["function_or_value_2"],
            "activity_score": row["activity_score"],
            "phenotype": row["phenotype"],
            "lookup_key": row["lookup_key"],
            "diplotypes_covered": row["n_diplotypes_covered"],
        }


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
            "drug": row["name"],
            "rxnorm": code(row["rxnorm"]),
            "atc": code(row["atc"]),
            "drugbank": code(row["drugbank"]),
            "clinpgx": code(row["clinpgx_id"]),
            "origin": origins[row["source"]],
        }


def code(cell: str) -> str:
    """A code, or nothing where the retrieved table writes that there is none."""
    return "" if cell == "NA" else cell


def pair_rows(facts: Path) -> Iterator[Cells]:
    """Gene-drug pairs by gene and drug."""
    for row in sorted(rows_of(facts / "gene_drug_pairs.tsv"), key=lambda row: (row["gene"], row["drug"])):
        yield {
            "gene": row["gene"],
            "drug": row["drug"],
            "level": row["cpic_level"],
            "status": row["cpic_level_status"],
            "clinpgx_level": row["pharmgkb_level"],
            "fda_label": row["fda_label_testing"],
            "pmids": row["pmids"],
            "url": row["guideline_url"],
        }


def parts(facts: Path, wheel: Path, about: Mapping[str, Any]) -> Iterator[Part]:
    """Every file of the release."""
    exemptions = json.loads((facts / "matcher_exemptions.json").read_text(encoding="utf-8"))
    facts_of_genes = (HERE / "cpic/genes.toml").read_bytes()
    genes = tomllib.loads(facts_of_genes.decode())
    release, guidance, pairs = "CPIC via PharmCAT 3.1.1", "CPIC recommendations", "CPIC pairs"
    yield Part(
        "genes.toml", facts_of_genes, DATE, "algorithm facts: CPIC and PharmCAT 3.1.1 documentation; HGNC"
    )
    yield Part(
        "positions.tsv", table("positions.tsv", position_rows(facts, exemptions, wheel)), DATE, release
    )
    yield Part(
        "alleles.tsv",
        table("alleles.tsv", allele_rows(facts, exemptions, genes, about["function_basis"])),
        DATE,
        release,
    )
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
    parser.add_argument(
        "--pypgx", type=Path, required=True, help="wheel of pypgx 0.27.0: GRCh37 reference bases"
    )
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    about = tomllib.loads((HERE / "cpic/description.toml").read_text(encoding="utf-8"))
    files = tuple(parts(arguments.facts, arguments.pypgx, about))
    write_release(arguments.output, about["description"], about["legend"], files)


if __name__ == "__main__":
    main()
