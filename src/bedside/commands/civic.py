"""`bedside knowledge add civic` and `knowledge compare`: CIViC's evidence beside the statements about
therapies."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bedside.commands.opening import add_store, settings_of

COLUMNS = (
    "statement",
    "gene",
    "alteration",
    "tumour",
    "therapy",
    "says",
    "evidence",
    "level",
    "evidence says",
    "flagged",
)


def add_civic_options(sources: Any) -> None:
    """The options of `bedside knowledge add civic`."""
    civic = sources.add_parser("civic", help="CIViC's ClinicalEvidenceSummaries")
    civic.add_argument("file", type=Path, metavar="FILE", help="as CIViC publishes it, plain or gzipped")
    civic.add_argument("--date", required=True, metavar="DATE", help="the day of the release")
    add_store(civic)
    civic.set_defaults(run=run_add_civic)


def add_compare(actions: Any) -> None:
    """The options of `bedside knowledge compare`."""
    compare = actions.add_parser("compare", help="where CIViC disagrees with the statements about therapies")
    compare.add_argument("source", choices=("civic",))
    compare.add_argument("--date", metavar="DATE", help="the release; else the newest at hand")
    compare.add_argument("--all", action="store_true", help="also where it agrees")
    add_store(compare)
    compare.set_defaults(run=run_compare)


def run_add_civic(arguments: argparse.Namespace) -> int:
    """`bedside knowledge add civic`."""
    from bedside.knowledge.civic_release import add_civic
    from bedside.knowledge.clinvar.keep import releases_root

    kept = add_civic(arguments.file, releases_root(settings_of(arguments)), arguments.date)
    sys.stdout.write(f"civic@{arguments.date}: {len(kept.evidence):,} items of evidence\n")
    for reason, count in sorted(kept.left_out.items(), key=lambda one: -one[1]):
        sys.stdout.write(f"    left out, {reason}: {count:,}\n")
    return 0


def run_compare(arguments: argparse.Namespace) -> int:
    """`bedside knowledge compare`: a line for each disagreement; nothing is decided by it."""
    from bedside.knowledge.civic_release import load_civic
    from bedside.knowledge.clinvar.keep import releases_root
    from bedside.knowledge.compare_evidence import Agreement, compared
    from bedside.knowledge.statement_lint import load_words
    from bedside.knowledge.therapies import load_therapies

    root = releases_root(settings_of(arguments))
    packs = root if root.is_dir() else None
    held, therapies = load_civic(arguments.date, root), load_therapies(packs)
    shown = [one for one in therapies.rows if one.checked]
    found = list(compared(shown, held.evidence, load_words(packs)))
    sys.stdout.write("\t".join(COLUMNS) + "\n")
    for one in found:
        if arguments.all or one.agreement is Agreement.DISAGREES:
            row, item = one.therapy, one.evidence
            cells = (
                row.name, row.gene, row.alteration, row.oncotree, row.drug, row.direction.value,
                f"EID{item.number}", item.level, item.says.value, "flagged" if item.flagged else "",
            )  # fmt: skip
            sys.stdout.write("\t".join(cells) + "\n")
    against = [one for one in found if one.agreement is Agreement.DISAGREES]
    sys.stderr.write(
        f"bedside: {therapies.release} and {held.release.name}@{held.release.date}: "
        f"{len(found)} items of evidence about "
        f"{len({one.therapy.name for one in found})} statements; {len(against)} disagree, about "
        f"{len({one.therapy.name for one in against})}\n"
    )
    return 0
