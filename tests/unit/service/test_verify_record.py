"""Every part of a person's record that was changed behind the ledger's back is found and named."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.errors import Tampered
from bedside.service.accept_result import accept_files
from bedside.service.house import House
from bedside.service.verify_record import Verified, verify_record

Write = Callable[..., Path]


@pytest.fixture
def anna(house: House, write_vcf: Write) -> House:
    accept_files(house, [write_vcf("anna.vcf", {"anna": {"rs4244285": "1/1", "rs12769205": "1/1"}})])
    return house


def behind_the_back(tmp_path: Path, statement: str) -> None:
    connection = sqlite3.connect(tmp_path / "store" / "ledger.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_record_is_counted(anna: House) -> None:
    """Release adopted, result, meanings; the assay, one observation and its call; the file."""
    assert verify_record(anna) == Verified(events=3, contents=3, documents=1)


def test_a_result_taken_out_of_a_projection_is_found_and_can_be_written_anew(
    anna: House, tmp_path: Path
) -> None:
    behind_the_back(tmp_path, "DELETE FROM result")
    assert anna.ledger.person_calls("anna") == {}
    with pytest.raises(Tampered, match=r"^the projection result is not what the events say"):
        verify_record(anna)
    assert anna.ledger.person_calls("anna") == {}
    anna.ledger.rebuild()
    assert anna.ledger.person_calls("anna")["CYP2C19"].phenotypes == ("Poor Metabolizer",)
    assert verify_record(anna).events == 3


def test_a_meaning_taken_out_of_the_content_is_found(anna: House, tmp_path: Path) -> None:
    behind_the_back(tmp_path, "DELETE FROM content WHERE gene = 'CYP2C19'")
    with pytest.raises(Tampered, match=r"^content [0-9a-f]{12} is not in the ledger"):
        verify_record(anna)


def test_a_changed_document_is_found(anna: House) -> None:
    (document,) = (path for path in anna.documents.folder.rglob("*") if path.is_file())
    document.write_bytes(b"something else")
    with pytest.raises(Tampered, match=r"^document [0-9a-f]{12} is not what its digest says$"):
        verify_record(anna)


def test_documents_that_are_gone_are_found(anna: House) -> None:
    shutil.rmtree(anna.documents.folder)
    with pytest.raises(Tampered, match=r"^document [0-9a-f]{12} is not kept$"):
        verify_record(anna)
