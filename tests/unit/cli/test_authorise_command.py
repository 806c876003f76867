"""`bedside authorise`: for a portal, with a payer, refused, appealed, and typed in from the telephone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.demo.payer import Manner, Payer
from bedside.service.order_test import Wish, order_test
from tests.made_up_record import INGRID, open_record
from tests.served_payer import served


@pytest.fixture
def ordered(tmp_path: Path) -> tuple[str, str]:
    """A store, and the number of an order in it."""
    house = open_record(tmp_path)
    wish = Wish("pgx-full", "Dr Who", answers={"transplant": "no"}, despite="her plan wants it")
    order = order_test(house, INGRID, wish).order.order
    house.close()
    return f"sqlite:///{tmp_path}/ledger.db", order


@pytest.fixture
def payer(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Payer, str]]:
    """The made-up payer, named by the site."""
    one = Payer()
    with served(one) as url:
        monkeypatch.setenv("BEDSIDE_PAYERS", url)
        yield one, url


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """What a command says, for programs."""
    assert main(["authorise", *words, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_without_an_address_files_are_written_and_the_clock_begins_when_they_were_handed_in(
    ordered: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, order = ordered
    base = (order, "--store", store, "--out", str(tmp_path / "out"))
    first = told(capsys, *base, "--payer", "medicaid-ca", "--member", "M-1")
    assert (first["status"], first["due"]) == ("drafted", None)
    claim = json.loads((tmp_path / "out" / f"{order}-claim.json").read_bytes())
    assert claim["type"] == "collection"
    assert "AWAITS SIGNATURE" in (tmp_path / "out" / f"{order}-letter.txt").read_text()
    handed = told(capsys, *base, "--handed-in", "portal")
    assert handed["status"] == "submitted"
    assert handed["due"] is not None
    assert handed["due_confirmed"] is True
    assert main(["authorise", *base, "--record", "approved"]) == 1
    assert "without an authorisation number" in capsys.readouterr().err
    said = ("--record", "approved", "--number", "A-1", "--reference", "call 3", "--valid-until", "2027-01-31")
    agreed = told(capsys, *base, *said)
    assert (agreed["status"], agreed["number"], agreed["valid_until"]) == ("approved", "A-1", "2027-01-31")


def test_a_refusal_over_the_network_is_appealed_and_overturned(
    ordered: tuple[str, str],
    payer: tuple[Payer, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store, order = ordered
    base = (order, "--store", store, "--out", str(tmp_path / "out"))
    payer[0].manner = Manner.DENIES
    asked = ("--payer", "medicaid-ca", "--payer-url", payer[1])
    refused = told(capsys, *base, *asked)
    assert refused["status"] == "denied"
    assert refused["denial"] == {
        "class": "not-medically-necessary",
        "code": ["urn:bedside:denial", "not-medically-necessary"],
    }
    assert main(["authorise", order, "--store", store, "--status"]) == 0
    text = capsys.readouterr().out
    assert "Refused: not medically necessary" in text
    assert "not confirmed, the payer's notice holds" in text
    payer[0].manner = Manner.APPROVES
    assert told(capsys, *base, "--appeal", "--payer-url", payer[1])["status"] == "overturned"
    assert told(capsys, *base, "--status")["number"] is not None


def test_what_cannot_be_asked_says_why_and_what_to_do(
    ordered: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    store, order = ordered
    asked = ["authorise", order, "--store", store, "--payer", "medicaid-ca"]
    assert main([*asked, "--payer-url", "https://elsewhere.example/fhir"]) == 1
    assert "BEDSIDE_PAYERS" in capsys.readouterr().err
    assert main([*asked, "--appeal"]) == 1
    assert "no refusal to appeal" in capsys.readouterr().err
    assert main([*asked, "--answer", "nothing"]) == 1
    assert "FACT=VALUE" in capsys.readouterr().err
    assert main(["authorise", "BSNOTHERE", "--store", store]) == 1
    assert "no order has this number" in capsys.readouterr().err
