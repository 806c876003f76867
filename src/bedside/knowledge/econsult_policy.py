"""What an eConsult promises: days by urgency, whose move it is at the answering site, tasks at the asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.consult import Urgency
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.tiers import TaskPolicy

KIND = "econsult"


@dataclass(frozen=True, slots=True)
class Answering:
    """Roles of the answering site; after the due day it goes to `escalate_to`."""

    triage: str
    answer: str
    sign: str
    escalate_after_working_days: int
    escalate_to: str


@dataclass(frozen=True, slots=True)
class EconsultPolicy:
    """The site's policy."""

    provenance: Provenance
    sign_off_by_another: bool
    due_in_working_days: Mapping[Urgency, int]
    answering: Answering
    follow: TaskPolicy
    read: TaskPolicy


@cache
def load_econsult_policy(root: Path | None = None) -> EconsultPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    found = list(rule_files(KIND, root))
    if not found:
        raise PackError([Problem(KIND, "no policy of eConsults is at hand")])
    file = found[-1]
    try:
        days = {one: int(file.document["due_in_working_days"][one.value]) for one in Urgency}
        answering = Answering(**file.document["answering"])
        tasks = [TaskPolicy(**file.document[name]) for name in ("follow", "read")]
        another = file.document["sign_off_by_another"]
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy of eConsults: {error}") from error
    if not isinstance(another, bool) or any(not 0 < count <= 250 for count in days.values()):
        raise file.fail("sign_off_by_another is true or false, days are 1 to 250")
    return EconsultPolicy(file.provenance, another, days, answering, *tasks)
