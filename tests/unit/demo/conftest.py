"""The release, the frequencies and the setting, read once."""

from __future__ import annotations

import pytest

from bedside.demo.cast import Setting, read_setting
from bedside.demo.draw import Urn
from bedside.demo.people import MadeUpPerson, make_people
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.frequencies import Frequencies, load_frequencies
from bedside.knowledge.pgx import PgxPack


@pytest.fixture(scope="session")
def pack() -> PgxPack:
    return load_pgx()


@pytest.fixture(scope="session")
def frequencies() -> Frequencies:
    return load_frequencies()


@pytest.fixture(scope="session")
def urn(frequencies: Frequencies, pack: PgxPack) -> Urn:
    return Urn(frequencies, pack)


@pytest.fixture(scope="session")
def setting() -> Setting:
    return read_setting()


@pytest.fixture(scope="session")
def people(setting: Setting, urn: Urn) -> tuple[MadeUpPerson, ...]:
    return tuple(make_people(setting, urn, 300, 1))
