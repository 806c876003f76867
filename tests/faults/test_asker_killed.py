"""A kill -9 around a request to a payer: the payer is asked first, and nothing is filed twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.demo.payer import Payer
from bedside.errors import RequestError
from bedside.genome.authorisation import Status
from bedside.service.authorisations import authorisation_named
from bedside.service.house import open_house
from bedside.service.order_test import Wish, order_test
from bedside.service.send_authorisation import inquire
from bedside.settings import Settings
from tests.made_up_record import INGRID, open_record
from tests.served_payer import served

ASKER = Path(__file__).with_name("asker.py")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_after_a_kill_the_payer_is_asked_and_the_request_filed_once(tmp_path: Path, moment: str) -> None:
    first = open_record(tmp_path)
    wish = Wish("pgx-full", "Dr Who", answers={"transplant": "no"}, despite="her plan wants it")
    order = order_test(first, INGRID, wish).order.order
    store = first.settings.store_url
    first.close()
    payer = Payer()
    with served(payer) as url:
        killed = subprocess.run([sys.executable, str(ASKER), store, url, INGRID, order, moment], check=False)
        assert killed.returncode == -signal.SIGKILL
        now = [datetime.now(UTC)]
        house = open_house(Settings(store_url=store, payers=url), clock=lambda: now[0])
        held = authorisation_named(house, INGRID, order)
        assert (held.status, payer.posts) == (
            Status.SENDING,
            {} if moment == "before" else {f"{held.authorisation}-1": 1},
        )
        with pytest.raises(RequestError, match="is being sent now"):
            inquire(house, held, url, actor="desk")
        now[0] += timedelta(minutes=2)
        held = inquire(house, held, url, actor="desk")
        assert held.last is not None
        assert (held.status, payer.posts) == (Status.APPROVED, {held.last.claim: 1})
        assert payer.submitted[held.last.claim] == json.loads(house.documents.get(held.last.document))
        assert inquire(house, held, url, actor="desk").status is Status.APPROVED
        assert payer.posts == {held.last.claim: 1}
        house.close()
