"""The language in which it is written which tumours a statement about a therapy is for.

    rule    = term { "|" term }            one of them
    term    = factor { "&" factor }        all of them
    factor  = "!" factor | "(" rule ")" | atom

Atoms have no spaces: `EGFR:p.L858R`, `KRAS:p.G12*` (any other amino acid), `EGFR:exon19:inframe-deletion`,
`KRAS:exon2-4:any`, `MET:exon14:skipping`, `KIT:exon11:activating`, `PTEN:loss-of-function`, `EGFR:any`,
`BRCA1:pathogenic`, `germline:BRCA1:pathogenic`, `fusion:ALK`, `fusion:BCR::ABL1`, `amp:MET`, `amp:MET:high`,
`amp:ERBB2:reported`, `marker:PDL1_TPS>=50`, `marker:HER2=3+`, `marker:tmb>=10`, `true`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What an atom asks of the small variants of a gene."""

    CHANGE = "change"
    INFRAME_DELETION = "inframe-deletion"
    INFRAME_INSERTION = "inframe-insertion"
    FRAMESHIFT = "frameshift"
    SKIPPING = "skipping"
    ACTIVATING = "activating"
    LOSS_OF_FUNCTION = "loss-of-function"
    PATHOGENIC = "pathogenic"
    REVERSION = "reversion"
    ITD = "itd"
    SPLICE_VARIANT = "v7"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class VariantAtom:
    """A small variant of a gene. exons: first and last number; domain: a named stretch (`tkd`, `lbd`) that a
    pack gives codons to; change: reference, codon, alternate ("*" for any); germline: only inherited ones."""

    gene: str
    kind: Kind
    exons: tuple[int, int] | None = None
    domain: str = ""
    change: tuple[str, int, str] | None = None
    germline: bool = False


@dataclass(frozen=True, slots=True)
class FusionAtom:
    """A fusion with these partners."""

    genes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AmplifiedAtom:
    """An amplification; high: only what the laboratory calls high; reported: whether one is reported, so that
    nothing said is a no."""

    gene: str
    high: bool = False
    reported: bool = False


@dataclass(frozen=True, slots=True)
class MarkerAtom:
    """A marker with one of these values, or a number on this side of a limit."""

    name: str
    values: tuple[str, ...] = ()
    compare: str = ""
    limit: float = 0.0


@dataclass(frozen=True, slots=True)
class Always:
    """Holds for every tumour of the type."""


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one of these."""

    rules: tuple[Rule, ...]


Atom = VariantAtom | FusionAtom | AmplifiedAtom | MarkerAtom | Always
Rule = Atom | Not | All | OneOf

_TOKEN = re.compile(r"\s*([&|()!]|[^\s&|()!]+)")
_GENE = re.compile(r"[A-Z0-9][A-Za-z0-9-]*")
_CHANGE = re.compile(r"p\.([A-Z])([0-9]+)([A-Z*])")
_EXON = re.compile(r"exon([0-9]+)(?:-([0-9]+))?")
_MARKER = re.compile(r"([A-Za-z0-9_.]+)(>=|<=|=|>|<)(.+)")


def parse_rule(text: str) -> Rule:
    """The rule written; raises ValueError that says where it cannot be read."""
    tokens, place = [], 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError(f"cannot be read from {text[place:]!r}")
        tokens.append(found[1])
        place = found.end()
    if not tokens:
        raise ValueError("says nothing")
    rule, left = _one_of(tokens)
    if left:
        raise ValueError(f"goes on with {' '.join(left)!r} where it should end")
    return rule


def _one_of(tokens: list[str]) -> tuple[Rule, list[str]]:
    rule, left = _all(tokens)
    rules = [rule]
    while left[:1] == ["|"]:
        rule, left = _all(left[1:])
        rules.append(rule)
    return (rules[0] if len(rules) == 1 else OneOf(tuple(rules))), left


def _all(tokens: list[str]) -> tuple[Rule, list[str]]:
    rule, left = _factor(tokens)
    rules = [rule]
    while left[:1] == ["&"]:
        rule, left = _factor(left[1:])
        rules.append(rule)
    return (rules[0] if len(rules) == 1 else All(tuple(rules))), left


def _factor(tokens: list[str]) -> tuple[Rule, list[str]]:
    if not tokens:
        raise ValueError("ends too early")
    if tokens[0] == "!":
        rule, left = _factor(tokens[1:])
        return Not(rule), left
    if tokens[0] == "(":
        rule, left = _one_of(tokens[1:])
        if left[:1] != [")"]:
            raise ValueError("has a bracket that is not closed")
        return rule, left[1:]
    if tokens[0] in "&|)":
        raise ValueError(f"has {tokens[0]!r} where something to ask belongs")
    return parse_atom(tokens[0]), tokens[1:]


def parse_atom(text: str) -> Atom:
    """One atom; raises ValueError."""
    if text == "true":
        return Always()
    kind, _, rest = text.partition(":")
    if kind == "fusion" and rest:
        return FusionAtom(tuple(_gene(one) for one in rest.split("::")))
    if kind == "amp" and rest:
        gene, _, high = rest.partition(":")
        if high not in ("", "high", "reported"):
            raise ValueError(f"{text}: an amplification is high, reported, or says nothing")
        return AmplifiedAtom(_gene(gene), high == "high", high == "reported")
    if kind == "marker" and rest:
        return _marker(text, rest)
    germline = kind == "germline"
    parts = (rest if germline else text).split(":")
    return _variant(text, parts, germline)


def _marker(text: str, rest: str) -> MarkerAtom:
    found = _MARKER.fullmatch(rest)
    if found is None:
        raise ValueError(f"{text}: a marker is compared with = >= <= > or <")
    name, sign, value = found.groups()
    if sign == "=":
        return MarkerAtom(name, tuple(value.split("/")))
    try:
        return MarkerAtom(name, (), sign, float(value))
    except ValueError:
        raise ValueError(f"{text}: {value!r} is no number") from None


def _variant(text: str, parts: list[str], germline: bool) -> VariantAtom:
    gene, *rest = parts
    if not rest:
        raise ValueError(f"{text}: says nothing of the gene")
    exons, domain = None, ""
    if (found := _EXON.fullmatch(rest[0])) is not None and len(rest) == 2:
        exons = (int(found[1]), int(found[2] or found[1]))
        rest = rest[1:]
    elif len(rest) == 2:
        domain, rest = rest[0], rest[1:]
    if len(rest) != 1:
        raise ValueError(f"{text}: cannot be read")
    if (change := _CHANGE.fullmatch(rest[0])) is not None:
        reference, codon, alternate = change.groups()
        return VariantAtom(
            _gene(gene), Kind.CHANGE, exons, domain, (reference, int(codon), alternate), germline
        )
    try:
        return VariantAtom(_gene(gene), Kind(rest[0]), exons, domain, None, germline)
    except ValueError:
        raise ValueError(f"{text}: {rest[0]!r} is nothing that can be asked") from None


def _gene(text: str) -> str:
    if not _GENE.fullmatch(text):
        raise ValueError(f"{text!r} is no gene")
    return text


def genes_of(rule: Rule) -> frozenset[str]:
    """Every gene a rule speaks of."""
    match rule:
        case VariantAtom() | AmplifiedAtom():
            return frozenset({rule.gene})
        case FusionAtom():
            return frozenset(rule.genes)
        case Not():
            return genes_of(rule.rule)
        case All() | OneOf():
            return frozenset[str]().union(*(genes_of(one) for one in rule.rules))
        case _:
            return frozenset()
