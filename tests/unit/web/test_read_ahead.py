"""A server reads the inbox of results before anybody asks for it, and starts without it where it cannot."""

from __future__ import annotations

from bedside.errors import StoreError
from bedside.service import results_inbox
from bedside.service.house import House, open_house
from bedside.settings import Settings
from bedside.web.serve import read_ahead


def house_in(tmp_path) -> House:
    return open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))


def test_the_inbox_is_read_ahead(tmp_path):
    house = house_in(tmp_path)
    assert house.ledger not in results_inbox._KEPT
    read_ahead(house)
    assert house.ledger in results_inbox._KEPT
    house.close()


def test_a_ledger_that_fails_stops_no_start(tmp_path, monkeypatch):
    house = house_in(tmp_path)

    def fails(*_: object, **__: object) -> None:
        raise StoreError("disk gone")

    monkeypatch.setattr(type(house.ledger), "events", fails)
    read_ahead(house)
    house.close()
