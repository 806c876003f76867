"""What contradicts itself among the drugs, pairs and coded guidance of a release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bedside.errors import Problem
from bedside.knowledge.check_genes import repeated
from bedside.knowledge.pgx import Action, Gene
from bedside.knowledge.table import Row, Table

NO_RESULT = "No Result"
NO_VALUE = frozenset({"Indeterminate", "n/a", NO_RESULT})
DOSE_BASES = frozenset(
    {"", "start", "lowest_start", "maintenance", "start;maintenance", "long_term", "maximum"}
)
_REDUCING = frozenset({Action.REDUCE_DOSE.value, Action.REDUCE_MAINTENANCE_DOSE.value})
_RXNORM = re.compile(r"\d+")
_ATC = re.compile(r"[A-Z]\d\d[A-Z]{0,2}(\d\d)?")


def check_guidance(tables: Mapping[str, Table], genes: Mapping[str, Gene]) -> Iterator[Problem]:
    """Every problem, with its line. Criteria are checked against `genes` when there are any."""
    guidance = tables["guidance.tsv"]
    yield from repeated(guidance, ("guidance_id",))
    yield from repeated(guidance, ("drug", "population", "criteria"))
    yield from repeated(tables["drugs.tsv"], ("drug",))
    yield from repeated(tables["pairs.tsv"], ("gene", "drug"))
    yield from repeated(tables["guidelines.tsv"], ("guideline",))
    drugs = {row["drug"]: row for row in tables["drugs.tsv"]}
    keys = {symbol: lookup_keys(gene) for symbol, gene in genes.items()}
    for row in tables["drugs.tsv"]:
        yield from _codes(row)
    for row in tables["pairs.tsv"]:
        if row["drug"] not in drugs:
            yield row.problem(f"{row['drug']} is not in drugs.tsv")
    for row in tables["guidelines.tsv"]:
        if any(not pmid.isdigit() for pmid in row["pmids"].split(";") if pmid):
            yield row.problem(f"pmids must be numbers, not {row['pmids']!r}")
    for row in guidance:
        if row["drug"] not in drugs:
            yield row.problem(f"{row['drug']} is not in drugs.tsv")
        elif not (drugs[row["drug"]]["rxnorm"] or drugs[row["drug"]]["atc"]):
            yield row.problem(
                f"{row['drug']} has guidance but neither RxNorm nor ATC", "add one to drugs.tsv"
            )
        if not row["population"]:
            yield row.problem("a row must name its population", "write general when it holds for everybody")
        yield from _criteria(row, keys)
        yield from _dose(row)


def lookup_keys(gene: Gene) -> frozenset[str]:
    """Every key that a call of this gene can be looked up with."""
    presence = {f"{allele} {answer}" for allele in gene.presence_tests for answer in ("positive", "negative")}
    return frozenset({rule.lookup_key for rule in gene.rules} | presence)


def _codes(row: Row) -> Iterator[Problem]:
    if row["rxnorm"] and not _RXNORM.fullmatch(row["rxnorm"]):
        yield row.problem(f"{row['drug']}: {row['rxnorm']!r} is not an RxNorm identifier")
    for code in row["atc"].split(";"):
        if code and not _ATC.fullmatch(code):
            yield row.problem(f"{row['drug']}: {code!r} is not an ATC code")


def _criteria(row: Row, keys: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    if not keys or row["action"] == Action.INVALID_INPUT.value:
        return
    for part in row["criteria"].split("; "):
        gene, _, key = part.partition("=")
        if gene not in keys:
            yield row.problem(f"criteria speak of {gene}, which genes.toml does not describe")
        elif key not in keys[gene] and key not in NO_VALUE:
            yield row.problem(f"no phenotype rule of {gene} gives the lookup key {key!r}")


def _dose(row: Row) -> Iterator[Problem]:
    if row["dose_basis"] not in DOSE_BASES:
        yield row.problem(f"dose_basis is {row['dose_basis']!r}, not one of: {', '.join(sorted(DOSE_BASES))}")
    if bool(row["dose_maximum"]) != bool(row["dose_unit"]):
        yield row.problem("a maximum dose and its unit belong together")
    cells = [row["dose_percent_low"], row["dose_percent_high"]]
    if not all(re.fullmatch(r"\d+(\.\d+)?|", cell) for cell in cells):
        yield row.problem("a percentage of the usual dose must be a number")
        return
    percent = [float(cell) for cell in cells if cell]
    if percent != sorted(percent):
        yield row.problem("the low percentage is above the high one")
    if row["action"] in _REDUCING and any(one >= 100 for one in percent):
        yield row.problem(f"{row['action']} with {percent[0]:g} % of the usual dose is no reduction")
    if row["action"] == Action.INCREASE_DOSE.value and any(one <= 100 for one in percent):
        yield row.problem(f"{row['action']} with {percent[0]:g} % of the usual dose is no increase")
    if row["action"] == Action.STANDARD_DOSING.value and percent and row["dose_basis"] != "long_term":
        yield row.problem(f"{row['action']} and {percent[0]:g} % of the usual dose contradict each other")
