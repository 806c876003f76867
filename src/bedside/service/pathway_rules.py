"""The care pathways of a served house with their words, loaded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bedside.act.pathway_events import Meanings
from bedside.knowledge.care_pathways import (
    SignalWord,
    load_signal_words,
    load_specimen_kinds,
    load_therapy_classes,
)
from bedside.knowledge.test_catalogue import load_tests
from bedside.knowledge.worklist_words import WorklistWords, load_worklist_words
from bedside.service.pathway_check import Pathways, load_pathways


@dataclass(frozen=True, slots=True)
class PathwayRules:
    """Pathways, the words of signals and of the worklist, and what codes mean to conditions."""

    held: Pathways
    signals: Mapping[str, SignalWord]
    words: WorklistWords
    meanings: Meanings


@lru_cache(maxsize=4)
def pathway_rules(root: Path | None) -> PathwayRules:
    """The rules of a site's knowledge folder; raises PackError."""
    tests = {name: test.source.value for name, test in load_tests(root).items()}
    meanings = Meanings(load_therapy_classes(root), load_specimen_kinds(root), tests)
    return PathwayRules(load_pathways(root), load_signal_words(root), load_worklist_words(root), meanings)
