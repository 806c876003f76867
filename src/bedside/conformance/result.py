"""What one case came to, and where the answer comes from. Nothing is passed by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What became of a case. Not run is no pass, and has a reason."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


class Origin(Enum):
    """Where the verdicts of an area come from."""

    RUN = "run now"
    RECORDED = "recorded by a test run"
    NOTHING = "nothing was run"


@dataclass(frozen=True, slots=True)
class Case:
    """One case. count: how many single checks it stands for. reason: why it failed or was not run; for a
    passed case, what is worth knowing."""

    name: str
    verdict: Verdict
    reason: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Area:
    """Everything that is checked about one subject. checked_by: whose means. versions: of what was used.
    told: with what, when and with which digest it was recorded."""

    key: str
    title: str
    checked_by: str
    cases: tuple[Case, ...]
    origin: Origin = Origin.RUN
    versions: tuple[str, ...] = ()
    told: str = ""

    def count(self, verdict: Verdict) -> int:
        """How many single checks came to a verdict."""
        return sum(one.count for one in self.cases if one.verdict is verdict)

    @property
    def verdict(self) -> Verdict:
        """Of the whole: failed when anything failed, passed only when something ran and nothing failed."""
        if self.count(Verdict.FAILED):
            return Verdict.FAILED
        return Verdict.PASSED if self.count(Verdict.PASSED) else Verdict.NOT_RUN

    def cases_of(self, verdict: Verdict) -> tuple[Case, ...]:
        """The cases with a verdict."""
        return tuple(one for one in self.cases if one.verdict is verdict)


def case(name: str, faults: Iterable[object], count: int = 1) -> Case:
    """A case that failed when there are faults, with the first of them."""
    found = [str(one) for one in faults]
    if not found:
        return Case(name, Verdict.PASSED, count=count)
    more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
    return Case(name, Verdict.FAILED, "; ".join(found[:3]) + more, count)


def not_run(key: str, title: str, checked_by: str, reason: str) -> Area:
    """An area of which nothing was run, and why."""
    return Area(key, title, checked_by, (Case(title, Verdict.NOT_RUN, reason),), Origin.NOTHING)
