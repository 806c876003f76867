"""An order as a requisition on paper, for a laboratory that takes nothing else. It carries the order's digest
and, attached, the order itself, so that nothing has to be typed again by whoever can read it.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from bedside.exchange.pdf_text import Attachment, Line, write_pdf
from bedside.genome.order import Order, plain_order

ATTACHED = "order.json"
_WIDTH = 95


_WHOSE = {
    "chart": "from the chart",
    "fhir": "from the EHR's chart",
    "clinician": "said by the clinician",
}


def write_requisition(order: Order) -> bytes:
    """The requisition as a PDF. Raises `InputError` for letters its fonts do not hold: then it is sent as
    FHIR or HL7 v2."""
    lines = [
        Line(part, line.bold)
        for line in _lines(order)
        for part in textwrap.wrap(line.text, _WIDTH, subsequent_indent="    ") or [""]
    ]
    content = json.dumps(plain_order(order), ensure_ascii=False, indent=1, sort_keys=True).encode()
    attached = Attachment(ATTACHED, content, "application/json")
    return write_pdf(lines, f"Requisition {order.order}", f"sha256:{order.digest}", attached)


def _lines(order: Order) -> Iterator[Line]:
    subject = order.subject
    yield Line(f"Requisition for a genetic test: {order.code.name}", bold=True)
    yield Line("")
    yield Line(f"Order {order.order}, placed {order.placed_at.isoformat()}, {order.priority.value}")
    yield Line(f"Laboratory: {order.laboratory}")
    yield Line(f"Test: {order.code.code} ({order.code.system}) {order.code.name}")
    yield Line("")
    yield Line("Patient", bold=True)
    yield Line(f"{subject.family}, {subject.given}")
    born = "not known" if subject.birth_date is None else subject.birth_date.isoformat()
    yield Line(f"Born {born}; {subject.sex.value}; record {subject.person}")
    for number in subject.identifiers:
        yield Line(f"{number.value} ({number.system})")
    yield Line("")
    yield Line("Reason", bold=True)
    for reason in order.reasons:
        yield Line(f"{reason.code} {reason.display} ({reason.system.name})")
    if not order.reasons:
        yield Line("none given")
    yield Line("")
    yield Line("Specimen", bold=True)
    wanted = order.specimen
    yield Line(f"{wanted.name} ({wanted.kind}){', ' + wanted.container if wanted.container else ''}")
    yield Line("")
    yield Line("The laboratory asks", bold=True)
    for one in order.answers:
        whose = _WHOSE.get(one.source, one.source)
        yield Line(f"{one.text}: {one.value} [{whose}]")
    if order.despite:
        yield Line(f"Ordered although the record advised against it: {order.despite}")
    yield Line("")
    yield Line(f"Ordered by {order.orderer}")
    yield Line(f"Digest of the order's content (sha256): {order.digest}")
