"""Takes an HL7 v2 result into the record: every observation with the bytes it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bedside.errors import IntakeError, Problem
from bedside.exchange.hl7v2_batch import unbatched
from bedside.exchange.hl7v2_lri import Coded, coded, miscoded
from bedside.exchange.hl7v2_result import SaidResult, read_result
from bedside.exchange.hl7v2_text import Message, read_message
from bedside.knowledge.lri_answers import LriAnswers, load_lri_answers
from bedside.knowledge.terminology import load_terminology
from bedside.service.attached_reports import has_pdf, pdfs_in
from bedside.service.house import House
from bedside.service.message_events import Decided, Reading
from bedside.service.receive_result import Kept, Received, receive_kept

ACTOR = "hl7v2"


def receive_message(house: House, content: bytes, *, decided: Decided | None = None) -> Received:
    """Take one message. Raises `IntakeError` when it cannot be read as one result of one patient (nothing is
    stored), `StoreError` when the store fails (send it again)."""
    return receive_kept(house, keep_message(house, read_message(content), content), decided=decided)


def keep_message(house: House, message: Message, content: bytes) -> Kept:
    """Read a message and keep its bytes, on disk when this returns; nothing refers to them yet. Raises as
    `receive_message` does."""
    return _kept(house, read_result(message), content)


def keep_messages(house: House, content: bytes) -> tuple[Kept, ...]:
    """Every message of a file, each kept by itself; raises `IntakeError` with the problems of all of them."""
    problems: list[Problem] = []
    read: list[tuple[SaidResult, bytes]] = []
    several = unbatched(content)
    for number, one in enumerate(several, start=1):
        try:
            read.append((read_result(read_message(one)), one))
        except IntakeError as error:
            named = f"message {number}" if len(several) > 1 else "message"
            problems += [replace(problem, source=named) for problem in error.problems]
    if problems:
        raise IntakeError(problems)
    return tuple(_kept(house, said, one) for said, one in read)


def _kept(house: House, said: SaidResult, content: bytes) -> Kept:
    attached = has_pdf(content[one.start : one.end] for one in said.observed)
    return Kept(said, house.documents.put(content), ACTOR, lambda under: _read(under, said), attached)


def attached_pdfs(content: bytes) -> tuple[bytes, ...]:
    """The PDFs inside the observations of a message that was kept before."""
    said = read_result(read_message(content))
    return tuple(pdf for one in said.observed for pdf in pdfs_in(content[one.start : one.end]))


def _read(house: House, said: SaidResult) -> Reading:
    answers = load_lri_answers(house.settings.knowledge_folder)
    known = {gene.hgnc: symbol for symbol, gene in house.pgx.genes.items() if gene.hgnc}
    read = coded(said.observed, answers, dict(load_terminology().phenotypes), known)
    lines = {one.segment: one for one in said.observed}
    return Reading(
        calls=tuple(one.call for one in read.calls),
        placed=tuple(
            {
                "gene": one.call.gene,
                "diplotype": one.call.diplotype,
                "phenotype": one.call.phenotype,
                "from": [[number, lines[number].start, lines[number].end] for number in one.segments],
            }
            for one in read.calls
        ),
        findings=read.findings,
        unread=tuple(_unread(read)),
        against=tuple(_miscoded(said, answers)),
    )


def _unread(read: Coded) -> Iterator[dict[str, object]]:
    for one, why in read.unread:
        yield {
            "segment": [one.segment, one.start, one.end],
            "group": one.group,
            "code": one.code,
            "system": one.system,
            "why": why,
        }


def _miscoded(said: SaidResult, answers: LriAnswers) -> Iterator[str]:
    for one in miscoded(said.observed, answers):
        yield f"segment {one.segment}: {one.why}"
