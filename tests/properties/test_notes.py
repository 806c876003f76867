"""Whatever a note holds, reading it ends, its places are those of the text, and it stays quick when long."""

from __future__ import annotations

import time
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.genome.case import FeatureStatus
from bedside.interpret.phenotype_index import PhenotypeIndex, build_index
from bedside.interpret.read_phenotypes import read_phenotypes
from bedside.knowledge.hpo import load_hpo
from bedside.knowledge.phenotype_words import load_phenotype_words
from tests.examples import examples

PIECES = [
    "seizures",
    "No ",
    "ataxia",
    ", ",
    ". ",
    "mother has ",
    "\n",
    "possible ",
    "cleft palate",
    " and ",
    " was not seen",
    "İ",
    "ß",
    "Family history: ",
    "BCC",
    "(",
    ")",
    "kidney",
    " absent",
    "-",
    "’s",
    "\u2028",
    "head",
]


@cache
def index() -> PhenotypeIndex:
    return build_index(load_hpo(), load_phenotype_words())


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40).map("".join))
def test_places_are_those_of_the_text_and_the_longest_do_not_nest(text: str) -> None:
    found = read_phenotypes(text, index())
    assert all(text[one.start : one.end] == one.text and one.term in index().hpo.terms for one in found)
    assert all(bool(one.cue) == (one.status is not FeatureStatus.OBSERVED) for one in found)
    assert set(found) <= set(read_phenotypes(text, index(), nested=True))


def test_a_long_note_without_end_of_sentence_is_read_in_time_that_grows_with_it() -> None:
    index()
    for piece in ("no seizures, ", "ataxia and ", "mother ", "head (HE) "):
        begun = time.perf_counter()
        read_phenotypes(piece * 8000, index())
        assert time.perf_counter() - begun < 8
