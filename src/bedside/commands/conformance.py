"""`bedside conformance`: what was checked, by whom, and what came of it, on one page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import positive

FORMATS = ("html", "tsv", "json")


def conformance(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside conformance`."""
    parser.add_argument("--format", choices=FORMATS, default="html")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there, whole or not at all")
    parser.add_argument(
        "--people", type=positive, default=12, metavar="N", help="ask about so many of the made-up people"
    )
    parser.add_argument("--only", action="append", metavar="CHECK", help="only this check; again for more")
    parser.add_argument("--strict", action="store_true", help="exit status 1 when anything failed")
    parser.set_defaults(run=run_conformance)


def run_conformance(arguments: argparse.Namespace) -> int:
    """`bedside conformance`."""
    from datetime import UTC, datetime
    from tempfile import TemporaryDirectory

    from bedside.conformance import page
    from bedside.conformance.bench import PEOPLE, Bench
    from bedside.conformance.registry import all_checks, run
    from bedside.conformance.result import Verdict
    from bedside.errors import InputError, Problem
    from bedside.service.whole_file import whole_file

    checks = all_checks()
    wanted = arguments.only or [one.name for one in checks]
    unknown = sorted(set(wanted) - {one.name for one in checks})
    if unknown:
        names = ", ".join(one.name for one in checks)
        raise InputError(
            [Problem("--only", f"{name} is no check", remedy=f"one of {names}") for name in unknown]
        )
    with TemporaryDirectory(prefix="bedside-conformance-") as folder:
        bench = Bench(Path(folder), people=max(PEOPLE, arguments.people), asked=arguments.people)
        try:
            chosen = [one for one in checks if one.name in wanted]
            areas = list(run(chosen, bench, lambda name: print(name, file=sys.stderr)))
        finally:
            bench.close()
    write = {"html": page.as_html, "tsv": page.as_tsv, "json": page.as_json}[arguments.format]
    text = write(areas, datetime.now(UTC))
    if arguments.out is None:
        sys.stdout.write(text)
    else:
        with whole_file(arguments.out) as file:
            file.write(text.encode())
    for one in areas:
        counts = ", ".join(f"{one.count(verdict)} {verdict.value}" for verdict in Verdict)
        print(f"{one.title}: {one.verdict.value} ({counts})", file=sys.stderr)
    return int(arguments.strict and any(one.verdict is Verdict.FAILED for one in areas))
