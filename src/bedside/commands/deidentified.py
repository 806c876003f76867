"""`bedside deidentified`: data for research without who it is about."""

from __future__ import annotations

import argparse
from pathlib import Path

from bedside.commands.opening import add_store, opened, settings_of


def deidentified(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside deidentified`."""
    parser.add_argument("--gene", action="append", default=[], required=True, help="up to three, by name")
    parser.add_argument("--form", choices=("rows", "counts"), default="rows")
    parser.add_argument(
        "--dates", choices=("year", "shift"), default="year", help="the year, or moved by secret days of each"
    )
    parser.add_argument("--purpose", required=True, metavar="TEXT", help="what it is for; it stays on record")
    parser.add_argument("--use", default="", metavar="DUO:…", help="the use, where people limited theirs")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="whole or not at all")
    parser.add_argument("--by", required=True, metavar="WHO", help="who gives it away")
    add_store(parser)
    parser.set_defaults(run=run_deidentified)


def run_deidentified(arguments: argparse.Namespace) -> int:
    """`bedside deidentified`."""
    from bedside.learn.deidentified import Dates
    from bedside.service.release_data import Wanted, release_data

    wanted = Wanted(
        tuple(dict.fromkeys(arguments.gene)),
        arguments.form,
        arguments.purpose,
        Dates(arguments.dates),
        arguments.use,
    )
    house = opened(settings_of(arguments), must_exist=True)
    try:
        done = release_data(house, wanted, arguments.out, actor=arguments.by)
    finally:
        house.close()
    print(f"{arguments.out}\t{done.rows} rows\tsha256 {done.digest}")
    for reason, count in done.left_out.items():
        print(f"left out\t{count}\t{reason}")
    if arguments.form == "rows" and done.too_small:
        print("left out\tsome\tin too small a group")
    return 0
