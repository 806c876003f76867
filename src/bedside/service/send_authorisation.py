"""Sends a request to a payer, asks after it, and reads what comes back.

What is going to be sent stands in the ledger before it is sent, with the bytes among the documents. Whoever
finds such an event without its end after a crash asks the payer first, and sends again, under the same
numbers and with the same bytes, only when the payer says that it knows of no such request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.act.authorisation import Authorisation
from bedside.act.authorisation_clock import Running, answer_clock, may, on_its_way
from bedside.errors import RequestError
from bedside.exchange.pas_answer import Asked, Misread, Nothing, read_answer, read_inquiry
from bedside.exchange.pas_request import PasRequest, beyond_minimum, inquiry_bundle, request_bundle
from bedside.exchange.payer import INQUIRE, SUBMIT, NoReply, Reply, allowed, ask_payer
from bedside.genome.authorisation import Channel, Heard, Move, Purpose, Round, Status, plain_heard
from bedside.service.authorisation_form import Form, form_of, form_resources
from bedside.service.authorisations import Moved, move_on, plan_of_authorisation, policy_of
from bedside.service.house import House
from bedside.service.order_test import order_named

Post = Callable[[str, str, bytes, str], "Reply | NoReply"]
"""How a request goes out: address, operation, body, number. Tests put another in its place."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, and how. url: the payer's address, "" for files. note: what is said besides.
    letter: of medical necessity, as plain text."""

    purpose: Purpose
    url: str = ""
    channel: Channel = Channel.FHIR
    note: str = ""
    letter: str = ""
    cancels: bool = False


def post_of(house: House) -> Post:
    """The way out of this house."""

    def post(url: str, operation: str, body: bytes, key: str) -> Reply | NoReply:
        return ask_payer(url, operation, body, house.settings.payer_urls, key=key)

    return post


def send(
    house: House, held: Authorisation, sending: Sending, *, actor: str, post: Post | None = None
) -> tuple[Authorisation, bytes]:
    """Send it, or write it for a portal or paper; where it stands then, and the bytes of the request. Raises
    `RequestError` when this cannot be sent now or holds more than the payer needs, `Refused` for an address
    that the site does not name."""
    if why := may(held, sending.purpose):
        raise RequestError.one("authorisation", f"cannot be sent: {why}")
    if sending.url:
        allowed(sending.url, house.settings.payer_urls)
    claim = f"{held.authorisation}-{len(held.rounds) + 1}"
    form = form_of(house, held.person, held.order, payer=held.payer, actor=actor)
    body = _written(house, held, claim, sending, form)
    document = house.documents.put(body)
    level = held.level + (sending.purpose is Purpose.APPEAL)
    intent = {
        "claim": claim,
        "purpose": sending.purpose.value,
        "level": level,
        "channel": (Channel.FHIR if sending.url else sending.channel).value,
        "document": document,
        "coverage": form.answer.assertion,
    }
    rounds = len(held.rounds)
    held = move_on(
        house,
        held,
        [Moved(Move.SENDING, intent, f"sending:{claim}")],
        actor=actor,
        still=lambda one: len(one.rounds) == rounds and not may(one, sending.purpose),
    )
    if not sending.url:
        return move_on(house, held, [_sent(house, held, claim, {})], actor=actor), body
    return _post(house, held, claim, body, sending.url, actor, post or post_of(house)), body


def written(house: House, held: Authorisation, sending: Sending, *, actor: str) -> bytes:
    """The request as it would be sent next; nothing is written down."""
    if why := may(held, sending.purpose):
        raise RequestError.one("authorisation", f"cannot be sent: {why}")
    claim = f"{held.authorisation}-{len(held.rounds) + 1}"
    form = form_of(house, held.person, held.order, payer=held.payer, actor=actor)
    return _written(house, held, claim, sending, form)


def _written(house: House, held: Authorisation, claim: str, sending: Sending, form: Form) -> bytes:
    _, answers = form_resources(house, form, held.authorisation, claim)
    before = held.last
    asked = PasRequest(
        authorisation=held.authorisation,
        claim=claim,
        purpose=sending.purpose,
        order=order_named(house, held.person, held.order).order,
        plan=plan_of_authorisation(held),
        requestor=policy_of(house).work.requestor,
        created=house.clock(),
        expedited=held.expedited,
        codes=form.stored.asked.test.codes,
        answers=answers,
        letter=sending.letter,
        note=sending.note,
        recorded=_recorded(house, held),
        prior=None if before is None else json.loads(house.documents.get(before.document)),
        cancels=sending.cancels,
    )
    bundle = request_bundle(asked)
    if too_much := beyond_minimum(bundle):
        raise RequestError.one("request", f"holds more than the payer needs: {', '.join(too_much)}")
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode()


def _recorded(house: House, held: Authorisation) -> dict[str, str]:
    """The day on which each problem of the list was recorded."""
    return {
        one.condition.code: one.since.isoformat()
        for one in house.ledger.problems(held.person)
        if one.since is not None
    }


def _sent(house: House, held: Authorisation, claim: str, more: dict[str, Any]) -> Moved:
    """That the payer has it, with the day by which it must answer."""
    policy, now = policy_of(house), house.clock()
    line = plan_of_authorisation(held).line
    running = answer_clock(policy.clocks, line, now, policy.work.calendar, expedited=held.expedited)
    due = running.due.isoformat() if isinstance(running, Running) else None
    clock = running.clock.clock if isinstance(running, Running) else running.value
    told = {"claim": claim, "due": due, "clock": clock, "clocks": policy.clocks.provenance.sha256}
    return Moved(Move.SENT, told | more, f"sent:{claim}")


def _post(
    house: House, held: Authorisation, claim: str, body: bytes, url: str, actor: str, post: Post
) -> Authorisation:
    reply = post(url, SUBMIT, body, claim)
    if isinstance(reply, NoReply) or reply.status >= 500:
        return move_on(house, held, [_silence(claim, reply)], actor=actor)
    policy, now = policy_of(house), house.clock()
    document = house.documents.put(reply.body)
    said: Heard | Misread
    if reply.status >= 300:
        said = Misread((f"the payer does not take it (HTTP {reply.status})",))
    else:
        said = read_answer(reply.body, asked_of(house, held), policy.answers, now)
    moves = [_sent(house, held, claim, {}), *_told((said,), document)]
    return move_on(house, held, moves, actor=actor)


def _silence(claim: str, reply: NoReply | Reply) -> Moved:
    if isinstance(reply, NoReply):
        return Moved(Move.NO_ANSWER, {"claim": claim, "reason": reply.reason, "left": reply.left})
    why = f"the payer's server could not (HTTP {reply.status})"
    return Moved(Move.NO_ANSWER, {"claim": claim, "reason": why, "left": True})


def _told(said: Sequence[Heard | Misread], document: str) -> list[Moved]:
    moves = []
    for one in said:
        if isinstance(one, Misread):
            moves.append(Moved(Move.NOT_BELIEVED, {"why": list(one.why), "document": document}))
        else:
            heard = plain_heard(one) | {"document": document}
            moves.append(Moved(Move.HEARD, {"heard": heard, "document": document}))
    return moves


def asked_of(house: House, held: Authorisation) -> Asked:
    """What an answer has to name again."""
    order = order_named(house, held.person, held.order).order
    plan = plan_of_authorisation(held)
    form = form_of(house, held.person, held.order, payer=held.payer)
    codes = {one.code for one in form.stored.asked.test.codes} | {order.test}
    return Asked(
        authorisation=held.authorisation,
        claims=tuple(one.claim for one in held.rounds),
        person=held.person,
        service=held.service,
        member=plan.member,
        birth_date=order.subject.birth_date,
        codes=frozenset(codes),
    )


def inquire(
    house: House, held: Authorisation, url: str, *, actor: str, post: Post | None = None
) -> Authorisation:
    """Ask the payer after what was sent last, and write down what it says. Where the payer knows of no such
    request, and nobody knows that it arrived, it is sent again as it was. Raises `Refused`, or `RequestError`
    when nothing was sent."""
    last = held.last
    if last is None:
        raise RequestError.one("authorisation", "nothing was sent yet", remedy="send it first")
    allowed(url, house.settings.payer_urls)
    if on_its_way(held, house.clock()):
        raise RequestError.one("authorisation", "is being sent now", remedy="ask again in a minute")
    since = house.ledger.checkpoint().sequence
    out = post or post_of(house)
    reply = out(url, INQUIRE, _inquiry(house, held, last), f"{last.claim}/inquiry")
    if isinstance(reply, NoReply) or reply.status >= 300:
        why = reply.reason if isinstance(reply, NoReply) else f"HTTP {reply.status}"
        return move_on(house, held, [Moved(Move.TRIED, {"claim": last.claim, "reason": why})], actor=actor)
    told = read_inquiry(reply.body, asked_of(house, held), policy_of(house).answers, house.clock())
    if isinstance(told, Nothing):
        return _nothing_known(house, held, last, _Again(url, actor, out, since))
    document = house.documents.put(reply.body)
    moves = [one for one in _told(told, document) if not _known(held, one)]
    if last.sent is None and any(isinstance(one, Heard) and one.claim == last.claim for one in told):
        moves.insert(0, _sent(house, held, last.claim, {}))
    return move_on(house, held, moves, actor=actor) if moves else held


def _known(held: Authorisation, moved: Moved) -> bool:
    """Whether exactly this was heard before."""
    heard = moved.more.get("heard")
    if not isinstance(heard, dict):
        return False
    return any(one.message == heard["message"] for one in held.heard)


def _inquiry(house: House, held: Authorisation, last: Round) -> bytes:
    asked = PasRequest(
        authorisation=held.authorisation,
        claim=last.claim,
        purpose=last.purpose,
        order=order_named(house, held.person, held.order).order,
        plan=plan_of_authorisation(held),
        requestor=policy_of(house).work.requestor,
        created=house.clock(),
    )
    return json.dumps(inquiry_bundle(asked), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class _Again:
    """How something is sent again. since: the place of the ledger before the payer was asked after it."""

    url: str
    actor: str
    post: Post
    since: int


def _nothing_known(house: House, held: Authorisation, last: Round, again: _Again) -> Authorisation:
    if last.sent is not None or held.status not in (Status.SENDING, Status.TIMED_OUT):
        more = {"why": ["the payer says that it knows of no such request"]}
        return move_on(house, held, [Moved(Move.NOT_BELIEVED, more)], actor=again.actor)
    body = house.documents.get(last.document)
    asked_after = Moved(Move.TRIED, {"claim": last.claim, "reason": "the payer knows of no such request"})
    held = move_on(house, held, [asked_after], actor=again.actor, since=again.since)
    return _post(house, held, last.claim, body, again.url, again.actor, again.post)


def take_back(
    house: House,
    held: Authorisation,
    reason: str,
    url: str,
    *,
    actor: str,
    post: Post | None = None,
) -> Authorisation:
    """Take a request back, telling the payer where it can be told; that it is being told, and in which words,
    is written down before. Raises `RequestError` without a reason."""
    if not reason.strip():
        raise RequestError.one("--why", "is blank", remedy="say why it is taken back")
    if held.status is Status.CANCELLED:
        return held
    told = ""
    if url and held.last is not None:
        allowed(url, house.settings.payer_urls)
        claim = f"{held.authorisation}-{len(held.rounds) + 1}"
        form = form_of(house, held.person, held.order, payer=held.payer, actor=actor)
        body = _written(house, held, claim, Sending(Purpose.MORE, url, cancels=True), form)
        leaving = {
            "claim": held.last.claim,
            "reason": "a withdrawal is on its way to the payer",
            "document": house.documents.put(body),
        }
        held = move_on(house, held, [Moved(Move.TRIED, leaving)], actor=actor)
        reply = (post or post_of(house))(url, SUBMIT, body, claim)
        told = reply.reason if isinstance(reply, NoReply) else f"HTTP {reply.status}"
    more = {"reason": reason.strip(), "payer_told": told}
    return move_on(house, held, [Moved(Move.CANCELLED, more)], actor=actor)
