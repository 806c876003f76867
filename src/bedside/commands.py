"""What each command does: settings, house, one use case, what a person reads.

Each imports what it needs when it runs, so that `bedside --help` stays quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.errors import InputError, Problem, StoreError

if TYPE_CHECKING:
    from bedside.genome.genotypes import Notice
    from bedside.genome.locus import Build
    from bedside.intake.policy import IntakePolicy
    from bedside.knowledge.pgx import PgxPack
    from bedside.service.house import House
    from bedside.settings import Settings

NOTICES_SHOWN = 20


def _settings(arguments: argparse.Namespace) -> Settings:
    from bedside.settings import read_settings

    names = ("store_url", "host", "port")
    given = {name: getattr(arguments, "store" if name == "store_url" else name, None) for name in names}
    return read_settings(os.environ, **given)


def _house(settings: Settings, *, must_exist: bool = False, pgx: PgxPack | None = None) -> House:
    from bedside.service.house import open_house
    from bedside.store.open_ledger import ledger_path

    on_disk = not settings.store_url.startswith(("postgresql:", "postgres:"))
    if must_exist and on_disk and not ledger_path(settings.store_url).exists():
        raise StoreError("the store does not exist yet; `bedside accept` makes one, or give --store")
    return open_house(settings, pgx=pgx)


def _build(arguments: argparse.Namespace) -> Build | None:
    from bedside.genome.locus import Build

    return Build(arguments.build) if arguments.build else None


def _policy(arguments: argparse.Namespace) -> IntakePolicy | None:
    if not arguments.ignore_filters:
        return None
    from bedside.intake.policy import default_policy

    return default_policy().ignoring_filters()


def _tell_notices(notices: Sequence[Notice]) -> None:
    for notice in notices[:NOTICES_SHOWN]:
        where = notice.source if notice.line is None else f"{notice.source}:{notice.line}"
        print(f"bedside: note: {where}: {notice.reason}", file=sys.stderr)
    if len(notices) > NOTICES_SHOWN:
        print(f"bedside: note: and {len(notices) - NOTICES_SHOWN} more", file=sys.stderr)


def run_pgx(arguments: argparse.Namespace) -> int:
    """`bedside pgx`."""
    from bedside.interpret.options import CallOptions
    from bedside.service.call_files import Format, call_files
    from bedside.service.house import newest_pack

    settings = _settings(arguments)
    if sys.stdout is None:
        raise StoreError("standard output is closed; give -o PATH")
    form = Format(arguments.format)
    report = None
    if form is Format.HTML:
        from bedside.web.report import render

        report = render
    summary = call_files(
        arguments.files,
        newest_pack(settings),
        stream=sys.stdout.buffer,
        outside=arguments.outside,
        build=_build(arguments),
        form=form,
        output=arguments.output,
        options=CallOptions(arguments.all_candidates, arguments.combinations, arguments.call_cyp2d6),
        recommendations=not arguments.no_recommendations,
        policy=_policy(arguments),
        report=report,
        knowledge_folder=settings.knowledge_folder,
    )
    _tell_notices(summary.notices)
    return 0


def run_accept(arguments: argparse.Namespace) -> int:
    """`bedside accept`."""
    from bedside.service.accept_result import accept_files

    house = _house(_settings(arguments))
    try:
        accepted = accept_files(
            house,
            arguments.files,
            arguments.person,
            outside=arguments.outside,
            build=_build(arguments),
            policy=_policy(arguments),
            laboratory=arguments.laboratory,
        )
    finally:
        house.close()
    for one in accepted:
        print("\t".join((one.person, one.sample, one.result, "stored" if one.new else "already stored")))
    _tell_notices(accepted[0].notices if accepted else ())
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """`bedside show`."""
    from bedside.service.show_person import as_of, show
    from bedside.service.write_person import rendered

    house = _house(_settings(arguments), must_exist=True)
    try:
        view = show(house, arguments.person, as_of(arguments.as_of))
        sys.stdout.write(rendered(house, view, arguments.format))
    finally:
        house.close()
    return 0


def run_knowledge_list(arguments: argparse.Namespace) -> int:
    """`bedside knowledge list`."""
    from bedside.knowledge.report import list_lines

    for root in _knowledge_roots(arguments):
        print("\n".join(list_lines(root)))
    return 0


def run_knowledge_check(arguments: argparse.Namespace) -> int:
    """`bedside knowledge check`."""
    from datetime import UTC, datetime

    from bedside.knowledge.check import check

    today = datetime.now(UTC).date()
    problems = [problem for root in _knowledge_roots(arguments) for problem in check(root, today=today)]
    if problems:
        raise InputError(problems)
    print("every pack is whole, owned and within its review date")
    return 0


def run_knowledge_diff(arguments: argparse.Namespace) -> int:
    """`bedside knowledge diff`."""
    from bedside.knowledge.report import diff_lines, diff_table

    made = diff_table if arguments.format == "tsv" else diff_lines
    print("\n".join(made(arguments.before, arguments.after, _settings(arguments).knowledge_folder)))
    return 0


def _knowledge_roots(arguments: argparse.Namespace) -> tuple[Path | None, ...]:
    own = _settings(arguments).knowledge_folder
    return (None,) if own is None else (None, own)


def run_audit_verify(arguments: argparse.Namespace) -> int:
    """`bedside audit verify`."""
    from bedside.service.verify_record import verify_record
    from bedside.store.ledger import read_checkpoint

    house = _house(_settings(arguments), must_exist=True)
    try:
        kept = read_checkpoint(arguments.checkpoint) if arguments.checkpoint else None
        found = verify_record(house, kept)
        print(f"{found.events} events, the chain holds; checkpoint {house.ledger.checkpoint()}")
        print(f"{found.contents} contents and {found.documents} documents are what their digests say")
    finally:
        house.close()
    return 0


def run_audit_rebuild(arguments: argparse.Namespace) -> int:
    """`bedside audit rebuild`."""
    house = _house(_settings(arguments), must_exist=True)
    try:
        events = house.ledger.verify()
        house.ledger.rebuild()
        print(f"projections written anew from {events} events")
    finally:
        house.close()
    return 0


def run_withdraw(arguments: argparse.Namespace) -> int:
    """`bedside withdraw`."""
    from bedside.service.withdraw_result import withdraw_result

    house = _house(_settings(arguments), must_exist=True)
    try:
        withdraw_result(house, arguments.result, arguments.reason, actor="operator")
        print(f"{arguments.result}\twithdrawn")
    finally:
        house.close()
    return 0


def run_serve(arguments: argparse.Namespace) -> int:
    """`bedside serve`."""
    from bedside.service.authorise import Gate
    from bedside.web.serve import serve

    settings = _settings(arguments)
    Gate(settings)  # refuses an open door before a store is made
    house = _house(settings)
    try:
        return serve(house)
    finally:
        house.close()


def run_demo(arguments: argparse.Namespace) -> int:
    """`bedside demo`."""
    from contextlib import ExitStack
    from tempfile import TemporaryDirectory

    from bedside.demo.build import build_demo
    from bedside.service.authorise import Gate

    if not arguments.no_serve:
        Gate(_settings(arguments))  # refuses an open door before anybody is made up
    with ExitStack() as stack:
        if arguments.store is None:
            folder = stack.enter_context(TemporaryDirectory(prefix="bedside-demo-"))
            arguments.store = f"sqlite:///{folder}/ledger.db"
        house = _house(_settings(arguments))
        stack.callback(house.close)
        summary = build_demo(house, people=arguments.people, seed=arguments.seed, progress=_progress)
        print(
            f"\r{summary.people} made-up people, {summary.tested} tested, {summary.results} results",
            flush=True,
        )
        if arguments.no_serve:
            return 0
        from bedside.web.serve import serve

        return serve(house)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def run_reinterpret(arguments: argparse.Namespace) -> int:
    """`bedside reinterpret`: only a release without problems, dated no later than today, is adopted."""
    from datetime import UTC, datetime

    from bedside.knowledge.check import check_release
    from bedside.knowledge.report import folder_named, load_named
    from bedside.service.house import SOURCE
    from bedside.service.reinterpret_all import reinterpret

    settings = _settings(arguments)
    name = arguments.to or SOURCE
    folder = folder_named(name, settings.knowledge_folder)
    problems = list(check_release(folder))
    if folder.name > datetime.now(UTC).date().isoformat():
        problems.append(Problem(folder.name, "is dated after today", remedy="adopt it when its day has come"))
    if problems:
        raise InputError(problems)
    pack = load_named(name, settings.knowledge_folder)
    house = _house(settings, must_exist=True, pgx=pack)
    try:
        print(reinterpret(house, pack))
    finally:
        house.close()
    return 0
