"""`bedside downtime`: a dated copy for the wards when the server is down, and entering paper afterwards."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.backup import add_secret, secret_of
from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedside.store.sealed_file import Secret

_PAGE = re.compile(r"[A-Za-z0-9_-]{1,80}\.html")
SEALED, HEADER = "packets.sealed", "downtime.json"


def downtime(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside downtime`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="make|open|enter")
    make = actions.add_parser("make", help="a copy of what wards need, as of now")
    make.add_argument(
        "path", metavar="FOLDER", type=Path, help="a new folder; it appears whole or not at all"
    )
    make.add_argument("--person", action="append", default=[], metavar="ID", help="only these people")
    make.add_argument("--site", default="", metavar="SITE", help="only who is counted to this site")
    make.add_argument("--by", metavar="WHO", required=True, help="who makes it")
    make.add_argument(
        "--protected-by", metavar="TEXT", default="", help="not sealed: what keeps it from strangers"
    )
    add_secret(make)
    add_store(make)
    make.set_defaults(run=run_make)
    opening = actions.add_parser("open", help="open a sealed copy into a new folder; no server is needed")
    opening.add_argument("path", metavar="SEALED", type=Path)
    opening.add_argument("folder", metavar="FOLDER", type=Path)
    add_secret(opening)
    opening.set_defaults(run=run_open)
    enter = actions.add_parser("enter", help="enter what was done on paper meanwhile, from a table")
    enter.add_argument("path", metavar="TABLE", type=Path, help="person, at, what, code, text, by")
    enter.add_argument("--by", metavar="WHO", required=True, help="who enters it")
    add_store(enter)
    enter.set_defaults(run=run_enter)


def run_make(arguments: argparse.Namespace) -> int:
    """`bedside downtime make`."""
    from bedside.errors import InputError
    from bedside.service.downtime import packets
    from bedside.web.downtime_print import pages_of
    from bedside.web.site import MADE_UP

    secret = secret_of(arguments)
    if (secret is None) == (not arguments.protected_by.strip()):
        raise InputError.one(
            "downtime",
            "a copy is sealed (--key-file or --passphrase), or says what protects it (--protected-by)",
        )
    house = opened(settings_of(arguments), must_exist=True)
    try:
        _free(arguments.path)
        made_up = any(
            number.system.startswith(MADE_UP)
            for one in house.ledger.people(limit=1)
            for number in one.identifiers
        )
        held = packets(
            house,
            by=arguments.by,
            protection="sealed" if secret else arguments.protected_by.strip(),
            people=arguments.person,
            site=arguments.site,
        )
        pages = pages_of(held, made_up=made_up)
    finally:
        house.close()
    _write(arguments.path, pages if secret is None else _sealed(pages, secret))
    people = "1 person" if len(held.packets) == 1 else f"{len(held.packets)} people"
    print(f"{arguments.path}\t{people}\tas of {held.at:%Y-%m-%d %H:%M} UTC")
    return 0


def _sealed(pages: Mapping[str, str], secret: Secret) -> dict[str, bytes]:
    import orjson

    from bedside.store.sealed_file import new_data_key

    key = new_data_key()
    content = b"".join(key.sealed(SEALED, [orjson.dumps(dict(pages))]))
    header = {"kind": "bedside-downtime", "format": 1, "key": key.wrapped(secret)}
    return {SEALED: content, HEADER: orjson.dumps(header, option=orjson.OPT_INDENT_2)}


def run_open(arguments: argparse.Namespace) -> int:
    """`bedside downtime open`."""
    import orjson

    from bedside.errors import InputError
    from bedside.store.sealed_file import unwrapped

    secret = secret_of(arguments)
    if secret is None:
        raise InputError.one(arguments.path.name, "is sealed", remedy="give its key file or passphrase")
    _free(arguments.folder)
    try:
        header = orjson.loads((arguments.path / HEADER).read_bytes())
        wrapped = header["key"]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError.one(arguments.path.name, "is no sealed downtime copy") from error
    key = unwrapped(wrapped, secret)
    with (arguments.path / SEALED).open("rb") as file:
        pages = orjson.loads(b"".join(key.opened(SEALED, file)))
    if not all(_PAGE.fullmatch(name) for name in pages):
        raise InputError.one(arguments.path.name, "holds a page with an impossible name")
    _write(arguments.folder, pages)
    print(f"{arguments.folder / 'index.html'}: delete it after use")
    return 0


def _free(folder: Path) -> None:
    from bedside.errors import InputError

    if folder.exists():
        raise InputError.one(folder.name, "is there already", remedy="name a new folder for each copy")


def _write(folder: Path, pages: Mapping[str, str] | Mapping[str, bytes]) -> None:
    """All pages in a new folder, or no folder."""
    import os
    import shutil

    from bedside.store.backup_folder import failing, flush_folder, write_flushed

    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        with failing("written", "copy"):
            making.mkdir(parents=True, mode=0o700)
            for name, text in pages.items():
                write_flushed(making / name, [text.encode() if isinstance(text, str) else text])
            flush_folder(making)
            os.replace(making, folder)
            flush_folder(folder.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def run_enter(arguments: argparse.Namespace) -> int:
    """`bedside downtime enter`."""
    from bedside.service.late_entry import enter_late

    house = opened(settings_of(arguments), must_exist=True)
    try:
        print(f"{enter_late(house, arguments.path, actor=arguments.by)} entered")
    finally:
        house.close()
    return 0
