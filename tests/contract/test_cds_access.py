"""Who may come in: nobody who was not let in here."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.routing import Route

from bedside.errors import Refused, SettingsError
from bedside.service.access import Access, Permission, TrustedEhr
from bedside.service.access_file import read_access
from bedside.service.authorise import (
    LOCAL_OPERATOR,
    Caller,
    Gate,
    NotIdentified,
    Principal,
    authorise,
)
from bedside.service.verify_jwt import SeenOnce, verify
from bedside.settings import Settings
from tests.contract.site import ORDER_SIGN, Site, genotypes, medication, open_site, request

PUBLIC = "https://cds.example"
ISSUER = "https://ehr.example"
KEY = ec.generate_private_key(ec.SECP384R1())
OTHER = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
TOKEN = "a-long-random-token"
ALL = [one.value for one in Permission]


def public(key: Any, kid: str, algorithm: str) -> dict[str, Any]:
    made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**made, "kid": kid}


EHR = TrustedEhr(
    "ehr",
    ISSUER,
    {"one": public(KEY, "one", "ES384"), "two": public(RSA_KEY, "two", "RS384")},
    jku=f"{ISSUER}/jwks",
)
ACCESS = Access({ISSUER: EHR})


def signed(
    key: Any = KEY, algorithm: str = "ES384", header: Mapping[str, Any] | None = None, **claims: Any
) -> str:
    now = int(time.time())
    body = {
        "iss": ISSUER,
        "aud": f"{PUBLIC}{ORDER_SIGN}",
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid4()),
        **claims,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(body, key, algorithm, headers={"kid": "one", **(header or {})})


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Site]:
    settings = Settings(public_url=PUBLIC)
    made = open_site(tmp_path, gate=Gate(settings, ACCESS), public_url=PUBLIC)
    yield made
    made.house.close()


def status(site: Site, token: str | None) -> int:
    body = request(
        "order-sign", medication("clopidogrel"), prefetch={"genotypes": genotypes("CYP2C19 *2/*2")}
    )
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return site.ask("POST", ORDER_SIGN, body, headers).status_code


def test_a_trusted_ehr_is_served_with_either_algorithm(guarded: Site) -> None:
    assert status(guarded, signed()) == 200
    assert status(guarded, signed(RSA_KEY, "RS384", {"kid": "two"})) == 200
    assert status(guarded, signed(header={"jku": f"{ISSUER}/jwks"})) == 200


def test_a_token_serves_once(guarded: Site) -> None:
    token = signed()
    assert (status(guarded, token), status(guarded, token)) == (200, 401)


NOW = int(time.time())
BAD = {
    "nobody": None,
    "not a token": "x.y.z",
    "another key": signed(OTHER),
    "an unknown key id": signed(header={"kid": "three"}),
    "the other key's id": signed(header={"kid": "two"}),
    "a shared secret": signed("s" * 64, "HS384"),
    "no signature": signed("", "none"),
    "a weaker curve": signed(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "an untrusted issuer": signed(iss="https://evil.example"),
    "another address": signed(aud=f"{PUBLIC}/cds-services/another"),
    "the bare server": signed(aud=PUBLIC),
    "no audience": signed(aud=None),
    "expired": signed(iat=NOW - 700, exp=NOW - 400),
    "from the future": signed(iat=NOW + 86_400, exp=NOW + 86_700),
    "living too long": signed(exp=NOW + 86_400),
    "without end": signed(exp=None),
    "without beginning": signed(iat=None),
    "without identifier": signed(jti=None),
    "keys elsewhere": signed(header={"jku": "https://evil.example/jwks"}),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
def test_anything_else_is_401_and_not_told_why_in_the_token_s_words(guarded: Site, token: str | None) -> None:
    assert status(guarded, token) == 401


def test_the_specification_s_own_token_verifies_at_its_time(shared: Path) -> None:
    vector = json.loads((shared / "cds_hooks" / "spec_jwt_vector.json").read_text())
    claims = jwt.decode(vector["token"], options={"verify_signature": False})
    header = jwt.get_unverified_header(vector["token"])
    keys = {key["kid"]: key for key in vector["jwks"]["keys"]}
    ehr = TrustedEhr("spec", claims["iss"], keys, header["jku"])
    then = datetime.fromtimestamp(claims["iat"], UTC) + timedelta(seconds=5)
    long = Access({claims["iss"]: ehr}, longest_seconds=claims["exp"] - claims["iat"])
    assert verify(vector["token"], long, claims["aud"], then, SeenOnce()) is ehr
    with pytest.raises(Refused, match="expired"):
        verify(vector["token"], long, claims["aud"], datetime.now(UTC), SeenOnce())
    with pytest.raises(Refused, match="300 seconds at most"):
        verify(vector["token"], Access({claims["iss"]: ehr}), claims["aud"], then, SeenOnce())


def test_the_sandbox_s_token_verifies_at_its_time(shared: Path) -> None:
    token = (shared / "cds_hooks" / "sandbox-jwt-example.txt").read_text().split()[1]
    keys = json.loads((shared / "cds_hooks" / "sandbox-jwks.json").read_text())["keys"]
    claims = jwt.decode(token, options={"verify_signature": False})
    ehr = TrustedEhr(
        "sandbox", claims["iss"], {key["kid"]: key for key in keys}, jwt.get_unverified_header(token)["jku"]
    )
    then = datetime.fromtimestamp(claims["iat"] + 1, UTC)
    assert verify(token, Access({ehr.issuer: ehr}), claims["aud"], then, SeenOnce()) is ehr
    forged = token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
    with pytest.raises(Refused, match="InvalidSignatureError"):
        verify(forged, Access({ehr.issuer: ehr}), claims["aud"], then, SeenOnce())


# --- the choke point

PRINCIPALS = {
    "local operator": LOCAL_OPERATOR,
    "nothing granted": Principal("nothing", frozenset()),
    **{f"only {one.value}": Principal(one.value, frozenset({one})) for one in Permission},
}


@pytest.mark.parametrize("principal", PRINCIPALS.values(), ids=PRINCIPALS.keys())
@pytest.mark.parametrize("permission", list(Permission))
def test_what_is_not_granted_is_refused(principal: Principal, permission: Permission) -> None:
    if permission in principal.permissions:
        authorise(principal, permission)
        return
    with pytest.raises(Refused):
        authorise(principal, permission)


def test_a_caller_limited_to_some_people_opens_no_other_record() -> None:
    limited = Principal("one person's app", frozenset(Permission), people=frozenset({"p1"}))
    authorise(limited, Permission.CHART, "p1")
    authorise(limited, Permission.TASKS)
    with pytest.raises(Refused, match="may not open this record"):
        authorise(limited, Permission.CHART, "p2")


def test_every_route_is_guarded_and_refuses_whoever_lacks_its_permission(tmp_path: Path) -> None:
    """Taken from the route table: a route that forgets its guard fails here."""
    held = hashlib.sha256(TOKEN.encode()).hexdigest()
    for granted in Permission:
        access = Access(tokens={held: _holder(held, granted)})
        folder = tmp_path / granted.value
        folder.mkdir()
        made = open_site(folder, gate=Gate(Settings(), access))
        try:
            for route in made.app.routes:
                assert isinstance(route, Route)
                needed = route.endpoint.permission
                method = next(iter((route.methods or set()) - {"OPTIONS", "HEAD"}))
                path = route.path.replace("{service}", "bedside-pgx-order-sign")
                unknown = made.ask(method, path, {})
                known = made.ask(method, path, {}, {"authorization": f"Bearer {TOKEN}"})
                assert unknown.status_code == 401, path
                assert (known.status_code == 403) == (needed is not granted), path
        finally:
            made.house.close()


def _holder(held: str, *granted: Permission) -> Any:
    from bedside.service.access import TokenHolder

    return TokenHolder("somebody", held, frozenset(granted))


# --- settings


def test_a_server_others_can_reach_does_not_start_without_an_access_file() -> None:
    with pytest.raises(SettingsError, match="BEDSIDE_ACCESS_FILE"):
        Gate(Settings(host="0.0.0.0"))


def test_loopback_serves_its_operator_under_its_own_name_only() -> None:
    gate = Gate(Settings())
    now = datetime.now(UTC)
    assert gate.admit(Caller("", "127.0.0.1:8000", "/"), now) is LOCAL_OPERATOR
    assert gate.admit(Caller("", "[::1]:8000", "/"), now) is LOCAL_OPERATOR
    with pytest.raises(NotIdentified):
        gate.admit(Caller("", "evil.example", "/"), now)


CROOKED_HOSTS = (
    "[",
    "[::1",
    "127.0.0.1:x",
    "127.0.0.1/cds-services/x?",
    "a@127.0.0.1",
    "testserver",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "",
)


@pytest.mark.parametrize("host", CROOKED_HOSTS)
def test_no_patient_s_card_goes_to_who_names_the_machine_in_a_crooked_way(tmp_path: Path, host: str) -> None:
    made = open_site(tmp_path)
    try:
        body = request(
            "order-sign", medication("clopidogrel"), prefetch={"genotypes": genotypes("CYP2C19 *2/*2")}
        )
        assert made.ask("POST", ORDER_SIGN, body, {"host": "localhost:8000"}).status_code == 200
        assert made.ask("POST", ORDER_SIGN, body, {"host": host}).status_code == 401
    finally:
        made.house.close()


def test_a_token_for_another_address_opens_no_patient_s_cards_whatever_the_host_header_says(
    guarded: Site,
) -> None:
    elsewhere = "/cds-services/bedside-pgx-patient-view"
    body = request("order-sign", medication("clopidogrel"), prefetch={"genotypes": genotypes()})
    headers = {
        "authorization": f"Bearer {signed(aud=PUBLIC + elsewhere)}",
        "host": f"cds.example{elsewhere}?",
    }
    assert guarded.ask("POST", ORDER_SIGN, body, headers).status_code == 401
    headers = {"authorization": f"Bearer {signed()}", "host": "["}
    assert guarded.ask("POST", ORDER_SIGN, body, headers).status_code == 200


def test_an_access_file_ends_the_local_operator_also_on_loopback(tmp_path: Path) -> None:
    path = tmp_path / "access.toml"
    path.write_text(
        f'[[token]]\nname = "pages"\ntoken_sha256 = "{hashlib.sha256(TOKEN.encode()).hexdigest()}"\n'
        'permissions = ["chart", "people"]\n'
    )
    gate = Gate(Settings(access_file=str(path)))
    now = datetime.now(UTC)
    with pytest.raises(NotIdentified):
        gate.admit(Caller("", "127.0.0.1", "/"), now)
    with pytest.raises(NotIdentified):
        gate.admit(Caller("Bearer wrong", "127.0.0.1", "/"), now)
    admitted = gate.admit(Caller(f"Bearer {TOKEN}", "127.0.0.1", "/"), now)
    assert admitted == Principal("pages", frozenset({Permission.CHART, Permission.PEOPLE}))


def test_a_trusted_ehr_needs_the_address_its_tokens_name() -> None:
    with pytest.raises(SettingsError, match="BEDSIDE_PUBLIC_URL"):
        Gate(Settings(), ACCESS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml",
        '[[token]]\nname = "x"\ntoken_sha256 = "short"\n',
        '[[token]]\nname = "x"\ntoken_sha256 = "' + "0" * 64 + '"\npermissions = ["everything"]\n',
        '[[ehr]]\nname = "x"\nissuer = "y"\njwks = { keys = [] }\n',
        '[[ehr]]\nname = "x"\nissuer = "y"\njwks = { keys = [{ kid = "k", kty = "oct", k = "c2VjcmV0" }] }\n',
        '[[ehr]]\nname = "x"\nissuer = "y"\njwks = { keys = [{ kid = "k", kty = "EC", d = "private" }] }\n',
        'longest_seconds = 0\n[[token]]\nname = "x"\ntoken_sha256 = "' + "0" * 64 + '"\n',
    ],
)
def test_an_access_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "access.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match="access file"):
        read_access(path)
