"""`bedside playbook`: content that a site installs, upgrades and removes as one thing."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text, opened, settings_of
from bedside.errors import InputError

if TYPE_CHECKING:
    from bedside.service.playbook_plan import Plan


def playbook(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside playbook`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="what ships and what is installed, with files changed here")
    listing.add_argument("--format", choices=("tsv", "json"), default="tsv")
    listing.set_defaults(run=run_list)
    for name, help_text in (
        ("install", "put a playbook into this site's knowledge folder, with this site's values"),
        ("upgrade", "another version of it, or other values"),
    ):
        one = actions.add_parser(name, help=help_text)
        one.add_argument("playbook", metavar="PLAYBOOK", help="its folder, or the name of one that ships")
        one.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            dest="given",
            help="a value of this site",
        )
        _acting(one)
        if name == "upgrade":
            _edits(one)
            one.set_defaults(run=run_upgrade)
        else:
            one.set_defaults(run=run_install)
    configuring = actions.add_parser("configure", help="install the playbooks of a kind of site at once")
    configuring.add_argument(
        "configuration",
        metavar="CONFIGURATION",
        help="academic, community, primary-care, laboratory, or your own",
    )
    _acting(configuring)
    configuring.set_defaults(run=run_configure)
    removing = actions.add_parser("remove", help="take it away; what stood there before stands there again")
    removing.add_argument("playbook", metavar="NAME")
    removing.add_argument(
        "--leave-open", action="store_true", help="although cases are open on a pathway that goes with it"
    )
    _edits(removing)
    _acting(removing)
    removing.set_defaults(run=run_remove)
    checking = actions.add_parser("check", help="whether it is whole, loads, and does what its examples say")
    checking.add_argument("playbook", metavar="PLAYBOOK")
    checking.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="given")
    checking.set_defaults(run=run_check)
    differing = actions.add_parser("diff", help="what was changed here in an installed playbook")
    differing.add_argument("playbook", metavar="NAME")
    differing.set_defaults(run=run_diff)
    sealing = actions.add_parser("seal", help="write the digests of a playbook's files anew, for its author")
    sealing.add_argument("playbook", type=Path, metavar="FOLDER")
    sealing.set_defaults(run=run_seal)


def _edits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--edits",
        choices=("refuse", "keep", "replace"),
        default="refuse",
        help="what becomes of files changed here (default: refuse)",
    )


def _acting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", type=name_text, default=getpass.getuser(), metavar="NAME", help="who does it")
    add_store(parser)


def _values(given: list[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise InputError.one("--set", f"{one!r} is not NAME=VALUE")
        found[name] = value
    return found


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside playbook list`."""
    import orjson

    from bedside.service.playbooks import listed

    found = listed(settings_of(arguments).knowledge_folder)
    if arguments.format == "json":
        rows = [
            {
                "name": one.name, "title": one.title, "owner": one.owner, "offered": one.offered,
                "installed": one.installed, "edited": list(one.edited), "parameters": dict(one.parameters),
            }
            for one in found
        ]  # fmt: skip
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    print("name\toffered\tinstalled\tchanged here\ttitle")
    for one in found:
        print("\t".join((one.name, one.offered, one.installed, " ".join(one.edited), one.title)))
    return 0


def run_install(arguments: argparse.Namespace) -> int:
    """`bedside playbook install`."""
    from bedside.service.playbooks import find, install

    folder, given = find(arguments.playbook), _values(arguments.given)
    house = opened(settings_of(arguments))
    try:
        _tell(install(house, folder, given, arguments.by))
    finally:
        house.close()
    return 0


def run_configure(arguments: argparse.Namespace) -> int:
    """`bedside playbook configure`."""
    from bedside.service.playbooks import configure

    house = opened(settings_of(arguments))
    try:
        for plan in configure(house, arguments.configuration, arguments.by):
            _tell(plan)
    finally:
        house.close()
    return 0


def run_upgrade(arguments: argparse.Namespace) -> int:
    """`bedside playbook upgrade`."""
    from bedside.service.playbook_plan import Edits
    from bedside.service.playbooks import find, upgrade

    folder, given = find(arguments.playbook), _values(arguments.given)
    house = opened(settings_of(arguments))
    try:
        _tell(upgrade(house, folder, given, arguments.by, Edits(arguments.edits)))
    finally:
        house.close()
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """`bedside playbook remove`."""
    from bedside.service.playbook_plan import Edits
    from bedside.service.playbooks import remove

    house = opened(settings_of(arguments), must_exist=True)
    try:
        edits = Edits(arguments.edits)
        _tell(remove(house, arguments.playbook, arguments.by, edits, arguments.leave_open))
    finally:
        house.close()
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """`bedside playbook check`: its problems, one a line."""
    from bedside.knowledge.playbook import read_playbook
    from bedside.service.playbooks import checked, find, wrong_examples

    one, given = read_playbook(find(arguments.playbook)), _values(arguments.given)
    problems = [*checked(one, given or None), *wrong_examples(one)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{one.name} is whole: {len(one.files)} files, {len(one.examples)} examples")
    return 1 if problems else 0


def run_diff(arguments: argparse.Namespace) -> int:
    """`bedside playbook diff`: a unified diff, nothing when nothing was changed."""
    from bedside.service.playbooks import differences

    root = settings_of(arguments).knowledge_folder
    if root is None:
        raise InputError.one("BEDSIDE_KNOWLEDGE_ROOT", "is not set, so nothing is installed")
    sys.stdout.write(differences(root, arguments.playbook))
    return 0


def run_seal(arguments: argparse.Namespace) -> int:
    """`bedside playbook seal`: the files whose digest changed."""
    from bedside.service.playbook_seal import seal

    for name in seal(arguments.playbook):
        print(name)
    return 0


def _tell(plan: Plan) -> None:
    versions = " → ".join(one for one in (plan.before, plan.after) if one)
    print(f"{plan.playbook} {plan.change} {versions}")
    for file, content in plan.writes.items():
        print(f"  {'removed ' if content is None else 'written '} {file}")
    for file in plan.kept:
        print(f"  kept as changed here  {file}")
    for file in plan.replaced:
        print(f"  replaced what stood here  {file}")
