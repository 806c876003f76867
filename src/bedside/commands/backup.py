"""`bedside backup` and `bedside restore`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, opened, progress, settings_of

if TYPE_CHECKING:
    from bedside.store.sealed_file import Secret

PASSPHRASE = "BEDSIDE_BACKUP_PASSPHRASE"  # noqa: S105 — the variable's name
_WIDTH = 24


def backup(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside backup`."""
    parser.add_argument(
        "path", metavar="PATH", type=Path, help="a new folder; it appears whole or not at all"
    )
    parser.add_argument(
        "--since", metavar="BACKUP", type=Path, help="link what an earlier backup has already"
    )
    parser.add_argument(
        "--with-access", action="store_true", help="also the access file and the sites file; sealed only"
    )
    parser.add_argument("--verify", action="store_true", help="make nothing: read the backup at PATH again")
    parser.add_argument("--by", metavar="WHO", default="operator", help="who makes it (operator)")
    add_secret(parser)
    add_store(parser)
    parser.set_defaults(run=run_backup)


def restore(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside restore`."""
    parser.add_argument("path", metavar="PATH", type=Path, help="a backup's folder")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--into", metavar="FOLDER", type=Path, help="put the whole house into this new folder")
    add_store(where)
    parser.add_argument(
        "--erasures-by-hand",
        action="store_true",
        help="look at no list of erasures: you erase again what was erased since, before you serve",
    )
    add_secret(parser)
    parser.set_defaults(run=run_restore)


def add_secret(parser: argparse.ArgumentParser) -> None:
    """The options that say what seals a backup."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--key-file", metavar="FILE", type=Path, help="seal with, or open by, this key file")
    group.add_argument(
        "--passphrase", action="store_true", help=f"a passphrase, asked for or from {PASSPHRASE}"
    )


def secret_of(arguments: argparse.Namespace) -> Secret | None:
    """The secret that the command line names; None for none."""
    from bedside.store.sealed_file import passphrase, secret_from

    if arguments.key_file is not None:
        return secret_from(arguments.key_file)
    if not arguments.passphrase:
        return None
    told = os.environ.get(PASSPHRASE)
    if told is None:
        from getpass import getpass

        told = getpass("Passphrase of the backup: ")
    return passphrase(told)


def bar(what: str, done: int, of: int) -> None:
    """A bar of progress, on a terminal only."""
    full = _WIDTH * done // max(of, 1)
    progress(f"[{'#' * full}{'.' * (_WIDTH - full)}] {what}: {done:,} of {of:,}")


def run_backup(arguments: argparse.Namespace) -> int:
    """`bedside backup`."""
    from bedside.service.back_up import back_up, verify_backup

    secret = secret_of(arguments)
    if arguments.verify:
        held = verify_backup(arguments.path, secret, bar)
        _told("whole", str(arguments.path), held.digest, str(held.manifest.checkpoint))
        return 0
    house = opened(settings_of(arguments), must_exist=True)
    try:
        made = back_up(
            house,
            arguments.path,
            actor=arguments.by,
            secret=secret,
            since=arguments.since,
            with_access=arguments.with_access,
            progress=bar,
        )
    finally:
        house.close()
    _told("made", str(arguments.path), made.digest, str(made.manifest.checkpoint))
    size = f"{made.manifest.size:,} bytes in {len(made.manifest.files):,} files"
    print(f"{size}; {made.copied:,} written, {made.kept:,} taken from before; read again and whole")
    return 0


def _told(verb: str, path: str, digest: str, checkpoint: str) -> None:
    progress("")
    print(f"{verb}\t{path}\nmanifest\t{digest}\ncheckpoint\t{checkpoint}")


def run_restore(arguments: argparse.Namespace) -> int:
    """`bedside restore`."""
    from bedside.service.back_up import into_folder, restore

    settings = settings_of(arguments)
    if arguments.into is not None:
        settings = into_folder(settings, arguments.into)
    secret, erasures = secret_of(arguments), not arguments.erasures_by_hand
    done = restore(arguments.path, settings, secret=secret, progress=bar, erasures=erasures)
    _told("restored", settings.store_url.partition("@")[2] or settings.store_url, done.digest,
          str(done.manifest.checkpoint))  # fmt: skip
    print(f"as of {done.manifest.made_at}: what was written or withdrawn later is not in it")
    if done.erased_again is None:
        told = "nobody looked for genomes erased since: erase them again before you serve"
        print(f"bedside: note: {told}", file=sys.stderr)
    else:
        print(f"genomes erased since the backup: {done.erased_again} erased again")
    for what, place in (("knowledge", done.knowledge), ("access files", done.access)):
        if place is not None:
            print(f"bedside: note: {what} lie in {place}; point the settings there", file=sys.stderr)
    return 0
