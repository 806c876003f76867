"""`bedside dossier`: the evidence for a test as a dossier, and whether it is ready for a decision."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from bedside.service.house import House
    from bedside.settings import Settings

NOT_READY = 3
"""The exit status of a gate that is not open."""


def dossier(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside dossier`."""
    parser.add_argument(
        "words",
        nargs="+",
        metavar="NAME",
        help="a dossier, or: list | gate CHECKLIST | attest CHECKLIST ITEM | template NAME",
    )
    parser.add_argument("--format", choices=("md", "json"), default="md")
    parser.add_argument("--evidence", metavar="TEXT", help="with attest: what it rests on")
    parser.add_argument("--by", metavar="NAME", help="with attest: who stands for it")
    parser.add_argument("--not-met", action="store_true", help="with attest: it is not met")
    parser.add_argument("--on", type=_day, metavar="DATE", help="as of this day (default: today)")
    add_store(parser)
    parser.set_defaults(run=run_dossier)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a day such as 2026-11-26") from None


def run_dossier(arguments: argparse.Namespace) -> int:
    """`bedside dossier`: Markdown, or JSON with `--format json`."""
    from bedside.errors import InputError

    first, *rest = arguments.words
    takes = {"list": 0, "gate": 1, "attest": 2, "template": 1}.get(first, 0)
    if len(rest) != takes:
        what = "a name" if takes == 1 else f"{takes} names"
        raise InputError.one(
            "NAME",
            f"{first!r} takes {what if takes else 'nothing'} after it; {len(rest)} came",
            remedy="bedside dossier NAME, list, gate CHECKLIST, attest CHECKLIST ITEM or template NAME",
        )
    if first == "list":
        return _list(arguments)
    if first == "gate":
        return _gate(arguments, rest[0])
    if first == "attest":
        return _attest(arguments, rest[0], rest[1])
    return _show(arguments, rest[0] if rest else first, template=first == "template")


def _show(arguments: argparse.Namespace, name: str, *, template: bool) -> int:
    from bedside.service.budget_template import budget_template
    from bedside.service.dossier import document, dossier_named, markdown

    root = settings_of(arguments).knowledge_folder
    held = dossier_named(name, root)
    if template:
        sys.stdout.write(budget_template(held))
        return 0
    said = document(held, root, arguments.on or date.today())
    if arguments.format == "json":
        _json(said)
    else:
        sys.stdout.write("\n\n".join(markdown(said)).replace("\n\n- ", "\n- ") + "\n")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from bedside.knowledge.dossier import load_dossiers
    from bedside.knowledge.readiness import load_readiness

    root = settings_of(arguments).knowledge_folder
    for kind, held in (("dossier", load_dossiers(root)), ("checklist", load_readiness(root))):
        for name, one in held.items():
            sys.stdout.write(f"{kind}\t{name}\t{one.provenance.title}\t{one.provenance.review_state}\n")
    return 0


def _gate(arguments: argparse.Namespace, name: str) -> int:
    from bedside.learn.readiness import Ready
    from bedside.service.readiness import checklist_named, document, gate

    settings = settings_of(arguments)
    checklist = checklist_named(name, settings.knowledge_folder)
    house = _record(arguments, settings)
    try:
        today = arguments.on or (house.clock().date() if house is not None else date.today())
        found = gate(checklist, house, settings.knowledge_folder, today)
        said = document(checklist, found, today)
    finally:
        if house is not None:
            house.close()
    if arguments.format == "json":
        _json(said)
    else:
        sys.stdout.write(f"{said['sentence']}\n{said['review_state']}\n\n")
        for one in said["items"]:
            late = ", overdue" if one["overdue"] else ""
            needed = "" if one["required"] else " (not required)"
            sys.stdout.write(
                f"- {one['met']}: {one['asks']}{needed} {one['why']}. {one['owner']}, {one['due']}{late}\n"
            )
    return 0 if found.answer is Ready.READY else NOT_READY


def _record(arguments: argparse.Namespace, settings: Settings) -> House | None:
    """The record, where there is one; a store that was named must be there."""
    from bedside.store.open_ledger import ledger_path

    on_disk = not settings.store_url.startswith(("postgresql:", "postgres:"))
    if not arguments.store and on_disk and not ledger_path(settings.store_url).exists():
        return None
    return opened(settings, must_exist=True)


def _attest(arguments: argparse.Namespace, name: str, item: str) -> int:
    from bedside.errors import InputError
    from bedside.service.readiness import attest, checklist_named

    if not arguments.by or not arguments.evidence:
        raise InputError.one("attest", "needs --by and --evidence", remedy="say who, and on what it rests")
    settings = settings_of(arguments)
    checklist = checklist_named(name, settings.knowledge_folder)
    house = opened(settings, must_exist=True)
    try:
        attest(
            house,
            checklist,
            item,
            met=not arguments.not_met,
            evidence=arguments.evidence,
            by=arguments.by,
        )
    finally:
        house.close()
    return 0


def _json(said: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode() + "\n")
