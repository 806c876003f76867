"""Fields cut out of blocks equal what splitting each line gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.knowledge.clinvar.text_fields import Block, RepeatedKey, UnevenLines, fields

KEYS = ("CLNSIG", "CLNSIGCONF", "MC", "AF_EXAC", "ALLELEID", "CLNREVSTAT")
VALUES = st.text(st.sampled_from("ACGT|,:_=é0"), max_size=30)
LINES = st.lists(
    st.tuples(st.text("AC", min_size=1, max_size=40), st.dictionaries(st.sampled_from(KEYS), VALUES)),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_columns_and_info_are_those_of_splitting_each_line(
    lines: list[tuple[str, dict[str, str]]], ending: str
) -> None:
    written = [(first, ";".join(f"{key}={value}" for key, value in info.items())) for first, info in lines]
    text = "".join(f"{first}\t{info}{ending}" for first, info in written)
    cut = fields(Block(1, text.encode()), 2)
    assert cut.column(0).to_pylist() == [first for first, _ in written]
    assert cut.column(1).to_pylist() == [info for _, info in written]
    found = cut.info(1, KEYS)
    assert {key: found[key].to_pylist() for key in KEYS} == {
        key: [info.get(key) for _, info in lines] for key in KEYS
    }


def test_a_key_in_an_earlier_column_is_not_the_records() -> None:
    cut = fields(Block(1, b"A;MC=x\tCLNSIG=Benign\nMC=y\tMC=z;XMC=w\n"), 2)
    assert cut.info(1, ("MC",))["MC"].to_pylist() == [None, "z"]


def test_a_short_line_and_a_repeated_key_are_named_by_their_row() -> None:
    with pytest.raises(UnevenLines) as uneven:
        fields(Block(1, b"a\tb\nc\nd\te\n"), 2)
    with pytest.raises(RepeatedKey) as repeated:
        fields(Block(1, b"a\tMC=1\nb\tMC=1;MC=2\n"), 2).info(1, ("MC",))
    assert (uneven.value.row, repeated.value.row) == (1, 1)
