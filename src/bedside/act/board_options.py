"""The options of a packet: therapies that checked statements speak for, what may fit, and what speaks
against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bedside.act.board_packet import Given, Option, TrialLine
from bedside.act.board_warnings import finding_warnings
from bedside.genome.answer import Answer
from bedside.genome.tumour import Marker
from bedside.interpret.tumour.match import TherapyMatch, Tier
from bedside.interpret.tumour.trial_match import TrialMatch
from bedside.knowledge.board_policy import BoardPolicy
from bedside.knowledge.therapies import Direction, Status

UNSURE = frozenset({"msi", "mmr"})
"""Markers that answer one question in two ways."""

_STATUS = list(Status)
_TIERS = list(Tier)


def options_of(
    matches: Sequence[TherapyMatch], given: Sequence[Given], policy: BoardPolicy, doubts: Sequence[str] = ()
) -> tuple[Option, ...]:
    """What speaks for a therapy, best tier first; the lines of one therapy and biomarker are one row.
    doubts: of the sample's markers that contradict one another. A drug that something speaks against says
    so."""
    for_it = [one for one in matches if _for(one, Answer.YES) and (one.same_tumour or one.judgement.findings)]
    against = [(_parts(one.regimen), one) for one in resistance_of(matches, given, policy)]
    rows = []
    for row in _rows(for_it, given, policy, doubts):
        more = [
            f"resistance: {one.biomarker} speaks against {one.regimen}"
            for parts, one in against
            if parts & _parts(row.regimen)
        ]
        rows.append(replace(row, warnings=tuple(dict.fromkeys((*more, *row.warnings)))))
    return tuple(rows)


def _parts(regimen: str) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in regimen.replace("+", "/").split("/") if part.strip())


def undetermined_of(
    matches: Iterable[TherapyMatch], given: Sequence[Given], policy: BoardPolicy
) -> tuple[Option, ...]:
    """Therapies for this tumour type of which it cannot be told whether they fit."""
    return _rows([one for one in matches if _for(one, Answer.UNDETERMINED)], given, policy)


def resistance_of(
    matches: Iterable[TherapyMatch], given: Sequence[Given], policy: BoardPolicy
) -> tuple[Option, ...]:
    """What speaks against a therapy, in this tumour type or any other."""
    against = [
        one
        for one in matches
        if one.therapy.direction is Direction.RESISTANCE
        and one.same_tumour
        and one.answer in (Answer.YES, Answer.UNDETERMINED)
    ]
    return _rows(against, given, policy)


def _for(one: TherapyMatch, answer: Answer) -> bool:
    fits = one.same_tumour or answer is Answer.YES
    shown = one.tier is not Tier.NONE and one.therapy.direction is Direction.SENSITIVITY
    return one.answer is answer and fits and shown


def _rows(
    matches: Sequence[TherapyMatch], given: Sequence[Given], policy: BoardPolicy, doubts: Sequence[str] = ()
) -> tuple[Option, ...]:
    found: dict[tuple[str, str, str], tuple[tuple[int, int, str], Option]] = {}
    for one in sorted(matches, key=_order):
        key = (one.therapy.drug, one.therapy.alteration, one.tier.value)
        if key not in found:
            found[key] = (_order(one), _option(one, given, policy, doubts))
            continue
        order, row = found[key]
        line = "; ".join(dict.fromkeys(filter(None, (row.line, one.therapy.setting))))
        found[key] = (order, replace(row, line=line, statements=(*row.statements, one.therapy.name)))
    return tuple(row for _, row in sorted(found.values(), key=lambda each: each[0]))


def _order(one: TherapyMatch) -> tuple[int, int, str]:
    return _TIERS.index(one.tier), _STATUS.index(one.therapy.status), one.therapy.name


def _option(one: TherapyMatch, given: Sequence[Given], policy: BoardPolicy, doubts: Sequence[str]) -> Option:
    therapy = one.therapy
    unsure = any(isinstance(each, Marker) and each.name in UNSURE for each in one.judgement.findings)
    warnings = list(doubts) if unsure else []
    warnings += [text for each in one.judgement.findings for text in finding_warnings(each, policy)]
    taken = [each for each in given if each.drug.casefold() in _parts(therapy.drug)]
    warnings += [f"{each.drug} is on the list of medicines ({each.status})" for each in taken]
    if one.answer is Answer.UNDETERMINED:
        warnings.append("it cannot be told whether this finding counts")
    status = therapy.status.value if one.same_tumour else f"{therapy.status.value} for {therapy.oncotree}"
    return Option(
        therapy.drug,
        f"{therapy.gene} {therapy.alteration}".strip(),
        therapy.setting,
        status,
        one.tier.value,
        one.why,
        tuple(dict.fromkeys(warnings)),
        (therapy.name,),
        therapy.source,
        therapy.rxnorm,
    )


def trial_lines(matches: Iterable[TrialMatch]) -> tuple[TrialLine, ...]:
    """The arms that fit, then those with exactly one criterion in the way."""
    found = []
    for one in matches:
        fits = one.answer is Answer.YES
        if fits or one.blocking:
            as_of = "" if one.trial.as_of is None else one.trial.as_of.isoformat()
            arm = " ".join(filter(None, (one.arm.level, one.arm.code, one.arm.title)))
            found.append(TrialLine(one.trial.name, arm, one.trial.phase, fits, one.blocking, one.why, as_of))
    return tuple(found)
