"""`bedside screen`: the stored genomes against a panel of hereditary findings."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from bedside.commands.opening import add_store, name_text, opened, settings_of


def screen(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside screen`."""
    parser.add_argument(
        "--panel", default="acmg-sf", metavar="NAME", help="acmg-sf, cdc-tier1 or a site's own"
    )
    parser.add_argument("--person", type=name_text, metavar="ID", help="this person only")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    parser.add_argument(
        "--as-of", type=_day, metavar="DATE", help="with the knowledge and genomes of the end of that day"
    )
    parser.add_argument(
        "--unclassified",
        action="store_true",
        help="also variants nobody classified whose consequence can be worked out, for a person to judge",
    )
    parser.add_argument(
        "--sequence", type=Path, metavar="FASTA", help="GRCh38, for consequences that need the sequence"
    )
    add_store(parser)
    parser.set_defaults(run=run_screen)


def run_screen(arguments: argparse.Namespace) -> int:
    """`bedside screen`: the rows on standard output, how many people on standard error."""
    from bedside.knowledge.findings_reader import load_panel
    from bedside.service.reanalyse_release import clinvar_in_force
    from bedside.service.screen_people import ScreenAsked, screen_people
    from bedside.service.screen_rows import json_lines, table_lines

    house = opened(settings_of(arguments), must_exist=True)
    try:
        panel = load_panel(arguments.panel, house.settings.knowledge_folder)
        release = clinvar_in_force(house, arguments.as_of)
        asked = ScreenAsked(
            person=arguments.person,
            as_of=arguments.as_of,
            unclassified=arguments.unclassified,
            sequence=arguments.sequence,
        )
        done = screen_people(house, panel, release, asked)
    finally:
        house.close()
    written = json_lines if arguments.format == "json" else table_lines
    for line in written(done.rows):
        sys.stdout.write(line + "\n")
    sys.stderr.write(
        f"bedside: {done.panel} under {done.release}: {done.people} people screened, "
        f"{done.not_screened} not, {done.tasks} new tasks; what is not listed was not found, which is not "
        "the same as absent\n"
    )
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 2026-02-26") from None
