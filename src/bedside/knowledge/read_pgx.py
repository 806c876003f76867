"""Reads a pharmacogenomic release's tables into a `PgxPack`."""

from __future__ import annotations

from collections.abc import Mapping

from bedside.errors import Problem
from bedside.genome.citation import Citation, Release
from bedside.knowledge.pgx import (
    Action,
    Dose,
    Drug,
    GeneDrugPair,
    Guidance,
    GuidanceRelease,
    PgxPack,
    Strength,
)
from bedside.knowledge.read_genes import read_genes
from bedside.knowledge.source import Source
from bedside.knowledge.table import Row, Table, number, parse_table, term, words

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "positions.tsv": (
        "gene", "chromosome", "position", "rsid", "reference", "alternates", "hgvs", "role",
        "position_grch37", "reference_grch37", "grch37",
    ),
    "alleles.tsv": ("gene", "allele", "kind", "tier1", "function", "activity_value", "function_basis"),
    "definitions.tsv": ("gene", "allele", "position", "base"),
    "phenotype_rules.tsv": (
        "gene", "first", "second", "activity_score", "phenotype", "lookup_key", "diplotypes_covered",
    ),
    "priorities.tsv": ("gene", "diplotypes", "pick"),
    "guidance.tsv": (
        "guidance_id", "guideline", "drug", "population", "criteria", "action", "strength",
        "dose_percent_low", "dose_percent_high", "dose_fold_low", "dose_fold_high", "dose_maximum",
        "dose_unit", "dose_basis", "monitor", "further", "alternate_drug", "dosing_info", "other_guidance",
        "retrieved", "wording_sha1",
    ),
    "guidelines.tsv": ("guideline", "title", "genes", "drugs", "pmids"),
    "drugs.tsv": ("drug", "rxnorm", "atc", "drugbank", "clinpgx", "origin"),
    "pairs.tsv": ("gene", "drug", "level", "status", "clinpgx_level", "fda_label", "pmids", "url"),
}  # fmt: skip


_NO_DOSE = Dose()


def read_pgx(
    source: Source, release: Release, files: Mapping[str, bytes], problems: list[Problem]
) -> PgxPack:
    """The release whose verified files these are; whatever is wrong is added to `problems`."""
    tables = read_tables(source, files, problems)
    genes = read_genes(
        f"{source.name}/{source.date}/genes.toml", files.get("genes.toml", b""), tables, problems
    )
    guidelines = {row["guideline"]: _guideline(row, source) for row in tables["guidelines.tsv"]}
    return PgxPack(
        release=release,
        licence=source.licence,
        owner=source.owner,
        review_state=source.review_state,
        review_due=source.review_due,
        genes=genes,
        drugs={
            row["drug"]: Drug(row["drug"], row["rxnorm"], words(row["atc"])) for row in tables["drugs.tsv"]
        },
        guidance=_guidance(source, tables["guidance.tsv"], guidelines, problems),
        pairs=tuple(
            GeneDrugPair(
                row["gene"],
                row["drug"],
                row["level"],
                row["status"],
                words(row["pmids"]),
                row["url"],
                row["fda_label"],
            )
            for row in tables["pairs.tsv"]
        ),
        guidelines=guidelines,
        guidance_releases=(
            GuidanceRelease(release, source.licence, source.review_state, source.attribution),
        ),
    )


def read_tables(source: Source, files: Mapping[str, bytes], problems: list[Problem]) -> Mapping[str, Table]:
    """Every table a release of this kind may have; one it does not have is empty."""
    where = f"{source.name}/{source.date}"
    return {
        name: parse_table(f"{where}/{name}", files[name], columns, problems)
        if name in files
        else Table(f"{where}/{name}", ())
        for name, columns in COLUMNS.items()
    }


def _guideline(row: Row, source: Source) -> Citation:
    identifier = row["guideline"]
    url = source.guideline_url.replace("{id}", identifier) if identifier.startswith("PA") else source.url
    return Citation(source.name.upper(), identifier, row["title"], words(row["pmids"]), url)


def _guidance(
    source: Source, table: Table, guidelines: Mapping[str, Citation], problems: list[Problem]
) -> Mapping[str, tuple[Guidance, ...]]:
    by_drug: dict[str, list[Guidance]] = {}
    name = source.name.upper()
    for row in table:
        action = term(row, "action", Action, problems)
        strength = term(row, "strength", Strength, problems)
        citation = guidelines.get(row["guideline"])
        if citation is None:
            problems.append(row.problem(f"guideline {row['guideline']!r} is not in guidelines.tsv"))
        if action is None or strength is None or citation is None:
            continue
        by_drug.setdefault(row["drug"], []).append(
            Guidance(
                guidance_id=row["guidance_id"],
                source=name,
                drug=row["drug"],
                population=row["population"],
                criteria=_criteria(row, problems),
                action=action,
                strength=strength,
                citation=citation,
                dose=_dose(row, problems),
                monitor=words(row["monitor"]),
                further=words(row["further"]),
                alternate_drug=row["alternate_drug"] == "yes",
                dosing_info=row["dosing_info"] == "yes",
                other_guidance=row["other_guidance"] == "yes",
            )
        )
    return {drug: tuple(by_drug[drug]) for drug in sorted(by_drug)}


def _criteria(row: Row, problems: list[Problem]) -> Mapping[str, str]:
    criteria: dict[str, str] = {}
    for part in words(row["criteria"], "; "):
        gene, equals, key = part.partition("=")
        if not (gene and equals and key):
            problems.append(row.problem(f"criteria must read GENE=key; GENE=key, not {row['criteria']!r}"))
        criteria[gene] = key
    return criteria


def _dose(row: Row, problems: list[Problem]) -> Dose | None:
    dose = Dose(
        percent_low=number(row, "dose_percent_low", problems),
        percent_high=number(row, "dose_percent_high", problems),
        fold_low=number(row, "dose_fold_low", problems),
        fold_high=number(row, "dose_fold_high", problems),
        maximum=number(row, "dose_maximum", problems),
        unit=row["dose_unit"],
        basis=row["dose_basis"],
    )
    return None if dose == _NO_DOSE else dose
