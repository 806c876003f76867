"""What arrived is kept byte for byte, once, and whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bedside.errors import StoreError, Tampered
from bedside.store.documents import Documents


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path / "documents")


def files(documents: Documents) -> list[Path]:
    return sorted(path for path in documents.folder.rglob("*") if path.is_file())


def test_a_document_comes_back_byte_for_byte(documents):
    name = documents.put(b"##fileformat=VCFv4.2\r\n\x00")
    assert documents.get(name) == b"##fileformat=VCFv4.2\r\n\x00"
    assert documents.has(name)


def test_the_same_bytes_a_hundred_times_are_one_file(documents, tmp_path):
    source = tmp_path / "a.vcf"
    source.write_bytes(b"same")
    names = {documents.put(b"same") for _ in range(50)} | {documents.put_file(source) for _ in range(50)}
    assert [documents.path(name) for name in names] == files(documents)


def test_a_document_that_was_altered_is_not_read(documents):
    name = documents.put(b"true")
    documents.path(name).write_bytes(b"forged")
    with pytest.raises(Tampered, match="is not what its digest says"):
        documents.get(name)


def test_a_document_that_is_not_kept_is_an_error_and_never_empty(documents):
    assert not documents.has("a" * 64)
    with pytest.raises(StoreError, match="could not be read"):
        documents.get("a" * 64)


def test_a_name_that_is_no_digest_reaches_no_file(documents):
    with pytest.raises(StoreError, match="named by its sha256"):
        documents.get("../../etc/passwd")


def test_a_write_that_fails_halfway_leaves_nothing(documents, monkeypatch):
    documents.put(b"first")
    before = files(documents)

    def fail(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("bedside.store.documents.os.fsync", fail)
    with pytest.raises(StoreError, match="No space left on device"):
        documents.put(b"second")
    assert files(documents) == before


def test_a_file_that_changes_while_it_is_read_is_not_kept(documents, tmp_path, monkeypatch):
    source = tmp_path / "growing.vcf"
    source.write_bytes(b"one")
    monkeypatch.setattr("bedside.store.documents.digest_of_file", lambda path: "0" * 64)
    with pytest.raises(StoreError, match="changed while it was being read"):
        documents.put_file(source)
    assert files(documents) == []
