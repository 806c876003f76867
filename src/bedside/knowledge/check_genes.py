"""What contradicts itself among a release's genes: positions, alleles, phenotype rules and gene facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from bedside.errors import Problem
from bedside.knowledge.pgx import Gene, Grch37, Lookup, Position
from bedside.knowledge.table import Row, Table

IUPAC = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


def check_genes(
    where: str,
    genes: Mapping[str, Gene],
    tables: Mapping[str, Table],
    legend: Mapping[str, str],
    facts: Mapping[str, Mapping[str, object]],
) -> Iterator[Problem]:
    """Every problem, with the line where it stands, or `genes.toml` when a fact is wrong."""
    yield from repeated(tables["positions.tsv"], ("gene", "position"))
    yield from repeated(tables["alleles.tsv"], ("gene", "allele"))
    yield from repeated(tables["phenotype_rules.tsv"], ("gene", "first", "second"))
    for row in tables["positions.tsv"]:
        if row["gene"] in genes:
            yield from _position(row, genes[row["gene"]])
    yield from _bases(tables["definitions.tsv"], genes)
    yield from _functions(tables["alleles.tsv"], genes)
    yield from _rules(tables["phenotype_rules.tsv"], genes)
    yield from _priorities(tables["priorities.tsv"], genes)
    for symbol, gene in genes.items():
        cites = facts.get(symbol, {}).get("cites", ())
        unknown = [name for name in cites if name not in legend] if isinstance(cites, list) else []
        reasons = [f"cites {name!r}, which [legend] of source.toml does not explain" for name in unknown]
        for reason in [*reasons, *_facts(gene), *_order(gene), *_definitions(gene)]:
            yield Problem(where, f"{symbol} {reason}")


def repeated(table: Table, columns: tuple[str, ...]) -> Iterator[Problem]:
    """Rows that say twice what may be said once."""
    first: dict[tuple[str, ...], int] = {}
    for row in table:
        key = tuple(row[column] for column in columns)
        if key in first:
            yield row.problem(f"{' '.join(part for part in key if part)} stands already in line {first[key]}")
        first.setdefault(key, row.line)


def _position(row: Row, gene: Gene) -> Iterator[Problem]:
    if row["chromosome"] != gene.chromosome:
        yield row.problem(f"{gene.symbol} is on {gene.chromosome}, not {row['chromosome']}")
    alleles = [row["reference"], *row["alternates"].split(",")]
    if any(not allele or set(allele) - set("ACGT") for allele in alleles):
        yield row.problem(f"alleles must be sequences of A, C, G, T, not {'>'.join(alleles)}")
    if len(set(alleles)) != len(alleles):
        yield row.problem(f"the same allele stands twice in {row['reference']}>{row['alternates']}")
    known = (bool(row["position_grch37"]), bool(row["reference_grch37"]))
    expected = {"confirmed": (True, True), "coordinate": (True, False), "none": (False, False)}
    if expected.get(row["grch37"], known) != known:
        yield row.problem(f"grch37 is {row['grch37']!r}, which its coordinate and reference base contradict")


def _order(gene: Gene) -> Iterator[str]:
    lifted = [one.position_grch37 for one in gene.positions if one.grch37 is not Grch37.NONE]
    if lifted != sorted(set(lifted), key=lambda one: one or 0):
        yield "has GRCh37 positions that are not in the order of GRCh38"


def _bases(table: Table, genes: Mapping[str, Gene]) -> Iterator[Problem]:
    at: dict[tuple[str, str], Position] = {
        (symbol, str(one.position)): one for symbol, gene in genes.items() for one in gene.positions
    }
    for row in table:
        position = at.get((row["gene"], row["position"]))
        if position is None:
            continue
        known = {position.reference, *position.alternates}
        base = row["base"]
        if base not in known and not (base in IUPAC and set(IUPAC[base]) <= known):
            yield row.problem(
                f"{row['gene']} {row['allele']}: {base!r} is not an allele of {row['position']}"
            )


def _definitions(gene: Gene) -> Iterator[str]:
    references = [allele for allele in gene.alleles if allele.is_reference]
    defined = [place for place, position in enumerate(gene.positions) if not position.extra]
    if defined and len(references) != 1:
        yield f"has {len(references)} reference alleles where one belongs"
    for allele in references:
        if any(not allele.bases[place] for place in defined):
            yield f"{allele.name} is the reference but does not define every position"
    same = Counter(allele.bases for allele in gene.alleles if any(allele.bases))
    for allele in gene.alleles:
        if same[allele.bases] > 1:
            yield f"{allele.name} has the same definition as another allele"


def _functions(table: Table, genes: Mapping[str, Gene]) -> Iterator[Problem]:
    for row in table:
        gene = genes.get(row["gene"])
        if gene is None:
            continue
        if bool(row["function"]) != bool(row["function_basis"]):
            yield row.problem(f"{row['gene']} {row['allele']}: a function and its basis belong together")
        scored = gene.lookup is Lookup.ACTIVITY_SCORE
        if row["function"] and scored and not row["activity_value"]:
            yield row.problem(f"{row['gene']} {row['allele']} has a function but no activity value")
        term = row["activity_value"] if scored else row["function"]
        if term and gene.rules and term not in _terms(gene):
            yield row.problem(f"{row['gene']} {row['allele']}: no phenotype rule speaks of {term!r}")


def _terms(gene: Gene) -> set[str]:
    return {term for rule in gene.rules for term in (rule.first, rule.second)}


def _rules(table: Table, genes: Mapping[str, Gene]) -> Iterator[Problem]:
    for row in table:
        gene = genes.get(row["gene"])
        if gene is None:
            continue
        if not row["phenotype"] or not row["lookup_key"]:
            yield row.problem("a rule must give a phenotype and a lookup key")
        scored = gene.lookup is Lookup.ACTIVITY_SCORE
        if scored and row["lookup_key"] != row["activity_score"]:
            yield row.problem(f"{gene.symbol} is looked up by activity score, so the key must be the score")
        held = {allele.activity_value if scored else allele.function for allele in gene.alleles}
        for term in (row["first"], row["second"]):
            if term and term not in held:
                yield row.problem(f"no allele of {gene.symbol} has {term!r}")


def _priorities(table: Table, genes: Mapping[str, Gene]) -> Iterator[Problem]:
    for row in table:
        names = {allele.name for allele in genes[row["gene"]].alleles} if row["gene"] in genes else set()
        diplotypes = row["diplotypes"].split(";")
        if row["pick"] not in diplotypes:
            yield row.problem(f"the pick {row['pick']} is not one of {row['diplotypes']}")
        for unknown in sorted({name for pair in diplotypes for name in pair.split("/")} - names):
            yield row.problem(f"{row['gene']} has no allele {unknown}")


def _facts(gene: Gene) -> Iterator[str]:
    names = {allele.name for allele in gene.alleles}
    rsids = {position.rsid for position in gene.positions}
    functions = {allele.function for allele in gene.alleles}
    phenotypes = {rule.phenotype for rule in gene.rules}
    checks: Iterable[tuple[str, Iterable[str], set[str]]] = (
        ("not_callable", gene.not_callable, names),
        ("ignored_alleles", gene.ignored_alleles, names),
        ("renames", [*gene.renames, *gene.renames.values()], names),
        ("fallback_alleles", gene.fallback_alleles.values(), names),
        ("copy_number_bins", gene.copy_number_bins, names),
        ("proxy_allele", [gene.proxy_allele, gene.proxy_intron_allele], names),
        ("rsids", [gene.fallback_rsid, gene.proxy_intron_rsid, gene.proxy_exon_rsid], rsids),
        ("risk_function", [gene.risk_function], functions),
        ("risk_phenotype", [gene.risk_phenotype, gene.uncertain_phenotype], phenotypes),
    )
    for what, values, known in checks:
        for value in values:
            if value and value not in known:
                yield f"speaks of {value!r} ({what}), which its tables do not have"
    if not gene.hgnc.startswith("HGNC:") or not gene.hgnc[5:].isdigit():
        yield f"has no HGNC identifier: {gene.hgnc!r}"
