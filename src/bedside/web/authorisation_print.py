"""The letter of medical necessity as a page of its own, to be printed and signed."""

from __future__ import annotations

from markupsafe import Markup

from bedside.act.necessity_letter import LetterSentence, NecessityLetter
from bedside.web.render import STATIC, render


def letter_alone(letter: NecessityLetter, *, site: bool = False) -> str:
    """The HTML of the letter, with where each sentence stands for whoever signs it. site: it is served, so
    the stylesheet is linked."""
    css = "" if site else (STATIC / "necessity.css").read_text(encoding="utf-8")
    style = Markup(css)  # noqa: S704  the project's own stylesheet
    return render("necessity_alone.html", letter=letter, parts_of_it=parts_of(letter), style=style)


def parts_of(letter: NecessityLetter) -> tuple[tuple[str, tuple[LetterSentence, ...]], ...]:
    """The sections that have something to say, in order, with their sentences."""
    found = []
    for section, heading in letter.headings.items():
        said = tuple(one for one in letter.sentences if one.section == section)
        if said:
            found.append((heading, said))
    return tuple(found)
