"""A made-up health system in a folder of its own, asked through its real routes without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from bedside.service.house import House, open_house
from bedside.settings import Settings

PEOPLE = 40
"""From so many on some of the made-up people have a whole genome."""
ASKED = 12
SEED = 1
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body; None when it is no JSON."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            return None


@dataclass(eq=False)
class Bench:
    """folder: where the record may be made. people: how many are made up. asked: about how many of them."""

    folder: Path
    people: int = PEOPLE
    asked: int = ASKED
    _opened: list[House] = field(default_factory=list)

    @cached_property
    def house(self) -> House:
        """The made-up record, made when it is first asked for."""
        from bedside.demo.build import build_demo

        made = open_house(Settings(store_url=f"sqlite:///{self.folder / 'ledger.db'}"))
        self._opened.append(made)
        build_demo(made, people=self.people, seed=SEED)
        return made

    @cached_property
    def _app(self) -> Any:
        from bedside.web.app import create_app

        return create_app(self.house)

    def ask(
        self, method: str, path: str, body: object = None, form: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request; body goes as JSON, form as a form."""
        content, kind = b"", ""
        if form is not None:
            content, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            content, kind = orjson.dumps(body), "application/json"
        return asyncio.run(_send(self._app, method, path, content, kind))

    def close(self) -> None:
        """Close what was opened."""
        for house in self._opened:
            house.close()


async def _send(app: Any, method: str, path: str, content: bytes, kind: str) -> Answer:
    """One request into an ASGI application."""
    parts = urlsplit(path)
    headers = [(b"host", HOST.encode()), (b"content-length", str(len(content)).encode())]
    if kind:
        headers.append((b"content-type", kind.encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "client": (HOST, 50000),
        "server": (HOST, 80),
    }
    given = [{"type": "http.request", "body": content, "more_body": False}]
    told: dict[str, Any] = {"body": b""}

    async def receive() -> Mapping[str, Any]:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told["status"] = message["status"]
            told["headers"] = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            told["body"] += message.get("body", b"")

    await app(scope, receive, send)
    return Answer(told["status"], told["headers"], told["body"])
