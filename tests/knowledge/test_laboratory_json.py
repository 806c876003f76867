"""Every worked example of every mapping of a laboratory's JSON is so; what is no mapping is refused with its
reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.laboratory_json import (
    KIND,
    KINDS,
    LaboratoryMapping,
    load_mappings,
    overlapping,
)
from bedside.knowledge.provenance import DATA
from bedside.service.check_laboratory_json import check_mappings, failing

SHIPPED = load_mappings()
CASES = [(one, example) for one in SHIPPED for example in one.examples]


@pytest.mark.parametrize(
    ("mapping", "example"), CASES, ids=[f"{m.provenance.name}: {e.title}" for m, e in CASES]
)
def test_a_worked_example_is_read_as_it_says(mapping: LaboratoryMapping, example) -> None:
    assert list(failing(replace(mapping, examples=(example,)), SHIPPED)) == []


@pytest.mark.parametrize("mapping", SHIPPED, ids=lambda one: one.provenance.name)
def test_a_mapping_shows_a_positive_a_negative_and_an_unknown_document(mapping: LaboratoryMapping) -> None:
    assert {one.kind for one in mapping.examples} == set(KINDS)
    assert "made up" in mapping.provenance.source


def own(folder: Path, *changes: tuple[str, str], name: str = "made-up-pgx") -> Path:
    text = (
        (DATA / KIND / "made-up-pgx.toml").read_text().replace('name = "made-up-pgx"', f'name = "{name}"', 1)
    )
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / KIND).mkdir()
    (folder / KIND / "own.toml").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('RELEASED = "F"', 'RELEASED = "FINAL"', "words.status: 'FINAL' is no word of ours"),
        ('filler = "/report/accession"', 'filer = "/report/accession"', "no such field: filer"),
        ('kind = "negative"', 'kind = "positive"', "has no negative example"),
        ('each = "/genes/*"', 'each = "genes"', "no JSON pointer: genes"),
        ("[words.phenotype]", "[words.fenotype]", "no such list of words: fenotype"),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_reason(tmp_path, before, after, why):
    root = own(tmp_path, (before, after))
    with pytest.raises(PackError, match=why):
        load_mappings(root)
    assert any(why in problem.reason for problem in check_mappings(root))


def test_an_example_that_is_not_so_is_a_problem(tmp_path):
    root = own(tmp_path, ('"SLCO1B1 *1/*5"]', '"SLCO1B1 *1/*1"]'))
    (problem,) = check_mappings(root)
    assert problem.source == "laboratory_json/made-up-pgx"
    assert "example 'two genes called': calls are" in problem.reason


def test_mappings_that_recognise_one_document_are_a_problem(tmp_path):
    root = own(tmp_path, name="a-second-one")
    assert list(overlapping(load_mappings(root)))
    assert any("recognises every document of" in problem.reason for problem in check_mappings(root))
