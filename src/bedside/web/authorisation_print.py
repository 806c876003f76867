"""The letter of medical necessity as a page of its own, to be printed and signed."""

from __future__ import annotations

from bedside.act.necessity_letter import LetterSentence, NecessityLetter
from bedside.web.render import render


def letter_alone(letter: NecessityLetter) -> str:
    """The HTML of the letter, with where each sentence stands for whoever signs it."""
    return render("necessity_alone.html", letter=letter, parts_of_it=parts_of(letter))


def parts_of(letter: NecessityLetter) -> tuple[tuple[str, tuple[LetterSentence, ...]], ...]:
    """The sections that have something to say, in order, with their sentences."""
    found = []
    for section, heading in letter.headings.items():
        said = tuple(one for one in letter.sentences if one.section == section)
        if said:
            found.append((heading, said))
    return tuple(found)
