"""Variants (LOINC panels 81250-3, 81297-4, 81251-1), regions looked at and the overall result of an HL7 v2
message as reported findings: the laboratory's words with the segments they stand in, nothing concluded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedside.exchange.hl7v2_result import Observed
from bedside.exchange.reported_words import allelic_state_of, presence_of, source_class_of
from bedside.exchange.said import FINAL
from bedside.genome.reported import (
    NOTHING_SAID,
    AllelicState,
    Detail,
    FindingKind,
    ReportedFinding,
    ReportedPlace,
    ReportedPresence,
    SaidCode,
    SegmentPlace,
    SourceClass,
)
from bedside.knowledge.lri_answers import LriAnswers

NOT_FINAL = "its group is not final"
TWICE = "its group answers one question about one variant twice"
_NAMES = ("coding_hgvs", "protein_hgvs", "genomic_hgvs", "complex_hgvs")
_WHERE = ("build", "chromosome", "sequence", "system", "reference", "alternate")
_MANY = frozenset({"identifier"})
"""What may be answered more than once of one variant."""


@dataclass(frozen=True, slots=True)
class ReportedHere:
    """A finding and the segments it was read from."""

    finding: ReportedFinding
    segments: frozenset[int]


def reported(
    group: Sequence[Observed], answers: LriAnswers
) -> tuple[tuple[ReportedHere, ...], Mapping[int, str]]:
    """The findings of one group (OBX-4 up to its first dot), and of segments that could have been one why
    they are not."""
    found: list[ReportedHere] = []
    why: dict[int, str] = {}
    for kind, mine in _statements(group, answers):
        reason = _against(kind, mine, answers)
        if reason:
            why |= {one.segment: reason for one in mine}
        else:
            found.append(ReportedHere(_finding(kind, mine, answers), frozenset(o.segment for o in mine)))
    return tuple(found), why


def _statements(
    group: Sequence[Observed], answers: LriAnswers
) -> Iterator[tuple[FindingKind, tuple[Observed, ...]]]:
    """What belongs together: a variant with its sub-groups that are none themselves, a region with the
    sequence it lies on, the overall result by itself."""
    read = [one for one in group if answers.coded(one.system)]
    tells = {one.group for one in read if one.code in answers.tells}
    for sub in sorted(tells):
        mine = tuple(one for one in read if _owner(one.group, tells) == sub)
        yield FindingKind.VARIANT, tuple(one for one in mine if one.code != answers.overall)
    for one in read:
        if one.code == answers.overall:
            yield FindingKind.MARKER, (one,)
        elif one.code in answers.ranges and not _owner(one.group, tells):
            yield FindingKind.REGION, (one, *_above(one, read, answers))


def _owner(sub: str, tells: set[str]) -> str:
    """The nearest group at or above one that is a variant's, "" when there is none."""
    while sub not in tells:
        sub, dot, _ = sub.rpartition(".")
        if not dot:
            return ""
    return sub


def _above(one: Observed, read: Sequence[Observed], answers: LriAnswers) -> tuple[Observed, ...]:
    near = {one.group, one.group.rpartition(".")[0]} - {""}
    return tuple(o for o in read if o.group in near and answers.findings.get(o.code) == "sequence")[:1]


def _against(kind: FindingKind, mine: Sequence[Observed], answers: LriAnswers) -> str:
    if any(one.status not in FINAL for one in mine):
        return NOT_FINAL
    roles = Counter(role for one in mine if (role := answers.findings.get(one.code)) and role not in _MANY)
    return TWICE if kind is FindingKind.VARIANT and any(count > 1 for count in roles.values()) else ""


def _finding(kind: FindingKind, mine: Sequence[Observed], answers: LriAnswers) -> ReportedFinding:
    roles: dict[str, Observed] = {}
    details: list[Detail] = []
    identifiers: list[SaidCode] = []
    for one in mine:
        role = answers.findings.get(one.code, "")
        if role == "identifier":
            identifiers.append(_said(one))
        elif role and one.code != answers.overall:
            roles[role] = one
        elif one.code not in answers.ranges or kind is FindingKind.VARIANT:
            details.append(_detail(one))
    presence = presence_of(_listed(roles.get("presence"), answers))
    state = allelic_state_of(_listed(roles.get("state"), answers))
    source = source_class_of(_listed(roles.get("source"), answers))
    unlisted = (
        ("presence", presence is ReportedPresence.NOT_SAID),
        ("state", state is AllelicState.NOT_SAID),
        ("source", source is SourceClass.NOT_SAID),
    )
    details += [_detail(roles[name]) for name, lost in unlisted if lost and name in roles]
    gene = roles.get("gene")
    return ReportedFinding(
        kind=kind,
        presence=presence,
        places=tuple(SegmentPlace(one.segment, one.start, one.end) for one in _first(mine, roles)),
        gene="" if gene is None else gene.value,
        gene_code="" if gene is None else gene.value_code,
        hgvs=tuple(
            dict.fromkeys(roles[name].value for name in _NAMES if name in roles and roles[name].value)
        ),
        where=_where(roles, next((one for one in mine if one.code in answers.ranges), None)),
        identifiers=tuple(dict.fromkeys(identifiers)),
        allelic_state=state,
        source=source,
        classification=_of(roles, "significance"),
        condition=_of(roles, "condition"),
        details=tuple(details),
    )


def _first(mine: Sequence[Observed], roles: Mapping[str, Observed]) -> Sequence[Observed]:
    """The statement itself, then what is said beside it."""
    own = roles.get("presence", mine[0])
    return (own, *(one for one in mine if one is not own))


def _where(roles: Mapping[str, Observed], examined: Observed | None) -> ReportedPlace:
    said = {name: roles[name].value for name in _WHERE if name in roles}
    at = roles.get("start_end") or examined
    if at is not None:
        said["start"], _, said["end"] = at.value.partition("^")
    return ReportedPlace(**said)


def _listed(one: Observed | None, answers: LriAnswers) -> str:
    """The answer of a closed list in words, by its code or its text; "" when it is none of them."""
    if one is None:
        return ""
    own = answers.lists.get(one.code, {})
    return own.get(one.value_code) or own.get(answers.by_text(one.code, one.value), "") if own else ""


def _of(roles: Mapping[str, Observed], name: str) -> SaidCode:
    return _said(roles[name]) if name in roles else NOTHING_SAID


def _said(one: Observed) -> SaidCode:
    return SaidCode(one.value, one.value_code, one.value_system)


def _detail(one: Observed) -> Detail:
    return Detail(SaidCode(one.name, one.code, one.system), _said(one))
