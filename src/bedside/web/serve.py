"""Serves a house on its address: one process, no access log, stops cleanly on Ctrl-C or SIGTERM."""

from __future__ import annotations

import gc
import socket
import sys
import threading
from contextlib import suppress

import uvicorn

from bedside.errors import BedsideError, SettingsError
from bedside.service.house import House
from bedside.service.results_inbox import items_of
from bedside.service.rules import rules_of
from bedside.web.app import create_app


def serve(house: House) -> int:
    """Listen until stopped. `SettingsError` when the address cannot be had or access is not configured."""
    settings = house.settings
    app = create_app(house)
    keep_loaded(house)
    listener = _listen(settings.host, settings.port)
    threading.Thread(target=read_ahead, args=(house,), name="bedside-ahead", daemon=True).start()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"Bedside on http://{shown}:{port}  (Ctrl-C stops it)\n")
    sys.stdout.flush()
    # No access log: paths of people's pages are patient data. Errors carry no request.
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def keep_loaded(house: House) -> None:
    """Load the knowledge that answers need, and leave it out of later garbage collections: looking through it
    stopped every request for 40 to 80 ms."""
    rules_of(house)
    gc.collect()
    gc.freeze()


def read_ahead(house: House) -> None:
    """Read everybody's results for the inbox, so that the first who opens it does not wait for them. Where
    that fails, whoever opens it is told why."""
    with suppress(BedsideError):
        items_of(house)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port or --host"
        ) from error
    listener.set_inheritable(True)
    return listener
