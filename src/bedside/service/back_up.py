"""A backup of a whole house while it is in use: record, documents, genomes, the site's knowledge."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from bedside.errors import InputError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.clinvar.keep import releases_root
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, documents_folder, lake_folder, open_house, open_the_ledger
from bedside.service.kept_erasures import REASON, brought_back, erased_elsewhere
from bedside.settings import Settings
from bedside.store.backup_folder import BackupManifest, flush_folder
from bedside.store.backup_read import (
    Backup,
    Places,
    begin,
    check_whole,
    end,
    open_backup,
    put_files,
    put_ledger,
)
from bedside.store.backup_write import Made, Progress, Source, quiet, write_backup
from bedside.store.open_ledger import is_postgresql, ledger_path
from bedside.store.sealed_file import Secret


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place: the backup's manifest, its digest, and where knowledge and access files lie
    (None where there were none). erased_again: how many people's genomes, erased since the backup, were
    erased again; None where nobody looked."""

    manifest: BackupManifest
    digest: str
    knowledge: Path | None
    access: Path | None
    erased_again: int | None = None


def back_up(
    house: House,
    target: Path,
    *,
    actor: str,
    secret: Secret | None = None,
    since: Path | None = None,
    with_access: bool = False,
    progress: Progress = quiet,
) -> Made:
    """Make a backup, verify it, and write down in the ledger that it was made (which is therefore not in it).

    Raises `InputError`, `StoreError`, `Tampered`; nothing stands at the target then.
    """
    source = _source(house, secret, with_access)
    _not_inside(house.settings, target)
    made = write_backup(
        source,
        target,
        made_at=house.clock().isoformat(),
        by=actor,
        secret=secret,
        since=since,
        progress=progress,
    )
    said = {
        "digest": made.digest,
        "checkpoint": str(made.manifest.checkpoint),
        "files": len(made.manifest.files),
        "bytes": made.manifest.size,
        "sealed": "" if secret is None else secret.name,
        "name": target.name,
    }
    house.ledger.append([NewEvent(EventKind.BACKUP_MADE, actor, house.clock(), None, said)])
    return made


def _source(house: House, secret: Secret | None, with_access: bool) -> Source:
    settings, access = house.settings, {}
    if with_access:
        if secret is None:
            raise InputError.one(
                "--with-access", "takes secrets along, so the backup must be sealed", remedy="give a key"
            )
        named = {"access.toml": settings.access_file, "sites.toml": settings.sites_file}
        access = {name: Path(path) for name, path in named.items() if path}
    return Source(
        house.ledger,
        documents_folder(settings),
        lake_folder(settings),
        _knowledge(settings),
        access,
        {"release": str(house.pgx.release)},
    )


def _knowledge(settings: Settings) -> Path | None:
    """The site's own packs and releases: as set, else beside the ledger."""
    if settings.knowledge_folder is not None:
        return settings.knowledge_folder
    return None if is_postgresql(settings.store_url) else releases_root(settings)


def _not_inside(settings: Settings, target: Path) -> None:
    """A backup inside what is backed up would grow into itself."""
    folders = [documents_folder(settings), lake_folder(settings), _knowledge(settings)]
    for folder in filter(None, folders):
        if target.resolve().is_relative_to(folder.resolve()):
            raise InputError.one(target.name, "lies inside what is backed up", remedy="name another place")


def verify_backup(folder: Path, secret: Secret | None, progress: Progress = quiet) -> Backup:
    """Read a whole backup again; raises `InputError` naming every file that is not as written."""
    backup = open_backup(folder, secret)
    check_whole(backup, progress)
    return backup


def restore(
    folder: Path,
    settings: Settings,
    *,
    secret: Secret | None = None,
    progress: Progress = quiet,
    erasures: bool = True,
) -> Restored:
    """Put a backup where the settings point, which must be empty. The ledger comes last, after what was
    erased since the backup has been erased again. erasures: False leaves that to whoever asks.

    Raises `InputError`, `SettingsError`, `StoreError` or `Tampered`; the place holds no house then, and the
    same command goes on (a PostgreSQL ledger is there, and its erasures are done again with `bedside erase`).
    """
    _place_is_free(settings)
    erased = erased_elsewhere(settings) if erasures else None
    backup = verify_backup(folder, secret, progress)
    beside = documents_folder(settings).parent
    held = backup.manifest
    places = Places(
        documents_folder(settings),
        lake_folder(settings),
        beside / "knowledge" if held.of("knowledge") else None,
        beside / "access" if held.of("access") else None,
    )
    begin(backup, places)
    put_files(backup, places, progress)
    again = _put_ledger(backup, settings, erased or frozenset())
    end(places)
    return Restored(held, backup.digest, places.knowledge, places.access, None if erased is None else again)


def into_folder(settings: Settings, folder: Path) -> Settings:
    """The settings of a house that lies in one folder, whatever the environment says of the other one."""
    url = f"sqlite:///{(folder / 'ledger.db').absolute()}"
    return replace(settings, store_url=url, documents="", lake="", exports="", knowledge_root="")


def _place_is_free(settings: Settings) -> None:
    remedy = "a backup is put where nothing is: name another place with --into or --store"
    if is_postgresql(settings.store_url):
        ledger = open_the_ledger(settings)
        try:
            taken = ledger.checkpoint().sequence > 0
        finally:
            ledger.close()
    else:
        taken = ledger_path(settings.store_url).exists()
    if taken:
        raise StoreError(f"there is a record already; {remedy}")


def _erase_again(settings: Settings, erased: frozenset[str]) -> int:
    """Erase in a restored place what was erased before; how many people's genomes."""
    ledger = open_the_ledger(settings)
    try:
        people = brought_back(ledger, erased)
    finally:
        ledger.close()
    if people:
        house = open_house(replace(settings, checkpoint_log=""))  # they are on the list already
        try:
            for person in people:
                erase_stored_genome(house, person, REASON, actor="bedside restore")
        finally:
            house.close()
    return len(people)


def _put_ledger(backup: Backup, settings: Settings, erased: frozenset[str]) -> int:
    """PostgreSQL in one transaction; a file beside its place, and then named. How many erasures were done
    again."""
    if is_postgresql(settings.store_url):
        ledger = open_the_ledger(settings)
        try:
            put_ledger(backup, ledger)
        finally:
            ledger.close()
        return _erase_again(settings, erased)
    target = ledger_path(settings.store_url)
    draft = target.with_name(f"{target.name}.restoring")
    for suffix in ("", "-wal", "-shm", "-journal"):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)
    url = settings.store_url.removesuffix(str(target)) + str(draft)
    beside = replace(settings, store_url=url)
    ledger = open_the_ledger(beside)
    try:
        put_ledger(backup, ledger)
    finally:
        ledger.close()
    again = _erase_again(beside, erased)
    if draft.with_name(f"{draft.name}-wal").exists():
        raise StoreError("the restored ledger is still open elsewhere; nothing was put in place")
    if target.exists():
        raise StoreError("a record appeared meanwhile; nothing was put over it")
    _settle(draft, target)
    return again


def _settle(draft: Path, target: Path) -> None:
    try:
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(draft, target)
        flush_folder(target.parent)
    except OSError as error:
        raise StoreError(f"the ledger could not be put in place: {error.strerror}") from error
