"""Takes a result out of force when it turns out to be wrong; it stays in the record, marked, with the
reason."""

from __future__ import annotations

from bedside.errors import RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House


def withdraw_result(house: House, result: str, reason: str, *, actor: str) -> None:
    """Withdraw a result; doing it twice is doing it once. Raises `RequestError` when there is no such
    result."""
    held = house.ledger.held([result]).get(result)
    if held is None:
        raise RequestError.one("result", "no such result in the record")
    if not reason.strip():
        raise RequestError.one("reason", "a result is withdrawn for a stated reason")
    payload = {"result": result, "reason": reason}
    house.ledger.append(
        [
            NewEvent(
                EventKind.RESULT_WITHDRAWN, actor, house.clock(), held.person, payload, f"withdrawn:{result}"
            )
        ]
    )
