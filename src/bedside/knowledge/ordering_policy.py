"""When stored data answer for a gene, and whose task it is when a specimen or a result goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.test_catalogue import KIND, POLICY
from bedside.knowledge.tiers import TaskPolicy


@dataclass(frozen=True, slots=True)
class OrderingPolicy:
    """The site's policy; refused: what follows when a laboratory does not take an order, as shipped where the
    site says nothing. least_share: of a gene's coding sequence, before a stored genome answers for it.
    moves: whose each move with an order is, by `MOVES`."""

    provenance: Provenance
    least_share: float
    recollect: TaskPolicy
    uncoded: TaskPolicy
    refused: TaskPolicy
    moves: Mapping[str, str]


MOVES = ("label", "collect", "send", "receive", "result", "read")
"""What has to be done with an order until its result was read; the policy names a role for each."""


@cache
def load_ordering_policy(root: Path | None = None) -> OrderingPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    found = [file for file in rule_files(KIND, root) if file.provenance.name == POLICY]
    if not found:
        raise PackError([Problem(KIND, "no policy of ordering is at hand")])
    file = found[-1]
    try:
        share = float(file.document["least_share"])
        said = {**{"refused": found[0].document["refused"]}, **file.document}
        tasks = [TaskPolicy(**said[name]) for name in ("recollect", "uncoded", "refused")]
        moves = {name: str(file.document["moves"][name]) for name in MOVES}
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy of ordering: {error}") from error
    if not 0 < share <= 1:
        raise file.fail("least_share is a share above 0 and up to 1")
    if not all(role.strip() for role in moves.values()):
        raise file.fail("every move has a role whose it is")
    return OrderingPolicy(file.provenance, share, tasks[0], tasks[1], tasks[2], moves)
