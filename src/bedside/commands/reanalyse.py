"""`bedside reanalyse` and `knowledge add clingen`: a release adopted, and what it means for whom."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text, opened, progress, settings_of

if TYPE_CHECKING:
    from bedside.service.reanalyse import Reanalysed

_SHOWN = 20


def reanalyse(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside reanalyse`."""
    parser.add_argument(
        "--to", required=True, metavar="NAME@DATE", help="the release: clinvar@…, clingen@… or cpic@…"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the same rows and write nothing")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    parser.add_argument(
        "--accept-mass-change",
        type=name_text,
        metavar="REASON",
        help="let a release pass that was stopped because it changes too much at once; with --by",
    )
    parser.add_argument("--by", type=name_text, metavar="NAME", help="who says so; it stays in the record")
    add_store(parser)
    parser.set_defaults(run=run_reanalyse)


def clingen(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside knowledge add clingen`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="ClinGen's gene-disease validity file")
    parser.add_argument("--release", required=True, metavar="DATE", help="the day it was downloaded")
    add_store(parser)
    parser.set_defaults(run=run_add_clingen)


def run_reanalyse(arguments: argparse.Namespace) -> int:
    """`bedside reanalyse`: the rows on standard output, what was done on standard error."""
    from bedside.errors import InputError
    from bedside.service.reanalyse import Accepted, Asked
    from bedside.service.reanalyse_groups import json_lines, table_lines
    from bedside.service.reanalyse_release import reanalyse_to

    if (arguments.accept_mass_change is None) != (arguments.by is None):
        raise InputError.one("--accept-mass-change", "needs --by, and --by needs it", remedy="give both")
    accepted = None
    if arguments.by is not None:
        accepted = Accepted(arguments.by, arguments.accept_mass_change)
    house = opened(settings_of(arguments), must_exist=True)
    try:
        asked = Asked(dry_run=arguments.dry_run, accepted=accepted, tell=progress)
        done = reanalyse_to(house, arguments.to, asked)
    finally:
        house.close()
    progress("")
    if done.stopped:
        return _stopped(done)
    written = json_lines if arguments.format == "json" else table_lines
    for line in written(done.groups):
        sys.stdout.write(line + "\n")
    sys.stderr.write(f"bedside: {_said(done, dry_run=arguments.dry_run)}\n")
    return 0


def _stopped(done: Reanalysed) -> int:
    """Say why a release was not adopted, and show what it would have changed."""
    for line in done.concerned:
        sys.stdout.write(line + "\n")
    for excess in done.stopped:
        sys.stderr.write(f"bedside: {done.after} is stopped: {excess}\n")
    sys.stderr.write(
        f"bedside: nothing was adopted; the {len(done.concerned)} records are listed. Look at them, then let "
        "it pass with --accept-mass-change REASON --by NAME, or add the right file\n"
    )
    return 1


def _said(done: Reanalysed, *, dry_run: bool) -> str:
    if done.before == done.after:
        return f"{done.after} is in force already; nothing to do"
    if not done.before:
        did = "would be adopted" if dry_run else "adopted"
        return f"{done.after} {did}; there was no release to compare it with: screen with `bedside screen`"
    counts = ", ".join(f"{count} {kind}" for kind, count in done.counts.items()) or "nobody concerned"
    left_out = sum(done.not_counted.values())
    return (
        f"{done.after} {'would be adopted' if dry_run else 'adopted'} (before: {done.before}): "
        f"{done.people} people looked at, {counts}; {done.tasks} tasks"
        + (f"; {left_out} people not looked at, for want of consent or a genome" if left_out else "")
    )


def run_add_clingen(arguments: argparse.Namespace) -> int:
    """`bedside knowledge add clingen`."""
    from bedside.knowledge.clinvar.keep import releases_root
    from bedside.knowledge.gene_validity_release import add_validity

    added = add_validity(arguments.file, releases_root(settings_of(arguments)), arguments.release)
    sys.stdout.write(f"{added.release} stored: {len(added.claims):,} gene-disease pairs\n")
    return 0
