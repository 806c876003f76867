"""`bedside genome`: one person's stored genome, asked for a gene, a region or a list of variants."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from bedside.genome.presence import Presence
    from bedside.knowledge.classification import ClassifiedVariant
    from bedside.service.ask_genome import RegionAnswer, VariantLine, VariantsAnswer

REGION_COLUMNS = (
    "person", "variant", "zygosity", "phase", "filter", "depth", "alternate_depth", "quality",
    "classification", "stars", "run", "knowledge_release",
)  # fmt: skip
VARIANT_COLUMNS = ("person", "variant", "answer", "zygosity", "reason", "classification", "stars", "knowledge_release")  # noqa: E501  # fmt: skip


def genome(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside genome`."""
    parser.add_argument("person", metavar="PERSON")
    parser.add_argument("--gene", action="append", default=[], metavar="G", help="symbol; may be repeated")
    parser.add_argument(
        "--region", action="append", default=[], metavar="R", help="chr13:32315086-32400268 on GRCh38"
    )
    parser.add_argument(
        "--variants", type=Path, metavar="FILE", help="one a line, as chr17-43045682-T-TG, or a VCF (GRCh38)"
    )
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_genome, wrong_usage=parser.error)


def run_genome(arguments: argparse.Namespace) -> int:
    """`bedside genome`."""
    from bedside.service.ask_genome import ask_regions, ask_variants
    from bedside.service.name_variants import read_variants, regions_of

    asks_region = bool(arguments.gene or arguments.region)
    if asks_region == (arguments.variants is not None):
        arguments.wrong_usage("give --gene or --region, or else --variants FILE")
    settings = settings_of(arguments)
    regions = regions_of(arguments.gene, arguments.region, settings.knowledge_folder)
    variants = () if arguments.variants is None else read_variants(arguments.variants)
    house = opened(settings, must_exist=True)
    try:
        if asks_region:
            _tell_regions(ask_regions(house, arguments.person, regions), arguments.format)
        else:
            _tell_variants(ask_variants(house, arguments.person, variants), arguments.format)
    finally:
        house.close()
    return 0


def _tell_regions(answer: RegionAnswer, form: str) -> None:
    rows = [_region_row(answer, line) for line in answer.lines]
    if form == "json":
        looked = [
            {
                "region": str(one.region),
                "bases_seen": one.seen,
                "bases_not_callable": one.not_callable,
                "bases_not_tested": one.not_tested,
            }
            for one in answer.looked_at
        ]
        _json({"person": answer.person, "release": answer.release, "looked_at": looked, "variants": rows})
        return
    _table(REGION_COLUMNS, rows)
    for one in answer.looked_at:
        total = one.region.end - one.region.start + 1
        print(
            f"bedside: note: {one.region}: of {total} bases {one.seen} seen, "
            f"{one.not_callable} not callable, {one.not_tested} not tested",
            file=sys.stderr,
        )


def _region_row(answer: RegionAnswer, line: VariantLine) -> dict[str, Any]:
    return {
        "person": answer.person,
        "variant": str(line.variant),
        "zygosity": line.zygosity.value,
        "phase": phase_words(line.phase_set, line.strands),
        "filter": "passed" if line.passed else "failed",
        "depth": line.depth,
        "alternate_depth": line.alternate_depth,
        "quality": line.quality,
        **_classified(line.classified),
        "run": line.run,
        "knowledge_release": answer.release,
    }


def _tell_variants(answer: VariantsAnswer, form: str) -> None:
    rows = [
        {
            "person": answer.person,
            "variant": str(one.variant),
            **presence_words(one.presence),
            **_classified(one.classified),
            "knowledge_release": answer.release,
        }
        for one in answer.answers
    ]
    if form == "json":
        _json({"person": answer.person, "release": answer.release, "answers": rows})
    else:
        _table(VARIANT_COLUMNS, rows)


def presence_words(presence: Presence) -> dict[str, str]:
    """One of the four answers in three cells."""
    from bedside.genome.presence import Absent, NotCallable, Present

    match presence:
        case Present(zygosity=zygosity):
            return {"answer": "present", "zygosity": zygosity.value, "reason": ""}
        case Absent():
            return {"answer": "absent", "zygosity": "", "reason": ""}
        case NotCallable(reason=reason):
            return {"answer": "not-callable", "zygosity": "", "reason": reason.value}
    return {"answer": "not-tested", "zygosity": "", "reason": ""}


def phase_words(phase_set: int | None, strands: int) -> str:
    """`unphased`, or the strands that carry the variant and the phase set they are numbered in."""
    if phase_set is None:
        return "unphased"
    both = {1: "1|0", 2: "0|1", 3: "1|1"}.get(strands, "phased")
    return both if phase_set == 0 else f"{both}:{phase_set}"


def _classified(several: tuple[ClassifiedVariant, ...]) -> dict[str, Any]:
    """All records of a variant, so that none is chosen in silence."""
    return {
        "classification": ";".join(one.classification.value for one in several),
        "stars": ";".join(str(one.stars) for one in several),
    }


def _table(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    print("\t".join(columns))
    for row in rows:
        print("\t".join("" if row[name] is None else str(row[name]) for name in columns))


def _json(plain: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode() + "\n")
