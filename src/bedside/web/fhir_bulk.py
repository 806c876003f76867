"""FHIR Bulk Data Access 2.0: `$export` of everybody, or of everybody's patient data, as files of NDJSON.

A client asks, is told where to look, looks until the files are there, and fetches them. Only the client that
asked sees any of it; to anybody else an export is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute

from bedside.errors import NotFound, Refused, RequestError, SettingsError
from bedside.service.access import Permission
from bedside.service.authorise import authorise
from bedside.service.bulk_export import PROBLEMS, ensure_running, everybody, go_on
from bedside.service.bulk_files import (
    Asked as Export,
)
from bedside.service.bulk_files import (
    State,
    asked_of,
    delete,
    expires,
    export_named,
    exports,
    new_export,
    state_of,
    sweep,
)
from bedside.service.fhir_filter import filters_of, period
from bedside.service.fhir_record import EVERYTHING, KINDS
from bedside.service.scopes import Act, allows
from bedside.web.cds_hooks import Desk
from bedside.web.fhir_desk import Answering, Asked, NotSupported, TooMany, fhir_route, note_access
from bedside.web.fhir_history import ids_here
from bedside.web.fhir_search import base_of

NDJSON = "application/fhir+ndjson"
READ = ("_type", "_since", "_outputFormat", "_typeFilter", "patient")
FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
MOST_AT_ONCE = 3
RETRY_SECONDS = 2


def bulk_routes(at: Desk) -> list[BaseRoute]:
    """The routes; exports that had not ended when the server did go on."""
    needed = Permission.FHIR
    with suppress(SettingsError):
        sweep(at.house)
        go_on(at.house)
    return [
        fhir_route(at, "/fhir/$export", ("GET", "POST"), needed, "$export", _begins("$export")),
        fhir_route(
            at,
            "/fhir/Patient/$export",
            ("GET", "POST"),
            needed,
            "Patient.$export",
            _begins("Patient/$export"),
        ),
        fhir_route(at, "/fhir/bulk/{job}", ("GET",), needed, "$export-status", _status),
        fhir_route(at, "/fhir/bulk/{job}", ("DELETE",), needed, "$export-cancel", _cancel),
        fhir_route(at, "/fhir/bulk/{job}/{file}", ("GET",), needed, "$export-file", _file),
    ]


def _preferences(asked: Asked) -> Mapping[str, str]:
    said = asked.headers.get("prefer", "").replace(";", ",").split(",")
    pairs = (one.strip().lower().partition("=") for one in said)
    return {name: value for name, _, value in pairs}


def _begins(here: str) -> Answering:
    return lambda asked: _begin(asked, here)


def _begin(asked: Asked, here: str) -> Response:
    """Take an export on. Raises `RequestError` for what cannot be done as asked."""
    preferences = _preferences(asked)
    if "respond-async" not in preferences:
        remedy = "send the header Prefer: respond-async"
        raise RequestError.one("Prefer", "an export is answered later", remedy=remedy)
    lenient = preferences.get("handling") == "lenient"
    ignored = sorted({name for name, _ in asked.parameters} - {*READ, "_format"})
    if ignored and not lenient:
        asked.only((*READ, "_format"))
    house, client = asked.house, asked.principal
    try:
        sweep(house)
    except SettingsError as error:
        raise NotSupported.one("$export", str(error)) from error
    mine = [one for one in exports(house) if asked_of(one).client == client.name]
    if sum(state_of(one).ended is None for one in mine) >= MOST_AT_ONCE:
        raise TooMany.one("$export", f"{MOST_AT_ONCE} exports of this client are being written already")
    kinds, unknown = _kinds(asked, lenient)
    export = Export(
        client=client.name,
        url=_said(asked, here),
        started=house.clock(),
        kinds=kinds,
        since=period(asked.one("_since"), "_since")[0] if asked.one("_since") else None,
        filters=_filters(asked, kinds),
        people=_limits(asked)[0],
        scopes=_limits(asked)[1],
        ignored=(*ignored, *unknown),
    )
    if asked.one("_outputFormat") and asked.one("_outputFormat").replace(" ", "+") not in FORMATS:
        raise RequestError.one("_outputFormat", "is no format written here", remedy=NDJSON)
    note_access(asked, "$export", None)
    folder = new_export(house, export, _whom(asked))
    ensure_running(house, folder)
    return Response(status_code=202, headers={"content-location": f"{base_of(asked)}/bulk/{folder.name}"})


def _said(asked: Asked, here: str) -> str:
    """The address that was asked for, without whom it names."""
    query = urlencode(
        [(name, value) for name, value in asked.parameters if name in READ and name != "patient"]
    )
    return f"{base_of(asked)}/{here}" + (f"?{query}" if query else "")


def _kinds(asked: Asked, lenient: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The types asked for, and with `handling=lenient` those passed over. Who looked is given to whoever may
    ask for it only."""
    named = [one.strip() for text in asked.all("_type") for one in text.split(",") if one.strip()]
    unknown = sorted(set(named) - set(KINDS))
    if unknown and not lenient:
        raise RequestError.one("_type", "names a type that is not served here", remedy=", ".join(KINDS))
    scopes = asked.principal.scopes
    opened = [kind for kind in KINDS if scopes is None or allows(scopes, Act((kind,), "r"))]
    closed = sorted(set(named) & set(KINDS) - set(opened))
    if closed:
        raise Refused(f"the token's scopes do not cover {', '.join(closed)}")
    kinds = tuple(kind for kind in opened if kind in (named or EVERYTHING))
    if "AuditEvent" in kinds:
        authorise(asked.principal, Permission.AUDIT)
    return kinds, tuple(f"_type={one[:40]}" for one in unknown)


def _filters(asked: Asked, kinds: Iterable[str]) -> Mapping[str, Sequence[Sequence[tuple[str, str]]]]:
    """What each type is narrowed by; commas within a filter are written %2C."""
    found: dict[str, list[list[tuple[str, str]]]] = {}
    texts = [one for text in asked.all("_typeFilter") for one in text.split(",") if one]
    for text in texts:
        kind, _, query = unquote(text).partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        if kind not in kinds or not pairs or {name for name, _ in pairs} - filters_of(kind):
            reason = "is no filter of a type asked for that can be looked at here"
            raise RequestError.one("_typeFilter", reason, remedy="Type?parameter=value, as in a search")
        for name, value in pairs:
            if name == "_lastUpdated":
                period(value.lstrip("egqlt"), name)
        found.setdefault(kind, []).append(pairs)
    return found


def _whom(asked: Asked) -> Sequence[str]:
    """Everybody the client may open, or those of them who are named."""
    every = everybody(asked.house, asked.principal.people)
    named = [one for text in asked.all("patient") for one in text.split(",") if one]
    if not named:
        return every
    ids = ids_here(asked).records
    wanted = {ids.person(one.rsplit("Patient/", 1)[-1].replace(".", "_")) for one in named}
    if not wanted <= set(every):
        raise RequestError.one("patient", "names a record that is not here for this client")
    return [one for one in every if one in wanted]


def _mine(asked: Asked) -> Path:
    """The folder of the export that the address names, if this client asked for it."""
    folder = export_named(asked.house, asked.path["job"])
    if folder is not None:
        export, state = asked_of(folder), state_of(folder)
        limits = (export.people, export.scopes)
        mine = export.client == asked.principal.name and limits == _limits(asked)
        if mine and expires(export, state) > asked.house.clock():
            return folder
    raise NotFound.one("job", "this client has no such export")


def _limits(asked: Asked) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The records and the scopes that the caller is limited to; None for no such limit."""
    people, scopes = asked.principal.people, asked.principal.scopes
    return (
        None if people is None else tuple(sorted(people)),
        None if scopes is None else tuple(sorted(map(str, scopes))),
    )


def _status(asked: Asked) -> Response:
    folder = _mine(asked)
    state = state_of(folder)
    if state.failed:
        raise HTTPException(500)
    if state.ended is None:
        ensure_running(asked.house, folder)
        progress = f"{100 * state.done // max(1, state.of)}%"
        headers = {"x-progress": progress, "retry-after": str(RETRY_SECONDS)}
        return Response(status_code=202, headers=headers)
    export = asked_of(folder)
    manifest = _manifest(f"{base_of(asked)}/bulk/{folder.name}", export, state)
    until = format_datetime(expires(export, state), usegmt=True)
    return Response(orjson.dumps(manifest), media_type="application/json", headers={"expires": until})


def _manifest(where: str, export: Export, state: State) -> Mapping[str, Any]:
    files = [
        (part.kind, {"type": part.kind, "url": f"{where}/{part.name}", "count": part.count})
        for part in state.parts
    ]
    problems = [file for kind, file in files if kind == PROBLEMS]
    if export.ignored:
        problems.append({"type": PROBLEMS, "url": f"{where}/ignored.ndjson", "count": 1})
    return {
        "transactionTime": export.started.isoformat(),
        "request": export.url,
        "requiresAccessToken": True,
        "output": [file for kind, file in files if kind != PROBLEMS],
        "error": problems,
        "deleted": [],
    }


def _cancel(asked: Asked) -> Response:
    delete(_mine(asked))
    return Response(status_code=202)


def _file(asked: Asked) -> Response:
    folder, name = _mine(asked), asked.path["file"]
    export, state = asked_of(folder), state_of(folder)
    if name == "ignored.ndjson" and export.ignored:
        text = f"not read, as handling=lenient asks: {', '.join(export.ignored)}"
        issue = {"severity": "warning", "code": "not-supported", "diagnostics": text}
        line = orjson.dumps({"resourceType": PROBLEMS, "issue": [issue]}) + b"\n"
        return Response(line, media_type=NDJSON)
    if state.ended is None or name not in {part.name for part in state.parts}:
        raise NotFound.one("file", "this export has no such file")
    note_access(asked, "$export file", None)
    return FileResponse(folder / name, media_type=NDJSON)
