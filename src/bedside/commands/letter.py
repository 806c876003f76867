"""`bedside letter`: a letter that explains a result to the person, its release by a clinician, its end."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text, opened, settings_of

if TYPE_CHECKING:
    from bedside.service.house import House
    from bedside.service.patient_letters import Letter, Wish

CLASSES = (
    "withdrawn", "finding", "secondary", "carrier", "uncertain", "inconclusive", "drugs", "nothing-found",
)  # fmt: skip


def letter(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside letter`."""
    parser.add_argument("person", metavar="PERSON", type=name_text, help="the person's id")
    parser.add_argument("--result", metavar="R", required=True, type=name_text, help="the result's id")
    parser.add_argument("--language", choices=("en", "es"), default="en", help="the letter's language")
    parser.add_argument(
        "--class", dest="about", choices=CLASSES, help="which letter, where a result may need several"
    )
    parser.add_argument("--format", choices=("text", "html"), default="text", help="how it is printed")
    parser.add_argument("--contact", metavar="TEXT", default="", help="whom to ask, printed on the letter")
    parser.add_argument("--facts", action="store_true", help="also each fact and where it stands")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--release", action="store_true", help="release it to the person; needs --by")
    doing.add_argument("--withdraw", metavar="WHY", help="take the released letter back; needs --by")
    parser.add_argument("--by", metavar="WHO", type=name_text, help="the clinician who has read it")
    add_store(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """`bedside letter`."""
    from bedside.errors import InputError
    from bedside.genome.letter import ResultClass
    from bedside.service.patient_letters import Wish

    if (arguments.release or arguments.withdraw is not None) and not arguments.by:
        raise InputError.one("--by", "is missing", remedy="say which clinician has read the letter")
    about = ResultClass(arguments.about) if arguments.about else None
    wish = Wish(arguments.language, about, arguments.contact.strip())
    house = opened(settings_of(arguments), must_exist=True)
    try:
        return _withdrawn(house, arguments, wish) if arguments.withdraw is not None else _told(
            house, arguments, wish
        )  # fmt: skip
    finally:
        house.close()


def _told(house: House, arguments: argparse.Namespace, wish: Wish) -> int:
    from bedside.service.patient_letters import preview
    from bedside.service.release_letter import release

    if arguments.release:
        release(house, arguments.person, arguments.result, wish, by=arguments.by)
    found = preview(house, arguments.person, arguments.result, wish)
    for one in found.faults:
        print(f"bedside: cannot be released: {one}", file=sys.stderr)
    for name in found.untold:
        print(f"bedside: note: no letter tells of {name}", file=sys.stderr)
    if found.others:
        others = ", ".join(one.value for one in found.others)
        print(f"bedside: note: there may also be a letter of class {others}", file=sys.stderr)
    print(_text(found) if arguments.format == "text" else _html(found), end="")
    if arguments.facts:
        for fact in found.facts.every():
            print("\t".join((fact.name, fact.value, fact.shown, str(fact.source))))
    return 1 if found.faults else 0


def _text(found: Letter) -> str:
    from bedside.genome.letter import Standing

    if found.standing is Standing.RELEASED and found.released is not None:
        held = found.released
        stands = f"Version {held.version}, released {held.at.date().isoformat()} by {held.by}."
    else:
        stands = f"{found.standing.value.upper()}\n{found.rules.awaits}"
    return f"[{stands}]\n\n{found.text}"


def _html(found: Letter) -> str:
    from bedside.web.letter_pages import alone

    return alone(found)


def _withdrawn(house: House, arguments: argparse.Namespace, wish: Wish) -> int:
    from bedside.errors import RequestError
    from bedside.service.patient_letters import in_force, letters, result_named
    from bedside.service.release_letter import withdraw_letter

    material = result_named(house, arguments.person, arguments.result)
    standing = [
        one
        for one in letters(house, arguments.person)
        if one.result == material.held.result
        and one.language == wish.language
        and wish.about in (None, one.about)
        and in_force(letters(house, arguments.person), one.letter) == one
    ]
    if not standing:
        raise RequestError.one("letter", "no released letter of this kind is in force")
    for one in standing:
        withdraw_letter(house, arguments.person, one.letter, arguments.withdraw, by=arguments.by)
        print(f"taken back: {one.about.value}, {one.language}, version {one.version}")
    return 0
