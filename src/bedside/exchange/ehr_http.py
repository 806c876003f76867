"""JSON from an EHR's servers: only from hosts that were named, over TLS or on this machine, no redirect."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from bedside.errors import BedsideError

LARGEST = 1024 * 1024
SECONDS = 10.0
LOCAL = frozenset({"localhost", "127.0.0.1"})


class EhrUnavailable(BedsideError):
    """The EHR's server did not answer as SMART says."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing: an address that was not named is not asked."""


_opener = build_opener(_NoRedirect, ProxyHandler({}))


def may_ask(url: str, hosts: Collection[str]) -> bool:
    """Whether an address is on a host that was named, with its port, over TLS or on this machine."""
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
    return safe and parts.netloc in hosts and "@" not in parts.netloc


def get_json(
    url: str,
    hosts: Collection[str],
    *,
    form: Mapping[str, str] | None = None,
    token: str = "",
) -> Mapping[str, Any]:
    """The JSON object at an address, by GET, or by POST of a form. Raises `EhrUnavailable`, which names no
    value that was sent or received."""
    if not may_ask(url, hosts):
        raise EhrUnavailable("the EHR names an address that the access file does not")
    headers = {"accept": "application/json, application/fhir+json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = None if form is None else urlencode(form).encode()
    request = Request(url, body, headers)  # noqa: S310 — the scheme was checked
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            content = answer.read(LARGEST + 1)
    except (URLError, OSError, ValueError) as error:
        raise EhrUnavailable(f"the EHR's server did not answer: {type(error).__name__}") from error
    try:
        document = json.loads(content) if len(content) <= LARGEST else None
    except ValueError as error:
        raise EhrUnavailable("the EHR's server answered with no JSON") from error
    if not isinstance(document, dict):
        raise EhrUnavailable("the EHR's server answered with no JSON object")
    return document
