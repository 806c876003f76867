"""`bedside laboratories` and `bedside launch`: how each laboratory does; what a launch still lacks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from bedside.commands.opening import add_store, name_text, opened, settings_of


def laboratories(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside laboratories`."""
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_laboratories)


def launch(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside launch`."""
    parser.add_argument("checklist", metavar="CHECKLIST", help="such as companion-diagnostic")
    parser.add_argument("--adoption", action="store_true", help="how far people come by clinic, barriers")
    parser.add_argument("--attest", metavar="ITEM", help="say yes or no of an item")
    parser.add_argument("--word", choices=("yes", "no"), default="yes")
    parser.add_argument("--note", default="", help="what was looked at, or what is missing")
    parser.add_argument("--by", type=name_text, metavar="WHO")
    add_store(parser)
    parser.set_defaults(run=run_launch)


def run_laboratories(arguments: argparse.Namespace) -> int:
    """`bedside laboratories`: TSV or JSON, one line a laboratory."""
    import orjson

    from bedside.service.laboratories import COLUMNS, document, lines

    house = opened(settings_of(arguments), must_exist=True)
    try:
        told = document(house)
    finally:
        house.close()
    if arguments.format == "json":
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _write([COLUMNS, *lines(told)])
    return 0


def run_launch(arguments: argparse.Namespace) -> int:
    """`bedside launch`: the gate on standard error, the items as TSV; status 0 whatever the gate says."""
    from bedside.errors import InputError
    from bedside.service.launch import adoption, attest, checklist_named, stands
    from bedside.service.pathway_funnel import COLUMNS, lines

    house = opened(settings_of(arguments), must_exist=True)
    try:
        checklist = checklist_named(house, arguments.checklist)
        if arguments.attest:
            if not arguments.by:
                raise InputError.one("--by", "is missing", remedy="say who attests it")
            attest(house, checklist, arguments.attest, arguments.word, arguments.note, actor=arguments.by)
        if arguments.adoption:
            found = adoption(house, checklist)
            _write([COLUMNS, *lines(found.report)])
            for site, counts in found.barriers.items():
                for name, count in counts.items():
                    sys.stderr.write(f"bedside: {site}: {name}: {count}\n")
            return 0
        ready = stands(house, checklist)
        sys.stderr.write(f"bedside: {ready.gate.value}; missing: {len(ready.missing)}\n")
        rows = [("item", "owner", "stands", "events", "attested_by", "on", "note", "title")]
        for one in ready.items:
            word = one.attested
            told = ("", "", "") if word is None else (word.by, word.on.isoformat(), word.note)
            seen = "" if one.seen is None else str(one.seen)
            rows.append((one.item.name, one.item.owner, one.gate.value, seen, *told, one.item.title))
        _write(rows)
    finally:
        house.close()
    return 0


def _write(rows: Iterable[Iterable[str]]) -> None:
    for row in rows:
        sys.stdout.write("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) + "\n")
