"""Builds the findings panels (`data/findings/`) from the published tables and the project's own judgement.

    python -m tools.build_findings SHARED_DATA_FOLDER

acmg-sf: every gene and disease of the ACMG SF v3.3 table. cdc-tier1: its rows for the three CDC Tier 1
conditions. newborn: its rows that matter in the first weeks of life, and genes of the Recommended Uniform
Screening Panel whose gene-disease relation ClinGen calls definitive or strong.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bedside.genome.liftover import parse_chain
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.knowledge.findings_rows import BLOCK_COLUMNS, EXAMPLE_COLUMNS, NAMED_COLUMNS, ROW_COLUMNS
from tools.findings import judgement as ours
from tools.findings.examples import examples_of
from tools.findings.headers import HEADERS

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "bedside" / "knowledge" / "data" / "findings"
Cells = dict[str, str]


def published(shared: Path) -> list[Cells]:
    """The rows of the SF table. Its cells may hold line breaks, so it is read as CSV, not line by line."""
    path = shared / "acmg_sf" / "acmg_sf_v3.3_talos_af.tsv"
    with path.open(newline="", encoding="utf-8") as file:
        return [_row(cells) for cells in csv.DictReader(file, delimiter="\t")]


def _row(cells: Mapping[str, str]) -> Cells:
    gene, inheritance = cells["Gene"].strip(), cells["Inheritance"].strip()
    disease = " ".join(cells["Disease/Phentyope"].split())
    for wrong, right in ours.SPELLING.items():
        disease = disease.replace(wrong, right)
    mechanism, basis = _mechanism(gene, disease)
    adult = gene in ours.ADULT
    return {
        "gene": gene,
        "gene_mim": cells["Gene MIM"].strip(),
        "disease": disease,
        "disease_mim": ";".join(cells["Disorder MIM"].replace("n/a", "").replace(",", " ").split()),
        "category": ";".join(cells["Phenotype Category"].split()),
        "inheritance": inheritance,
        "copies": _copies(gene, inheritance),
        "mechanism": mechanism,
        "mechanism_basis": basis,
        "onset": "adult" if adult else "childhood",
        "onset_basis": ours.ADULT_BASIS if adult else ours.CHILD_BASIS,
        "since": f"ACMG SF v{cells['SF List Version'].strip()}",
        "published": " ".join(cells["Variants to report"].split()),
        "note": ours.NOTES.get(gene, ""),
    }


def _mechanism(gene: str, disease: str) -> tuple[str, str]:
    if gene in ours.SPECIAL:
        return ours.SPECIAL[gene]
    altered = gene in ours.ALTERED or (gene, disease) in ours.ALTERED_DISEASE
    return ("altered", ours.ALTERED_BASIS) if altered else ("loss", ours.LOSS_BASIS)


def _copies(gene: str, inheritance: str) -> str:
    if gene == "HFE":
        return "homozygous"
    if gene == "ABCD1":
        return "x-two"
    return {"AD": "one", "AR": "two", "XL": "x-any"}[inheritance]


def tier1(rows: Iterable[Cells]) -> list[Cells]:
    """The SF rows of the CDC Tier 1 conditions."""
    wanted = {(gene, disease) for disease, genes in ours.CDC.items() for gene in genes}
    return [row for row in rows if (row["gene"], row["disease"]) in wanted]


def newborn(rows: Iterable[Cells], valid: Mapping[str, str]) -> list[Cells]:
    """SF rows for the first weeks of life, and core conditions whose gene ClinGen supports."""
    found = [
        dict(row) for row in rows if row["gene"] in ours.NEWBORN_FROM_SF and "Brugada" not in row["disease"]
    ]
    for gene, disease, inheritance in ours.RUSP:
        level = valid.get(gene) or valid.get(ours.ALIAS.get(gene, ""))
        if level is None:
            print(f"left out, no definitive or strong ClinGen entry: {gene}", file=sys.stderr)
            continue
        found.append(
            dict.fromkeys(ROW_COLUMNS, "")
            | {
                "gene": gene,
                "disease": disease,
                "category": "Newborn screening",
                "inheritance": inheritance,
                "copies": "two" if inheritance == "AR" else "x-two",
                "mechanism": "loss",
                "mechanism_basis": ours.LOSS_BASIS,
                "onset": "childhood",
                "onset_basis": "RUSP core condition (HRSA), [unchecked] against the list itself",
                "since": "project's draft 2026-11",
                "published": f"ClinGen gene-disease validity 2025-01: {level}",
            }
        )
    return found


def clingen(shared: Path) -> tuple[dict[str, str], dict[str, tuple[str, int]]]:
    """The best validity of each gene that is at least strong, and where the gene starts."""
    valid: dict[str, str] = {}
    starts: dict[str, tuple[str, int]] = {}
    with gzip.open(
        shared / "clingen" / "gene_disease_validity_2025-01.tsv.gz", "rt", encoding="utf-8"
    ) as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if (
                row["classification"] in ("Definitive", "Strong")
                and valid.get(row["gene_name"]) != "Definitive"
            ):
                valid[row["gene_name"]] = row["classification"]
            if row["start"]:
                starts[row["gene_name"]] = (f"chr{row['chromosome']}", int(float(row["start"])))
    return valid, starts


def gene_starts(shared: Path) -> dict[str, tuple[str, int]]:
    """A place inside the coding sequence of each gene, for made-up examples."""
    starts = clingen(shared)[1]
    starts |= {new: starts[old] for new, old in ours.ALIAS.items() if old in starts}
    with (shared / "coords" / "acmg_sf_v3.3_mane_coords_GRCh38.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            starts[row["gene"]] = (row["chrom"], int(row["thick_start0"]) + 10)
    return starts


def lifted(shared: Path) -> list[Cells]:
    """The named variants on GRCh38; each must be in ClinVar's 2016 release under the identifier given."""
    chain_file = shared / "liftover" / "hg19ToHg38.over.chain.gz"
    with gzip.open(chain_file, "rt", encoding="utf-8") as file:
        chain = parse_chain(file, chain_file.name)
    known = set()
    with gzip.open(shared / "clinvar" / "clinvar_2016-11-02.vcf.gz", "rt", encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                contig, place, _, reference, alternate = line.split("\t")[:5]
                number = line.partition("MEASURESET_ID=")[2].partition(";")[0]
                known.add((f"chr{contig}-{place}-{reference}-{alternate}", number))
    found = []
    for gene, chromosome, position, reference, alternate, identifier, name, source in ours.NAMED:
        if identifier and (f"{chromosome}-{position}-{reference}-{alternate}", str(identifier)) not in known:
            raise SystemExit(f"{gene} {name} is not in ClinVar 2016-11-02 as VariationID {identifier}")
        where = np.array([CHROMOSOME_NUMBER[chromosome]], np.int8), np.array([position])
        moved = chain.lift(*where)
        if not moved.mapped[0] or moved.reverse[0]:
            raise SystemExit(f"{gene} {name} has no place on the forward strand of GRCh38")
        variant = f"{chromosome}-{int(moved.position[0])}-{reference}-{alternate}"
        cited = f"{source}; ClinVar VariationID {identifier}" if identifier else source
        found.append({"gene": gene, "variant": variant, "name": name, "source": cited})
    return found


def write(name: str, rows: list[Cells], named: list[Cells], starts: Mapping[str, tuple[str, int]]) -> None:
    """One panel's folder."""
    folder = TARGET / name
    folder.mkdir(parents=True, exist_ok=True)
    genes = {row["gene"] for row in rows}
    mine = [one for one in named if one["gene"] in genes]
    examples = [
        line for row in rows for line in examples_of(row, mine, starts[row["gene"]], name == "newborn")
    ]
    (folder / "panel.toml").write_text(HEADERS[name], encoding="utf-8")
    _table(folder / "rows.tsv", ROW_COLUMNS, rows)
    _table(folder / "named.tsv", NAMED_COLUMNS, mine)
    _table(folder / "blocklist.tsv", BLOCK_COLUMNS, [])
    _table(folder / "examples.tsv", EXAMPLE_COLUMNS, examples)
    print(f"{name}: {len(genes)} genes, {len(rows)} rows, {len(mine)} named, {len(examples)} examples")


def _table(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> None:
    lines = ["\t".join(columns), *("\t".join(row[name] for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(shared: Path) -> None:
    """Builds all three."""
    rows, named, starts = published(shared), lifted(shared), gene_starts(shared)
    write("acmg-sf", rows, named, starts)
    write("cdc-tier1", tier1(rows), named, starts)
    write("newborn", newborn(rows, clingen(shared)[0]), named, starts)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
