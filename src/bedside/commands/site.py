"""`bedside site`: the other sites, what waits for them, and knowledge releases that came from them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from bedside.service.house import House
    from bedside.service.site_messages import Letter
    from bedside.service.site_rounds import Round
    from bedside.service.sites import Sites


def site(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside site`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    key = actions.add_parser("key", help="make this site's key, or show the public half of one")
    key.add_argument("file", metavar="FILE", type=Path, help="where the private key is or will be")
    key.set_defaults(run=run_key)
    listed = actions.add_parser("list", help="the other sites of the sites file")
    listed.set_defaults(run=run_list)
    status = actions.add_parser("status", help="what waits for other sites, and what they refused, and why")
    status.add_argument("--all", action="store_true", help="also what was delivered")
    status.set_defaults(run=run_status)
    send = actions.add_parser("send", help="send what waits now, and fetch what waits there")
    send.add_argument("site", metavar="SITE", nargs="?", help="only this site")
    send.set_defaults(run=run_send)
    again = actions.add_parser("again", help="put a message back into the queue")
    dropped = actions.add_parser("drop", help="give up on a message, with the reason")
    dropped.add_argument("--why", metavar="TEXT", required=True, help="why it is not sent")
    for one, run in ((again, run_again), (dropped, run_drop)):
        one.add_argument("message", metavar="MESSAGE", help="the message's number, or how it begins")
        one.add_argument("--by", metavar="WHO", required=True, help="who decides")
        one.set_defaults(run=run)
    offer = actions.add_parser("offer", help="send a knowledge release at hand to another site")
    offer.add_argument("release", metavar="NAME@DATE", help="such as cpic@2025-11-05")
    offer.add_argument("site", metavar="SITE", help="to whom")
    offer.add_argument("--by", metavar="WHO", required=True, help="who sends it")
    offer.set_defaults(run=run_offer)
    releases = actions.add_parser("releases", help="the knowledge releases that other sites sent")
    releases.set_defaults(run=run_releases)
    take = actions.add_parser("take", help="put a release that came into this site's knowledge folder")
    take.add_argument("message", metavar="MESSAGE", help="the message's number, or how it begins")
    take.set_defaults(run=run_take)
    for one in (listed, status, send, again, dropped, offer, releases, take):
        add_store(one)


def run_key(arguments: argparse.Namespace) -> int:
    """`bedside site key`."""
    from bedside.errors import SettingsError
    from bedside.service.sites import make_key, public_jwk, read_key

    if arguments.file.exists():
        try:
            jwk = public_jwk(read_key(arguments.file))
        except ValueError as error:
            raise SettingsError(f"{arguments.file.name} is no private key on P-384") from error
    else:
        jwk = make_key(arguments.file)
    print(json.dumps({"keys": [jwk]}, indent=2))
    return 0


def within(arguments: argparse.Namespace, act: Callable[[House, Sites], int]) -> int:
    """Do something with the opened house and its sites."""
    from bedside.service.sites import sites_of

    house = opened(settings_of(arguments), must_exist=True)
    try:
        return act(house, sites_of(house))
    finally:
        house.close()


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside site list`."""

    def act(house: House, sites: Sites) -> int:
        print("\t".join(("site", "title", "address", "may ask us", "we may ask", "releases")))
        for peer in sites.peers.values():
            flags = ("yes" if one else "no" for one in (peer.asks, peer.answers, peer.releases))
            print("\t".join((peer.name, peer.title, peer.url or "comes to us", *flags)))
        return 0

    return within(arguments, act)


def run_status(arguments: argparse.Namespace) -> int:
    """`bedside site status`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.site_messages import State, outbox

        print("\t".join(("message", "to", "about", "written", "state", "reason")))
        for letter in outbox(house):
            if arguments.all or letter.state is not State.DELIVERED:
                print(_line(letter))
        return 0

    return within(arguments, act)


def _line(letter: Letter) -> str:
    payload = letter.event.payload
    body = payload["body"]
    about = " ".join(str(body[one]) for one in ("consult", "kind", "release") if one in body)
    when = f"{letter.event.known_at:%Y-%m-%d %H:%M}"
    return "\t".join((letter.message, letter.to, about, when, letter.state.value, letter.reason))


def run_send(arguments: argparse.Namespace) -> int:
    """`bedside site send`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.site_post import Caller
        from bedside.service.site_rounds import exchange
        from bedside.service.sites import peer_of

        names = [peer_of(sites, arguments.site).name] if arguments.site else list(sites.peers)
        failed = False
        for name in names:
            done = exchange(house, sites, sites.peers[name], Caller(sites, house.clock))
            print(_told(name, done))
            failed = failed or bool(done.failed and sites.peers[name].url)
        return int(failed)

    return within(arguments, act)


def _told(name: str, done: Round) -> str:
    counts = f"{len(done.sent)} sent, {len(done.refused)} refused, {len(done.taken)} taken in"
    return f"{name}: {counts}" + (f"; {done.failed}" if done.failed else "")


def run_again(arguments: argparse.Namespace) -> int:
    """`bedside site again`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.site_messages import send_again

        print(f"{send_again(house, arguments.message, actor=arguments.by).message} waits again")
        return 0

    return within(arguments, act)


def run_drop(arguments: argparse.Namespace) -> int:
    """`bedside site drop`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.site_messages import drop

        print(f"{drop(house, arguments.message, arguments.why, actor=arguments.by).message} is not sent")
        return 0

    return within(arguments, act)


def run_offer(arguments: argparse.Namespace) -> int:
    """`bedside site offer`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.release_travel import send_release

        print(send_release(house, sites, arguments.site, arguments.release, actor=arguments.by))
        return 0

    return within(arguments, act)


def run_releases(arguments: argparse.Namespace) -> int:
    """`bedside site releases`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.release_travel import releases

        print("\t".join(("message", "from", "release", "arrived", "in the knowledge folder")))
        for one in releases(house):
            when = f"{one.arrived:%Y-%m-%d %H:%M}"
            print("\t".join((one.message, one.sender, one.release, when, "yes" if one.here else "no")))
        return 0

    return within(arguments, act)


def run_take(arguments: argparse.Namespace) -> int:
    """`bedside site take`."""

    def act(house: House, sites: Sites) -> int:
        from bedside.service.release_travel import take_release

        folder = take_release(house, arguments.message)
        print(f"{folder.parent.name}@{folder.name} can be adopted: bedside reinterpret --to "
              f"{folder.parent.name}@{folder.name}")  # fmt: skip
        return 0

    return within(arguments, act)
