"""The keys of a house: which there are, how old, and putting new ones in their place."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bedside.errors import InputError, SettingsError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House, store_key
from bedside.service.sites import make_key, public_jwk, read_key, read_sites
from bedside.settings import Settings, variable
from bedside.store.backup_folder import HEADER, header_bytes, read_header, write_flushed
from bedside.store.open_ledger import is_encrypted, ledger_path
from bedside.store.sealed_file import Secret, unwrapped
from bedside.store.signing_key import key_id, read_signing_key, rotate_signing_key


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key the settings name. made: when its file was last written. others: whether other accounts of the
    machine may read it. problem: why it cannot be told."""

    what: str
    name: str
    file: str
    made: datetime | None
    others: bool = False
    problem: str = ""

    def age(self, now: datetime) -> int | None:
        """Whole days since it was made."""
        return None if self.made is None else (now - self.made).days


def keys_of(settings: Settings) -> tuple[HeldKey, ...]:
    """Every key the settings name, none of it shown."""
    found = []
    if is_encrypted(settings.store_url):
        found.append(_held("store", settings.store_key_file, _store_name))
    if settings.checkpoint_key_file:
        found.append(_held("checkpoint", settings.checkpoint_key_file, _signing_name))
    if settings.sites_file:
        found.append(_held("site", str(site_key_file(settings)), _site_name))
    return tuple(found)


def _held(what: str, file: str, named: Any) -> HeldKey:
    if not file:
        return HeldKey(what, "", "environment", None)
    path = Path(file)
    try:
        status = path.stat()
        made = datetime.fromtimestamp(status.st_mtime, UTC)
        return HeldKey(what, named(path), path.name, made, bool(status.st_mode & 0o077))
    except (OSError, SettingsError, ValueError) as error:
        return HeldKey(what, "", path.name, None, problem=f"cannot be read: {type(error).__name__}")


def _store_name(path: Path) -> str:
    return hashlib.sha256(b"name:" + path.read_bytes().strip()).hexdigest()[:12]


def _signing_name(path: Path) -> str:
    return key_id(read_signing_key(path).public_key())


def _site_name(path: Path) -> str:
    return str(public_jwk(read_key(path))["kid"])


def site_key_file(settings: Settings) -> Path:
    """Where this site's private key lies."""
    import tomllib

    path = Path(settings.sites_file)
    read_sites(path)
    return path.parent / str(tomllib.loads(path.read_text("utf-8")).get("key_file", "site.key.pem"))


def rotate_store(settings: Settings) -> tuple[str, str]:
    """Encrypt the store anew under a fresh key; names of both. Nobody else may have it open. The caller
    writes the event once the store is open again."""
    if not is_encrypted(settings.store_url):
        raise SettingsError(
            "the store is not encrypted; `bedside restore --store sqlite+sqlcipher:///…` makes one"
        )
    if not settings.store_key_file:
        raise SettingsError(f"the key comes from {variable('store_key')}; put it into a file to rotate it")
    from bedside.store.sqlcipher_ledger import rotate_store_key

    file = Path(settings.store_key_file)
    store_key(settings)
    before = _store_name(file)
    rotate_store_key(ledger_path(settings.store_url), file)
    return before, _store_name(file)


def rotate_checkpoint(house: House) -> tuple[str, str]:
    """A new key signs checkpoints from now on; what the old one signed verifies by its public half."""
    if not house.settings.checkpoint_key_file:
        raise SettingsError(f"{variable('checkpoint_key_file')} names no key")
    return rotate_signing_key(Path(house.settings.checkpoint_key_file), house.clock().isoformat())


def rotate_backup(folder: Path, old: Secret, new: Secret) -> tuple[str, str]:
    """Wrap a sealed backup's data key anew: opened by the new key only. Its files stay as they are."""
    header = read_header(folder)
    if header.key is None or not header.manifest:
        raise InputError.one(folder.name, "is no finished, sealed backup")
    key = unwrapped(dict(header.key), old)
    changed = type(header)(header.manifest, key.wrapped(new), header.made_with)
    write_flushed(folder / HEADER, [header_bytes(changed)])
    return old.name, new.name


def next_site_key(settings: Settings) -> dict[str, Any]:
    """This site's next key, made if it is not there yet: the public half that the other sites must add before
    it is adopted."""
    path = site_key_file(settings)
    coming = path.with_name(f"{path.name}.next")
    return public_jwk(read_key(coming)) if coming.exists() else make_key(coming)


def adopt_site_key(settings: Settings) -> tuple[str, str]:
    """Sign with the next key from now on; the other sites must know it already."""
    path = site_key_file(settings)
    coming = path.with_name(f"{path.name}.next")
    if not coming.exists():
        raise SettingsError("there is no next key: run it without --adopt first")
    before, after = _site_name(path), _site_name(coming)
    os.replace(coming, path)
    os.utime(Path(settings.sites_file))
    return before, after


def note_rotation(house: House, what: str, names: tuple[str, str], actor: str) -> None:
    """Write down that a key was replaced: which, by the names of both."""
    said = {"key": what, "from": names[0], "to": names[1]}
    house.ledger.append([NewEvent(EventKind.KEY_ROTATED, actor, house.clock(), None, said)])
