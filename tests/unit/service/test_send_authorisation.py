"""A request to a made-up payer that approves, pends, denies, is silent and lies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bedside.act.authorisation import Authorisation
from bedside.demo.payer import Manner, Payer
from bedside.errors import Refused, RequestError, StoreError
from bedside.exchange import payer as client
from bedside.exchange.pas_request import beyond_minimum
from bedside.exchange.payer import NoReply, Reply
from bedside.genome.authorisation import Channel, DenialClass, Purpose, Status, Verdict
from bedside.genome.event import EventKind
from bedside.service.authorisation_form import answer_form, form_of
from bedside.service.authorisations import (
    authorisation_named,
    authorisation_of,
    tasks_of,
    watch_authorisations,
)
from bedside.service.draft_authorisation import SaidByPayer, Wish, draft, record_word, settle
from bedside.service.house import House
from bedside.service.order_test import Wish as OrderWish
from bedside.service.order_test import order_test
from bedside.service.send_authorisation import Sending, inquire, send, take_back
from tests.made_up_record import INGRID, TOMAS, open_record
from tests.served_payer import served

FIRST = Sending(Purpose.FIRST)
CUT = NoReply("the connection broke off", True)
LIES = tuple(Manner)[tuple(Manner).index(Manner.OTHER_PERSON) : tuple(Manner).index(Manner.FAR_CLOCK)]


@pytest.fixture
def payer() -> Iterator[tuple[Payer, str]]:
    """The payer and its address."""
    one = Payer(slow=0.6)
    with served(one) as url:
        yield one, url


@pytest.fixture
def house(tmp_path: Path, payer: tuple[Payer, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house that names the payer."""
    monkeypatch.setattr(client, "SECONDS", 0.4)
    opened = open_record(tmp_path)
    payer[0].clock = opened.clock
    yield replace(opened, settings=replace(opened.settings, payers=payer[1]))
    opened.close()


def ordered(house: House, person: str = INGRID) -> str:
    """An order of a panel, despite what is known already."""
    wish = OrderWish("pgx-full", "Dr Who", answers={"transplant": "no"}, despite="asked by the payer's rules")
    return order_test(house, person, wish).order.order


def drafted(house: House, **wish: object) -> Authorisation:
    """An authorisation that was begun."""
    said = Wish(**{"payer": "medicaid-ca", "member": "M-1", **wish})  # type: ignore[arg-type]
    return draft(house, INGRID, ordered(house), said, actor="desk")


def sent(house: House, url: str, **wish: object) -> Authorisation:
    """One that was sent."""
    held = drafted(house, **wish)
    return send(house, held, replace(FIRST, url=url), actor="desk")[0]


@pytest.mark.parametrize(
    ("manner", "status", "task"),
    [
        (Manner.APPROVES, Status.APPROVED, []),
        (Manner.PART, Status.PARTLY_APPROVED, []),
        (Manner.PENDS, Status.PENDED, ["authorisation-pended"]),
        (Manner.DENIES, Status.DENIED, ["authorisation-denied"]),
        (Manner.QUEUES, Status.ACKNOWLEDGED, []),
        (Manner.SILENT, Status.TIMED_OUT, ["authorisation-unsent"]),
        (Manner.BUSY, Status.TIMED_OUT, ["authorisation-unsent"]),
        (Manner.REFUSES, Status.UNKNOWN, ["authorisation-doubt"]),
        (Manner.FAR_CLOCK, Status.PENDED, ["authorisation-pended"]),
    ],
)
def test_each_manner_of_a_payer_has_its_standing_and_its_task(
    house: House, payer: tuple[Payer, str], manner: Manner, status: Status, task: list[str]
) -> None:
    payer[0].manner = manner
    held = sent(house, payer[1])
    assert (held.status, [one.kind for one in tasks_of(house, held)]) == (status, task)
    event = list(house.ledger.events(person=INGRID, kinds=(EventKind.AUTHORISATION_MOVED,)))[-1]
    assert {"order", "payer", "status", "at"} <= event.payload.keys()
    assert (event.payload["status"], event.payload["payer"]) == (status.value, "medicaid-ca")
    told = [one.payload for one in house.ledger.events(kinds=(EventKind.AUTHORISATION_MOVED,))]
    expected = ["drafted", "sending", *(["submitted"] if held.last and held.last.sent else []), status.value]
    assert [one["status"] for one in told] == expected
    denial = "not-medically-necessary" if status is Status.DENIED else None
    assert told[-1].get("reason_class") == denial


@pytest.mark.parametrize("manner", LIES)
def test_a_lie_is_not_believed_is_written_down_and_becomes_somebodys_task(
    house: House, payer: tuple[Payer, str], manner: Manner
) -> None:
    payer[0].manner = manner
    held = sent(house, payer[1])
    expected = Status.TIMED_OUT if manner is Manner.HUGE else Status.UNKNOWN
    assert (held.status, held.agreement, held.decision) == (expected, None, None)
    assert [one.kind for one in tasks_of(house, held)] in (["authorisation-doubt"], ["authorisation-unsent"])
    if manner is not Manner.HUGE:
        (doubt,) = held.doubts
        assert doubt.why[0]
        assert house.documents.has(doubt.document), "what came is kept, byte for byte"


def test_the_request_a_payer_got_is_the_one_that_is_kept_and_holds_the_least(
    house: House, payer: tuple[Payer, str]
) -> None:
    held = sent(house, payer[1])
    assert held.last is not None
    kept = json.loads(house.documents.get(held.last.document))
    assert payer[0].submitted == {held.last.claim: kept}
    assert beyond_minimum(kept) == ()
    text = json.dumps(kept)
    assert "100-23" not in text, "the record number stays at home"
    assert "Poor Metabolizer" not in text, "so do results"


def test_a_denial_brings_its_class_and_an_appeal_its_answer(house: House, payer: tuple[Payer, str]) -> None:
    payer[0].manner = Manner.DENIES
    held = sent(house, payer[1])
    assert held.decision is not None
    assert held.decision.denial is DenialClass.NOT_NECESSARY
    payer[0].manner = Manner.APPROVES
    appeal = Sending(Purpose.APPEAL, payer[1], letter="Dear reviewer", note="Appeal")
    held, body = send(house, held, appeal, actor="desk")
    assert held.status is Status.OVERTURNED
    kinds = [one["resource"]["resourceType"] for one in json.loads(body)["entry"]]
    assert kinds.count("Claim") == 2, "the refused request travels along"
    assert tasks_of(house, held) == ()


def test_a_denial_that_comes_after_an_agreement_is_a_contradiction_until_somebody_asked(
    house: House, payer: tuple[Payer, str]
) -> None:
    held = sent(house, payer[1])
    payer[0].manner = Manner.DENIES
    held = inquire(house, held, payer[1], actor="desk")
    assert (held.status, held.agreement) == (Status.UNKNOWN, None)
    assert [one.kind for one in tasks_of(house, held)] == ["authorisation-doubt"]
    denied = next(one.message for one in held.heard if one.verdict is Verdict.DENIED)
    with pytest.raises(RequestError, match="is blank"):
        settle(house, held, denied, " ", actor="desk")
    assert settle(house, held, denied, "call 12", actor="desk").status is Status.DENIED


def test_a_request_that_got_no_answer_is_asked_after_and_not_sent_again(
    house: House, payer: tuple[Payer, str]
) -> None:
    payer[0].manner, payer[0].later = Manner.SILENT, Manner.PENDS
    held = sent(house, payer[1])
    assert held.last is not None
    held = inquire(house, held, payer[1], actor="desk")
    assert (held.status, payer[0].posts) == (Status.PENDED, {held.last.claim: 1})


def test_a_request_that_the_payer_does_not_know_is_sent_again_as_it_was(
    house: House, payer: tuple[Payer, str]
) -> None:
    held = drafted(house)
    sending = replace(FIRST, url=payer[1])
    lost = send(
        house, held, sending, actor="desk", post=lambda *_: NoReply("the connection broke off", True)
    )[0]
    assert lost.status is Status.TIMED_OUT
    assert lost.last is not None
    held = inquire(house, lost, payer[1], actor="desk")
    assert (held.status, payer[0].posts) == (Status.APPROVED, {lost.last.claim: 1})
    assert payer[0].submitted[lost.last.claim] == json.loads(house.documents.get(lost.last.document))


def test_an_inquiry_without_an_answer_changes_nothing(house: House, payer: tuple[Payer, str]) -> None:
    payer[0].manner, payer[0].later = Manner.PENDS, Manner.BUSY
    held = sent(house, payer[1])
    assert inquire(house, held, payer[1], actor="desk").status is Status.PENDED


def test_a_payer_that_knows_nothing_of_what_it_took_is_a_doubt(
    house: House, payer: tuple[Payer, str]
) -> None:
    payer[0].manner = Manner.QUEUES
    held = sent(house, payer[1])
    payer[0].submitted.clear()
    held = inquire(house, held, payer[1], actor="desk")
    assert (held.status, list(payer[0].posts.values())) == (Status.UNKNOWN, [1])


def test_nothing_is_sent_twice_by_two_people_at_once(house: House, payer: tuple[Payer, str]) -> None:
    held = drafted(house)
    sending = replace(FIRST, url=payer[1])
    assert send(house, held, sending, actor="one")[0].status is Status.APPROVED
    with pytest.raises(StoreError, match="meanwhile"):
        send(house, held, sending, actor="other")
    assert list(payer[0].posts.values()) == [1]


def test_a_request_that_is_on_its_way_is_not_asked_after_yet(house: House, payer: tuple[Payer, str]) -> None:
    held = drafted(house)

    def cut(*_: object) -> Reply | NoReply:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(house, held, replace(FIRST, url=payer[1]), actor="desk", post=cut)
    found = authorisation_of(house, INGRID, held.order)
    assert found is not None
    assert found.status is Status.SENDING
    with pytest.raises(RequestError, match="is being sent now"):
        inquire(house, found, payer[1], actor="desk")


def test_without_an_address_it_is_written_for_a_portal_and_the_payers_word_is_typed_in(house: House) -> None:
    held, body = send(house, drafted(house), replace(FIRST, channel=Channel.PORTAL), actor="desk")
    assert (held.status, json.loads(body)["type"]) == (Status.SUBMITTED, "collection")
    said = SaidByPayer(Verdict.APPROVED, Channel.PHONE, "", "AUTH-1")
    with pytest.raises(RequestError, match="nobody says who heard it"):
        record_word(house, held, said, actor="desk")
    with pytest.raises(RequestError, match="without an authorisation number"):
        record_word(house, held, replace(said, number="", reference="call 3"), actor="desk")
    whole = replace(said, reference="call 3", valid_until=date(2026, 12, 31))
    assert record_word(house, held, whole, actor="desk").status is Status.APPROVED


def test_the_clock_of_medicaid_runs_from_the_sending_and_its_end_is_somebodys_task(
    house: House, payer: tuple[Payer, str]
) -> None:
    payer[0].manner = Manner.QUEUES
    held = sent(house, payer[1], expedited=True, why="admitted to intensive care")
    assert held.last is not None
    assert held.last.due is not None
    assert held.last.sent is not None
    assert round((held.last.due - held.last.sent).total_seconds()) == 72 * 3600
    assert watch_authorisations(house) == 0
    house.clock.now += timedelta(hours=73)  # type: ignore[attr-defined]
    assert (watch_authorisations(house), watch_authorisations(house)) == (1, 0)
    assert [one.kind for one in tasks_of(house, held)] == ["authorisation-overdue"]
    payer[0].manner = Manner.APPROVES
    held = inquire(house, held, payer[1], actor="desk")
    assert (held.status, tasks_of(house, held)) == (Status.APPROVED, ())


def test_expedited_needs_a_reason_and_a_payer_that_nobody_knows_is_asked_for(house: House) -> None:
    with pytest.raises(RequestError, match="has no reason"):
        drafted(house, expedited=True)
    with pytest.raises(RequestError, match="nobody knows who pays"):
        drafted(house, payer="")


def test_what_was_taken_back_is_told_to_the_payer_and_begun_anew(
    house: House, payer: tuple[Payer, str]
) -> None:
    payer[0].manner = Manner.PENDS
    held = sent(house, payer[1])
    with pytest.raises(RequestError, match="is blank"):
        take_back(house, held, "", payer[1], actor="desk")
    gone = take_back(house, held, "the order was changed", payer[1], actor="desk")
    assert gone.status is Status.CANCELLED
    told = payer[0].submitted[f"{held.authorisation}-2"]["entry"][0]["resource"]
    assert told["item"][0]["modifierExtension"][0]["valueBoolean"] is True
    again = draft(house, INGRID, held.order, Wish("medicaid-ca"), actor="desk")
    assert again.authorisation != held.authorisation


def test_a_withdrawal_that_is_cut_off_while_it_is_told_stands_in_the_record(
    house: House, payer: tuple[Payer, str]
) -> None:
    held = sent(house, payer[1])

    def killed(url: str, operation: str, body: bytes, key: str) -> Reply | NoReply:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_back(house, held, "the order was changed", payer[1], actor="desk", post=killed)
    *_, last = house.ledger.events(kinds=(EventKind.AUTHORISATION_MOVED,))
    assert last.payload["reason"] == "a withdrawal is on its way to the payer"
    told = json.loads(house.documents.get(last.payload["document"]))
    assert told["entry"][0]["resource"]["item"][0]["modifierExtension"][0]["valueBoolean"] is True


def test_the_form_is_filled_from_the_chart_and_a_persons_answer_is_a_fact_with_their_name(
    house: House,
) -> None:
    order = ordered(house)
    form = form_of(house, INGRID, order, payer="medicare-moldx")
    by_fact = {one.fact.fact: one for one in form.items}
    drugs = by_fact["selected-drugs"]
    assert drugs.origin.value == "auto-client"
    assert all(one.event is not None for one in drugs.evidence)
    needed = by_fact["result-needed"]
    assert (needed.origin.value, needed.value, needed in form.open) == ("open", None, True)
    told = answer_form(house, INGRID, order, {"result-needed": "yes"}, by="Dr Who", payer="medicare-moldx")
    (answered,) = (one for one in told.items if one.fact.fact == "result-needed")
    assert (answered.origin.value, answered.value) == ("manual", True)
    assert [one.by for one in answered.evidence] == ["Dr Who"]
    with pytest.raises(RequestError, match="neither yes nor no"):
        answer_form(house, INGRID, order, {"result-needed": "perhaps"}, by="Dr Who", payer="medicare-moldx")


def test_an_open_question_travels_open_and_no_answer_is_made_up(
    house: House, payer: tuple[Payer, str]
) -> None:
    held = draft(house, INGRID, ordered(house), Wish("medicare-moldx"), actor="desk")
    _, body = send(house, held, replace(FIRST, url=payer[1]), actor="desk")
    told = [one["resource"] for one in json.loads(body)["entry"]]
    (form,) = (one for one in told if one["resourceType"] == "QuestionnaireResponse")
    items = {one["linkId"]: one for one in form["item"]}
    assert form["status"] == "in-progress"
    assert "answer" not in items["result-needed"]
    origin = items["selected-drugs"]["answer"][0]["extension"][0]["extension"][0]["valueCode"]
    assert origin == "auto-client"


def test_an_order_of_somebody_else_is_not_found_under_this_person(house: House) -> None:
    order = ordered(house)
    with pytest.raises(RequestError):
        draft(house, TOMAS, order, Wish("medicaid-ca"), actor="desk")
    with pytest.raises(RequestError):
        authorisation_named(house, INGRID, order)


def test_only_an_address_that_the_site_names_is_asked(house: House, payer: tuple[Payer, str]) -> None:
    held = drafted(house)
    for url in ("https://elsewhere.example/fhir", payer[1] + "/../admin", "http://10.0.0.1/fhir"):
        with pytest.raises(Refused):
            send(house, held, replace(FIRST, url=url), actor="desk")
    found = authorisation_of(house, INGRID, held.order)
    assert found is not None
    assert found.status is Status.DRAFTED, "nothing was written"


def test_a_request_that_was_cut_off_while_it_was_sent_becomes_a_task_after_a_minute(house: House) -> None:
    held = drafted(house)

    def cut(*_: object) -> Reply | NoReply:
        raise KeyboardInterrupt

    sending = replace(FIRST, url=house.settings.payers)
    with pytest.raises(KeyboardInterrupt):
        send(house, held, sending, actor="desk", post=cut)
    assert (watch_authorisations(house), tasks_of(house, held)) == (0, ())
    house.clock.now += timedelta(minutes=2)  # type: ignore[attr-defined]
    assert watch_authorisations(house) == 1
    assert [one.kind for one in tasks_of(house, held)] == ["authorisation-unsent"]
