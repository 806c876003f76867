"""What is read from annotated abstracts never falls below what it was. Floors lie just under the figures of
docs/phenotypes.md; raising them is the only change they get."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.knowledge.hpo import load_hpo
from tests.conformance.hpo_notes import (
    DEVELOPMENT,
    HELD_OUT,
    Abstract,
    abstracts,
    corpus_index,
    documents,
    exact,
    overlapping,
    read_as_annotated,
)

FLOORS = {
    DEVELOPMENT: (125, 0.82, 0.83, 0.86),
    HELD_OUT: (103, 0.775, 0.81, 0.825),
    "": (228, 0.80, 0.82, 0.845),
}
"""Of each half: abstracts; F1 of mentions, of documents, of overlapping mentions."""


@pytest.fixture(scope="module")
def corpus(shared: Path) -> tuple[Abstract, ...]:
    return abstracts(shared / "hpo" / "gsc_2024", load_hpo())


@pytest.mark.parametrize("half", FLOORS)
def test_abstracts_are_read_as_well_as_before(corpus: tuple[Abstract, ...], half: str) -> None:
    chosen = [one for one in corpus if half in ("", one.half)]
    pairs = [(one.gold, read_as_annotated(one.text, corpus_index())) for one in chosen]
    count, mentions, of_documents, overlap = FLOORS[half]
    assert len(chosen) == count
    assert exact(pairs).f1 >= mentions
    assert documents(pairs).f1 >= of_documents
    assert overlapping(pairs)[2] >= overlap
