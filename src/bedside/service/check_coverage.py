"""Whether the coverage policies at hand are whole and answer what their examples say."""

from __future__ import annotations

from pathlib import Path

from bedside.decide.coverage_example import differences
from bedside.errors import PackError, Problem
from bedside.knowledge.coverage_policies import KIND, load_coverage


def check_coverage(root: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of the coverage packs in force."""
    try:
        pack = load_coverage(root)
    except PackError as error:
        return error.problems
    return tuple(
        Problem(f"{KIND}/{name}.toml", said)
        for name, policy in pack.policies.items()
        for example in policy.examples
        for said in differences(pack, name, example)
    )
