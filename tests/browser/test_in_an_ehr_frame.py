"""The pages inside the frame of an EHR on another site: forms work there, and no other site may frame
them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame

from tests.browser.conftest import Served, serve
from tests.made_up_record import INGRID, open_record


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def ehr(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An EHR on http://localhost, which is another site than http://127.0.0.1; its address and its folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}", tmp_path
    server.shutdown()
    thread.join()
    server.server_close()


def framed(browser: Browser, ehr: tuple[str, Path], served: Served) -> tuple[Frame, list[str]]:
    """The prescribing page in a frame of the EHR, and what the browser refused."""
    url, folder = ehr
    address = served.address(INGRID, "/prescribe")
    (folder / "chart.html").write_text(
        f'<!doctype html><title>EHR</title><iframe src="{address}" width="900"></iframe>'
    )
    refused: list[str] = []
    page = browser.new_context().new_page()
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{url}/chart.html")
    return page.frames[-1], refused


def test_a_form_works_in_the_frame_of_an_ehr_that_the_settings_name(
    browser: Browser, ehr: tuple[str, Path], tmp_path: Path
) -> None:
    for served in serve(open_record(tmp_path / "named", frame_ancestors=ehr[0])):
        frame, refused = framed(browser, ehr, served)
        frame.get_by_label("Drug to order").fill("clopidogrel")
        frame.get_by_role("button", name="Order and see the guidance").click()
        frame.get_by_role("heading", name="1 card for clopidogrel").wait_for()
        assert not any("Content Security Policy" in text or "Cookie" in text for text in refused)
        frame.page.context.close()


def test_a_site_that_the_settings_do_not_name_cannot_frame_the_pages(
    browser: Browser, ehr: tuple[str, Path], tmp_path: Path
) -> None:
    for served in serve(open_record(tmp_path / "unnamed")):
        frame, refused = framed(browser, ehr, served)
        assert frame.get_by_label("Drug to order").count() == 0
        assert any("frame-ancestors 'none'" in text for text in refused)
        frame.page.context.close()
