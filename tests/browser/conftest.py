"""A real Chromium on the pages of a small made-up record, served on a free port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from bedside.service.house import House
from bedside.service.record_ids import record_ids
from bedside.web.app import create_app
from tests.made_up_record import open_record

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Served:
    """A served house: where it is, and where a person's page is."""

    url: str
    house: House
    problems: list[str] = field(default_factory=list)

    def address(self, person: str, page: str = "") -> str:
        """The address of a person's page."""
        ids = record_ids(self.house.ledger)
        assert ids is not None
        return f"{self.url}/people/{ids.of(person)}{page}"


def free_port() -> socket.socket:
    """A free port of this machine, taken."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


def serve(house: House, listener: socket.socket | None = None) -> Iterator[Served]:
    """Serve until the test is done with it."""
    listener = listener or free_port()
    config = uvicorn.Config(create_app(house), log_level="error", access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", house)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        house.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skips without it. No wider than a module: its event loop must end."""
    chromium = os.environ.get("BEDSIDE_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The made-up record, served."""
    yield from serve(open_record(tmp_path_factory.mktemp("record")))


def open_page(context: BrowserContext, problems: list[str]) -> Page:
    """A page whose every console message of weight and every error is a problem."""
    page = context.new_page()
    page.set_default_timeout(10_000)

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            problems.append(f"{message.type}: {message.text}")

    def failed(request: Request) -> None:
        # The browser itself drops its request for the tab's icon where the page is left before it came.
        dropped = request.failure == "net::ERR_ABORTED" and request.url.endswith("/static/favicon.svg")
        if not dropped:
            problems.append(f"request failed: {request.url} ({request.failure})")

    page.on("console", heard)
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("requestfailed", failed)
    return page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with scripts; the test fails on anything the browser complained about."""
    problems: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield open_page(context, problems)
    context.close()
    assert problems == []


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A page in a browser that runs no scripts."""
    problems: list[str] = []
    context = browser.new_context(java_script_enabled=False)
    yield open_page(context, problems)
    context.close()
    assert problems == []


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, as rule and element; or against some of its rules alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    asked = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found: list[str] = page.evaluate(
        """asked => axe.run(document, {runOnly: asked, resultTypes: ["violations"]}).then(found =>
        found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html}`)))""",
        asked,
    )
    return found


def found_wrong_in_every_look(page: Page) -> list[str]:
    """What is wrong with a page as it is, with every detail open, in the dark (where only colours differ) and
    on a narrow screen. Nothing moves: a colour on its way is no colour."""
    page.emulate_media(reduced_motion="reduce")
    found = violations(page)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found += violations(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in violations(page, "color-contrast")]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        found.append("wider than a narrow screen")
    return found + [f"narrow: {one}" for one in violations(page)]


def found_wrong(
    browser: Browser, addresses: Sequence[str], width: int, scheme: Literal["light", "dark"]
) -> list[object]:
    """What is wrong with some pages, with every detail open: what axe finds, a page wider than the screen,
    errors and warnings of the browser."""
    problems: list[str] = []
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = open_page(context, problems)
    found: list[object] = []
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found += violations(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("wider than the screen")
    context.close()
    return [*found, *problems]
