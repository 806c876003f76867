"""228 abstracts annotated with HPO (GSC 2024): what is read from them, against what people annotated.

The halves are told apart by the digest of the file's name. The words were tuned on the first half only.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from bedside.interpret.phenotype_find import How
from bedside.interpret.phenotype_index import PhenotypeIndex, build_index
from bedside.interpret.read_phenotypes import read_phenotypes
from bedside.knowledge.hpo import ABNORMALITY, Hpo, load_hpo
from bedside.knowledge.phenotype_words import load_phenotype_words

DEVELOPMENT, HELD_OUT = "development", "held-out"
ANNOTATED_BRANCHES = (ABNORMALITY, "HP:0000005", "HP:0031797", "HP:0003812", "HP:0003828")
"""What the annotators marked: abnormalities, modes of inheritance, clinical course, variability."""

Place = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Abstract:
    """One abstract: its text, and each stretch annotated with the term of today."""

    name: str
    text: str
    gold: frozenset[Place]

    @property
    def half(self) -> str:
        """The half it belongs to."""
        return HELD_OUT if sha256(self.name.encode()).digest()[0] & 1 else DEVELOPMENT


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of what was read: right, wrong, missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what was read, the share that is right."""
        return self.right / ((self.right + self.wrong) or 1)

    @property
    def recall(self) -> float:
        """Of what was annotated, the share that was read."""
        return self.right / ((self.right + self.missed) or 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / ((2 * self.right + self.wrong + self.missed) or 1)


def abstracts(folder: Path, hpo: Hpo) -> tuple[Abstract, ...]:
    """The corpus below `gsc_2024`. One line of it has no readable place (`w106:119`) and is left out."""
    return tuple(_abstract(path, folder, hpo) for path in sorted((folder / "Text").iterdir()))


def _abstract(path: Path, folder: Path, hpo: Hpo) -> Abstract:
    gold = set()
    for line in (folder / "Annotations" / path.name).read_text("utf-8").splitlines():
        place, _, rest = line.partition("\t")
        start, _, end = place.partition(":")
        if start.isdigit() and end.isdigit():
            written = rest.partition("\t")[0]
            term = hpo.term(written)
            gold.add((int(start), int(end), term.id if term else written))
    return Abstract(path.name, path.read_text("utf-8"), frozenset(gold))


@cache
def corpus_index(branches: tuple[str, ...] = ANNOTATED_BRANCHES) -> PhenotypeIndex:
    """The dictionary of what the annotators marked."""
    return build_index(load_hpo(), load_phenotype_words(), branches)


def read_as_annotated(text: str, index: PhenotypeIndex, *, short_forms: bool = False) -> frozenset[Place]:
    """What is read, as the guideline marks it: nested stretches each, negated or not, short forms not."""
    found = read_phenotypes(text, index, nested=True)
    return frozenset(
        (one.start, one.end, one.term) for one in found if short_forms or one.how is not How.SHORT_FORM
    )


def exact(pairs: Iterable[tuple[frozenset[Place], frozenset[Place]]]) -> Score:
    """Right: the same stretch and the same term."""
    counts = [(len(gold & read), len(read - gold), len(gold - read)) for gold, read in pairs]
    return Score(*(sum(column) for column in zip(*counts, strict=True)))


def documents(pairs: Iterable[tuple[frozenset[Place], frozenset[Place]]]) -> Score:
    """Right: the same term anywhere in the abstract."""
    counts = []
    for gold, read in pairs:
        wanted, found = {one[2] for one in gold}, {one[2] for one in read}
        counts.append((len(wanted & found), len(found - wanted), len(wanted - found)))
    return Score(*(sum(column) for column in zip(*counts, strict=True)))


def overlapping(pairs: Iterable[tuple[frozenset[Place], frozenset[Place]]]) -> tuple[float, float, float]:
    """Precision, recall and F1 where stretches of the same term only have to overlap."""
    precise = read_count = recalled = gold_count = 0
    for gold, read in pairs:
        precise += sum(_met(one, gold) for one in read)
        recalled += sum(_met(one, read) for one in gold)
        read_count, gold_count = read_count + len(read), gold_count + len(gold)
    precision, recall = precise / (read_count or 1), recalled / (gold_count or 1)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)


def _met(one: Place, others: frozenset[Place]) -> bool:
    return any(one[2] == other[2] and one[0] < other[1] and other[0] < one[1] for other in others)


def timed(texts: Iterable[str], index: PhenotypeIndex) -> Mapping[str, float]:
    """Milliseconds of one text, the whole reading with negation: mean, median, mean of processor time."""
    taken, before = [], time.process_time()
    for text in texts:
        begun = time.perf_counter()
        read_phenotypes(text, index)
        taken.append((time.perf_counter() - begun) * 1000)
    processor = (time.process_time() - before) * 1000 / len(taken)
    median = sorted(taken)[len(taken) // 2]
    return {"mean": sum(taken) / len(taken), "median": median, "processor": processor}
