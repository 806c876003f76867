"""A backup is the house as it was at one moment: put back, it gives the same events, answers and refusals."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bedside.errors import InputError, StoreError, Tampered
from bedside.genome.event import EventKind, NewEvent
from bedside.service.back_up import back_up, into_folder, restore, verify_backup
from bedside.service.house import House, open_house
from bedside.service.replay_card import replay_card
from bedside.service.show_person import show
from bedside.settings import Settings
from bedside.store.backup_folder import HEADER, MANIFEST
from bedside.store.sealed_file import Secret, WrongKey, make_key_file, passphrase, secret_from
from tests.contract.site import ORDER_SIGN, Site, medication, open_site, record, request

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CANARY = "Canarysdottir"


def settings_for(url: str, folder: Path) -> Settings:
    """A house at this address whose folders lie here."""
    return Settings(store_url=url, documents=str(folder / "documents"), lake=str(folder / "lake"))


def noted(house: House, number: int) -> None:
    house.audit.append([NewEvent(EventKind.ACCESSED, "clerk", NOON, "p-1", {"number": number})])


@pytest.fixture
def house(ledger_url: str, tmp_path: Path) -> House:
    opened = open_house(settings_for(ledger_url, tmp_path / "house"))
    record(opened, "p-1", {"CYP2C19": "*2/*2"}, {"32968": "clopidogrel"})
    opened.ledger.append(
        [NewEvent(EventKind.PERSON_REGISTERED, "clerk", NOON, "p-1", {"family": CANARY, "given": "Åsa"})]
    )
    opened.documents.put(b"a laboratory's letter about " + CANARY.encode())
    yield opened
    opened.close()


@pytest.fixture
def key(tmp_path: Path) -> Secret:
    make_key_file(tmp_path / "backup.key")
    return secret_from(tmp_path / "backup.key")


def test_a_backup_put_elsewhere_is_the_same_house(house: House, tmp_path: Path) -> None:
    head = house.ledger.checkpoint()
    made = back_up(house, tmp_path / "b", actor="night")
    told = list(house.ledger.events(kinds=[EventKind.BACKUP_MADE]))
    assert [event.payload["digest"] for event in told] == [made.digest]
    done = restore(tmp_path / "b", into_folder(house.settings, tmp_path / "empty"))
    again = open_house(into_folder(house.settings, tmp_path / "empty"))
    assert (again.ledger.checkpoint(), done.manifest.checkpoint) == (head, head)
    assert list(again.ledger.events()) == [e for e in house.ledger.events() if e.sequence <= head.sequence]
    assert again.ledger.verify(head) == head.sequence
    assert again.ledger.differing_projections() == ()
    assert show(again, "p-1", None) == show(house, "p-1", None)
    assert _files(again.documents.folder) == _files(house.documents.folder)
    again.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_file_becomes_a_server_and_a_server_a_file(
    house: House, tmp_path: Path, postgresql_server: str
) -> None:
    """The same events and the same head of the chain on the other kind of store."""
    import psycopg

    head = house.ledger.checkpoint()
    back_up(house, tmp_path / "b", actor="move")
    if house.ledger.dialect.name == "sqlite":
        with psycopg.connect(postgresql_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {(name := f'moved_{id(house)}')}")
        url = postgresql_server.replace("/postgres?", f"/{name}?")
    else:
        url = f"sqlite:///{tmp_path / 'moved' / 'ledger.db'}"
    target = settings_for(url, tmp_path / "moved")
    restore(tmp_path / "b", target)
    moved = open_house(target)
    assert moved.ledger.dialect.name != house.ledger.dialect.name
    assert (moved.ledger.checkpoint(), moved.ledger.verify(head)) == (head, head.sequence)
    assert show(moved, "p-1", None) == show(house, "p-1", None)
    with pytest.raises(StoreError, match="there is a record already"):
        restore(tmp_path / "b", target)
    moved.close()


def test_people_write_while_the_backup_is_made(house: House, tmp_path: Path) -> None:
    for number in range(200):
        noted(house, number)
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            noted(house, len(written) + 200)
            written.append(1)

    thread = threading.Thread(target=write)
    thread.start()
    made = back_up(house, tmp_path / "b", actor="night")
    stop.set()
    thread.join()
    assert written
    restore(tmp_path / "b", into_folder(house.settings, tmp_path / "empty"))
    again = open_house(into_folder(house.settings, tmp_path / "empty"))
    assert again.ledger.verify(made.manifest.checkpoint) == made.manifest.checkpoint.sequence
    assert house.ledger.verify(made.manifest.checkpoint) > made.manifest.checkpoint.sequence
    again.close()


def test_a_sealed_backup_says_nothing_and_opens_by_its_key_only(
    house: House, tmp_path: Path, key: Secret
) -> None:
    made = back_up(house, tmp_path / "b", actor="night", secret=key)
    everything = b"".join(content for content in _files(tmp_path / "b").values())
    names = " ".join(_files(tmp_path / "b"))
    digest = next(iter(_files(house.documents.folder))).replace("/", "")
    for secret in (CANARY, "Åsa", "clopidogrel", "CYP2C19", made.manifest.checkpoint.hash, digest):
        assert secret.encode() not in everything
        assert secret not in names
    assert verify_backup(tmp_path / "b", key).digest == made.digest
    make_key_file(tmp_path / "other.key")
    for wrong in (secret_from(tmp_path / "other.key"), passphrase("a passphrase, long")):
        with pytest.raises(WrongKey):
            verify_backup(tmp_path / "b", wrong)
    with pytest.raises(InputError, match="is sealed"):
        restore(tmp_path / "b", into_folder(house.settings, tmp_path / "empty"))
    restore(tmp_path / "b", into_folder(house.settings, tmp_path / "empty"), secret=key)
    again = open_house(into_folder(house.settings, tmp_path / "empty"))
    assert again.ledger.checkpoint() == made.manifest.checkpoint
    again.close()


def test_a_passphrase_seals_as_well(house: House, tmp_path: Path) -> None:
    back_up(house, tmp_path / "b", actor="night", secret=passphrase("four words of a song"))
    with pytest.raises(WrongKey, match="nothing was read"):
        verify_backup(tmp_path / "b", passphrase("four words of a sonh"))
    assert verify_backup(tmp_path / "b", passphrase("four words of a song"))


def test_the_next_backup_links_what_the_last_one_has(house: House, tmp_path: Path, key: Secret) -> None:
    for secret, first, second in ((None, "a", "b"), (key, "c", "d")):
        back_up(house, tmp_path / first, actor="night", secret=secret)
        house.documents.put(f"another letter, {first}".encode())
        made = back_up(house, tmp_path / second, actor="night", secret=secret, since=tmp_path / first)
        documents = made.manifest.of("documents")
        linked = [one for one in documents if (tmp_path / second / one.stored).stat().st_nlink > 1]
        assert len(linked) == len(documents) - 1
        shutil.rmtree(tmp_path / first)
        assert verify_backup(tmp_path / second, secret).digest == made.digest


def test_a_backup_goes_to_a_new_place_only_and_not_into_what_is_backed_up(
    house: House, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="is there already"):
        back_up(house, tmp_path / "there", actor="x")
    with pytest.raises(InputError, match="lies inside"):
        back_up(house, house.documents.folder / "b", actor="x")
    with pytest.raises(InputError, match="must be sealed"):
        back_up(house, tmp_path / "b", actor="x", with_access=True)
    assert not list(house.ledger.events(kinds=[EventKind.BACKUP_MADE]))


Damage = Callable[[Path], object]


def _header(folder: Path, **changed: object) -> None:
    said = json.loads((folder / HEADER).read_bytes())
    (folder / HEADER).write_text(json.dumps({**said, **changed}))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _first(folder: Path, pattern: str) -> Path:
    return next(path for path in sorted(folder.glob(pattern)) if path.is_file())


DAMAGES: dict[str, tuple[Damage, str]] = {
    "an event cut off": (lambda b: _cut(_first(b, "ledger/events*")), "ledger/events-000001.jsonl.gz"),
    "a document changed": (lambda b: _flip(_first(b, "documents/*/*")), "documents/"),
    "a document gone": (lambda b: _first(b, "documents/*/*").unlink(), "is missing"),
    "a foreign file": (
        lambda b: (b / "ledger" / "events-000009.jsonl.gz").write_bytes(b"x"),
        "two were mixed",
    ),
    "the manifest changed": (lambda b: _flip(b / MANIFEST), "damaged, or of another backup"),
    "the manifest gone": (lambda b: (b / MANIFEST).unlink(), "manifest: is missing"),
    "the header gone": (lambda b: (b / HEADER).unlink(), "holds no backup.json"),
    "the header cut": (lambda b: _cut(b / HEADER) or _cut(b / HEADER), "backup.json: is damaged"),
    "a newer program's": (lambda b: _header(b, format=99), "format 99, this program reads 1"),
    "somebody else's": (lambda b: _header(b, kind="tar"), "is no backup of Bedside"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_not_whole_is_refused_by_name_and_nothing_is_put_in_place(
    house: House, tmp_path: Path, name: str
) -> None:
    back_up(house, tmp_path / "b", actor="night")
    damage, told = DAMAGES[name]
    damage(tmp_path / "b")
    with pytest.raises((InputError, Tampered), match=told):
        restore(tmp_path / "b", into_folder(house.settings, tmp_path / "empty"))
    assert not (tmp_path / "empty").exists()


@pytest.mark.parametrize("pattern", ["sealed/*/*", MANIFEST])
def test_a_sealed_file_that_was_changed_or_exchanged_is_refused(
    house: House, tmp_path: Path, key: Secret, pattern: str
) -> None:
    back_up(house, tmp_path / "b", actor="night", secret=key)
    _flip(_first(tmp_path / "b", pattern))
    with pytest.raises((InputError, Tampered), match=r"not what was written|damaged"):
        verify_backup(tmp_path / "b", key)
    back_up(house, tmp_path / "c", actor="night", secret=key)
    one, other = [path for path in sorted((tmp_path / "c" / "sealed").rglob("*")) if path.is_file()][:2]
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    with pytest.raises(InputError, match="not what was written"):
        verify_backup(tmp_path / "c", key)


def test_a_tampered_ledger_is_not_backed_up_as_if_it_were_whole(tmp_path: Path) -> None:
    import sqlite3

    house = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'house' / 'ledger.db'}"))
    for number in range(3):
        noted(house, number)
    connection = sqlite3.connect(tmp_path / "house" / "ledger.db")
    connection.execute("DROP TRIGGER event_never_changes")
    connection.execute("UPDATE event SET payload = '{}' WHERE sequence = 2")
    connection.commit()
    connection.close()
    with pytest.raises(Tampered, match="event 2 does not fit"):
        back_up(house, tmp_path / "b", actor="night")
    assert not (tmp_path / "b").exists()
    house.close()


def test_a_restore_never_goes_over_anything(house: House, tmp_path: Path) -> None:
    back_up(house, tmp_path / "b", actor="night")
    with pytest.raises(StoreError, match="there is a record already"):
        restore(tmp_path / "b", house.settings)
    target = into_folder(house.settings, tmp_path / "busy")
    (tmp_path / "busy" / "documents").mkdir(parents=True)
    (tmp_path / "busy" / "documents" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="folder documents is not empty"):
        restore(tmp_path / "b", target)
    assert not (tmp_path / "busy" / "ledger.db").exists()


def test_a_card_shown_before_is_given_again_to_the_byte_on_the_restored_host(tmp_path: Path) -> None:
    site = open_site(tmp_path / "site")
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    cards = site.cards(ORDER_SIGN, request("order-sign", medication("clopidogrel", "32968")))
    back_up(site.house, tmp_path / "b", actor="night")
    restore(tmp_path / "b", into_folder(site.house.settings, tmp_path / "empty"))
    again = open_house(into_folder(site.house.settings, tmp_path / "empty"))
    replayed = replay_card(again, cards[0]["uuid"])
    assert (replayed.same, replayed.response["cards"]) == (True, cards)
    new = Site(again, replace(site, house=again).app)
    assert new.house.ledger.checkpoint().sequence == site.house.ledger.checkpoint().sequence - 1
    again.close()
    site.house.close()
