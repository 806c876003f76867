"""Reads the genes of a release: positions, named alleles, phenotype rules, and the facts of `genes.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import Enum
from typing import Any

from bedside.errors import Problem
from bedside.knowledge.pgx import (
    Gene,
    Grch37,
    Lookup,
    Matcher,
    NamedAllele,
    PhenotypeRule,
    Position,
    PriorityRule,
)
from bedside.knowledge.table import Row, Table, term, whole_number, words

NOT_DEFINED_BY_BASES = frozenset(
    {"structural", "copy-number", "reported-name", "reported-only", "not-callable"}
)
ALLELE_KINDS = frozenset({"reference", "named"}) | NOT_DEFINED_BY_BASES
POSITION_ROLES = frozenset({"required", "tier1", "extra"})

_FACTS = {
    "hgnc": str, "chromosome": str, "matcher": Matcher, "lookup": Lookup, "haploid_in_males": bool,
    "single_allele": bool, "undocumented_as_reference": bool,
    "undocumented_as_reference_in_combination": bool,
    "renames": dict, "presence_tests": tuple, "fallback_rsid": str, "fallback_alleles": dict,
    "copy_number_bins": dict, "proxy_allele": str, "proxy_intron_allele": str, "proxy_intron_rsid": str,
    "proxy_exon_rsid": str, "risk_phenotype": str, "uncertain_phenotype": str, "risk_function": str,
    "combination_excludes": str, "ignored_alleles": tuple, "not_callable": tuple,
    "shown_by_variant": bool,
}  # fmt: skip


def read_genes(
    where: str, facts: bytes, tables: Mapping[str, Table], problems: list[Problem]
) -> Mapping[str, Gene]:
    """Genes by symbol, in alphabetical order."""
    try:
        document = tomllib.loads(facts.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(where, f"not TOML: {error}"))
        return {}
    positions = _positions(tables["positions.tsv"], problems)
    alleles = _alleles(tables["alleles.tsv"], tables["definitions.tsv"], positions, problems)
    rules = _rules(tables["phenotype_rules.tsv"])
    priorities = _priorities(tables["priorities.tsv"])
    for table in ("positions.tsv", "alleles.tsv", "phenotype_rules.tsv", "priorities.tsv"):
        problems.extend(
            row.problem(f"gene {row['gene']} is not in genes.toml", "describe it there")
            for row in tables[table]
            if row["gene"] not in document
        )
    genes: dict[str, Gene] = {}
    for symbol in sorted(document):
        fields = _facts(where, symbol, document[symbol], problems)
        if fields is not None:
            genes[symbol] = Gene(
                symbol=symbol,
                positions=positions.get(symbol, ()),
                alleles=alleles.get(symbol, ()),
                rules=rules.get(symbol, ()),
                priorities=priorities.get(symbol, ()),
                **fields,
            )
    return genes


def _facts(
    where: str, symbol: str, entry: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any] | None:
    missing = [name for name in ("hgnc", "chromosome", "matcher", "lookup", "cites") if not entry.get(name)]
    unknown = sorted(set(entry) - set(_FACTS) - {"cites"})
    for names, what in ((missing, "does not say"), (unknown, "says the unknown")):
        if names:
            problems.append(Problem(where, f"{symbol} {what}: {', '.join(names)}"))
    if missing or unknown:
        return None
    fields: dict[str, Any] = {}
    for name, value in entry.items():
        if name == "cites":
            continue
        kind = _FACTS[name]
        try:
            fields[name] = kind(value) if isinstance(kind, type) and issubclass(kind, Enum | tuple) else value
        except ValueError:
            problems.append(Problem(where, f"{symbol}: {name} cannot be {value!r}"))
            return None
        if not isinstance(fields[name], kind):
            problems.append(Problem(where, f"{symbol}: {name} cannot be {value!r}"))
            return None
    return fields


def _positions(table: Table, problems: list[Problem]) -> Mapping[str, tuple[Position, ...]]:
    by_gene: dict[str, list[Position]] = {}
    for row in table:
        grch37 = term(row, "grch37", Grch37, problems)
        position = whole_number(row, "position", problems)
        roles = set(words(row["role"], " "))
        problems.extend(row.problem(f"unknown role {role!r}") for role in sorted(roles - POSITION_ROLES))
        if grch37 is None or position is None:
            continue
        by_gene.setdefault(row["gene"], []).append(
            Position(
                gene=row["gene"],
                chromosome=row["chromosome"],
                position=position,
                rsid=row["rsid"],
                reference=row["reference"],
                alternates=words(row["alternates"], ","),
                hgvs=row["hgvs"],
                position_grch37=whole_number(row, "position_grch37", problems),
                reference_grch37=row["reference_grch37"],
                grch37=grch37,
                required="required" in roles,
                tier1="tier1" in roles,
                extra="extra" in roles,
            )
        )
    return {gene: tuple(sorted(found, key=lambda one: one.position)) for gene, found in by_gene.items()}


def _alleles(
    table: Table, definitions: Table, positions: Mapping[str, tuple[Position, ...]], problems: list[Problem]
) -> Mapping[str, tuple[NamedAllele, ...]]:
    index = {
        gene: {str(position.position): place for place, position in enumerate(found)}
        for gene, found in positions.items()
    }
    bases = {(row["gene"], row["allele"]): [""] * len(positions.get(row["gene"], ())) for row in table}
    for row in definitions:
        defined, place = (
            bases.get((row["gene"], row["allele"])),
            index.get(row["gene"], {}).get(row["position"]),
        )
        if defined is None or place is None:
            what = "allele" if defined is None else "position"
            problems.append(
                row.problem(f"{row['gene']} {row['allele']} {row['position']}: {what} not in its table")
            )
            continue
        if defined[place]:
            problems.append(row.problem(f"{row['gene']} {row['allele']} says two bases at {row['position']}"))
        defined[place] = row["base"]
    by_gene: dict[str, list[NamedAllele]] = {}
    for row in table:
        by_gene.setdefault(row["gene"], []).append(
            _allele(row, tuple(bases[row["gene"], row["allele"]]), problems)
        )
    return {gene: tuple(found) for gene, found in by_gene.items()}


def _allele(row: Row, bases: tuple[str, ...], problems: list[Problem]) -> NamedAllele:
    kind = row["kind"]
    if kind not in ALLELE_KINDS:
        problems.append(
            row.problem(f"kind is {kind!r}, which is not one of: {', '.join(sorted(ALLELE_KINDS))}")
        )
    if any(bases) == (kind in NOT_DEFINED_BY_BASES):
        problems.append(
            row.problem(f"{row['gene']} {row['allele']} is {kind} but its definition says otherwise")
        )
    return NamedAllele(
        gene=row["gene"],
        name=row["allele"],
        bases=bases,
        is_reference=kind == "reference",
        function=row["function"],
        activity_value=row["activity_value"],
        tier1=row["tier1"] == "yes",
        structural=kind in {"structural", "copy-number"},
    )


def _rules(table: Table) -> Mapping[str, tuple[PhenotypeRule, ...]]:
    by_gene: dict[str, list[PhenotypeRule]] = {}
    for row in table:
        cells = (
            row["gene"],
            row["first"],
            row["second"],
            row["activity_score"],
            row["phenotype"],
            row["lookup_key"],
        )
        by_gene.setdefault(row["gene"], []).append(PhenotypeRule(*cells))
    return {gene: tuple(found) for gene, found in by_gene.items()}


def _priorities(table: Table) -> Mapping[str, tuple[PriorityRule, ...]]:
    by_gene: dict[str, list[PriorityRule]] = {}
    for row in table:
        by_gene.setdefault(row["gene"], []).append(PriorityRule(words(row["diplotypes"]), row["pick"]))
    return {gene: tuple(found) for gene, found in by_gene.items()}
