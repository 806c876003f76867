"""The packet as one printed page: from a file with its stylesheet inside, or from the site with the site's
own."""

from __future__ import annotations

from markupsafe import Markup

from bedside.act.board_cases import BoardCase
from bedside.act.board_packet import BoardPacket, PanelLine, PanelState
from bedside.knowledge.board_policy import load_board_policy
from bedside.service.board_text import header_words, trial_words
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.web.render import STATIC, render


def packet_page(
    house: House,
    packet: BoardPacket,
    case: BoardCase | None = None,
    *,
    made_up: bool = False,
    site: bool = False,
) -> str:
    """The HTML of the page. site: it is served, so the stylesheet is linked."""
    known = house.ledger.person(packet.person)
    title = packet.person if known is None else name_of(known) or packet.person
    css = "" if site else (STATIC / "board.css").read_text(encoding="utf-8")
    return render(
        "board_print.html",
        style=Markup(css),  # noqa: S704  the project's own stylesheet
        title=title,
        made_up=made_up,
        packet=packet,
        head=tuple(header_words(packet)),
        groups=groups_of(packet),
        trial_words=trial_words,
        question="" if case is None else case.question,
        version=None if case is None else case.current,
        most=load_board_policy(house.settings.knowledge_folder).options_on_page,
    )


def groups_of(packet: BoardPacket) -> dict[str, tuple[PanelLine, ...]]:
    """The lines of the molecular block by their state."""
    return {state.name.casefold(): packet.lines(state) for state in PanelState}
