"""Erasures are written down elsewhere too, beside the log of checkpoints, because a backup knows nothing that
came after it: a restore does again what was erased since, before there is a house to serve.

The list names stored runs by their numbers, which say nothing of anybody.
"""

from __future__ import annotations

from pathlib import Path

from bedside.errors import InputError, StoreError
from bedside.genome.event import Event, EventKind
from bedside.service.house import House
from bedside.settings import Settings, variable
from bedside.store.kept_log import log_path, read_kept
from bedside.store.signed_lines import add_line, read_lines
from bedside.store.signing_key import public_file, read_public_keys, read_signing_key
from bedside.store.sql_ledger import SqlLedger

NAME = "bedside-erasures.jsonl"
WHAT = "erasure"
REASON = "erased after the backup was made; done again by the restore"
_FIELDS = ("at", "event", "runs")


def erasures_path(settings: Settings) -> Path | None:
    """Where the list lies: beside the log of checkpoints; None where a site keeps none."""
    if not (settings.checkpoint_log and settings.checkpoint_key_file):
        return None
    where = Path(settings.checkpoint_log)
    folder = where if where.is_dir() or not where.suffix else where.parent
    return folder / NAME


def keep_erasure(house: House, event: Event) -> bool:
    """Add an erasure to the site's list, once; whether it was added. Raises `InputError` for a forged list,
    `SettingsError` or `StoreError`."""
    path = erasures_path(house.settings)
    if path is not None and not path.parent.is_dir():
        raise StoreError(
            "the place where checkpoints and erasures are kept is not there; erase again when it is"
        )
    said = (event.sequence, tuple(sorted(event.payload["runs"])))
    if path is None or said in _lines(house.settings, path):
        return False
    key = read_signing_key(Path(house.settings.checkpoint_key_file))
    add_line(path, WHAT, {"at": house.clock().isoformat(), "event": said[0], "runs": list(said[1])}, key)
    return True


def _lines(settings: Settings, path: Path) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The place of each erasure in its ledger and its runs; none where there is no list."""
    if not path.exists():
        return ()
    keys = read_public_keys(public_file(Path(settings.checkpoint_key_file)))
    return tuple((said["event"], tuple(said["runs"])) for said in read_lines(path, WHAT, _FIELDS, keys))


def erased_elsewhere(settings: Settings) -> frozenset[str] | None:
    """Every run that the site's list says was erased; None where a site keeps no list. Raises `InputError`
    where the list is forged, shorter than the log of checkpoints says that it must be, or nowhere to be seen
    with the log: what cannot be looked at is not nothing."""
    path = erasures_path(settings)
    if path is None:
        return None
    log = log_path(Path(settings.checkpoint_log))
    keys = read_public_keys(public_file(Path(settings.checkpoint_key_file)))
    known = max((one.erased for one in read_kept(log, keys)), default=0) if log.exists() else 0
    if not log.exists() and not path.exists():
        raise InputError.one(
            path.name,
            "is not there, nor is the log of checkpoints: whether anything was erased is not known",
            remedy=f"bring both to where {variable('checkpoint_log')} points, or say --erasures-by-hand",
        )
    lines = _lines(settings, path)
    named = len({runs for _, runs in lines})
    if named < known:
        raise InputError.one(
            path.name,
            f"names {named} erasures where {log.name} counts {known}: what else was erased is not known",
            remedy="bring the whole list, or say --erasures-by-hand and erase again before you serve",
        )
    return frozenset(run for _, runs in lines for run in runs)


def brought_back(ledger: SqlLedger, erased: frozenset[str]) -> tuple[str, ...]:
    """Whose genome is there although it was erased."""
    there = ledger.genome_runs()
    return tuple(dict.fromkeys(one.person for one in there if one.erased is None and one.run in erased))


def keep_earlier_erasures(house: House) -> int:
    """Add to the list what was erased before there was one; how many were added."""
    if erasures_path(house.settings) is None:
        return 0
    return sum(keep_erasure(house, event) for event in house.ledger.events(kinds=(EventKind.GENOME_ERASED,)))
