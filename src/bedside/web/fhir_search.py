"""How what was found is given page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from bedside.errors import RequestError
from bedside.exchange.fhir_rest import searchset
from bedside.web.fhir_desk import Asked

Resource = dict[str, Any]
MOST, PAGE = 500, 50
BY_POST = frozenset({"identifier", "name", "birthdate"})


def page(
    asked: Asked,
    kind: str,
    found: Sequence[Any],
    resource: Callable[[Any], Resource] = lambda one: one,
) -> Resource:
    """One page of what was found. resource: makes what stands on the page."""
    count, offset = paging(asked)
    links = {}
    if "posted" not in asked.path and offset + count < len(found):
        kept = [(name, value) for name, value in asked.parameters if name != "_offset"]
        query = urlencode([*kept, ("_offset", str(offset + count))])
        links["next"] = f"{base_of(asked)}/{kind}?{query}"
    shown = [resource(one) for one in found[offset : offset + count]]
    return searchset(shown, len(found), base_of(asked), links)


def paging(asked: Asked) -> tuple[int, int]:
    """How many are asked for at once, and from where."""
    count, offset = _number(asked, "_count", PAGE), _number(asked, "_offset", 0)
    if count > MOST:
        raise RequestError.one("_count", f"is more than {MOST}")
    return count, offset


def _number(asked: Asked, name: str, otherwise: int) -> int:
    text = asked.one(name)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise RequestError.one(name, "is no whole number")
    return int(text) if text else otherwise


def base_of(asked: Asked) -> str:
    """The address of the server as it was set; this machine's where it was not."""
    url = asked.house.settings.public_url.rstrip("/")
    if url:
        return f"{url}/fhir"
    host = asked.headers.get("host", "localhost")
    return f"http://{host}/fhir"
