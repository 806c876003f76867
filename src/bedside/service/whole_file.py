"""A file that appears whole or not at all: written beside its place and moved there when it is complete."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bedside.errors import InputError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; when the block ends well it takes its place, otherwise nothing is left behind."""
    if path.is_dir():
        raise InputError.one(path.name, "cannot be written: it is a folder", remedy="name a file in it")
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as reason:
        raise InputError.one(
            path.name, f"cannot be written: {reason.strerror}", remedy="check the folder and rights"
        ) from reason
    try:
        with os.fdopen(handle, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The rights that new files do not get, as the site has set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
