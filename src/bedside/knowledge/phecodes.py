"""Chart codes to phecodes, phecodes to HPO, and the codes that are a disease's diagnosis: maps of a site.

Their licences are not all clear, so none ships. They are read from one folder, plain or gzipped:

* `icd_phecode*.csv`: `icd, flag (9 or 10), icd_name, phecode, phecode_name`;
* `hpo_phecode*.tsv`: `hpo_term_id, hpo_term_name, phecode, phecode_name`;
* `mondo*.sssom.tsv`: Mondo's exact matches (OMIM, ICD10CM, SCTID).

Every answer names each file and the digest of its bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.observation import digest
from bedside.knowledge.hpo import Hpo, load_hpo, release_folder
from bedside.knowledge.hpo_annotations import load_annotations

ICD10, ICD9, SNOMED, HPO, PHECODE = "icd10cm", "icd9cm", "snomed", "hpo", "phecode"
SYSTEMS = (ICD10, ICD9, SNOMED, HPO, PHECODE)
FILES = {"icd": "icd_phecode*.csv", "hpo": "hpo_phecode*.tsv", "mondo": "mondo*.sssom.tsv"}


@dataclass(frozen=True)
class ChartMaps:
    """What the chart's codes mean. icd: by system and code without its point. features: a phecode's name.
    diagnosis: for each disease the codes that say it (ICD-10-CM without point, SNOMED). versions: of every
    file and release used."""

    icd: Mapping[tuple[str, str], str]
    hpo: Mapping[str, frozenset[str]]
    snomed: Mapping[str, frozenset[str]]
    features: Mapping[str, str]
    diagnosis: Mapping[str, frozenset[tuple[str, str]]]
    profiles: Mapping[str, frozenset[str]]
    diseases: Mapping[str, str]
    versions: tuple[str, ...]

    def reached(self, system: str, code: str) -> frozenset[str]:
        """The phecodes of a code; an ICD code that is in no map has those of the nearest code above it."""
        if system in (ICD10, ICD9):
            plain = code.replace(".", "").upper()
            for length in range(len(plain), 2, -1):
                if (system, plain[:length]) in self.icd:
                    return frozenset({self.icd[system, plain[:length]]})
            return frozenset()
        if system == PHECODE:
            return frozenset({code}) if code in self.features else frozenset()
        return (self.hpo if system == HPO else self.snomed).get(code, frozenset())

    def says(self, disease: str, system: str, code: str) -> bool:
        """Whether a code is the disease's diagnosis, or stands below one that is."""
        plain = code.replace(".", "").upper() if system in (ICD10, ICD9) else code
        for kind, given in self.diagnosis.get(disease, ()):
            if kind == system and (plain == given or (system == ICD10 and plain.startswith(given))):
                return True
        return False


def load_chart_maps(folder: Path, least_profile: int, hpo_release: str | None = None) -> ChartMaps:
    """The maps of a folder with the profiles of HPO's release; raises PackError with every problem."""
    found = {name: _newest(folder, pattern) for name, pattern in FILES.items()}
    problems = [
        Problem(FILES[name], "no such file", remedy=f"put it into {folder.name}/ (docs/undiagnosed.md)")
        for name, path in found.items()
        if path is None
    ]
    if problems:
        raise PackError(problems)
    content = {name: path.read_bytes() for name, path in found.items() if path is not None}
    versions = [f"{path.name}@{digest(content[name])[:12]}" for name, path in found.items() if path]
    icd, names = _icd(_text(content["icd"]))
    terms = _hpo(_text(content["hpo"]), names)
    ontology = load_hpo(release := release_folder(hpo_release))
    profiles, diseases, hpoa = _profiles(release, ontology, terms, least_profile)
    diagnosis = _diagnosis(_text(content["mondo"]), profiles)
    snomed = _snomed(ontology, terms)
    versions += [f"hp@{ontology.version}", hpoa]
    direct = _said_directly(icd, diagnosis)
    return ChartMaps(icd, terms, snomed, names, direct, profiles, diseases, tuple(versions))


def _newest(folder: Path, pattern: str) -> Path | None:
    return max([*folder.glob(pattern), *folder.glob(f"{pattern}.gz")], key=lambda one: one.name, default=None)


def _text(content: bytes) -> io.StringIO:
    return io.StringIO((gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8"))


def _icd(text: io.StringIO) -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    found, names = dict[tuple[str, str], str](), dict[str, str]()
    for row in csv.DictReader(text):
        if row["phecode"]:
            system = ICD9 if row["flag"] == "9" else ICD10
            found[system, row["icd"].replace(".", "").upper()] = row["phecode"]
            names[row["phecode"]] = row["phecode_name"]
    return found, names


def _hpo(text: io.StringIO, names: dict[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(text, delimiter="\t"):
        found.setdefault(row["hpo_term_id"], set()).add(row["phecode"])
        names.setdefault(row["phecode"], row["phecode_name"])
    return {term: frozenset(phecodes) for term, phecodes in found.items()}


def _profiles(
    release: Path, ontology: Hpo, terms: Mapping[str, frozenset[str]], least: int
) -> tuple[dict[str, frozenset[str]], dict[str, str], str]:
    annotations = load_annotations(ontology, release)
    found: dict[str, frozenset[str]] = {}
    for name, disease in sorted(annotations.diseases.items()):
        if name.startswith("OMIM:"):
            seen = (row.term for row in disease.rows if row.found is None or row.found > 0)
            features = frozenset[str]().union(*(terms.get(term, frozenset()) for term in seen))
            if len(features) >= least:
                found[name] = features
    return found, {name: annotations.diseases[name].name for name in found}, annotations.release


def _diagnosis(
    text: io.StringIO, profiles: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[tuple[str, str]]]:
    codes, omim = dict[str, set[tuple[str, str]]](), dict[str, set[str]]()
    for subject, predicate, target in _matches(text):
        kind, _, code = target.partition(":")
        if predicate != "skos:exactMatch":
            continue
        if kind == "OMIM":
            omim.setdefault(subject, set()).add(target)
        elif kind in ("ICD10CM", "SCTID"):
            said = (ICD10, code.replace(".", "").upper()) if kind == "ICD10CM" else (SNOMED, code)
            codes.setdefault(subject, set()).add(said)
    found: dict[str, set[tuple[str, str]]] = {}
    for subject, diseases in omim.items():
        for disease in diseases & profiles.keys():
            if subject in codes:
                found.setdefault(disease, set()).update(codes[subject])
    return {disease: frozenset(said) for disease, said in found.items()}


def _matches(text: io.StringIO) -> Iterator[tuple[str, str, str]]:
    rows = csv.DictReader((line for line in text if not line.startswith("#")), delimiter="\t")
    for row in rows:
        yield row["subject_id"], row["predicate_id"], row["object_id"]


def _snomed(ontology: Hpo, terms: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for term in ontology.terms.values():
        for xref in term.xrefs if term.id in terms else ():
            kind, _, code = xref.partition(":")
            if kind == "SNOMEDCT_US":
                found.setdefault(code, set()).update(terms[term.id])
    return {code: frozenset(phecodes) for code, phecodes in found.items()}


def _said_directly(
    icd: Mapping[tuple[str, str], str], diagnosis: Mapping[str, frozenset[tuple[str, str]]]
) -> dict[str, frozenset[tuple[str, str]]]:
    """A phecode that only a disease's own ICD-10 codes reach is that diagnosis too."""
    reach: dict[str, list[str]] = {}
    for (system, code), phecode in icd.items():
        if system == ICD10:
            reach.setdefault(phecode, []).append(code)
    found = {}
    for disease, codes in diagnosis.items():
        own = tuple(code for system, code in codes if system == ICD10)
        near = {icd[ICD10, code] for code in own if (ICD10, code) in icd}
        only = {(PHECODE, one) for one in near if all(code.startswith(own) for code in reach[one])}
        found[disease] = codes | only
    return found
