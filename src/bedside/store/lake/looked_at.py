"""How much of a region a person's runs looked at, all of them together."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bedside.genome.region import Region
from bedside.store.lake.lake import Among
from bedside.store.lake.looked import SEEN, Own
from bedside.store.lake.stretches import NOWHERE, Stretches, chromosome_and_position, joined, place, without
from bedside.store.lake.view import View


def looked_at(view: View, person: str, region: Region, among: Among) -> pa.Table:
    """`start, end, state` of the stretches in the region that any run looked at, cut to the region, in order:
    seen where some run saw it, else the reason the newest run gives. What is in no row was not tested."""
    seen, spoiled = NOWHERE, dict[int, Stretches]()
    first = int(place(region.number, region.start))
    last = int(place(region.number, region.end))
    for entry in reversed(view.runs_of(person, among)):
        looked = view.shelf.looked(entry)
        shared = _cut(looked.shared, first, last)
        own = _own_within(looked.own, first, last)
        state = own.state
        taken = joined(own.start[state != SEEN], own.end[state != SEEN])
        here = without(_union(shared, Stretches(own.start[state == SEEN], own.end[state == SEEN])), taken)
        seen = _union(seen, here)
        for number in sorted(set(state[state > SEEN].tolist())):
            known = seen
            for held in spoiled.values():
                known = _union(known, held)
            stretch = joined(own.start[state == number], own.end[state == number])
            spoiled[number] = _union(spoiled.get(number, NOWHERE), without(stretch, known))
    parts = {SEEN: seen} | {number: without(held, seen) for number, held in spoiled.items()}
    start = np.concatenate([part.start for part in parts.values()])
    end = np.concatenate([part.end for part in parts.values()])
    number = np.concatenate([np.full(len(part), state, np.int8) for state, part in parts.items()])
    order = np.argsort(start, kind="stable")
    return pa.table(
        {
            "start": chromosome_and_position(start[order])[1],
            "end": chromosome_and_position(end[order])[1],
            "state": number[order],
        }
    )


def _union(one: Stretches, other: Stretches) -> Stretches:
    return joined(np.concatenate((one.start, other.start)), np.concatenate((one.end, other.end)))


def _cut(whole: Stretches, first: int, last: int) -> Stretches:
    here = whole.touching(first, last)
    return Stretches(np.maximum(whole.start[here], first), np.minimum(whole.end[here], last))


def _own_within(own: Own, first: int, last: int) -> Own:
    """Own stretches may overlap, so their ends are in no order: each is looked at."""
    here = (own.start <= last) & (own.end >= first)
    return Own(np.maximum(own.start[here], first), np.minimum(own.end[here], last), own.state[here])
