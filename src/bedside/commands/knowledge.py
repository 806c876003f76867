"""`bedside knowledge` and `reinterpret`: releases, what changed, and adopting one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.civic import add_compare
from bedside.commands.clinvar import add_knowledge_add
from bedside.commands.opening import (
    add_store,
    opened,
    settings_of,
)
from bedside.errors import InputError, Problem


def knowledge(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside knowledge`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|check|diff|compare|add")
    listing = actions.add_parser("list", help="the releases at hand: licence, date, digest, owner, review")
    add_store(listing)
    listing.set_defaults(run=run_knowledge_list)
    check = actions.add_parser("check", help="digests, required fields, and what contradicts itself")
    check.add_argument(
        "--statements", type=Path, metavar="FILE", help="a list of statements with their wordings to check"
    )
    add_store(check)
    check.set_defaults(run=run_knowledge_check)
    diff = actions.add_parser("diff", help="what changed between two releases (NAME@DATE or a folder)")
    diff.add_argument("before", metavar="A")
    diff.add_argument("after", metavar="B")
    diff.add_argument("--format", choices=("text", "tsv"), default="text")
    add_store(diff)
    diff.set_defaults(run=run_knowledge_diff)
    add_compare(actions)
    add_knowledge_add(actions)


def reinterpret(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside reinterpret`."""
    parser.add_argument("--to", metavar="NAME@DATE", help="the release to adopt; else the newest at hand")
    add_store(parser)
    parser.set_defaults(run=run_reinterpret)


def run_knowledge_list(arguments: argparse.Namespace) -> int:
    """`bedside knowledge list`."""
    from bedside.knowledge.report import list_lines

    for root in _knowledge_roots(arguments):
        print("\n".join(list_lines(root)))
    return 0


def run_knowledge_check(arguments: argparse.Namespace) -> int:
    """`bedside knowledge check`."""
    from datetime import UTC, datetime

    from bedside.knowledge.check import check
    from bedside.knowledge.check_tumours import check_tumours
    from bedside.service.check_coverage import check_coverage
    from bedside.service.check_laboratory_json import check_mappings

    if arguments.statements is not None:
        return _check_statements(arguments.statements, _own_knowledge(arguments))
    today = datetime.now(UTC).date()
    problems = [problem for root in _knowledge_roots(arguments) for problem in check(root, today=today)]
    problems += check_mappings(_own_knowledge(arguments))
    problems += check_tumours(_own_knowledge(arguments))
    problems += check_coverage(_own_knowledge(arguments))
    if problems:
        raise InputError(problems)
    print("every pack is whole, owned and within its review date")
    return 0


def _check_statements(path: Path, root: Path | None) -> int:
    """Each contradiction between a statement and its wording as a line; 1 where there is one."""
    from bedside.knowledge.read_statements import read_statements
    from bedside.knowledge.statement_lint import lint, load_words

    statements = read_statements(path)
    found = lint(statements, load_words(root))
    print("\t".join(("statement", "contradiction")))
    for name, reasons in found.items():
        for reason in reasons:
            print(f"{name}\t{reason}")
    sys.stderr.write(f"bedside: {len(found)} of {len(statements)} statements contradict their wording\n")
    return 1 if found else 0


def run_knowledge_diff(arguments: argparse.Namespace) -> int:
    """`bedside knowledge diff`."""
    from bedside.knowledge.report import diff_lines, diff_table

    made = diff_table if arguments.format == "tsv" else diff_lines
    print("\n".join(made(arguments.before, arguments.after, _own_knowledge(arguments))))
    return 0


def _knowledge_roots(arguments: argparse.Namespace) -> tuple[Path | None, ...]:
    own = _own_knowledge(arguments)
    return (None,) if own is None else (None, own)


def _own_knowledge(arguments: argparse.Namespace) -> Path | None:
    """The site's own packs and releases: as set, else the folder beside the ledger when there is one."""
    from bedside.knowledge.clinvar.keep import releases_root

    settings = settings_of(arguments)
    if settings.knowledge_folder is not None or settings.store_url.startswith(("postgresql:", "postgres:")):
        return settings.knowledge_folder
    root = releases_root(settings)
    return root if root.is_dir() else None


def run_reinterpret(arguments: argparse.Namespace) -> int:
    """`bedside reinterpret`: only a release without problems, dated no later than today, is adopted."""
    from datetime import UTC, datetime

    from bedside.knowledge.check import check_release
    from bedside.knowledge.report import folder_named, load_named
    from bedside.service.house import SOURCE
    from bedside.service.reinterpret_all import reinterpret

    settings = settings_of(arguments)
    name = arguments.to or SOURCE
    folder = folder_named(name, settings.knowledge_folder)
    problems = list(check_release(folder))
    if folder.name > datetime.now(UTC).date().isoformat():
        problems.append(Problem(folder.name, "is dated after today", remedy="adopt it when its day has come"))
    if problems:
        raise InputError(problems)
    pack = load_named(name, settings.knowledge_folder)
    house = opened(settings, must_exist=True, pgx=pack)
    try:
        print(reinterpret(house, pack))
    finally:
        house.close()
    return 0
