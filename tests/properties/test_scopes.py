"""A scope is read in one form only and written as it was read: whatever else somebody sends opens nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.service.scopes import ScopeError, parse_scope
from tests.examples import examples

CONTEXTS = ("patient", "user", "system")
KINDS = ("Observation", "Patient", "MedicationRequest", "*")
LETTERS = "cruds"
CANONICAL = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]*)\.c?r?u?d?s?(\?.+)?")


@st.composite
def written(draw: st.DrawFn) -> str:
    letters = draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5, unique=True))
    ordered = "".join(sorted(letters, key=LETTERS.index))
    return f"{draw(st.sampled_from(CONTEXTS))}/{draw(st.sampled_from(KINDS))}.{ordered}"


@st.composite
def bent(draw: st.DrawFn) -> str:
    """A scope with something put in, taken out or exchanged, as an attacker would try."""
    text = draw(written())
    place = draw(st.integers(0, len(text)))
    piece = draw(
        st.sampled_from(
            [":", "..", "/", ".", "%2e", " ", "\t", "\x00", "*", "?", "#", "S", "read", "é", "\n"]
        )
    )
    kind = draw(st.sampled_from(["in", "out", "for"]))
    if kind == "in":
        return text[:place] + piece + text[place:]
    return text[:place] + ("" if kind == "out" else piece) + text[place + 1 :]


@given(written())
def test_what_is_canonical_is_read_and_written_the_same(text: str) -> None:
    assert str(parse_scope(text)) == text


@settings(max_examples=examples(500))
@given(st.one_of(bent(), st.text(max_size=40)))
def test_only_the_canonical_form_is_read(text: str) -> None:
    """Whatever is read at all comes back byte for byte, and has the canonical form."""
    try:
        scope = parse_scope(text)
    except ScopeError:
        return
    assert str(scope) == text
    assert CANONICAL.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "system:Patient.read", "system/Patient.read", "system/Patient.write", "system/*.*",
        "System/Patient.r",
        "system/patient.r", "system/Patient.rc", "system/Patient.rr", "system/Patient.", "/Patient.r",
        "patient/Patient.r ", " patient/Patient.r", "patient//Patient.r",
        "patient/Patient.r?", "patient/Patient.r#x",
    ],
)  # fmt: skip
def test_forms_by_which_others_were_broken_are_refused(text: str) -> None:
    with pytest.raises(ScopeError):
        parse_scope(text)
