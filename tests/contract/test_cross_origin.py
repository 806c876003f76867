"""Pages of the origins that the settings name read FHIR from a browser; no other page does, and none with a
cookie."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bedside.service.house import open_house
from bedside.settings import Settings
from bedside.web.app import create_app
from tests.contract.test_smart_app import access_text

APP, OTHER = "https://app.example", "https://other.example"
HOME = "https://bedside.example"
ASKED = {"access-control-request-method": "GET", "access-control-request-headers": "authorization"}
ADDRESSES = ("/fhir/metadata", "/fhir/Patient/x", "/auth/token", "/fhir/.well-known/smart-configuration")


class Browser:
    """Asks an app as a page of some origin does."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def ask(self, method: str, address: str, **given: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            through = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=through, base_url=HOME) as client:
                return await client.request(method, address, **given)

        return asyncio.run(asked())

    def get(self, address: str, **given: Any) -> httpx.Response:
        return self.ask("GET", address, **given)

    def post(self, address: str, **given: Any) -> httpx.Response:
        return self.ask("POST", address, **given)

    def options(self, address: str, **given: Any) -> httpx.Response:
        return self.ask("OPTIONS", address, **given)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Browser]:
    (tmp_path / "access.toml").write_text(access_text(tmp_path))
    settings = Settings(
        store_url=f"sqlite:///{tmp_path}/ledger.db",
        access_file=str(tmp_path / "access.toml"),
        public_url=HOME,
    )
    house = open_house(replace(settings, cors_origins=f"{APP}, *"))
    yield Browser(create_app(house))
    house.close()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_listed_page_is_told_ahead_that_it_may_ask(client: Browser, address: str) -> None:
    said = client.options(address, headers={"origin": APP, **ASKED})
    assert said.status_code == 204
    assert said.headers["access-control-allow-origin"] == APP
    assert "Authorization" in said.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in said.headers


@pytest.mark.parametrize("origin", [OTHER, "null", "*", "https://app.example.evil", "http://app.example"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_other_page_is(client: Browser, address: str, origin: str) -> None:
    for said in (
        client.options(address, headers={"origin": origin, **ASKED}),
        client.get(address, headers={"origin": origin}),
    ):
        assert not [name for name in said.headers if name.startswith("access-control")]


def test_an_answer_a_refusal_and_an_error_may_be_read_by_the_listed_page(client: Browser) -> None:
    found = client.get(ADDRESSES[3], headers={"origin": APP})
    refused = client.get("/fhir/Patient/x", headers={"origin": APP})
    wrong = client.post("/auth/token", data={"grant_type": "no"}, headers={"origin": APP})
    assert [found.status_code, refused.status_code, wrong.status_code] == [200, 401, 400]
    for said in (found, refused, wrong):
        assert said.headers["access-control-allow-origin"] == APP
        assert "Origin" in said.headers["vary"]


def test_pages_are_for_no_other_origin(client: Browser) -> None:
    said = client.get("/sign-in", headers={"origin": APP})
    assert not [name for name in said.headers if name.startswith("access-control")]
