"""Every dossier and checklist that ships: complete or not as its worked case says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bedside.knowledge.dossier import KIND, load_dossiers
from bedside.knowledge.economic_model_file import load_models
from bedside.knowledge.provenance import rule_files
from bedside.knowledge.readiness import KIND as READINESS
from bedside.knowledge.readiness import load_readiness
from bedside.learn.dossier_gaps import lacks
from bedside.service.house import House, open_house
from bedside.service.readiness import gate
from bedside.settings import Settings

TODAY = date(2026, 11, 26)
FILES = {file.provenance.name: file for file in rule_files(KIND)}
LISTS = {file.provenance.name: file for file in rule_files(READINESS)}


@pytest.mark.parametrize("name", FILES)
def test_a_dossier_is_as_complete_as_its_worked_case_says(name: str) -> None:
    examples = FILES[name].document["example"]
    missing = lacks(load_dossiers()[name], load_models(), TODAY)
    assert [one["complete"] for one in examples] == [not missing]


@pytest.mark.parametrize("name", LISTS)
def test_a_gate_over_an_empty_record_answers_as_its_worked_case_says(name: str, tmp_path: Path) -> None:
    house: House = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'l.db'}"))
    found = gate(load_readiness()[name], house, None, TODAY)
    house.close()
    assert [one["answer"] for one in LISTS[name].document["example"]] == [found.answer.value]


def test_samples_show_a_complete_one_and_two_that_are_not() -> None:
    complete = {name: not lacks(one, load_models(), TODAY) for name, one in load_dossiers().items()}
    assert complete == {"nicu_rapid_genome": True, "nsclc_panel": False, "pgx_panel": False}
