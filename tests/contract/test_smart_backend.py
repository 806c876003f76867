"""SMART Backend Services: a registered program proves itself, asks for scopes, and gets those and no more."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from bedside.errors import SettingsError
from bedside.genome.event import EventKind
from bedside.service.access import Permission
from bedside.service.access_file import read_access
from bedside.service.authorise import Gate
from bedside.service.fhir_record import KINDS
from bedside.service.give_token import ASKED_AT, ASSERTION
from bedside.service.house import House, open_house
from bedside.service.scopes import ScopeError, parse_scope
from bedside.settings import Settings
from bedside.web.app import create_app
from tests.contract.site import record
from tests.unit.web.conftest import Pages

PUBLIC = "https://bedside.example"
KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER = ec.generate_private_key(ec.SECP384R1())


def jwks() -> dict[str, Any]:
    """The public keys of the client."""
    keys = []
    for key, kid, algorithm in ((KEY, "one", "ES384"), (RSA_KEY, "two", "RS384")):
        made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
        keys.append({**made, "kid": kid})
    return {"keys": keys}


def access_file(folder: Path, more: str = "") -> Path:
    """An access file with three clients: one for everything, one narrow, one that may read the audit."""
    (folder / "bulk.json").write_text(json.dumps(jwks()))
    path = folder / "access.toml"
    path.write_text(
        '[[client]]\nclient_id = "bulk"\nname = "warehouse"\njwks_file = "bulk.json"\n'
        'scopes = ["system/*.rs"]\n'
        '[[client]]\nclient_id = "narrow"\nname = "registry"\njwks_file = "bulk.json"\n'
        'scopes = ["system/Observation.rs?category=laboratory", "system/Task.r"]\n'
        '[[client]]\nclient_id = "auditor"\nname = "auditor"\njwks_file = "bulk.json"\n'
        'scopes = ["system/*.rs"]\npermissions = ["discovery", "fhir", "audit", "genome", "chart"]\n' + more
    )
    return path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Pages]:
    settings = Settings(
        store_url=f"sqlite:///{tmp_path / 'ledger.db'}",
        access_file=str(access_file(tmp_path)),
        public_url=PUBLIC,
    )
    house = open_house(settings)
    record(house, "anna", {"CYP2C19": "*2/*2"})
    yield Pages(create_app(house), house, base=PUBLIC)
    house.close()


def assertion(client: str = "bulk", key: Any = KEY, algorithm: str = "ES384", **claims: Any) -> str:
    now = int(time.time())
    body = {
        "iss": client,
        "sub": client,
        "aud": f"{PUBLIC}{ASKED_AT}",
        "exp": now + 240,
        "jti": str(uuid4()),
        **claims,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(body, key, algorithm, headers={"kid": "two" if algorithm == "RS384" else "one"})


def ask(served: Pages, scope: str, signed: str = "", **more: str) -> Any:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": signed or assertion(),
        "scope": scope,
        **more,
    }
    return served.send("POST", ASKED_AT, data=form)


def token(served: Pages, scope: str, client: str = "bulk") -> dict[str, str]:
    """The header of a token that must be given."""
    given = ask(served, scope, assertion(client))
    assert given.status_code == 200, given.text
    return {"authorization": f"Bearer {given.json()['access_token']}"}


def test_a_type_that_is_not_served_is_left_out_and_the_answer_says_so(served: Pages) -> None:
    given = ask(served, "system/Encounter.rs system/Observation.rs")
    assert (given.status_code, given.json()["scope"]) == (200, "system/Observation.rs")


def test_a_program_finds_the_endpoint_and_gets_a_short_token_of_its_scopes(served: Pages) -> None:
    for well_known in ("/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"):
        told = served.get(well_known).json()
        assert told["token_endpoint"] == f"{PUBLIC}{ASKED_AT}"
        assert told["token_endpoint_auth_signing_alg_values_supported"] == ["ES384", "RS384"]
    for key, algorithm in ((KEY, "ES384"), (RSA_KEY, "RS384")):
        given = ask(served, "system/*.rs", assertion("bulk", key, algorithm))
        assert given.headers["cache-control"] == "no-store"
        body = given.json()
        assert (given.status_code, body["token_type"], body["expires_in"], body["scope"]) == (
            200,
            "bearer",
            300,
            "system/*.rs",
        )
        headers = {"authorization": f"Bearer {body['access_token']}"}
        assert served.send("GET", "/fhir/Observation?patient=anna", headers=headers).json()["total"] > 0
    kept = [one for one in served.house.ledger.events() if one.kind is EventKind.ACCESSED]
    assert [one.payload.get("asked") for one in kept if one.payload["page"] == "token"] == ["system/*.rs"] * 2
    statement = served.send("GET", "/fhir/metadata", headers=headers).json()
    (service,) = statement["rest"][0]["security"]["service"]
    assert service["coding"][0]["code"] == "SMART-on-FHIR"


NOW = int(time.time())
BAD = {
    "not a token": "x.y.z",
    "another key": assertion(key=OTHER),
    "an unknown client": assertion("nobody"),
    "another subject": assertion(sub="narrow"),
    "no subject": assertion(sub=None),
    "another address": assertion(aud=f"{PUBLIC}/fhir"),
    "expired": assertion(exp=NOW - 400),
    "living too long": assertion(exp=NOW + 3600),
    "without end": assertion(exp=None),
    "without identifier": assertion(jti=None),
    "a weaker curve": assertion(key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
    "a shared secret": assertion(key="s" * 64, algorithm="HS384"),
    "from the future": assertion(iat=NOW + 900),
}


@pytest.mark.parametrize("signed", BAD.values(), ids=BAD.keys())
def test_who_does_not_prove_themselves_gets_no_token(served: Pages, signed: str) -> None:
    answer = ask(served, "system/*.rs", signed)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_serves_once(served: Pages) -> None:
    signed = assertion()
    statuses = [ask(served, "system/*.rs", signed).status_code for _ in range(2)]
    assert statuses == [200, 401]


@pytest.mark.parametrize(
    ("client", "scope"),
    [
        ("bulk", ""),
        ("bulk", "system:Patient.read"),
        ("bulk", "system/Patient.read"),
        ("bulk", "system/*.*"),
        ("bulk", "system/*.cruds"),
        ("bulk", "system/*.sr"),
        ("bulk", "system/*.rrs"),
        ("bulk", "system/Encounter.rs"),
        ("bulk", "user/*.rs"),
        ("bulk", "patient/*.rs"),
        ("bulk", "system/*.rs launch"),
        ("bulk", "system/*.rs system/Patient.u"),
        ("bulk", "system/*.rs?category=laboratory"),
        ("narrow", "system/*.rs"),
        ("narrow", "system/Observation.rs"),
        ("narrow", "system/Observation.rs?category=other"),
        ("narrow", "system/Observation.rs?status=final"),
        ("narrow", "system/Task.rs"),
        ("narrow", "system/Observation.rs?subject=anna"),
    ],
)
def test_a_scope_is_given_as_registered_or_the_request_is_refused_with_the_reason(
    served: Pages, client: str, scope: str
) -> None:
    answer = ask(served, scope, assertion(client))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), answer.text
    assert answer.json()["error_description"]


@pytest.mark.parametrize(
    "text",
    [
        "system/*.rs",
        "patient/Observation.rs?category=http://x|lab",
        "user/Task.cruds",
        "system/Task.d",
    ],
)
def test_a_scope_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_scope(text)) == text


@pytest.mark.parametrize(
    "text", ["system/ *.rs", "System/*.rs", "system/*.rs ", "system/*.", "system/*.x", "*/*.rs"]
)
def test_no_other_spelling_is_read(text: str) -> None:
    with pytest.raises(ScopeError):
        parse_scope(text)


def test_a_token_opens_what_its_scopes_cover_and_nothing_else(served: Pages) -> None:
    held = token(served, "system/Task.r system/Observation.rs?category=laboratory", "narrow")
    status = {
        path: served.send("GET", path, headers=held).status_code
        for path in (
            "/fhir/Observation?patient=anna",
            "/fhir/Task?patient=anna",
            "/fhir/Patient?_id=anna",
            "/fhir/Condition?patient=anna",
            "/fhir/Patient/anna/$everything",
            "/fhir/$find-subject-haplotypes?subject=anna&genes=CYP2C19",
            "/",
            "/cds-services",
            "/fhir/metadata",
        )
    }
    assert status == {
        "/fhir/Observation?patient=anna": 200,
        "/fhir/Task?patient=anna": 403,
        "/fhir/Patient?_id=anna": 403,
        "/fhir/Condition?patient=anna": 403,
        "/fhir/Patient/anna/$everything": 403,
        "/fhir/$find-subject-haplotypes?subject=anna&genes=CYP2C19": 403,
        "/": 403,
        "/cds-services": 403,
        "/fhir/metadata": 200,
    }


def test_a_narrowed_scope_shows_the_resources_that_fit(tmp_path: Path) -> None:
    narrowed = (
        '[[client]]\nclient_id = "implied"\nname = "implied"\njwks_file = "bulk.json"\n'
        'scopes = ["system/Observation.rs?code=therapeutic-implication"]\n'
    )
    path = access_file(tmp_path, narrowed)
    settings = Settings(
        store_url=f"sqlite:///{tmp_path / 'ledger.db'}", access_file=str(path), public_url=PUBLIC
    )
    house = open_house(settings)
    record(house, "anna", {"CYP2C19": "*2/*2"})
    served = Pages(create_app(house), house, base=PUBLIC)
    every = served.send("GET", "/fhir/Observation?patient=anna", headers=token(served, "system/*.rs")).json()
    scope = "system/Observation.rs?code=therapeutic-implication"
    held = token(served, scope, "implied")
    some = served.send("GET", "/fhir/Observation?patient=anna", headers=held).json()
    assert 0 < some["total"] < every["total"]
    shown = {entry["resource"]["id"] for entry in some["entry"]}
    for entry in every["entry"]:
        identity = entry["resource"]["id"]
        status = served.send("GET", f"/fhir/Observation/{identity}", headers=held).status_code
        assert status == (200 if identity in shown else 404)
    house.close()


def test_every_type_needs_the_permission_as_well_as_the_scope(served: Pages) -> None:
    for client, audit in (("bulk", 403), ("auditor", 200)):
        held = token(served, "system/*.rs", client)
        for kind in KINDS:
            query = "_id=anna" if kind == "Patient" else "patient=anna"
            status = served.send("GET", f"/fhir/{kind}?{query}", headers=held).status_code
            assert status == (audit if kind == "AuditEvent" else 200), kind


def test_no_token_is_given_that_is_not_on_record(served: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    served.house.audit.close()
    assert ask(served, "system/*.rs").status_code == 503


def test_a_token_is_over_after_five_minutes(served: Pages) -> None:
    gate = Gate(served.house.settings)
    house: House = served.house
    now = house.clock()
    from bedside.service.authorise import LOCAL_OPERATOR

    given = gate.grants.issue(LOCAL_OPERATOR, now)
    assert gate.grants.find(given, now) is LOCAL_OPERATOR
    later = now.fromtimestamp(now.timestamp() + 300, now.tzinfo)
    assert gate.grants.find(given, later) is None


@pytest.mark.parametrize(
    "text",
    [
        'client_id = "a"\nname = "a"\nscopes = ["system/*.rs"]',
        'client_id = "a"\nname = "a"\nredirect_uris = ["http://localhost.evil/"]\nscopes = ["user/*.rs"]',
        'client_id = "a"\nname = "a"\nredirect_uris = ["https://a.example/#x"]\nscopes = ["user/*.rs"]',
        'client_id = "a"\nname = "a"\nredirect_uris = ["https://a.example/"]\nscopes = ["user/*.read"]',
        'client_id = "a"\nname = "a"\nredirect_uris = ["https://a.example/"]\nscopes = []',
        'client_id = "a"\nname = "a"\njwks_file = "gone.json"\nscopes = ["user/*.rs"]',
    ],
)
def test_a_client_that_is_registered_wrongly_stops_the_server(tmp_path: Path, text: str) -> None:
    path = tmp_path / "access.toml"
    path.write_text(f"[[client]]\n{text}\n")
    with pytest.raises(SettingsError):
        read_access(path)


def test_a_client_needs_the_address_of_the_server(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BEDSIDE_PUBLIC_URL"):
        Gate(Settings(access_file=str(access_file(tmp_path))))


def test_a_token_of_the_access_file_is_not_limited_by_scopes(tmp_path: Path) -> None:
    held = hashlib.sha256(b"a long token").hexdigest()
    more = f'[[token]]\nname = "desk"\ntoken_sha256 = "{held}"\npermissions = ["discovery"]\n'
    gate = Gate(Settings(access_file=str(access_file(tmp_path, more)), public_url=PUBLIC))
    assert gate.access.tokens[held].permissions == frozenset({Permission.DISCOVERY})
