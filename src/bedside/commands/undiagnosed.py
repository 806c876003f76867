"""`bedside undiagnosed`: whose chart looks like a genetic disease that nobody has named."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, opened, positive, progress, settings_of

if TYPE_CHECKING:
    from bedside.service.undiagnosed_ask import RoundAsked
    from bedside.service.undiagnosed_round import Round


def undiagnosed(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside undiagnosed`."""
    parser.add_argument("--capacity", type=positive, metavar="N", help="how many people the clinic looks at")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    parser.add_argument("--people", type=Path, metavar="TSV", help="a warehouse's people, not the record")
    parser.add_argument("--codes", type=Path, metavar="TSV", help="their codes; with --people")
    parser.add_argument(
        "--maps",
        type=Path,
        metavar="FOLDER",
        help="code maps (default: sources/phecode of the site)",
    )
    parser.add_argument("--hpo-release", metavar="RELEASE", help="a date under sources/hpo, or a folder")
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="ages and codes as of this day")
    parser.add_argument("--workers", type=positive, default=2, metavar="N", help="threads (default: 2)")
    parser.add_argument(
        "--work", type=Path, metavar="FILE", help="keep unfinished work here and take it up again"
    )
    parser.add_argument("--outcomes", action="store_true", help="what became of those listed so far")
    add_store(parser)
    parser.set_defaults(run=run_undiagnosed)


def run_undiagnosed(arguments: argparse.Namespace) -> int:
    """`bedside undiagnosed`: the worklist on standard output, what to know of it on standard error."""
    from bedside.errors import InputError
    from bedside.service.undiagnosed_round import document
    from bedside.service.undiagnosed_text import summary, tsv

    if arguments.outcomes:
        return _outcomes(arguments)
    if (arguments.people is None) != (arguments.codes is None):
        raise InputError.one("--people, --codes", "are given together")
    made = _from_files(arguments) if arguments.people else _from_record(arguments)
    progress("")
    if arguments.format == "json":
        sys.stdout.write(json.dumps(document(made), indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in tsv(made))
    sys.stderr.writelines(f"bedside: {line}\n" for line in summary(made))
    return 0


def _asked(arguments: argparse.Namespace) -> RoundAsked:
    from bedside.service.undiagnosed_ask import RoundAsked

    def tell(done: int, of: int) -> None:
        progress(f"{done:,} of {of:,} people")

    as_of = arguments.as_of or datetime.now(UTC).date()
    names = ("capacity", "maps", "hpo_release", "workers")
    return RoundAsked(
        as_of, **{name: getattr(arguments, name) for name in names}, work=arguments.work, tell=tell
    )


def _from_files(arguments: argparse.Namespace) -> Round:
    from bedside.service.undiagnosed_ask import round_of_files

    root = settings_of(arguments).knowledge_folder
    return round_of_files(arguments.people, arguments.codes, root, _asked(arguments))


def _from_record(arguments: argparse.Namespace) -> Round:
    from bedside.service.undiagnosed_ask import round_of_record

    house = opened(settings_of(arguments), must_exist=True)
    try:
        return round_of_record(house, _asked(arguments))
    finally:
        house.close()


def _outcomes(arguments: argparse.Namespace) -> int:
    from bedside.learn.suspicion_outcomes import calibration
    from bedside.service.undiagnosed_decide import outcomes

    house = opened(settings_of(arguments), must_exist=True)
    try:
        bands = calibration(outcomes(house))
    finally:
        house.close()
    print(
        "surprise_from",
        "below",
        "listed",
        "looked_at",
        "ordered",
        "answered",
        "diagnosed",
        "low",
        "high",
        sep="\t",
    )
    for band in bands:
        low, high = band.yielded.interval or ("", "")
        below = "" if band.high is None else band.high
        counts = (band.listed, band.looked_at, band.ordered, band.yielded.of, band.yielded.count)
        print(band.low, below, *counts, *(f"{one:.3f}" if one != "" else "" for one in (low, high)), sep="\t")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 2026-02-26") from None
