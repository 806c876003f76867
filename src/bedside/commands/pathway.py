"""`bedside pathway`: the care pathways at hand, whether they are fit, and where people stand on them."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from bedside.commands.opening import add_store, name_text, opened, settings_of


def pathway(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside pathway`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="the pathways at hand: steps, owners, deadlines")
    listed.add_argument("--signals", action="store_true", help="the signals that the house can hear instead")
    listed.set_defaults(run=run_list)
    check = actions.add_parser("check", help="no dead ends, known signals, and every example as it says")
    check.set_defaults(run=run_check)
    simulate = actions.add_parser("simulate", help="where the people of a table of signals stand")
    simulate.add_argument("file", type=Path, metavar="FILE", help="TSV: person, at, signal, …")
    simulate.add_argument(
        "--at", type=moment, metavar="TIME", help="at this moment (default: the last signal)"
    )
    simulate.add_argument("--known-at", type=moment, metavar="TIME", help="as was known at this moment")
    simulate.add_argument("--pathway", metavar="NAME", help="this pathway only")
    simulate.set_defaults(run=run_simulate)
    state = actions.add_parser("state", help="where a person of the record stands")
    state.add_argument("person", type=name_text, metavar="PERSON")
    state.add_argument("--at", type=moment, metavar="TIME", help="at this moment (default: now)")
    state.add_argument("--known-at", type=moment, metavar="TIME", help="as was known at this moment")
    state.add_argument("--pathway", metavar="NAME", help="this pathway only")
    add_store(state)
    state.set_defaults(run=run_state)
    note = actions.add_parser("note", help="write down that something happened to a person")
    note.add_argument("person", type=name_text, metavar="PERSON")
    note.add_argument("signal", metavar="SIGNAL", help="its name; `pathway list --signals` has them")
    note.add_argument("attributes", nargs="*", metavar="KEY=VALUE")
    note.add_argument("--by", required=True, metavar="WHO", help="who says so")
    note.add_argument("--at", type=moment, metavar="TIME", help="when it happened (default: now)")
    note.add_argument("--case", default="", metavar="CASE", help="which of the person's cases it is about")
    note.add_argument(
        "--id", default="", metavar="ID", help="the source's own id: told again, it is the same"
    )
    add_store(note)
    note.set_defaults(run=run_note)
    groups = actions.add_parser("groups", help="what people are counted by, from a table")
    groups.add_argument(
        "file", type=Path, metavar="FILE", help="TSV: person, and site, payer, language, deprivation (1 to 5)"
    )
    groups.add_argument("--by", required=True, metavar="WHO", help="who says so")
    add_store(groups)
    groups.set_defaults(run=run_groups)
    watching = actions.add_parser("watch", help="open tasks for guards that fired, close those settled")
    add_store(watching)
    watching.set_defaults(run=run_watch)


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside pathway list`: TSV."""
    from bedside.knowledge.care_pathways import load_signal_words
    from bedside.service.pathway_check import load_pathways

    root = settings_of(arguments).knowledge_folder
    if arguments.signals:
        _print(("signal", "title", "attributes"))
        for word in load_signal_words(root).values():
            _print((word.name, word.title, ",".join(word.attributes)))
        return 0
    _print(("pathway", "version", "step", "owner", "due", "waits_for", "goal", "review_state"))
    for one in load_pathways(root).by_name.values():
        for step in one.steps.values():
            span = step.due
            due = f"{span.hours:g} h" if span.hours else f"{span.days or span.working_days} "
            due += "" if span.hours else "d" if span.days else "working d"
            waits = ",".join(step.after) + ("," if step.after and step.after_any else "")
            waits += "|".join(step.after_any)
            goal = one.goals.get(step.name, "")
            _print(
                (one.name, one.version, step.name, step.owner, due, waits, goal, one.provenance.review_state)
            )
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """`bedside pathway check`: status 1 and one line for each fault."""
    from bedside.errors import PackError
    from bedside.service.pathway_check import check_pathways

    held, problems = check_pathways(settings_of(arguments).knowledge_folder)
    if problems:
        raise PackError(problems)
    print(f"{len(held.by_name)} pathways without a dead end; {len(held.examples)} examples as they say")
    return 0


def run_simulate(arguments: argparse.Namespace) -> int:
    """`bedside pathway simulate`: TSV, a line for each open step and each end."""
    from bedside.errors import InputError
    from bedside.intake.signal_table import read_signal_table
    from bedside.knowledge.care_pathways import load_signal_words
    from bedside.service.pathway_check import load_pathways
    from bedside.service.pathway_lines import COLUMNS, lines_of

    root = settings_of(arguments).knowledge_folder
    held = load_pathways(root)
    only = arguments.pathway or ""
    if only and only not in held.by_name:
        raise InputError.one("--pathway", "is no pathway here", remedy=f"one of {', '.join(held.by_name)}")
    people = read_signal_table(arguments.file, load_signal_words(root))
    last = max((one.at for signals in people.values() for one in signals), default=datetime.now(UTC))
    _print(COLUMNS)
    for person, signals in people.items():
        for line in lines_of(held, person, signals, arguments.at or last, arguments.known_at, only):
            _print(line)
    return 0


def run_state(arguments: argparse.Namespace) -> int:
    """`bedside pathway state`: TSV, a line for each open step and each end."""
    from bedside.errors import NotFound
    from bedside.service.pathway_check import load_pathways
    from bedside.service.pathway_lines import COLUMNS, lines_of
    from bedside.service.pathway_signals import signals_of

    house = opened(settings_of(arguments), must_exist=True)
    try:
        if house.ledger.person(arguments.person) is None:
            raise NotFound.one("PERSON", "is not in the record")
        held = load_pathways(house.settings.knowledge_folder)
        told, now = signals_of(house, arguments.person), arguments.at or house.clock()
        _print(COLUMNS)
        only = arguments.pathway or ""
        for line in lines_of(held, arguments.person, told, now, arguments.known_at, only):
            _print(line)
    finally:
        house.close()
    return 0


def run_note(arguments: argparse.Namespace) -> int:
    """`bedside pathway note`."""
    from bedside.errors import InputError
    from bedside.service.pathway_signals import record_signal

    said = [word.partition("=") for word in arguments.attributes]
    if any(not sign or not key for key, sign, _ in said):
        raise InputError.one("KEY=VALUE", "an attribute is written key=value")
    house = opened(settings_of(arguments), must_exist=True)
    try:
        new = record_signal(
            house,
            arguments.person,
            arguments.signal,
            by=arguments.by,
            at=arguments.at,
            attributes={key: value for key, _, value in said},
            case=arguments.case,
            signal_id=arguments.id,
        )
        print("written" if new else "was written before")
    finally:
        house.close()
    return 0


def run_groups(arguments: argparse.Namespace) -> int:
    """`bedside pathway groups`."""
    from bedside.service.record_programme import record_programme

    house = opened(settings_of(arguments), must_exist=True)
    try:
        print(f"{record_programme(house, arguments.file, by=arguments.by)} people written")
    finally:
        house.close()
    return 0


def run_watch(arguments: argparse.Namespace) -> int:
    """`bedside pathway watch`."""
    from bedside.service.authorisations import watch_authorisations
    from bedside.service.pathway_watch import watch

    house = opened(settings_of(arguments), must_exist=True)
    try:
        done = watch(house)
        watch_authorisations(house)
        print(f"{done.people} people looked at, {done.opened} tasks opened, {done.closed} closed")
    finally:
        house.close()
    return 0


def moment(text: str) -> datetime:
    """A moment with its zone; a day is its beginning in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a time such as 2026-02-26T09:00:00+00:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _print(fields: tuple[str, ...]) -> None:
    sys.stdout.write("\t".join(fields) + "\n")
