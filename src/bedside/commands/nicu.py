"""`bedside nicu`: what a rapid-genome programme in a neonatal unit came to."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from bedside.knowledge.nicu import Published
    from bedside.learn.nicu_outcomes import Entered, NicuSummary


def nicu(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside nicu`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    outcomes = actions.add_parser(
        "outcomes", help="yield, change of care, days, procedures and cost: of the record, a file, or beside "
        "a published programme"
    )  # fmt: skip
    outcomes.add_argument("--file", type=Path, metavar="TSV", help="outcomes of a file instead of the record")
    outcomes.add_argument(
        "--published", metavar="PROGRAMME", help="a published programme from cases made up to its totals"
    )
    add_store(outcomes)
    outcomes.set_defaults(run=run_outcomes)


def run_outcomes(arguments: argparse.Namespace) -> int:
    """`bedside nicu outcomes`: TSV."""
    from bedside.errors import InputError
    from bedside.knowledge.nicu import load_nicu, read_outcomes
    from bedside.learn.nicu_outcomes import summarise
    from bedside.service.nicu_summary import outcomes_of_record

    settings = settings_of(arguments)
    if arguments.published:
        held = load_nicu(settings.knowledge_folder).published
        if arguments.published not in held:
            raise InputError.one("--published", "is no programme here", remedy=f"one of {', '.join(held)}")
        _write(_beside(held[arguments.published]))
        return 0
    if arguments.file:
        found = summarise(read_outcomes(arguments.file.name, arguments.file.read_bytes()))
    else:
        house = opened(settings, must_exist=True)
        try:
            found = summarise(outcomes_of_record(house))
        finally:
            house.close()
    _write(_lines(found))
    return 0


def _write(lines: Iterator[tuple[str, ...]]) -> None:
    for line in lines:
        sys.stdout.write("\t".join(line) + "\n")


def _lines(found: NicuSummary) -> Iterator[tuple[str, ...]]:
    yield ("what", "value", "of", "low", "high")
    yield ("children", str(found.children), "", "", "")
    shares = {f"found: {kind.value}": share for kind, share in found.yields.items()}
    for name, share in {**shares, "care changed": found.changed}.items():
        low, high = share.interval or (None, None)
        percent = ("", "") if low is None or high is None else (f"{100 * low:.1f}%", f"{100 * high:.1f}%")
        yield (name, str(share.count), str(share.of), *percent)
    yield ("care changed: not entered", str(found.changed_not_entered), str(found.children), "", "")
    yield ("median hours to the first result", *_entered(found.hours_to_result))
    yield ("median days in hospital", *_entered(found.hospital_days))
    yield ("days avoided, as judged", *_entered(found.avoided_days))
    for name, number in found.avoided.items():
        yield (f"{name} avoided, as judged", str(number), f"entered for {found.avoided_cases}", "", "")
    for currency, sums in found.costs.items():
        for kind, one in sums.items():
            span = (f"{one.low:.0f}", f"{one.high:.0f}")
            yield (f"{kind.value} ({currency})", "", f"entered for {one.cases}", *span)
        net = found.net(currency)
        if net is not None:
            yield (f"saved beyond what was spent ({currency})", "", "", f"{net[0]:.0f}", f"{net[1]:.0f}")


def _entered(one: Entered) -> tuple[str, str, str, str]:
    return ("not entered" if one.value is None else f"{one.value:g}", f"entered for {one.cases}", "", "")


def _beside(held: Published) -> Iterator[tuple[str, ...]]:
    from bedside.learn.nicu_outcomes import compare, summarise

    sys.stderr.write(f"bedside: {held.title}; {held.source}. Cases made up to its totals, no child.\n")
    yield ("figure", "published", "worked out from the made-up cases", "same")
    for one in compare(summarise(held.made_up), held.figures, held.currency):
        ours = "" if one.ours is None else f"{one.ours:.1f}".removesuffix(".0")
        yield (one.name, f"{one.published:g}".replace("e+06", " million"), ours, "yes" if one.same else "NO")
    for name in held.not_at_hand:
        yield (name, "not in our sources", "cannot be reproduced", "")
