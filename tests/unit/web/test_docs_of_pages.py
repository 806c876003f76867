"""The documentation of the pages names every address."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Route

from bedside.service.house import House
from bedside.web.app import MACHINES, create_app

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_every_address_is_documented(house: House) -> None:
    said = (DOCS / "pages.md").read_text("utf-8")
    addresses = [route.path for route in create_app(house).routes if isinstance(route, Route)]
    pages = [address for address in addresses if not address.startswith(MACHINES)]
    assert [address for address in pages if f"`{address}`" not in said] == []
