"""From text as it stands to a normalised value, or the reason why there is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bedside.genome.draft import DATES, Absence, FieldKind, Level
from bedside.knowledge.report_layouts import ReportLayout, folded

_LIGATURES = {chr(0xFB00 + n): text for n, text in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
_STARS = dict.fromkeys("∗＊⁎✱﹡", "*")
_DASHES = dict.fromkeys("‐‑‒–—−", "-")
_PLAIN = str.maketrans(
    {**_LIGATURES, **_STARS, **_DASHES, "\u00a0": " ", "’": "'", "\u200b": "", "\ufeff": ""}
)
_STAR = r"(?:\*[A-Za-z0-9.:]+(?:[x×](?:N|\d+))?|\[[^\]]{1,40}\])"
GENOTYPE = re.compile(rf"({_STAR})\s*[/|]\s*({_STAR})")
_ALLELES = re.compile(r"[A-Za-z0-9*:.>+_\[\]() -]{1,40}/[A-Za-z0-9*:.>+_\[\]() -]{1,40}\Z")
_PRESENCE = re.compile(r"(?:positive|negative)\Z", re.IGNORECASE)
HGVS_C = re.compile(
    r"(?:(?P<transcript>(?:NM|ENST|NR)_?\d+(?:\.\d+)?)(?:\((?P<gene>[A-Z][A-Z0-9-]+)\))?:\s?)?"
    r"(?P<c>[cmn]\.[-*]?\d[\d_+*-]*(?:[ACGT]+>[ACGT]+|del[ACGT]*(?:ins[ACGT]+)?|dup[ACGT]*|ins[ACGT]+|inv|=))"
)
HGVS_P = re.compile(
    r"p\.(?:\((?:[A-Z][a-z]{2}|[A-Z*])\d+[A-Za-z0-9*_=?]*\)|(?:[A-Z][a-z]{2}|[A-Z*])\d+[A-Za-z0-9*_=?]*|\(?[?=]\)?)"
)
_GENE = re.compile(r"(?:[A-Z][A-Z0-9]{1,9}(?:-[A-Z0-9]{1,8}){0,2})\Z")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-\s.]*([A-Za-z]{3,9})\.?[-\s,]*(\d{4})\b")
_NAMED_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(\d{4})\b")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Reading:
    """A normalised value with how sure it is; or an absence with its reason."""

    value: str = ""
    level: Level = Level.HIGH
    reason: str = ""
    absence: Absence | None = None


def plain(text: str) -> str:
    """Letters as they are meant: ligatures taken apart, one sort of star and of dash, no odd spaces."""
    return " ".join(unicodedata.normalize("NFC", text.translate(_PLAIN)).split())


def is_gene(text: str, known: frozenset[str]) -> bool:
    """Whether a word is a gene's symbol: one that is known, or looks like one and has a digit."""
    word = text.strip("*†‡:,;()")
    return word in known or (
        bool(_GENE.match(word))
        and any(letter.isdigit() for letter in word[1:])
        and (sum(letter.isalpha() for letter in word) >= 2)
    )


def read_value(kind: FieldKind, text: str, layout: ReportLayout, known: frozenset[str]) -> Reading:
    """The value of a field's text, as this layout writes it."""
    said = plain(text)
    if not said:
        return Reading(absence=Absence.NOT_FOUND, reason="nothing stands there")
    if kind in DATES:
        return _day(said, layout)
    if kind is FieldKind.PATIENT:
        return _name(said, layout)
    if kind in (FieldKind.NUMBER, FieldKind.ACCESSION, FieldKind.ORDER):
        return _number(said)
    if kind in (FieldKind.GENE, FieldKind.VARIANT_GENE):
        return _gene(said, known)
    if kind is FieldKind.GENOTYPE:
        return _genotype(said, layout)
    if kind is FieldKind.VARIANT:
        return _hgvs(said, HGVS_C, "a change of the coding DNA")
    if kind is FieldKind.PROTEIN:
        return _hgvs(said, HGVS_P, "a change of the protein")
    if kind in layout.meanings:
        return _meant(said, layout.meanings[kind])
    return Reading(said)


def _unread(reason: str) -> Reading:
    return Reading(absence=Absence.UNREADABLE, reason=reason)


def _day(text: str, layout: ReportLayout) -> Reading:
    if found := _ISO.search(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    for pattern, day, month in ((_DAY_NAMED, 1, 2), (_NAMED_DAY, 2, 1)):
        found = pattern.search(text)
        number = layout.months.get(found[month][:3].casefold()) if found else None
        if found and number:
            return _date(int(found[3]), number, int(found[day]))
    found = _NUMERIC.search(text)
    if found is None:
        return _unread("no day in a form that is read here")
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if layout.date_order == "dmy":
        return _date(year, second, first)
    if layout.date_order == "mdy":
        return _date(year, first, second)
    if first > 12 or first == second:
        return _date(year, second, first)
    if second > 12:
        return _date(year, first, second)
    return Reading(absence=Absence.AMBIGUOUS, reason="day and month could be either way round")


def _date(year: int, month: int, day: int) -> Reading:
    try:
        return Reading(date(year, month, day).isoformat())
    except ValueError:
        return _unread("no day of the calendar")


def _name(text: str, layout: ReportLayout) -> Reading:
    """ "Family, Given"; the order is the layout's, a comma's, or a guess."""
    said = re.sub(r"\((?:[^)]*)\)", "", text)
    said = re.sub(r"^(?:mr|mrs|ms|miss|mx|dr)\.?\s+", "", said, flags=re.IGNORECASE).strip(" ,;")
    if any(letter.isdigit() for letter in said) or not said:
        return _unread("no name")
    if "," in said:
        family, _, given = (part.strip() for part in said.partition(","))
        return Reading(f"{family}, {given}") if family and given else _unread("half a name")
    words = said.split()
    if len(words) < 2:
        return _unread("one word is not a family name and a given name")
    if layout.family_first is None:
        guess = Level.MEDIUM if len(words) == 2 else Level.LOW
        return Reading(f"{words[-1]}, {' '.join(words[:-1])}", guess, "the order of the names is a guess")
    if layout.family_first:
        return Reading(f"{words[0]}, {' '.join(words[1:])}")
    return Reading(f"{words[-1]}, {' '.join(words[:-1])}")


def _number(text: str) -> Reading:
    found = _NUMBER.match(text)
    if found is None or not any(letter.isdigit() for letter in text):
        return _unread("no number")
    whole = "".join(text.split())
    if all(part.isdigit() for part in text.split()):
        return Reading(whole)  # "944 930 5552" is one number
    return Reading(found[0]) if found.end() == len(text) else Reading(found[0], Level.MEDIUM, "words follow")


def _gene(text: str, known: frozenset[str]) -> Reading:
    words = [word.strip("*†‡:,;()") for word in re.split(r"[\s/(]+", text) if word]
    genes = [word for word in words if is_gene(word, known)]
    if not genes:
        return _unread("no gene's symbol")
    if len(set(genes)) > 1:
        return Reading(absence=Absence.AMBIGUOUS, reason="names several genes")
    if genes[0] not in known:
        return Reading(genes[0], Level.LOW, "no gene of this symbol is known here")
    return Reading(genes[0])


def _genotype(text: str, layout: ReportLayout) -> Reading:
    if any(word in f"{text.casefold()} " for word in layout.negations):
        return _unread("says what was not found, which is not a genotype")
    found = GENOTYPE.findall(text)
    if len(set(found)) > 1:
        return Reading(absence=Absence.AMBIGUOUS, reason="names several genotypes")
    if found:
        return Reading("/".join(found[0]))
    if _PRESENCE.match(text):
        return Reading(text.casefold(), Level.MEDIUM, "presence, not a pair of alleles")
    if _ALLELES.match(text) and len(text.split()) <= 4:
        return Reading(text, Level.MEDIUM, "not written in star alleles")
    return _unread("no pair of alleles")


def _hgvs(text: str, pattern: re.Pattern[str], what: str) -> Reading:
    joined = re.sub(r"(?<=[\d_>+*-])\s+|\s+(?=[>_])", "", text)
    found = list(dict.fromkeys(one.group(0) for one in pattern.finditer(joined)))
    if not found:
        return _unread(f"not {what}")
    if len(found) > 1:
        return Reading(absence=Absence.AMBIGUOUS, reason=f"more than {what}")
    return Reading(found[0])


def _meant(text: str, meanings: Mapping[str, str]) -> Reading:
    exact = meanings.get(folded(text))
    if exact:
        return Reading(exact)
    found = {value: phrase for phrase, value in longest_meanings(text, meanings)}
    if len(found) == 1:
        return Reading(next(iter(found)), Level.MEDIUM, "stands among other words")
    if found:
        return Reading(absence=Absence.AMBIGUOUS, reason="holds words of several values")
    return _unread("no word that is known for it")


def longest_meanings(text: str, meanings: Mapping[str, str]) -> list[tuple[str, str]]:
    """Words of a text that mean a value, the longest first; none inside a longer one."""
    said = f" {folded(re.sub(r'[,;:().]', ' ', text))} "
    found = []
    for phrase in sorted(meanings, key=len, reverse=True):
        if len(phrase) > 3 and f" {phrase} " in said:
            found.append((phrase, meanings[phrase]))
            said = said.replace(f" {phrase} ", " | ")
    return found
