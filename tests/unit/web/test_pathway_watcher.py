"""Guards are looked at beside the pages, while the server runs and no longer."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import SettingsError
from bedside.service.pathway_watch import KIND
from bedside.settings import read_settings
from bedside.web.pathway_watcher import watching
from tests.made_up_pathways import open_pathways
from tests.made_up_record import INGRID


def tasks(house) -> list[str]:
    return [one.about["guard"] for one in house.ledger.tasks(INGRID) if one.kind == KIND]


def test_a_guard_that_fired_becomes_one_task_while_the_server_runs(tmp_path: Path) -> None:
    house = open_pathways(tmp_path)
    with watching(house, first_after=0.01):
        end = time.monotonic() + 20
        while not tasks(house) and time.monotonic() < end:
            time.sleep(0.02)
    assert tasks(house) == ["dispense-without-dose"]
    with watching(replace(house, settings=replace(house.settings, watch_minutes=0))):
        pass
    assert tasks(house) == ["dispense-without-dose"]
    house.close()


def test_how_often_is_a_setting() -> None:
    assert read_settings({}).watch_minutes == 5
    assert read_settings({"BEDSIDE_WATCH_MINUTES": "0"}).watch_minutes == 0
    with pytest.raises(SettingsError, match="BEDSIDE_WATCH_MINUTES"):
        read_settings({"BEDSIDE_WATCH_MINUTES": "often"})
