"""Whether a release is so unlike the one before that a person must look first, in what it takes back or
in what it finds: a change of format looks like a change of medicine, and thousands would be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bedside.knowledge.classification import Bucket
from bedside.knowledge.reanalysis_policy import Limits


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that a release breaks: how many of the pathogenic and likely pathogenic records it concerns,
    and where they were counted."""

    limit: str
    records: int
    share: float
    allowed: float
    least: int
    within: str = "the release"

    @property
    def gained(self) -> bool:
        """Whether the records became pathogenic or likely pathogenic, rather than ceased to be."""
        return self.limit in _GAINED

    def __str__(self) -> str:
        return (
            f"in {self.within}, {self.records} pathogenic or likely pathogenic records {_WORDS[self.limit]} "
            f"({self.share:.1%}; the policy lets {self.allowed:.1%} or up to {self.least} records pass)"
        )


_WORDS = {
    "share_to_other": "have no class of pathogenicity any more",
    "share_vanished": "are gone",
    "share_to_benign": "became benign or likely benign",
    "share_lost": "are pathogenic no more",
    "share_from_benign": "were benign or likely benign before",
    "share_raised": "had another class of pathogenicity before",
    "share_from_other": "had no class of pathogenicity before",
    "share_new": "are new",
}


_GAINED = ("share_from_benign", "share_raised", "share_from_other", "share_new")


def excesses(became: Mapping[Bucket | None, int], pathogenic: int, limits: Limits) -> tuple[Excess, ...]:
    """The limits that are broken. became: of the records that were pathogenic or likely pathogenic before and
    are no longer, how many stand where now (None: gone from the release); pathogenic: how many there were.
    """
    lost = Counter(
        {bucket: count for bucket, count in became.items() if bucket is not Bucket.PLP},
    )
    concerned = {
        "share_to_other": lost[Bucket.OTHER] + lost[Bucket.NONE],
        "share_vanished": lost[None],
        "share_to_benign": lost[Bucket.BLB],
        "share_lost": sum(lost.values()),
    }
    return _broken(concerned, pathogenic, limits)


def gains(came: Mapping[Bucket | None, int], pathogenic: int, limits: Limits) -> tuple[Excess, ...]:
    """The limits that are broken the other way. came: of the records that are pathogenic or likely pathogenic
    and were not before, how many stood where (None: not in the release); pathogenic: how many there were.
    """
    found = Counter(dict(came))
    concerned = {
        "share_from_benign": found[Bucket.BLB],
        "share_raised": found[Bucket.BLB] + found[Bucket.VUS] + found[Bucket.CONFLICT],
        "share_from_other": found[Bucket.OTHER] + found[Bucket.NONE],
        "share_new": found[None],
    }
    return _broken(concerned, pathogenic, limits)


def _broken(concerned: Mapping[str, int], pathogenic: int, limits: Limits) -> tuple[Excess, ...]:
    """Where there were none before, one record counts as all of them."""
    base = max(pathogenic, 1)
    return tuple(
        Excess(limit, count, count / base, allowed, limits.least)
        for limit, count in concerned.items()
        if count > limits.least and count / base > (allowed := getattr(limits, limit))
    )
