"""The rules a house decides with, loaded once for each knowledge release."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bedside.exchange.genomic_text import GenomicWords, genomic_words
from bedside.knowledge.names import load_names
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.ruleset import Ruleset, load_ruleset
from bedside.service.house import House


@dataclass(frozen=True, slots=True)
class _Key:
    """What tells one set of rules from another; the pack goes along without being compared."""

    release: str
    root: str
    guidance: tuple[str, ...]
    pgx: PgxPack = field(compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """A ruleset with the words that prefetched text is read by."""

    ruleset: Ruleset
    words: GenomicWords


def rules_of(house: House) -> Rules:
    """The house's rules; raises PackError."""
    further = tuple(str(one.release) for one in house.pgx.guidance_releases)
    return _load(_Key(str(house.pgx.release), house.settings.knowledge_root, further, house.pgx))


@lru_cache(maxsize=4)
def _load(key: _Key) -> Rules:
    root = Path(key.root) if key.root else None
    return Rules(load_ruleset(key.pgx, root), genomic_words(key.pgx, load_names(root)))
