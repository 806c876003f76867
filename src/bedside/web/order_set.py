"""`POST /order-set-filter`: an order set seen through a person's genes."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bedside.service.access import Permission
from bedside.service.authorise import Gate, Principal
from bedside.service.filter_order_set import prepare_filter
from bedside.service.house import House
from bedside.web.cds_hooks import Desk, as_json, desk, guarded, opener, read_json


def routes(house: House, gate: Gate | None = None) -> list[BaseRoute]:
    """The route of the order-set filter."""
    return [guarded(desk(house, gate), "/order-set-filter", "POST", Permission.ORDER_SET, _filter)]


async def _filter(at: Desk, request: Request, principal: Principal) -> Response:
    document = await read_json(request)
    prepared = prepare_filter(
        at.house, document, actor=principal.name, permit=opener(principal, Permission.ORDER_SET)
    )
    await asyncio.wrap_future(at.house.audit.submit((prepared.event,)))
    return as_json(prepared.response)
