"""`bedside knowledge add`: a site's own copy of a published release."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bedside.commands.civic import add_civic_options
from bedside.commands.opening import add_store, build_of, settings_of
from bedside.commands.reanalyse import clingen


def add_knowledge_add(actions: Any) -> None:
    """The options of `bedside knowledge add`, among the other actions."""
    add = actions.add_parser("add", help="store a published release: dated, whole, by its digest")
    sources = add.add_subparsers(dest="what", required=True, metavar="clinvar|clingen|civic")
    clinvar = sources.add_parser("clinvar", help="ClinVar's VCF or variant_summary, of either build")
    clinvar.add_argument("file", type=Path, metavar="FILE", help="as NCBI publishes it, plain or gzipped")
    clinvar.add_argument("--release", metavar="DATE", help="the file's date, when its header does not say")
    clinvar.add_argument("--build", choices=("GRCh38", "GRCh37"), help="the build, when it does not say")
    clinvar.add_argument(
        "--chain", type=Path, metavar="FILE", help="chain file from GRCh37 to GRCh38, for a file on GRCh37"
    )
    add_store(clinvar)
    clinvar.set_defaults(run=run_add_clinvar)
    add_civic_options(sources)
    clingen(sources.add_parser("clingen", help="ClinGen's gene-disease validity"))


def run_add_clinvar(arguments: argparse.Namespace) -> int:
    """`bedside knowledge add clinvar`."""
    from bedside.knowledge.clinvar.keep import add_clinvar, releases_root
    from bedside.knowledge.clinvar.read_file import Asked

    settings = settings_of(arguments)
    asked = Asked(arguments.release, build_of(arguments), arguments.chain or settings.chain_file)
    kept = add_clinvar(arguments.file, releases_root(settings), asked)
    how = "stored" if kept.new else "is already there"
    sys.stdout.write(f"clinvar@{kept.date} {how}: {kept.records:,} records\n")
    for reason, count in kept.left_out.items():
        sys.stdout.write(f"    left out, {reason}: {count:,}\n")
    if kept.left_out:
        sys.stdout.write(f"    each of them: {kept.folder / 'left_out.tsv'}\n")
    return 0
