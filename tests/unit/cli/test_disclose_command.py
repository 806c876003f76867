"""`bedside disclose`, by its own parser: a finding listed, moved and measured."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from bedside.commands.disclose import disclose
from bedside.genome.result import Confirmation
from bedside.service.disclose import Positive, bring_in
from bedside.service.house import open_house
from bedside.settings import Settings

FOUND = Positive("ann", "LDLR", ("chr19-11105408-G-A",), "cdc-tier1", "c@1", Confirmation.RESEARCH)


def test_a_finding_is_listed_moved_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    house = open_house(Settings(store_url=store))
    bring_in(house, [FOUND], actor="screen")
    house.close()

    def run(*words: str) -> list[list[str]]:
        parser = argparse.ArgumentParser()
        disclose(parser)
        arguments = parser.parse_args([*words, "--store", store])
        assert arguments.run(arguments) == 0
        return [line.split("\t") for line in capsys.readouterr().out.splitlines()]

    assert run("list", "--role", "variant scientist")[1][:5] == [
        "ann", FOUND.finding, "", "sign-off", "variant scientist",
    ]  # fmt: skip
    assert run("list", "--role", "nobody")[1:] == []
    moved = run("step", "ann", FOUND.finding, "sign-off", "signed-off", "--by", "dr x")
    assert moved == [[FOUND.finding, "second-sample", "research coordinator", ""]]
    assert run("measures")[0] == ["confirmed", "0 %", "0 of 1"]
