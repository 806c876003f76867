"""The pages over a small made-up record, without a network."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bedside.service.house import House
from bedside.service.record_ids import record_ids
from bedside.web.app import create_app
from tests.made_up_record import open_record

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Pages:
    """A browser without scripts: keeps cookies, and sends forms with the token of the page they stand on."""

    def __init__(self, app: Starlette, house: House, base: str = "http://127.0.0.1:8000") -> None:
        self.app, self.house, self.base = app, house, base
        self.cookies = httpx.Cookies()

    def send(self, method: str, address: str, **more: object) -> httpx.Response:
        """One request; cookies that come back are kept."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as client:
                response = await client.request(method, address, **more)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return response

        return asyncio.run(go())

    def get(self, address: str) -> httpx.Response:
        """A page."""
        return self.send("GET", address)

    def post(self, address: str, on: str = "/about", **fields: str) -> httpx.Response:
        """A form, with the token found on the page `on`."""
        token = _TOKEN.search(self.get(on).text)
        assert token, "the page has no form with a token"
        return self.send("POST", address, data={"csrf": token[1], **fields})

    def address(self, person: str, page: str = "") -> str:
        """The address of a person's page."""
        ids = record_ids(self.house.ledger)
        assert ids is not None
        return f"/people/{ids.of(person)}{page}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A record of three made-up people."""
    opened = open_record(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def pages(house: House) -> Pages:
    """The pages over it."""
    return Pages(create_app(house), house)
