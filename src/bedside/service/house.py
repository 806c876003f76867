"""One site's Bedside, opened: its ledger, its documents, the knowledge release its record speaks, its
clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.errors import SettingsError, StoreError
from bedside.knowledge.catalogue import load_pgx, release_folders, with_guidance
from bedside.knowledge.pgx import PgxPack
from bedside.service.playbook_act import recover
from bedside.settings import Settings
from bedside.store.documents import Documents
from bedside.store.group_commit import GroupCommit
from bedside.store.open_ledger import is_encrypted, is_postgresql, ledger_path, open_ledger
from bedside.store.sql_ledger import Clock, SqlLedger, utc_now
from bedside.store.store_key import StoreKey, read_store_key

if TYPE_CHECKING:
    from bedside.store.lake.lake import Lake

SOURCE = "cpic"


@dataclass(frozen=True, slots=True)
class House:
    """What every use case is given. `audit` writes like `ledger.append`, many requests in one flush to disk.

    `pgx` is the release that the meanings in the record were derived under, or the newest when there are none
    yet.
    """

    settings: Settings
    ledger: SqlLedger
    documents: Documents
    pgx: PgxPack
    audit: GroupCommit
    clock: Clock = utc_now
    shelf: list[Lake] = field(default_factory=list)

    def close(self) -> None:
        """Write what waits and release the connections."""
        self.audit.close()
        for lake in self.shelf:
            lake.close()
        self.ledger.close()


def open_house(settings: Settings, *, pgx: PgxPack | None = None, clock: Clock = utc_now) -> House:
    """Open a site's store and knowledge. With `pgx` given, that release is used whatever the record was read
    under.

    Raises `SettingsError`, `StoreError` or `PackError`.
    """
    ledger = open_the_ledger(settings, clock)
    try:
        recover(settings.knowledge_folder, ledger)
        pack = pgx or adopted_pack(settings, ledger)
        documents = Documents(documents_folder(settings))
    except BaseException:
        ledger.close()
        raise
    ledger.read_only = settings.serves_read_only
    return House(settings, ledger, documents, pack, GroupCommit(ledger), clock)


def open_the_ledger(settings: Settings, clock: Clock = utc_now) -> SqlLedger:
    """The ledger that the settings name, opened with its key where it has one."""
    plain = settings.postgresql_plain.strip().lower() == "yes"
    return open_ledger(settings.store_url, clock, key=store_key(settings), plain=plain)


def store_key(settings: Settings) -> StoreKey | None:
    """The key of an encrypted store; None where the store is not encrypted or no key is set."""
    if not is_encrypted(settings.store_url) or not (settings.store_key or settings.store_key_file):
        return None
    if settings.store_key:
        return StoreKey(settings.store_key.strip())
    return read_store_key(Path(settings.store_key_file))


def lake_of(house: House) -> Lake:
    """The site's lake, opened when it is first asked for and brought up to what the ledger says.

    Only the services that store, erase or ask by consent call this (`tests/test_house.py` holds them to it).
    """
    if not house.shelf:
        from bedside.service.catch_up_lake import catch_up
        from bedside.store.lake.parquet_lake import open_lake

        lake = open_lake(lake_folder(house.settings))
        catch_up(house.ledger, lake)
        house.shelf.append(lake)
    return house.shelf[0]


def lake_folder(settings: Settings) -> Path:
    """Where genomes are kept: as set, else beside the ledger's file. PostgreSQL needs the setting."""
    return _beside_the_ledger(settings, settings.lake, "lake", "BEDSIDE_LAKE", "genomes")


def adopted_pack(settings: Settings, ledger: SqlLedger) -> PgxPack:
    """The release the record was last interpreted under; the newest at hand when it never was."""
    adopted = ledger.release(SOURCE)
    if adopted is None:
        return newest_pack(settings)
    pack = pack_named(settings, adopted)
    if pack is None:
        raise StoreError(
            f"the record speaks release {adopted}, which is not at hand; "
            "adopt one that is with `bedside reinterpret`"
        )
    return pack


def pack_named(settings: Settings, release: str) -> PgxPack | None:
    """The release of this name, date and digest (`cpic@2025-11-05#3f2a…`); None when it is not at hand."""
    date = release.partition("@")[2].partition("#")[0]
    for root in _roots(settings):
        if any(folder.parent.name == SOURCE and folder.name == date for folder in release_folders(root)):
            pack = load_pgx(SOURCE, date, root)
            if str(pack.release) == release:
                return with_further_guidance(settings, pack)
    return None


def newest_pack(settings: Settings, date: str | None = None) -> PgxPack:
    """The newest release at hand, the site's own before those shipped; or the one of a date."""
    found = [
        (folder.name, place, root)
        for place, root in enumerate(_roots(settings))
        for folder in release_folders(root)
        if folder.parent.name == SOURCE and date in (None, folder.name)
    ]
    if not found:
        raise SettingsError(f"no release of {SOURCE}" + (f" dated {date}" if date else "") + " is at hand")
    newest, _, root = max(found, key=lambda release: (release[0], -release[1]))
    return with_further_guidance(settings, load_pgx(SOURCE, newest, root))


def with_further_guidance(settings: Settings, pack: PgxPack) -> PgxPack:
    """The release with the newest guidance of every further source the site asks for, each under its own
    licence; raises `SettingsError` for a source that is not at hand.
    """
    for source in settings.guidance_sources[1:]:
        found = [
            (folder.name, -place, root)
            for place, root in enumerate(_roots(settings))
            for folder in release_folders(root)
            if folder.parent.name == source
        ]
        if not found:
            raise SettingsError(f"no release of {source} is at hand, which BEDSIDE_GUIDANCE names")
        newest, _, root = max(found, key=lambda release: release[:2])
        pack = with_guidance(pack, load_pgx(source, newest, root))
    return pack


def _roots(settings: Settings) -> tuple[Path | None, ...]:
    own = settings.knowledge_folder
    return (None,) if own is None else (own, None)


def documents_folder(settings: Settings) -> Path:
    """Where documents are kept: as set, else beside the ledger's file. PostgreSQL needs the setting."""
    return _beside_the_ledger(settings, settings.documents, "documents", "BEDSIDE_DOCUMENTS", "documents")


def exports_folder(settings: Settings) -> Path:
    """Where bulk exports are kept until they are fetched: as set, else beside the ledger's file. PostgreSQL
    needs the setting."""
    return _beside_the_ledger(settings, settings.exports, "exports", "BEDSIDE_EXPORTS", "exports")


def _beside_the_ledger(settings: Settings, told: str, name: str, variable: str, what: str) -> Path:
    if told:
        return Path(told)
    if is_postgresql(settings.store_url):
        raise SettingsError(f"with a PostgreSQL store, {variable} must name the folder that keeps {what}")
    return ledger_path(settings.store_url).parent / name
