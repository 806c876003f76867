"""The packets of a ward as pages that need no server: one page each, an index, the stylesheet inside."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from bedside.service.downtime import GOOD_FOR, Packets
from bedside.web.render import STATIC, render

INDEX = "index.html"


def pages_of(packets: Packets, *, made_up: bool = False) -> Mapping[str, str]:
    """The HTML of every page by the name of its file, which is the opaque id of the record."""
    style = Markup((STATIC / "downtime.css").read_text(encoding="utf-8"))  # noqa: S704  our own stylesheet
    said = {
        "style": style,
        "made_up": made_up,
        "packets": packets,
        "hours": int(GOOD_FOR.total_seconds() // 3600),
    }
    found = {INDEX: render("downtime_index.html", **said)}
    for packet in packets.packets:
        name = f"{packet.chart.person.record_id}.html"
        found[name] = render("downtime_person.html", chart=packet.chart, **said)
    return found
