"""Who owns a file of rules, where it comes from, and who has still to check it. A file that does not say is
not loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.observation import digest
from bedside.knowledge.approval import Approval, EvidenceLevel, read_approval, read_level

DATA = Path(__file__).resolve().parent / "data"
REQUIRED = ("kind", "name", "title", "owner", "licence", "source", "retrieved", "review_due", "review_state")


@dataclass(frozen=True, slots=True)
class Provenance:
    """The header of a rule file. review_state is shown wherever the rule is; evidence_level is what its
    facts rest on; approval is who stands for it, or who is asked to; sha256 is of the file's bytes.
    """

    kind: str
    name: str
    title: str
    owner: str
    licence: str
    source: str
    retrieved: date
    review_due: date
    review_state: str
    evidence_level: EvidenceLevel
    approval: Approval
    sha256: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A parsed rule file: its header, its whole document, and the folder it stands in."""

    label: str
    provenance: Provenance
    document: Mapping[str, Any]
    folder: Path | None = None

    def fail(self, reason: str, remedy: str | None = None) -> PackError:
        """The error that refuses this file."""
        return PackError([Problem(self.label, reason, remedy=remedy)])


def parse_rule_file(
    label: str, content: bytes, kind: str, folder: Path | None = None, today: date | None = None
) -> RuleFile:
    """A TOML rule file with a complete header of the right kind; raises PackError with every problem.

    today: the day against which an approval is held; the machine's own when not given.
    """
    try:
        document = _fresh(_parsed(content))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError([Problem(label, f"not TOML: {error}")]) from error
    problems = [
        Problem(label, f"{name} is missing", remedy=f'add {name} = "…"')
        for name in REQUIRED
        if not document.get(name)
    ]
    problems += [
        Problem(label, f"{name} must be a date such as 2026-11-22")
        for name in ("retrieved", "review_due")
        if document.get(name) and not isinstance(document[name], date)
    ]
    if document.get("kind") and document["kind"] != kind:
        problems.append(Problem(label, f"kind is {document['kind']!r} where {kind!r} belongs"))
    retrieved = document.get("retrieved")
    level = read_level(label, document, problems)
    approval = read_approval(
        label, document, retrieved if type(retrieved) is date else None, today or date.today(), problems
    )
    if problems or level is None or approval is None:
        raise PackError(problems)
    fields = {name: document[name] for name in REQUIRED}
    header = Provenance(**fields, evidence_level=level, approval=approval, sha256=digest(content))
    return RuleFile(label, header, document, folder)


@lru_cache(maxsize=4096)
def _parsed(content: bytes) -> dict[str, Any]:
    """The document of these very bytes. The same files are read at nearly every request, and are parsed once;
    an edited file has other bytes."""
    return tomllib.loads(content.decode("utf-8"))


def _fresh(value: Any) -> Any:
    """The same document with tables and lists of its own, so that nobody's change is another's."""
    if isinstance(value, dict):
        return {name: _fresh(each) for name, each in value.items()}
    return [_fresh(each) for each in value] if isinstance(value, list) else value


def read_rule_file(path: Path, kind: str) -> RuleFile:
    """The rule file at this path; raises PackError."""
    label = "/".join(path.parts[-2:])
    if not path.is_file():
        raise PackError([Problem(label, "no such rule file")])
    return parse_rule_file(label, path.read_bytes(), kind, path.parent)


def rule_files(kind: str, root: Path | None = None) -> Iterator[RuleFile]:
    """Every rule file of a kind that ships, then those of a site's own root, by name."""
    folders = [DATA] if root is None or root == DATA else [DATA, root]
    for folder in folders:
        for path in sorted((folder / kind).rglob("*.toml")):
            if path.name != "source.toml":
                yield read_rule_file(path, kind)
