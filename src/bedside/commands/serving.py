"""`bedside demo` and `serve`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bedside.commands.opening import (
    add_store,
    opened,
    port_number,
    positive,
    progress,
    settings_of,
)

if TYPE_CHECKING:
    from bedside.service.house import House


def demo(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside demo`."""
    parser.add_argument("--people", type=positive, default=300, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--host", metavar="H", help="address to listen on (BEDSIDE_HOST)")
    parser.add_argument("--port", type=port_number, metavar="P", help="port to listen on (BEDSIDE_PORT)")
    parser.add_argument("--no-serve", action="store_true", help="make the record and stop")
    add_store(parser)
    parser.set_defaults(run=run_demo)


def serve(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside serve`."""
    parser.add_argument("--host", metavar="H", help="address to listen on (BEDSIDE_HOST)")
    parser.add_argument("--port", type=port_number, metavar="P", help="port to listen on (BEDSIDE_PORT)")
    parser.add_argument(
        "--mllp-port", type=port_number, metavar="P", help="also take HL7 v2 results over MLLP on this port"
    )
    add_store(parser)
    parser.set_defaults(run=run_serve)


def run_serve(arguments: argparse.Namespace) -> int:
    """`bedside serve`."""
    from bedside.service.authorise import Gate
    from bedside.service.keep_checkpoint import keeping
    from bedside.web.draft_maker import drafting
    from bedside.web.pathway_watcher import watching
    from bedside.web.serve import serve
    from bedside.web.site_sender import sending

    settings = settings_of(arguments)
    Gate(settings)  # refuses an open door before a store is made
    house = opened(settings)
    try:
        listening = _listening(house, arguments.mllp_port)
        if settings.serves_read_only:
            return serve(house)
        with drafting(house), listening, sending(house), watching(house), keeping(house):
            return serve(house)
    finally:
        house.close()


@contextmanager
def _listening(house: House, port: int | None) -> Iterator[None]:
    """HL7 v2 results are taken beside the pages, where a port is given."""
    if port is None:
        yield
        return
    from bedside.web.mllp import Listening, listening

    with listening(house, Listening(house.settings.host, port)) as listener:
        sys.stdout.write(f"HL7 v2 over MLLP on {house.settings.host}:{listener.port}\n")
        sys.stdout.flush()
        yield


def run_demo(arguments: argparse.Namespace) -> int:
    """`bedside demo`."""
    from contextlib import ExitStack
    from tempfile import TemporaryDirectory

    from bedside.demo.build import build_demo
    from bedside.service.authorise import Gate

    if not arguments.no_serve:
        Gate(settings_of(arguments))  # refuses an open door before anybody is made up
    with ExitStack() as stack:
        if arguments.store is None:
            folder = stack.enter_context(TemporaryDirectory(prefix="bedside-demo-"))
            arguments.store = f"sqlite:///{folder}/ledger.db"
        house = opened(settings_of(arguments))
        stack.callback(house.close)
        summary = build_demo(house, people=arguments.people, seed=arguments.seed, progress=progress)
        print(
            f"\r{summary.people} made-up people, {summary.tested} tested, {summary.results} results",
            flush=True,
        )
        if arguments.no_serve:
            return 0
        from bedside.web.serve import serve

        return serve(house)
