"""A letter says the words of its pack and the facts it was given, and nothing besides."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Template

import pytest

from bedside.errors import InputError, PackError
from bedside.knowledge.letters import load_letters, places, read_letter, write_letter
from bedside.knowledge.provenance import parse_rule_file

LETTERS = load_letters()
DAY = date(2026, 3, 1)


def filled(name: str) -> dict[str, str]:
    return {fact: f"⟦{fact}⟧" for fact in LETTERS.texts[name].facts}


@pytest.mark.parametrize("name", sorted(LETTERS.texts))
def test_every_word_of_a_letter_comes_from_its_pack_or_from_a_given_fact(name: str) -> None:
    text = LETTERS.texts[name]
    given = {**filled(name), "release": "⟦release⟧", "contact": "⟦contact⟧", "day": DAY.isoformat()}
    letter = write_letter(LETTERS, name, filled(name), release="⟦release⟧", day=DAY, contact="⟦contact⟧")
    fixed = f"{text.body} {LETTERS.frame.foot} {text.provenance.review_state} {text.id}"
    allowed = set(re.findall(r"\S+", Template(fixed).safe_substitute(given))) | {text.provenance.sha256[:12]}
    said = set(re.findall(r"\S+", letter.text))
    assert {word for word in said if word.strip("()") not in {one.strip("()") for one in allowed}} == set()


@pytest.mark.parametrize("name", sorted(LETTERS.texts))
def test_what_is_seen_from_outside_holds_no_fact_and_the_foot_says_who_has_not_signed(name: str) -> None:
    letter = write_letter(LETTERS, name, filled(name), release="clinvar@2026-01-01", day=DAY)
    assert (places(letter.envelope + letter.subject), "⟦" in letter.envelope + letter.subject) == (
        set(),
        False,
    )
    for words in ("awaiting sign-off", "clinvar@2026-01-01", "2026-03-01", LETTERS.frame.contact):
        assert words in letter.text


def test_letters_that_tell_nothing_have_no_place_for_a_finding() -> None:
    silent = {name: text.facts for name, text in LETTERS.texts.items() if not text.shows}
    assert silent == {
        "please-call": {"name"},
        "new-sample": {"name"},
        "newborn-recall": {"name"},
        "of-age": {"name"},
        "relative-sealed": {"invitation"},
    }


def test_a_fact_that_is_missing_strange_or_not_one_line_is_refused_with_every_reason() -> None:
    with pytest.raises(InputError) as refused:
        write_letter(LETTERS, "please-call", {"gene": "A\nB"}, release="r", day=DAY)
    assert [problem.reason for problem in refused.value.problems] == [
        "lacks the fact name",
        "has no place for gene",
        "the fact gene is empty or not one line of text",
    ]


def test_a_pack_with_a_fact_on_the_envelope_is_not_loaded() -> None:
    path = Path(__file__).parents[3] / "src/bedside/knowledge/data/letters/en/finding.toml"
    content = path.read_text().replace('envelope = "Private', 'envelope = "$gene: private').encode()
    with pytest.raises(PackError, match="hold no fact"):
        read_letter(parse_rule_file("finding.toml", content, "letters"))
