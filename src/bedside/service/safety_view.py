"""How safe the house is kept: backups, checkpoints, keys, retention, and what of a security standard is
tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.genome.event import Event, EventKind
from bedside.knowledge.retention import RetentionPolicy, Verdict, load_retention
from bedside.knowledge.security_table import SecurityTable, load_security_table
from bedside.service.apply_retention import QUICK, things
from bedside.service.house import House
from bedside.service.keys import HeldKey, keys_of
from bedside.store.open_ledger import is_encrypted, is_postgresql


@dataclass(frozen=True, slots=True)
class SafetyView:
    """Everything the page shows. attention: what needs somebody, in words; empty when nothing does. due: how
    many things of each kind the retention policy would delete (orphans are counted by the command only)."""

    at: datetime
    attention: tuple[str, ...]
    store: str
    encrypted: str
    head: str
    backup: Event | None
    checkpoint: Event | None
    retention: Event | None
    rotations: tuple[Event, ...]
    keys: tuple[HeldKey, ...]
    due: dict[str, int]
    policy: RetentionPolicy
    table: SecurityTable


def safety_view(house: House) -> SafetyView:
    """How the house stands now."""
    settings, now = house.settings, house.clock()
    policy = load_retention(settings.knowledge_folder)
    backup, checkpoint = _last(house, EventKind.BACKUP_MADE), _last(house, EventKind.CHECKPOINT_KEPT)
    keys = keys_of(settings)
    seen = things(house, policy, QUICK)
    due = Counter(one.what.value for one in seen if one.verdict is Verdict.DUE)
    attention = [*_late(policy, backup, checkpoint, now), *_of_keys(policy, keys, now)]
    if due:
        attention.append("The retention policy would delete something: bedside retention shows what.")
    if any(one.verdict is Verdict.UNKNOWN for one in seen):
        attention.append("A backup cannot be read: bedside retention names it.")
    kind = "PostgreSQL" if is_postgresql(settings.store_url) else "SQLite"
    return SafetyView(
        at=now,
        attention=tuple(attention),
        store=kind,
        encrypted="encrypted (SQLCipher)" if is_encrypted(settings.store_url) else "not encrypted by Bedside",
        head=str(house.ledger.checkpoint()),
        backup=backup,
        checkpoint=checkpoint,
        retention=_last(house, EventKind.RETENTION_APPLIED),
        rotations=tuple(house.ledger.events(kinds=(EventKind.KEY_ROTATED,))),
        keys=keys,
        due=dict(due),
        policy=policy,
        table=load_security_table(settings.knowledge_folder),
    )


def _last(house: House, kind: EventKind) -> Event | None:
    last = None
    for event in house.ledger.events(kinds=(kind,)):
        last = event
    return last


def _late(
    policy: RetentionPolicy, backup: Event | None, checkpoint: Event | None, now: datetime
) -> Iterator[str]:
    watched = (
        ("backup was made", backup, policy.watch.backup_hours),
        ("checkpoint was kept elsewhere", checkpoint, policy.watch.checkpoint_hours),
    )
    for what, event, hours in watched:
        if event is None:
            yield f"No {what} yet."
        elif now - event.known_at > timedelta(hours=hours):
            yield f"The last {what} {_ago(now - event.known_at)} ago."


def _ago(passed: timedelta) -> str:
    hours = int(passed.total_seconds() // 3600)
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"


def _of_keys(policy: RetentionPolicy, keys: tuple[HeldKey, ...], now: datetime) -> Iterator[str]:
    for key in keys:
        age = key.age(now)
        if key.problem:
            yield f"The key of the {key.what} {key.problem}."
        elif age is not None and age > policy.watch.key_days:
            yield f"The key of the {key.what} is {age} days old."
        if key.others:
            yield f"Other accounts of this machine may read the key of the {key.what}."
