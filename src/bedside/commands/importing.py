"""`bedside import`: people's records from another house into this one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import add_store, opened, settings_of


def importing(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside import`."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="FHIR Bundle of one person, or the NDJSON of a bulk export",
    )
    add_store(parser)
    parser.set_defaults(run=run_import)


def run_import(arguments: argparse.Namespace) -> int:
    """`bedside import`."""
    from bedside.commands.record import WAITS
    from bedside.errors import InputError
    from bedside.service.import_record import import_fhir, read_records
    from bedside.service.receive_result import Fate

    records = read_records(arguments.files)
    house = opened(settings_of(arguments))
    waits = failed = False
    try:
        for source, content in records:
            try:
                one = import_fhir(house, content)
            except InputError as error:
                failed = True
                for problem in error.problems:
                    print(f"bedside: {source}: {problem}", file=sys.stderr)
                continue
            received = one.received
            how = "registered" if one.registered else "known"
            if received is None:
                print("\t".join((one.registered, "-", how)), flush=True)
            elif received.fate is Fate.ACCEPTED:
                stored = "stored" if received.new else "already stored"
                print("\t".join((received.person, received.result, how, stored)), flush=True)
            else:
                waits = True
                print("\t".join(("-", received.number[:16], how, "quarantined")), flush=True)
                for reason in received.reasons:
                    print(f"bedside: {source}: waits in quarantine: {reason}", file=sys.stderr)
    finally:
        house.close()
    return 1 if failed else WAITS if waits else 0
