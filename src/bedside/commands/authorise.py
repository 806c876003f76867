"""`bedside authorise`: ask a payer before a test, follow the answer, appeal."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text, opened, positive, settings_of

if TYPE_CHECKING:
    from bedside.act.authorisation import Authorisation
    from bedside.service.house import House

VERDICTS = ("acknowledged", "pended", "approved", "partly-approved", "denied")
WAYS = ("portal", "paper", "phone")
DENIALS = (
    "not-medically-necessary", "investigational", "not-a-benefit", "missing-information", "duplicate",
    "not-eligible", "out-of-network",
)  # fmt: skip


def authorise(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside authorise`."""
    parser.add_argument("order", metavar="ORDER", help="the number of an order of the record")
    parser.add_argument("--payer-url", metavar="URL", default="", help="the payer's server (BEDSIDE_PAYERS)")
    parser.add_argument("--payer", metavar="P", default="", help="the plan (default: the one on record)")
    parser.add_argument("--member", metavar="NUMBER", default="", help="the number on the person's card")
    parser.add_argument(
        "--answer", metavar="FACT=VALUE", action="append", default=[], help="answer a question of the form"
    )
    parser.add_argument(
        "--expedited", metavar="WHY", default="", help="ask for an expedited answer, and why waiting harms"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--status", action="store_true", help="only say where it stands")
    what.add_argument("--letter", action="store_true", help="write the letter of medical necessity")
    what.add_argument("--appeal", action="store_true", help="appeal a refusal, with the letter")
    what.add_argument("--cancel", metavar="WHY", default="", help="take it back, and why")
    what.add_argument("--record", choices=VERDICTS, help="write down what the payer said to a person")
    what.add_argument(
        "--holds", metavar="ANSWER", default="", help="of two answers, the one the payer confirms"
    )
    parser.add_argument(
        "--handed-in", choices=WAYS, help="the request went to the payer this way: its clock begins"
    )
    _word(parser)
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path(), help="where files are written")
    parser.add_argument(
        "--by", metavar="WHO", default="authorisation desk", type=name_text, help="who does it"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    add_store(parser)
    parser.set_defaults(run=run_authorise)


def _word(parser: argparse.ArgumentParser) -> None:
    word = parser.add_argument_group("what the payer said, with --record")
    word.add_argument("--from", dest="way", choices=WAYS, default="phone", help="how it was said")
    word.add_argument("--reference", metavar="TEXT", default="", help="where it can be looked up")
    word.add_argument("--number", metavar="NUMBER", default="", help="the authorisation number")
    word.add_argument("--valid-until", metavar="DATE", type=date.fromisoformat, help="the last day it holds")
    word.add_argument("--units", metavar="N", type=positive, help="how much it agrees to")
    word.add_argument("--denial", choices=DENIALS, help="the class of the reason")
    word.add_argument("--said", metavar="TEXT", default="", help="the payer's words, or what it asks for")


def run_authorise(arguments: argparse.Namespace) -> int:
    """`bedside authorise`: 0 whatever the payer says, 1 when it cannot be asked."""
    from bedside.errors import InputError, Refused
    from bedside.service.authorisations import person_of_order

    house = opened(settings_of(arguments), must_exist=True)
    try:
        person = person_of_order(house, arguments.order)
        held, files = _done(house, person, arguments)
        _tell(house, held, files, arguments.format)
    except Refused as error:
        raise InputError.one(
            "--payer-url", str(error), remedy="BEDSIDE_PAYERS lists the addresses"
        ) from error
    finally:
        house.close()
    return 0


def _done(house: House, person: str, arguments: argparse.Namespace) -> tuple[Authorisation, list[Path]]:
    from bedside.service.authorisation_form import answer_form
    from bedside.service.authorisations import authorisation_named
    from bedside.service.draft_authorisation import Wish, draft

    if arguments.status:
        return authorisation_named(house, person, arguments.order), []
    wish = Wish(arguments.payer, arguments.member, bool(arguments.expedited), arguments.expedited)
    held = draft(house, person, arguments.order, wish, actor=arguments.by)
    if arguments.answer:
        said = _answers(arguments.answer)
        answer_form(house, person, arguments.order, said, by=arguments.by, payer=held.payer)
    return _moved(house, held, arguments)


def _answers(texts: list[str]) -> dict[str, object]:
    from bedside.errors import InputError

    wrong = [one for one in texts if "=" not in one]
    if wrong:
        raise InputError.one("--answer", "is written FACT=VALUE")
    return {name: value for name, _, value in (one.partition("=") for one in texts)}


def _moved(
    house: House, held: Authorisation, arguments: argparse.Namespace
) -> tuple[Authorisation, list[Path]]:
    from bedside.service.draft_authorisation import settle
    from bedside.service.send_authorisation import take_back

    by, url = arguments.by, arguments.payer_url
    if arguments.cancel:
        return take_back(house, held, arguments.cancel, url, actor=by), []
    if arguments.record:
        return _recorded(house, held, arguments), []
    if arguments.holds:
        return settle(house, held, arguments.holds, arguments.reference, actor=by), []
    if arguments.letter:
        return held, _letter_files(house, held, arguments)
    return _sent(house, held, arguments)


def _recorded(house: House, held: Authorisation, arguments: argparse.Namespace) -> Authorisation:
    from bedside.genome.authorisation import Channel, DenialClass, Verdict
    from bedside.service.draft_authorisation import SaidByPayer, record_word

    said = SaidByPayer(
        verdict=Verdict(arguments.record),
        channel=Channel(arguments.way),
        reference=arguments.reference,
        number=arguments.number,
        valid_until=arguments.valid_until,
        units=arguments.units,
        denial=DenialClass(arguments.denial) if arguments.denial else None,
        text=arguments.said,
        asked=(arguments.said,) if arguments.said else (),
    )
    return record_word(house, held, said, actor=arguments.by)


def _sent(
    house: House, held: Authorisation, arguments: argparse.Namespace
) -> tuple[Authorisation, list[Path]]:
    from bedside.genome.authorisation import Channel, Purpose, Status
    from bedside.service.send_authorisation import Sending, inquire, send, written

    purpose = Purpose.FIRST
    if arguments.appeal:
        purpose = Purpose.APPEAL
    elif (held.status is Status.PENDED and (arguments.answer or arguments.said)) or (
        held.status is Status.DENIED and arguments.answer
    ):
        purpose = Purpose.MORE
    elif held.last is not None:
        url = arguments.payer_url
        return (inquire(house, held, url, actor=arguments.by) if url else held), []
    letter, files = "", list[Path]()
    if purpose is Purpose.APPEAL or not arguments.payer_url:
        letter, files = _letter(house, held, arguments)
    sending = Sending(
        purpose,
        arguments.payer_url,
        Channel(arguments.handed_in or "portal"),
        note=arguments.said,
        letter=letter if purpose is Purpose.APPEAL else "",
    )
    if arguments.payer_url or arguments.handed_in:
        held, body = send(house, held, sending, actor=arguments.by)
    else:
        body = written(house, held, sending, actor=arguments.by)
    if not arguments.payer_url:
        files.append(_file(arguments, "claim.json", body))
    return held, files


def _letter(house: House, held: Authorisation, arguments: argparse.Namespace) -> tuple[str, list[Path]]:
    from bedside.service.necessity_letters import necessity_letter

    letter = necessity_letter(house, held, appeal=arguments.appeal or held.refusal is not None)
    return letter.text, [_file(arguments, "letter.txt", letter.text.encode())]


def _letter_files(house: House, held: Authorisation, arguments: argparse.Namespace) -> list[Path]:
    from bedside.service.necessity_letters import necessity_letter
    from bedside.web.authorisation_print import letter_alone

    letter = necessity_letter(house, held, appeal=held.refusal is not None)
    for gap in letter.gaps:
        print(f"bedside: note: not in the letter: {gap}", file=sys.stderr)
    return [
        _file(arguments, "letter.txt", letter.text.encode()),
        _file(arguments, "letter.html", letter_alone(letter).encode()),
    ]


def _file(arguments: argparse.Namespace, ending: str, content: bytes) -> Path:
    from bedside.errors import InputError

    path: Path = arguments.out / f"{arguments.order}-{ending}"
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InputError.one("--out", f"cannot be written: {error.strerror}") from error
    return path


def _tell(house: House, held: Authorisation, files: list[Path], form: str) -> None:
    from bedside.service.authorisation_view import document, lines

    if form == "json":
        told = document(house, held) | {"files": [str(one) for one in files]}
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        return
    for line in lines(house, held):
        print(line)
    for path in files:
        print(f"Written: {path}")
