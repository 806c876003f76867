"""The intake policy is a dated pack with an owner; a broken one is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.intake.policy import INTAKE_PACK, default_policy, read_policy


def test_the_policy_says_who_owns_it_and_that_a_laboratory_has_still_to_sign_it() -> None:
    policy = default_policy()
    assert policy.owner == "Bedside maintainers (laboratory intake)"
    assert policy.review_state == "local policy; awaiting sign-off by a site's laboratory director"
    assert (policy.minimum_genotype_quality, policy.minimum_depth) == (20, 10)
    assert policy.retrieved == "2026-11-22"


@pytest.mark.parametrize(
    ("name", "chromosome"),
    [
        ("chr7", "chr7"),
        ("7", "chr7"),
        ("NC_000007.14", "chr7"),
        ("NC_000007.13", "chr7"),
        ("MT", "chrM"),
        ("M", "chrM"),
        ("chrMT", "chrM"),
        ("X", "chrX"),
        ("chr7_KI270803v1_alt", None),
        ("GL000192.1", None),
    ],
)
def test_a_chromosome_has_many_names(name: str, chromosome: str | None) -> None:
    assert default_policy().chromosome(name) == chromosome


@pytest.mark.parametrize("lost", ["owner", "minimum_depth", "passing", "any_allele"])
def test_a_policy_that_lacks_something_is_refused(tmp_path: Path, lost: str) -> None:
    lines = INTAKE_PACK.read_text().splitlines(keepends=True)
    path = tmp_path / "site.toml"
    path.write_text("".join(line for line in lines if not line.startswith(f"{lost} =")))
    with pytest.raises(PackError, match=r"site\.toml"):
        read_policy(path)
