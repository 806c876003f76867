"""Letters that explain a result to the person: made from the record, checked against it, released by a
clinician, kept by version, and withdrawn with their result.

A letter that nobody released is computed when it is looked at and not kept; it says that it awaits review.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedside.act.letter_check import Fault, check_letter, sentences_of
from bedside.act.letter_rephrase import PLAIN, Rephraser, rephrase
from bedside.act.letter_text import compose, letter_text, lines_of
from bedside.act.readability import Reading, read, too_hard
from bedside.errors import NotFound, RequestError
from bedside.genome.letter import (
    LETTER_EVENTS,
    Facts,
    Line,
    Released,
    ResultClass,
    Standing,
    letters_of,
)
from bedside.genome.observation import digest
from bedside.genome.result import Confirmation
from bedside.knowledge.letter_rules import LetterRules
from bedside.knowledge.letter_templates import LetterTemplate, load_letter_pack
from bedside.service.house import House
from bedside.service.letter_facts import Asked, Material, facts_of, material_of
from bedside.service.letter_held import not_held
from bedside.service.page_keys import page_key
from bedside.service.results_inbox import items_of


@dataclass(frozen=True, slots=True)
class Wish:
    """Which letter is asked for. about: None for the only one there is. contact: whom to ask, in place of
    the rules' own."""

    language: str = "en"
    about: ResultClass | None = None
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it would be now. standing: how far it is. released: the version in force, None while none
    is. faults: why it cannot be released; others: classes of further letters about the result; untold: what
    of the result no letter tells. rephrased, refused: of a language model, where one was asked."""

    letter: str
    person: str
    result: str
    about: ResultClass
    template: LetterTemplate
    rules: LetterRules
    facts: Facts
    lines: tuple[Line, ...]
    text: str
    faults: tuple[Fault, ...]
    reading: Reading
    standing: Standing
    released: Released | None
    others: tuple[ResultClass, ...]
    untold: tuple[str, ...]
    rephrased: bool = False
    refused: tuple[str, ...] = ()

    @property
    def document(self) -> str:
        """The digest of what would be released: a release is for what was seen."""
        return digest(self.text.encode())


def letter_id(result: str, about: ResultClass, language: str) -> str:
    """The id of the letters of one class and language about one result, over all versions."""
    return f"letter:{result}:{about.value}:{language}"


def result_named(house: House, person: str, result: str) -> Material:
    """A result of a person that a letter may be about, by its id or page key. Raises `NotFound`, or
    `RequestError` for one that no clinical laboratory stands for or that is not final."""
    for held in house.ledger.results(person):
        if result in (held.result, page_key(held.result)):
            item = items_of(house, person)[held.result]
            if held.confirmation is not Confirmation.CLINICAL:
                remedy = "wait for the final report of a clinical laboratory"
                why = f"it is {item.standing.value}; nobody is told of it"
                raise RequestError.one("result", why, remedy=remedy)
            return material_of(house, held, item)
    raise NotFound.one("result", "no such result of this person", remedy="`bedside show` names them")


def preview(
    house: House, person: str, result: str, wish: Wish | None = None, rephraser: Rephraser | None = None
) -> Letter:
    """The letter as it would be now, with everything against it; a released one that still holds, as it was
    released. Raises `NotFound`, `RequestError`,
    `InputError` when it cannot be written, `PackError` when there are no words for it."""
    wish = wish or Wish()
    material = result_named(house, person, result)
    about = _about(material, wish.about)
    pack = load_letter_pack(house.settings.knowledge_folder)
    template = pack.of(about, wish.language)
    rules = pack.rules[wish.language]
    facts = facts_of(house, material, Asked(about, template, rules, wish.contact))
    lines = compose(template, facts)
    rephrased, refused = False, tuple[str, ...]()
    if rephraser is not None:
        tried = rephrase(rephraser, lines, template, rules, facts)
        lines, rephrased, refused = tried.lines, tried.used, tried.refused
    text = letter_text(template, rules, lines)
    name = letter_id(material.held.result, about, wish.language)
    released = in_force(letters(house, person), name)
    standing = _standing(released, facts, template, rules, wish)
    faults = (
        *check_letter(text, template, rules, facts, rephrased=rephrased),
        *not_held(house, person, material.held.result, template, facts),
        *(Fault(0, why) for why in too_hard(sentences_of(text, rules, PLAIN), rules)),
    )
    if standing is Standing.RELEASED and released is not None:
        text = kept_text(house, released)
        lines = lines_of(text, rules)
    return Letter(
        letter=name,
        person=person,
        result=material.held.result,
        about=about,
        template=template,
        rules=rules,
        facts=facts,
        lines=lines,
        text=text,
        faults=faults,
        reading=read(sentences_of(text, rules, PLAIN), rules.readable.formula),
        standing=standing,
        released=released,
        others=tuple(one for one in material.classes if one is not about),
        untold=tuple(f"{material.findings[place].name}: {why}" for place, why in material.sorted.untold),
        rephrased=rephrased,
        refused=refused,
    )


def letters(house: House, person: str) -> tuple[Released, ...]:
    """Every letter about results of a person that was released, with what became of it."""
    return letters_of(house.ledger.events(person=person, kinds=LETTER_EVENTS))


def in_force(several: tuple[Released, ...], letter: str) -> Released | None:
    """The newest version of a letter, None where none was released or it was withdrawn."""
    found = [one for one in several if one.letter == letter]
    return found[-1] if found and not found[-1].withdrawn else None


def kept_text(house: House, released: Released) -> str:
    """The words of a released letter as they were kept. Raises `StoreError` when the document is gone."""
    return house.documents.get(released.document).decode()


def _about(material: Material, wanted: ResultClass | None) -> ResultClass:
    """The class of the letter; where there may be several, somebody has to choose."""
    several = material.classes
    if not several:
        untold = "; ".join(f"{material.findings[place].name}: {why}" for place, why in material.sorted.untold)
        raise RequestError.one("result", f"it holds nothing that a letter tells ({untold or 'no answer'})")
    if wanted is not None:
        if wanted not in several:
            have = ", ".join(one.value for one in several)
            raise RequestError.one(
                "class", f"the result holds nothing for a letter of {wanted.value}", remedy=f"one of {have}"
            )
        return wanted
    plain = [one for one in several if one is not ResultClass.SECONDARY]
    if len(plain) > 1:
        have = ", ".join(one.value for one in several)
        raise RequestError.one(
            "class", "there may be several letters about it", remedy=f"choose one of {have}"
        )
    return plain[0]


_PASSING = frozenset({"day", "wording", "review", "contact", "release"})
"""Facts that change without the result being another."""


def _standing(
    released: Released | None, facts: Facts, template: LetterTemplate, rules: LetterRules, wish: Wish
) -> Standing:
    if released is None:
        return Standing.AWAITS_REVIEW
    told = {one["name"]: one["value"] for one in released.facts}
    words = (template.provenance.sha256, rules.provenance.sha256)
    if released.words != words or (wish.contact and wish.contact != told.get("contact")):
        return Standing.CHANGED
    before = sorted((one["name"], one["value"]) for one in released.facts if one["name"] not in _PASSING)
    now = sorted((one.name, one.value) for one in facts.every() if one.name not in _PASSING)
    return Standing.RELEASED if before == now else Standing.CHANGED
