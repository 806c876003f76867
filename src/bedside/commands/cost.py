"""`bedside cost`: what a test may cost the person, what became of its bill, and what was written off."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text, opened, settings_of

if TYPE_CHECKING:
    from bedside.genome.cost import PlanTerms
    from bedside.service.house import House


def cost(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside cost`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    estimate = actions.add_parser("estimate", help="what an ordered test may cost the person")
    _order(estimate)
    estimate.add_argument(
        "--terms",
        type=Path,
        metavar="FILE",
        help="the plan's terms: TOML, TSV or a FHIR Coverage as JSON (without: not known)",
    )
    estimate.add_argument("--payer", metavar="NAME", help="which row of the terms (default: the person's)")
    estimate.set_defaults(run=run_estimate)
    settle = actions.add_parser("settle", help="write down what became of a bill")
    _order(settle)
    settle.add_argument("--charged", type=_amount, required=True, metavar="AMOUNT")
    settle.add_argument("--currency", default="USD", metavar="CODE")
    for part, told in (
        ("payer", "paid by the payer"),
        ("person", "paid by the person"),
        ("assistance", "paid by a programme of help"),
        ("adjusted", "taken off by the payer's contract"),
        ("written-off", "written off"),
        ("open", "not paid yet"),
    ):
        settle.add_argument(
            f"--{part}", dest=f"part_{part}", type=_amount, default=0.0, metavar="AMOUNT", help=told
        )
    settle.set_defaults(run=run_settle)
    report = actions.add_parser("write-offs", help="what was charged, paid and written off")
    add_store(report)
    report.set_defaults(run=run_write_offs)


def _amount(text: str) -> float:
    """An amount of money: a plain number from 0."""
    from math import isfinite

    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError("must be an amount from 0, such as 120.50")
    return value


def _order(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("person", type=name_text, metavar="PERSON")
    parser.add_argument("order", type=name_text, metavar="ORDER")
    parser.add_argument("--by", type=name_text, default="command line", metavar="NAME")
    add_store(parser)


def run_estimate(arguments: argparse.Namespace) -> int:
    """`bedside cost estimate`: the sentence, then what it was made of."""
    from bedside.service.cost_estimate import estimate_cost, estimate_words

    house = opened(settings_of(arguments), must_exist=True)
    try:
        terms = None if arguments.terms is None else _terms(arguments, house)
        found = estimate_cost(house, arguments.person, arguments.order, terms, by=arguments.by)
    finally:
        house.close()
    out = sys.stdout
    out.write(f"{estimate_words(found)}\n")
    for name, one in (("if covered", found.covered), ("if not covered", found.not_covered)):
        if one is not None:
            out.write(f"{name}: {one.low:.2f} to {one.high:.2f} {found.currency}\n")
    out.write(f"coverage: {found.answer.value}\n")
    for why in found.why:
        out.write(f"why: {why}\n")
    return 0


def _terms(arguments: argparse.Namespace, house: House) -> PlanTerms:
    import json

    from bedside.errors import InputError
    from bedside.exchange.coverage_terms import terms_of_coverage
    from bedside.genome.event import EventKind
    from bedside.genome.programme import programmes_from
    from bedside.knowledge.cost_policy import read_terms

    path: Path = arguments.terms
    held = programmes_from(
        house.ledger.events(person=arguments.person, kinds=(EventKind.PROGRAMME_RECORDED,))
    ).get(arguments.person)
    payer = arguments.payer or ("" if held is None else held.payer)
    content = path.read_bytes()
    if path.suffix == ".json":
        try:
            coverage = json.loads(content)
        except ValueError as error:
            raise InputError.one(path.name, f"is no JSON: {error}") from error
        return terms_of_coverage(coverage, payer, house.clock().date())
    found = {one.payer: one for one in read_terms(path.name, content)}
    if not payer and len(found) == 1:
        return next(iter(found.values()))
    if payer not in found:
        known = ", ".join(found)
        raise InputError.one(path.name, f"has no terms of {payer or 'this payer'}", remedy=f"--payer {known}")
    return found[payer]


def run_settle(arguments: argparse.Namespace) -> int:
    """`bedside cost settle`: nothing is printed when it is written down."""
    from bedside.service.write_offs import Part, settle

    parts = {part: float(getattr(arguments, f"part_{part.value}")) for part in Part}
    house = opened(settings_of(arguments), must_exist=True)
    try:
        settle(
            house,
            arguments.person,
            arguments.order,
            arguments.charged,
            arguments.currency,
            parts,
            by=arguments.by,
        )
    finally:
        house.close()
    return 0


def run_write_offs(arguments: argparse.Namespace) -> int:
    """`bedside cost write-offs`: TSV."""
    from bedside.service.write_offs import Part, report

    house = opened(settings_of(arguments), must_exist=True)
    try:
        rows = report(house)
    finally:
        house.close()
    names = [part.value for part in Part]
    head = ("by", "group", "currency", "people", "bills", "charged", *names, "lost")
    sys.stdout.write("\t".join(head) + "\n")
    for one in rows:
        if not one.shown:
            sys.stdout.write("\t".join((one.by, one.group, one.currency, "hidden: few people")) + "\n")
            continue
        parts = [f"{one.parts[part]:.2f}" for part in Part]
        cells = (one.by, one.group, one.currency, str(one.people), str(one.bills), f"{one.charged:.2f}")
        sys.stdout.write("\t".join((*cells, *parts, f"{one.lost:.4f}")) + "\n")
    return 0
