"""`bedside funnel`: of those on a pathway, how many got past each step, and where the others were lost."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, opened, settings_of
from bedside.commands.pathway import moment

if TYPE_CHECKING:
    from bedside.knowledge.care_pathway import CarePathway
    from bedside.service.pathway_funnel import FunnelReport


def funnel(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside funnel`."""
    parser.add_argument("pathway", metavar="PATHWAY", help="its name; `bedside pathway list` has them")
    parser.add_argument("--signals", type=Path, metavar="FILE", help="a TSV of signals instead of the record")
    parser.add_argument(
        "--people",
        type=Path,
        metavar="FILE",
        help="with --signals: a TSV with a column person and the groups",
    )
    parser.add_argument(
        "--by",
        metavar="GROUP",
        help="also by site, payer, language, deprivation or ancestry (with --people: by a column of it), "
        "small numbers hidden",
    )
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="at this moment (default: now; with --signals the last)"
    )
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_funnel)


def run_funnel(arguments: argparse.Namespace) -> int:
    """`bedside funnel`: a table of stages, or with `--format json` also incidences and levers."""
    import orjson

    from bedside.errors import InputError
    from bedside.service.pathway_check import load_pathways
    from bedside.service.pathway_funnel import COLUMNS, document, lines

    held = load_pathways(settings_of(arguments).knowledge_folder)
    if arguments.pathway not in held.by_name:
        raise InputError.one("PATHWAY", "is no pathway here", remedy=f"one of {', '.join(held.by_name)}")
    pathway = held.by_name[arguments.pathway]
    report = _of_tables(arguments, pathway) if arguments.signals else _of_record(arguments, pathway)
    if arguments.format == "json":
        sys.stdout.write(orjson.dumps(document(report), option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    sys.stdout.write("\t".join(COLUMNS) + "\n")
    for line in lines(report):
        sys.stdout.write("\t".join(line) + "\n")
    return 0


def _of_record(arguments: argparse.Namespace, pathway: CarePathway) -> FunnelReport:
    from bedside.errors import InputError
    from bedside.service.record_cohort import GROUPS, record_report

    if arguments.people:
        raise InputError.one("--people", "goes with --signals", remedy="the record has groups of its own")
    if arguments.by and arguments.by not in GROUPS:
        raise InputError.one("--by", "is no group of the record", remedy=f"one of {', '.join(GROUPS)}")
    house = opened(settings_of(arguments), must_exist=True)
    try:
        at = arguments.at or house.clock()
        return record_report(house, pathway, at, arguments.by or "")[0]
    finally:
        house.close()


def _of_tables(arguments: argparse.Namespace, pathway: CarePathway) -> FunnelReport:
    from datetime import timedelta

    from bedside.errors import InputError
    from bedside.knowledge.care_pathways import load_signal_words
    from bedside.knowledge.small_numbers import load_small_numbers
    from bedside.learn.signal_columns import EPOCH
    from bedside.service.pathway_funnel import funnel_report
    from bedside.service.signal_frame import read_cohort, read_groups

    root = settings_of(arguments).knowledge_folder
    if arguments.by and not arguments.people:
        raise InputError.one("--by", "needs --people, a table that says each person's group")
    cohort = read_cohort(arguments.signals, load_signal_words(root))
    last = int(cohort.signals.at.max()) if len(cohort.signals.at) else 0
    groups = read_groups(arguments.people, cohort.people, arguments.by) if arguments.by else None
    at = arguments.at or EPOCH + timedelta(microseconds=last)
    return funnel_report(pathway, cohort.signals, at, groups, load_small_numbers(root))
