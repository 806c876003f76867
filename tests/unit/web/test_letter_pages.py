"""The page of a letter about a result: the letter beside its facts, release, and what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.service.house import House, open_house
from bedside.service.page_keys import page_key
from bedside.service.patient_letters import letters, preview
from bedside.settings import Settings
from bedside.web.app import create_app
from bedside.web.letter_pages import alone
from tests.made_up_letters import PERSON, UNCERTAIN, ada, receive, reported
from tests.unit.service.fhir_reports import document
from tests.unit.web.conftest import Pages
from tests.unit.web.test_safety_of_pages import granted


@pytest.fixture
def own(tmp_path: Path) -> Pages:
    house = ada(open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db")))
    return Pages(create_app(house), house)


def place(own: Pages, result: str, rest: str = "") -> str:
    return own.address(PERSON, f"/letters/result/{page_key(result)}{rest}")


def digest_on(own: Pages, address: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', own.get(address).text)
    assert found
    return found[1]


def test_an_unreleased_letter_says_that_it_awaits_review_and_shows_its_facts(own: Pages) -> None:
    result = receive(own.house, reported(UNCERTAIN))
    page = own.get(place(own, result))
    assert page.status_code == 200
    assert "Awaits review" in page.text
    assert "It must not be sent or shown to the person." in page.text
    assert "Your care does not change because of this result alone." in page.text
    assert "NM_007294.4" in page.text
    assert "Content, hgvs.0" in page.text
    assert letters(own.house, PERSON) == ()


def test_a_release_shows_the_version_and_its_taking_back_asks_why(own: Pages) -> None:
    result = receive(own.house, reported(UNCERTAIN))
    address = place(own, result)
    done = own.post(address, on=address, act="release", seen=digest_on(own, address))
    assert done.status_code == 303
    assert "uncertain" not in done.headers["location"]
    page = own.get(done.headers["location"])
    assert "Released, version 1" in page.text
    assert "must not be sent" not in page.text
    (held,) = letters(own.house, PERSON)
    assert held.by == "local-operator"
    refused = own.post(address, on=address, act="withdraw", letter=held.letter, why="")
    assert refused.status_code == 422
    assert own.post(address, on=address, act="withdraw", letter=held.letter, why="typo").status_code == 303
    page = own.get(address)
    assert "Taken back: typo" in page.text
    assert "Awaits review" in page.text


def test_a_letter_that_nobody_saw_is_not_released(own: Pages) -> None:
    result = receive(own.house, reported())
    address = place(own, result)
    for seen in ("", "0" * 64):
        assert own.post(address, on=address, act="release", seen=seen).status_code == 422
    assert own.post(address, on=address, act="shout").status_code == 422
    assert letters(own.house, PERSON) == ()


def test_spanish_is_marked_as_spanish_and_awaits_a_native_reviewer(own: Pages) -> None:
    result = receive(own.house, reported(UNCERTAIN))
    page = own.get(place(own, result, "?language=es"))
    assert 'lang="es"' in page.text
    assert "Su atención médica no cambia" in page.text
    assert "native Spanish clinical reviewer" in page.text
    assert own.get(place(own, result, "?language=xx")).status_code == 404


def test_several_letters_are_offered_by_number_and_none_is_chosen_for_the_clinician(own: Pages) -> None:
    result = receive(own.house, document())
    page = own.get(place(own, result))
    assert page.status_code == 200
    assert "several letters about it" in page.text
    assert "part=3" in page.text
    assert "class=" not in page.text.replace('class="', "")
    assert "Your genes and your medicines" in own.get(place(own, result, "?part=3")).text


def test_who_may_read_results_reads_and_only_who_may_release_releases(own: Pages, tmp_path: Path) -> None:
    from bedside.service.access import Permission

    result = receive(own.house, reported())
    reader = granted(tmp_path, own.house, Permission.RESULTS)
    address = place(reader, result)
    page = reader.get(address)
    assert page.status_code == 200
    assert "Release it to the person" not in page.text
    seen = preview(own.house, PERSON, result).document
    assert reader.post(address, on="/about", act="release", seen=seen).status_code == 403
    doctor = granted(tmp_path, own.house, Permission.RESULTS, Permission.LETTERS)
    assert doctor.post(address, on=address, act="release", seen=seen).status_code == 303
    assert [one.by for one in letters(own.house, PERSON)] == ["somebody"]


def test_no_such_result_is_not_found_and_an_unconfirmed_one_is_told_to_nobody(own: Pages) -> None:
    receive(own.house, reported())
    assert own.get(place(own, "nothing")).status_code == 404
    content = json.loads(reported())
    report = next(one["resource"] for one in content["entry"] if one["resource"]["id"] == "report")
    report["status"], report["identifier"][0]["value"] = "preliminary", "R9"
    result = receive(own.house, json.dumps(content).encode())
    page = own.get(place(own, result))
    assert page.status_code == 422
    assert "nobody is told of it" in page.text
    assert "BRCA1" not in page.text


def test_what_a_laboratory_writes_cannot_become_markup(own: Pages) -> None:
    result = receive(own.house, reported(condition="<b>bold</b> disease"))
    assert "<b>bold" not in own.get(place(own, result)).text


def test_the_letter_alone_says_the_same_as_its_text(house: House) -> None:
    result = receive(ada(house), reported(UNCERTAIN))
    letter = preview(house, PERSON, result)
    html = alone(letter)
    assert letter.rules.awaits in html
    assert "http" not in re.sub(r"http://[\w.]*loinc", "", html)
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S).replace("&#39;", "'")
    said = " ".join(words.replace("&gt;", ">").split())
    for line in letter.text.split("\n"):
        assert line.removeprefix("- ") in said
    released = replace(letter, standing=type(letter.standing).RELEASED)
    assert letter.rules.awaits not in alone(released)
