"""`bedside security`: what is tested of a security standard, what is the site's duty, what nobody tests."""

from __future__ import annotations

import argparse
import json

from bedside.commands.opening import settings_of


def security(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside security`."""
    parser.add_argument("--chapter", metavar="V8", default="", help="every group of one chapter")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    parser.set_defaults(run=run_security)


def run_security(arguments: argparse.Namespace) -> int:
    """`bedside security`."""
    from bedside.errors import InputError
    from bedside.knowledge.security_table import State, load_security_table

    table = load_security_table(settings_of(arguments).knowledge_folder)
    if arguments.chapter and arguments.chapter not in table.chapters:
        raise InputError.one("--chapter", f"is one of {', '.join(table.chapters)}")
    if arguments.format == "json":
        rows = table.of(arguments.chapter) if arguments.chapter else table.groups
        said = [
            {
                "group": one.group,
                "what": one.what,
                "state": one.state.value,
                "tests": one.tests,
                "note": one.note,
            }
            for one in rows
        ]
        print(json.dumps({"review_state": table.provenance.review_state, "groups": said}, indent=2))
        return 0
    if arguments.chapter:
        print("\t".join(("group", "state", "what", "shown by", "note")))
        for one in table.of(arguments.chapter):
            print("\t".join((one.group, one.state.value, one.what, " ".join(one.tests), one.note)))
        return 0
    print("\t".join(("chapter", *(state.value for state in State), "tested of applicable")))
    for chapter in (*table.chapters, ""):
        held = table.coverage(chapter)
        counts = (str(held.counts.get(state, 0)) for state in State)
        title = f"{chapter} {table.chapters[chapter]}" if chapter else "all"
        print("\t".join((title, *counts, f"{held.tested} of {held.applicable}")))
    print(f"{table.provenance.title}: {table.provenance.review_state}")
    return 0
