"""`bedside econsult`: ask another site, follow, answer, sign off, close."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text
from bedside.commands.site import within

if TYPE_CHECKING:
    from bedside.service.ask_econsult import Draft
    from bedside.service.consult_steps import Held, Writer
    from bedside.service.house import House
    from bedside.service.sites import Sites

URGENCIES = ("routine", "soon", "urgent")
SAY = {
    "assign": "say who answers it",
    "want": "ask the other site for more information",
    "return": "send it back without an answer, with the reason",
    "withdraw": "take the question back, with the reason",
}


def econsult(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside econsult`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    offered = actions.add_parser("packet", help="the rows of a person's record that may be sent along")
    offered.add_argument("person", metavar="PERSON", type=name_text, help="the person's id")
    offered.set_defaults(run=run_packet)
    _ask(actions.add_parser("ask", help="ask another site; without --send only show what would leave"))
    listed = actions.add_parser("list", help="every eConsult: whose move, since when, due when")
    listed.add_argument("--all", action="store_true", help="also those that are over")
    listed.set_defaults(run=run_list)
    shown = actions.add_parser("show", help="one eConsult with its packet, answer and history")
    shown.set_defaults(run=run_show)
    give = actions.add_parser("give", help="give the information that was asked for")
    give.add_argument("--with", dest="rows", metavar="ROW", action="append", default=[], help="a row to send")
    give.set_defaults(run=run_give)
    answer = actions.add_parser("answer", help="give an opinion, or correct one")
    answer.add_argument(
        "--evidence", metavar="TEXT", action="append", default=[], help="what it rests on; may be repeated"
    )
    answer.set_defaults(run=run_answer)
    sign = actions.add_parser("sign", help="answer for the opinion that stands")
    sign.set_defaults(run=run_sign)
    close = actions.add_parser("close", help="say what came of the answer")
    close.add_argument("--outcome", choices=("acted", "declined"), required=True, help="what was done")
    close.add_argument("--why", metavar="TEXT", default="", help="why; needed where it was not followed")
    close.set_defaults(run=run_close)
    said = [actions.add_parser(name, help=text) for name, text in SAY.items()]
    for one in said:
        one.set_defaults(run=run_say)
    for one in (shown, give, answer, sign, close, *said):
        one.add_argument("consult", metavar="CONSULT", help="its number, or how it begins")
    for one in (give, answer, *said):
        one.add_argument("--text", metavar="TEXT", required=True, help="in words")
    for one in (give, answer, sign, close, *said):
        _writer(one)
    for one in (offered, listed, shown, give, answer, sign, close, *said):
        add_store(one)


def _ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("person", metavar="PERSON", type=name_text, help="the person's id")
    ask.add_argument("--to", metavar="SITE", required=True, help="which site is asked")
    ask.add_argument("--text", metavar="TEXT", required=True, help="the question in words")
    ask.add_argument("--reason", metavar="TEXT", required=True, help="why it is asked")
    ask.add_argument("--urgency", choices=URGENCIES, default="routine", help="how soon")
    ask.add_argument("--days", metavar="N", type=int, help="working days until the answer is due")
    ask.add_argument(
        "--with", dest="rows", metavar="ROW", action="append", default=[],
        help="a row of the record to send along, as `bedside econsult packet` names it; may be repeated",
    )  # fmt: skip
    ask.add_argument(
        "--identified", metavar="WHY", default="", help="say who the person is, and why that is needed"
    )
    ask.add_argument("--send", action="store_true", help="send it")
    _writer(ask)
    add_store(ask)
    ask.set_defaults(run=run_ask)


def _writer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="WHO", required=True, type=name_text, help="who does this")
    parser.add_argument("--role", metavar="ROLE", required=True, type=name_text, help="as what")


def _by(arguments: argparse.Namespace) -> Writer:
    from bedside.service.consult_steps import Writer

    return Writer(arguments.by, arguments.role)


def run_packet(arguments: argparse.Namespace) -> int:
    """`bedside econsult packet`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.econsult_packet import offered

        for part in offered(house, arguments.person):
            for row in part.rows:
                print("\t".join((row.key, *row.cells)))
        return 0

    return within(arguments, act)


def run_ask(arguments: argparse.Namespace) -> int:
    """`bedside econsult ask`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.genome.consult import Urgency
        from bedside.service.ask_econsult import Wish, ask, draft, throw_away

        wish = Wish(
            arguments.to, arguments.text, arguments.reason, Urgency(arguments.urgency), arguments.days,
            frozenset(arguments.rows), arguments.identified,
        )  # fmt: skip
        written = draft(house, sites, arguments.person, wish, actor=arguments.by)
        print(_leaves(written))
        if not arguments.send:
            throw_away(house, arguments.person, written.consult, actor=arguments.by)
            print("Nothing was sent. With --send this leaves the house.")
            return 0
        held = ask(house, sites, arguments.person, written.consult, written.digest, _by(arguments))
        print(f"{held.consult.consult}: asked; it leaves as soon as the other site is reached")
        return 0

    return within(arguments, act)


def _leaves(written: Draft) -> str:
    from bedside.service.econsult_view import question_text

    return f"This leaves the house for {written.to}:\n\n{question_text(written.question)}\n"


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside econsult list`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.econsult_view import lines

        print("\t".join(("consult", "with", "stage", "whose move", "waits days", "due", "late")))
        for line in lines(house, sites, over=arguments.all):
            due = "" if line.due is None else line.due.isoformat()
            cells = (line.consult, line.other, line.stage.value, line.whose, str(line.days), due)
            print("\t".join((*cells, "late" if line.late else "")))
        return 0

    return within(arguments, act)


def run_show(arguments: argparse.Namespace) -> int:
    """`bedside econsult show`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.consult_steps import consult_named
        from bedside.service.econsult_view import note_looked, told

        held = consult_named(house, sites, arguments.consult)
        note_looked(house, held, "command-line")
        print(told(held))
        return 0

    return within(arguments, act)


def _step(arguments: argparse.Namespace, act: Callable[[House, Sites, str], Held]) -> int:
    def done(house: House, sites: Sites) -> int:
        from bedside.service.consult_steps import consult_named

        held = act(house, sites, consult_named(house, sites, arguments.consult).consult.consult)
        print(f"{held.consult.consult}: {held.consult.stage.value}")
        return 0

    return within(arguments, done)


def run_give(arguments: argparse.Namespace) -> int:
    """`bedside econsult give`."""

    def act(house: House, sites: Sites, consult: str) -> Held:
        from bedside.service.ask_econsult import give_information
        from bedside.service.consult_steps import consult_named

        held = consult_named(house, sites, consult)
        rows = frozenset(arguments.rows)
        return give_information(house, sites, held, arguments.text, rows, _by(arguments))

    return _step(arguments, act)


def run_answer(arguments: argparse.Namespace) -> int:
    """`bedside econsult answer`."""

    def act(house: House, sites: Sites, consult: str) -> Held:
        from bedside.service.answer_econsult import answer

        return answer(house, sites, consult, arguments.text, arguments.evidence, _by(arguments))

    return _step(arguments, act)


def run_sign(arguments: argparse.Namespace) -> int:
    """`bedside econsult sign`."""

    def act(house: House, sites: Sites, consult: str) -> Held:
        from bedside.service.answer_econsult import sign
        from bedside.service.consult_steps import consult_named

        opinion = consult_named(house, sites, consult).consult.opinion
        return sign(house, sites, consult, "" if opinion is None else opinion.step, _by(arguments))

    return _step(arguments, act)


def run_close(arguments: argparse.Namespace) -> int:
    """`bedside econsult close`."""

    def act(house: House, sites: Sites, consult: str) -> Held:
        from bedside.genome.consult import Closing
        from bedside.service.answer_econsult import close

        closing = Closing.ACTED if arguments.outcome == "acted" else Closing.DECLINED
        return close(house, sites, consult, closing, arguments.why, _by(arguments))

    return _step(arguments, act)


def run_say(arguments: argparse.Namespace) -> int:
    """`bedside econsult assign`, `want`, `return` and `withdraw`."""

    def act(house: House, sites: Sites, consult: str) -> Held:
        from bedside.service.answer_econsult import say

        return say(house, sites, consult, arguments.action, arguments.text, _by(arguments))

    return _step(arguments, act)
