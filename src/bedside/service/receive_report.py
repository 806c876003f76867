"""Takes a report that arrives as PDF: keeps its bytes, and makes a draft of what a machine read in it. The
draft is nobody's result; a person confirms it field by field (`drafts`, `sign_draft`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.exchange.said import SaidIdentifier, SaidPatient
from bedside.genome.draft import Draft, DraftField, DraftState, FieldKind, plain_field
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.genome.person import Sex
from bedside.intake.pdf.fields import read_report
from bedside.intake.pdf.open import open_pdf
from bedside.intake.pdf.page import Opened
from bedside.knowledge.report_layouts import load_layouts
from bedside.service.confirm_task import task_opened
from bedside.service.drafts import all_drafts
from bedside.service.house import House
from bedside.service.known_genes import known_genes
from bedside.service.match_person import Match, match_person

ACTOR = "intake"


@dataclass(frozen=True, slots=True)
class Drafted:
    """What became of a PDF. new: False when it had come before."""

    draft: str
    document: str
    name: str
    person: str
    reasons: tuple[str, ...]
    new: bool


@dataclass(frozen=True, slots=True)
class ReadPdf:
    """A PDF as opened: its file's name, its bytes, its pages."""

    name: str
    content: bytes
    opened: Opened


def read_reports(paths: Sequence[Path]) -> tuple[ReadPdf, ...]:
    """Open reports, before any is kept. Raises `IntakeError` with the problem of each."""
    problems: list[Problem] = []
    read: list[ReadPdf] = []
    for path in paths:
        try:
            content = path.read_bytes()
            read.append(ReadPdf(path.name, content, open_pdf(content, path.name)))
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
            problems.append(Problem(path.name, reason, remedy="check the path and rights"))
        except IntakeError as error:
            problems += error.problems
    if problems:
        raise IntakeError(problems)
    return tuple(read)


def receive_report(house: House, content: bytes, name: str, person: str = "", source: str = "") -> Drafted:
    """Take one report. person: whose it is by the message it came in, which the signature asks again.
    source: that message's digest. Raises `IntakeError` when it cannot be read; then nothing is stored."""
    return keep_report(house, ReadPdf(name, content, open_pdf(content, name)), person, source)


def keep_report(house: House, read: ReadPdf, person: str = "", source: str = "") -> Drafted:
    """Keep a report's bytes and the draft of what stands in it; both are on disk when this returns."""
    content, opened, name = read.content, read.opened, read.name
    document = digest(content)
    draft = draft_id(house, document)
    before = house.ledger.find(EventKind.DRAFT_MADE, draft)
    if before is not None:
        held = before.payload
        return Drafted(draft, document, name, held["person"], tuple(held["reasons"]), False)
    report = read_report(opened.pages, load_layouts(house.settings.knowledge_folder), known_genes(house))
    match = Match(person) if person else match_fields(house, report.fields)
    house.documents.put(content)
    payload = {
        "draft": draft,
        "document": document,
        "name": name,
        "pages": [[page.width, page.height] for page in opened.pages],
        "layout": report.layout,
        "fields": [plain_field(one) for one in report.fields],
        "person": match.person or "",
        "reasons": list(match.reasons),
        "notices": list(opened.notices),
        "source": source,
    }
    now = house.clock()
    events = [NewEvent(EventKind.DRAFT_MADE, ACTOR, now, None, payload, draft)]
    events += task_opened(house, draft, match.person or "")
    house.ledger.append(events)
    return Drafted(draft, document, name, match.person or "", match.reasons, True)


def draft_id(house: House, document: str) -> str:
    """The id of a document's draft: a new one only where the last was rejected, or its result withdrawn."""
    drafts = {one.draft: one for one in all_drafts(house) if one.document == document}
    number = 1
    while (one := drafts.get(_numbered(document, number))) is not None and _over(house, one):
        number += 1
    return _numbered(document, number)


def _numbered(document: str, number: int) -> str:
    return f"d-{document[:24]}" + (f"-{number}" if number > 1 else "")


def _over(house: House, draft: Draft) -> bool:
    if draft.state is DraftState.REJECTED:
        return True
    held = house.ledger.held([draft.result]).get(draft.result) if draft.result else None
    return held is not None and held.withdrawn


def match_fields(house: House, fields: Sequence[DraftField]) -> Match:
    """Whose report it seems to be, by what a machine read: a proposal that the signature asks again."""
    said = {one.kind: one.value for one in fields if one.row == 0 and one.value}
    return match_person(house, patient_said(said), said.get(FieldKind.ORDER, ""))


def patient_said(said: Mapping[FieldKind, str]) -> SaidPatient:
    """The patient as a report names them."""
    family, _, given = said.get(FieldKind.PATIENT, "").partition(",")
    born = said.get(FieldKind.BIRTH_DATE, "")
    number = said.get(FieldKind.NUMBER, "")
    return SaidPatient(
        identifiers=(SaidIdentifier(number, ""),) if number else (),
        family=family.strip(),
        given=given.strip(),
        birth_date=date.fromisoformat(born) if born else None,
        sex=Sex(said.get(FieldKind.SEX, Sex.UNKNOWN.value)),
    )
