"""Keeps the ledger's checkpoint elsewhere, and verifies the ledger against what was kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bedside.errors import BedsideError, SettingsError, Tampered
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.service.house import House
from bedside.service.kept_erasures import keep_earlier_erasures
from bedside.settings import variable
from bedside.store.kept_log import Kept, keep, log_path, read_kept, verify_kept
from bedside.store.signing_key import public_file, read_public_keys, read_signing_key

_log = logging.getLogger("bedside.checkpoints")


def keep_checkpoint(house: House, where: Path, key_file: Path, *, actor: str) -> Kept:
    """Sign the head of the ledger, add it to the log, and write down that it was kept there.

    The log comes first: an event that says so is never without its line. Raises `SettingsError` or
    `StoreError`.
    """
    key = read_signing_key(key_file)
    keep_earlier_erasures(house)
    head = house.ledger.checkpoint()
    erased = len(list(house.ledger.events(kinds=(EventKind.GENOME_ERASED,))))
    kept = keep(where, head, erased, house.clock().isoformat(), key)
    said = {"checkpoint": str(head), "where": log_path(where).name, "line": kept.line, "key": kept.key}
    house.ledger.append([NewEvent(EventKind.CHECKPOINT_KEPT, actor, house.clock(), None, said)])
    return kept


def last_kept(house: House) -> Event | None:
    """The event that says which checkpoint was kept last."""
    last = None
    for event in house.ledger.events(kinds=(EventKind.CHECKPOINT_KEPT,)):
        last = event
    return last


def verify_against(house: House, where: Path, public: Path | None = None) -> tuple[Kept, ...]:
    """Compare the ledger with a log of checkpoints. Raises `InputError` for a forged line, `Tampered` for an
    edit, a cut tail, or a log whose own tail was cut."""
    if public is None:
        if not house.settings.checkpoint_key_file:
            named = variable("checkpoint_key_file")
            raise SettingsError(f"name the list of public keys with --public, or set {named}")
        public = public_file(Path(house.settings.checkpoint_key_file))
    kept = read_kept(where, read_public_keys(public))
    try:
        verify_kept(house.ledger, kept)
    except Tampered as error:
        if again := erased_since(house, kept):
            told = "erasures that the log knows of are not in this ledger"
            raise Tampered(f"{error}; {again} {told}: after a restore they must be done again") from error
        raise
    name = log_path(where).name
    for event in house.ledger.events(kinds=(EventKind.CHECKPOINT_KEPT,)):
        if event.payload["where"] == name and event.payload.get("line", 0) > len(kept):
            raise Tampered(
                f"the log's tail was cut: it has {len(kept)} lines, event {event.sequence} kept line "
                f"{event.payload['line']}"
            )
    return kept


def erased_since(house: House, kept: tuple[Kept, ...]) -> int:
    """How many erasures of genomes the log knows of that this ledger does not: after a restore they must be
    done again."""
    here = len(list(house.ledger.events(kinds=(EventKind.GENOME_ERASED,))))
    return max(0, max(one.erased for one in kept) - here)


def keep_when_due(house: House, now: datetime) -> Kept | None:
    """Keep a checkpoint where one is due and something other than keeping has happened; None otherwise."""
    settings = house.settings
    if not (settings.checkpoint_log and settings.checkpoint_key_file and settings.checkpoint_minutes):
        return None
    last = last_kept(house)
    if last is not None:
        minutes = (now - last.known_at).total_seconds() / 60
        if minutes < settings.checkpoint_minutes or house.ledger.checkpoint().sequence == last.sequence:
            return None
    where, key = Path(settings.checkpoint_log), Path(settings.checkpoint_key_file)
    return keep_checkpoint(house, where, key, actor="bedside serve")


@contextmanager
def keeping(house: House, look_seconds: float = 60.0) -> Iterator[None]:
    """Keep checkpoints while the block runs, as often as the settings say, in a thread of its own."""
    settings = house.settings
    if not (settings.checkpoint_log and settings.checkpoint_minutes):
        yield
        return
    if not settings.checkpoint_key_file:
        raise SettingsError(f"{variable('checkpoint_log')} needs {variable('checkpoint_key_file')}")
    read_signing_key(Path(settings.checkpoint_key_file))
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(house, stop, look_seconds), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10.0)


def _run(house: House, stop: threading.Event, look_seconds: float) -> None:
    while True:
        try:
            keep_when_due(house, house.clock())
        except (BedsideError, OSError) as error:
            _log.error("%s while keeping a checkpoint", type(error).__name__)
        if stop.wait(look_seconds):
            return
