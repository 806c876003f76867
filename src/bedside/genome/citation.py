"""What a statement rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Citation:
    """A source and where in it: a guideline, its PubMed ids and its page."""

    source: str
    identifier: str = ""
    title: str = ""
    pmids: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A dated release of knowledge, by name and content: `cpic@2025-11-05#3f2a…`."""

    name: str
    date: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}@{self.date}#{self.sha256[:12]}"
