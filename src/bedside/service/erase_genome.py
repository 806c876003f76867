"""A person's genome goes: from every future answer, then from disk; with a proof that is kept.

The order: the ledger says it (from then on `ConsentedLake` refuses), the list that is kept elsewhere, the
lake's tombstone, the bytes, every question asked again, the proof. Killed in between, the next opening
catches up and asking again finishes.
The proof holds counts, digests and words, never a position, an allele or anything the genome said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bedside.errors import RequestError, StoreError
from bedside.genome.consent import Purpose
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.presence import NotTested
from bedside.genome.region import CHROMOSOMES, Region
from bedside.genome.variant import Variant, place_of
from bedside.service.catch_up_lake import catch_up, run_of
from bedside.service.consented_lake import consented
from bedside.service.erasure_proof import ErasureProof, Reasked, plain_proof, read_proof
from bedside.service.house import House, lake_of
from bedside.service.kept_erasures import keep_erasure
from bedside.store.encode import canonical

if TYPE_CHECKING:
    from bedside.store.lake.lake import Among, Lake, Run

WHOLE_GENOME = tuple(Region(name, 1, (1 << 28) - 1) for name in CHROMOSOMES)
_PROBES = 200


@dataclass(frozen=True, slots=True)
class _Probes:
    """A few variants of the person, held in memory only, with which the questions are asked again."""

    variants: tuple[Variant, ...]


def erase_genome(
    house: House, lake: Lake, person: str, reason: str, *, actor: str = "operator"
) -> ErasureProof:
    """Erase every stored run of a person. Asked again, the same proof comes back. Raises `RequestError` when
    nothing was ever stored or no reason is given, `StoreError` when a question still finds something.
    """
    runs = house.ledger.genome_runs(person)
    if not runs:
        raise RequestError.one("person", "no genome of this person was ever stored")
    live = [run for run in runs if run.erased is None]
    if not live:
        return _finish(house, lake, _erasure(house, max(run.erased or 0 for run in runs)), _Probes(()))
    if not reason.strip():
        raise RequestError.one("reason", "an erasure needs a reason", remedy="say why in a few words")
    catch_up(house.ledger, lake)
    probes = _probes(lake, person)
    payload = {"reason": reason.strip(), "runs": [run.run for run in live]}
    key = f"{person}:{max(run.stored for run in live)}"
    (event,) = house.ledger.append(
        [NewEvent(EventKind.GENOME_ERASED, actor, house.clock(), person, payload, key)]
    )
    return _finish(house, lake, event, probes)


def _finish(house: House, lake: Lake, event: Event, probes: _Probes) -> ErasureProof:
    """Tombstone, bytes, questions, proof: whatever of it is not done yet."""
    person = str(event.person)
    kept = house.ledger.find(EventKind.ACCESSED, _proof_key(event))
    if kept is not None:
        return _kept(house, kept.payload["document"])
    keep_erasure(house, event)
    catch_up(house.ledger, lake)
    lake.purge()
    asked = _ask_again(house, lake, person, probes)
    erased = _runs_of(house, event)
    files = lake.proof_of_erasure(person, erased)
    if files.waiting or files.remaining:
        raise StoreError("after the erasure files of the genome are still there; erase again")
    proof = ErasureProof(
        person=person,
        reason=event.payload["reason"],
        event=event.sequence,
        hash=event.hash,
        erased_at=event.known_at.isoformat(),
        generation=files.generation,
        runs=tuple(run.run for run in erased),
        evidence=tuple(run.evidence for run in erased),
        gone=files.gone,
        shared=files.shared,
        asked_again=asked,
    )
    document = house.documents.put(canonical(plain_proof(proof)))
    seen = {"proof": "genome-erased", "event": event.sequence, "document": document}
    house.ledger.append(
        [NewEvent(EventKind.ACCESSED, event.actor, house.clock(), person, seen, _proof_key(event))]
    )
    return _kept(house, document)


def _runs_of(house: House, event: Event) -> tuple[Run, ...]:
    """The runs that an event erased."""
    erased = {run.run for run in house.ledger.genome_runs(event.person) if run.erased == event.sequence}
    stored = house.ledger.events(person=event.person, kinds=(EventKind.GENOME_STORED,))
    runs = {one.payload["run"]: run_of(one) for one in stored if one.sequence < event.sequence}
    return tuple(run for name, run in runs.items() if name in erased)


def _erasure(house: House, sequence: int) -> Event:
    """The event that erased, by its place."""
    return next(house.ledger.events(kinds=(EventKind.GENOME_ERASED,), after=sequence - 1))


def _proof_key(event: Event) -> str:
    return f"proof:genome-erased:{event.sequence}"


def _probes(lake: Lake, person: str) -> _Probes:
    table = lake.variants(person, WHOLE_GENOME, _only(person))
    step = max(1, len(table) // _PROBES)
    rows = zip(
        table["key"].to_pylist()[::step],
        table["reference"].to_pylist()[::step],
        table["alternate"].to_pylist()[::step],
        strict=True,
    )
    return _Probes(tuple(Variant(*place_of(key), reference, alternate) for key, reference, alternate in rows))


def _only(person: str) -> Among:
    from bedside.store.lake.lake import Among

    return Among(frozenset((person,)))


def _ask_again(house: House, lake: Lake, person: str, probes: _Probes) -> tuple[Reasked, ...]:
    """Every question of the lake, asked past the choke point so that it is the lake itself that answers, and
    the choke point's own answer. Raises `StoreError` naming each question that still finds something."""
    import numpy as np

    from bedside.store.lake.lake import EVERYBODY

    only, probe = _only(person), probes.variants
    keys = np.array(sorted({variant.key for variant in probe}), np.int64)
    first = probe[0] if probe else Variant("chr1", 1, "A", "C")
    place = Region(first.chromosome, first.position, first.end)
    found = {
        "runs": len(lake.runs(person)),
        "variants, whole genome": len(lake.variants(person, WHOLE_GENOME, only)),
        f"carriers of {len(keys)} of the person's variants": sum(
            name == person for name in lake.carriers(keys, EVERYBODY)["person"].to_pylist()
        ),
        f"presence of {len(probe)} of the person's variants": sum(
            not isinstance(answer, NotTested) for answer in lake.presence(person, probe, only)
        ),
        "presence of one variant in everybody": int(
            not isinstance(lake.presence_of(first, EVERYBODY).get(person, NotTested()), NotTested)
        ),
        "tested at one place": int(person in lake.tested(place, EVERYBODY)),
        "allele counts at one place": _counted(lake.allele_counts(place, {person: "erased"}, EVERYBODY)),
        "export": _exported(lake.export(person)),
    }
    still = sorted(question for question, count in found.items() if count)
    if still:
        raise StoreError(f"after the erasure the lake still answers: {'; '.join(still)}")
    refused = consented(house, lake, Purpose.CARE).refused(person)
    if refused is None:
        raise StoreError("after the erasure the choke point still lets this genome be read")
    words = {True: "nothing found; not tested", False: "nothing found"}
    return (
        *(Reasked(question, words[question.startswith("presence")]) for question in found),
        Reasked("any question through the choke point", f"refused: {refused.refusal.value}"),
    )


def _counted(table: Any) -> int:
    seen = (*table["copies"].to_pylist(), *table["strands"].to_pylist())
    return sum(int(number) for number in seen)


def _exported(export: Mapping[str, Any]) -> int:
    held = (part for part in export.values() if not isinstance(part, str) and hasattr(part, "__len__"))
    return sum(len(part) for part in held)


def _kept(house: House, document: str) -> ErasureProof:
    return read_proof(house.documents.get(document), document)


def erase_stored_genome(house: House, person: str, reason: str, *, actor: str = "operator") -> ErasureProof:
    """`erase_genome` from the site's own lake."""
    return erase_genome(house, lake_of(house), person, reason, actor=actor)
