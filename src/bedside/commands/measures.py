"""`bedside measures`: process, outcome and balancing measures, from events alone."""

from __future__ import annotations

import argparse
import sys

from bedside.commands.opening import add_store, opened, settings_of
from bedside.commands.pathway import moment


def measures(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside measures`."""
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="this measure; repeatable"
    )
    parser.add_argument("--at", type=moment, metavar="TIME", help="as it was known then (default: now)")
    parser.add_argument("--since", type=moment, metavar="TIME", help="what began from then on")
    parser.add_argument("--until", type=moment, metavar="TIME", help="what began before then")
    parser.add_argument(
        "--by",
        metavar="GROUP",
        help="also by site, payer, language, deprivation or ancestry, small numbers hidden",
    )
    parser.add_argument(
        "--people", metavar="NAME", help="the people and events behind one measure, instead of its figure"
    )
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_measures)


def run_measures(arguments: argparse.Namespace) -> int:
    """`bedside measures`: a table of figures, or with `--format json` also definitions."""
    import orjson

    from bedside.errors import InputError
    from bedside.knowledge.measures import load_measures
    from bedside.knowledge.small_numbers import load_small_numbers
    from bedside.learn.people_groups import GROUPS
    from bedside.service import measure_table
    from bedside.service.measure_people import PEOPLE_COLUMNS, people_lines
    from bedside.service.measures import Window, measure_report

    settings = settings_of(arguments)
    known = load_measures(settings.knowledge_folder)
    names = [arguments.people] if arguments.people else arguments.only
    for name in names:
        if name not in known:
            raise InputError.one(name, "is no measure here", remedy=f"one of {', '.join(known)}")
    if arguments.by and arguments.by not in GROUPS:
        raise InputError.one("--by", "is no group of the record", remedy=f"one of {', '.join(GROUPS)}")
    house = opened(settings, must_exist=True)
    try:
        window = Window(arguments.since, arguments.until)
        report = measure_report(house, arguments.at, names=names, window=window)
        small = load_small_numbers(settings.knowledge_folder)
        if arguments.people:
            rows = [PEOPLE_COLUMNS, *people_lines(report, arguments.people)]
        elif arguments.format == "json":
            held = measure_table.document(report, arguments.by or "", small)
            sys.stdout.write(orjson.dumps(held, option=orjson.OPT_INDENT_2).decode() + "\n")
            return 0
        else:
            rows = [measure_table.COLUMNS, *measure_table.lines(report, arguments.by or "", small)]
        sys.stdout.writelines("\t".join(row) + "\n" for row in rows)
        return 0
    finally:
        house.close()
