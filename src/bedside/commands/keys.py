"""`bedside keys`: make, list, rotate."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from bedside.commands.opening import add_store, opened, settings_of

WHAT = ("store", "checkpoint", "backup", "site")


def keys(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside keys`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="make|list|rotate")
    make = actions.add_parser("make", help="a new key file, readable by its owner only, over no other")
    make.add_argument("file", metavar="FILE", type=Path)
    make.add_argument(
        "--signing", action="store_true", help="a key that signs checkpoints, not one that seals"
    )
    make.set_defaults(run=run_make)
    listed = actions.add_parser("list", help="the keys the settings name, and how old they are")
    add_store(listed)
    listed.set_defaults(run=run_list)
    rotate = actions.add_parser("rotate", help="put a new key in the place of one")
    rotate.add_argument("what", choices=WHAT)
    rotate.add_argument("path", nargs="?", type=Path, metavar="BACKUP", help="for backup: its folder")
    rotate.add_argument("--key-file", type=Path, metavar="FILE", help="for backup: the key that opens it now")
    rotate.add_argument("--new-key-file", type=Path, metavar="FILE", help="for backup: the key from now on")
    rotate.add_argument("--adopt", action="store_true", help="for site: sign with the next key from now on")
    rotate.add_argument("--by", metavar="WHO", default="operator", help="who does it (operator)")
    add_store(rotate)
    rotate.set_defaults(run=run_rotate)


def run_make(arguments: argparse.Namespace) -> int:
    """`bedside keys make`."""
    from bedside.store.sealed_file import make_key_file, secret_from
    from bedside.store.signing_key import make_signing_key, public_file

    if arguments.signing:
        name = make_signing_key(arguments.file, datetime.now(UTC).isoformat())
        print(f"{name}\t{arguments.file}\nits public half is added to {public_file(arguments.file)}")
    else:
        make_key_file(arguments.file)
        print(f"{secret_from(arguments.file).name}\t{arguments.file}")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside keys list`."""
    from bedside.service.keys import keys_of

    now = datetime.now(UTC)
    print("\t".join(("key", "name", "file", "days", "note")))
    for one in keys_of(settings_of(arguments)):
        note = one.problem or ("other accounts may read it" if one.others else "")
        age = one.age(now)
        print("\t".join((one.what, one.name, one.file, "" if age is None else str(age), note)))
    return 0


def run_rotate(arguments: argparse.Namespace) -> int:
    """`bedside keys rotate`."""
    from bedside.errors import InputError
    from bedside.service import keys as ring
    from bedside.store.sealed_file import secret_from

    settings, what = settings_of(arguments), arguments.what
    if (what == "backup") != bool(arguments.path and arguments.key_file and arguments.new_key_file):
        raise InputError.one(
            "rotate", "a backup needs its folder, --key-file and --new-key-file; others do not"
        )
    if what == "site" and not arguments.adopt:
        print(json.dumps({"keys": [ring.next_site_key(settings)]}, indent=2))
        print("send this to the other sites; when all have it: bedside keys rotate site --adopt")
        return 0
    if what == "store":
        names = ring.rotate_store(settings)
    elif what == "backup":
        secrets = secret_from(arguments.key_file), secret_from(arguments.new_key_file)
        names = ring.rotate_backup(arguments.path, *secrets)
    house = opened(settings, must_exist=True)
    try:
        if what == "checkpoint":
            names = ring.rotate_checkpoint(house)
        elif what == "site":
            names = ring.adopt_site_key(settings)
        ring.note_rotation(house, what, names, arguments.by)
    finally:
        house.close()
    print("\t".join((what, *names)))
    return 0
