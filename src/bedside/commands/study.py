"""`bedside study`: write a protocol down, run it, and take the data out for OHDSI's tools."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import add_store, name_text, opened, positive, progress, settings_of


def study(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside study`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|register|run|omop")
    listed = actions.add_parser("list", help="every study: registered, run, and what came of it")
    listed.set_defaults(run=run_list)
    written = actions.add_parser("register", help="write a protocol down before anybody looks")
    written.add_argument("protocol", type=Path, metavar="PROTOCOL.toml")
    written.add_argument("--by", type=name_text, default="command line", help="who registers it")
    written.set_defaults(run=run_register)
    ran = actions.add_parser("run", help="estimate or refuse, and write the bundle")
    ran.add_argument("protocol", type=Path, metavar="PROTOCOL.toml")
    ran.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="where the bundle goes")
    ran.add_argument("--data", type=Path, metavar="FILE", help="a CSV or Parquet in place of the record")
    ran.add_argument("--up-to", type=positive, metavar="EVENT", help="only what was written up to this event")
    ran.add_argument("--by", type=name_text, default="command line", help="who runs it")
    ran.set_defaults(run=run_run)
    given = actions.add_parser("omop", help="the record as OMOP CDM 5.4, for OHDSI's tools")
    given.add_argument("folder", type=Path, metavar="DIR", help="a new folder")
    given.add_argument("--vocabulary", type=Path, metavar="DIR", help="an unpacked download of Athena")
    given.add_argument(
        "--shift-dates", type=Path, metavar="FILE", help="shift each person's dates, by the secret in a file"
    )
    given.add_argument("--holder", default="", metavar="NAME", help="who holds the data")
    given.add_argument("--by", type=name_text, default="command line", help="who takes it out")
    given.set_defaults(run=run_omop)
    for one in (listed, written, ran, given):
        add_store(one)


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside study list`: one line a study, tab-separated."""
    from bedside.service.study_list import study_lines

    house = opened(settings_of(arguments), must_exist=True)
    try:
        for line in study_lines(house):
            sys.stdout.write("\t".join(line) + "\n")
    finally:
        house.close()
    return 0


def run_register(arguments: argparse.Namespace) -> int:
    """`bedside study register`."""
    from bedside.knowledge.study_protocol import protocol_at
    from bedside.service.study_registry import register

    protocol = protocol_at(arguments.protocol)
    house = opened(settings_of(arguments))
    try:
        done = register(house, protocol, arguments.protocol.read_bytes(), arguments.by)
        print(f"{done.study}: registered on {done.at.date().isoformat()} as {done.protocol}")
        for one in done.assignment:
            sys.stdout.write(f"{one.unit}\t{one.stratum}\t{one.place}\t{one.arm}\n")
    finally:
        house.close()
    return 0


def run_run(arguments: argparse.Namespace) -> int:
    """`bedside study run`."""
    from bedside.knowledge.study_protocol import protocol_at
    from bedside.service.study_checklist import interval_text
    from bedside.service.study_run import keep_run, run_study

    protocol = protocol_at(arguments.protocol)
    house = opened(settings_of(arguments), must_exist=arguments.data is None)
    try:
        done = run_study(
            house,
            protocol,
            arguments.protocol.read_bytes(),
            data=arguments.data,
            up_to=arguments.up_to,
            tell=progress,
        )
        keep_run(house, done, arguments.output, arguments.by)
    finally:
        house.close()
    answer = done.result["answer"]
    progress("")
    for line in (*done.result["deviations"], *answer["read_first"]):
        print(f"first: {line}")
    print(f"{answer['main']['quantity']}: {interval_text(answer['main'])}")
    print(f"bundle: {arguments.output}")
    return 0


def run_omop(arguments: argparse.Namespace) -> int:
    """`bedside study omop`: how many rows of each table, tab-separated."""
    from bedside.errors import InputError
    from bedside.service.omop_export import export_omop

    secret = ""
    if arguments.shift_dates is not None:
        try:
            secret = arguments.shift_dates.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError.one(arguments.shift_dates.name, "cannot be read as a secret") from error
        if len(secret) < 16:
            raise InputError.one(arguments.shift_dates.name, "holds fewer than 16 characters")
    house = opened(settings_of(arguments), must_exist=True)
    try:
        done = export_omop(
            house,
            arguments.folder,
            by=arguments.by,
            vocabulary=arguments.vocabulary,
            secret=secret,
            holder=arguments.holder,
        )
    finally:
        house.close()
    for table, rows in done.rows.items():
        sys.stdout.write(f"{table}\t{rows}\n")
    for why, count in done.left_out.items():
        print(f"bedside: note: {count} people left out: {why}", file=sys.stderr)
    print(f"bedside: note: {len(done.checks)} checks passed; manifest {done.digest}", file=sys.stderr)
    return 0
