"""Bedside opened from an EHR: that patient's chart for whoever signed in there, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import open_house
from bedside.settings import Settings
from bedside.web.app import create_app
from tests.contract.site import WHEN, record
from tests.small_ehr import USER, SmallEhr, public_keys, small_ehr
from tests.unit.web.conftest import Pages

PUBLIC = "https://bedside.example"
ANNA, BEN = "anna", "ben"
MRN = "urn:hospital"


def launch_file(folder: Path, ehr: SmallEhr, more: str = "") -> Path:
    """An access file that names the EHR."""
    (folder / "ehr.json").write_text(json.dumps(public_keys()))
    path = folder / "access.toml"
    path.write_text(
        f'[[launch_from]]\nname = "General"\niss = "{ehr.iss}"\nclient_id = "bedside"\n'
        f'jwks_file = "ehr.json"\npatient_system = "urn:ehr"\nroles = ["prescriber"]\n{more}'
    )
    return path


@pytest.fixture
def ehr() -> Iterator[SmallEhr]:
    with small_ehr() as made:
        made.redirects.add(f"{PUBLIC}/launch/callback")
        yield made


@pytest.fixture
def site(tmp_path: Path, ehr: SmallEhr) -> Iterator[Pages]:
    settings = Settings(
        store_url=f"sqlite:///{tmp_path / 'ledger.db'}",
        access_file=str(launch_file(tmp_path, ehr)),
        public_url=PUBLIC,
        frame_ancestors=ehr.base,
    )
    house = open_house(settings)
    for person, number in ((ANNA, "1"), (BEN, "2")):
        record(house, person, {"CYP2C19": "*2/*2"})
        numbers = [{"system": "urn:ehr", "value": f"ehr-{number}"}, {"system": MRN, "value": number}]
        said = {"family": person, "identifiers": numbers}
        house.ledger.append([NewEvent(EventKind.PERSON_REGISTERED, "test", WHEN, person, said)])
    yield Pages(create_app(house), house, base=PUBLIC)
    house.close()


def signed_in(address: str) -> str:
    """The address that the EHR sends somebody back to; the browser's part is played by hand."""
    answer = httpx.get(address, follow_redirects=False, trust_env=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def came(site: Pages, ehr: SmallEhr, path: str = "/launch", **query: str) -> httpx.Response:
    """The answer to whoever comes back."""
    asked = {"iss": ehr.iss, "launch": "l1", **query} if path == "/launch" else query
    answer = site.get(f"{path}?{urlencode(asked)}")
    assert answer.status_code == 303, answer.text
    back = signed_in(answer.headers["location"])
    return site.get(back.removeprefix(PUBLIC))


def test_a_launch_lands_in_the_open_patient_s_chart_and_opens_no_other(site: Pages, ehr: SmallEhr) -> None:
    answer = came(site, ehr)
    assert (answer.status_code, answer.headers["location"]) == (303, site.address(ANNA))
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "access" in one)
    assert cookie.startswith("__Host-bedside-access=")
    assert cookie.endswith("; Path=/; HttpOnly; Secure; SameSite=None; Partitioned")
    assert site.get(site.address(ANNA)).status_code == 200
    assert site.get(site.address(BEN)).status_code == 403
    assert site.get("/knowledge").status_code == 200
    assert site.get("/cohort").status_code == 403
    seen = [one for one in site.house.ledger.events(person=ANNA) if one.payload.get("page") == "launch"]
    assert [one.actor for one in seen] == [f"{USER} at General"]


def test_somebody_who_begins_here_signs_in_there(site: Pages, ehr: SmallEhr) -> None:
    assert came(site, ehr, "/launch/standalone").headers["location"] == site.address(ANNA)


def test_a_patient_is_found_by_another_registered_number(site: Pages, ehr: SmallEhr) -> None:
    ehr.patient, ehr.identifiers = "unknown-7", [{"system": MRN, "value": "2"}]
    assert came(site, ehr).headers["location"] == site.address(BEN)


@pytest.mark.parametrize(
    "identifiers",
    [
        [],
        [{"system": MRN, "value": "9"}],
        [{"system": "urn:other", "value": "1"}],
        [{"system": MRN, "value": "1"}, {"system": MRN, "value": "2"}],
    ],
)
def test_a_patient_who_is_nobody_or_two_people_here_opens_nothing(
    site: Pages, ehr: SmallEhr, identifiers: list[dict[str, str]]
) -> None:
    ehr.patient, ehr.identifiers = "unknown-7", identifiers
    answer = came(site, ehr)
    assert (answer.status_code, "Nothing was opened" in answer.text) == (404, True)
    assert not any("access" in one for one in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    "iss", ["", "http://127.0.0.1:9/fhir", "http://169.254.169.254/latest", "https://evil.example/fhir"]
)
def test_an_ehr_that_is_not_in_the_access_file_is_never_asked(site: Pages, ehr: SmallEhr, iss: str) -> None:
    assert site.get(f"/launch?{urlencode({'iss': iss, 'launch': 'x'})}").status_code == 403
    assert site.get(f"/launch/standalone?{urlencode({'iss': iss or 'x'})}").status_code == 403
    assert ehr.asked == []


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/", "https://evil.example/token", "file:///etc/passwd", "", "//x"]
)
def test_an_ehr_cannot_send_us_to_another_host(site: Pages, ehr: SmallEhr, name: str, address: str) -> None:
    ehr.configuration[name] = address
    answer = site.get(f"/launch?{urlencode({'iss': ehr.iss, 'launch': 'x'})}")
    assert (answer.status_code, "The EHR did not answer" in answer.text) == (502, True)


def test_a_foreign_window_cannot_bring_a_code(site: Pages, ehr: SmallEhr) -> None:
    answer = site.get(f"/launch?{urlencode({'iss': ehr.iss, 'launch': 'x'})}")
    back = signed_in(answer.headers["location"]).removeprefix(PUBLIC)
    other = Pages(site.app, site.house, base=PUBLIC)
    other.get("/about")
    assert other.get(back).status_code == 403
    assert site.get(back).status_code == 403


def test_a_state_serves_once_and_a_made_up_one_never(site: Pages, ehr: SmallEhr) -> None:
    answer = site.get(f"/launch?{urlencode({'iss': ehr.iss, 'launch': 'x'})}")
    back = signed_in(answer.headers["location"]).removeprefix(PUBLIC)
    assert [site.get(back).status_code for _ in range(2)] == [303, 403]
    assert site.get("/launch/callback?state=x&code=y").status_code == 403
    assert site.get("/launch/callback?error=access_denied").status_code == 403


WRONG: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "other"}},
    "another audience": {"claims": {"aud": "other"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "over": {"claims": {"exp": 1}},
    "no identity": {"answers": {"id_token": None}},
    "a forged identity": {"answers": {"id_token": "a.b.c"}},
    "no patient": {"answers": {"patient": None}},
    "a patient that is a path": {"answers": {"patient": "../../admin"}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_an_ehr_that_does_not_say_who_or_whom_lets_nobody_in(
    site: Pages, ehr: SmallEhr, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(ehr, name, value)
    answer = came(site, ehr)
    assert (answer.status_code, "location" in answer.headers) == (502, False)
    assert "/admin" not in ehr.asked


def test_nobody_is_let_in_who_is_not_on_record(site: Pages, ehr: SmallEhr) -> None:
    site.house.audit.close()
    assert came(site, ehr).status_code == 503


def test_without_a_state_of_ours_the_ehr_is_not_asked_for_a_token(site: Pages, ehr: SmallEhr) -> None:
    assert site.get("/launch/callback?state=made-up&code=c").status_code == 403
    assert ehr.asked == []
