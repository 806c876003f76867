"""`bedside audit`: whether the record is as it was written, and keeping what proves it elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from bedside.commands.opening import add_store, opened, settings_of


def audit(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside audit`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify|keep|rebuild")
    verify = actions.add_parser("verify", help="chain, content, projections and documents")
    verify.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a checkpoint kept elsewhere; shows a cut tail"
    )
    verify.add_argument("--kept", type=Path, metavar="LOG", help="a log of signed checkpoints kept elsewhere")
    verify.add_argument(
        "--public", type=Path, metavar="FILE", help="the public keys they are signed with (beside the key)"
    )
    add_store(verify)
    verify.set_defaults(run=run_audit_verify)
    keep = actions.add_parser("keep", help="add a signed checkpoint to a log that lies elsewhere")
    keep.add_argument("--to", type=Path, required=True, metavar="LOG", help="a file, or a folder for one")
    keep.add_argument(
        "--key", type=Path, metavar="FILE", help="the signing key (BEDSIDE_CHECKPOINT_KEY_FILE)"
    )
    keep.add_argument("--by", metavar="WHO", default="operator", help="who keeps it (operator)")
    add_store(keep)
    keep.set_defaults(run=run_audit_keep)
    rebuild = actions.add_parser("rebuild", help="write the projections anew from the events")
    add_store(rebuild)
    rebuild.set_defaults(run=run_audit_rebuild)


def run_audit_verify(arguments: argparse.Namespace) -> int:
    """`bedside audit verify`."""
    from bedside.service.verify_record import verify_record
    from bedside.store.ledger import read_checkpoint

    house = opened(settings_of(arguments), must_exist=True)
    try:
        if arguments.kept is not None:
            from bedside.service.keep_checkpoint import erased_since, verify_against

            lines = verify_against(house, arguments.kept, arguments.public)
            last = lines[-1]
            told = f"the ledger passes through all {len(lines)} kept checkpoints"
            print(f"{told}; the last is {last.checkpoint}, kept {last.at}")
            again = erased_since(house, lines)
            if again:
                print(f"{again} erasures that the log knows of are not in this ledger: do them again")
        kept = read_checkpoint(arguments.checkpoint) if arguments.checkpoint else None
        found = verify_record(house, kept)
        print(f"{found.events} events, the chain holds; checkpoint {house.ledger.checkpoint()}")
        print(f"{found.contents} contents and {found.documents} documents are what their digests say")
    finally:
        house.close()
    return 0


def run_audit_keep(arguments: argparse.Namespace) -> int:
    """`bedside audit keep`."""
    from bedside.errors import SettingsError
    from bedside.service.keep_checkpoint import keep_checkpoint

    settings = settings_of(arguments)
    key = arguments.key or (Path(settings.checkpoint_key_file) if settings.checkpoint_key_file else None)
    if key is None:
        raise SettingsError("no key signs it: give --key, or set BEDSIDE_CHECKPOINT_KEY_FILE")
    house = opened(settings, must_exist=True)
    try:
        kept = keep_checkpoint(house, arguments.to, key, actor=arguments.by)
    finally:
        house.close()
    print(f"line {kept.line}\t{kept.checkpoint}\tsigned by {kept.key}")
    return 0


def run_audit_rebuild(arguments: argparse.Namespace) -> int:
    """`bedside audit rebuild`."""
    house = opened(settings_of(arguments), must_exist=True)
    try:
        events = house.ledger.verify()
        house.ledger.rebuild()
        print(f"projections written anew from {events} events")
    finally:
        house.close()
    return 0
