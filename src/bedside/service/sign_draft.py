"""Signs a draft: what people confirmed of a report becomes a result, in one transaction with where each value
stands in the document and who stands for it. Nothing else of the report is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

from bedside.errors import Problem, RequestError
from bedside.exchange.said import CANCELLED, PRELIMINARY, Said
from bedside.genome.draft import (
    CALL,
    EVENTS,
    VARIANT,
    Confirmed,
    Draft,
    DraftField,
    FieldKind,
    Verdict,
    confirmed,
    plain_box,
    rows,
    waits_for_second,
)
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import OutsideCall, digest
from bedside.genome.reported import (
    AllelicState,
    FindingKind,
    PagePlace,
    ReportedFinding,
    ReportedPresence,
    SaidCode,
)
from bedside.intake.pdf.values import is_gene
from bedside.knowledge.report_layouts import load_report_policy
from bedside.service.confirm_task import closed_task
from bedside.service.drafts import as_it_stands
from bedside.service.house import House
from bedside.service.known_genes import known_genes
from bedside.service.message_events import Decided, Reading
from bedside.service.receive_report import patient_said
from bedside.service.receive_result import Kept, Received, receive_confirmed
from bedside.store.encode import canonical
from bedside.store.ledger import Unless

ACTOR = "report"
STATES = {"final": "F", "amended": "C", "preliminary": PRELIMINARY, "cancelled": CANCELLED}
"""A report's state as confirmed → HL7 table 0123."""
_ALLELIC = {
    "heterozygous": AllelicState.HETEROZYGOUS,
    "compound heterozygous": AllelicState.HETEROZYGOUS,
    "homozygous": AllelicState.HOMOZYGOUS,
    "hemizygous": AllelicState.HEMIZYGOUS,
}


def values_of(house: House, draft: Draft) -> tuple[Confirmed, ...]:
    """What may be used of a draft: what people stand for, and nothing else."""
    return confirmed(draft, load_report_policy(house.settings.knowledge_folder).second_reader)


def seen_digest(draft: Draft) -> str:
    """Names what was decided so far, so that a signature is for what its signer saw."""
    said = {key: [one.verdict.value, one.value, one.by] for key, one in (draft.decisions or {}).items()}
    return digest(canonical([draft.person, said]))[:16]


def against_signing(house: House, draft: Draft) -> tuple[str, ...]:
    """Why a draft cannot be signed yet; nothing when it can."""
    return tuple(_against(house, draft, values_of(house, draft)))


def _against(house: House, draft: Draft, values: Sequence[Confirmed]) -> Iterator[str]:
    if not draft.person:
        yield "nobody said yet whose report it is"
    waiting = draft.undecided()
    if waiting:
        yield f"{len(waiting)} fields are not decided yet"
    policy = load_report_policy(house.settings.knowledge_folder).second_reader
    second = [one for one in draft.fields if _waits(draft, one, policy)]
    if second:
        yield f"{len(second)} corrections wait for a second reader"
    kinds = {one.kind for one in values}
    if FieldKind.STATUS not in kinds:
        yield "the report's state (final, amended, preliminary) is not confirmed; type it if it is not there"
    if not draft.given and not {FieldKind.PATIENT, FieldKind.BIRTH_DATE} <= kinds:
        yield "name and birth date are not both confirmed, and nobody said why it is this person's report"


def _waits(draft: Draft, one: DraftField, policy: frozenset[FieldKind]) -> bool:
    said = draft.decided(one.key)
    return said is not None and waits_for_second(one, said, policy)


def sign_draft(house: House, draft: str, seen: str, *, by: str) -> Received:
    """Make a result of what was confirmed. seen: the digest of the decisions the signer saw. Raises
    `RequestError` with everything that stands against it; then nothing is stored."""

    def sign(held: Draft, head: int) -> Received:
        values = values_of(house, held)
        against = [*_against(house, held, values)]
        if seen != seen_digest(held):
            against.append("somebody decided something since you opened the page; look again")
        if against:
            raise RequestError(Problem("report", one) for one in against)
        said = _said(held, values)
        kept = Kept(said, held.document, ACTOR, lambda under: _reading(under, values))
        decided = Decided(held.person, by, held.given) if held.given else None

        def also(received: Received) -> Sequence[NewEvent]:
            if received.person != held.person:
                raise RequestError.one(
                    "report",
                    "name, birth date and number are another person's than the one it was taken for",
                    remedy="say whose it is and why, or reject it",
                )
            signed = _signed(house, held, values, said, received, by)
            return [signed, *closed_task(house, held, by, "signed")]

        unless = Unless(EventKind.DRAFT_SIGNED, head, EVENTS)
        return receive_confirmed(house, kept, also, unless, decided=decided)

    return as_it_stands(house, draft, sign)


def _signed(
    house: House, held: Draft, values: Sequence[Confirmed], said: Said, received: Received, by: str
) -> NewEvent:
    """What was signed: every value with its place in the document and who stands for it, and what was left
    out, by whom and why."""
    payload = {
        "draft": held.draft,
        "document": held.document,
        "result": received.result,
        "status": said.status,
        "layout": held.layout,
        "fields": [
            {
                "field": one.key,
                "kind": one.kind.value,
                "row": one.row,
                "value": one.value,
                "verdict": one.verdict.value,
                "by": one.by,
                "second": one.second,
                "boxes": [plain_box(box) for box in one.boxes],
            }
            for one in values
        ],
        "left_out": [
            {"field": key, "by": one.by, "reason": one.reason}
            for key, one in (held.decisions or {}).items()
            if one.verdict is Verdict.REJECTED
        ],
    }
    return NewEvent(EventKind.DRAFT_SIGNED, by, house.clock(), held.person, payload, held.draft)


def _said(held: Draft, values: Sequence[Confirmed]) -> Said:
    """The report as people confirmed it."""
    said = {one.kind: one.value for one in values if one.row == 0}
    content = digest(canonical([held.draft, [[one.key, one.value] for one in values]]))
    return Said(
        control_id=held.draft,
        sender=said.get(FieldKind.LABORATORY, ""),
        processing="P",
        patient=patient_said(said),
        placer=said.get(FieldKind.ORDER, ""),
        filler=said.get(FieldKind.ACCESSION, ""),
        status=STATES.get(said.get(FieldKind.STATUS, ""), PRELIMINARY),
        reported_at=_day(said, FieldKind.REPORTED),
        collected_at=_day(said, FieldKind.COLLECTED),
        received_at=_day(said, FieldKind.RECEIVED),
        content=content,
    )


def _day(said: Mapping[FieldKind, str], kind: FieldKind) -> datetime | None:
    return datetime.combine(date.fromisoformat(said[kind]), time(), UTC) if kind in said else None


def _reading(house: House, values: Sequence[Confirmed]) -> Reading:
    calls: list[OutsideCall] = []
    placed: list[dict[str, object]] = []
    for row in rows(values, CALL).values():
        gene = row.get(FieldKind.GENE)
        said = [one for one in (row.get(FieldKind.GENOTYPE), row.get(FieldKind.PHENOTYPE)) if one is not None]
        if gene is None or not said:
            continue
        genotype, phenotype = (
            row[kind].value if kind in row else "" for kind in (FieldKind.GENOTYPE, FieldKind.PHENOTYPE)
        )
        call = OutsideCall(gene.value, genotype, phenotype)
        calls.append(call)
        boxes = [plain_box(box) for one in (gene, *said) for box in one.boxes]
        placed.append(
            {"gene": call.gene, "diplotype": call.diplotype, "phenotype": call.phenotype, "from": boxes}
        )
    findings = [*_variants(values), *_negatives(values, known_genes(house))]
    return Reading(calls=tuple(calls), placed=tuple(placed), findings=tuple(findings))


def _variants(values: Sequence[Confirmed]) -> Iterator[ReportedFinding]:
    """Variants as the laboratory reports them: its words, nothing interpreted."""
    for row in rows(values, VARIANT).values():
        named = [row[kind].value for kind in (FieldKind.VARIANT, FieldKind.PROTEIN) if kind in row]
        if FieldKind.VARIANT not in row:
            continue
        yield ReportedFinding(
            FindingKind.VARIANT,
            ReportedPresence.PRESENT,
            _places(tuple(row[kind] for kind in (FieldKind.VARIANT, *VARIANT) if kind in row)),
            gene=row[FieldKind.VARIANT_GENE].value if FieldKind.VARIANT_GENE in row else "",
            hgvs=tuple(named),
            allelic_state=_ALLELIC.get(
                row[FieldKind.ZYGOSITY].value if FieldKind.ZYGOSITY in row else "", AllelicState.NOT_SAID
            ),
            classification=SaidCode(
                row[FieldKind.CLASSIFICATION].value if FieldKind.CLASSIFICATION in row else ""
            ),
        )


def _negatives(values: Sequence[Confirmed], known: frozenset[str]) -> Iterator[ReportedFinding]:
    """What the laboratory says it did not find, in its own words: of the gene it names, where it is one."""
    for one in values:
        if one.kind is not FieldKind.NEGATIVE:
            continue
        genes = {word.strip(".,;:()") for word in one.value.split()}
        named = sorted(word for word in genes if is_gene(word, known) and word in known)
        yield ReportedFinding(
            FindingKind.REGION,
            ReportedPresence.ABSENT,
            _places((one,)),
            gene=named[0] if len(named) == 1 else "",
            comment=one.value,
        )


def _places(several: Sequence[Confirmed]) -> tuple[PagePlace, ...]:
    return tuple(
        dict.fromkeys(
            PagePlace(box.page, (box.left, box.top, box.right, box.bottom))
            for one in several
            for box in one.boxes
        )
    )
