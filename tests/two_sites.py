"""A hub and a spoke, each a house of its own, joined by a line that a test can cut, slow down and spoil."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bedside.errors import BedsideError
from bedside.service.ask_econsult import Wish, ask, draft
from bedside.service.consult_steps import Held, Writer
from bedside.service.house import House, open_house
from bedside.service.sign_site import sign, signed_by
from bedside.service.site_post import SIGNATURE, Reply, Unreached
from bedside.service.site_rounds import Round, exchange
from bedside.service.sites import PeerSite, Sites, make_key, sites_of
from bedside.service.verify_jwt import SeenOnce
from bedside.settings import Settings
from bedside.web.site_desk import answer
from tests.made_up_record import INGRID, NOW, open_record

SPOKE, HUB = Writer("Dr Spoke", "general practitioner"), Writer("Dr Hub", "clinical geneticist")
WISH = Wish("hub", "Which dose would you begin with?", "A new order", chosen=frozenset({"genotypes:CYP2C19"}))


class TurnedClock:
    """A clock that a test turns; a millisecond goes by at each look."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def write_site(
    folder: Path, name: str, others: dict[str, dict[str, object]], *, url: str = "", every: int = 1
) -> Path:
    """A sites file with a key of its own. others: name → flags; their public halves must be there already."""
    lines = [f'name = "{name}"', f'title = "The {name}"', f"every_seconds = {every}"]
    for other, flags in others.items():
        lines += ["[[site]]", f'name = "{other}"', f'title = "The {other}"', f'jwks_file = "../{other}.json"']
        lines += [f"{flag} = {json.dumps(value)}" for flag, value in flags.items()]
    path = folder / name / "sites.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def write_key(folder: Path, name: str) -> None:
    """A key for a site, and its public half where the others look for it."""
    (folder / name).mkdir(parents=True)
    jwk = make_key(folder / name / "site.key.pem")
    (folder / f"{name}.json").write_text(json.dumps({"keys": [jwk]}))


def write_both(folder: Path, url: str = "http://127.0.0.1:9") -> tuple[Path, Path]:
    """The sites files of a spoke and a hub that know one another."""
    for name in ("spoke", "hub"):
        write_key(folder, name)
    return (
        write_site(folder, "spoke", {"hub": {"url": url, "answers": True, "releases": True}}),
        write_site(folder, "hub", {"spoke": {"asks": True}}),
    )


@dataclass
class Line:
    """From the spoke to the hub's desk, without a network. fault: called before (`sent`) and after
    (`answered`) each request; raising loses it there."""

    here: House
    there: House
    fault: Callable[[str], None] = lambda moment: None

    def __post_init__(self) -> None:
        self.seen_here, self.seen_there = SeenOnce(), SeenOnce()
        self.requests = 0

    def post(self, peer: PeerSite, place: str, body: bytes) -> Reply:
        self.requests += 1
        sites = sites_of(self.here)
        token, number = sign(sites, body, peer.name, place, self.here.clock())
        self.fault("sent")
        try:
            response = answer(self.there, self.seen_there, place, token, body)
        except BedsideError as error:
            raise Unreached(str(error)) from error
        self.fault("answered")
        signature = response.headers[SIGNATURE]
        content = bytes(response.body)
        signed_by(sites, signature, content, f"{place}#answer", self.here.clock(), self.seen_here, number)
        return Reply(response.status_code, content)


@dataclass
class Two:
    """Both sites, and the line between them."""

    spoke: House
    hub: House
    line: Line

    @property
    def spoke_sites(self) -> Sites:
        return sites_of(self.spoke)

    @property
    def hub_sites(self) -> Sites:
        return sites_of(self.hub)

    def meet(self) -> Round:
        """One round of the spoke with the hub."""
        return exchange(self.spoke, self.spoke_sites, self.spoke_sites.peers["hub"], self.line)

    def ask(self, wish: Wish = WISH, person: str = INGRID) -> Held:
        """A question, drafted and sent off."""
        written = draft(self.spoke, self.spoke_sites, person, wish, actor=SPOKE.name)
        return ask(self.spoke, self.spoke_sites, person, written.consult, written.digest, SPOKE)

    def close(self) -> None:
        self.spoke.close()
        self.hub.close()


def open_two(folder: Path, hub_store: str = "") -> Two:
    """A spoke with the small made-up record and a hub with nothing in it, on one clock each."""
    folder.mkdir(parents=True, exist_ok=True)
    spoke_file, hub_file = write_both(folder)
    spoke = open_record(folder / "spoke")
    spoke = replace(spoke, settings=replace(spoke.settings, sites_file=str(spoke_file)))
    url = hub_store or f"sqlite:///{folder / 'hub' / 'ledger.db'}"
    documents = str(folder / "hub" / "documents")
    hub = open_house(
        Settings(store_url=url, documents=documents, sites_file=str(hub_file)), clock=TurnedClock()
    )
    return Two(spoke, hub, Line(spoke, hub))


def lossy(choice: random.Random, share: float = 0.4) -> Callable[[str], None]:
    """A fault that loses requests and answers at random."""

    def fault(moment: str) -> None:
        if choice.random() < share:
            raise Unreached(f"lost when {moment}")

    return fault
