"""`bedside alerts`: what alerts did, and what a site decides about a rule."""

from __future__ import annotations

import argparse
import sys

from bedside.commands.opening import add_store, opened, settings_of


def alerts(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside alerts`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    review = actions.add_parser("review", help="per rule, role and site: shown, interruptive, heeded")
    review.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(review)
    review.set_defaults(run=run_review)


def run_review(arguments: argparse.Namespace) -> int:
    """`bedside alerts review`: a table, or with `--format json` also changes and clusters of reasons."""
    import orjson

    from bedside.service.alert_readings import alert_review
    from bedside.service.alerts_review import COLUMNS, document, lines

    house = opened(settings_of(arguments), must_exist=True)
    try:
        told = document(house, alert_review(house))
    finally:
        house.close()
    if arguments.format == "json":
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    sys.stdout.write("\t".join(COLUMNS) + "\n")
    for line in lines(told):
        sys.stdout.write("\t".join(line) + "\n")
    return 0
