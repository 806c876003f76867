"""What laboratories reported, in the words that pages and commands show."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.genome.reported import AllelicState, FindingKind, ReportedFinding, ReportedPresence, SourceClass
from bedside.service.reported_findings import Reported

_ANSWERS = {
    ReportedPresence.PRESENT: "present",
    ReportedPresence.ABSENT: "absent",
    ReportedPresence.INDETERMINATE: "indeterminate",
    ReportedPresence.NO_CALL: "no call",
}
_KINDS = {
    FindingKind.VARIANT: "the report does not say whether it is present",
    FindingKind.MARKER: "marker",
    FindingKind.REGION: "what was looked at",
}


@dataclass(frozen=True, slots=True)
class ReportedLine:
    """One statement as it is shown. answer: whether it is there, as the report says; word: the laboratory's
    own classification and its condition; facts: whatever else, as label and text."""

    name: str
    answer: str
    word: str
    reported_by: str
    facts: tuple[tuple[str, str], ...]
    places: tuple[str, ...]
    document: str


def reported_line(one: Reported) -> ReportedLine:
    """The line of a finding."""
    finding = one.finding
    return ReportedLine(
        name=finding.name,
        answer=_answer(finding),
        word=_word(finding),
        reported_by=one.reported_by,
        facts=tuple(_facts(finding)),
        places=tuple(map(str, finding.places)),
        document=", ".join(one.result.documents),
    )


def _answer(finding: ReportedFinding) -> str:
    parts = [_ANSWERS.get(finding.presence, _KINDS[finding.kind])]
    parts += [finding.allelic_state.value] * (finding.allelic_state is not AllelicState.NOT_SAID)
    parts += [finding.source.value.replace("-", " ")] * (finding.source is not SourceClass.NOT_SAID)
    return ", ".join(parts)


def _word(finding: ReportedFinding) -> str:
    said = finding.classification.words
    if not said and finding.kind is FindingKind.MARKER and finding.details:
        said = finding.details[0].answer.words
    return (
        f"{said} for {finding.condition.words}"
        if said and finding.condition.words
        else said or finding.condition.words
    )


def _facts(finding: ReportedFinding) -> list[tuple[str, str]]:
    place = finding.where
    spot = " ".join(filter(None, (place.build, place.sequence or place.chromosome, place.start, place.end)))
    change = f"{place.reference}>{place.alternate}" if place.reference or place.alternate else ""
    found = [("also named", name) for name in finding.hgvs[1:]]
    found += [("place as written", " ".join(filter(None, (spot, change))))] * bool(spot or change)
    found += [("identifier", " ".join(filter(None, (one.code, one.text)))) for one in finding.identifiers]
    found += [("inheritance", finding.inheritance.words)] * bool(finding.inheritance.words)
    found += [(one.asked.words, one.answer.words) for one in finding.details if one.answer.words]
    found += [("comment", finding.comment)] * bool(finding.comment)
    return found


def as_text(line: ReportedLine) -> str:
    """The line for a terminal."""
    word = f"; {line.word}" if line.word else ""
    return f"{line.name}: {line.answer}{word} ({line.reported_by})"
