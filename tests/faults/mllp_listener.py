"""A process that listens for HL7 v2 until it is killed. Run as `python mllp_listener.py LEDGER PORTFILE`."""

from __future__ import annotations

import sys
import threading
from datetime import date
from pathlib import Path

from bedside.genome.person import Identifier, Person, Sex
from bedside.service.house import open_house
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web.draft_maker import DraftMaker
from bedside.web.mllp import Listening, MllpListener


def main(ledger: str, port_file: str) -> None:
    """Register one person, listen, and say on which port."""
    house = open_house(Settings(store_url=f"sqlite:///{ledger}"))
    ada = Person("p1", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier("HOSP", "M1"),))
    register_person(house, ada)
    listener = MllpListener(house, Listening(port=0))
    listener.start()
    DraftMaker(house).start()
    Path(port_file).write_text(f"{listener.port}\n")
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
