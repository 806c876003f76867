"""`bedside funnel`: of those on a pathway, how many got past each step, and where the others were lost."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import add_store, settings_of
from bedside.commands.pathway import moment


def funnel(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside funnel`."""
    parser.add_argument("pathway", metavar="PATHWAY", help="its name; `bedside pathway list` has them")
    parser.add_argument(
        "--signals", type=Path, metavar="FILE", help="a TSV of signals, as pathway simulate reads"
    )
    parser.add_argument(
        "--people", type=Path, metavar="FILE", help="a TSV with a column person and the groups"
    )
    parser.add_argument(
        "--by", metavar="COLUMN", help="also by this column of --people, small numbers hidden"
    )
    parser.add_argument("--at", type=moment, metavar="TIME", help="at this moment (default: the last signal)")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_funnel)


def run_funnel(arguments: argparse.Namespace) -> int:
    """`bedside funnel`: a table of stages, or with `--format json` also incidences and levers."""
    from datetime import timedelta

    import orjson

    from bedside.errors import InputError
    from bedside.knowledge.care_pathways import load_signal_words
    from bedside.knowledge.small_numbers import load_small_numbers
    from bedside.learn.signal_columns import EPOCH
    from bedside.service.pathway_check import load_pathways
    from bedside.service.pathway_funnel import COLUMNS, document, funnel_report, lines
    from bedside.service.signal_frame import read_cohort, read_groups

    root = settings_of(arguments).knowledge_folder
    held = load_pathways(root)
    if arguments.pathway not in held.by_name:
        raise InputError.one("PATHWAY", "is no pathway here", remedy=f"one of {', '.join(held.by_name)}")
    if arguments.by and not arguments.people:
        raise InputError.one("--by", "needs --people, a table that says each person's group")
    cohort = read_cohort(arguments.signals, load_signal_words(root))
    last = int(cohort.signals.at.max()) if len(cohort.signals.at) else 0
    groups = read_groups(arguments.people, cohort.people, arguments.by) if arguments.by else None
    report = funnel_report(
        held.by_name[arguments.pathway],
        cohort.signals,
        arguments.at or EPOCH + timedelta(microseconds=last),
        groups,
        load_small_numbers(root),
    )
    if arguments.format == "json":
        sys.stdout.write(orjson.dumps(document(report), option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    sys.stdout.write("\t".join(COLUMNS) + "\n")
    for line in lines(report):
        sys.stdout.write("\t".join(line) + "\n")
    return 0
