"""Studies as registered: the protocol as it stood, when and by whom, and what a later file says otherwise."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedside.errors import InputError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.study_cohorts import load_study_cohorts
from bedside.knowledge.study_policy import load_study_policy
from bedside.knowledge.study_protocol import Protocol
from bedside.learn.studies.assignment import Drawn, draw
from bedside.service.house import House

NOT_REGISTERED = "the protocol was not registered before the study was run"
_HEADER = frozenset({"review_due", "review_state", "approval"})
"""What may change without the study being another."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A protocol as registered. protocol: sha256 of its bytes, by which the store keeps it. assignment: the
    lot as drawn on that day."""

    study: str
    protocol: str
    title: str
    owner: str
    at: datetime
    by: str
    sequence: int
    assignment: tuple[Drawn, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """A study as it was run. result: sha256 of its result, by which the store keeps it; summary: what a list
    shows."""

    study: str
    protocol: str
    at: datetime
    by: str
    result: str
    summary: Mapping[str, Any]


def register(house: House, protocol: Protocol, content: bytes, by: str) -> Registered:
    """Write a protocol down, once, before its study is run. Raises InputError when it names a cohort or a
    policy that is not here."""
    name = protocol.provenance.name
    root = house.settings.knowledge_folder
    if protocol.cohort and protocol.cohort not in load_study_cohorts(root):
        raise InputError.one(name, f"names the cohort {protocol.cohort!r}, which is not here")
    policy = load_study_policy(root)
    if protocol.policy != policy.provenance.name:
        raise InputError.one(
            name, f"names the policy {protocol.policy!r}", remedy=f"here it is {policy.provenance.name}"
        )
    digest = house.documents.put(content)
    payload: dict[str, Any] = {
        "study": name,
        "protocol": digest,
        "title": protocol.provenance.title,
        "owner": protocol.provenance.owner,
        "approval": str(protocol.provenance.approval),
        "question": protocol.question,
        "design": protocol.design.value,
        "policy": policy.release,
    }
    if protocol.lot is not None:
        drawn = draw(protocol.lot.units, protocol.lot.arms, protocol.seed)
        payload["seed"] = protocol.seed
        payload["assignment"] = [[one.unit, one.stratum, one.place, one.arm] for one in drawn]
    event = NewEvent(
        EventKind.STUDY_REGISTERED, by, house.clock(), payload=payload, key=f"study:{name}:{digest}"
    )
    house.ledger.append([event])
    return next(one for one in registered(house)[name] if one.protocol == digest)


def registered(house: House) -> Mapping[str, tuple[Registered, ...]]:
    """Every registration, by study, oldest first."""
    found: dict[str, tuple[Registered, ...]] = {}
    for event in house.ledger.events(kinds=(EventKind.STUDY_REGISTERED,)):
        held = event.payload
        one = Registered(
            study=held["study"],
            protocol=held["protocol"],
            title=held.get("title", held["study"]),
            owner=held.get("owner", ""),
            at=event.valid_at,
            by=event.actor,
            sequence=event.sequence,
            assignment=tuple(Drawn(*row) for row in held.get("assignment", ())),
        )
        found[one.study] = (*found.get(one.study, ()), one)
    return found


def ran(house: House) -> Mapping[str, tuple[Ran, ...]]:
    """Every run, by study, oldest first."""
    found: dict[str, tuple[Ran, ...]] = {}
    for event in house.ledger.events(kinds=(EventKind.STUDY_RUN,)):
        held = event.payload
        one = Ran(
            study=held["study"],
            protocol=held["protocol"],
            at=event.valid_at,
            by=event.actor,
            result=held["bundle"],
            summary=held.get("summary", {}),
        )
        found[one.study] = (*found.get(one.study, ()), one)
    return found


def deviations(house: House, protocol: Protocol, content: bytes) -> tuple[str, ...]:
    """What a protocol says otherwise than when its study was first registered; empty when nothing."""
    first = registered(house).get(protocol.provenance.name)
    if not first:
        return (NOT_REGISTERED,)
    before = tomllib.loads(house.documents.get(first[0].protocol).decode())
    after = tomllib.loads(content.decode())
    keys = sorted({*before, *after} - _HEADER)
    changed = [key for key in keys if before.get(key) != after.get(key)]
    day = first[0].at.date().isoformat()
    return tuple(f"{key!r} is not what was registered on {day}" for key in changed)
