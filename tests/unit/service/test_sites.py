"""Messages between sites: once, in order, from whom they say, and nothing lost whatever the line does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from bedside.act.consults import Stage
from bedside.errors import NotFound, Refused, RequestError, SettingsError
from bedside.genome.event import EventKind
from bedside.service.answer_econsult import answer as give_opinion
from bedside.service.authorise import NotIdentified
from bedside.service.consult_steps import consult_named
from bedside.service.sign_site import sign, signed_by
from bedside.service.site_inbox import Differs, NotAgreed, Unacceptable, take_in
from bedside.service.site_messages import (
    State,
    drop,
    item_of,
    letter_of,
    outbox,
    send_again,
    settle,
    undelivered,
    waiting,
)
from bedside.service.site_post import SIGNATURE
from bedside.service.site_standing import standing_of
from bedside.service.sites import make_key, public_jwk, read_key, read_sites
from bedside.service.verify_jwt import SeenOnce
from bedside.store.encode import canonical
from bedside.web.site_desk import answer
from tests.two_sites import HUB, Two, lossy, open_two, write_key, write_site

INBOX = "/sites/inbox"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    both = open_two(tmp_path)
    yield both
    both.close()


def test_what_is_kept_in_memory_of_the_outbox_is_what_the_ledger_says(two: Two) -> None:
    """Also after messages were delivered, refused, dropped and sent again, by this process or another."""
    for _ in range(4):
        two.ask()
    one, other, third, _ = (letter.message for letter in outbox(two.spoke))
    settle(two.spoke, letter_of(two.spoke, one), State.REFUSED, "x")
    assert undelivered(two.spoke)[0].message == one
    two.meet()
    drop(two.spoke, one, "y", actor="x")
    send_again(two.spoke, other, actor="x")
    two.meet()
    send_again(two.spoke, third, actor="x")
    open_now = tuple(letter for letter in outbox(two.spoke) if letter.state is not State.DELIVERED)
    assert [(one.message, one.state) for one in undelivered(two.spoke)] == [
        (one, State.DROPPED),
        (third, State.WAITING),
    ]
    assert undelivered(two.spoke) == open_now


def received(two: Two) -> list[str]:
    return [e.payload["message"] for e in two.hub.ledger.events(kinds=(EventKind.SITE_RECEIVED,))]


def first(two: Two):
    return item_of(two.spoke, outbox(two.spoke)[0])


def test_a_message_sent_many_times_over_a_line_that_loses_is_taken_once(two: Two) -> None:
    consult = two.ask().consult.consult
    two.line.fault = lossy(random.Random(3), 0.6)
    rounds = 0
    while waiting(two.spoke, "hub"):
        two.meet()
        rounds += 1
    assert rounds > 1
    assert received(two) == [consult]
    assert [letter.state for letter in outbox(two.spoke)] == [State.DELIVERED]


def test_messages_arrive_in_the_order_written(two: Two) -> None:
    numbers = [two.ask().consult.consult for _ in range(3)]
    two.meet()
    assert received(two) == numbers


def test_the_same_number_with_other_content_is_refused_and_becomes_a_dead_letter(two: Two) -> None:
    two.ask()
    item = first(two)
    peer = two.hub_sites.peers["spoke"]
    changed = json.loads(json.dumps(item))
    changed["envelope"]["body"]["said"]["text"] = "Something else?"
    take_in(two.hub, two.hub_sites, peer, changed)
    with pytest.raises(Differs, match="came before"):
        take_in(two.hub, two.hub_sites, peer, item)
    done = two.meet()
    (letter,) = outbox(two.spoke)
    assert (done.refused, letter.state) == ([letter.message], State.REFUSED)
    assert "came before" in letter.reason


def test_a_dead_letter_says_why_and_goes_when_it_is_put_right(two: Two, tmp_path: Path) -> None:
    agreed = (tmp_path / "hub" / "sites.toml").read_text()
    (tmp_path / "hub" / "sites.toml").write_text(agreed.replace("asks = true", "asks = false"))
    held = two.ask()
    two.meet()
    (standing,) = standing_of(two.spoke, two.spoke_sites)
    (letter,) = standing.refused
    assert letter.reason == (
        "site: this site takes no questions from that one (`asks` is not set) "
        "(the receiving site's sites file decides)"
    )
    assert received(two) == []
    (tmp_path / "hub" / "sites.toml").write_text(agreed)
    send_again(two.spoke, letter.message[:8], actor="x")
    two.meet()
    assert received(two) == [held.consult.consult]
    assert standing_of(two.spoke, two.spoke_sites)[0].refused == ()


def test_a_message_that_is_refused_does_not_hold_up_those_behind_it(two: Two) -> None:
    two.ask()
    item = json.loads(json.dumps(first(two)))
    item["envelope"]["body"]["said"]["text"] = "Something else?"
    take_in(two.hub, two.hub_sites, two.hub_sites.peers["spoke"], item)
    second = two.ask().consult.consult
    two.meet()
    assert received(two)[-1] == second


def test_a_dead_letter_may_be_given_up_with_the_reason_and_stays_on_the_list(two: Two) -> None:
    two.ask()
    name = outbox(two.spoke)[0].message
    with pytest.raises(RequestError, match="blank"):
        drop(two.spoke, name, " ", actor="x")
    drop(two.spoke, name, "asked by telephone", actor="x")
    two.meet()
    (letter,) = outbox(two.spoke)
    assert (letter.state, letter.reason, received(two)) == (State.DROPPED, "asked by telephone", [])
    with pytest.raises(NotFound):
        drop(two.spoke, "nothing", "x", actor="x")


def post(two: Two, body: bytes, *, key_of: str = "spoke", now=None, place: str = INBOX, to: str = "hub"):
    sites = {"spoke": two.spoke_sites, "hub": two.hub_sites}[key_of]
    token, _ = sign(sites, body, to, place, now or two.hub.clock())
    return answer(two.hub, SeenOnce(), INBOX, token, body)


def test_only_the_signature_of_a_site_that_is_named_opens_the_inbox(two: Two, tmp_path: Path) -> None:
    two.ask()
    body = canonical(first(two))
    before = two.hub.ledger.checkpoint()
    write_key(tmp_path, "stranger")
    stranger = read_sites(write_site(tmp_path, "stranger", {"hub": {"answers": True}}))
    token, _ = sign(stranger, body, "hub", INBOX, two.hub.clock())
    with pytest.raises(NotIdentified, match="issuer is not trusted"):
        answer(two.hub, SeenOnce(), INBOX, token, body)
    write_key(tmp_path / "other", "spoke")
    (tmp_path / "other" / "hub.json").write_text((tmp_path / "hub.json").read_text())
    forger = read_sites(write_site(tmp_path / "other", "spoke", {"hub": {"answers": True}}))
    token, _ = sign(forger, body, "hub", INBOX, two.hub.clock())
    with pytest.raises(NotIdentified, match="names no key"):
        answer(two.hub, SeenOnce(), INBOX, token, body)
    for text in ("", "nonsense", "a.b.c"):
        with pytest.raises(NotIdentified):
            answer(two.hub, SeenOnce(), INBOX, text, body)
    assert two.hub.ledger.checkpoint() == before


def test_a_signature_is_for_one_body_one_place_one_site_and_once(two: Two) -> None:
    two.ask()
    body = canonical(first(two))
    token, _ = sign(two.spoke_sites, body, "hub", INBOX, two.hub.clock())
    with pytest.raises(NotIdentified, match="something else"):
        answer(two.hub, SeenOnce(), INBOX, token, body + b" ")
    with pytest.raises(NotIdentified, match="InvalidAudience"):
        post(two, body, place="/sites/outbox")
    with pytest.raises(NotIdentified, match="InvalidAudience"):
        post(two, body, to="elsewhere")
    seen = SeenOnce()
    assert answer(two.hub, seen, INBOX, token, body).status_code == 200
    with pytest.raises(NotIdentified, match="used before"):
        answer(two.hub, seen, INBOX, token, body)


def test_a_request_replayed_after_a_restart_changes_nothing(two: Two) -> None:
    two.ask()
    body = canonical(first(two))
    token, _ = sign(two.spoke_sites, body, "hub", INBOX, two.hub.clock())
    answer(two.hub, SeenOnce(), INBOX, token, body)
    before = two.hub.ledger.checkpoint()
    again = answer(two.hub, SeenOnce(), INBOX, token, body)
    assert orjson.loads(bytes(again.body))["before"] is True
    assert two.hub.ledger.checkpoint() == before


def test_an_answer_to_another_request_is_not_believed(two: Two) -> None:
    two.ask()
    response = post(two, canonical(first(two)))
    with pytest.raises(Refused, match="another request"):
        signed_by(
            two.spoke_sites, response.headers[SIGNATURE], bytes(response.body), f"{INBOX}#answer",
            two.spoke.clock(), SeenOnce(), "the number of another",
        )  # fmt: skip


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_clock_that_jumps_loses_nothing_and_changes_no_order(two: Two, hours: int) -> None:
    consult = two.ask().consult.consult
    two.spoke.clock.now += timedelta(hours=hours)
    assert "expired" in two.meet().failed or "future" in two.meet().failed
    assert [letter.state for letter in outbox(two.spoke)] == [State.WAITING]
    two.spoke.clock.now -= timedelta(hours=hours)
    two.meet()
    two.hub.clock.now += timedelta(hours=hours)
    give_opinion(two.hub, two.hub_sites, consult, "Half.", [], HUB)
    two.hub.clock.now -= timedelta(hours=hours)
    two.meet()
    held = consult_named(two.spoke, two.spoke_sites, consult).consult
    assert [one.step.kind.value for one in held.history] == ["asked", "received", "answered"]
    assert held.stage is Stage.ANSWERED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: one.update(format="bedside-site-message/9"), "must update Bedside"),
        (lambda one: one.update(kind="picture"), "not known here"),
        (lambda one: one.update({"to": "elsewhere"}), "not for this one"),
        (lambda one: one.update({"from": "hub"}), "not from the site that signed"),
        (lambda one: one.update(more=1), "has not the fields"),
        (lambda one: one.update(body=[]), "is no object"),
        (lambda one: one["body"].update(kind="answered"), "evidence: is no list"),
        (lambda one: one["body"].update(kind="burned"), "is none of"),
        (lambda one: one["body"].update(clock=2), "first step"),
        (lambda one: one["body"].update(step="another"), "first step"),
        (lambda one: one["body"].update(asker="elsewhere"), "written by one of its two sites"),
        (lambda one: one["body"].update(after="x"), "is no list"),
        (lambda one: one["body"].update(at="yesterday"), "is no time"),
        (lambda one: one["body"]["said"].update(text=7), "is no text"),
        (lambda one: one["body"]["said"].update(due="soon"), "is no day"),
        (lambda one: one["body"]["said"]["packet"].update(identified="no"), "neither true nor false"),
        (lambda one: one["body"]["said"]["packet"]["sections"][0].update(rows=[["x"]]), "as many cells"),
    ],
)
def test_what_a_site_sends_wrongly_is_refused_whole_with_the_reason(two: Two, change, reason: str) -> None:
    two.ask()
    item = json.loads(json.dumps(first(two)))
    change(item["envelope"])
    before = two.hub.ledger.checkpoint()
    with pytest.raises(Unacceptable, match=reason):
        take_in(two.hub, two.hub_sites, two.hub_sites.peers["spoke"], item)
    assert two.hub.ledger.checkpoint() == before


def test_a_site_cannot_step_into_the_econsult_of_another(two: Two, tmp_path: Path) -> None:
    """A third site that knows its number neither answers it at the spoke nor adds to it at the hub."""
    consult = two.ask().consult.consult
    two.meet()
    item = json.loads(json.dumps(first(two)))
    spoke = two.hub_sites.peers["spoke"]
    third = type(spoke)("third", "The third", spoke.keys, asks=True, answers=True)
    item["envelope"].update({"from": "third"})
    item["envelope"]["body"].update(asker="third")
    sites = replace(two.hub_sites, peers={**two.hub_sites.peers, "third": third})
    with pytest.raises(Unacceptable, match="another site's question"):
        take_in(two.hub, sites, third, item)
    opined = give_opinion(two.hub, two.hub_sites, consult, "Half.", [], HUB)
    step = json.loads(json.dumps(item_of(two.hub, outbox(two.hub)[-1])))
    assert step["envelope"]["message"] == opined.consult.opinion.step
    step["envelope"].update({"from": "third"})
    step["envelope"]["body"].update(answerer="third")
    with pytest.raises(Unacceptable, match="no such question"):
        take_in(two.spoke, two.spoke_sites, third, step)
    with pytest.raises(NotAgreed):
        take_in(two.spoke, two.spoke_sites, spoke, step)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"url": "http://hub.example"}, "https, or http on this machine only"),
        ({"url": "https://user@hub.example"}, "https, or http"),
        ({"answers": "yes"}, "true or false"),
    ],
)
def test_a_sites_file_that_is_wrong_is_told_at_the_start(tmp_path: Path, change, reason: str) -> None:
    for name in ("spoke", "hub"):
        write_key(tmp_path, name)
    with pytest.raises(SettingsError, match=reason):
        read_sites(write_site(tmp_path, "spoke", {"hub": change}))
    path = write_site(tmp_path, "spoke", {"hub": {}})
    (tmp_path / "hub.json").write_text('{"keys": [{"kty": "EC", "crv": "P-384", "kid": "1", "d": "secret"}]}')
    with pytest.raises(SettingsError, match="public P-384 keys") as told:
        read_sites(path)
    assert "secret" not in str(told.value)


def test_a_key_is_made_once_and_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    write_key(tmp_path, "spoke")
    path = tmp_path / "spoke" / "site.key.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RequestError, match="is there already"):
        make_key(path)
    shown = json.loads((tmp_path / "spoke.json").read_text())["keys"][0]
    assert shown == public_jwk(read_key(path))
    assert "d" not in shown
