"""Where Bedside speaks to others: only where it was told to, never where an answer or a document sends it. A
document that names another patient or house reaches nobody else."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bedside.errors import Refused
from bedside.exchange import ehr_http
from bedside.exchange.ehr_http import EhrUnavailable, get_json, may_ask
from bedside.exchange.payer import SUBMIT, ask_payer
from bedside.genome.event import EventKind
from bedside.service.access import Access, Permission, TokenHolder, token_digest
from bedside.service.authorise import Gate
from bedside.service.fhir_record import FhirIds
from bedside.service.record_ids import record_ids
from bedside.web.app import create_app
from tests.conftest import ROOT
from tests.contract.test_access_matrix import Ask, Served, answers
from tests.made_up_record import AMARA, INGRID, open_record

NAMED = frozenset({"ehr.example.org", "127.0.0.1:8899"})
ELSEWHERE = (
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/",
    "http://127.0.0.1/",
    "http://127.0.0.1:22/",
    "http://localhost:8899/",
    "http://[::1]:8899/",
    "http://0.0.0.0:8899/",
    "http://2130706433/",
    "http://10.0.0.7/fhir",
    "https://ehr.example.org.evil.example/",
    "https://ehr.example.org@evil.example/",
    "https://evil.example#ehr.example.org",
    "https://evil.example\\@ehr.example.org/",
    "https://ehr.example.org:8443/",
    "http://ehr.example.org/",
    "file:///etc/passwd",
    "ftp://ehr.example.org/",
    "gopher://127.0.0.1:8899/",
    "//ehr.example.org/",
    "",
)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_client_asks_an_address_that_was_not_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor resolves its name: a name that later points elsewhere (rebinding) is never looked up."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr("socket.getaddrinfo", never)
    monkeypatch.setattr("socket.create_connection", never)
    assert not may_ask(address, NAMED)
    with pytest.raises(EhrUnavailable, match="names an address that the access file does not") as error:
        get_json(address, NAMED)
    assert "evil" not in str(error.value)
    with pytest.raises(Refused) as refused:
        ask_payer(address, SUBMIT, b"{}", [f"https://{one}" for one in sorted(NAMED)])
    assert "evil" not in str(refused.value)


@contextmanager
def listening(status: int, location: str, body: bytes = b"{}") -> Iterator[tuple[str, list[str]]]:
    """A server that answers one thing and writes down what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            if location:
                self.send_header("location", location)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        listening(200, "") as (inner, reached),
        listening(status, f"http://{inner}/secret") as (outer, asked),
    ):
        with pytest.raises(EhrUnavailable):
            get_json(f"http://{outer}/x", {outer, inner})
        assert (asked, reached) == (["/x"], [])


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    body = b'{"x": "' + b"y" * (ehr_http.LARGEST + 10) + b'"}'
    with listening(200, "", body) as (host, _), pytest.raises(EhrUnavailable, match="no JSON"):
        get_json(f"http://{host}/x", {host})


CLIENTS = {
    "exchange/ehr_http.py": "the EHR, hosts named in the access file (this file)",
    "exchange/payer.py": "payers of BEDSIDE_PAYERS, pinned (tests/unit/exchange/test_payer.py)",
    "service/site_post.py": "other sites, addresses of the sites file (tests/unit/service/test_sites.py)",
}
"""Every file that opens a connection. One that joins them is looked at by a person, who writes it here."""
SPEAKING = (
    r"^\s*(import|from) (http\.client|urllib\.request|httpx|requests|aiohttp|smtplib)\b|create_connection\("
)


def test_every_file_that_speaks_to_others_is_known_here() -> None:
    source = ROOT / "src" / "bedside"
    speaking = (path for path in source.rglob("*.py") if re.search(SPEAKING, path.read_text(), re.MULTILINE))
    assert {str(path.relative_to(source)) for path in speaking} == set(CLIENTS)


def test_a_bundle_that_names_another_patient_or_tenant_reaches_nobody_else(tmp_path: Path) -> None:
    """Whoever may open Ingrid's record sends Amara's in every place a bundle has; nothing of hers changes."""
    house = open_record(tmp_path)
    holder = TokenHolder("limited", "", frozenset(Permission), frozenset({INGRID}))
    gate = Gate(house.settings, Access(tokens={token_digest("limited"): holder}))
    served = Served(house, gate, create_app(house, gate))
    records = record_ids(house.ledger)
    assert records is not None
    ids = FhirIds(records)
    amara, ingrid = ids.patient(AMARA), ids.patient(INGRID)
    drug = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "32968"}]}
    order = {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{amara}"}, "medicationCodeableConcept": drug,
    }  # fmt: skip
    own = {**order, "subject": {"reference": f"Patient/{ingrid}"}}

    def entry(resource: dict[str, object], method: str, url: str) -> dict[str, object]:
        return {"resource": resource, "request": {"method": method, "url": url}}

    tenant = {"meta": {"tag": [{"system": "urn:tenant", "code": "other"}], "security": [{"code": "other"}]}}
    bundles = [
        [entry(order, "POST", "MedicationRequest")],
        [entry({**own, **tenant}, "POST", f"Patient/{amara}/MedicationRequest")],
        [
            entry(
                {"resourceType": "Patient", "id": amara, "name": [{"family": "Taken"}]},
                "PUT",
                f"Patient/{amara}",
            )
        ],
        [entry(order, "PUT", f"MedicationRequest?subject=Patient/{amara}")],
        [entry({"resourceType": "Patient"}, "GET", f"Patient/{amara}/$everything")],
        [entry({"resourceType": "Patient"}, "GET", f"Observation?patient={amara}&_include=*")],
        [entry({"resourceType": "Patient"}, "DELETE", f"Patient/{amara}")],
        [
            entry(
                {**order, "subject": {"reference": f"https://other.example/fhir/Patient/{amara}"}},
                "POST",
                "MedicationRequest",
            )
        ],
    ]
    before = house.ledger.checkpoint().sequence
    route = next(one for one in served.routes if one.path == "/fhir" and "POST" in (one.methods or ()))
    headers = {"content-type": "application/fhir+json", "x-tenant-id": "other", "x-partition": "other"}
    asks = [
        Ask(
            route,
            "POST",
            "limited",
            address,
            {"json": {"resourceType": "Bundle", "type": kind, **tenant, "entry": one}, "headers": headers},
        )
        for one in bundles
        for kind in ("batch", "transaction")
        for address in ("/fhir", "/fhir?_tenant=other")
    ]
    found = answers(served, asks)
    assert [one.text for one in found if "Okafor" in one.text or "100-24" in one.text] == []
    written = [one for one in house.ledger.events(after=before) if one.person == AMARA]
    assert {one.kind for one in written} <= {EventKind.ACCESS_REFUSED}
    assert len(house.ledger.medications(AMARA)) == 1
    known = house.ledger.person(AMARA)
    assert known is not None
    assert known.family == "Okafor"
    refused = list(house.ledger.events(after=before, kinds=[EventKind.ACCESS_REFUSED]))
    assert refused
    house.close()
