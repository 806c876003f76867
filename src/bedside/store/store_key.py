"""The key of an encrypted store: 32 bytes in hexadecimal, from a file or the environment, never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import SettingsError

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, repr=False)
class StoreKey:
    """The key of an encrypted store as 64 hexadecimal digits. coming: the one of a rotation that was cut
    off, tried when the first does not fit. file: where they come from."""

    current: str
    coming: str = ""
    file: Path | None = None

    def __post_init__(self) -> None:
        for key in filter(None, (self.current, self.coming)):
            if not _KEY.fullmatch(key):
                raise SettingsError("the store's key must be 64 hexadecimal digits (`bedside keys make`)")


def coming_file(path: Path) -> Path:
    """Where the next key lies while the store is encrypted anew."""
    return path.with_name(f"{path.name}.next")


def read_store_key(path: Path) -> StoreKey:
    """The key in a file, and the one of a rotation that was cut off, if there is one."""
    try:
        current = path.read_text(encoding="ascii").strip()
        coming = coming_file(path)
        following = coming.read_text(encoding="ascii").strip() if coming.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the store's key file {path.name} cannot be read") from error
    return StoreKey(current, following, path)
