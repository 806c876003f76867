"""`bedside coverage`: whether a plan covers a test that is ordered, why, and what is still missing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from datetime import date

    from bedside.decide.coverage_answer import CoverageAnswer
    from bedside.genome.coverage import CoverageAsked, Fact
    from bedside.knowledge.coverage_pack import CoveragePack


def coverage(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside coverage`."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--order",
        metavar="FILE",
        help="an order (JSON or FHIR Bundle), or the number of one in the record",
    )
    which.add_argument(
        "--list", action="store_true", help="the policies at hand, with dates and review state"
    )
    parser.add_argument(
        "--payer", metavar="P", default="", help="the plan, by its name (default: the one the order brings)"
    )
    parser.add_argument(
        "--fact", metavar="FACT=VALUE", action="append", default=[], help="state a fact that is missing"
    )
    parser.add_argument("--by", metavar="WHO", default="operator", help="who states it, or asks")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    add_store(parser)
    parser.set_defaults(run=run_coverage)


def run_coverage(arguments: argparse.Namespace) -> int:
    """`bedside coverage`: 0 whatever the answer is, 1 when the order cannot be read."""
    from bedside.knowledge.coverage_policies import load_coverage

    root = settings_of(arguments).knowledge_folder
    pack = load_coverage(root)
    if arguments.list:
        return _listed(pack, arguments.format)
    if Path(arguments.order).exists():
        asked, answer = _of_file(arguments, pack)
    else:
        asked, answer = _of_record(arguments, pack)
    return _told(pack, asked, answer, arguments.format)


def _of_file(arguments: argparse.Namespace, pack: CoveragePack) -> tuple[CoverageAsked, CoverageAnswer]:
    from datetime import UTC, datetime

    from bedside.service.coverage_file import answer_file
    from bedside.service.house import newest_pack

    settings = settings_of(arguments)
    today = datetime.now(UTC).date()
    said = _stated(arguments, pack, today)
    made = answer_file(
        Path(arguments.order),
        arguments.payer,
        newest_pack(settings),
        settings.knowledge_folder,
        today,
        said,
    )
    return made.asked, made.answer


def _of_record(arguments: argparse.Namespace, pack: CoveragePack) -> tuple[CoverageAsked, CoverageAnswer]:
    from bedside.errors import NotFound
    from bedside.genome.event import EventKind
    from bedside.service.ask_coverage import ask_coverage

    house = opened(settings_of(arguments), must_exist=True)
    try:
        placed = house.ledger.find(EventKind.ORDER_PLACED, arguments.order)
        if placed is None or placed.person is None:
            raise NotFound.one("--order", "is neither a file nor the number of an order in the record")
        form = _stated(arguments, pack, house.clock().date())
        made = ask_coverage(
            house, placed.person, arguments.order, payer=arguments.payer, form=form, actor=arguments.by
        )
        return made.asked, made.answer
    finally:
        house.close()


def _stated(arguments: argparse.Namespace, pack: CoveragePack, today: date) -> dict[str, Fact]:
    from bedside.decide.coverage_stated import stated_facts
    from bedside.errors import InputError

    said: dict[str, object] = {}
    for text in arguments.fact:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError.one("--fact", "is written FACT=VALUE")
        said[name] = value
    return stated_facts(pack.facts, said, by=arguments.by, on=today)


def _told(pack: CoveragePack, asked: CoverageAsked, answer: CoverageAnswer, form: str) -> int:
    import orjson

    from bedside.service.coverage_text import document, lines

    if form == "json":
        sys.stdout.write(orjson.dumps(document(asked, answer), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines(pack, asked, answer)))
    return 0


def _listed(pack: CoveragePack, form: str) -> int:
    import orjson

    from bedside.service.coverage_list import rows

    table = [one.row for one in rows(pack)]
    if form == "json":
        sys.stdout.write(orjson.dumps(table, option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    sys.stdout.write("\t".join(table[0]) + "\n" if table else "")
    for row in table:
        sys.stdout.write("\t".join(row.values()) + "\n")
    return 0
