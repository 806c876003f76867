"""What of a result can be coded: pharmacogenes' genotypes and metabolism (LOINC panel 82118-1) as calls,
variants and what was looked at as reported findings; what is coded wrongly; and everything else, which stays
as it was said until a person has read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bedside.exchange.hl7v2_reported import ReportedHere, reported
from bedside.exchange.hl7v2_result import Observed
from bedside.exchange.said import FINAL
from bedside.genome.observation import OutsideCall
from bedside.genome.reported import ReportedFinding
from bedside.knowledge.lri_answers import LriAnswers

_GENE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,19}\Z")
_ANSWER = re.compile(r"LA\d+-\d\Z")
_CODED_PDF = "JVBERi0"


@dataclass(frozen=True, slots=True)
class CodedCall:
    """A call and the segments it stands in."""

    call: OutsideCall
    segments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Miscoded:
    """An observation that says what its code cannot mean: the segment and why, without its value."""

    segment: int
    why: str


@dataclass(frozen=True, slots=True)
class Coded:
    """A result's observations, each in a call, in a reported finding, or unread with the reason."""

    calls: tuple[CodedCall, ...]
    unread: tuple[tuple[Observed, str], ...]
    findings: tuple[ReportedFinding, ...] = ()


def miscoded(observed: Sequence[Observed], answers: LriAnswers) -> tuple[Miscoded, ...]:
    """Every observation whose code and value contradict one another."""
    return tuple(Miscoded(one.segment, why) for one in observed for why in _contradictions(one, answers))


def _contradictions(one: Observed, answers: LriAnswers) -> Iterator[str]:
    if _ANSWER.match(one.code):
        yield "OBX-3 holds an answer's code where a question's belongs"
        return
    own = answers.lists.get(one.code)
    if own is None or not answers.coded(one.system):
        return
    if one.value_code and answers.coded(one.value_system):
        if one.value_code not in own:
            yield f"{one.code} is answered with a code that is none of its answers"
        elif answers.by_text(one.code, one.value) not in ("", one.value_code):
            yield f"{one.code} is answered with a code and a text that mean different answers"
    elif one.value_code:
        yield f"{one.code} is answered with a code of another system"
    elif (
        one.value and not answers.by_text(one.code, one.value) and answers.elsewhere(one.code, "", one.value)
    ):
        yield f"{one.code} is answered with an answer of another question"


def coded(
    observed: Sequence[Observed], answers: LriAnswers, phenotypes: dict[str, str], known: dict[str, str]
) -> Coded:
    """Calls, and what is left. phenotypes: answer code → the release's term. known: HGNC id → gene symbol."""
    groups: dict[str, list[Observed]] = {}
    for one in observed:
        groups.setdefault(one.group.split(".")[0], []).append(one)
    calls: list[CodedCall] = []
    findings: list[ReportedFinding] = []
    unread: list[tuple[Observed, str]] = []
    telling = {answers.genotype, answers.metabolism}
    for group in groups.values():
        used: set[int] = set()
        whys: dict[int, str] = {}
        if any(one.code in telling for one in group):
            found, why = _call(group, answers, phenotypes, known)
            whys = dict.fromkeys((one.segment for one in group), why) if why else {}
            if found is not None:
                calls.append(found)
                used |= set(found.segments)
        else:
            here, whys = _reported(group, answers)
            findings += [one.finding for one in here]
            used = {segment for one in here for segment in one.segments}
        left = (one for one in group if one.segment not in used)
        unread += [(one, whys.get(one.segment) or _why(one, answers)) for one in left]
    unread.sort(key=lambda pair: pair[0].segment)
    return Coded(tuple(calls), tuple(unread), tuple(findings))


def _reported(
    group: Sequence[Observed], answers: LriAnswers
) -> tuple[tuple[ReportedHere, ...], dict[int, str]]:
    kinds = answers.tells | answers.ranges | {answers.overall}
    if not any(one.code in kinds for one in group):
        return (), {}
    here, why = reported(group, answers)
    return here, dict(why)


def _why(one: Observed, answers: LriAnswers) -> str:
    if _CODED_PDF in one.value[:200]:
        return "a document, not coded values"
    if not answers.coded(one.system):
        return f"its code is of the system {one.system or '(none)'}, which is not read"
    return "nothing in the record takes it yet"


def _call(
    group: Sequence[Observed], answers: LriAnswers, phenotypes: dict[str, str], known: dict[str, str]
) -> tuple[CodedCall | None, str]:
    """The call of a group, or why there is none; ("", None) when the group is not about a pharmacogene."""
    by = {
        code: [one for one in group if one.code == code and answers.coded(one.system)]
        for code in (answers.gene, answers.genotype, answers.metabolism)
    }
    genes, genotypes, metabolism = by.values()
    if not genotypes and not metabolism:
        return None, ""
    if len(genes) != 1 or len(genotypes) > 1 or len(metabolism) > 1:
        return None, "its group does not name one gene with one genotype and one metabolism"
    used = (*genes, *genotypes, *metabolism)
    if any(one.status not in FINAL for one in used):
        return None, "its group is not final"
    gene = _gene(genes[0], known)
    if not gene:
        return None, "its gene is not named by a symbol, or by one that its HGNC number contradicts"
    phenotype = ""
    if metabolism:
        one = metabolism[0]
        code = one.value_code if one.value_code in phenotypes else answers.by_text(one.code, one.value)
        phenotype = phenotypes.get(code, "")
        if not phenotype:
            return None, "its metabolism is none of the list's answers"
    diplotype = genotypes[0].value if genotypes else ""
    if genotypes and not all(side.strip() for side in diplotype.split("/")):
        return None, "a side of its genotype is blank"
    call = OutsideCall(gene, diplotype, phenotype)
    return CodedCall(call, tuple(sorted(one.segment for one in used))), ""


def _gene(one: Observed, known: dict[str, str]) -> str:
    """The symbol, "" when it is none or the HGNC number beside it is another gene's."""
    symbol = one.value.upper()
    number = next((part for part in (one.value_code, one.value) if part in known), "")
    if number and known[number] != symbol and symbol != number:
        return ""
    symbol = known[number] if number else symbol
    return symbol if _GENE.match(symbol) else ""
