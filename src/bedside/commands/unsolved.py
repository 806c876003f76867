"""`bedside unsolved`: people nobody has diagnosed, ranked again; what changed since the last look."""

from __future__ import annotations

import argparse
import sys

from bedside.commands.opening import add_store, name_text, opened, positive, settings_of

COLUMNS = (
    "person", "rank", "id", "label", "gene", "posterior", "change", "rank_before", "annotation_release",
    "release_before",
)  # fmt: skip


def unsolved(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside unsolved`."""
    parser.add_argument("--hpo-release", metavar="R", help="a date under the site's sources/hpo, or a folder")
    parser.add_argument("--top", type=positive, default=5, metavar="N", help="so many diseases a person (5)")
    parser.add_argument("--changed", action="store_true", help="only people for whom something changed")
    parser.add_argument("--dry-run", action="store_true", help="show the same lines and write nothing")
    parser.add_argument("--by", type=name_text, default="operator", metavar="WHO", help="who looks")
    add_store(parser)
    parser.set_defaults(run=run_unsolved)


def run_unsolved(arguments: argparse.Namespace) -> int:
    """`bedside unsolved`: a line for each place; what is worth a look becomes a task, once."""
    from bedside.service.rank_cases import load_ranker
    from bedside.service.unsolved import look_again

    house = opened(settings_of(arguments), must_exist=True)
    try:
        ranker = load_ranker(arguments.hpo_release, house.settings.knowledge_folder)
        found = look_again(house, ranker, by=arguments.by, write=not arguments.dry_run)
    finally:
        house.close()
    sys.stdout.write("\t".join(COLUMNS) + "\n")
    for one in found:
        if arguments.changed and not one.changed:
            continue
        changed = {change.after.id: change for change in one.changed}
        for place in one.places:
            change = changed.get(place.id)
            if place.rank > arguments.top and change is None:
                continue
            was = None if change is None else change.before
            cells = (
                one.person, str(place.rank), place.id, place.label, ",".join(place.genes),
                f"{place.posterior:.4f}", "" if change is None else change.kind.value,
                "" if was is None else str(was.rank), ranker.release, one.before,
            )  # fmt: skip
            sys.stdout.write("\t".join(cells) + "\n")
    looked = sum(bool(one.changed) for one in found)
    sys.stderr.write(f"bedside: {len(found)} unsolved people, something changed for {looked}\n")
    return 0
