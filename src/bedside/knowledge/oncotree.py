"""Tumour types: OncoTree. A code that is not in it is an error, never a silent "other"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import InputError, PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.table import parse_table

KIND = "oncotree"
COLUMNS = ("code", "parent", "name", "tissue")
ANY_SOLID = "ANY_SOLID"
NOT_SOLID = frozenset({"BLOOD", "LYMPH", "MYELOID"})


@dataclass(frozen=True, slots=True)
class TumourType:
    """One type. parent: the code it stands under, "" at the top."""

    code: str
    parent: str
    name: str
    tissue: str


@dataclass(frozen=True, slots=True)
class OncoTree:
    """The types by code."""

    provenance: Provenance
    version: str
    by_code: Mapping[str, TumourType]

    def of(self, code: str) -> TumourType:
        """The type of a code; raises InputError that names what is near."""
        found = self.by_code.get(code)
        if found is None:
            near = [one for one in self.by_code if one.startswith(code[:3].upper())][:5]
            remedy = f"codes such as {', '.join(near)}" if near else "see https://oncotree.mskcc.org"
            raise InputError.one("--tumour", f"{code!r} is no OncoTree code of {self.version}", remedy=remedy)
        return found

    def path(self, code: str) -> tuple[str, ...]:
        """The code and every code above it, from below."""
        found = [code]
        while (parent := self.of(found[-1]).parent) and parent not in found:
            found.append(parent)
        return tuple(found)

    def solid(self, code: str) -> bool:
        """Whether a type is a solid tumour."""
        return not NOT_SOLID & set(self.path(code))

    def is_a(self, code: str, wanted: str) -> bool:
        """Whether a type is of another, wanted one: itself, below it, or any solid tumour."""
        return self.solid(code) if wanted == ANY_SOLID else wanted in self.path(code)


def load_oncotree(root: Path | None = None) -> OncoTree:
    """The types in force; raises PackError with every problem."""
    *_, file = rule_files(KIND, root)
    path = (file.folder or Path()) / "oncotree.tsv"
    if not path.is_file():
        raise file.fail("oncotree.tsv is missing beside it")
    problems: list[Problem] = []
    found = {
        row["code"]: TumourType(row["code"], row["parent"], row["name"], row["tissue"])
        for row in parse_table(f"{KIND}/oncotree.tsv", path.read_bytes(), COLUMNS, problems)
    }
    problems += [
        Problem(f"{KIND}/oncotree.tsv", f"{one.code} stands under {one.parent}, which is no type")
        for one in found.values()
        if one.parent and one.parent not in found
    ]
    if problems:
        raise PackError(problems)
    return OncoTree(file.provenance, str(file.document.get("version", "")), found)
