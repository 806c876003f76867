"""`bedside worklist`: who is stuck, how long, whose move it is."""

from __future__ import annotations

import argparse
import sys

from bedside.commands.opening import add_store, name_text, opened, settings_of
from bedside.commands.pathway import moment

COLUMNS = (
    "person", "pathway", "case", "step", "title", "owner", "since", "due", "overdue", "escalated",
    "days_open", "action", "barriers", "warnings",
)  # fmt: skip


def worklist(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside worklist`."""
    parser.add_argument("--role", default="", metavar="ROLE", help="only what is this role's move now")
    parser.add_argument("--pathway", default="", metavar="NAME", help="this pathway only")
    parser.add_argument("--person", type=name_text, metavar="PERSON", help="this person only")
    parser.add_argument("--at", type=moment, metavar="TIME", help="at this moment (default: now)")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_worklist)


def run_worklist(arguments: argparse.Namespace) -> int:
    """`bedside worklist`: a line for each open step, the most urgent first; how many cases on stderr."""
    import orjson

    from bedside.service.pathway_worklist import worklist

    house = opened(settings_of(arguments), must_exist=True)
    try:
        found = worklist(
            house,
            arguments.at,
            role=arguments.role,
            pathway=arguments.pathway,
            person=arguments.person or "",
        )
    finally:
        house.close()
    rows = []
    for item in found.items:
        move = item.move
        rows.append(
            (
                move.person, move.pathway, move.case, move.step, move.title, move.owner,
                move.since.isoformat(timespec="minutes"), move.due.isoformat(timespec="minutes"),
                "yes" if move.overdue else "no", str(move.rung), str((found.at - move.since).days),
                move.action, ",".join(item.barriers),
                ",".join(dict.fromkeys(one.guard for one in item.warnings)),
            )
        )  # fmt: skip
    if arguments.format == "json":
        lines = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        sys.stdout.write(orjson.dumps(lines, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for row in (COLUMNS, *rows):
            sys.stdout.write("\t".join(row) + "\n")
    sys.stderr.write(f"bedside: {found.cases} open cases, {found.ended} ended\n")
    return 0
