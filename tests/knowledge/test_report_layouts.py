"""Every layout of reports reads what its own examples say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.genome.draft import DATES, FieldKind
from bedside.intake.pdf.fields import read_report
from bedside.intake.pdf.page import Page, Word
from bedside.intake.pdf.values import read_value
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.gene_regions import load_gene_regions
from bedside.knowledge.provenance import DATA
from bedside.knowledge.report_layouts import Example, load_layouts, load_report_policy

KNOWN = frozenset(load_gene_regions().regions) | frozenset(load_pgx().genes)
EXAMPLES = [
    pytest.param(example, id=f"{layout.provenance.name}-{number}")
    for layout in load_layouts()
    for number, example in enumerate(layout.examples, start=1)
]


def page_of(text: str) -> Page:
    """Letters of one width, as an example has them, as words with places."""
    words = [
        Word(found[0], 40 + found.start() * 6, 40 + row * 14, 40 + found.end() * 6, 51.7 + row * 14)
        for row, line in enumerate(text.splitlines())
        for found in re.finditer(r"\S+", line)
    ]
    return Page(1, 800, 900, tuple(words))


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_read_as_it_says(example: Example) -> None:
    read = read_report([page_of(example.page)], load_layouts(), KNOWN)
    got = {one.key: one.absence.value if one.absence else one.value for one in read.fields}
    assert {key: got.get(key) for key in example.expected} == dict(example.expected)


def test_every_layout_says_who_answers_for_it_and_shows_examples() -> None:
    layouts = load_layouts()
    assert layouts[-1].provenance.name == "generic"
    assert all(layout.examples and layout.provenance.review_state for layout in layouts)
    assert load_report_policy().second_reader == frozenset()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldKind.BIRTH_DATE, "12 March 1961", "1961-03-12"),
        (FieldKind.BIRTH_DATE, "Mar 12, 1961", "1961-03-12"),
        (FieldKind.BIRTH_DATE, "12-MAR-1961 (65 years)", "1961-03-12"),
        (FieldKind.BIRTH_DATE, "13/03/1961", "1961-03-13"),
        (FieldKind.BIRTH_DATE, "03/13/1961", "1961-03-13"),
        (FieldKind.BIRTH_DATE, "03/04/1961", ""),
        (FieldKind.BIRTH_DATE, "31/02/1961", ""),
        (FieldKind.PATIENT, "EXAMPLE, Anna Maria", "EXAMPLE, Anna Maria"),
        (FieldKind.PATIENT, "Ms Anna Example", "Example, Anna"),
        (FieldKind.PATIENT, "Anna", ""),
        (FieldKind.PATIENT, "A-1001", ""),
        (FieldKind.NUMBER, "944 930 5552", "9449305552"),
        (FieldKind.GENOTYPE, "*1/*2", "*1/*2"),
        (FieldKind.GENOTYPE, "∗1 / ∗17", "*1/*17"),
        (FieldKind.GENOTYPE, "CYP2C19 *1/*2 (heterozygous)", "*1/*2"),
        (FieldKind.GENOTYPE, "*1/*2xN", "*1/*2xN"),
        (FieldKind.GENOTYPE, "No variants detected", ""),
        (FieldKind.GENOTYPE, "*1/*2 or *1/*3", ""),
        (FieldKind.GENOTYPE, "Normal", ""),
        (FieldKind.PHENOTYPE, "Ultra-rapid metaboliser", "Ultrarapid Metabolizer"),
        (FieldKind.PHENOTYPE, "predicted poor metabolizer phenotype", "Poor Metabolizer"),
        (FieldKind.PHENOTYPE, "Likely Poor Metabolizer", "Likely Poor Metabolizer"),
        (FieldKind.CLASSIFICATION, "Likely pathogenic", "Likely pathogenic"),
        (FieldKind.CLASSIFICATION, "Variant of uncertain significance (VUS)", "Uncertain significance"),
        (FieldKind.CLASSIFICATION, "benign or pathogenic", ""),
        (FieldKind.VARIANT, "NM_000059.4(BRCA2):c.5946del", "NM_000059.4(BRCA2):c.5946del"),
        (FieldKind.VARIANT, "c.1905 +1G>A", "c.1905+1G>A"),
        (FieldKind.VARIANT, "c.68_69del and c.70del", ""),
        (FieldKind.PROTEIN, "p.(Glu23ValfsTer17)", "p.(Glu23ValfsTer17)"),
        (FieldKind.GENE, "CYP2C19*", "CYP2C19"),
        (FieldKind.GENE, "METHODS", ""),
        (FieldKind.STATUS, "Amended final report", "amended"),
    ],
)
def test_values_are_normalised_or_there_is_none(kind: FieldKind, text: str, value: str) -> None:
    reading = read_value(kind, text, load_layouts()[-1], KNOWN)
    assert reading.value == value
    assert bool(reading.value) != bool(reading.absence)
    if kind in DATES and not value:
        assert reading.reason


def test_ligatures_are_taken_apart() -> None:
    page = page_of("Patient Name:  Steﬀens, Sofie\nDate of birth:  2 May 1950")
    read = read_report([page], load_layouts(), KNOWN)
    assert next(one.value for one in read.fields if one.kind is FieldKind.PATIENT) == "Steffens, Sofie"


def test_a_layout_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "report_layouts"
    folder.mkdir()
    text = (DATA / "report_layouts" / "northfield.toml").read_text()
    (folder / "own.toml").write_text(
        text.replace('name = "northfield"', 'name = "own"').replace("\npatient =", "\nshoe-size =", 1)
    )
    with pytest.raises(PackError, match="no such field: shoe-size"):
        load_layouts(tmp_path)
