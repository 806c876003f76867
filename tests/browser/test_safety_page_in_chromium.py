"""The page of safety and the downtime copy in a real browser: accessible, at 320 px, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from bedside.service.downtime import packets
from bedside.web.downtime_print import pages_of
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_record import open_record


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(open_record(tmp_path_factory.mktemp("safety")))


@pytest.fixture(scope="module")
def copy(served: Served, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A downtime copy as files."""
    folder = tmp_path_factory.mktemp("copy")
    held = packets(served.house, by="night nurse", protection="the disk of ward 3")
    for name, text in pages_of(held, made_up=True).items():
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_it_is_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    assert found_wrong(browser, [f"{served.url}/safety"], width, scheme) == []


def test_the_copy_is_accessible_from_a_file(browser: Browser, copy: list[Path]) -> None:
    assert len(copy) == 3
    assert found_wrong(browser, [path.as_uri() for path in copy], 320, "light") == []


def test_the_copy_leads_from_the_index_to_a_person_and_back_without_scripts(
    plain_page: Page, copy: list[Path]
) -> None:
    index = next(path for path in copy if path.name == "index.html")
    plain_page.goto(index.as_uri())
    plain_page.get_by_role("link", name="Ingrid Holm").click()
    plain_page.get_by_role("heading", name="Ingrid Holm").wait_for()
    assert plain_page.get_by_text("Nothing that happened later is here").is_visible()
    plain_page.get_by_role("link", name="Everybody").click()
    plain_page.get_by_role("heading", name="Downtime copy").wait_for()
