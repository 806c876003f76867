"""From our codes to OMOP's concepts, by a site's own licensed copy of Athena; without one they are all 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bedside.errors import InputError
from bedside.knowledge.omop import CommonDataModel


@dataclass(frozen=True, slots=True)
class Concept:
    """What a code is in OMOP: the concept of the code itself, and the standard concept it maps to."""

    source: int = 0
    standard: int = 0


NO_CONCEPT = Concept()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The concepts of the codes that an export needs. version: of Athena, "none" without."""

    version: str = "none"
    concepts: Mapping[tuple[str, str], Concept] = field(default_factory=dict)

    def of(self, system: str, code: str) -> Concept:
        """The concept of a code of a terminology (its URI); 0 and 0 where it is not known."""
        return self.concepts.get((system, code), NO_CONCEPT)


def read_vocabulary(folder: Path, model: CommonDataModel, codes: Iterable[tuple[str, str]]) -> Vocabulary:
    """The concepts of some codes, from CONCEPT.csv, CONCEPT_RELATIONSHIP.csv and VOCABULARY.csv of an Athena
    download. Raises InputError when a file is missing or is not Athena's."""
    import duckdb

    names = ("CONCEPT.csv", "CONCEPT_RELATIONSHIP.csv", "VOCABULARY.csv")
    for name in names:
        if not (folder / name).is_file():
            raise InputError.one(name, "is not in the folder", remedy="download it from Athena")
    known = model.vocabularies
    wanted = [(system, known[system], code) for system, code in sorted(set(codes)) if system in known]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE wanted(system VARCHAR, vocabulary VARCHAR, code VARCHAR)")
        if wanted:
            connection.executemany("INSERT INTO wanted VALUES (?, ?, ?)", wanted)
        try:
            for table, name in zip(("concept", "relation", "vocabulary"), names, strict=True):
                connection.execute(
                    f"CREATE VIEW {table} AS SELECT * FROM read_csv('{_quoted(folder / name)}', delim='\t', "  # noqa: S608
                    "quote='', header=true, all_varchar=true)"
                )
            rows = connection.execute(
                "SELECT w.system, w.code, c.concept_id, CASE WHEN c.standard_concept = 'S' "
                "THEN CAST(c.concept_id AS INTEGER) "
                "ELSE (SELECT min(CAST(r.concept_id_2 AS INTEGER)) FROM relation r WHERE r.concept_id_1 = "
                "c.concept_id AND r.relationship_id = 'Maps to' AND coalesce(r.invalid_reason, '') = '') END "
                "FROM wanted w JOIN concept c ON c.vocabulary_id = w.vocabulary AND c.concept_code = w.code"
            ).fetchall()
            version = connection.execute(
                "SELECT vocabulary_version FROM vocabulary WHERE vocabulary_id = 'None'"
            ).fetchone()
        except duckdb.Error as error:
            remedy = "give the unpacked folder"
            raise InputError.one(folder.name, "is no download of Athena", remedy=remedy) from error
    found = {(system, code): Concept(int(own), int(standard or 0)) for system, code, own, standard in rows}
    return Vocabulary(str(version[0])[:20] if version and version[0] else "not said", found)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
