"""Reads the tables of a findings panel; every problem is found at once."""

from __future__ import annotations

from bedside.errors import Problem
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.variant import Variant, parse_variant
from bedside.knowledge.classification import Classification
from bedside.knowledge.findings_panel import (
    Blocked,
    Copies,
    Example,
    ExampleKind,
    ExampleVariant,
    Inheritance,
    Mechanism,
    NamedVariant,
    Onset,
    PanelRow,
)
from bedside.knowledge.table import Row, Table, parse_table, term, whole_number, words

ROW_COLUMNS = (
    "gene",
    "gene_mim",
    "disease",
    "disease_mim",
    "category",
    "inheritance",
    "copies",
    "mechanism",
    "mechanism_basis",
    "onset",
    "onset_basis",
    "since",
    "published",
    "note",
)
NAMED_COLUMNS = ("gene", "variant", "name", "source")
BLOCK_COLUMNS = ("variant", "reason", "source")
EXAMPLE_COLUMNS = ("gene", "disease", "kind", "says", "sex", "age", "carried", "outcome", "reason")

_FITTING = {
    Inheritance.DOMINANT: {Copies.ONE},
    Inheritance.RECESSIVE: {Copies.TWO, Copies.HOMOZYGOUS},
    Inheritance.X_LINKED: {Copies.X_ANY, Copies.X_TWO},
}
_NEEDED = ("gene", "disease", "mechanism_basis", "onset_basis", "since", "published")


def read_rows(label: str, content: bytes, problems: list[Problem]) -> tuple[PanelRow, ...]:
    """One gene and disease a line."""
    found: list[PanelRow] = []
    for row in parse_table(label, content, ROW_COLUMNS, problems):
        problems += [row.problem(f"{name} is empty") for name in _NEEDED if not row[name]]
        inheritance = term(row, "inheritance", Inheritance, problems)
        copies = term(row, "copies", Copies, problems)
        mechanism = term(row, "mechanism", Mechanism, problems)
        onset = term(row, "onset", Onset, problems)
        if not (inheritance and copies and mechanism and onset):
            continue
        if copies not in _FITTING[inheritance]:
            problems.append(row.problem(f"{copies.value!r} copies do not go with {inheritance.value}"))
        found.append(
            PanelRow(
                gene=row["gene"],
                gene_mim=row["gene_mim"],
                disease=row["disease"],
                disease_mim=words(row["disease_mim"]),
                category=row["category"],
                inheritance=inheritance,
                copies=copies,
                mechanism=mechanism,
                mechanism_basis=row["mechanism_basis"],
                onset=onset,
                onset_basis=row["onset_basis"],
                since=row["since"],
                published=row["published"],
                note=row["note"],
            )
        )
    return tuple(found)


def read_named(label: str, content: bytes, problems: list[Problem]) -> tuple[NamedVariant, ...]:
    """The variants that rows name."""
    table = parse_table(label, content, NAMED_COLUMNS, problems)
    return tuple(
        NamedVariant(row["gene"], variant, row["name"], row["source"])
        for row, variant in _variants(table, problems)
    )


def read_blocked(label: str, content: bytes, problems: list[Problem]) -> dict[Variant, Blocked]:
    """The variants never screened for."""
    found: dict[Variant, Blocked] = {}
    for row, variant in _variants(parse_table(label, content, BLOCK_COLUMNS, problems), problems):
        if not row["reason"] or not row["source"]:
            problems.append(row.problem("a blocked variant has a reason and a source"))
        if variant in found:
            problems.append(row.problem(f"{variant} is blocked twice"))
        found[variant] = Blocked(variant, row["reason"], row["source"])
    return found


def read_examples(label: str, content: bytes, problems: list[Problem]) -> tuple[Example, ...]:
    """One made-up person a line."""
    found: list[Example] = []
    for row in parse_table(label, content, EXAMPLE_COLUMNS, problems):
        kind = term(row, "kind", ExampleKind, problems)
        sex = term(row, "sex", Sex, problems)
        age = whole_number(row, "age", problems)
        try:
            carried = tuple(_carried(part) for part in row["carried"].split(" + "))
        except ValueError as error:
            problems.append(row.problem(f"carried: {error}"))
            continue
        if kind and sex:
            found.append(
                Example(
                    row["gene"],
                    row["disease"],
                    kind,
                    row["says"],
                    sex,
                    age,
                    carried,
                    row["outcome"],
                    row["reason"],
                )
            )
    return tuple(found)


def _variants(table: Table, problems: list[Problem]) -> list[tuple[Row, Variant]]:
    found = []
    for row in table:
        try:
            found.append((row, parse_variant(row["variant"])))
        except ValueError as error:
            problems.append(row.problem(str(error)))
    return found


def _carried(text: str) -> ExampleVariant:
    """`chr1-5-A-G het 7|1 pathogenic 2 SO:0001587`: phase set and strands, or `-`; consequences, or `-`."""
    parts = text.split(" ")
    if len(parts) != 6:
        raise ValueError(f"six words describe a carried variant, not {text!r}")
    variant, zygosity, phase, classification, stars, consequences = parts
    phase_set, _, strands = phase.partition("|")
    return ExampleVariant(
        parse_variant(variant),
        Zygosity(zygosity),
        None if phase == "-" else int(phase_set),
        0 if phase == "-" else int(strands),
        Classification(classification),
        int(stars),
        () if consequences == "-" else tuple(consequences.split(",")),
    )
