"""What goes out of a full house as FHIR leads to the same recommendations in an empty one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bedside.cli import main
from bedside.decide.recommend import recommend_all
from bedside.errors import InputError
from bedside.genome.person import Person
from bedside.service.bulk_export import write_export
from bedside.service.bulk_files import Asked, new_export
from bedside.service.chart_medicines import problem_codes
from bedside.service.genomics_export import export_fhir
from bedside.service.house import House, open_house
from bedside.service.import_record import import_fhir, read_records
from bedside.service.receive_result import Fate
from bedside.service.register_person import register_person
from bedside.service.rules import rules_of
from bedside.service.show_person import current_view
from bedside.settings import Settings
from tests.demo_record import open_demo


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A made-up health system."""
    house = open_demo(tmp_path_factory.mktemp("full"))
    yield house
    house.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    """A house where nobody is known."""
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path}/empty/ledger.db"))
    yield house
    house.close()


def everybody(house: House) -> list[str]:
    return [one.person for one in house.ledger.people("", limit=1000)]


def recommended(house: House, person: str) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """Every recommendation, without the words in which it names the genotype."""
    calls = {gene: one.call for gene, one in current_view(house, house.ledger.results(person)).items()}
    rules = rules_of(house).ruleset
    problems = problem_codes(house.ledger.problems(person))
    return {
        (one.guidance_id, one.population, one.drug.name): (
            one.action,
            one.strength,
            one.level,
            tuple((each.gene, each.phenotype) for each in one.basis),
            one.unknown_genes,
        )
        for one in recommend_all(rules.pgx, rules.phrases, calls, problems)
    }


def chart(house: House, person: str) -> tuple[Any, ...]:
    """Drugs and problems, without the words of their codes."""
    medications = {(m.drug.system, m.drug.code, m.status, m.since) for m in house.ledger.medications(person)}
    problems = {(p.condition.system, p.condition.code, p.status) for p in house.ledger.problems(person)}
    return medications, problems


def identity(one: Person) -> tuple[Any, ...]:
    return one.given, one.family, one.birth_date, one.sex, frozenset(one.identifiers)


def by_number(house: House) -> dict[str, str]:
    """Record number → person."""
    return {
        one.identifiers[0].value: one.person for one in house.ledger.people("", limit=1000) if one.identifiers
    }


def test_every_made_up_person_has_the_same_recommendations_drugs_and_problems(
    full: House, empty: House
) -> None:
    tested = 0
    for person in everybody(full):
        sent = orjson.dumps(export_fhir(full, person))
        imported = import_fhir(empty, sent)
        known = full.ledger.person(person)
        here = empty.ledger.person(imported.registered)
        assert known is not None
        assert here is not None
        assert identity(here) == identity(known)
        assert chart(empty, here.person) == chart(full, person)
        assert recommended(empty, here.person) == recommended(full, person)
        tested += imported.received is not None
    assert len(everybody(empty)) == len(everybody(full))
    assert tested > 30


def test_a_record_imported_twice_is_there_once(full: House, empty: House) -> None:
    person = next(one for one in everybody(full) if full.ledger.results(one))
    sent = orjson.dumps(export_fhir(full, person))
    first = import_fhir(empty, sent)
    written = empty.ledger.checkpoint()
    again = import_fhir(empty, sent)
    assert first.received is not None
    assert again.received is not None
    assert (again.registered, again.received.new, again.received.result) == ("", False, first.received.result)
    assert empty.ledger.checkpoint() == written


def test_a_bulk_export_comes_in_as_its_people(full: House, empty: House, tmp_path: Path) -> None:
    some = [one for one in everybody(full) if full.ledger.results(one)][:6]
    kinds = (
        "Patient",
        "DiagnosticReport",
        "Observation",
        "Condition",
        "MedicationStatement",
        "Procedure",
        "Task",
    )
    folder = new_export(full, Asked("test", "http://localhost/fhir/$export", full.clock(), kinds), some)
    write_export(full, folder)
    files = sorted(folder.glob("*.ndjson"))
    assert len(files) >= 5
    records = read_records(files)
    assert len(records) == len(some)
    for _, content in records:
        imported = import_fhir(empty, content)
        assert imported.received is not None
        assert imported.received.fate is Fate.ACCEPTED
    theirs, ours = by_number(full), by_number(empty)
    assert set(ours) == {number for number, person in theirs.items() if person in some}
    for number, person in ours.items():
        assert recommended(empty, person) == recommended(full, theirs[number])
        assert chart(empty, person) == chart(full, theirs[number])


def test_somebody_who_could_be_here_is_not_registered_again(full: House, empty: House) -> None:
    person = next(one for one in everybody(full) if full.ledger.results(one))
    sent = export_fhir(full, person)
    known = full.ledger.person(person)
    assert known is not None
    register_person(empty, Person("x", known.given.upper(), known.family, known.birth_date))
    with pytest.raises(InputError, match="under other numbers"):
        import_fhir(empty, orjson.dumps(sent))
    assert everybody(empty) == ["x"]
    other = json.loads(orjson.dumps(sent))
    patient = next(one["resource"] for one in other["entry"] if one["resource"]["resourceType"] == "Patient")
    patient["birthDate"] = "1900-01-01"
    del patient["identifier"]
    with pytest.raises(InputError, match="no number with its system"):
        import_fhir(empty, orjson.dumps(other))
    assert everybody(empty) == ["x"]


def test_the_commands_take_a_person_from_one_house_to_another(
    full: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = next(one for one in everybody(full) if full.ledger.results(one))
    file, url = tmp_path / "person.json", f"sqlite:///{tmp_path}/other/ledger.db"
    assert (
        main(["export", person, "--format", "fhir", "--store", full.settings.store_url, "--out", str(file)])
        == 0
    )
    assert main(["import", str(file), "--store", url]) == 0
    here, result, how, stored = capsys.readouterr().out.strip().split("\t")
    assert (how, stored, result[:2]) == ("registered", "stored", "r-")
    assert main(["import", str(file), "--store", url]) == 0
    assert capsys.readouterr().out.strip().split("\t") == [here, result, "known", "already stored"]
    lines = tmp_path / "broken.ndjson"
    lines.write_text('{"resourceType": "Observation", "subject": {"reference": "Patient/x"}}\nnot json\n')
    assert main(["import", str(lines), "--store", url]) == 1
    told = capsys.readouterr().err
    assert "broken.ndjson:2: is no FHIR resource" in told
    assert "broken.ndjson:1: is about no patient of these files" in told
