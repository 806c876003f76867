"""Takes a message of another site into the ledger, once, with everything that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bedside.errors import RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.consult_arrival import Arrival, consult_arrived
from bedside.service.house import House
from bedside.service.release_travel import release_arrived
from bedside.service.site_messages import FORMAT, Kind, digest_of
from bedside.service.sites import PeerSite, Sites
from bedside.store.ledger import Overtaken, Unless

_LONGEST_NAME = 200
_TRIES = 5
_HANDLERS = {Kind.ECONSULT: consult_arrived, Kind.RELEASE: release_arrived}


class Unacceptable(RequestError):
    """A message that will not be taken, however often it is sent; the sender keeps it as refused."""

    status = 422


class NotAgreed(Unacceptable):
    """The sites file does not allow this from that site."""

    status = 403


class Differs(Unacceptable):
    """Another message of the same number came before."""

    status = 409


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a message is on disk here. before: it was there already."""

    message: str
    digest: str
    before: bool


def take_in(house: House, sites: Sites, peer: PeerSite, item: Any) -> Receipt:
    """Take one message of a site whose signature was checked; on disk when this returns. The same again is
    acknowledged and changes nothing. Raises `Unacceptable`."""
    content = _envelope(sites, peer, item)
    digest = digest_of(content)
    for _ in range(_TRIES):
        try:
            return _take(house, sites, peer, item, content, digest)
        except Overtaken:
            continue  # another message came meanwhile; what follows from this one is worked out again
        except Unacceptable:
            raise
        except RequestError as error:
            raise Unacceptable(error.problems) from error
    raise Overtaken("messages keep arriving meanwhile; send it again")


def _take(
    house: House, sites: Sites, peer: PeerSite, item: Any, content: Mapping[str, Any], digest: str
) -> Receipt:
    after = house.ledger.checkpoint().sequence
    key = f"{peer.name}/{content['message']}"
    held = house.ledger.find(EventKind.SITE_RECEIVED, key)
    if held is not None:
        if held.payload["digest"] != digest:
            raise Differs.one("message", "another message of this number came before, with other content")
        return Receipt(content["message"], digest, True)
    arrival: Arrival = _HANDLERS[Kind(content["kind"])](house, sites, peer, content, item)
    if arrival.refused:
        raise NotAgreed.one("site", arrival.refused, remedy="the receiving site's sites file decides")
    payload = {name: value for name, value in content.items() if name != "format"}
    payload["digest"] = digest
    event = NewEvent(
        EventKind.SITE_RECEIVED, f"site:{peer.name}", house.clock(), arrival.person, payload, key
    )
    kinds = (EventKind.SITE_RECEIVED, EventKind.SITE_QUEUED)
    unless = Unless(kinds[0], after, kinds[1:])
    house.ledger.append([event, *arrival.events], unless=unless)
    return Receipt(content["message"], digest, False)


def _envelope(sites: Sites, peer: PeerSite, item: Any) -> Mapping[str, Any]:
    content = item.get("envelope") if isinstance(item, dict) else None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise Unacceptable.one(
            "format", f"is not {FORMAT}", remedy="one of the two sites must update Bedside"
        )
    names = {"format", "message", "from", "to", "kind", "written", "body"}
    texts = names - {"body"}
    if set(content) != names or not all(
        isinstance(content[one], str) and 0 < len(content[one]) <= _LONGEST_NAME for one in texts
    ):
        raise Unacceptable.one("envelope", "has not the fields that a message has")
    if not isinstance(content["body"], dict):
        raise Unacceptable.one("body", "is no object")
    if content["from"] != peer.name or content["to"] != sites.name:
        raise NotAgreed.one("envelope", "is not from the site that signed it, or not for this one")
    if content["kind"] not in {kind.value for kind in Kind}:
        raise Unacceptable.one("kind", "is not known here", remedy="update Bedside at the receiving site")
    return content
