"""What a genomics operation is asked for, in the words of its parameters: ranges, variants (SPDI and genomic
HGVS), genes, haplotypes. Everything wrong is told at once; nothing is guessed or looked up elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bedside.errors import InputError, Problem, RequestError
from bedside.genome.locus import Build
from bedside.knowledge.fhir_operations import FhirOperations

Asked = TypeVar("Asked")
MOST_ASKED = 200
LONGEST_ALLELE = 10_000
_RANGE = re.compile(r"(?P<sequence>[A-Z]{2}_\d+\.\d+):(?P<start>\d{1,10})-(?P<end>\d{1,10})")
_SPDI = re.compile(
    r"(?P<sequence>[A-Z]{2}_\d+\.\d+):(?P<start>\d{1,10}):(?P<deleted>[ACGTacgt]*|\d{1,6}):(?P<inserted>[ACGTacgt]*)"
)
_HGVS = re.compile(
    r"(?P<sequence>[A-Z]{2}_\d+\.\d+):g\.(?P<start>\d{1,10})(?:_(?P<end>\d{1,10}))?"
    r"(?:(?P<from>[ACGT])>(?P<to>[ACGT])|(?P<kind>delins|del|ins|dup)(?P<bases>[ACGT]*))"
)
_WITH_BASES = "write it as SPDI, with the deleted bases"


class NotUnderstood(RequestError):
    """Well formed, and it cannot be placed on the genome with what is at hand here (422)."""

    status = 422


@dataclass(frozen=True, slots=True)
class AskedRange:
    """A stretch of one assembly, 0-based and half-open, as it was written."""

    text: str
    build: Build
    chromosome: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AskedChange:
    """A change on one assembly: the bases after the first `start` are taken out, others put in."""

    text: str
    build: Build
    chromosome: str
    start: int
    deleted: str
    inserted: str


@dataclass(frozen=True, slots=True)
class AskedToken:
    """A code, with the system that it is of ("" when none was said)."""

    text: str
    system: str
    code: str


def read_ranges(values: Iterable[str], known: FhirOperations) -> tuple[AskedRange, ...]:
    """The ranges in these values, several of each separated by commas."""
    return _each("ranges", values, lambda text: _range(text, known))


def read_changes(values: Iterable[str], known: FhirOperations) -> tuple[AskedChange, ...]:
    """The variants in these values."""
    return _each("variants", values, lambda text: _change(text, known))


def read_tokens(name: str, values: Iterable[str]) -> tuple[AskedToken, ...]:
    """Codes or words, each `system|code` or a code alone."""
    return _each(name, values, _token)


def parts_of(values: Iterable[str]) -> tuple[str, ...]:
    """What stands between the commas of all values, in order, empty parts left out."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def needed(name: str, asked: Sequence[object]) -> None:
    """Raises `RequestError` when a parameter that the operation needs is not there."""
    if not asked:
        raise RequestError.one(name, "is needed", remedy=f"add the parameter {name}")


def _each(name: str, values: Iterable[str], read: Callable[[str], Asked]) -> tuple[Asked, ...]:
    parts = parts_of(values)
    if len(parts) > MOST_ASKED:
        raise RequestError.one(name, f"asks for more than {MOST_ASKED} at once")
    found: list[Asked] = []
    malformed: list[Problem] = []
    unplaced: list[Problem] = []
    for part in parts:
        try:
            found.append(read(part))
        except InputError as error:
            (unplaced if isinstance(error, NotUnderstood) else malformed).extend(error.problems)
    if malformed:
        raise RequestError([*malformed, *unplaced])
    if unplaced:
        raise NotUnderstood(unplaced)
    return tuple(found)


def _token(text: str) -> AskedToken:
    system, bar, code = text.rpartition("|")
    if bar and not code:
        raise RequestError.one("token", "a system without a code", remedy="write system|code")
    return AskedToken(text, system, code)


def _place(sequence: str, name: str, known: FhirOperations) -> tuple[Build, str]:
    place = known.places.get(sequence)
    if place is None:
        reason = "the reference sequence is no chromosome of GRCh38 or GRCh37 that is known here"
        remedy = "write it on a RefSeq chromosome, such as NC_000019.10"
        raise NotUnderstood.one(name, reason, remedy=remedy)
    return place


def _range(text: str, known: FhirOperations) -> AskedRange:
    found = _RANGE.fullmatch(text)
    if found is None:
        reason = "a range is not written as RefSeq:start-end"
        raise RequestError.one("ranges", reason, remedy="such as NC_000019.10:11089431-11133820, from zero")
    build, chromosome = _place(found["sequence"], "ranges", known)
    start, end = int(found["start"]), int(found["end"])
    if end <= start:
        raise RequestError.one(
            "ranges", "a range ends where it starts or before", remedy="zero-based, half-open"
        )
    return AskedRange(text, build, chromosome, start, end)


def _change(text: str, known: FhirOperations) -> AskedChange:
    spdi = _SPDI.fullmatch(text)
    if spdi is not None:
        build, chromosome = _place(spdi["sequence"], "variants", known)
        deleted = spdi["deleted"].upper()
        if deleted.isdigit():
            if int(deleted):
                raise NotUnderstood.one("variants", "the deleted bases are only counted", remedy=_WITH_BASES)
            deleted = ""
        return _checked(
            AskedChange(text, build, chromosome, int(spdi["start"]), deleted, spdi["inserted"].upper())
        )
    hgvs = _HGVS.fullmatch(text)
    if hgvs is not None:
        build, chromosome = _place(hgvs["sequence"], "variants", known)
        return _checked(_of_hgvs(text, build, chromosome, hgvs))
    if re.fullmatch(r"(N[CMPRTW]|X[MPR]|ENS[TP])_?\d+(\.\d+)?(\([^)]*\))?:.+", text) or re.fullmatch(
        r"LRG_\w+:.+", text
    ):
        reason = "this form of HGVS or this kind of reference sequence cannot be normalised here"
        remedy = "write it as SPDI or genomic HGVS on a RefSeq chromosome"
        raise NotUnderstood.one("variants", reason, remedy=remedy)
    reason = "a variant is written neither as SPDI nor as HGVS"
    raise RequestError.one("variants", reason, remedy="such as NC_000005.9:112102031:A:T")


def _of_hgvs(text: str, build: Build, chromosome: str, found: re.Match[str]) -> AskedChange:
    start, bases = int(found["start"]), found["bases"] or ""
    end = int(found["end"] or start)
    if end < start or start < 1:
        raise RequestError.one("variants", "the positions of a variant are in no order")
    if found["from"]:
        if found["end"]:
            raise RequestError.one("variants", "a substitution concerns one base")
        return AskedChange(text, build, chromosome, start - 1, found["from"], found["to"])
    kind, size = found["kind"], end - start + 1
    if kind == "ins":
        if size != 2 or not bases:
            raise RequestError.one(
                "variants", "an insertion names the two bases around it and what is inserted"
            )
        return AskedChange(text, build, chromosome, start, "", bases)
    if kind == "del" and len(bases) == size:
        return AskedChange(text, build, chromosome, start - 1, bases, "")
    if kind == "dup" and len(bases) == size:
        return AskedChange(text, build, chromosome, end, "", bases)
    if kind in ("del", "dup") and bases:
        raise RequestError.one("variants", "the bases named are not as many as the positions")
    raise NotUnderstood.one(
        "variants", "needs the reference sequence, which is not at hand", remedy=_WITH_BASES
    )


def _checked(change: AskedChange) -> AskedChange:
    if change.deleted == change.inserted:
        raise RequestError.one("variants", "a variant changes nothing")
    if max(len(change.deleted), len(change.inserted)) > LONGEST_ALLELE:
        raise RequestError.one("variants", f"an allele is longer than {LONGEST_ALLELE} bases")
    return change
