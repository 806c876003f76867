"""An EHR on another site opens Bedside in its frame: sign-in there, the chart, a form, all in that frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser

from bedside.service.house import House
from tests.browser.conftest import free_port, serve
from tests.contract.test_opened_from_ehr import launch_file
from tests.made_up_record import AMARA, INGRID, open_record
from tests.small_ehr import small_ehr


def opened(folder: Path, house: House, base: str, port: int) -> House:
    """The house as it is served for this EHR."""
    settings = replace(
        house.settings,
        access_file=str(folder / "access.toml"),
        public_url=f"http://127.0.0.1:{port}",
        frame_ancestors=base,
    )
    return replace(house, settings=settings)


def test_the_chart_opens_in_the_frame_of_an_ehr_on_another_site_and_stays_signed_in(
    browser: Browser, tmp_path: Path
) -> None:
    with small_ehr() as ehr:
        listener = free_port()
        port = listener.getsockname()[1]
        house, refused = open_record(tmp_path), list[str]()
        known = house.ledger.person(INGRID)
        assert known is not None
        ehr.identifiers = [{"system": one.system, "value": one.value} for one in known.identifiers]
        ehr.redirects.add(f"http://127.0.0.1:{port}/launch/callback")
        ehr.frame = f"http://127.0.0.1:{port}/launch?iss={ehr.iss}&launch=l1"
        launch_file(tmp_path, ehr)
        for served in serve(opened(tmp_path, house, ehr.base, port), listener):
            context = browser.new_context()
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", lambda message: refused.append(message.text))
            page.goto(f"{ehr.base}/chart")
            frame = page.frames[-1]
            frame.get_by_role("heading", name="Ingrid Holm").wait_for()
            assert frame.url == served.address(INGRID)
            frame.get_by_role("link", name="Prescribe").first.click()
            frame.get_by_label("Drug to order").fill("clopidogrel")
            frame.get_by_role("button", name="Order and see the guidance").click()
            frame.get_by_role("heading", name="1 card for clopidogrel").wait_for()
            frame.goto(served.address(AMARA))
            frame.get_by_role("heading", name="Not allowed").wait_for()
            partitioned = {one["name"]: one.get("partitionKey", "") for one in context.cookies()}
            assert set(partitioned) == {"__Host-bedside-session", "__Host-bedside-access"}
            assert all("localhost" in str(key) for key in partitioned.values()), partitioned
            context.close()
            assert not any("Content Security Policy" in text or "Cookie" in text for text in refused), refused
