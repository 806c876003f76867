"""What laboratories reported about variants, in the record: kept as content beside a result, and read again
with who said it and when. Never interpreted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bedside.genome.record import HeldResult
from bedside.genome.reported import ReportedFinding, SourceClass
from bedside.genome.result import Confirmation
from bedside.genome.signal import OF, TestKind
from bedside.service.house import House
from bedside.service.result_events import Prepared
from bedside.store.encode import decode
from bedside.store.encode_reported import decode_reported, reported_content

_KINDS = {
    SourceClass.GERMLINE: TestKind.GERMLINE,
    SourceClass.LIKELY_GERMLINE: TestKind.GERMLINE,
    SourceClass.DE_NOVO: TestKind.GERMLINE,
    SourceClass.SOMATIC: TestKind.TUMOUR,
    SourceClass.LIKELY_SOMATIC: TestKind.TUMOUR,
}


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding, by its digest, and the result that brought it."""

    digest: str
    finding: ReportedFinding
    result: HeldResult

    @property
    def reported_by(self) -> str:
        """Who reported it when, as it is shown everywhere."""
        by = self.result.laboratory or "a laboratory that is not named"
        return f"Reported by {by} on {self.result.valid_at.date().isoformat()}"


def with_reported(prepared: Prepared, findings: Iterable[ReportedFinding]) -> Prepared:
    """One result's events and content with what its laboratory reported: each distinct statement once."""
    told = tuple(findings)
    kept = {content.digest: content for content in map(reported_content, told)}
    if not kept:
        return prepared
    (accepted,) = prepared.accepted
    event = replace(accepted, payload={**accepted.payload, "reported": list(kept), OF: _of(told)})
    return replace(prepared, accepted=(event,), contents=(*prepared.contents, *kept.values()))


def _of(findings: Iterable[ReportedFinding]) -> list[str]:
    """What kinds of test the findings are of; what does not say where it is from is of a person's own genome
    as little as of a tumour."""
    return sorted({_KINDS.get(finding.source, TestKind.UNKNOWN).value for finding in findings})


def reported_of(house: House, results: Sequence[HeldResult]) -> tuple[Reported, ...]:
    """What laboratories reported in some results of one person, newest result first, in the document's order.
    Results that were withdrawn or that no clinical laboratory stands for give nothing."""
    counted = [one for one in results if not one.withdrawn and one.confirmation is Confirmation.CLINICAL]
    bodies = house.ledger.content({digest for one in counted for digest in one.reported})
    return tuple(
        Reported(digest, decode_reported(decode(bodies[digest])), one)
        for one in sorted(counted, key=lambda each: each.order, reverse=True)
        for digest in one.reported
    )
