"""Findings on their way: the worklist, a step written down, letters, the family."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.service.disclose import findings
from bedside.web.app import create_app
from tests.demo_record import open_demo, person_of
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Pages]:
    """The pages over a copy of the made-up record."""
    house = open_demo(tmp_path)
    yield Pages(create_app(house), house)
    house.close()


def finding_of(pages: Pages, role: str) -> str:
    return findings(pages.house, person_of(role))[0].finding.finding


def record(pages: Pages, role: str, **said: str):
    address = pages.address(person_of(role), "/findings")
    return pages.post(address, on=address, **said)


def test_the_worklist_says_whose_move_it_is_how_long_it_waits_and_what_is_stuck(own: Pages) -> None:
    lines = {row[0]: row for row in rows(own.get("/disclosure").text, "Findings on their way")}
    name = own.house.ledger.person(person_of("no-contact-agreed"))
    stuck = lines[f"{name.given} {name.family} MLH1"]
    assert stuck[1] == (
        "Programme lead: hold; look again whether the person has agreed to be contacted "
        "Stuck: the person has not agreed to be contacted about results"
    )
    assert stuck[2] == "99 days at “contact”"
    assert stuck[3].startswith("1 Jul 2026 late, gone to the next role")


def test_only_one_role_s_moves_are_shown_when_asked_for(own: Pages) -> None:
    page = own.post("/disclosure", on="/disclosure", role="primary care clinician").text
    (line,) = rows(page, "Findings on their way")
    assert line[1].startswith("Primary care clinician: say whether the recommended care has been given")


def test_the_worklist_of_relatives_does_not_say_whose_finding_it_is(own: Pages) -> None:
    page = own.get("/disclosure").text
    relatives = page.split('id="relatives"')[1]
    index = own.house.ledger.person(person_of("family-asked"))
    assert index.family not in relatives
    assert "BRCA1" not in relatives
    assert len(rows(page, "Relatives on the way")) == 2


def test_a_step_moves_the_finding_on_and_is_kept_with_who_wrote_it(own: Pages) -> None:
    finding = finding_of(own, "nobody-answers")
    answer = record(
        own, "nobody-answers", finding=finding, step="contact", outcome="reached", channel="telephone"
    )
    assert answer.status_code == 303
    (place,) = findings(own.house, person_of("nobody-answers"))
    assert (place.state.name, place.taken[-1].by) == ("disclosure", "local-operator")
    page = text(own.get(own.address(person_of("nobody-answers"), "/findings")).text)
    assert "Genetic counsellor: tell the person the finding and what can be done." in page
    assert "Contact: reached (telephone)" in page


def test_nobody_is_contacted_who_did_not_agree_to_it_and_the_page_says_so(own: Pages) -> None:
    finding = finding_of(own, "no-contact-agreed")
    answer = record(own, "no-contact-agreed", finding=finding, step="contact", outcome="reached")
    assert answer.status_code == 422
    assert "It waits: recontact-not-consented" in text(answer.text)
    assert findings(own.house, person_of("no-contact-agreed"))[0].state.name == "contact"


def test_a_research_finding_can_be_told_to_nobody_before_a_laboratory_confirmed_it(own: Pages) -> None:
    page = own.get(own.address(person_of("research-genome"), "/findings")).text
    assert "Nobody may be told yet: no clinical laboratory has confirmed it." in text(page)
    assert 'value="finding"' not in page
    finding = finding_of(own, "research-genome")
    answer = record(own, "research-genome", finding=finding, step="disclosure", outcome="disclosed")
    assert (answer.status_code, "Nobody may be told" in text(answer.text)) == (422, True)


def test_the_entry_in_the_problem_list_is_the_proof_of_arrival(own: Pages) -> None:
    finding = finding_of(own, "told-and-later-lowered")
    record(own, "told-and-later-lowered", finding=finding, step="visit", outcome="attended")
    page = own.get(own.address(person_of("told-and-later-lowered"), "/findings")).text
    assert "The entry in the problem list is the proof that the finding arrived." in page
    answer = record(
        own, "told-and-later-lowered", finding=finding, outcome="entered", system="icd10cm", code="Z15.01"
    )
    assert answer.status_code == 303
    assert findings(own.house, person_of("told-and-later-lowered"))[0].state.name == "family"


def test_a_letter_is_written_kept_and_can_be_printed(own: Pages) -> None:
    person = person_of("nobody-answers")
    address = own.address(person, "/letters")
    answer = own.post(
        address, on=own.address(person, "/findings"), finding=finding_of(own, "nobody-answers"),
        letter="please-call", contact="Genetics, extension 12",
    )  # fmt: skip
    assert answer.status_code == 303
    letter = own.get(answer.headers["location"])
    assert letter.status_code == 200
    assert "Genetics, extension 12" in letter.text
    assert "BRCA2" not in letter.text
    assert own.get(answer.headers["location"][:-1] + "0").status_code == 404
    assert (
        own.get(
            own.address(person_of("family-asked"), "/letters/") + answer.headers["location"][-64:]
        ).status_code
        == 404
    )


def test_an_invitation_of_a_relative_whose_index_agreed_names_them_and_another_is_sealed(own: Pages) -> None:
    person = person_of("family-asked")
    here = own.address(person, "/findings")
    said = {"finding": finding_of(own, "family-asked"), "relative": "son-1"}
    letter = own.get(own.post(own.address(person, "/letters"), on=here, **said).headers["location"]).text
    assert own.house.ledger.person(person).family in letter.split('aria-label="The letter"')[1]
    consent = own.address(person, "/consent")
    own.post(consent, on=consent, scope="family", decision="withdrawn", by="self")
    sealed = own.get(own.post(own.address(person, "/letters"), on=here, **said).headers["location"]).text
    body = sealed.split('aria-label="The letter"')[1]
    assert own.house.ledger.person(person).family not in body
    assert "BRCA1" not in body


def test_a_relative_s_step_is_recorded_in_the_family(own: Pages) -> None:
    said = {"finding": finding_of(own, "family-asked"), "relative": "sister-1"}
    answer = record(own, "family-asked", **said, step="response", outcome="responded")
    assert answer.status_code == 303
    page = text(own.get(own.address(person_of("family-asked"), "/findings")).text)
    assert "So far: responded." in page


def test_a_person_without_findings_has_nothing_on_the_way(own: Pages) -> None:
    assert "Nothing is on its way for this person." in own.get(own.address("demo-000001", "/findings")).text
