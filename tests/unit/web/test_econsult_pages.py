"""Asking another site from the chart, and answering at the hub: what the pages say, and who may open them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.service.sign_site import sign
from bedside.service.site_messages import outbox
from bedside.web.app import create_app
from bedside.web.session import access_cookie
from tests.made_up_record import AMARA, INGRID
from tests.two_sites import Two, open_two
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text

WHO = {"by": "Dr Spoke", "role": "general practitioner"}
HUB = {"by": "Dr Hub", "role": "clinical geneticist"}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    both = open_two(tmp_path)
    yield both
    both.close()


@pytest.fixture
def spoke(two: Two) -> Pages:
    return Pages(create_app(two.spoke), two.spoke)


@pytest.fixture
def hub(two: Two) -> Pages:
    return Pages(create_app(two.hub), two.hub)


def ask(spoke: Pages, person: str = INGRID, **more: str) -> tuple[str, str]:
    """A question written on its page and sent; the address of the page and the eConsult's number."""
    page = spoke.address(person, "/econsults")
    said = {"to": "hub", "text": "Which dose?", "reason": "A new order", "urgency": "soon", **more}
    written = spoke.post(page, on=page, row="genotypes:CYP2C19", **said)
    assert written.status_code == 303, text(written.text)
    address = written.headers["location"]
    digest = spoke.get(address).text.split('name="digest" value="')[1][:64]
    sent = spoke.post(address, on=address, act="send", digest=digest, **WHO)
    assert sent.status_code == 303, text(sent.text)
    return address, address.rsplit("/", 1)[1]


def test_the_page_before_sending_shows_exactly_what_leaves(two: Two, spoke: Pages) -> None:
    page = spoke.address(INGRID, "/econsults")
    said = {"to": "hub", "text": "Which dose?", "reason": "A new order", "urgency": "soon"}
    address = spoke.post(page, on=page, row="genotypes:CYP2C19", **said).headers["location"]
    shown = spoke.get(address).text
    assert "Nothing was sent yet." in text(shown)
    assert rows(shown, "The person") == [["65", "female"]]
    assert [row[:4] for row in rows(shown, "Genotypes")] == [
        ["CYP2C19", "changes treatment", "*2/*2", "Poor Metabolizer"]
    ]
    assert outbox(two.spoke) == ()
    thrown = spoke.post(address, on=address, act="throw-away")
    assert thrown.headers["location"] == page
    assert spoke.get(address).status_code == 404


def test_a_question_goes_and_the_opinion_comes_back_over_the_pages_alone(
    two: Two, spoke: Pages, hub: Pages
) -> None:
    address, consult = ask(spoke)
    waiting = text(spoke.get(address).text)
    assert "1 step waits for the network. Nothing is lost; it leaves by itself." in waiting
    two.meet()
    (line,) = rows(hub.get("/econsults/queue").text, "eConsults")
    assert line[0] == "Which dose? The spoke · soon"
    assert line[2] == "Coordinator of eConsults waits since today"
    there = f"/econsults/queue/{consult}"
    page = text(hub.get(there).text)
    assert "It does not say who the person is." in page
    assert "Holm" not in page
    assert hub.post(there, on=there, act="want", text="Which weight?", **HUB).status_code == 303
    two.meet()
    assert "Wanted: Which weight?" in text(spoke.get(address).text)
    spoke.post(address, on=address, act="give", text="70 kg", row="problems:SNOMED_CT|53741008", **WHO)
    two.meet()
    assert "Coronary artery disease" in text(hub.get(there).text)
    hub.post(there, on=there, act="answer", text="Another drug.", evidence="CPIC\nA paper", **HUB)
    two.meet()
    unsigned = text(spoke.get(address).text)
    assert "Awaits sign-off Nobody there answers for it yet. Do not act on it alone." in unsigned
    opinion = hub.get(there).text.split('name="opinion" value="')[1][:36]
    assert hub.post(f"{there}/sign", on=there, opinion=opinion, **HUB).status_code == 303
    two.meet()
    signed = text(spoke.get(address).text)
    assert "Signed off by Dr Hub (clinical geneticist)" in signed
    assert "the same person gave it" in signed
    assert "Rests on CPIC; A paper" in signed
    assert spoke.post(address, on=address, act="declined", text="", **WHO).status_code == 422
    assert spoke.post(address, on=address, act="acted", text="", **WHO).status_code == 303
    two.meet()
    assert "Closed : acted on" in text(hub.get(there).text)
    assert "Nothing waits." in text(hub.get("/econsults/queue").text)


def test_a_question_that_names_the_person_is_kept_on_the_page_with_the_reason(two: Two, spoke: Pages) -> None:
    page = spoke.address(INGRID, "/econsults")
    said = {"to": "hub", "text": "Which dose for Mrs Holm?", "reason": "x", "urgency": "soon"}
    answer = spoke.post(page, on=page, row="genotypes:CYP2C19", **said)
    assert answer.status_code == 422
    assert "The words hold the person's name" in text(answer.text)
    assert ">Which dose for Mrs Holm?</textarea>" in answer.text
    assert 'value="genotypes:CYP2C19" checked' in answer.text


def test_a_dead_letter_is_on_the_page_of_sites_with_what_to_do(
    two: Two, spoke: Pages, tmp_path: Path
) -> None:
    agreed = tmp_path / "hub" / "sites.toml"
    agreed.write_text(agreed.read_text().replace("asks = true", "asks = false"))
    _, consult = ask(spoke)
    two.meet()
    page = text(spoke.get("/sites").text)
    assert "takes no questions from that one" in page
    assert "the receiving site's sites file decides" in page
    assert spoke.post("/sites", on="/sites", act="again", message=consult).status_code == 303
    assert "Waiting 1, the first since" in text(spoke.get("/sites").text)


def test_every_look_at_an_econsult_is_on_record_at_both_sites(two: Two, spoke: Pages, hub: Pages) -> None:
    address, consult = ask(spoke)
    two.meet()
    spoke.get(address)
    hub.get(f"/econsults/queue/{consult}")

    def looked(house) -> list[str | None]:
        seen = house.ledger.events(kinds=(EventKind.ACCESSED,))
        return [event.person for event in seen if event.payload.get("consult") == consult]

    assert INGRID in looked(two.spoke)
    assert looked(two.hub) == [None]


def token(two: Two, folder: Path, permissions: list[str], people: list[str] | None = None) -> Pages:
    """The hub and spoke behind an access file; the spoke's pages for a caller with these permissions."""
    held = hashlib.sha256(b"secret").hexdigest()
    lines = [
        "[[token]]",
        'name = "ward"',
        f'token_sha256 = "{held}"',
        f"permissions = {json.dumps(permissions)}",
    ]
    if people is not None:
        lines.append(f"people = {json.dumps(people)}")
    path = folder / "access.toml"
    path.write_text("\n".join(lines))
    house = replace(two.spoke, settings=replace(two.spoke.settings, access_file=str(path)))
    pages = Pages(create_app(house), house)
    pages.cookies.set(access_cookie(house.settings), "secret")
    return pages


def test_the_pages_open_for_whom_they_are_granted_and_only_for_the_people_granted(
    two: Two, spoke: Pages, tmp_path: Path
) -> None:
    mine, _ = ask(spoke)
    other, _ = ask(spoke, AMARA, text="And here?")
    ward = token(two, tmp_path, ["consult"], [INGRID])
    assert ward.get(mine).status_code == 200
    assert ward.get(other).status_code == 403
    assert "And here?" not in ward.get("/econsults").text
    for address in ("/econsults/queue", "/sites"):
        assert ward.get(address).status_code == 403
    limited = token(two, tmp_path, ["consult-answer"], [INGRID])
    assert limited.get("/econsults/queue").status_code == 403
    nobody = token(two, tmp_path, ["chart"])
    assert nobody.get(mine).status_code == 403


def test_who_may_answer_may_not_sign(two: Two, spoke: Pages, hub: Pages, tmp_path: Path) -> None:
    _, consult = ask(spoke)
    two.meet()
    there = f"/econsults/queue/{consult}"
    turned = Two(two.hub, two.spoke, two.line)
    answerer = token(turned, tmp_path, ["consult-answer"])
    answerer.post(there, on=there, act="answer", text="Another drug.", **HUB)
    assert "Sign it off" not in answerer.get(there).text
    assert answerer.post(f"{there}/sign", on=there, opinion="x", **HUB).status_code == 403


def test_a_site_without_a_sites_file_has_no_such_pages(pages: Pages) -> None:
    assert pages.get("/econsults").status_code == 404
    assert pages.get("/sites").status_code == 404
    assert pages.send("POST", "/sites/inbox").status_code == 404
    assert "eConsults" not in pages.get("/").text


def test_the_hub_s_signature_opens_nothing_of_the_spoke_but_its_own_messages(
    two: Two, spoke: Pages, tmp_path: Path
) -> None:
    ask(spoke)
    ward = token(two, tmp_path, ["consult"])
    ward.cookies.clear()
    ingrid = spoke.address(INGRID)
    for address in ("/", ingrid, f"{ingrid}/econsults", "/econsults", "/tasks", "/fhir/Patient", "/cohort"):
        signed, _ = sign(two.hub_sites, b"", "spoke", address, two.spoke.clock())
        answer = ward.send("GET", address, headers={"authorization": f"Bearer {signed}"})
        assert answer.status_code in (401, 403), address
        assert "Holm" not in answer.text
    body = b'{"receipts": []}'
    signed, _ = sign(two.hub_sites, body, "spoke", "/sites/outbox", two.spoke.clock())
    answer = ward.send("POST", "/sites/outbox", content=body, headers={"authorization": f"Bearer {signed}"})
    assert answer.status_code == 200
    assert [one["envelope"]["to"] for one in answer.json()["messages"]] == ["hub"]
    assert ward.send("POST", "/sites/outbox", content=body).status_code == 401
