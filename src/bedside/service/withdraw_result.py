"""Takes a result out of force when it turns out to be wrong; it stays in the record, marked, with the
reason."""

from __future__ import annotations

from bedside.errors import RequestError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House
from bedside.service.release_letter import letters_to_correct
from bedside.store.ledger import Overtaken, Unless

_TRIES = 10


def withdraw_result(house: House, result: str, reason: str, *, actor: str) -> None:
    """Withdraw a result; doing it twice is doing it once. Raises `RequestError` when there is no such
    result."""
    for _ in range(_TRIES):
        try:
            return _withdraw(house, result, reason, actor)
        except Overtaken:
            continue
    raise StoreError("letters keep being released meanwhile; try again")


def _withdraw(house: House, result: str, reason: str, actor: str) -> None:
    head = house.ledger.checkpoint().sequence
    held = house.ledger.held([result]).get(result)
    if held is None:
        raise RequestError.one("result", "no such result in the record")
    if not reason.strip():
        raise RequestError.one("reason", "a result is withdrawn for a stated reason")
    payload = {"result": result, "reason": reason}
    withdrawn = NewEvent(
        EventKind.RESULT_WITHDRAWN, actor, house.clock(), held.person, payload, f"withdrawn:{result}"
    )
    told = letters_to_correct(house, held.person, (result,))
    house.ledger.append([withdrawn, *told], (), Unless(EventKind.LETTER_RELEASED, head))
