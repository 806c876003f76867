"""The tumour board in a real browser: accessible in each state, at 320 pixels, without scripts, by
keyboard, in an EHR's frame, and on one sheet of paper."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page

from bedside.genome.board import AdviceKind, BoardAdvice
from bedside.genome.code import Code, System
from bedside.genome.person import Medication
from bedside.service.board import attend, followed, put_on, recommend, schedule, sign
from bedside.service.board_packet import packet_bytes, packet_of_person
from bedside.service.register_person import record_medication
from bedside.service.tumours_held import accept_tumours
from tests.browser.conftest import Served, serve, violations
from tests.browser.test_in_an_ehr_frame import Quiet
from tests.browser.test_pages_in_chromium import open_details
from tests.made_up_record import AMARA, INGRID, open_record
from tests.made_up_tumours import L858R, T790M, lung, write_tumour
from tests.unit.service.test_board import CHAIR, GOOD

LATER = datetime(2027, 1, 4, 8, tzinfo=UTC)
ADVICE = replace(GOOD, due=date(2027, 1, 11))


@dataclass
class Board:
    """The board served, and a case in each state."""

    served: Served
    cases: dict[str, str]

    def address(self, state: str, page: str = "") -> str:
        return f"{self.served.url}/board/{self.cases[state]}{page}"


def filled(folder: Path, **settings: str):
    """A house with a case in each state."""
    house = replace(open_record(folder / "record", **settings), clock=lambda: LATER)
    markers = [
        {"name": "msi", "value": "high"}, {"name": "mmr", "value": "proficient"},
        {"name": "tmb", "number": 10, "unit": "mutations/Mb", "size": 0.8},
    ]  # fmt: skip
    plain = lung(small_variants=[L858R, T790M], markers=markers)
    accept_tumours(house, INGRID, write_tumour(folder, plain), laboratory="Lab A")
    drug = Medication(Code(System.RXNORM, "337525", "erlotinib"), since=date(2025, 1, 1))
    record_medication(house, INGRID, drug)
    packet = packet_bytes(packet_of_person(house, INGRID))
    cases: dict[str, str] = {}
    for state in ("queued", "no-owner", "unsigned", "signed", "followed"):
        case = cases[state] = put_on(house, INGRID, f"A question ({state})?", CHAIR).case
        if state == "queued":
            continue
        schedule(house, case, date(2027, 1, 5), len(cases), CHAIR)
        advice = BoardAdvice(AdviceKind.TREATMENT) if state == "no-owner" else ADVICE
        recommend(house, case, advice, CHAIR, packet)
        if state in ("signed", "followed"):
            sign(house, case, 1, CHAIR)
        if state == "followed":
            followed(house, case, CHAIR)
    attend(house, date(2027, 1, 5), [("Dr Lind", "chair"), ("Dr Amaya", "pathologist")], CHAIR)
    cases["without"] = put_on(house, AMARA, "No sample yet?", CHAIR).case
    return house, cases


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    house, cases = filled(tmp_path_factory.mktemp("board"))
    for served in serve(house):
        yield Board(served, cases)


STATES = ("queued", "no-owner", "unsigned", "signed", "followed", "without")


def addresses(board: Board) -> list[str]:
    several = [board.address(state) for state in STATES]
    several += [board.address("signed", "/print"), board.address("signed", "/report")]
    return [*several, f"{board.served.url}/board", board.served.address(INGRID, "/board")]


def test_every_state_is_accessible_and_fits_320_pixels(board: Board, page: Page) -> None:
    for address in addresses(board):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        open_details(page)
        assert violations(page) == [], address
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_resistance_is_said_in_words_and_not_by_colour_alone(board: Board, page: Page) -> None:
    page.goto(board.address("queued"))
    assert page.get_by_role("heading", name="Resistance: read before choosing").is_visible()
    assert page.get_by_role("rowheader", name="Against Erlotinib").is_visible()


def test_the_packet_prints_on_one_sheet(board: Board, page: Page, tmp_path: Path) -> None:
    for state in ("unsigned", "signed"):
        page.goto(board.address(state, "/print"))
        page.pdf(path=tmp_path / "packet.pdf", prefer_css_page_size=True)
        assert len(pypdfium2.PdfDocument(tmp_path / "packet.pdf")) == 1


def test_a_recommendation_is_written_signed_and_ordered_without_scripts(
    board: Board, plain_page: Page
) -> None:
    page = plain_page
    page.goto(board.address("queued"))
    page.locator("a[href*='option=T013']").click()
    assert page.get_by_label("Regimen, trial or test").input_value() == "Osimertinib"
    page.get_by_label("Who is responsible").fill("oncologist")
    page.get_by_label("By which day").fill("2027-01-11")
    page.locator("#role-recommend").fill("chair")
    page.get_by_role("button", name="Write it down, to be signed").click()
    page.locator("#role-sign").fill("chair")
    page.get_by_role("button", name="Sign it off").click()
    page.get_by_role("button", name="Draft the order of Osimertinib").click()
    page.get_by_role("button", name="Put on the list of medicines").click()
    assert page.get_by_role("status").inner_text().startswith("Ordered: Osimertinib")


def test_signing_works_by_keyboard(board: Board, page: Page) -> None:
    page.goto(board.address("unsigned"))
    page.locator("#role-sign").focus()
    page.keyboard.type("chair")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText").strip() == "Sign it off"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Signed, to be carried out").wait_for()


@pytest.fixture
def ehr(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An EHR on another site: its address and its folder."""
    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}", tmp_path
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_case_works_in_the_frame_of_an_ehr(browser: Browser, ehr: tuple[str, Path], tmp_path: Path) -> None:
    house, cases = filled(tmp_path, frame_ancestors=ehr[0])
    for served in serve(house):
        address = f"{served.url}/board/{cases['unsigned']}"
        (ehr[1] / "chart.html").write_text(
            f'<!doctype html><title>EHR</title><iframe src="{address}" width="900"></iframe>'
        )
        page = browser.new_context().new_page()
        page.goto(f"{ehr[0]}/chart.html")
        frame = page.frames[-1]
        frame.locator("#role-sign").fill("chair")
        frame.get_by_role("button", name="Sign it off").click()
        frame.get_by_role("heading", name="Signed, to be carried out").wait_for()
