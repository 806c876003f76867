"""Two real servers and a line that fails: the spoke works on, questions arrive once, kills lose nothing."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bedside.act.consults import Stage
from bedside.genome.event import EventKind
from bedside.service.answer_econsult import answer, sign
from bedside.service.ask_econsult import ask, draft
from bedside.service.consult_steps import consult_named, consults
from bedside.service.house import House, open_house
from bedside.service.record_ids import record_ids
from bedside.service.site_messages import State, outbox
from bedside.service.sites import sites_of
from bedside.settings import Settings
from tests.faults.bad_line import MODES, BadLine
from tests.made_up_record import INGRID, open_record
from tests.two_sites import HUB, SPOKE, WISH, write_both


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """`bedside serve` over a store, in a process of its own."""

    store: str
    sites: Path
    port: int
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        environment = {**os.environ, "BEDSIDE_SITES_FILE": str(self.sites)}
        command = [sys.executable, "-m", "bedside", "serve", "--port", str(self.port), "--store", self.store]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Bedside on")
        until(lambda: self.answers("/healthz"), 30)

    def answers(self, path: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def end(self, how: int = signal.SIGKILL) -> float:
        """End it; the seconds that took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return time.monotonic() - began


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


@dataclass
class Served:
    """Both servers, the line between them, and a look into both stores from this process."""

    spoke: Server
    hub: Server
    line: BadLine
    here: House
    there: House
    asked: list[str] = field(default_factory=list)

    def ask(self) -> str:
        sites = sites_of(self.here)
        written = draft(self.here, sites, INGRID, WISH, actor="x")
        ask(self.here, sites, INGRID, written.consult, written.digest, SPOKE)
        self.asked.append(written.consult)
        return written.consult

    def received(self) -> list[str]:
        events = self.there.ledger.events(kinds=(EventKind.SITE_RECEIVED,))
        return [event.payload["message"] for event in events]

    def stage(self, house: House, consult: str) -> Stage:
        return consult_named(house, sites_of(house), consult).consult.stage


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Both, served; each test leaves them running."""
    tmp_path = tmp_path_factory.mktemp("sites")
    hub_port = free_port()
    line = BadLine(hub_port)
    spoke_file, hub_file = write_both(tmp_path, f"http://127.0.0.1:{line.port}")
    open_record(tmp_path / "spoke").close()
    stores = {name: f"sqlite:///{tmp_path / name / 'ledger.db'}" for name in ("spoke", "hub")}
    here = open_house(Settings(store_url=stores["spoke"], sites_file=str(spoke_file)))
    there = open_house(Settings(store_url=stores["hub"], sites_file=str(hub_file)))
    both = Served(
        Server(stores["spoke"], spoke_file, free_port()),
        Server(stores["hub"], hub_file, hub_port),
        line,
        here,
        there,
    )
    both.spoke.start()
    both.hub.start()
    yield both
    for server in (both.spoke, both.hub):
        if server.process is not None and server.process.poll() is None:
            server.end()
    line.close()
    here.close()
    there.close()


def order_sign() -> dict[str, object]:
    """An EHR's request at the signing of an order, for somebody whose genome speaks against it."""
    coding = [
        {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "32968", "display": "clopidogrel"}
    ]
    order = {
        "resourceType": "MedicationRequest",
        "id": "order-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{INGRID}"},
        "medicationCodeableConcept": {"coding": coding},
    }
    context = {
        "userId": "Practitioner/1",
        "patientId": INGRID,
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]},
    }
    return {"hook": "order-sign", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context}


def test_through_a_cut_the_bedside_works_and_the_question_arrives_once_afterwards(served: Served) -> None:
    served.line.mode, before = "silent", served.line.seen
    consult = served.ask()
    until(lambda: served.line.seen > before)
    base = f"http://127.0.0.1:{served.spoke.port}"
    ids = record_ids(served.here.ledger)
    began = time.monotonic()
    chart = httpx.get(f"{base}/people/{ids.of(INGRID)}", timeout=10)
    cards = httpx.post(f"{base}/cds-services/bedside-pgx-order-sign", json=order_sign(), timeout=10)
    follow = httpx.get(f"{base}/people/{ids.of(INGRID)}/econsults/{consult}", timeout=10)
    taken = time.monotonic() - began
    assert (chart.status_code, cards.status_code, follow.status_code) == (200, 200, 200), cards.text
    assert "clopidogrel" in chart.text
    assert [card["indicator"] for card in cards.json()["cards"]] == ["critical"]
    assert "for the network" in follow.text
    assert taken < 15
    assert served.received().count(consult) == 0
    served.line.heal()
    until(lambda: served.stage(served.here, consult) is Stage.RECEIVED, 90)
    given = answer(served.there, sites_of(served.there), consult, "Another drug.", ["x"], HUB)
    sign(served.there, sites_of(served.there), consult, given.consult.opinion.step, HUB)
    until(lambda: served.stage(served.here, consult) is Stage.SIGNED)
    assert served.received().count(consult) == 1


def test_a_server_stops_at_once_although_a_request_to_the_hub_hangs(served: Served) -> None:
    served.line.mode, before = "silent", served.line.seen
    served.ask()
    until(lambda: served.line.seen > before)
    assert served.spoke.end(signal.SIGTERM) < 10
    served.line.heal()
    served.spoke.start()


@pytest.mark.parametrize("mode", MODES)
def test_each_way_a_line_can_fail_delivers_once(served: Served, mode: str) -> None:
    served.line.mode, before = mode, served.line.seen
    consult = served.ask()
    until(lambda: served.line.seen >= before + (1 if mode == "silent" else 2))
    served.line.heal()
    until(lambda: served.stage(served.here, consult) is Stage.RECEIVED, 90)
    assert served.received().count(consult) == 1


def killed(served: Served, rounds: int, seed: int) -> None:
    """Ask over a line that fails at random, kill a side at a random moment, again and again; then heal."""
    chance = random.Random(seed)
    served.line.at_random(seed)
    for _ in range(rounds):
        for _ in range(3):
            served.ask()
        time.sleep(chance.uniform(0.1, 1.5))
        victim = chance.choice((served.spoke, served.hub))
        victim.end()
        victim.start()
    served.line.heal()
    until(lambda: {one.state for one in outbox(served.here)} == {State.DELIVERED}, 120)
    until(lambda: {one.state for one in outbox(served.there)} == {State.DELIVERED}, 120)
    assert sorted(served.received()) == sorted(served.asked)
    here = {key[2]: one.consult for key, one in consults(served.here, sites_of(served.here)).items()}
    there = {key[2]: one.consult for key, one in consults(served.there, sites_of(served.there)).items()}
    assert here == there
    for house in (served.here, served.there):
        house.ledger.verify()


def test_killing_either_side_while_it_sends_loses_and_doubles_nothing(served: Served) -> None:
    killed(served, rounds=2, seed=7)


@pytest.mark.slow
def test_killing_either_side_many_times_loses_and_doubles_nothing(served: Served) -> None:
    killed(served, rounds=40, seed=int(time.time()))


def test_the_command_line_sends_too(served: Served) -> None:
    served.spoke.end(signal.SIGTERM)
    consult = served.ask()
    environment = {**os.environ, "BEDSIDE_SITES_FILE": str(served.spoke.sites)}
    store = ["--store", served.spoke.store]

    def site(*words: str) -> str:
        command = [sys.executable, "-m", "bedside", "site", *words, *store]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert site("send") == "hub: 1 sent, 0 refused, 1 taken in\n"
    assert f"{consult}\thub" in site("status", "--all")
    assert site("status").splitlines() == ["message\tto\tabout\twritten\tstate\treason"]
    assert served.received().count(consult) == 1
    served.spoke.start()
