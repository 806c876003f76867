"""Notes and FHIR documents read for features with the HPO that is at hand. Nothing is stored, nothing is a
finding yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.intake.fhir_findings import read_findings
from bedside.intake.phenopacket_in import read_case
from bedside.interpret.phenotype_index import PhenotypeIndex, build_index
from bedside.interpret.read_phenotypes import Mention, read_phenotypes
from bedside.interpret.suggest_features import Suggested, from_codes
from bedside.knowledge.code_maps import CodeMaps, load_code_maps, maps_folder
from bedside.knowledge.hpo import load_hpo, release_folder
from bedside.knowledge.phenotype_words import load_phenotype_words

MOST_BYTES = 4 << 20
_PACKET = '"phenotypicFeatures"'
COLUMNS = ("file", "start", "end", "text", "hpo", "label", "status", "why")


@lru_cache(maxsize=2)
def phenotype_index(release: str | None = None, root: Path | None = None) -> PhenotypeIndex:
    """The dictionary of a release of HPO, built once; raises PackError."""
    return build_index(load_hpo(release_folder(release, root)), load_phenotype_words(root))


def read_files(
    files: Iterable[Path], index: PhenotypeIndex, root: Path | None = None, *, nested: bool = False
) -> tuple[tuple[str, Mention | Suggested], ...]:
    """The features of each file with its name: of a note; of a phenopacket or FHIR where the name ends in
    .json. Raises IntakeError with every file that cannot be read."""
    found: list[tuple[str, Mention | Suggested]] = []
    problems: list[Problem] = []
    for path in files:
        try:
            text = _text(path)
            if path.suffix.lower() == ".json" and _PACKET in text:
                found += [(path.name, one) for one in _of_phenopacket(text, path.name, index)]
            elif path.suffix.lower() == ".json":
                found += [(path.name, one) for one in _of_fhir(text, path.name, index, root)]
            else:
                found += [(path.name, one) for one in read_phenotypes(text, index, nested=nested)]
        except IntakeError as error:
            problems += error.problems
    if problems:
        raise IntakeError(problems)
    return tuple(found)


def _of_fhir(text: str, name: str, index: PhenotypeIndex, root: Path | None) -> tuple[Suggested, ...]:
    maps = _maps(index, maps_folder(root))
    return tuple(
        one
        for coded in read_findings(text.encode(), name)
        for one in from_codes(coded.codings, coded.status, coded.place, maps, index, coded.outcome)
    )


def _of_phenopacket(text: str, name: str, index: PhenotypeIndex) -> tuple[Suggested, ...]:
    case = read_case(text.encode(), index.hpo, source=name, confirmed=False)
    told = "stated in a phenopacket"
    unknown = f"not in HPO {index.hpo.version}: never ranked"
    return tuple(
        Suggested(one.term, one.label, one.status, one.source, why, one.written or one.term)
        for features, why in ((case.features, told), (case.unknown, unknown))
        for one in features
    )


@lru_cache(maxsize=2)
def _maps(index: PhenotypeIndex, folder: Path | None) -> CodeMaps:
    return load_code_maps(index.hpo, folder)


def row(name: str, one: Mention | Suggested) -> tuple[str, ...]:
    """A feature as a line of a table; begin and end are empty where it comes from a code."""
    told = fields(name, one)
    return tuple(" ".join(str("" if told[key] is None else told[key]).split()) for key in COLUMNS)


def fields(name: str, one: Mention | Suggested) -> dict[str, Any]:
    """A feature as JSON."""
    noted = one if isinstance(one, Mention) else None
    return {
        "file": name,
        "start": None if noted is None else noted.start,
        "end": None if noted is None else noted.end,
        "text": one.text if isinstance(one, Mention) else one.quote,
        "hpo": one.term,
        "label": one.label,
        "status": one.status.value,
        "cue": "" if noted is None else noted.cue,
        "why": one.why if isinstance(one, Mention) else f"{one.source}; {one.why}",
        "nested": noted is not None and noted.nested,
        "confirmed": False,
    }


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IntakeError([Problem(path.name, f"cannot be read: {error.strerror}")]) from error
    if len(content) > MOST_BYTES:
        raise IntakeError([Problem(path.name, f"is larger than {MOST_BYTES >> 20} MiB", remedy="split it")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"is no UTF-8 text (byte {error.start})"
        raise IntakeError([Problem(path.name, reason, remedy="save it as plain text in UTF-8")]) from error
    if "\x00" in text:
        raise IntakeError([Problem(path.name, "is no text: it holds a NUL", remedy="save it as plain text")])
    return text
