"""`bedside equity`: who gets less than everybody else, in every measure and at every step."""

from __future__ import annotations

import argparse
import sys

from bedside.commands.opening import add_store, opened, settings_of
from bedside.commands.pathway import moment


def equity(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside equity`."""
    parser.add_argument(
        "--by", metavar="GROUP", help="only by site, payer, language, deprivation, rurality or ancestry"
    )
    parser.add_argument("--at", type=moment, metavar="TIME", help="as it was known then (default: now)")
    parser.add_argument("--gaps", action="store_true", help="only the gaps that stand")
    parser.add_argument("--watch", action="store_true", help="raise and close the alarms instead")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_equity)


def run_equity(arguments: argparse.Namespace) -> int:
    """`bedside equity`: a table of groups, or with `--watch` what became of the alarms."""
    import orjson

    from bedside.errors import InputError
    from bedside.learn.people_groups import GROUPS
    from bedside.service.equity import equity_report, watch_gaps
    from bedside.service.equity_table import COLUMNS, document, lines

    if arguments.by and arguments.by not in GROUPS:
        raise InputError.one("--by", "is no group of the record", remedy=f"one of {', '.join(GROUPS)}")
    if arguments.watch and (arguments.at or arguments.by):
        raise InputError.one("--watch", "looks at everything as it is now", remedy="leave out --at and --by")
    house = opened(settings_of(arguments), must_exist=True)
    try:
        if arguments.watch:
            moves = watch_gaps(house, "operator")
            sys.stdout.writelines(f"{step.value}\t{gap}\n" for gap, step in moves)
            return 0
        report = equity_report(house, arguments.at, by=(arguments.by,) if arguments.by else GROUPS)
        if arguments.format == "json":
            held = document(report, only_gaps=arguments.gaps)
            sys.stdout.write(orjson.dumps(held, option=orjson.OPT_INDENT_2).decode() + "\n")
            return 0
        rows = [COLUMNS, *lines(report, only_gaps=arguments.gaps)]
        sys.stdout.writelines("\t".join(row) + "\n" for row in rows)
        return 0
    finally:
        house.close()
