"""Every piece of content the programme rests on, and what is wrong with who stands for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from bedside.knowledge.approval import Approval, Approved, EvidenceLevel
from bedside.knowledge.approvals import Matrix, Sort
from bedside.knowledge.directory import Directory, Standing


class Fault(Enum):
    """What can be wrong with who stands for a piece of content."""

    ORPHAN = "nobody here owns it"
    OVERDUE = "review overdue"
    NOT_ALLOWED = "approved by a role that may not"
    NOT_HELD = "approved by somebody who does not hold the role"
    NOBODY_TO_ASK = "awaits a role that nobody here holds"
    UNUSED = "used by no playbook"


@dataclass(frozen=True, slots=True)
class Content:
    """One rule file, release, study or playbook, as its header says. digest: of its bytes."""

    kind: str
    name: str
    title: str
    owner: str
    evidence: EvidenceLevel
    approval: Approval
    review_due: date
    digest: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from other content."""
        return (self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Held:
    """A piece of content with who answers for it here, how, which playbooks use it, and its faults."""

    content: Content
    sort: Sort
    answers: str
    standing: Standing
    playbooks: tuple[str, ...]
    overdue_days: int
    faults: tuple[Fault, ...]


def hold(
    contents: Iterable[Content],
    directory: Directory,
    matrix: Matrix,
    used: Mapping[tuple[str, str], tuple[str, ...]],
    today: date,
) -> tuple[Held, ...]:
    """Each piece of content on a day. used: the playbooks that contain it, by kind and name."""
    found = []
    for one in contents:
        answers, standing = directory.answers_for(one.owner, today)
        row, playbooks = matrix.row(one.kind), used.get(one.key, ())
        faults = tuple(_faults(one, answers, matrix, directory, playbooks, today))
        overdue = max(0, (today - one.review_due).days)
        found.append(Held(one, row.sort, answers, standing, playbooks, overdue, faults))
    return tuple(found)


def _faults(
    one: Content,
    answers: str,
    matrix: Matrix,
    directory: Directory,
    playbooks: tuple[str, ...],
    today: date,
) -> Iterator[Fault]:
    if not answers:
        yield Fault.ORPHAN
    if one.review_due < today:
        yield Fault.OVERDUE
    if isinstance(one.approval, Approved):
        person = directory.people.get(one.approval.name)
        if one.approval.role not in matrix.row(one.kind).roles:
            yield Fault.NOT_ALLOWED
        if person is None or one.approval.role not in person.roles:
            yield Fault.NOT_HELD
    elif not directory.holders(one.approval.role, today):
        yield Fault.NOBODY_TO_ASK
    if not playbooks and matrix.row(one.kind).sort in (Sort.PATHWAY, Sort.MEASURE, Sort.POLICY):
        yield Fault.UNUSED


def counted(held: Iterable[Held]) -> dict[Fault, int]:
    """How many pieces of content have each fault."""
    found = dict.fromkeys(Fault, 0)
    for one in held:
        for fault in one.faults:
            found[fault] += 1
    return found
