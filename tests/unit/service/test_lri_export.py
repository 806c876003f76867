"""The HL7 v2 result that goes out is taken in by another house with the same calls."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import hl7
import pytest

from bedside.cli import main
from bedside.errors import RequestError
from bedside.genome.person import Identifier, Person, Sex
from bedside.intake.content_kind import ContentKind
from bedside.service.house import House, open_house
from bedside.service.lri_export import export_oru
from bedside.service.receive_document import READERS
from bedside.service.receive_result import Fate, receive_kept
from bedside.service.register_person import register_person
from bedside.settings import Settings
from tests.contract.site import record

ADA = Person("ada", "Ada", "O'Sei^|", date(1980, 1, 31), Sex.FEMALE, (Identifier("urn:hospital", "7"),))
GENES = {"CYP2C19": "*2/*17", "CYP2D6": "*1/*4", "SLCO1B1": "*1/*5", "TPMT": "*1/*3A"}


def opened(folder: Path, name: str) -> House:
    return open_house(Settings(store_url=f"sqlite:///{folder / name}/ledger.db"))


@pytest.fixture
def houses(tmp_path: Path):  # type: ignore[no-untyped-def]
    ours, theirs = opened(tmp_path, "ours"), opened(tmp_path, "theirs")
    record(ours, "ada", GENES)
    for house in (ours, theirs):
        register_person(house, ADA)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_what_goes_out_is_taken_in_with_the_same_calls(houses: tuple[House, House]) -> None:
    ours, theirs = houses
    content = export_oru(ours, "ada")
    (kept,) = READERS[ContentKind.HL7V2](theirs, content)
    received = receive_kept(theirs, kept)
    assert (received.fate, received.reasons, received.unread) == (Fate.ACCEPTED, (), 0)
    sent, taken = ours.ledger.person_calls("ada"), theirs.ledger.person_calls("ada")
    assert set(taken) == set(sent) == set(GENES)
    for gene, call in sent.items():
        assert taken[gene].source_diplotypes == call.source_diplotypes
        assert taken[gene].phenotypes == call.phenotypes
    again = receive_kept(theirs, READERS[ContentKind.HL7V2](theirs, export_oru(ours, "ada"))[0])
    assert not again.new


def test_another_parser_reads_it_and_its_notes_say_what_is_not_in_it(houses: tuple[House, House]) -> None:
    message = hl7.parse(export_oru(houses[0], "ada").decode())
    assert str(message.segment("MSH")[9]) == "ORU^R01^ORU_R01"
    assert [str(obx[3][0][0]) for obx in message.segments("OBX")][:3] == ["48018-6", "84413-4", "53040-2"]
    notes = " ".join(str(note) for note in message.segments("NTE"))
    assert "Not tested is not normal." in notes
    assert "DPYD" in notes


def test_who_has_nothing_to_tell_is_refused(houses: tuple[House, House]) -> None:
    with pytest.raises(RequestError, match="no pharmacogene"):
        export_oru(houses[1], "ada")


def test_the_command_writes_it(houses: tuple[House, House], tmp_path: Path) -> None:
    out, store = tmp_path / "out.hl7", f"sqlite:///{tmp_path / 'ours'}/ledger.db"
    assert main(["export", "ada", "--format", "hl7v2", "--out", str(out), "--store", store]) == 0
    assert out.read_bytes() == export_oru(houses[0], "ada")
