"""The coverage policies at hand as rows: whom each binds, from when to when, who has still to check it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bedside.decide.coverage_example import differences
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.coverage_policy import CoveragePolicy


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy and how many of its examples it answers as they say."""

    policy: CoveragePolicy
    passing: int

    @property
    def failing(self) -> int:
        """How many examples it answers otherwise."""
        return len(self.policy.examples) - self.passing

    @property
    def row(self) -> dict[str, str]:
        """The columns of the list."""
        one, to = self.policy, self.policy.applies_to
        ends = "" if one.effective_to is None else one.effective_to.isoformat()
        return {
            "policy": one.policy,
            "title": one.title,
            "level": one.level.value,
            "binds": self.binds,
            "states": ", ".join(sorted(to.states)),
            "tests": ", ".join(sorted(to.kinds)),
            "from": one.effective_from.isoformat(),
            "to": ends,
            "review_due": one.provenance.review_due.isoformat(),
            "review_state": one.provenance.review_state,
            "owner": one.provenance.owner,
            "examples": f"{self.passing}/{len(one.examples)}",
            "version": one.version,
        }

    @property
    def binds(self) -> str:
        """Whom the policy binds, in words."""
        to = self.policy.applies_to
        parts = [sorted(to.payers), sorted(one.value for one in to.lines)]
        parts += [sorted(one.value for one in to.fundings), sorted(to.contractors)]
        return "; ".join(", ".join(part) for part in parts if part) or "everybody"


def rows(pack: CoveragePack) -> Iterator[PolicyRow]:
    """Every policy, in the order of precedence."""
    levels = pack.precedence.levels
    for one in sorted(pack.policies.values(), key=lambda each: (levels.index(each.level), each.policy)):
        passing = sum(not list(differences(pack, one.policy, example)) for example in one.examples)
        yield PolicyRow(one, passing)
