"""The record leaves for OHDSI's tools as OMOP has it: those who allow it, without names, nothing dangling."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from bedside.errors import InputError, PackError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.omop import load_omop, read_omop
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.service.accept_result import accept_files
from bedside.service.house import House
from bedside.service.omop_check import check_export
from bedside.service.omop_export import export_omop
from tests.made_up_study import ICD, RXNORM, START, made_up
from tests.unit.service.conftest import MORNING, HandClock, Write

MODEL = load_omop()


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def small(house: House, clock: HandClock) -> House:
    clock.now = START + timedelta(days=900)
    made_up(house, people=60)
    return house


def test_the_tables_are_omops() -> None:
    assert {name: len(columns) for name, columns in MODEL.tables.items()} == {
        "person": 18, "observation_period": 5, "condition_occurrence": 16, "drug_exposure": 23,
        "measurement": 23, "observation": 21, "death": 7, "care_site": 6, "cdm_source": 11, "cohort": 4,
        "cohort_definition": 7,
    }  # fmt: skip


@pytest.mark.parametrize("example", MODEL.examples, ids=lambda one: one["says"])
def test_the_pack_is_what_its_examples_say(example: dict[str, Any]) -> None:
    columns = MODEL.tables.get(example["table"], ())
    if "column" not in example:
        assert columns == ()
        return
    (found,) = [one for one in columns if one.name == example["column"]]
    assert (found.kind, found.required) == (example["type"], example["required"])


def test_only_those_who_allow_research_leave_and_it_is_written_down(small: House, tmp_path: Path) -> None:
    done = export_omop(small, tmp_path / "omop", by="ann")
    assert done.rows["person"] == 57
    assert done.left_out == {"not-asked": "fewer than 5"}
    (event,) = small.ledger.events(kinds=(EventKind.DATA_RELEASED,))
    assert (event.actor, event.payload["people"], event.payload["digest"]) == ("ann", 57, done.digest)
    assert all(one.failing == 0 for one in done.checks)


def test_no_name_number_or_birthday_leaves(small: House, tmp_path: Path) -> None:
    export_omop(small, tmp_path / "omop", by="ann")
    for path in (tmp_path / "omop").iterdir():
        assert b"p0001" not in path.read_bytes()
    for row in rows(tmp_path / "omop", "person"):
        assert row["month_of_birth"] == row["day_of_birth"] == row["person_source_value"] == ""
        assert row["year_of_birth"] in {"1940", "1970"}


def test_without_a_vocabulary_every_concept_is_zero_and_the_source_is_given(
    small: House, tmp_path: Path
) -> None:
    export_omop(small, tmp_path / "omop", by="ann")
    drugs = rows(tmp_path / "omop", "drug_exposure")
    assert {(row["drug_concept_id"], row["drug_source_value"]) for row in drugs} == {("0", "32968")}
    assert rows(tmp_path / "omop", "cdm_source")[0]["vocabulary_version"] == "none"


def test_a_sites_own_vocabulary_gives_the_concepts(small: House, tmp_path: Path) -> None:
    athena = tmp_path / "athena"
    athena.mkdir()
    (athena / "CONCEPT.csv").write_text(
        "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\t"
        "valid_start_date\tvalid_end_date\tinvalid_reason\n"
        "1322184\tA\tDrug\tRxNorm\tIngredient\tS\t32968\t19700101\t20991231\t\n"
        "45533436\tB\tCondition\tICD10CM\tcode\t\tI21.4\t19700101\t20991231\t\n"
    )
    (athena / "CONCEPT_RELATIONSHIP.csv").write_text(
        "concept_id_1\tconcept_id_2\trelationship_id\tvalid_start_date\tvalid_end_date\tinvalid_reason\n"
        "45533436\t4270024\tMaps to\t19700101\t20991231\t\n"
    )
    (athena / "VOCABULARY.csv").write_text(
        "vocabulary_id\tvocabulary_name\tvocabulary_reference\tvocabulary_version\tvocabulary_concept_id\n"
        "None\tOMOP\tx\tv5.0 31-AUG-25\t0\n"
    )
    export_omop(small, tmp_path / "omop", by="ann", vocabulary=athena)
    assert {row["drug_concept_id"] for row in rows(tmp_path / "omop", "drug_exposure")} == {"1322184"}
    found = {
        row["condition_source_value"]: (row["condition_source_concept_id"], row["condition_concept_id"])
        for row in rows(tmp_path / "omop", "condition_occurrence")
    }
    assert found["I21.4"] == ("45533436", "4270024")
    assert found["H25.1"] == ("0", "0")
    assert rows(tmp_path / "omop", "cdm_source")[0]["vocabulary_version"] == "v5.0 31-AUG-25"
    (athena / "VOCABULARY.csv").unlink()
    with pytest.raises(InputError, match=r"VOCABULARY.csv: is not in the folder"):
        export_omop(small, tmp_path / "again", by="ann", vocabulary=athena)
    assert not (tmp_path / "again").exists()


def test_shifted_dates_keep_what_lies_between_and_differ_from_person_to_person(
    small: House, tmp_path: Path
) -> None:
    def starts(folder: Path) -> list[int]:
        return sorted(day(row["drug_exposure_start_date"]) for row in rows(folder, "drug_exposure"))

    export_omop(small, tmp_path / "plain", by="ann")
    export_omop(small, tmp_path / "shifted", by="ann", secret="a secret of this site")
    export_omop(small, tmp_path / "again", by="ann", secret="a secret of this site")
    assert starts(tmp_path / "plain") != starts(tmp_path / "shifted") == starts(tmp_path / "again")

    def between(folder: Path) -> list[int]:
        first = {row["person_id"]: row["drug_exposure_start_date"] for row in rows(folder, "drug_exposure")}
        return sorted(
            (
                date.fromisoformat(row["condition_start_date"]) - date.fromisoformat(first[row["person_id"]])
            ).days
            for row in rows(folder, "condition_occurrence")
        )

    assert between(tmp_path / "plain") == between(tmp_path / "shifted")


def test_a_drug_that_ended_has_its_end_and_one_in_error_is_not_there(house: House, tmp_path: Path) -> None:
    def drug(code: str, status: str, day: int) -> NewEvent:
        payload = {"system": RXNORM, "code": code, "status": status}
        return NewEvent(EventKind.MEDICATION_RECORDED, "dr", MORNING + timedelta(days=day), "ann", payload)

    said = {"birth_date": "1930-01-01", "sex": "female"}
    allows = {"scope": "research", "decision": "given", "by": "self"}
    died = {"signal": "died"}
    house.ledger.append(
        [
            NewEvent(EventKind.PERSON_REGISTERED, "clerk", MORNING, "ann", said),
            NewEvent(EventKind.CONSENT_RECORDED, "clerk", MORNING - timedelta(days=1), "ann", allows),
            drug("1", "active", -30), drug("1", "ended", -20), drug("1", "active", -10),
            drug("2", "active", -30), drug("2", "entered-in-error", -29),
            NewEvent(EventKind.SIGNAL_RECORDED, "clerk", MORNING - timedelta(days=2), "ann", died),
        ]
    )  # fmt: skip
    export_omop(house, tmp_path / "omop", by="ann")
    found = [
        (row["drug_exposure_start_date"], row["drug_exposure_end_date"], row["verbatim_end_date"])
        for row in rows(tmp_path / "omop", "drug_exposure")
    ]
    assert found == [("2026-01-30", "2026-02-09", "2026-02-09"), ("2026-02-19", "2026-02-19", "")]
    assert [row["death_date"] for row in rows(tmp_path / "omop", "death")] == ["2026-02-27"]
    assert [row["year_of_birth"] for row in rows(tmp_path / "omop", "person")] == ["1936"]  # of ninety


def test_phenotypes_and_diplotypes_are_measurements_and_no_variant_leaves(
    house: House, write_vcf: Write, tmp_path: Path
) -> None:
    path = write_vcf("CYP2C19", people={"ann": {"rs12248560": "0/1"}})
    accept_files(house, [path])
    said = {"birth_date": "1960-01-01"}
    allows = {"scope": "research", "decision": "given", "by": "self"}
    before = MORNING - timedelta(days=1)
    house.ledger.append(
        [
            NewEvent(EventKind.PERSON_REGISTERED, "clerk", before, "ann", said),
            NewEvent(EventKind.CONSENT_RECORDED, "clerk", before, "ann", allows),
        ]
    )
    export_omop(house, tmp_path / "omop", by="ann")
    found = {
        (row["measurement_source_value"], row["value_source_value"])
        for row in rows(tmp_path / "omop", "measurement")
    }
    assert ("CYP2C19 phenotype", "Rapid Metabolizer") in found
    assert ("CYP2C19 diplotype", "*1/*17") in found
    for file in (tmp_path / "omop").glob("*.csv"):
        assert "rs12248560" not in file.read_text()


def test_injected_defects_are_found(small: House, tmp_path: Path) -> None:
    export_omop(small, tmp_path / "omop", by="ann")
    broken = tmp_path / "omop"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE d AS SELECT * FROM read_parquet('{broken}/drug_exposure.parquet')")
        connection.execute("UPDATE d SET person_id = 999 WHERE drug_exposure_id = 1")
        connection.execute("UPDATE d SET drug_exposure_start_date = NULL WHERE drug_exposure_id = 2")
        connection.execute("UPDATE d SET drug_exposure_id = 4 WHERE drug_exposure_id = 3")
        connection.execute(
            "UPDATE d SET stop_reason = 'it had to be stopped at once' WHERE drug_exposure_id = 5"
        )
        connection.execute(f"COPY d TO '{broken}/drug_exposure.parquet' (FORMAT parquet)")
    failing = {(one.column, one.asks): one.failing for one in check_export(broken, MODEL) if one.failing}
    assert failing == {
        ("person_id", "refers to a person"): 1,
        ("drug_exposure_start_date", "is given"): 1,
        ("drug_exposure_id", "is there once"): 1,
        ("stop_reason", "has at most 20 characters"): 1,
    }


def test_a_folder_with_something_in_it_is_left_alone(small: House, tmp_path: Path) -> None:
    (tmp_path / "omop").mkdir()
    (tmp_path / "omop" / "mine").write_text("x")
    with pytest.raises(InputError, match="is not empty"):
        export_omop(small, tmp_path / "omop", by="ann")
    assert [path.name for path in (tmp_path / "omop").iterdir()] == ["mine"]


def test_a_pack_with_an_unknown_type_is_refused(tmp_path: Path) -> None:
    text = (DATA / "omop" / "omop.toml").read_bytes()
    (tmp_path / "columns.tsv").write_text(
        "table\tcolumn\ttype\trequired\tkey\trefers\nperson\tx\tblob\t\t\t\n"
    )
    with pytest.raises(PackError, match=r"columns.tsv:2: has the unknown type"):
        read_omop(parse_rule_file("omop.toml", text, "omop", tmp_path))


def test_problems_and_a_random_person_are_where_they_belong(small: House, tmp_path: Path) -> None:
    export_omop(small, tmp_path / "omop", by="ann")
    codes = {row["condition_source_value"] for row in rows(tmp_path / "omop", "condition_occurrence")}
    assert codes <= {"I21.4", "H25.1", "L60.0", "S93.40", "H60.5", "L25.9", "Z00.0"}
    assert ICD.endswith("icd-10-cm")
    cohort = rows(tmp_path / "omop", "cohort")
    assert len(cohort) == 57
    assert np.all([row["cohort_end_date"] >= row["cohort_start_date"] for row in cohort])
