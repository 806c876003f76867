"""The page of gaps in a real browser: accessible, and never wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from bedside.service.house import open_house
from bedside.settings import Settings
from tests.browser.conftest import Served, found_wrong, serve
from tests.unit.service.test_equity import NOON, tasks


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    store = tmp_path_factory.mktemp("equity") / "ledger.db"
    house = open_house(Settings(store_url=f"sqlite:///{store}"), clock=lambda: NOON)
    house.ledger.append(list(tasks(late_es=40)))
    yield from serve(house)


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_gaps_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    assert found_wrong(browser, [served.url + "/equity", served.url + "/capacity"], width, scheme) == []
