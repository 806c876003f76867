"""Unsolved people are asked again under every release, and a change is somebody's task, once."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.genome.features import Decision
from bedside.genome.person import Person, Sex
from bedside.service.features import decide
from bedside.service.pathway_signals import record_signal
from bedside.service.rank_cases import load_ranker
from bedside.service.register_person import Registration, register_people
from bedside.service.unsolved import last_ranking, look_again

SEIZURE, ATAXIA, RASH = "HP:0001250", "HP:0001251", "HP:0000988"
OBO = """format-version: 1.2
data-version: hp/releases/{day}

[Term]
id: HP:0000118
name: Phenotypic abnormality
""" + "".join(
    f"\n[Term]\nid: {term}\nname: {name}\nis_a: HP:0000118 ! Phenotypic abnormality\n"
    for term, name in ((SEIZURE, "Seizure"), (ATAXIA, "Ataxia"), (RASH, "Skin rash"))
)
HEAD = (
    "#version: {day}\ndatabase_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency"
    "\tsex\tmodifier\taspect\tbiocuration\n"
)


def row(disease: str, name: str, term: str, frequency: str) -> str:
    return f"{disease}\t{name}\t\t{term}\tPMID:1\tPCS\t\t{frequency}\t\t\tP\tt\n"


@pytest.fixture
def releases(tmp_path):
    """Two releases: in the second a disease is described that has both features of the case."""
    made = []
    for day, more in (
        ("2025-01-01", ""),
        (
            "2026-01-01",
            row("OMIM:9", "New syndrome", SEIZURE, "9/9") + row("OMIM:9", "New syndrome", ATAXIA, "9/9"),
        ),
    ):
        folder = tmp_path / day
        folder.mkdir()
        (folder / "hp.obo").write_text(OBO.format(day=day))
        table = "".join(
            row(f"OMIM:{n}", f"Old {n}", RASH if n > 2 else (SEIZURE, ATAXIA)[n - 1], "1/9")
            for n in range(1, 7)
        )
        (folder / "phenotype.hpoa").write_text(HEAD.format(day=day) + table + more)
        (folder / "gene_disease.tsv").write_text("AAA\tOMIM:1\nNEW\tOMIM:9\n")
        made.append(load_ranker(str(folder)))
    return made


@pytest.fixture
def anna(house):
    register_people(house, [Registration(Person("anna", "Anna", "Berg", date(2020, 2, 3), Sex.FEMALE))])
    for term in (SEIZURE, ATAXIA):
        decide(house, "anna", term, Decision.CONFIRMED, by="dr-lund")
    return "anna"


def tasks(house):
    return [one for one in house.ledger.tasks() if one.kind == "ranking-changed"]


def test_a_new_release_that_names_a_new_disease_is_one_task(house, anna, releases) -> None:
    old, new = releases
    (first,) = look_again(house, old, by="dr-lund")
    assert (first.changed, first.new, tasks(house)) == ((), True, [])
    (second,) = look_again(house, new, by="dr-lund")
    assert [one.after.id for one in second.changed][:1] == ["OMIM:9"]
    (task,) = tasks(house)
    assert (task.owner, task.about["release"]) == ("geneticist", new.release)
    (again,) = look_again(house, new, by="dr-lund")
    assert (again.new, again.changed, len(tasks(house))) == (False, (), 1)
    held = last_ranking(house, anna)
    assert held is not None
    assert held["changes"][0]["id"] == "OMIM:9"


def test_a_dry_run_writes_nothing(house, anna, releases) -> None:
    look_again(house, releases[0], by="dr-lund")
    before = house.ledger.checkpoint()
    (shown,) = look_again(house, releases[1], by="dr-lund", write=False)
    assert shown.changed
    assert house.ledger.checkpoint() == before


def test_somebody_with_a_diagnosis_and_somebody_with_nothing_confirmed_are_left_in_peace(
    house, anna, releases
) -> None:
    register_people(house, [Registration(Person("bert", "Bert", "Berg", date(2020, 2, 3), Sex.MALE))])
    assert [one.person for one in look_again(house, releases[0], by="x")] == ["anna"]
    record_signal(house, anna, "result-reviewed", by="x", attributes={"finding": "diagnosis"})
    assert look_again(house, releases[1], by="x") == ()


def test_changed_features_are_ranked_anew_without_a_task(house, anna, releases) -> None:
    look_again(house, releases[0], by="x")
    decide(house, anna, RASH, Decision.CONFIRMED, by="dr-lund")
    (found,) = look_again(house, releases[0], by="x")
    assert (found.new, found.changed, tasks(house)) == (True, (), [])
