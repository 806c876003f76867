"""The record as OMOP CDM 5.4, for OHDSI's tools: CSV and Parquet, checked before anything is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from bedside import __version__
from bedside.errors import InputError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.knowledge.omop import Column, CommonDataModel, load_omop
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.knowledge.study_cohorts import load_study_cohorts
from bedside.service.house import House
from bedside.service.omop_check import Checked, check_export
from bedside.service.omop_rows import Export, omop_rows
from bedside.service.omop_vocabulary import Vocabulary, read_vocabulary
from bedside.service.study_people import study_people
from bedside.service.study_words import count_words

if TYPE_CHECKING:
    import pyarrow as pa


DESCRIPTION = "People whose consent allows research. A concept is 0 where no vocabulary maps its code."


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. rows: of each table. left_out: people by why. checks: each with what failed it."""

    rows: Mapping[str, int]
    left_out: Mapping[str, int | str]
    checks: tuple[Checked, ...]
    digest: str


def export_omop(
    house: House, folder: Path, *, by: str, vocabulary: Path | None = None, secret: str = "", holder: str = ""
) -> Exported:
    """Write the export into a new or empty folder. vocabulary: an unpacked download of Athena. secret: shifts
    every person's dates. Raises InputError when the folder holds something or a check fails; then nothing
    stays."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError.one(folder.name, "is not empty", remedy="name a new folder")
    model, root = load_omop(house.settings.knowledge_folder), house.settings.knowledge_folder
    people = study_people(house)
    words = Vocabulary() if vocabulary is None else read_vocabulary(vocabulary, model, _codes(house))
    export = omop_rows(house, people, words, load_study_cohorts(root), secret)
    _source(export, house, model, words, holder)
    made = Path(mkdtemp(prefix=".omop-", dir=folder.parent))
    try:
        rows = {name: _write(made, name, columns, export) for name, columns in model.tables.items()}
        checks = check_export(made, model)
        failing = [one for one in checks if one.failing]
        if failing:
            problem = f"does not conform: {failing[0]}"
            raise InputError.one(folder.name, problem, remedy="report this as a defect")
        manifest = "".join(f"{digest(path.read_bytes())}  {path.name}\n" for path in sorted(made.iterdir()))
        (made / "MANIFEST").write_text(manifest)
        if folder.exists():
            folder.rmdir()
        made.replace(folder)
        folder.chmod(0o750)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    unborn = len(people.happened.people) - rows["person"]
    without = dict(people.left_out) | ({"year of birth not known": unborn} if unborn else {})
    small = load_small_numbers(root)
    left = {why: count_words(count, small) for why, count in without.items()}
    seen = digest(manifest.encode())
    payload = {
        "purpose": "research: OMOP CDM export",
        "digest": seen,
        "people": rows["person"],
        "left_out": left,
        "dates_shifted": bool(secret),
        "vocabulary": words.version,
    }
    house.ledger.append([NewEvent(EventKind.DATA_RELEASED, by, house.clock(), payload=payload)])
    return Exported(rows, left, checks, seen)


def _codes(house: House) -> Iterator[tuple[str, str]]:
    yield from (("gender", "F"), ("gender", "M"))
    for event in house.ledger.events(kinds=(EventKind.MEDICATION_RECORDED, EventKind.PROBLEM_RECORDED)):
        yield event.payload["system"], event.payload["code"]


def _source(export: Export, house: House, model: CommonDataModel, words: Vocabulary, holder: str) -> None:
    today, pack = house.clock().date(), model.provenance
    export.add(
        "cdm_source",
        {
            "cdm_source_name": "Bedside",
            "cdm_source_abbreviation": "Bedside",
            "cdm_holder": holder or "not said",
            "source_description": DESCRIPTION,
            "cdm_etl_reference": f"bedside {__version__}, {pack.name}@{pack.retrieved}",
            "source_release_date": today,
            "cdm_release_date": today,
            "cdm_version": model.version,
            "cdm_version_concept_id": 0,
            "vocabulary_version": words.version,
        },
    )


def _write(folder: Path, name: str, columns: tuple[Column, ...], export: Export) -> int:
    import pyarrow as pa
    from pyarrow import csv, parquet

    rows = export.tables.get(name, [])
    schema = pa.schema([(one.name, _type(one, pa)) for one in columns])
    strange = {key for row in rows for key in row} - set(schema.names)
    if strange:
        raise InputError.one(name, f"has columns that OMOP does not have: {', '.join(sorted(strange))}")
    table = pa.Table.from_pylist([{one.name: row.get(one.name) for one in columns} for row in rows], schema)
    csv.write_csv(table, folder / f"{name}.csv")
    parquet.write_table(table, folder / f"{name}.parquet")
    return len(rows)


def _type(column: Column, arrow: Any) -> pa.DataType:
    return {
        "integer": arrow.int32(),
        "numeric": arrow.float64(),
        "date": arrow.date32(),
        "timestamp": arrow.timestamp("us"),
        "text": arrow.string(),
    }[column.kind]
