"""Notes read for features with the HPO that is at hand. Nothing is stored and nothing is a finding yet."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.interpret.phenotype_index import PhenotypeIndex, build_index
from bedside.interpret.read_phenotypes import Mention, read_phenotypes
from bedside.knowledge.hpo import load_hpo, release_folder
from bedside.knowledge.phenotype_words import load_phenotype_words

MOST_BYTES = 4 << 20
COLUMNS = ("file", "start", "end", "text", "hpo", "label", "status", "why")


@lru_cache(maxsize=2)
def phenotype_index(release: str | None = None, root: Path | None = None) -> PhenotypeIndex:
    """The dictionary of a release of HPO, built once; raises PackError."""
    return build_index(load_hpo(release_folder(release, root)), load_phenotype_words(root))


def read_notes(
    files: Iterable[Path], index: PhenotypeIndex, *, nested: bool = False
) -> tuple[tuple[str, tuple[Mention, ...]], ...]:
    """The features of each file by its name. Raises IntakeError with every file that cannot be read."""
    found: list[tuple[str, tuple[Mention, ...]]] = []
    problems: list[Problem] = []
    for path in files:
        try:
            found.append((path.name, read_phenotypes(_text(path), index, nested=nested)))
        except IntakeError as error:
            problems += error.problems
    if problems:
        raise IntakeError(problems)
    return tuple(found)


def row(name: str, one: Mention) -> tuple[str, ...]:
    """A feature as a line of a table."""
    text = " ".join(one.text.split())
    return (name, str(one.start), str(one.end), text, one.term, one.label, one.status.value, one.why)


def fields(name: str, one: Mention) -> dict[str, Any]:
    """A feature as JSON."""
    return {
        "file": name,
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "hpo": one.term,
        "label": one.label,
        "status": one.status.value,
        "cue": one.cue,
        "why": one.why,
        "nested": one.nested,
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
