"""`bedside rank CASE --vcf FILE`: the options, and the ranking of one case with its variants."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text, opened, settings_of

if TYPE_CHECKING:
    from bedside.genome.case import Case
    from bedside.service.house import House
    from bedside.service.rank_cases import Ranker
    from bedside.service.rank_variants import RankedCase


def add_variants(parser: argparse.ArgumentParser) -> None:
    """The options that go with a VCF."""
    group = parser.add_argument_group("with a genome (one phenopacket)")
    group.add_argument("--vcf", type=Path, metavar="FILE", help="annotated VCF of the child, or of a family")
    group.add_argument("--ped", type=Path, metavar="FILE", help="the family; without it the child alone")
    group.add_argument("--proband", default="", metavar="SAMPLE", help="the child, where it is not plain")
    group.add_argument("--build", choices=("GRCh38", "GRCh37"), help="where the header does not tell")
    group.add_argument(
        "--aside", type=Path, metavar="TSV", help="write every variant put aside, with its reasons"
    )
    group.add_argument(
        "--record", type=name_text, metavar="PERSON", help="write the ranking into this person's record"
    )
    group.add_argument(
        "--stored", type=name_text, metavar="PERSON", help="the child's stored genome instead of a VCF"
    )
    for parent in ("mother", "father"):
        group.add_argument(f"--{parent}", type=name_text, metavar="PERSON", help="whose genome is stored too")
    group.add_argument("--simulated", action="store_true", help="the variants are made up: say so everywhere")
    add_store(group)


def demand_vcf(arguments: argparse.Namespace) -> None:
    """Raises `InputError` for options that do not go together."""
    from bedside.errors import InputError

    of_file = ("ped", "proband", "build", "aside")
    lost = [f"--{name}" for name in of_file if getattr(arguments, name) and not arguments.vcf]
    if lost:
        raise InputError.one(", ".join(lost), "goes with a VCF", remedy="give --vcf too")
    of_store = [f"--{name}" for name in ("mother", "father") if getattr(arguments, name)]
    if (of_store and not arguments.stored) or (arguments.stored and arguments.vcf):
        raise InputError.one("--stored", "goes with --mother and --father, and not with --vcf")
    either = [f"--{name}" for name in ("record", "simulated", "store") if getattr(arguments, name)]
    if either and not (arguments.vcf or arguments.stored):
        raise InputError.one(", ".join(either), "goes with variants", remedy="give --vcf or --stored")
    if (arguments.vcf or arguments.stored) and arguments.format == "pheval":
        raise InputError.one("--format pheval", "is for phenotypes alone", remedy="tsv or json")


def run_with_variants(arguments: argparse.Namespace, ranker: Ranker, cases: tuple[Case, ...]) -> int:
    """One case with its variants. Raises `InputError` for more cases than one."""
    import orjson

    from bedside.errors import InputError
    from bedside.service.rank_genomes import json_of, tsv_of
    from bedside.service.record_ranking import record_ranking

    if len(cases) != 1:
        raise InputError.one("--vcf", "goes with one phenopacket", remedy="give the child's")
    (case,), house = cases, _house(arguments)
    try:
        found = _ranked(arguments, ranker, case, house)
        if arguments.record and house is not None:
            release = (ranker.release,)
            record_ranking(
                house, arguments.record, found, by="bedside rank", simulated=arguments.simulated, more=release
            )
    finally:
        if house is not None:
            house.close()
    if arguments.format == "json":
        whole = json_of(case.id, found, ranker.release, arguments.top, arguments.simulated)
        sys.stdout.write(orjson.dumps(whole).decode() + "\n")
    else:
        for line in tsv_of(case.id, found, ranker.release, arguments.top, arguments.simulated):
            sys.stdout.write(line + "\n")
    _say(found, arguments.simulated)
    return 0


def _house(arguments: argparse.Namespace) -> House | None:
    """The house where there is one: it says what ClinVar's release in force says. None without a store."""
    from bedside.errors import StoreError

    settings = settings_of(arguments)
    try:
        return opened(settings, must_exist=True)
    except StoreError:
        if arguments.record or arguments.stored:
            raise
        return None


def _ranked(arguments: argparse.Namespace, ranker: Ranker, case: Case, house: House | None) -> RankedCase:
    from bedside.genome.locus import Build
    from bedside.knowledge.rare_variants import load_rare_policy
    from bedside.service.rank_genomes import ASIDE, aside_line, gene_modes, gene_scores
    from bedside.service.rank_stored import house_facts, rank_stored
    from bedside.service.rank_variants import rank_vcf

    root = settings_of(arguments).knowledge_folder
    phenotype, inheritance = gene_scores(ranker, case), gene_modes(ranker, load_rare_policy(root))
    if arguments.stored and house is not None:
        people = (arguments.stored, arguments.mother or "", arguments.father or "")
        return rank_stored(house, *people, phenotype=phenotype, inheritance=inheritance)
    with ExitStack() as files:
        aside = None
        if arguments.aside:
            aside = files.enter_context(arguments.aside.open("w", encoding="utf-8"))
            aside.write("\t".join(ASIDE) + "\n")
        return rank_vcf(
            arguments.vcf,
            arguments.ped,
            proband=arguments.proband,
            sex=case.sex,
            build=Build(arguments.build) if arguments.build else None,
            phenotype=phenotype,
            inheritance=inheritance,
            house=house_facts(house, root),
            root=root,
            tell=None if aside is None else lambda one: print(aside_line(one), file=aside),
        )


def _say(found: RankedCase, simulated: bool) -> None:
    from bedside.service.record_ranking import WARNINGS

    lines = [f"{found.lines} lines; {len(found.genes)} genes ranked; put aside: "]
    lines[0] += ", ".join(f"{reason.value} {count}" for reason, count in found.aside.items()) or "none"
    lines += [WARNINGS[one.value] for one in found.checks.warned]
    lines += [found.policy.doubts[one] for one in found.doubts]
    lines += [f"note: {one}" for one in found.notices[:20]]
    if simulated:
        lines.append("SIMULATION: these variants were made up")
    lines.append(f"{found.policy.statement} {found.policy.provenance.review_state}")
    for line in lines:
        sys.stderr.write(f"bedside: {line}\n")
