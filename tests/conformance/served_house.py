"""A house served on loopback for other people's clients: sockets, an access file, a client."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa

from bedside.service.access import token_digest
from bedside.service.house import House, open_house
from bedside.settings import Settings
from bedside.web.app import create_app

CLIENT = "black-box"
TOKEN = "a token of a client in a test"


@dataclass(frozen=True)
class Served:
    """A served house. key: the client's private keys as JWKS, in a file."""

    house: House
    url: str
    key: Path


@contextmanager
def served_house(folder: Path, *, access: bool = True, **settings: str) -> Iterator[Served]:
    """A fresh house on a free port of loopback. access: with an access file, else the local operator asks."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    key = new_keys(folder)
    told = {"access_file": str(folder / "access.toml")} if access else {}
    house = open_house(
        Settings(store_url=f"sqlite:///{folder / 'ledger.db'}", public_url=url, **told, **settings)
    )
    config = uvicorn.Config(create_app(house), log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Served(house, url, key)
    finally:
        server.should_exit = True
        thread.join()
        house.close()


def new_keys(folder: Path) -> Path:
    """The client's key pair: public in the access file, private beside it."""
    key = rsa.generate_private_key(65537, 2048)
    algorithm = jwt.get_algorithm_by_name("RS384")
    named = {"kid": "one", "alg": "RS384", "use": "sig"}
    public = {**algorithm.to_jwk(key.public_key(), as_dict=True), **named, "key_ops": ["verify"]}
    private = {**algorithm.to_jwk(key, as_dict=True), **named, "key_ops": ["sign"]}
    (folder / "public.json").write_text(json.dumps({"keys": [public]}))
    (folder / "private.jwks").write_text(json.dumps({"keys": [private]}))
    (folder / "access.toml").write_text(
        f'[[client]]\nclient_id = "{CLIENT}"\nname = "black box"\njwks_file = "public.json"\n'
        'scopes = ["system/*.rs"]\npermissions = ["discovery", "fhir", "audit", "genome", "chart", "hook"]\n'
        f'[[token]]\nname = "test"\ntoken_sha256 = "{token_digest(TOKEN)}"\n'
        'permissions = ["discovery", "hook", "feedback", "fhir", "chart", "genome"]\n'
    )
    return folder / "private.jwks"
