"""GA4GH phenopackets (schema 2.0; 1.0 where it is as simple) as cases.

Every problem of every file is named at once and then nothing is read. An id that HPO has replaced leads to
the term that took its place; one that the release does not have is kept apart as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from bedside.errors import IntakeError, Problem
from bedside.genome.case import Age, AgeRange, Case, Feature, FeatureStatus, GestationalAge, LifeStage, Moment
from bedside.genome.person import Sex
from bedside.knowledge.hpo import Hpo

MOST_BYTES = 32 << 20
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T\S*)?")
_TERM = re.compile(r"HP:\d{7}")
_SEX = {"FEMALE": Sex.FEMALE, "MALE": Sex.MALE, "OTHER_SEX": Sex.OTHER, "UNKNOWN_SEX": Sex.UNKNOWN}
_REMEDY = "write it as GA4GH phenopacket schema 2.0 says"
_CAUSES = frozenset({"CAUSATIVE", "CONTRIBUTORY"})


class _Notes:
    """The problems of one file, gathered while it is read."""

    def __init__(self, source: str, found: list[Problem]) -> None:
        self.source, self.found = source, found

    def add(self, place: str, reason: str) -> None:
        self.found.append(Problem(self.source, f"{place}: {reason}", remedy=_REMEDY))

    def object(self, value: object, place: str) -> Mapping[str, Any]:
        if value is None or isinstance(value, dict):
            return value or {}
        self.add(place, "is no object")
        return {}

    def items(
        self, owner: Mapping[str, Any], name: str, place: str = ""
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        values = owner.get(name)
        if values is not None and not isinstance(values, list):
            self.add(f"{place}/{name}", "is no list")
            return
        for at, one in enumerate(values or ()):
            if isinstance(one, dict):
                yield f"{place}/{name}/{at}", one
            else:
                self.add(f"{place}/{name}/{at}", "is no object")


def read_cases(paths: Iterable[Path], hpo: Hpo, *, confirmed: bool) -> tuple[Case, ...]:
    """The cases of files and folders (every *.json below), in the order of their names. confirmed: whether
    whoever gives the files stands for their features. Raises IntakeError."""
    found: list[Problem] = []
    cases = [_of_file(path, hpo, confirmed, found) for path in chain.from_iterable(map(_files, paths))]
    if not cases:
        found.append(
            Problem("phenopackets", "no file was given", remedy="name a .json file or a folder of them")
        )
    if found:
        raise IntakeError(found)
    return tuple(case for case in cases if case is not None)


def read_case(content: bytes, hpo: Hpo, *, source: str, confirmed: bool) -> Case:
    """The case of one phenopacket. Raises IntakeError with every problem."""
    found: list[Problem] = []
    case = _read(content, hpo, source, confirmed, found)
    if case is None or found:
        raise IntakeError(found)
    return case


def _files(path: Path) -> Sequence[Path]:
    return sorted(path.rglob("*.json")) if path.is_dir() else (path,)


def _of_file(path: Path, hpo: Hpo, confirmed: bool, found: list[Problem]) -> Case | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        found.append(Problem(path.name, f"cannot be read: {error.strerror}"))
        return None
    return _read(content, hpo, path.name, confirmed, found)


def _read(content: bytes, hpo: Hpo, source: str, confirmed: bool, found: list[Problem]) -> Case | None:
    if len(content) > MOST_BYTES:
        found.append(Problem(source, f"is larger than {MOST_BYTES >> 20} MiB"))
        return None
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        found.append(Problem(source, "is no JSON", line=error.lineno, remedy=_REMEDY))
        return None
    notes = _Notes(source, found)
    if not isinstance(document, dict):
        notes.add("/", "is no object")
        return None
    if isinstance(document.get("proband"), dict):
        document = document["proband"]
    return _case(document, hpo, confirmed, notes)


def _case(document: Mapping[str, Any], hpo: Hpo, confirmed: bool, notes: _Notes) -> Case:
    if not isinstance(document.get("id"), str) or not document["id"]:
        notes.add("/id", "is missing")
    if not isinstance(document.get("phenotypicFeatures", []), list) or not isinstance(
        document.get("subject"), dict
    ):
        notes.add("/subject", "is missing, or the features are no list: this is no phenopacket")
    subject = notes.object(document.get("subject"), "/subject")
    sex = subject.get("sex", "UNKNOWN_SEX")
    if sex not in _SEX:
        notes.add("/subject/sex", "is none of FEMALE, MALE, OTHER_SEX, UNKNOWN_SEX")
    every = [
        feature
        for place, one in notes.items(document, "phenotypicFeatures")
        if (feature := _feature(one, place, hpo, confirmed, notes)) is not None
    ]
    metadata = notes.object(document.get("metaData"), "/metaData")
    onsets = [_onset(one, place, notes) for place, one in notes.items(document, "diseases")]
    seen = subject.get("timeAtLastEncounter", subject.get("ageAtCollection"))
    return Case(
        id=str(document.get("id", "")),
        sex=_SEX.get(sex, Sex.UNKNOWN),
        features=tuple(one for one in every if one.term in hpo.terms),
        unknown=tuple(one for one in every if one.term not in hpo.terms),
        last_seen=_moment(seen, "/subject/timeAtLastEncounter", notes),
        disease_onset=next((one for one in onsets if one is not None), None),
        diagnoses=_diagnoses(document, notes),
        genes=_genes(document, notes),
        citations=tuple(
            one["id"]
            for _, one in notes.items(metadata, "externalReferences", "/metaData")
            if isinstance(one.get("id"), str)
        ),
    )


def _feature(one: Mapping[str, Any], place: str, hpo: Hpo, confirmed: bool, notes: _Notes) -> Feature | None:
    kind = notes.object(one.get("type"), f"{place}/type")
    written = kind.get("id")
    if not isinstance(written, str) or not _TERM.fullmatch(written):
        notes.add(f"{place}/type/id", "is no id of HPO (HP: and seven digits)")
        return None
    excluded = one.get("excluded", one.get("negated", False))
    if not isinstance(excluded, bool):
        notes.add(f"{place}/excluded", "is neither true nor false")
        return None
    term = hpo.term(written)
    return Feature(
        term=term.id if term else written,
        status=FeatureStatus.EXCLUDED if excluded else FeatureStatus.OBSERVED,
        confirmed=confirmed,
        source=f"{notes.source}:{place}",
        label=term.name if term else str(kind.get("label", "")),
        onset=_onset(one, place, notes),
        written=written if term and term.id != written else "",
    )


def _onset(one: Mapping[str, Any], place: str, notes: _Notes) -> Moment | None:
    if "onset" in one:
        return _moment(one["onset"], f"{place}/onset", notes)
    if "ageOfOnset" in one:
        return _moment(one["ageOfOnset"], f"{place}/ageOfOnset", notes)
    return _moment({"ontologyClass": one["classOfOnset"]} if "classOfOnset" in one else None, place, notes)


def _moment(value: object, place: str, notes: _Notes) -> Moment | None:
    said = notes.object(value, place)
    if "ontologyClass" in said:
        kind = notes.object(said["ontologyClass"], f"{place}/ontologyClass")
        return LifeStage(str(kind.get("id", "")), str(kind.get("label", "")))
    if "gestationalAge" in said:
        length = notes.object(said["gestationalAge"], f"{place}/gestationalAge")
        weeks, days = length.get("weeks", 0), length.get("days", 0)
        if type(weeks) is int and type(days) is int:
            return GestationalAge(weeks, days)
        notes.add(f"{place}/gestationalAge", "is not in whole weeks and days")
        return None
    ends = said.get("ageRange", said if "start" in said else None)
    if ends is not None:
        both = notes.object(ends, place)
        start, end = (_age(both.get(name), f"{place}/{name}", notes) for name in ("start", "end"))
        return AgeRange(start, end) if start and end else None
    age = said.get("age", said if "iso8601duration" in said else None)
    return None if age is None else _age(age, place, notes)


def _age(value: object, place: str, notes: _Notes) -> Age | None:
    written = value if isinstance(value, str) else notes.object(value, place).get("iso8601duration")
    matched = _DURATION.fullmatch(written) if isinstance(written, str) else None
    if matched is None or not isinstance(written, str):
        notes.add(place, "is no ISO 8601 duration such as P2Y6M")
        return None
    years, months, weeks, days = (int(one or 0) for one in matched.groups())
    return Age(round(years * 365.25 + months * 365.25 / 12) + weeks * 7 + days, written)


def _diagnoses(document: Mapping[str, Any], notes: _Notes) -> tuple[str, ...]:
    """Of the diagnoses of solved interpretations; without one, of the diseases not excluded."""
    found = [
        notes.object(notes.object(one.get("diagnosis"), f"{place}/diagnosis").get("disease"), place).get("id")
        for place, one in notes.items(document, "interpretations")
        if one.get("progressStatus") in ("SOLVED", "COMPLETED")
    ]
    if not any(found):
        found = [
            notes.object(one.get("term"), f"{place}/term").get("id")
            for place, one in notes.items(document, "diseases")
            if not one.get("excluded", False)
        ]
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str) and one))


def _genes(document: Mapping[str, Any], notes: _Notes) -> tuple[str, ...]:
    found: list[str] = []
    for place, one in notes.items(document, "interpretations"):
        diagnosis = notes.object(one.get("diagnosis"), f"{place}/diagnosis")
        for at, genomic in notes.items(diagnosis, "genomicInterpretations", f"{place}/diagnosis"):
            if genomic.get("interpretationStatus") not in _CAUSES:
                continue
            variant = notes.object(genomic.get("variantInterpretation"), at)
            described = notes.object(variant.get("variationDescriptor"), at)
            gene = notes.object(genomic.get("gene", described.get("geneContext")), at)
            name = gene.get("valueId") or gene.get("symbol")
            found += [name] if isinstance(name, str) else []
    return tuple(dict.fromkeys(found))
