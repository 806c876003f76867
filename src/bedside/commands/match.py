"""`bedside match`: which therapies a tumour's findings speak for or against."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from bedside.commands.opening import add_store, build_of, settings_of

ANSWERS = ("yes", "undetermined", "not-reported", "no")


def match(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside match`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="MAF, VCF (plain or compressed), BCF or JSON")
    parser.add_argument(
        "--tumour", default="", metavar="ONCOTREE", help="the tumour type, where the file has none"
    )
    parser.add_argument(
        "--scope",
        choices=("not-said", "exome"),
        default="not-said",
        help="what a MAF looked at: small variants of every gene, or nobody said (default)",
    )
    parser.add_argument("--covered", type=Path, metavar="BED", help="which stretches were read completely")
    parser.add_argument("--sample", default="", help="the tumour sample of a VCF whose header does not tell")
    parser.add_argument("--build", choices=("GRCh38", "GRCh37"), help="of a VCF whose header does not tell")
    parser.add_argument(
        "--amplified-from",
        type=float,
        metavar="COPIES",
        help="copies that this assay calls amplified, in a VCF",
    )
    parser.add_argument(
        "--cna", type=Path, metavar="FILE", help="cBioPortal's discrete copy numbers of a MAF"
    )
    parser.add_argument("--sv", type=Path, metavar="FILE", help="cBioPortal's structural variants of a MAF")
    parser.add_argument("--purity", type=_share, metavar="SHARE", help="share of tumour cells, above 0 to 1")
    parser.add_argument(
        "--answers",
        default="yes,undetermined",
        metavar="LIST",
        help=f"which answers to list, of {', '.join(ANSWERS)} (default: yes,undetermined)",
    )
    parser.add_argument(
        "--evidence",
        choices=("civic",),
        help="also which evidence of a site's CIViC release agrees or disagrees",
    )
    parser.add_argument("--trials", type=Path, metavar="DIR", help="also trials, as CTML in JSON or YAML")
    parser.add_argument(
        "--trials-on", type=_day, metavar="DATE", help="the day for which trials are asked (default: today)"
    )
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_match)


def run_match(arguments: argparse.Namespace) -> int:
    """`bedside match`: a line for each statement that is met; what was not reported is counted on stderr."""
    from collections import Counter
    from datetime import UTC, datetime

    from bedside.errors import InputError
    from bedside.genome.answer import Answer
    from bedside.genome.tumour import NOTHING_SAID
    from bedside.service.match_tumours import (
        EXOME,
        evidence_beside,
        judged,
        load_tumour_knowledge,
        row,
        trial_row,
        trials_judged,
        wanted,
    )
    from bedside.service.read_tumours import TumourFile, read_tumour_file

    asked = arguments.answers.split(",")
    if set(asked) - set(ANSWERS):
        raise InputError.one("--answers", "names an answer that there is not", remedy=", ".join(ANSWERS))
    answers = frozenset(Answer(name) for name in asked)
    root = settings_of(arguments).knowledge_folder
    held = load_tumour_knowledge(root)
    scope = EXOME if arguments.scope == "exome" else NOTHING_SAID
    asked_of = TumourFile(
        arguments.file, arguments.tumour, scope, arguments.covered, arguments.sample, build_of(arguments),
        arguments.amplified_from, arguments.purity, arguments.cna, arguments.sv,
    )  # fmt: skip
    read = read_tumour_file(asked_of, held.tree, held.genes)
    tumours = read.tumours
    beside = evidence_beside(held, _releases(arguments)) if arguments.evidence else {}
    count, rows = Counter[str](), []
    for tumour, found in judged(tumours, held):
        count.update(one.answer.value for one in found if one.same_tumour)
        rows += [
            row(one, tumour, held, beside.get(one.therapy.name, "")) for one in found if wanted(one, answers)
        ]
    if arguments.trials is not None:
        day = arguments.trials_on or datetime.now(UTC).date()
        for tumour, arms in trials_judged(tumours, held, arguments.trials, day, root):
            rows += [trial_row(tumour, one) for one in arms if one.answer in answers or one.blocking]
    _write(rows, arguments.format, {"release": held.therapies.release, "oncotree": held.tree.version})
    for notice in read.notices:
        sys.stderr.write(f"bedside: {notice}\n")
    unchecked = sum(not one.checked for one in held.therapies.rows)
    sys.stderr.write(
        f"bedside: {len(tumours)} tumours, {held.therapies.release}; for their type: "
        + ", ".join(f"{count[name]} {name}" for name in ANSWERS)
        + f"; {unchecked} statements not checked against their source are not shown; "
        + f"{held.therapies.provenance.review_state}\n"
    )
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 2026-02-26") from None


def _write(rows: list[tuple[str, ...]], written: str, head: dict[str, str]) -> None:
    import orjson

    from bedside.service.match_tumours import COLUMNS

    if written == "json":
        lines = [dict(zip(COLUMNS, one, strict=True)) for one in rows]
        document = {**head, "matches": lines}
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    for line in (COLUMNS, *rows):
        sys.stdout.write("\t".join(line) + "\n")


def _releases(arguments: argparse.Namespace) -> Path:
    from bedside.knowledge.clinvar.keep import releases_root

    return releases_root(settings_of(arguments))


def _share(text: str) -> float:
    value = float(text) if text.replace(".", "", 1).isdigit() else 0.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("must be a share above 0 and up to 1")
    return value
