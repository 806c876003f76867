"""When a polygenic score may be told of a person: match, ancestry, for whom it is valid, what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.genome.person import Sex
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "polygenic"


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """For whom one score is valid, in words and as limits, and what follows from it (`no action known` when
    nothing does)."""

    score: str
    trait: str
    sexes: frozenset[Sex]
    age_from: int
    age_to: int
    validity: str
    action: str
    source: str

    @property
    def both_sexes(self) -> bool:
        """Whether it matters not which of the two sexes somebody is."""
        return {Sex.FEMALE, Sex.MALE} <= self.sexes


@dataclass(frozen=True, slots=True)
class PolygenicPolicy:
    """The policy pack. minimum_match: share of a score's variants that must have an answer.
    outside_quantile: of the panel's own distances; beyond it somebody is outside the reference."""

    provenance: Provenance
    minimum_match: float
    components: int
    outside_quantile: float
    interval_z: float
    high_z: float
    scores: Mapping[str, ScoreRule]

    @property
    def release(self) -> str:
        """The policy by name, day and content."""
        header = self.provenance
        return f"{header.name}@{header.retrieved.isoformat()}#{header.sha256[:12]}"


def load_polygenic_policy(root: Path | None = None) -> PolygenicPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_polygenic_policy(chosen)


def read_polygenic_policy(file: RuleFile) -> PolygenicPolicy:
    """The policy in a rule file; raises PackError."""
    document = file.document
    try:
        rules = [_rule(entry) for entry in document["score"]]
        policy = PolygenicPolicy(
            file.provenance,
            float(document["match"]["minimum"]),
            int(document["ancestry"]["components"]),
            float(document["ancestry"]["outside_quantile"]),
            float(document["result"]["interval_z"]),
            float(document["result"]["high_z"]),
            {rule.score: rule for rule in rules},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy for polygenic scores: {error}") from error
    if not (0 < policy.minimum_match <= 1 and 0 < policy.outside_quantile < 1 and policy.components > 0):
        raise file.fail("minimum and outside_quantile are shares between 0 and 1, components at least one")
    silent = [
        rule.score for rule in rules if not (rule.action.strip() and rule.validity.strip() and rule.sexes)
    ]
    if silent or len(policy.scores) < len(rules):
        reason = f"a score stands twice, or has no validity, sexes or action: {', '.join(silent)}"
        raise file.fail(reason, 'write action = "no action known" where nothing follows')
    return policy


def _rule(entry: Mapping[str, Any]) -> ScoreRule:
    return ScoreRule(
        score=entry["id"],
        trait=entry["trait"],
        sexes=frozenset(Sex(one) for one in entry["sexes"]),
        age_from=int(entry["age_from"]),
        age_to=int(entry["age_to"]),
        validity=entry["validity"],
        action=entry["action"],
        source=entry["source"],
    )
