"""One result from end to end: what it says, gene by gene with the place it was read from, what could not be
read, the order it answers, and the message it came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.act.inbox import Item, Standing
from bedside.decide.evidence import said
from bedside.errors import NotFound
from bedside.exchange.hl7v2_text import read_message
from bedside.genome.assay import Assay
from bedside.genome.record import HeldResult
from bedside.intake.content_kind import ContentKind, content_kind
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.service.house import House
from bedside.service.page_keys import page_key
from bedside.service.record_ids import RecordIds
from bedside.service.reported_findings import Reported, reported_of
from bedside.service.results_inbox import SAYABLE, InboxLine, inbox_line, items_of, placed_orders
from bedside.store.encode import decode, decode_assay

MEDIA = {
    ContentKind.HL7V2: "text/plain; charset=utf-8",
    ContentKind.FHIR: "application/fhir+json",
    ContentKind.PDF: "application/pdf",
}
"""How a document is sent, by its kind; others as bytes."""
_LONGEST = 4000
_BOX = 5


@dataclass(frozen=True, slots=True)
class SaidGene:
    """What a result says of one gene. called: whether that is an answer. places: where in the document it
    was read from, segments by number."""

    gene: str
    result: str
    phenotype: str
    called: bool
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotRead:
    """An observation that nothing here could code: where it stands, its code as sent, and why."""

    place: str
    code: str
    system: str
    why: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """One result. earlier, later: keys of the reports it replaces and is replaced by. reported: what the
    laboratory itself reported. source: whether its message can be shown; a file may be about other people
    too and is not. genome: whether a stored genome came with it."""

    line: InboxLine
    genes: tuple[SaidGene, ...]
    not_read: tuple[NotRead, ...]
    reported: tuple[Reported, ...]
    assay: Assay | None
    earlier: str
    later: str
    source: bool
    genome: bool

    @property
    def item(self) -> Item:
        """The result as the inbox has it."""
        return self.line.item


@dataclass(frozen=True, slots=True)
class SourceSegment:
    """A piece of a message with its place, and what became of it: a gene, or why it was not read. name: the
    segment, or the pointer into a JSON document."""

    number: int
    name: str
    start: int
    end: int
    text: str
    gene: str = ""
    not_read: str = ""


@dataclass(frozen=True, slots=True)
class SourceView:
    """The message a result came in. segments: every segment of HL7 v2; of another document
    what was read or not read of it."""

    document: str
    size: int
    segments: tuple[SourceSegment, ...]


def result_view(house: House, ids: RecordIds, person: str, key: str) -> ResultView:
    """One result of a person by its key; raises `NotFound`."""
    item = _item(house, person, key)
    role = load_ordering_policy(house.settings.knowledge_folder).moves["read"]
    line = inbox_line(house, ids, item, placed_orders(house, person), role)
    held = next((one for one in house.ledger.results(person) if one.result == item.item), None)
    runs = house.ledger.genome_runs(person)
    return ResultView(
        line=line,
        genes=tuple(_genes(house, item, held)) if held is not None and item.standing in SAYABLE else (),
        not_read=tuple(_not_read(item)),
        reported=() if held is None else reported_of(house, [held]),
        assay=None if held is None else _assay(house, held),
        earlier=page_key(item.replaces) if item.replaces else "",
        later=page_key(item.replaced_by) if item.replaced_by else "",
        source=item.message is not None and house.documents.has(item.message["document"]),
        genome=any(run.result == item.item and run.erased is None for run in runs),
    )


def source_view(house: House, person: str, key: str) -> SourceView:
    """The message a result came in, segment by segment; raises `NotFound`."""
    item, content = _document(house, person, key)
    message: Mapping[str, Any] = item.message or {}
    return SourceView(message["document"], len(content), _segments(content, message))


def source_bytes(house: House, person: str, key: str) -> tuple[bytes, str]:
    """The message's bytes as they came and their media type; raises `NotFound`."""
    _, content = _document(house, person, key)
    return content, MEDIA.get(content_kind(content), "application/octet-stream")


def _item(house: House, person: str, key: str) -> Item:
    for name, item in items_of(house, person).items():
        if page_key(name) == key:
            return item
    raise NotFound.one("result", "no such result of this person")


def _document(house: House, person: str, key: str) -> tuple[Item, bytes]:
    item = _item(house, person, key)
    if item.message is None or not house.documents.has(item.message["document"]):
        raise NotFound.one(
            "document", "is not shown: a file may be about other people too", remedy="ask the laboratory"
        )
    return item, house.documents.get(item.message["document"])


def _genes(house: House, item: Item, held: HeldResult) -> Iterator[SaidGene]:
    calls = house.ledger.calls(set(held.calls.values()))
    places: dict[str, list[str]] = {}
    for one in (item.message or {}).get("calls", ()):
        places.setdefault(one["gene"], []).extend(_place(place)[0] for place in one.get("from", ()))
    for gene, name in sorted(held.calls.items()):
        yield _gene(gene, calls[name], tuple(places.get(gene, ())))


def _gene(gene: str, call: GeneCall, places: tuple[str, ...]) -> SaidGene:
    words = said(call.display or map(str, call.source_diplotypes), call.lookup_keys)
    called = call.status is CallStatus.CALLED
    return SaidGene(
        gene,
        words or "; ".join(call.partial) or call.status.value.replace("-", " "),
        " or ".join(call.phenotypes),
        called,
        places,
    )


def _not_read(item: Item) -> Iterator[NotRead]:
    for one in (item.message or {}).get("unread", ()):
        place = _place(one.get("segment") or one.get("place") or ("", 0, 0))
        yield NotRead(place[0], one.get("code", ""), one.get("system", ""), one["why"])


def _place(written: Sequence[Any]) -> tuple[str, int, int]:
    """A place as a message event lists it: a segment's number or a JSON pointer, and its bytes; of a PDF the
    page and a box on it, which has no bytes."""
    where, start, end = (*written, 0, 0)[:3]
    if len(written) == _BOX:
        return f"page {where}", 0, 0
    name = f"segment {where}" if isinstance(where, int) else str(where)
    return name, *((start, end) if isinstance(start, int) and isinstance(end, int) else (0, 0))


def _assay(house: House, held: HeldResult) -> Assay:
    return decode_assay(decode(house.ledger.content([held.assay])[held.assay]))


def _segments(content: bytes, message: Mapping[str, Any]) -> tuple[SourceSegment, ...]:
    genes = {_place(place): one["gene"] for one in message.get("calls", ()) for place in one.get("from", ())}
    not_read = {
        _place(one.get("segment") or one["place"]): one["why"]
        for one in message.get("unread", ())
        if "segment" in one or "place" in one
    }
    named = {place: place[0] for place in (*genes, *not_read)}
    if content_kind(content) is ContentKind.HL7V2:
        segments = read_message(content).segments
        named = {(f"segment {one.number}", one.start, one.end): one.name for one in segments}
    found = sorted(named, key=lambda place: place[1:])
    return tuple(
        SourceSegment(
            number,
            named[place],
            *place[1:],
            content[place[1] : place[2]].decode("utf-8", "replace")[:_LONGEST],
            genes.get(place, ""),
            not_read.get(place, ""),
        )
        for number, place in enumerate(found, start=1)
        if place[2] > place[1]
    )


WORDS = {
    Standing.FINAL: "Final: guidance may rest on it.",
    Standing.AMENDED: "Amended: it takes the place of what the laboratory said before.",
    Standing.PRELIMINARY: "Preliminary: no guidance rests on it; the final report may say something else.",
    Standing.UNCONFIRMED: "Not confirmed by a clinical laboratory: no guidance rests on it.",
    Standing.RESEARCH: "Research: nobody acts on it before a clinical laboratory confirms it.",
    Standing.WITHDRAWN: "Withdrawn: do not act on it. Look again at whatever was done because of it.",
    Standing.CANCELLED: "Cancelled by the laboratory: no result comes of this order.",
}
"""What each standing means for whoever reads it."""
