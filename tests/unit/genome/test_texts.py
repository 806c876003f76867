"""Texts in two arrays read like a list of strings, and as an Arrow array without a copy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.genome.texts import Texts

LISTS = st.lists(st.text("ACGTN*<>", max_size=12), max_size=20)


@given(LISTS)
def test_texts_read_as_they_were_given(given_texts: list[str]) -> None:
    texts = Texts.of(given_texts)
    assert list(texts) == [texts[place] for place in range(len(texts))] == given_texts
    assert texts.lengths.tolist() == [len(text) for text in given_texts]
    assert texts.first.tolist() == [ord(text[0]) if text else 0 for text in given_texts]


@given(LISTS, st.data())
def test_some_of_the_texts_in_another_order(given_texts: list[str], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(range(len(given_texts))))) if given_texts else []
    taken = Texts.of(given_texts).take(np.array(places, np.intp))
    assert list(taken) == [given_texts[place] for place in places]
    assert taken == Texts.of(list(taken))
    assert hash(taken) == hash(Texts.of(list(taken)))


@given(st.lists(LISTS, max_size=5))
def test_several_lists_one_after_the_other(lists: list[list[str]]) -> None:
    joined = Texts.joined([Texts.of(one) for one in lists])
    assert list(joined) == [text for one in lists for text in one]


@given(LISTS)
def test_an_arrow_array_of_the_same_bytes(given_texts: list[str]) -> None:
    texts = Texts.of(given_texts)
    array = pa.StringArray.from_buffers(len(texts), pa.py_buffer(texts.offsets), pa.py_buffer(texts.data))
    array.validate(full=True)
    assert array.to_pylist() == given_texts


def test_slices_and_places_outside() -> None:
    texts = Texts.of(["A", "CG", "T"])
    assert list(texts[1:]) == ["CG", "T"]
    assert texts[-1] == "T"
    with pytest.raises(IndexError):
        texts[3]
