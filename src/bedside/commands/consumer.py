"""`bedside consumer`: raw data that somebody bought, taken as unconfirmed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.commands.opening import add_store, build_of, name_text, opened, settings_of, tell_notices

if TYPE_CHECKING:
    from bedside.service.accept_consumer import AcceptedConsumer


def consumer(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside consumer`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="raw data as downloaded (text, gzip or zip)")
    parser.add_argument("--person", type=name_text, metavar="ID", required=True, help="whose file it is")
    parser.add_argument(
        "--build",
        choices=("GRCh38", "GRCh37"),
        help="the file's build, when neither its header nor its positions say; it is never guessed",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    add_store(parser)
    parser.set_defaults(run=run_consumer)


def run_consumer(arguments: argparse.Namespace) -> int:
    """`bedside consumer`."""
    from bedside.service.accept_consumer import accept_consumer

    house = opened(settings_of(arguments))
    try:
        accepted = accept_consumer(house, arguments.file, arguments.person, build=build_of(arguments))
    finally:
        house.close()
    if arguments.format == "json":
        import orjson

        sys.stdout.write(orjson.dumps(as_plain(accepted), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write(as_text(accepted))
        tell_notices(accepted.file.notices)
    return 0


def as_text(accepted: AcceptedConsumer) -> str:
    """What was taken and what must happen, for a terminal."""
    task, about = accepted.task, accepted.task.about
    stored = "stored" if accepted.new else "already stored"
    lines = [
        f"{accepted.person}\t{accepted.result}\tunconfirmed\t{stored}",
        f"{about['markers']} markers ({about['no_calls']} without a call) on {about['build']}, "
        f"{about['build_known']}",
        f"Task: {task.summary} ({task.owner}, due {task.due.isoformat()})",
        *(f"  {one['gene']}\t{one['marker']}\t{one['letters']}\t{one['trust']}" for one in about["seen"]),
        *(f"  {fact['text']} ({fact['source']})" for fact in about["facts"]),
        "Nothing else follows from this file: no finding, no negative, no guidance.",
    ]
    return "\n".join(lines) + "\n"


def as_plain(accepted: AcceptedConsumer) -> dict[str, Any]:
    """The same for programs."""
    task = accepted.task
    return {
        "person": accepted.person,
        "result": accepted.result,
        "document": accepted.document,
        "confirmation": "unconfirmed",
        "new": accepted.new,
        "task": {
            "task": task.task,
            "kind": task.kind,
            "summary": task.summary,
            "owner": task.owner,
            "due": task.due.isoformat(),
            "about": dict(task.about),
        },
        "notices": [
            {"code": one.code, "line": one.line, "reason": one.reason} for one in accepted.file.notices
        ],
    }
