"""The programme's log of decisions: what, why, what else was considered, on which evidence, by whom. An
approval of content is a decision that only a role of the approval matrix may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bedside.errors import InputError, Problem
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.knowledge.approvals import load_matrix
from bedside.knowledge.directory import load_directory
from bedside.service.content import contents
from bedside.service.house import House
from bedside.store.encode import canonical


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision. who and role: the person and the role they decided in. about: content as `kind/name`.
    approves: whether it approves that content as it stands, of which digest is the version. supersedes: the
    decision it takes the place of."""

    what: str
    why: str
    who: str
    role: str
    alternatives: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    about: str = ""
    approves: bool = False
    supersedes: str = ""
    digest: str = ""
    id: str = field(default="")
    at: datetime | None = None


def decide(house: House, decision: Decision, actor: str) -> str:
    """Write a decision down; returns its id. Raises InputError with every reason against it."""
    root, today = house.settings.knowledge_folder, house.clock().date()
    problems = [
        Problem("decision", f"says no {name}")
        for name in ("what", "why", "who", "role")
        if not getattr(decision, name).strip()
    ]
    held = {"/".join(one.key): one for one in contents(root)} if decision.about else {}
    found = held.get(decision.about)
    if decision.about and found is None:
        problems.append(Problem("decision", f"there is no content {decision.about}"))
    if decision.supersedes and decision.supersedes not in {one.id for one in decisions(house)}:
        problems.append(Problem("decision", f"there is no decision {decision.supersedes} to supersede"))
    if decision.approves and found is not None:
        person, row = load_directory(root).people.get(decision.who), load_matrix(root).row(found.kind)
        if person is None or not person.here(today):
            problems.append(Problem("decision", f"{decision.who} is not in the directory"))
        elif decision.role not in person.roles:
            problems.append(Problem("decision", f"{decision.who} does not hold the role {decision.role}"))
        if decision.role not in row.roles:
            may = ", ".join(sorted(row.roles))
            problems.append(
                Problem("decision", f"a {decision.role} may not approve {found.kind}", remedy=may)
            )
    elif decision.approves:
        problems.append(Problem("decision", "approves nothing", remedy="name the content: --about KIND/NAME"))
    if problems:
        raise InputError(problems)
    said: dict[str, Any] = {
        "what": decision.what,
        "why": decision.why,
        "who": decision.who,
        "role": decision.role,
        "alternatives": list(decision.alternatives),
        "evidence": list(decision.evidence),
        "links": list(decision.links),
        "about": decision.about,
        "approves": decision.approves,
        "supersedes": decision.supersedes,
        "digest": "" if found is None else found.digest,
    }
    after = house.ledger.checkpoint().sequence
    made = digest(canonical({**said, "after": after}))[:12]
    payload = {"decision": made, **said}
    house.ledger.append(
        [NewEvent(EventKind.DECISION_LOGGED, actor, house.clock(), payload=payload, key=f"decision:{made}")]
    )
    return made


def decisions(house: House) -> tuple[Decision, ...]:
    """Every decision of the programme, the newest first."""
    return tuple(reversed(list(_read(house))))


def _read(house: House) -> Iterator[Decision]:
    for event in house.ledger.events(kinds=(EventKind.DECISION_LOGGED,)):
        said = event.payload
        if "what" not in said:
            continue  # a decision of another kind, with a page of its own
        yield Decision(
            what=said["what"],
            why=said["why"],
            who=said["who"],
            role=said["role"],
            alternatives=tuple(said["alternatives"]),
            evidence=tuple(said["evidence"]),
            links=tuple(said["links"]),
            about=said["about"],
            approves=said["approves"],
            supersedes=said["supersedes"],
            digest=said["digest"],
            id=said["decision"],
            at=event.valid_at,
        )
