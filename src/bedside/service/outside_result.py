"""A result that consists of other laboratories' calls only, prepared without a table of genotypes: the same
events and content as accepting them from a file, in a hundredth of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bedside.genome.assay import Assay
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import OutsideCall
from bedside.genome.result import Confirmation
from bedside.interpret.outside import call_outside
from bedside.knowledge.pgx import PgxPack
from bedside.service.house import SOURCE, House
from bedside.service.result_events import Prepared
from bedside.store.encode import assay_content, call_content, observation_content
from bedside.store.ledger import Content


@dataclass(frozen=True, slots=True)
class OutsideResult:
    """One such result: whose, what it is called, where it comes from, its calls, how far it may go."""

    person: str
    sample: str
    result: str
    laboratory: str
    documents: tuple[str, ...]
    calls: tuple[OutsideCall, ...]
    confirmation: Confirmation
    valid_at: datetime
    actor: str


def prepare_outside(house: House, given: OutsideResult) -> Prepared:
    """The events and content of the result; the first of all adopts the release it is read under. Calls of
    genes that the release does not know are kept without a meaning."""
    pack = house.pgx
    contents: dict[str, Content] = {}

    def kept(content: Content) -> str:
        contents[content.digest] = content
        return content.digest

    observations: dict[str, list[str]] = {}
    for call in given.calls:
        observations.setdefault(call.gene, []).append(kept(observation_content(call)))
    meanings = {
        gene: kept(
            call_content(
                call_outside(pack.genes[gene], tuple(one for one in given.calls if one.gene == gene))
            )
        )
        for gene in observations
        if gene in pack.genes
    }
    payload = {
        "result": given.result,
        "sample": given.sample,
        "laboratory": given.laboratory,
        "documents": list(given.documents),
        "assay": kept(_assay(_Pack(pack), bool(given.calls))),
        "confirmation": given.confirmation.value,
        "observations": observations,
    }
    at, who = given.valid_at, given.person
    accepted = NewEvent(EventKind.RESULT_ACCEPTED, given.actor, at, who, payload, given.result)
    meaning = {"result": given.result, "release": str(pack.release), "calls": meanings}
    derived = NewEvent(
        EventKind.MEANINGS_DERIVED, given.actor, at, who, meaning, f"{given.result}:{pack.release}"
    )
    return Prepared((accepted,), (derived,), tuple(contents.values()))


def adoption(house: House, actor: str, at: datetime) -> tuple[NewEvent, ...]:
    """The first result of all adopts the release it is read under."""
    if house.ledger.release(SOURCE) is not None:
        return ()
    payload = {"release": str(house.pgx.release), "before": None}
    return (NewEvent(EventKind.RELEASE_ADOPTED, actor, at, payload=payload),)


class _Pack:
    """A pack as a key: packs of one release are the same."""

    def __init__(self, pack: PgxPack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return hash(str(self.pack.release))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pack) and str(other.pack.release) == str(self.pack.release)


@lru_cache(maxsize=8)
def _assay(key: _Pack, calls: bool) -> Content:
    """No position was looked at here: what the laboratory's method saw is not known."""
    untested = tuple(
        Locus(Build.GRCH38, position.chromosome, position.position)
        for gene in key.pack.genes.values()
        for position in gene.positions
    )
    method = "calls made elsewhere" if calls else "report, nothing of it coded"
    return assay_content(Assay(method, None, 0, positions_not_tested=untested))
