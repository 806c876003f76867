"""A small EHR with an authorization server of its own, on loopback: signs somebody in, opens a patient."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from bedside.service.app_launch import challenge_of

KEY = ec.generate_private_key(ec.SECP256R1())
USER = "Practitioner/7"


def public_keys() -> dict[str, Any]:
    """The keys of its id tokens."""
    made = jwt.get_algorithm_by_name("ES256").to_jwk(KEY.public_key(), as_dict=True)
    return {"keys": [{**made, "kid": "ehr", "crv": "P-256"}]}


@dataclass
class SmallEhr:
    """The EHR: where it is, who its open patient is, and what it does wrong on purpose."""

    base: str
    patient: str = "ehr-1"
    identifiers: list[dict[str, str]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    redirects: set[str] = field(default_factory=set)
    configuration: dict[str, Any] = field(default_factory=dict)
    frame: str = ""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def iss(self) -> str:
        """Its FHIR address."""
        return f"{self.base}/fhir"

    def authorize(self, query: Mapping[str, str]) -> str:
        """Somebody is signed in already and allows it; the address to go back to."""
        wanted = ("client_id", "redirect_uri", "state", "code_challenge", "aud", "nonce", "scope")
        assert all(query.get(name) for name in wanted), query
        assert query["client_id"] == "bedside"
        assert query["redirect_uri"] in self.redirects
        assert query["aud"] == self.iss
        assert query["code_challenge_method"] == "S256"
        assert ("launch" in query) == ("launch" in query["scope"].split())
        code = secrets.token_urlsafe(16)
        self.codes[code] = dict(query)
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """What a code gives."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or challenge_of(form["code_verifier"]) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.iss,
            "sub": "7",
            "aud": "bedside",
            "exp": int(time.time()) + 300,
            "iat": int(time.time()),
            "nonce": asked["nonce"],
            "fhirUser": USER,
            **self.claims,
        }
        identity = jwt.encode(claims, KEY, "ES256", headers={"kid": "ehr"})
        given = {"access_token": "t", "token_type": "bearer", "patient": self.patient, "id_token": identity}
        return 200, {name: value for name, value in {**given, **self.answers}.items() if value is not None}

    def configured(self) -> dict[str, Any]:
        """Its smart-configuration."""
        return {
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            **self.configuration,
        }


def _handler(ehr: SmallEhr) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

        def _send(self, status: int, value: object, kind: str = "application/json") -> None:
            body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            ehr.asked.append(parts.path)
            if parts.path == "/fhir/.well-known/smart-configuration":
                self._send(200, ehr.configured())
            elif parts.path == "/authorize":
                self.send_response(303)
                self.send_header("location", ehr.authorize(query))
                self.send_header("content-length", "0")
                self.end_headers()
            elif parts.path == f"/fhir/Patient/{ehr.patient}":
                known = self.headers.get("authorization") == "Bearer t"
                resource = {"resourceType": "Patient", "id": ehr.patient, "identifier": ehr.identifiers}
                self._send(200 if known else 401, resource if known else {})
            elif parts.path == "/chart":
                page = (
                    f'<!doctype html><title>EHR</title><iframe src="{ehr.frame}" width="1000" height="800">'
                )
                self._send(200, f"{page}</iframe>", "text/html")
            else:
                self._send(404, {})

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            ehr.asked.append(self.path)
            self._send(*ehr.token(form))

    return Handler


@contextmanager
def small_ehr() -> Iterator[SmallEhr]:
    """The EHR, served on http://localhost, which is another site than http://127.0.0.1."""
    ehr = SmallEhr("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(ehr))
    ehr.base = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
