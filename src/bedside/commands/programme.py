"""`bedside programme`: who owns what, what was decided, how far the programme is, and the board's report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bedside.commands.opening import add_store, opened, settings_of


def programme(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside programme`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    content = actions.add_parser("content", help="owner, review date, evidence and approval of all content")
    content.add_argument(
        "--faults", action="store_true", help="only what has a fault; exit 1 when something has no owner here"
    )
    _format(content)
    content.set_defaults(run=run_content)
    _add_decisions(actions)
    _add_standing(actions)


def _format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)


def run_content(arguments: argparse.Namespace) -> int:
    """`bedside programme content`."""
    from datetime import UTC, datetime

    from bedside.learn.content_standing import Fault
    from bedside.service.content import COLUMNS, content_held, row

    found = content_held(settings_of(arguments).knowledge_folder, datetime.now(UTC).date())
    shown = [one for one in found if one.faults] if arguments.faults else list(found)
    write_rows(COLUMNS, [row(one) for one in shown], arguments.format)
    return 1 if arguments.faults and any(Fault.ORPHAN in one.faults for one in found) else 0


def write_rows(columns: Iterable[str], rows: list[Mapping[str, Any]], form: str) -> None:
    """Rows as TSV (lists joined by `; `) or JSON."""
    import orjson

    if form == "json":
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    names = tuple(columns)
    sys.stdout.write("\t".join(names) + "\n")
    for one in rows:
        sys.stdout.write("\t".join(_cell(one[name]) for name in names) + "\n")


def _cell(value: object) -> str:
    parts = value if isinstance(value, list | tuple) else ("" if value is None else value,)
    return " ".join("; ".join(map(str, parts)).split())


PLURAL = {"decision": "id"}
DECISIONS = ("at", "decision", "what", "why", "who", "role", "alternatives", "evidence", "links", "about",
             "approves", "supersedes", "digest")  # fmt: skip


def _add_decisions(actions: Any) -> None:
    decide = actions.add_parser("decide", help="write a decision down, with why")
    decide.add_argument("what", help="what was decided")
    decide.add_argument("--why", required=True)
    decide.add_argument("--by", required=True, metavar="NAME", help="who decided")
    decide.add_argument("--role", required=True, help="the role they decided in")
    for name, help_text in (
        ("alternative", "what else was considered"),
        ("evidence", "what it rests on: a citation, a study, a measure"),
        ("link", "where more stands: a page, a document, another decision"),
    ):
        decide.add_argument(f"--{name}", action="append", default=[], metavar="TEXT", help=help_text)
    decide.add_argument("--about", default="", metavar="KIND/NAME", help="the content it is about")
    decide.add_argument("--approves", action="store_true", help="it approves that content as it stands")
    decide.add_argument("--supersedes", default="", metavar="DECISION", help="the decision it replaces")
    add_store(decide)
    decide.set_defaults(run=run_decide)
    shown = actions.add_parser("decisions", help="the log of decisions, the newest first")
    _format(shown)
    shown.set_defaults(run=run_decisions)


def run_decide(arguments: argparse.Namespace) -> int:
    """`bedside programme decide`: prints the decision's id."""
    import getpass

    from bedside.service.decisions import Decision, decide

    house = opened(settings_of(arguments), must_exist=True)
    try:
        made = Decision(
            what=arguments.what,
            why=arguments.why,
            who=arguments.by,
            role=arguments.role,
            alternatives=tuple(arguments.alternative),
            evidence=tuple(arguments.evidence),
            links=tuple(arguments.link),
            about=arguments.about,
            approves=arguments.approves,
            supersedes=arguments.supersedes,
        )
        print(decide(house, made, getpass.getuser()))
    finally:
        house.close()
    return 0


def run_decisions(arguments: argparse.Namespace) -> int:
    """`bedside programme decisions`."""
    from bedside.service.decisions import decisions

    house = opened(settings_of(arguments), must_exist=True)
    try:
        rows = [
            {name: getattr(one, PLURAL.get(name, name)) for name in DECISIONS} for one in decisions(house)
        ]
    finally:
        house.close()
    write_rows(DECISIONS, [{**one, "at": one["at"].isoformat()} for one in rows], arguments.format)
    return 0


def _add_standing(actions: Any) -> None:
    maturity = actions.add_parser("maturity", help="how far the programme is, indicator by indicator")
    maturity.add_argument("--record", action="store_true", help="write derived levels down as they are")
    _format(maturity)
    maturity.set_defaults(run=run_maturity)
    attest = actions.add_parser("attest", help="answer an indicator that the record cannot answer")
    attest.add_argument("indicator", metavar="INDICATOR")
    attest.add_argument("--level", type=int, choices=range(1, 6), metavar="1-5")
    attest.add_argument("--yes", type=int, metavar="N", help="of a survey: how many said yes")
    attest.add_argument("--of", type=int, metavar="N", help="of a survey: how many were asked")
    attest.add_argument("--by", required=True, metavar="NAME", help="who says so")
    attest.add_argument("--role", required=True)
    attest.add_argument("--evidence", required=True, metavar="TEXT", help="what it rests on")
    add_store(attest)
    attest.set_defaults(run=run_attest)
    milestones = actions.add_parser("milestones", help="how far each site is, with forecasts")
    _format(milestones)
    milestones.set_defaults(run=run_milestones)
    report = actions.add_parser("report", help="the report to the board, to print")
    report.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="an HTML file")
    add_store(report)
    report.set_defaults(run=run_report)


def run_maturity(arguments: argparse.Namespace) -> int:
    """`bedside programme maturity`."""
    import getpass

    from bedside.service.maturity import COLUMNS, assess, record, rows

    house = opened(settings_of(arguments), must_exist=True)
    try:
        now = house.clock()
        if arguments.record:
            print(f"bedside: {record(house, now, getpass.getuser())} levels written down", file=sys.stderr)
        write_rows(COLUMNS, rows(assess(house, now)[1]), arguments.format)
    finally:
        house.close()
    return 0


def run_attest(arguments: argparse.Namespace) -> int:
    """`bedside programme attest`: prints the level."""
    import getpass

    from bedside.service.maturity import attest

    survey = None if arguments.yes is None or arguments.of is None else (arguments.yes, arguments.of)
    house = opened(settings_of(arguments), must_exist=True)
    try:
        level = attest(
            house, arguments.indicator, arguments.by, arguments.role, arguments.evidence,
            level=arguments.level, survey=survey, actor=getpass.getuser(),
        )  # fmt: skip
    finally:
        house.close()
    print(level)
    return 0


def run_report(arguments: argparse.Namespace) -> int:
    """`bedside programme report`: the file appears whole or not at all."""
    from bedside.service.whole_file import whole_file
    from bedside.web.executive_pages import report_page

    house = opened(settings_of(arguments), must_exist=True)
    try:
        page = report_page(house, house.clock())
    finally:
        house.close()
    with whole_file(arguments.output) as file:
        file.write(page.encode("utf-8"))
    return 0


def run_milestones(arguments: argparse.Namespace) -> int:
    """`bedside programme milestones`; how often such forecasts held goes to standard error."""
    from bedside.service.milestones import COLUMNS, milestone_plan, rows

    house = opened(settings_of(arguments), must_exist=True)
    try:
        plan = milestone_plan(house)
    finally:
        house.close()
    write_rows(COLUMNS, rows(plan), arguments.format)
    if plan.expected is None:
        print("bedside: too few sites to say how often such a range holds", file=sys.stderr)
    else:
        held = f"{plan.held.count} of {plan.held.of} durations lay in the range of the other sites"
        print(f"bedside: {held}; {100 * plan.expected:.0f} % were to be expected", file=sys.stderr)
    return 0
