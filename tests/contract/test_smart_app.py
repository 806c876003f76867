"""SMART App Launch: an app with a code for one person, which opens that person and nobody else."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bedside.errors import RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.app_launch import AUTHORIZE, challenge_of
from bedside.service.give_token import ASKED_AT, ASSERTION
from bedside.service.house import open_house
from bedside.settings import Settings
from bedside.web.app import create_app
from tests.contract.conftest import HandClock
from tests.contract.site import WHEN, record
from tests.contract.test_smart_backend import PUBLIC, assertion, jwks
from tests.unit.web.conftest import Pages

TOKEN = "the long token of a pharmacist"
WARD = "the long token of a ward"
VERIFIER = "v" * 64
BACK = "https://app.example/callback"
ANNA, BEN = "anna", "ben"


def access_text(folder: Path) -> str:
    """Two people with tokens, one public app, one with keys."""
    (folder / "app.json").write_text(json.dumps(jwks()))
    holders = "".join(
        f'[[token]]\nname = "{name}"\ntoken_sha256 = "{hashlib.sha256(text.encode()).hexdigest()}"\n'
        f'permissions = ["people", "chart", "fhir", "discovery"]\n{more}\n'
        for name, text, more in (("Pharmacist", TOKEN, ""), ("Ward", WARD, f'people = ["{BEN}"]'))
    )
    scopes = '["patient/*.rs", "user/Observation.rs"]'
    return (
        f"{holders}"
        f'[[client]]\nclient_id = "app"\nname = "Pill app"\nredirect_uris = ["{BACK}"]\nscopes = {scopes}\n'
        'launch_url = "https://app.example/launch"\n'
        f'[[client]]\nclient_id = "keyed"\nname = "Keyed app"\nredirect_uris = ["{BACK}"]\n'
        f'scopes = {scopes}\njwks_file = "app.json"\n'
    )


@pytest.fixture
def clock() -> HandClock:
    from bedside.store.sql_ledger import utc_now

    return HandClock(utc_now())


@pytest.fixture
def site(tmp_path: Path, clock: HandClock) -> Iterator[Pages]:
    """The pages, with the pharmacist signed in."""
    path = tmp_path / "access.toml"
    path.write_text(access_text(tmp_path))
    settings = Settings(
        store_url=f"sqlite:///{tmp_path / 'ledger.db'}", access_file=str(path), public_url=PUBLIC
    )
    house = open_house(settings, clock=clock)
    for person in (ANNA, BEN):
        record(house, person, {"CYP2C19": "*2/*2"})
        house.ledger.append([NewEvent(EventKind.PERSON_REGISTERED, "test", WHEN, person, {"family": person})])
    made = Pages(create_app(house), house, base=PUBLIC)
    signed_in(made, TOKEN)
    yield made
    house.close()


def signed_in(site: Pages, token: str) -> None:
    assert site.post("/sign-in", on="/sign-in", token=token).status_code == 303


def asking(**changed: str | None) -> dict[str, str]:
    asked: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": BACK,
        "scope": "launch/patient patient/Observation.rs patient/Patient.rs",
        "state": "s1",
        "aud": f"{PUBLIC}/fhir",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changed,
    }
    return {name: value for name, value in asked.items() if value is not None}


def told(answer: Any) -> dict[str, str]:
    """What the app is told at its address."""
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    assert address.startswith(BACK), address
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def approved(site: Pages, person: str = ANNA, **changed: str | None) -> str:
    """The code of a request that the signed-in person allows."""
    answer = site.get(f"{AUTHORIZE}?{urlencode(asking(**changed))}")
    page = answer.headers["location"]
    assert page.startswith("/auth/approve/")
    shown = site.get(page)
    assert "form-action 'self' https://app.example;" in shown.headers["content-security-policy"]
    chosen = site.address(person).rsplit("/", 1)[1]
    back = told(site.post(page, on=page, answer="allow", person=chosen))
    assert back["state"] == "s1"
    assert site.get(page).status_code == 404
    return back["code"]


def redeem(site: Pages, code: str, **changed: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": "app",
        "code_verifier": VERIFIER,
        **changed,
    }
    return site.send("POST", ASKED_AT, data=form)


def bearer(given: Mapping[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {given['access_token']}"}


def statuses(site: Pages, given: Mapping[str, Any], other: str) -> dict[str, int]:
    """What the token opens of its own person and of another."""
    site.cookies.clear()
    mine, theirs = given["patient"], site.address(other).rsplit("/", 1)[1].replace("_", ".")
    paths = {
        "own": f"/fhir/Observation?patient={mine}",
        "own by id": f"/fhir/Patient/{mine}",
        "foreign": f"/fhir/Observation?patient={theirs}",
        "foreign by id": f"/fhir/Patient/{theirs}",
        "foreign by own id of the house": f"/fhir/Observation?patient={other}",
        "not in scope": f"/fhir/Condition?patient={mine}",
        "everything": f"/fhir/Patient/{mine}/$everything",
        "page": site.address(other),
    }
    return {name: site.send("GET", path, headers=bearer(given)).status_code for name, path in paths.items()}


ONLY_OWN = {
    "own": 200,
    "own by id": 200,
    "foreign": 403,
    "foreign by id": 403,
    "foreign by own id of the house": 403,
    "not in scope": 403,
    "everything": 403,
    "page": 403,
}


def test_an_app_that_somebody_allows_for_a_person_opens_that_person_only(site: Pages) -> None:
    given = redeem(site, approved(site)).json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == (
        "bearer",
        3600,
        "launch/patient patient/Observation.rs patient/Patient.rs",
    )
    everybody = site.send("GET", "/fhir/Patient", headers=bearer(given)).json()
    assert [entry["resource"]["id"] for entry in everybody["entry"]] == [given["patient"]]
    assert statuses(site, given, BEN) == ONLY_OWN
    actors = {one.actor for one in site.house.ledger.events() if one.kind is EventKind.ACCESSED}
    assert "Pharmacist with Pill app" in actors


def test_an_app_opened_from_a_chart_is_about_that_person_without_a_choice(site: Pages) -> None:
    page = site.address(ANNA, "/apps")
    answer = site.post(page, on=page, app="app")
    launch = parse_qs(urlsplit(answer.headers["location"]).query)
    assert launch["iss"] == [f"{PUBLIC}/fhir"]
    scope = "launch patient/Observation.rs patient/Patient.rs"
    code = approved(site, BEN, scope=scope, launch=launch["launch"][0])
    given = redeem(site, code).json()
    assert statuses(site, given, BEN) == ONLY_OWN
    signed_in(site, TOKEN)
    again = site.get(f"{AUTHORIZE}?{urlencode(asking(scope=scope, launch=launch['launch'][0]))}")
    assert told(again)["error"] == "invalid_request"


def test_an_app_sees_no_more_than_who_allowed_it(site: Pages) -> None:
    site.cookies.clear()
    signed_in(site, WARD)
    answer = site.get(f"{AUTHORIZE}?{urlencode(asking())}")
    page = answer.headers["location"]
    assert ANNA not in re.sub("<[^>]*>", "", site.get(page).text)
    foreign = site.address(ANNA).rsplit("/", 1)[1]
    assert site.post(page, on=page, answer="allow", person=foreign).status_code == 403
    assert site.post(page, on=page, answer="allow").status_code == 422
    given = redeem(site, approved(site, BEN, scope="user/Observation.rs")).json()
    assert "patient" not in given
    site.cookies.clear()
    for person, status in ((ANNA, 403), (BEN, 200)):
        path = f"/fhir/Observation?patient={person}"
        assert site.send("GET", path, headers=bearer(given)).status_code == status


def test_somebody_who_is_not_signed_in_signs_in_and_comes_back(site: Pages) -> None:
    site.cookies.clear()
    page = site.get(f"{AUTHORIZE}?{urlencode(asking())}").headers["location"]
    shown = site.get(page)
    assert (shown.status_code, f"/sign-in?next={page}" in shown.text) == (401, True)
    answer = site.post("/sign-in", on="/sign-in", token=TOKEN, next=page)
    assert answer.headers["location"] == page
    for foreign in ("//evil.example/", "https://evil.example", "/\\evil.example", "javascript:x"):
        answer = site.post("/sign-in", on="/sign-in", token=TOKEN, next=foreign)
        assert answer.headers["location"] == "/"


def test_what_somebody_does_not_allow_gives_no_code(site: Pages) -> None:
    page = site.get(f"{AUTHORIZE}?{urlencode(asking())}").headers["location"]
    assert told(site.post(page, on=page, answer="deny")) == {"error": "access_denied", "state": "s1"}
    assert site.get(page).status_code == 404


WRONG = {
    "another way": {"response_type": "token"},
    "no state": {"state": None},
    "no proof": {"code_challenge": None},
    "a plain proof": {"code_challenge_method": "plain"},
    "a short proof": {"code_challenge": "x"},
    "another server": {"aud": "https://other.example/fhir"},
    "no server": {"aud": None},
    "the whole server": {"scope": "system/*.rs"},
    "writing": {"scope": "patient/*.cruds"},
    "an identity": {"scope": "openid fhirUser patient/*.rs"},
    "a refresh": {"scope": "offline_access patient/*.rs"},
    "nothing": {"scope": ""},
    "an unknown launch": {"scope": "launch patient/*.rs", "launch": "made-up"},
    "a launch without its scope": {"launch": "made-up"},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_request_is_told_to_the_app_with_the_reason(
    site: Pages, changed: Mapping[str, str | None]
) -> None:
    back = told(site.get(f"{AUTHORIZE}?{urlencode(asking(**changed))}"))
    assert back["error"].startswith(("invalid_", "unsupported_"))
    assert back["error_description"]
    assert "code" not in back


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"redirect_uri": f"{BACK}/more"},
        {"redirect_uri": f"{BACK}?a=b"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_registered(
    site: Pages, changed: Mapping[str, str | None]
) -> None:
    answer = site.get(f"{AUTHORIZE}?{urlencode(asking(**changed))}")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "https://app.example/other"},
        {"client_id": "keyed"},
    ],
)
def test_a_code_without_its_proof_gives_nothing_and_is_gone(site: Pages, changed: Mapping[str, str]) -> None:
    code = approved(site)
    assert redeem(site, code, **changed).status_code in (400, 401)
    second = redeem(site, code)
    assert (second.status_code == 200) == ("client_id" in changed)


def test_a_code_serves_once_and_a_second_use_ends_its_token(site: Pages) -> None:
    code = approved(site)
    given = redeem(site, code).json()
    path = f"/fhir/Patient/{given['patient']}"
    assert site.send("GET", path, headers=bearer(given)).status_code == 200
    assert redeem(site, code).json()["error"] == "invalid_grant"
    assert site.send("GET", path, headers=bearer(given)).status_code == 401


def test_a_code_is_over_after_a_minute_and_a_token_after_an_hour(site: Pages, clock: HandClock) -> None:
    late = approved(site)
    clock.turn(seconds=61)
    assert redeem(site, late).json()["error"] == "invalid_grant"
    given = redeem(site, approved(site)).json()
    clock.now += timedelta(seconds=3601)
    path = f"/fhir/Patient/{given['patient']}"
    assert site.send("GET", path, headers=bearer(given)).status_code == 401


def test_an_app_with_keys_proves_itself_as_well(site: Pages) -> None:
    code = approved(site, client_id="keyed")
    assert redeem(site, code, client_id="keyed").json()["error"] == "invalid_client"
    signed = {"client_assertion_type": ASSERTION, "client_assertion": assertion("keyed")}
    assert redeem(site, code, client_id="keyed", **signed).status_code == 200


def test_no_code_and_no_token_is_given_that_is_not_on_record(site: Pages) -> None:
    code = approved(site)
    page = site.get(f"{AUTHORIZE}?{urlencode(asking())}").headers["location"]
    shown = site.get(page).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', shown)
    assert csrf
    chosen = site.address(ANNA).rsplit("/", 1)[1]
    site.house.audit.close()
    form = {"csrf": csrf[1], "answer": "allow", "person": chosen}
    assert site.send("POST", page, data=form).status_code == 503
    assert redeem(site, code).status_code == 503


def test_a_request_needs_a_person_where_its_scopes_are_about_one(site: Pages) -> None:
    from bedside.service.app_launch import allow
    from bedside.service.authorise import LOCAL_OPERATOR, Gate

    gate = Gate(site.house.settings)
    from bedside.service.app_launch import ask

    kinds = frozenset({"Observation"})
    pending = gate.launches.pending.take(
        ask(site.house, gate, asking(scope="patient/Observation.rs"), kinds), site.house.clock()
    )
    assert pending is not None
    with pytest.raises(RequestError):
        allow(site.house, gate, pending, LOCAL_OPERATOR, None)
