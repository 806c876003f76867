"""Letters as packs: fixed words in plain language with named places for facts, and nothing else.

A letter prints the knowledge release it rests on, its date, whom to ask, and that its words await sign-off.
What is seen from outside (envelope, subject of a portal message) holds no place for a fact at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

from bedside.errors import InputError, PackError, Problem
from bedside.genome.observation import digest
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

FRAME = "frame"
_FRAME_FACTS = frozenset({"release", "day", "contact", "review_state", "letter"})


@dataclass(frozen=True, slots=True)
class LetterText:
    """The words of one letter. facts: the places in it, all of which must be filled. shows: it tells of a
    finding. names_index: it tells a relative whose finding it is.
    """

    provenance: Provenance
    id: str
    language: str
    audience: str
    channels: tuple[str, ...]
    envelope: str
    subject: str
    body: str
    facts: frozenset[str]
    shows: bool
    names_index: bool


@dataclass(frozen=True, slots=True)
class LetterFrame:
    """What stands under every letter: release, day, whom to ask, and who has not signed the words off.
    contact: whom to ask where nobody else is named."""

    provenance: Provenance
    foot: str
    contact: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be sent; `sha256` names its bytes. template names the words it was made from."""

    id: str
    envelope: str
    subject: str
    text: str
    template: str

    @property
    def content(self) -> bytes:
        """The bytes that are kept."""
        return f"{self.envelope}\n{self.subject}\n\n{self.text}".encode()

    @property
    def sha256(self) -> str:
        """The digest of the bytes."""
        return digest(self.content)


@dataclass(frozen=True, slots=True)
class Letters:
    """Every letter of one language, by id."""

    texts: Mapping[str, LetterText]
    frame: LetterFrame


def load_letters(root: Path | None = None, language: str = "en") -> Letters:
    """The letters in force; a site's own of the same id replaces the shipped one. Raises PackError."""
    texts: dict[str, LetterText] = {}
    frame: LetterFrame | None = None
    for file in rule_files("letters", root):
        if file.document.get("language") != language:
            continue
        if file.document.get("id") == FRAME:
            frame = _frame(file)
        else:
            text = read_letter(file)
            texts[text.id] = text
    if frame is None:
        raise PackError([Problem("letters", f"no letters in the language {language}")])
    return Letters(texts, frame)


def _frame(file: RuleFile) -> LetterFrame:
    foot = str(file.document.get("foot", ""))
    if places(foot) != _FRAME_FACTS:
        raise file.fail(f"the foot of a letter has all these places: {', '.join(sorted(_FRAME_FACTS))}")
    return LetterFrame(file.provenance, foot, str(file.document.get("contact", "")))


def read_letter(file: RuleFile) -> LetterText:
    """The letter in a rule file; raises PackError with everything wrong with it."""
    entry = file.document
    try:
        text = LetterText(
            provenance=file.provenance,
            id=str(entry["id"]),
            language=str(entry["language"]),
            audience=str(entry["audience"]),
            channels=tuple(entry["channels"]),
            envelope=str(entry["envelope"]),
            subject=str(entry["subject"]),
            body=str(entry["body"]),
            facts=frozenset(entry["facts"]),
            shows=bool(entry["shows"]),
            names_index=bool(entry.get("names_index", False)),
        )
    except (KeyError, TypeError) as error:
        raise file.fail(f"not a letter: {error}") from error
    problems = [Problem(file.label, reason) for reason in _flaws(text)]
    if problems:
        raise PackError(problems)
    return text


def _flaws(text: LetterText) -> Iterator[str]:
    if "$" in text.envelope + text.subject:
        yield "envelope and subject are seen by others and hold no fact"
    if "$" in Template(text.body).safe_substitute(dict.fromkeys(text.facts, "")):
        yield "the body has a $ that is no place for a declared fact"
    for name in sorted(text.facts - places(text.body)):
        yield f"the fact {name} has no place in the body"


def places(text: str) -> frozenset[str]:
    """The names of the places in a text."""
    return frozenset(re.findall(r"\$\{?([a-z_]+)\}?", text))


def write_letter(
    letters: Letters, name: str, facts: Mapping[str, str], *, release: str, day: date, contact: str = ""
) -> Letter:
    """The letter with its facts filled in. Raises `InputError` for an unknown letter, for a fact that is
    missing or has no place in it, and for one that is empty or not one line.
    """
    text = letters.texts.get(name)
    if text is None:
        raise InputError.one("letter", "no such letter", remedy=f"one of {', '.join(sorted(letters.texts))}")
    contact = contact or letters.frame.contact
    given = {"release": release, "contact": contact, **facts}
    problems = [Problem("letter", f"lacks the fact {one}") for one in sorted(text.facts - set(facts))]
    problems += [Problem("letter", f"has no place for {one}") for one in sorted(set(facts) - text.facts)]
    problems += [
        Problem("letter", f"the fact {one} is empty or not one line of text")
        for one, value in sorted(given.items())
        if not value.strip() or not value.isprintable()
    ]
    if problems:
        raise InputError(problems)
    foot = Template(letters.frame.foot).substitute(
        release=release,
        day=day.isoformat(),
        contact=contact,
        review_state=text.provenance.review_state,
        letter=f"{text.id} {text.provenance.sha256[:12]}",
    )
    body = Template(text.body).substitute(facts)
    return Letter(
        text.id, text.envelope, text.subject, f"{body.strip()}\n\n{foot.strip()}\n", text.provenance.sha256
    )
