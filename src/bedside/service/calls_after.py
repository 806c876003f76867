"""The answers in force as they will be once a delivery's results are in the record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bedside.genome.event import Event, NewEvent
from bedside.genome.observation import Observation
from bedside.genome.record import HeldResult, result_of, with_meanings
from bedside.interpret.gene_call import GeneCall
from bedside.service.house import House
from bedside.service.result_events import Prepared
from bedside.store.current_view import merge
from bedside.store.encode import decode, decode_call, decode_observation

_AFTER_EVERYTHING = 2**62


def calls_after(house: House, prepared: Prepared) -> Mapping[str, Mapping[str, GeneCall]]:
    """For the people of the delivery who take any drug now, their answers once its results are in."""
    treated = house.ledger.people_on_any({str(event.person) for event in prepared.accepted})
    arrived: dict[str, list[HeldResult]] = {}
    for accepted, derived in zip(prepared.accepted, prepared.derived, strict=True):
        if accepted.person in treated:
            held = with_meanings(result_of(_as_if_written(accepted)), derived.payload)
            arrived.setdefault(held.person, []).append(held)
    new = {content.digest: content.body for content in prepared.contents} if arrived else {}
    return {person: _in_force(house, person, results, new) for person, results in arrived.items()}


def _as_if_written(new: NewEvent) -> Event:
    at = new.valid_at
    return Event(_AFTER_EVERYTHING, new.kind, new.actor, at, at, new.person, new.payload, new.key, "")


def _in_force(
    house: House, person: str, arrived: Sequence[HeldResult], new: Mapping[str, bytes]
) -> Mapping[str, GeneCall]:
    results = sorted([*house.ledger.results(person), *arrived], key=lambda result: result.order)
    wanted = {digest for result in results for digest in result.calls.values()}
    held = house.ledger.calls(wanted - new.keys())
    calls = {**held, **{digest: decode_call(decode(new[digest])) for digest in wanted & new.keys()}}

    def observed(digests: Collection[str]) -> Mapping[str, Observation]:
        here = {digest: new[digest] for digest in digests if digest in new}
        bodies = {**house.ledger.content(set(digests) - here.keys()), **here}
        return {digest: decode_observation(decode(body)) for digest, body in bodies.items()}

    return {gene: current.call for gene, current in merge(results, calls, observed).items()}
