"""What commands share: the settings, the opened house, the options of files and stores, notices, a bar."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.errors import StoreError

if TYPE_CHECKING:
    from bedside.genome.genotypes import Notice
    from bedside.genome.locus import Build
    from bedside.intake.policy import IntakePolicy
    from bedside.knowledge.pgx import PgxPack
    from bedside.service.house import House
    from bedside.settings import Settings

NOTICES_SHOWN = 20


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings of the environment and the command line."""
    from bedside.settings import read_settings

    names = ("store_url", "host", "port")
    given = {name: getattr(arguments, "store" if name == "store_url" else name, None) for name in names}
    settings = read_settings(os.environ, **given)
    _finish(settings)
    return settings


def _finish(settings: Settings) -> None:
    """Finish or undo what an interrupted change of the knowledge folder left, before anybody reads it."""
    root = settings.knowledge_folder
    if root is not None and (root / ".playbooks" / "act").exists():
        from bedside.service.house import open_the_ledger
        from bedside.service.playbook_act import recover

        ledger = open_the_ledger(settings)
        try:
            recover(root, ledger)
        finally:
            ledger.close()


def opened(settings: Settings, *, must_exist: bool = False, pgx: PgxPack | None = None) -> House:
    """The house; raises `StoreError` when it must exist and does not."""
    from bedside.service.house import open_house
    from bedside.store.open_ledger import is_postgresql, ledger_path

    if must_exist and not is_postgresql(settings.store_url) and not ledger_path(settings.store_url).exists():
        raise StoreError("the store does not exist yet; `bedside accept` makes one, or give --store")
    return open_house(settings, pgx=pgx)


def build_of(arguments: argparse.Namespace) -> Build | None:
    """The build the command line names, or None."""
    from bedside.genome.locus import Build

    return Build(arguments.build) if arguments.build else None


def policy_of(arguments: argparse.Namespace) -> IntakePolicy | None:
    """The intake policy the command line asks for; None is the default."""
    if not arguments.ignore_filters:
        return None
    from bedside.intake.policy import default_policy

    return default_policy().ignoring_filters()


def tell_notices(notices: Sequence[Notice]) -> None:
    """Say on standard error what a person should know about a file."""
    for notice in notices[:NOTICES_SHOWN]:
        where = notice.source if notice.line is None else f"{notice.source}:{notice.line}"
        print(f"bedside: note: {where}: {notice.reason}", file=sys.stderr)
    if len(notices) > NOTICES_SHOWN:
        print(f"bedside: note: and {len(notices) - NOTICES_SHOWN} more", file=sys.stderr)


def progress(text: str) -> None:
    """A line of progress, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def add_files(
    parser: argparse.ArgumentParser, help_text: str = "VCF (plain or gzipped), BCF or gVCF"
) -> None:
    """The options of commands that read a laboratory's files."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=help_text)
    parser.add_argument(
        "--outside", type=Path, metavar="TSV", help="calls made elsewhere (another laboratory, tool)"
    )
    parser.add_argument(
        "--build", choices=("GRCh38", "GRCh37"), help="the file's build, when its header does not say"
    )
    parser.add_argument(
        "--ignore-filters", action="store_true", help="use records that failed the caller's filter"
    )


def add_store(parser: argparse._ActionsContainer) -> None:
    """The option that says where the ledger is."""
    parser.add_argument(
        "--store",
        metavar="URL",
        help="sqlite:///PATH, sqlite+sqlcipher:///PATH or postgresql://… (BEDSIDE_STORE_URL)",
    )


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def name_text(text: str) -> str:
    """A name of printable characters."""
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError("must be a name of printable characters")
    return text


def port_number(text: str) -> int:
    """A port from 0 to 65535."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a port from 0 to 65535")
    return int(text)
