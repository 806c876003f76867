"""`bedside retention`: what lies beside the record longer than the policy allows."""

from __future__ import annotations

import argparse
from collections import Counter

from bedside.commands.opening import add_store, opened, settings_of


def retention(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside retention`."""
    parser.add_argument("--apply", action="store_true", help="delete what is due; without it nothing is")
    parser.add_argument("--all", action="store_true", help="also what stays, and why")
    parser.add_argument("--by", metavar="WHO", default="operator", help="who applies it (operator)")
    add_store(parser)
    parser.set_defaults(run=run_retention)


def run_retention(arguments: argparse.Namespace) -> int:
    """`bedside retention`."""
    from bedside.knowledge.retention import Verdict
    from bedside.service.apply_retention import apply_retention, things

    house = opened(settings_of(arguments), must_exist=True)
    try:
        if arguments.apply:
            gone = apply_retention(house, actor=arguments.by)
            for one in gone:
                print("\t".join(("deleted", one.what.value, one.name, str(one.size))))
            print(f"{len(gone)} deleted; events and documents they name are never deleted")
            return 0
        seen = things(house)
    finally:
        house.close()
    print("\t".join(("verdict", "what", "name", "days", "bytes", "why")))
    for one in seen:
        if arguments.all or one.verdict is not Verdict.KEPT:
            days = "" if one.age_days is None else str(one.age_days)
            print("\t".join((one.verdict.value, one.what.value, one.name, days, str(one.size), one.reason)))
    counts = Counter(one.verdict for one in seen)
    print(f"{counts[Verdict.DUE]} due; nothing was deleted, `--apply` does")
    return 0
