"""`bedside pgx`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import (
    add_files,
    build_of,
    policy_of,
    settings_of,
    tell_notices,
)
from bedside.errors import StoreError


def pgx(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside pgx`."""
    add_files(parser)
    parser.add_argument("--format", choices=("json", "tsv", "html", "fhir"), default="json")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="write here instead of standard output"
    )
    parser.add_argument(
        "--all-candidates", action="store_true", help="every diplotype that fits, not only the best"
    )
    parser.add_argument("--combinations", action="store_true", help="also combination and partial alleles")
    parser.add_argument(
        "--call-cyp2d6", action="store_true", help="from genotypes alone, without copy number (research)"
    )
    parser.add_argument("--no-recommendations", action="store_true", help="calls and phenotypes only")
    parser.set_defaults(run=run_pgx)


def run_pgx(arguments: argparse.Namespace) -> int:
    """`bedside pgx`."""
    from bedside.interpret.options import CallOptions
    from bedside.service.call_files import Format, call_files
    from bedside.service.house import newest_pack

    settings = settings_of(arguments)
    if sys.stdout is None:
        raise StoreError("standard output is closed; give -o PATH")
    form = Format(arguments.format)
    report = None
    if form is Format.HTML:
        from bedside.web.report import render

        report = render
    summary = call_files(
        arguments.files,
        newest_pack(settings),
        stream=sys.stdout.buffer,
        outside=arguments.outside,
        build=build_of(arguments),
        form=form,
        output=arguments.output,
        options=CallOptions(arguments.all_candidates, arguments.combinations, arguments.call_cyp2d6),
        recommendations=not arguments.no_recommendations,
        policy=policy_of(arguments),
        report=report,
        knowledge_folder=settings.knowledge_folder,
    )
    tell_notices(summary.notices)
    return 0
