"""A process that sends one request to a payer and is killed on the way.

Run as `python asker.py LEDGER URL PERSON ORDER MOMENT`; it kills itself with SIGKILL `before` the request
goes out, or `after` the payer answered and before anything of that is written down.
"""

from __future__ import annotations

import os
import signal
import sys

from bedside.exchange.payer import NoReply, Reply
from bedside.genome.authorisation import Purpose
from bedside.service.draft_authorisation import Wish, draft
from bedside.service.house import open_house
from bedside.service.send_authorisation import Sending, post_of, send
from bedside.settings import Settings


def main(store: str, url: str, person: str, order: str, moment: str) -> None:
    """Draft and send."""
    house = open_house(Settings(store_url=store, payers=url))
    held = draft(house, person, order, Wish("medicaid-ca", "M-1"), actor="desk")
    real = post_of(house)

    def post(to: str, operation: str, body: bytes, key: str) -> Reply | NoReply:
        if moment == "after":
            real(to, operation, body, key)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    send(house, held, Sending(Purpose.FIRST, url), actor="desk", post=post)


if __name__ == "__main__":
    main(*sys.argv[1:])
