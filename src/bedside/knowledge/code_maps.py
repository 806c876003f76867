"""Codes → terms of HPO: maps that say for each entry how near it comes, whose it is and of which date.

HPO's own cross-references come with HPO. Others are read from a site's knowledge folder,
`sources/hpo_maps/DATE`, because their licences do not let Bedside carry them: LOINC to HPO, ICD-10-CM through
phecodes, and Mondo, which names diseases and not features.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.code import System
from bedside.knowledge.hpo import Hpo

FOLDER = "hpo_maps"
LOINC_FILE, ICD_FILE = "loinc2hpo-annotations.tsv", "icd_phecode_map.csv"
PHECODE_FILE, MONDO_FILE = "hpo_phecode1.2_strong_broad.tsv", "mondo.sssom.tsv"


class Relation(Enum):
    """How the term stands to the code. UNSTATED: the map does not say."""

    EXACT = "exact"
    BROAD = "broad"
    NARROW = "narrow"
    UNSTATED = "not stated"


@dataclass(frozen=True, slots=True)
class MapSource:
    """Whose map, of which date, and the digest of its file."""

    name: str
    version: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One code and one term. outcome: for a measurement, the result that means it; negated: the term is then
    not there; group: the group of codes it was reached through."""

    system: str
    code: str
    term: str
    relation: Relation
    source: MapSource
    outcome: str = ""
    negated: bool = False
    group: str = ""


@dataclass(frozen=True, eq=False)
class CodeMaps:
    """The maps at hand. by_code: entries of a system's code; diseases: of a code the disease in Mondo;
    phecodes: of a phecode its terms; icd: of an ICD-10-CM code its phecodes; missing: what a site could add.
    """

    by_code: Mapping[tuple[str, str], tuple[Entry, ...]]
    diseases: Mapping[tuple[str, str], tuple[Entry, ...]]
    sources: tuple[MapSource, ...]
    missing: tuple[str, ...]
    phecodes: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    icd: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, system: str, code: str) -> tuple[Entry, ...]:
        """The terms of a code, the nearest first."""
        order = list(Relation)
        found = self.by_code.get((system, code), ()) + self.phecodes_of(system, code)
        return tuple(sorted(found, key=lambda one: order.index(one.relation)))

    def phecodes_of(self, system: str, code: str) -> tuple[Entry, ...]:
        """The terms of the narrowest groups that an ICD-10-CM code belongs to."""
        if system != System.ICD10CM.value:
            return ()
        groups = self.icd.get(code, ())
        nearest = [
            one for one in groups if not any(other != one and other.startswith(one) for other in groups)
        ]
        return tuple(
            Entry(system, code, one.term, Relation.BROAD, one.source, group=one.group)
            for group in nearest
            for one in self.phecodes.get(group, ())
        )

    @cached_property
    def systems(self) -> frozenset[str]:
        """The systems that have a map."""
        return frozenset(system for system, _ in self.by_code) | (
            {System.ICD10CM.value} if self.icd else set()
        )


UMLS = "http://www.nlm.nih.gov/research/umls"
_XREF = {
    "SNOMEDCT_US": System.SNOMED_CT.value,
    "ICD-10": System.ICD10CM.value,
    "UMLS": UMLS,
}
_MONDO = {
    "SCTID": System.SNOMED_CT.value,
    "ICD10CM": System.ICD10CM.value,
    "UMLS": UMLS,
    "OMIM": "OMIM",
    "Orphanet": "ORPHA",
}
_SKOS = {
    "skos:exactMatch": Relation.EXACT,
    "skos:broadMatch": Relation.BROAD,
    "skos:narrowMatch": Relation.NARROW,
}


def maps_folder(root: Path | None) -> Path | None:
    """The newest folder of maps that a site has; None without one."""
    found = sorted(path for path in (root / "sources" / FOLDER).glob("*") if path.is_dir()) if root else []
    return found[-1] if found else None


def load_code_maps(hpo: Hpo, folder: Path | None = None) -> CodeMaps:
    """HPO's own cross-references and what a site's folder holds. Raises PackError with every problem."""
    entries = list(_xrefs(hpo))
    diseases: list[Entry] = []
    phecodes: dict[str, list[Entry]] = {}
    icd: dict[str, list[str]] = {}
    sources = [MapSource("HPO cross-references", hpo.version)]
    missing: list[str] = []
    for name in (LOINC_FILE, ICD_FILE, PHECODE_FILE, MONDO_FILE):
        path = _path(folder, name)
        if path is None:
            missing.append(name)
            continue
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        source = MapSource(name, path.parent.name, sha256(content).hexdigest())
        sources.append(source)
        lines = content.decode("utf-8").splitlines()
        if name == LOINC_FILE:
            entries += _loinc(lines, hpo, source)
        elif name == ICD_FILE:
            for code, flag, phecode in _rows(lines, name, ("icd", "flag", "phecode"), ","):
                if flag == "10" and phecode:
                    icd.setdefault(code, []).append(phecode)
        elif name == PHECODE_FILE:
            for one in _phecodes(lines, hpo, source):
                phecodes.setdefault(one.code, []).append(one)
        else:
            diseases += _mondo(lines, source)
    return CodeMaps(
        _by_code(entries),
        _by_code(diseases),
        tuple(sources),
        tuple(missing),
        {code: tuple(found) for code, found in phecodes.items()},
        {code: tuple(dict.fromkeys(found)) for code, found in icd.items()},
    )


def _path(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _by_code(entries: Iterable[Entry]) -> dict[tuple[str, str], tuple[Entry, ...]]:
    found: dict[tuple[str, str], dict[Entry, None]] = {}
    for one in entries:
        found.setdefault((one.system, one.code), {})[one] = None
    return {key: tuple(value) for key, value in found.items()}


def _rows(
    lines: list[str], name: str, columns: tuple[str, ...], delimiter: str = "\t"
) -> Iterator[tuple[str, ...]]:
    """The named columns of each line that is whole."""
    reader = csv.reader((one for one in lines if not one.startswith("#")), delimiter=delimiter)
    header = next(reader, [])
    absent = [one for one in columns if one not in header]
    if absent:
        raise PackError([Problem(name, f"has no column {one}", 1) for one in absent])
    at = [header.index(one) for one in columns]
    width = len(header)
    yield from (tuple(row[one] for one in at) for row in reader if len(row) == width)


def _xrefs(hpo: Hpo) -> Iterator[Entry]:
    source = MapSource("HPO cross-references", hpo.version)
    for term in hpo.terms.values():
        for xref in term.xrefs:
            prefix, _, code = xref.partition(":")
            if prefix in _XREF and code:
                yield Entry(_XREF[prefix], code, term.id, Relation.UNSTATED, source)


def _loinc(lines: list[str], hpo: Hpo, source: MapSource) -> Iterator[Entry]:
    """Of a result N or NEG the term is what is not there."""
    for code, outcome, written in _rows(lines, LOINC_FILE, ("loincId", "outcome", "hpoTermId")):
        term = hpo.term(written)
        if term is not None and ":" not in outcome:
            negated = outcome in ("N", "NEG")
            yield Entry(System.LOINC.value, code, term.id, Relation.EXACT, source, outcome, negated)


def _phecodes(lines: list[str], hpo: Hpo, source: MapSource) -> Iterator[Entry]:
    for written, code, name in _rows(lines, PHECODE_FILE, ("hpo_term_id", "phecode", "phecode_name")):
        term = hpo.term(written)
        if term is not None:
            yield Entry("phecode", code, term.id, Relation.BROAD, source, group=f"{code} {name}")


def _mondo(lines: list[str], source: MapSource) -> Iterator[Entry]:
    for subject, predicate, written in _rows(lines, MONDO_FILE, ("subject_id", "predicate_id", "object_id")):
        prefix, _, code = written.partition(":")
        relation = _SKOS.get(predicate)
        if prefix in _MONDO and relation is not None:
            yield Entry(_MONDO[prefix], code, subject, relation, source)
