"""`bedside cohort`: who carries what, who was tested, how often, among those who may be counted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.commands.genome import presence_words
from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from bedside.genome.region import Region
    from bedside.genome.variant import Variant
    from bedside.knowledge.classification import ClassifiedVariant
    from bedside.service.ask_cohort import Basis, GroupCount
    from bedside.service.cohort_lake import Asking
    from bedside.service.house import House
    from bedside.settings import Settings

CARRIERS = ("person", "variant", "zygosity", "classification", "stars", "run", "knowledge_release")
FINDINGS = (*CARRIERS, "gene", "disease", "outcome", "reason")
TESTED = ("person", "place", "answer", "zygosity", "reason")
COUNTS = (
    "variant", "group", "copies", "strands", "frequency", "classification", "stars", "knowledge_release",
)  # fmt: skip
PURPOSES = ("care", "screening", "return", "research", "family", "commercial")

Rows = list[dict[str, Any]]


def cohort(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside cohort`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    carriers = actions.add_parser("carriers", help="everybody who carries what is named")
    _add_places(carriers)
    carriers.add_argument(
        "--variants", type=Path, metavar="FILE", help="one a line, as chr17-43045682-T-TG, or a VCF (GRCh38)"
    )
    carriers.add_argument(
        "--finding", metavar="F", help="PANEL or PANEL:GENE, whose screen says report or review"
    )
    carriers.set_defaults(run=run_carriers)
    tested = actions.add_parser("tested", help="who was tested at a place")
    _add_places(tested)
    tested.add_argument(
        "--variant", action="append", default=[], metavar="V", help="chr17-43045682-T-TG; may be repeated"
    )
    tested.set_defaults(run=run_tested)
    counts = actions.add_parser("counts", help="how often each variant of a gene is seen, by group")
    _add_places(counts)
    counts.add_argument("--by", choices=("ancestry",), default="ancestry", help="how people are grouped")
    counts.set_defaults(run=run_counts)
    for action in (carriers, tested, counts):
        _add_asking(action)


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gene", action="append", default=[], metavar="G", help="symbol; may be repeated")
    parser.add_argument(
        "--region", action="append", default=[], metavar="R", help="chr13:32315086-32400268 on GRCh38"
    )


def _add_asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--purpose", choices=PURPOSES, default="screening", help="what people must have consented to"
    )
    parser.add_argument("--use", default="", metavar="DUO:…", help="the use of research that is asked for")
    parser.add_argument(
        "--clinical-only", action="store_true", help="leave out research and unconfirmed runs"
    )
    parser.add_argument(
        "--engine", choices=("duckdb", "spark"), default="duckdb", help="what answers (duckdb)"
    )
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)


def run_carriers(arguments: argparse.Namespace) -> int:
    """`bedside cohort carriers`."""
    from bedside.service.ask_cohort import carriers_of, carriers_within
    from bedside.service.ask_findings import carriers_with

    places = bool(arguments.gene or arguments.region)
    _exactly_one(
        "--gene or --region, --variants, or --finding",
        (places, arguments.variants is not None, arguments.finding is not None),
    )
    settings = settings_of(arguments)
    regions, variants = _asked(arguments, settings)
    house = opened(settings, must_exist=True)
    try:
        asking = _asking(arguments)
        if arguments.finding is not None:
            found = carriers_with(house, _finding(arguments.finding, house), asking)
            rows = [
                {
                    "person": row.person,
                    "variant": str(row.variant),
                    "zygosity": row.answer.zygosity,
                    "classification": row.answer.classification,
                    "stars": row.answer.stars,
                    "run": row.run,
                    "knowledge_release": found.basis.release,
                    "gene": row.answer.gene,
                    "disease": row.answer.disease,
                    "outcome": row.answer.outcome,
                    "reason": row.answer.reason,
                }
                for row in found.rows
            ]
            _tell(FINDINGS, rows, found.basis, arguments, panel=found.panel)
            return 0
        answer = carriers_of(house, variants, asking) if variants else carriers_within(house, regions, asking)
        rows = [
            {
                "person": one.person,
                "variant": str(one.variant),
                "zygosity": one.zygosity.value,
                **_classified(one.classified),
                "run": one.run,
                "knowledge_release": answer.basis.release,
            }
            for one in answer.rows
        ]
        _tell(CARRIERS, rows, answer.basis, arguments)
    finally:
        house.close()
    return 0


def run_tested(arguments: argparse.Namespace) -> int:
    """`bedside cohort tested`."""
    from bedside.service.ask_cohort import regions_tested, variants_tested

    places = bool(arguments.gene or arguments.region)
    _exactly_one("--gene or --region, or --variant", (places, bool(arguments.variant)))
    settings = settings_of(arguments)
    regions, variants = _asked(arguments, settings)
    house = opened(settings, must_exist=True)
    try:
        rows: Rows = []
        if variants:
            said, basis = variants_tested(house, variants, _asking(arguments))
            for at in said:
                own = [(person, presence_words(presence)) for person, presence in at.answers]
                rows += [{"person": person, "place": str(at.variant), **words} for person, words in own]
        else:
            seen, basis = regions_tested(house, regions, _asking(arguments))
            for one in seen:
                whole = [(person, "tested") for person in one.tested]
                whole += [(person, "not-throughout") for person in one.others]
                empty = {"zygosity": "", "reason": ""}
                rows += [
                    {"person": person, "place": str(one.region), "answer": word, **empty}
                    for person, word in sorted(whole)
                ]
        _tell(TESTED, rows, basis, arguments)
        _tell_totals(rows)
    finally:
        house.close()
    return 0


def run_counts(arguments: argparse.Namespace) -> int:
    """`bedside cohort counts`."""
    from bedside.service.ask_cohort import counts_by_ancestry

    _exactly_one("--gene or --region", (bool(arguments.gene or arguments.region),))
    settings = settings_of(arguments)
    regions, _ = _asked(arguments, settings)
    house = opened(settings, must_exist=True)
    try:
        answer = counts_by_ancestry(house, regions, _asking(arguments))
        few = f"<{answer.smallest_group} people"
        json = arguments.format == "json"
        rows = [_count_row(one, answer.basis.release, None if json else few) for one in answer.rows]
        _tell(COUNTS, rows, answer.basis, arguments, policy=answer.policy, hidden_below=answer.smallest_group)
    finally:
        house.close()
    return 0


def _count_row(one: GroupCount, release: str, few: str | None) -> dict[str, Any]:
    """Where a number is not shown, the words that say so (in JSON null)."""
    frequency = one.frequency
    return {
        "variant": str(one.variant),
        "group": one.group,
        "copies": few if one.copies is None else one.copies,
        "strands": few if one.strands is None else one.strands,
        "frequency": None if frequency is None else float(f"{frequency:.4g}"),
        **_classified(one.classified),
        "knowledge_release": release,
    }


def _exactly_one(words: str, given: Sequence[bool]) -> None:
    from bedside.errors import InputError

    if sum(given) != 1:
        raise InputError.one(
            "bedside cohort", f"give {words}" + ("" if sum(given) == 0 else ", only one of them")
        )


def _asked(
    arguments: argparse.Namespace, settings: Settings
) -> tuple[tuple[Region, ...], tuple[Variant, ...]]:
    """The regions and variants that are named; every problem of both at once."""
    from bedside.errors import InputError, Problem
    from bedside.genome.variant import parse_variant
    from bedside.service.name_variants import read_variants, regions_of

    problems: list[Problem] = []
    regions: tuple[Region, ...] = ()
    variants: list[Variant] = []
    try:
        regions = regions_of(arguments.gene, arguments.region, settings.knowledge_folder)
    except InputError as error:
        problems += error.problems
    for text in getattr(arguments, "variant", ()):
        try:
            variants.append(parse_variant(text))
        except ValueError as error:
            problems.append(Problem("--variant", str(error)))
    if getattr(arguments, "variants", None) is not None:
        try:
            variants += read_variants(arguments.variants)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(dict.fromkeys(regions)), tuple(dict.fromkeys(variants))


def _asking(arguments: argparse.Namespace) -> Asking:
    from bedside.genome.consent import Purpose
    from bedside.service.cohort_lake import Asking, EngineName

    purpose, engine = Purpose(arguments.purpose), EngineName(arguments.engine)
    return Asking(purpose, arguments.use, arguments.clinical_only, engine)


def _finding(text: str, house: House) -> Any:
    from bedside.service.ask_findings import read_finding

    return read_finding(text, house)


def _classified(several: tuple[ClassifiedVariant, ...]) -> dict[str, str]:
    """All records of a variant, so that none is chosen in silence."""
    return {
        "classification": ";".join(one.classification.value for one in several),
        "stars": ";".join(str(one.stars) for one in several),
    }


def _tell(
    columns: tuple[str, ...], rows: Rows, basis: Basis, arguments: argparse.Namespace, **more: Any
) -> None:
    not_counted = {why.value: count for why, count in basis.not_counted.items()}
    if arguments.format == "json":
        import orjson

        head = {
            "purpose": arguments.purpose,
            "people": basis.people,
            "not_counted": not_counted,
            "release": basis.release,
            "generation": basis.generation,
        }
        plain = {**head, **more, "rows": rows}
        sys.stdout.write(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        print("\t".join(columns))
        for row in rows:
            print("\t".join("" if row[name] is None else str(row[name]) for name in columns))
    for line in _notes(basis, arguments.purpose, not_counted):
        print(f"bedside: note: {line}", file=sys.stderr)


def _notes(basis: Basis, purpose: str, not_counted: dict[str, int]) -> Iterator[str]:
    yield f"{basis.people} people counted for {purpose}, lake generation {basis.generation}"
    if not_counted:
        reasons = ", ".join(f"{why} {count}" for why, count in sorted(not_counted.items()))
        yield f"{sum(not_counted.values())} people not counted: {reasons}"
    if not basis.release:
        yield "no release of classifications is at hand, so that nothing is classified"
    yield "who is not listed was not seen to carry it, which is not the same as absent"


def _tell_totals(rows: Rows) -> None:
    totals: dict[tuple[str, str], int] = {}
    for row in rows:
        totals[row["place"], row["answer"]] = totals.get((row["place"], row["answer"]), 0) + 1
    for (place, word), count in totals.items():
        print(f"bedside: note: {place}: {count} {word}", file=sys.stderr)
