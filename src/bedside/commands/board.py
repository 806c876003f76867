"""`bedside board`: a person's packet for the tumour board, and the cases before it."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from bedside.commands.opening import add_store, name_text, opened, settings_of


def board(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside board`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="packet|list")
    packet = actions.add_parser("packet", help="the one page about a person that the board looks at")
    packet.add_argument("person", metavar="PERSON", type=name_text, help="the person's id")
    packet.add_argument("--format", choices=("text", "json", "html"), default="text")
    packet.add_argument("--sample", default="", metavar="NAME", help="which sample (default: the newest)")
    packet.add_argument("--tumour", default="", metavar="ONCOTREE", help="the type, where no sample says it")
    packet.add_argument("--trials", type=Path, metavar="DIR", help="trials, as CTML in JSON or YAML")
    packet.add_argument(
        "--trials-on", type=_day, metavar="DATE", help="the day for which trials are asked (default: today)"
    )
    packet.set_defaults(run=run_packet)
    listed = actions.add_parser(
        "list", help="every case: where it stands, when it is discussed, who owes what"
    )
    listed.add_argument("--all", action="store_true", help="also those that are over")
    listed.set_defaults(run=run_list)
    for one in (packet, listed):
        add_store(one)


def run_packet(arguments: argparse.Namespace) -> int:
    """`bedside board packet`."""
    from bedside.service.board_packet import TrialsAsked, packet_bytes, packet_of_person
    from bedside.service.board_text import packet_text

    house = opened(settings_of(arguments), must_exist=True)
    try:
        trials = None
        if arguments.trials is not None:
            trials = TrialsAsked(arguments.trials, arguments.trials_on or house.clock().date())
        packet = packet_of_person(
            house, arguments.person, oncotree=arguments.tumour, sample=arguments.sample, trials=trials
        )
        if arguments.format == "json":
            sys.stdout.write(packet_bytes(packet).decode() + "\n")
        elif arguments.format == "html":
            from bedside.web.board_print import packet_page

            sys.stdout.write(packet_page(house, packet))
        else:
            sys.stdout.write(packet_text(packet))
    finally:
        house.close()
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside board list`."""
    from bedside.act.board_cases import OVER
    from bedside.service.board import the_board

    house = opened(settings_of(arguments), must_exist=True)
    try:
        print("\t".join(("case", "person", "stage", "meeting", "owner", "due")))
        for one in the_board(house).cases.values():
            if one.stage in OVER and not arguments.all:
                continue
            advice = None if one.current is None else one.current.advice
            due = "" if advice is None or advice.due is None else advice.due.isoformat()
            meeting = "" if one.meeting is None else one.meeting.isoformat()
            owner = "" if advice is None else advice.owner
            print("\t".join((one.case, one.person, one.stage.value, meeting, owner, due)))
    finally:
        house.close()
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 2026-02-26") from None
