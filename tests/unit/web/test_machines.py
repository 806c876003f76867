"""Machines read an OperationOutcome, whatever goes wrong, and people read a page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from bedside.service.house import open_house
from bedside.settings import Settings
from bedside.web.app import create_app


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("DELETE", "/cds-services", 405, "not-supported"),
        ("GET", "/cds-services/bedside-pgx-order-sign/nothing", 404, "not-found"),
        ("GET", "/order-set-filter", 405, "not-supported"),
    ],
)
def test_an_address_or_method_that_is_not_there(
    tmp_path: Path, method: str, path: str, status: int, code: str
) -> None:
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(house))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path)

    try:
        answer = asyncio.run(ask())
    finally:
        house.close()
    outcome = answer.json()
    assert (answer.status_code, outcome["resourceType"]) == (status, "OperationOutcome")
    assert [issue["code"] for issue in outcome["issue"]] == [code]
