"""What keeps the pages safe: headers, the token of each form, sizes, who may open what, and errors that
say nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.routing import Route

from bedside.errors import SettingsError, StoreError
from bedside.service.access import Permission
from bedside.service.house import House
from bedside.service.record_ids import record_ids
from bedside.settings import Settings
from bedside.web.app import MACHINES, create_app
from bedside.web.headers import FORM_LIMIT, content_security_policy
from bedside.web.render import STATIC
from bedside.web.session import cookie_attributes, cookie_name
from bedside.web.vendored import vendored
from tests.made_up_record import AMARA, INGRID, open_record
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text

HEADERS = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}


def test_every_kind_of_answer_carries_the_headers(pages: Pages) -> None:
    for address in ("/", pages.address(INGRID), "/people/nobody", "/nowhere", "/cds-services", "/healthz"):
        answer = pages.get(address)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, address


def test_an_ehr_that_may_frame_the_pages_is_named_and_nobody_else() -> None:
    policy = content_security_policy(Settings(frame_ancestors="https://ehr.example https://other.example"))
    assert policy.endswith("frame-ancestors https://ehr.example https://other.example")


def test_no_page_holds_a_script_or_style_inside(pages: Pages) -> None:
    for address in ("/", "/about", "/knowledge", pages.address(INGRID), pages.address(INGRID, "/report")):
        page = pages.get(address).text
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert " onclick" not in page


def test_cookies_are_out_of_reach_of_scripts_and_travel_into_a_frame_only_where_one_is_named() -> None:
    framed = Settings(frame_ancestors="https://ehr.example")
    assert (cookie_name(framed), cookie_attributes(framed)) == (
        "__Host-bedside-session",
        "Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
    )
    assert (
        cookie_attributes(Settings(public_url="https://bedside.example"))
        == "Path=/; HttpOnly; Secure; SameSite=Lax"
    )
    assert cookie_attributes(Settings()) == "Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_without_the_token_of_this_session_is_refused(pages: Pages, token: str) -> None:
    pages.get("/")
    answer = pages.send("POST", "/", data={"csrf": token, "text": "Holm"})
    assert (answer.status_code, "Holm" in answer.text) == (403, False)


def test_a_token_of_another_session_is_refused(house: House, pages: Pages) -> None:
    mine, other = Pages(create_app(house), house), pages
    mine.get("/")
    stolen = other.get("/").text.split('name="csrf" value="')[1][:64]
    assert mine.send("POST", "/", data={"csrf": stolen}).status_code == 403


def test_a_form_that_another_site_sent_is_refused_even_with_the_token(pages: Pages) -> None:
    token = pages.get("/").text.split('name="csrf" value="')[1][:64]
    answer = pages.send("POST", "/", data={"csrf": token}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_a_request_that_is_too_large_is_refused(pages: Pages) -> None:
    answer = pages.send("POST", "/", content=b"x" * (FORM_LIMIT + 1))
    assert (answer.status_code, answer.text) == (413, "The request is larger than this address accepts.")


def test_a_request_that_hides_its_size_is_refused_as_well(pages: Pages) -> None:
    async def drops():
        for _ in range(20):
            yield b"text=" + b"x" * (FORM_LIMIT // 10)

    form = {"content-type": "application/x-www-form-urlencoded"}
    assert pages.send("POST", "/", content=drops(), headers=form).status_code == 413


def test_an_error_page_names_nobody_and_shows_no_stack(pages: Pages, house: House, monkeypatch) -> None:
    address = pages.address(INGRID)

    def breaks(*_: object, **__: object) -> None:
        raise StoreError("the ledger could not be read: disk I/O error of Ingrid Holm")

    monkeypatch.setattr("bedside.web.pages.show_chart", breaks)
    answer = pages.get(address)
    assert answer.status_code == 503
    assert "The record is not available" in text(answer.text)
    assert "Ingrid" not in answer.text
    assert "Traceback" not in answer.text


def test_a_failure_nobody_foresaw_is_a_page_with_headers_and_without_the_reason(
    pages: Pages, monkeypatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("Ingrid Holm")

    monkeypatch.setattr("bedside.web.pages.show_chart", breaks)
    answer = pages.get(pages.address(INGRID))
    assert (answer.status_code, "Ingrid" in answer.text) == (500, False)
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]


def test_a_foreign_host_name_on_this_machine_is_not_served(house: House) -> None:
    rebound = Pages(create_app(house), house, base="http://attacker.example")
    assert rebound.get("/").status_code == 401


def test_a_server_that_others_can_reach_needs_an_access_file(house: House) -> None:
    with pytest.raises(SettingsError, match="BEDSIDE_ACCESS_FILE"):
        create_app(replace(house, settings=replace(house.settings, host="0.0.0.0")))


def site_with_access(folder: Path) -> Pages:
    access = folder / "access.toml"
    grants = ", ".join(f'"{p.value}"' for p in (Permission.PEOPLE, Permission.CHART))
    access.write_text(
        "[[token]]\n"
        f'name = "Ward 3"\ntoken_sha256 = "{hashlib.sha256(b"a-long-enough-token-of-ward-3").hexdigest()}"\n'
        f'permissions = [{grants}]\npeople = ["{INGRID}"]\n'
    )
    held = open_record(folder)
    settings = replace(held.settings, access_file=str(access))
    return Pages(create_app(replace(held, settings=settings)), held)


def test_with_an_access_file_a_token_opens_only_what_it_was_granted(tmp_path: Path) -> None:
    site = site_with_access(tmp_path)
    assert site.get("/").status_code == 401
    assert site.post("/sign-in", on="/sign-in", token="a wrong token").status_code == 401
    assert site.post("/sign-in", on="/sign-in", token="a-long-enough-token-of-ward-3").status_code == 303
    people = text(site.get("/").text)
    assert ("Ingrid Holm" in people, "Amara Okafor" in people) == (True, False)
    assert [site.get(site.address(person)).status_code for person in (INGRID, AMARA)] == [200, 403]
    assert site.get("/knowledge").status_code == 403
    assert site.post("/sign-out", on="/about").status_code == 303
    assert site.get("/").status_code == 401
    site.house.close()


def test_the_files_of_others_are_byte_for_byte_what_their_makers_published() -> None:
    listed = {file.path: file.sha256 for file in vendored(STATIC)}
    assert {path: hashlib.sha256((STATIC / path).read_bytes()).hexdigest() for path in listed} == listed
    own = {
        "VENDORED.toml",
        "app.css",
        "report.css",
        "board.css",
        "necessity.css",
        "downtime.css",
        "icons.svg",
        "favicon.svg",
        "progress.js",
    }
    assert {path.name for path in STATIC.iterdir()} == own | set(listed)


def test_a_record_id_is_opaque_and_belongs_to_one_ledger(house: House, tmp_path: Path) -> None:
    ids = record_ids(house.ledger)
    assert ids is not None
    sealed = ids.of(INGRID)
    assert ids.person(sealed) == INGRID
    assert INGRID not in sealed
    assert ids.of(AMARA)[:8] != sealed[:8]
    for forged in (sealed[:-2] + "AA", "", "x", "é", sealed + "AAAA", "A" * 500):
        assert ids.person(forged) is None


@pytest.mark.parametrize("host", ["[", "127.0.0.1/people?", "testserver"])
@pytest.mark.parametrize("address", ["/people", "/cds-services", "/nowhere"])
def test_a_crooked_host_header_meets_a_refusal_and_no_failure_that_could_name_a_patient(
    pages: Pages, host: str, address: str
) -> None:
    assert pages.send("GET", address, headers={"host": host}).status_code in (401, 404)


GENOME_PAGES = {
    "/people/{record_id}/genome": Permission.GENOME,
    "/people/{record_id}/consent": Permission.CONSENT,
    "/people/{record_id}/findings": Permission.DISCLOSURE,
    "/people/{record_id}/letters": Permission.DISCLOSURE,
    "/people/{record_id}/letters/{document}": Permission.DISCLOSURE,
    "/people/{record_id}/reanalysis": Permission.REANALYSIS,
    "/reanalysis": Permission.REANALYSIS,
    "/impact": Permission.REANALYSIS,
    "/impact/{work}": Permission.REANALYSIS,
    "/impact/{work}/events": Permission.REANALYSIS,
    "/impact/{work}/stop": Permission.REANALYSIS,
    "/impact/{work}/adopt": Permission.REANALYSIS,
    "/disclosure": Permission.DISCLOSURE,
    "/cohort": Permission.COHORT,
    "/reports/{draft}": Permission.CONFIRM,
    "/reports/{draft}/pages/{number:int}": Permission.CONFIRM,
}
PAGES_OF_PEOPLE = {
    "/": Permission.PEOPLE,
    "/people/{record_id}": Permission.CHART,
    "/people/{record_id}/report": Permission.REPORT,
    "/people/{record_id}/prescribe": Permission.CHART,
    "/people/{record_id}/feedback": Permission.PRESCRIBE,
    "/people/{record_id}/order-sets": Permission.CHART,
    "/people/{record_id}/trace/{trace_id}": Permission.CHART,
    "/people/{record_id}/tasks": Permission.TASKS,
    "/tasks": Permission.TASKS,
    "/knowledge": Permission.KNOWLEDGE,
    "/people/{record_id}/apps": Permission.FHIR,
    "/auth/approve/{pending}": Permission.FHIR,
    "/emergency": Permission.BREAK_GLASS,
    "/emergency/reviews": Permission.PRIVACY,
}
OPEN_TO_ALL = {"/about", "/sign-in", "/sign-out", "/healthz", "/auth/authorize"}
ORDER_PAGES = {
    "/authorisations": Permission.AUTHORISATION,
    "/people/{record_id}/orders/{order}/authorisation": Permission.AUTHORISATION,
    "/people/{record_id}/orders/{order}/authorisation/letter": Permission.AUTHORISATION,
    "/people/{record_id}/orders/{order}/coverage": Permission.COVERAGE,
    "/orders": Permission.ORDERS,
    "/people/{record_id}/order": Permission.ORDER_TEST,
    "/people/{record_id}/orders": Permission.ORDERS,
    "/people/{record_id}/orders/{order}": Permission.ORDERS,
    "/people/{record_id}/orders/{order}/specimen": Permission.SPECIMEN,
    "/people/{record_id}/orders/{order}/cost": Permission.COVERAGE,
    "/people/{record_id}/orders/{order}/{form}": Permission.ORDERS,
    "/results": Permission.RESULTS,
    "/people/{record_id}/results/{result}": Permission.RESULTS,
    "/people/{record_id}/letters/result/{result}": Permission.RESULTS,
    "/people/{record_id}/results/{result}/source": Permission.RESULTS,
    "/people/{record_id}/results/{result}/document": Permission.RESULTS,
    "/quarantine": Permission.QUARANTINE,
    "/quarantine/{number}": Permission.QUARANTINE,
}
PATHWAY_PAGES = {
    "/worklist": Permission.PATHWAYS,
    "/worklist/outreach": Permission.PATHWAYS,
    "/people/{record_id}/pathways": Permission.PATHWAYS,
    "/people/{record_id}/phenotype": Permission.FEATURES,
    "/people/{record_id}/ranking": Permission.FEATURES,
    "/people/{record_id}/nicu": Permission.PATHWAYS,
    "/unsolved": Permission.FEATURES,
    "/funnel": Permission.FUNNEL,
    "/undiagnosed": Permission.UNDIAGNOSED,
    "/people/{record_id}/undiagnosed": Permission.UNDIAGNOSED,
    "/funnel/{pathway}": Permission.FUNNEL,
    "/funnel/{pathway}/{step}": Permission.PATHWAYS,
}
PROGRAMME_PAGES = {
    "/equity": Permission.EQUITY,
    "/capacity": Permission.EQUITY,
    "/economics": Permission.ECONOMICS,
    "/economics/{model}": Permission.ECONOMICS,
    "/dossiers": Permission.ECONOMICS,
    "/dossiers/{dossier}": Permission.ECONOMICS,
    "/readiness/{checklist}": Permission.ECONOMICS,
    "/readiness/{checklist}/attest": Permission.PROGRAMME_SIGN,
    "/coverage": Permission.COVERAGE,
    "/safety": Permission.SAFETY,
    "/studies": Permission.STUDIES,
    "/studies/{study}": Permission.STUDIES,
    "/programme": Permission.PROGRAMME,
    "/measures": Permission.MEASURES,
    "/measures/{measure}": Permission.MEASURES,
    "/programme/content": Permission.PROGRAMME,
    "/programme/executive": Permission.PROGRAMME,
    "/programme/maturity": Permission.PROGRAMME,
    "/programme/report": Permission.PROGRAMME,
    "/programme/playbooks": Permission.PROGRAMME,
    "/programme/decisions": Permission.PROGRAMME,
    "/programme/decide": Permission.PROGRAMME_SIGN,
    "/alerts": Permission.ALERTS,
    "/alerts/propose": Permission.ALERTS,
    "/alerts/decide": Permission.ALERT_APPROVE,
    "/alerts/audit": Permission.ALERT_APPROVE,
    "/alerts/read": Permission.ALERTS,
    "/alerts/{rule:path}": Permission.ALERTS,
    "/cycles": Permission.ALERTS,
    "/laboratories": Permission.MEASURES,
    "/launches": Permission.PROGRAMME,
    "/launches/{checklist}": Permission.PROGRAMME,
}
BOARD_PAGES = {
    "/people/{record_id}/board": Permission.BOARD,
    "/board": Permission.BOARD,
    "/board/{case}": Permission.BOARD,
    "/board/{case}/sign": Permission.BOARD_SIGN,
    "/board/{case}/print": Permission.BOARD,
    "/board/{case}/report": Permission.BOARD,
    "/board/{case}/order": Permission.PRESCRIBE,
}
OPEN_TO_ALL |= {"/launch", "/launch/standalone", "/launch/callback"}
TOKEN = "a-long-enough-token"


def granted(folder: Path, house: House, *permissions: Permission, people: str = "") -> Pages:
    """The pages for somebody who was granted only this, signed in."""
    access = folder / f"{'-'.join(one.value for one in permissions)}{len(people)}.toml"
    grants = ", ".join(f'"{one.value}"' for one in permissions)
    held = hashlib.sha256(TOKEN.encode()).hexdigest()
    access.write_text(
        f'[[token]]\nname = "somebody"\ntoken_sha256 = "{held}"\npermissions = [{grants}]\n{people}\n'
    )
    inside = replace(house, settings=replace(house.settings, access_file=str(access)))
    made = Pages(create_app(inside), inside)
    assert made.post("/sign-in", on="/sign-in", token=TOKEN).status_code == 303
    return made


def test_every_page_is_in_the_matrix_of_permissions(house: House) -> None:
    routes = [route for route in create_app(house).routes if isinstance(route, Route)]
    addresses = {route.path for route in routes if not getattr(route.endpoint, "guards_itself", False)}
    pages = {address for address in addresses if not address.startswith(MACHINES)}
    of_people = set(PAGES_OF_PEOPLE) | set(ORDER_PAGES) | set(PATHWAY_PAGES) | set(BOARD_PAGES)
    of_people |= set(PROGRAMME_PAGES)
    assert pages == set(GENOME_PAGES) | of_people | OPEN_TO_ALL


@pytest.mark.parametrize("permission", list(Permission))
def test_a_page_refuses_whoever_lacks_its_permission(
    house: House, tmp_path: Path, permission: Permission
) -> None:
    """Taken from the route table: whatever is granted opens its own pages and no other."""
    inside = granted(tmp_path, house, permission)
    ids = record_ids(house.ledger)
    assert ids is not None
    methods = {route.path: route.methods or set() for route in inside.app.routes if isinstance(route, Route)}
    several = (GENOME_PAGES, PAGES_OF_PEOPLE, ORDER_PAGES, PATHWAY_PAGES, BOARD_PAGES, PROGRAMME_PAGES)
    for path, needed in ((path, needed) for one in several for path, needed in one.items()):
        address = path.replace("{record_id}", ids.of(INGRID))
        for name in (
            "{work}",
            "{document}",
            "{trace_id}",
            "{pending}",
            "{draft}",
            "{order}",
            "{form}",
            "{case}",
        ):
            address = address.replace(name, "unknown")
        for name in ("{result}", "{number}"):
            address = address.replace(name, "unknown")
        address = address.replace("{number:int}", "1")
        answer = inside.get(address) if "GET" in methods[path] else inside.post(address)
        assert (answer.status_code == 403) == (needed is not permission), (path, answer.status_code)


def test_a_release_concerns_everybody_so_that_who_may_open_some_records_cannot_look_at_one(
    house: House, tmp_path: Path
) -> None:
    inside = granted(tmp_path, house, Permission.REANALYSIS, people=f'people = ["{INGRID}"]')
    assert inside.get("/impact").status_code == 403
    assert inside.get("/reanalysis").status_code == 200
    assert "/impact" not in inside.get("/reanalysis").text


def test_who_may_open_one_record_opens_no_other_genome(house: House, tmp_path: Path) -> None:
    allowed = (Permission.GENOME, Permission.CONSENT, Permission.DISCLOSURE)
    inside = granted(tmp_path, house, *allowed, people=f'people = ["{INGRID}"]')
    for page in ("/genome", "/consent", "/findings"):
        assert [inside.get(inside.address(person, page)).status_code for person in (INGRID, AMARA)] == [
            200,
            403,
        ]
