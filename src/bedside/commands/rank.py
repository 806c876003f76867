"""`bedside rank`: which diseases or genes fit what was found in a person."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import positive, settings_of
from bedside.commands.rank_with_variants import add_variants, demand_vcf, run_with_variants


def rank(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside rank`."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="PHENOPACKET", help="phenopackets (JSON), or folders of them"
    )
    parser.add_argument("--hpo-release", metavar="R", help="a date under the site's sources/hpo, or a folder")
    parser.add_argument("--by", choices=("disease", "gene"), default="disease")
    parser.add_argument("--top", type=positive, default=10, metavar="N", help="so many for each case (10)")
    parser.add_argument("--format", choices=("tsv", "json", "pheval"), default="tsv")
    add_variants(parser)
    parser.set_defaults(run=run_rank)


def run_rank(arguments: argparse.Namespace) -> int:
    """`bedside rank`: all files are one batch; with `--format json` every term's weight is there."""
    from bedside.intake.phenopacket_in import read_cases
    from bedside.service.rank_cases import load_ranker, ranked
    from bedside.service.rank_output import json_lines, pheval_lines, tsv_lines

    demand_vcf(arguments)
    ranker = load_ranker(arguments.hpo_release, settings_of(arguments).knowledge_folder)
    cases = read_cases(arguments.files, ranker.hpo, confirmed=True)
    if arguments.vcf or arguments.stored:
        return run_with_variants(arguments, ranker, cases)
    found = ranked(ranker, cases, arguments.top, by_gene=arguments.by == "gene")
    write = {"tsv": tsv_lines, "json": json_lines, "pheval": pheval_lines}[arguments.format]
    for line in write(ranker, found):
        sys.stdout.write(line + "\n")
    silent = sum(not case.observed for case in cases)
    unknown = sum(len(case.unknown) for case in cases)
    sys.stderr.write(
        f"bedside: {len(cases)} cases, {silent} without a term to go by, {unknown} terms not in the "
        f"release; {ranker.release}; advice for a person, no diagnosis\n"
    )
    return 0
