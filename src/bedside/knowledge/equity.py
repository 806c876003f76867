"""The policy of gaps between groups, and how many people of a group are in the references that results are
read against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "equity"
GAPS, REFERENCES = "gaps", "references"


@dataclass(frozen=True, slots=True)
class GapPolicy:
    """When a gap is an alarm and whose it is.

    level: the false discovery rate over all gaps of a report. least_gap: as a share of one. look_every_hours:
    how often a running server looks, 0 for never. slots: counsellors' appointments a week by site, empty when
    nobody said.
    """

    provenance: Provenance
    level: float
    least_gap: float
    least_people: int
    cool_down_days: int
    due_in_days: int
    look_every_hours: int
    owner_role: str
    age_bands: tuple[int, ...]
    least_reference: int
    counsellor: str
    slots: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ReferenceSize:
    """How many people of a person's group are in a reference. group, people: "" and None where it is not
    known, which is never large. small: below the policy's limit, or not known."""

    reference: str
    said: str
    group: str
    people: int | None
    limit: int

    @property
    def small(self) -> bool:
        """Whether a result must say so on its face."""
        return self.people is None or self.people < self.limit

    @property
    def words(self) -> str:
        """The caveat as it is read beside a result; "" where the reference is large enough."""
        if not self.small:
            return ""
        if not self.said:
            known = "ancestry is not recorded, so it is not known how many people like this one are in it"
        elif self.people is None:
            known = f"how many people recorded as {self.said} are in it is not known"
        else:
            known = f"{self.people:,} people of the group nearest to {self.said} are in it"
        return (
            f"Read against {self.reference}: {known}. Fewer than {self.limit:,} means that a rare variant is "
            "harder to tell from a harmless one, and that uncertain results are more frequent."
        )


@dataclass(frozen=True, slots=True)
class UncertainRate:
    """In one published series, the share of people of each group with an uncertain finding."""

    title: str
    rates: Mapping[str, float]

    def words(self, group: str) -> str:
        """How it is told beside a result; "" for a group of which nobody published it."""
        if group not in self.rates:
            return ""
        usual, most = self.rates[group], min(self.rates.values())
        least = f", against {100 * most:.1f} % in the group with the fewest" if usual > most else ""
        return f"Uncertain findings ({self.title}): {100 * usual:.1f} % of the people of this group{least}."


@dataclass(frozen=True, slots=True)
class References:
    """The references by name: what each is called and its people by group; what people say, and the group;
    how often findings are uncertain."""

    provenance: Provenance
    titles: Mapping[str, str]
    people: Mapping[str, Mapping[str, int]]
    groups: Mapping[str, str]
    examples: tuple[Mapping[str, Any], ...]
    uncertain: tuple[UncertainRate, ...] = ()

    def size(self, reference: str, said: str, limit: int) -> ReferenceSize:
        """How many people of somebody's group are in a reference. said: the ancestry as the person said it;
        nothing about it is read from a genome."""
        group = self.groups.get(said, "")
        number = self.people[reference].get(group) if group else None
        return ReferenceSize(self.titles[reference], said, group, number, limit)


def load_gap_policy(root: Path | None = None) -> GapPolicy:
    """The policy in force; a site's own file of the same name replaces the shipped one. Raises PackError."""
    file = _named(GAPS, root)
    held = file.document
    try:
        counsellors = held.get("counsellors", {})
        policy = GapPolicy(
            file.provenance,
            float(held["level"]),
            float(held["least_gap"]),
            int(held["least_people"]),
            int(held["cool_down_days"]),
            int(held["due_in_days"]),
            int(held["look_every_hours"]),
            str(held["owner_role"]),
            tuple(int(one) for one in held["age_bands"]),
            int(held["least_reference"]),
            str(counsellors.get("owner", "")),
            {str(site): float(slots) for site, slots in counsellors.get("slots_per_week", {}).items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy of gaps: {error}") from error
    if not 0 < policy.level < 1 or not 0 <= policy.least_gap < 1 or policy.age_bands[:1] != (0,):
        raise file.fail("level lies between 0 and 1, least_gap too, and the first age band begins at 0")
    if policy.look_every_hours < 0:
        raise file.fail("look_every_hours is 0 (never) or more")
    return policy


def load_references(root: Path | None = None) -> References:
    """The sizes of references in force. Raises PackError."""
    file = _named(REFERENCES, root)
    held = file.document
    try:
        entries = held["reference"]
        return References(
            file.provenance,
            {str(one["name"]): str(one["title"]) for one in entries},
            {str(one["name"]): {str(k): int(v) for k, v in one["people"].items()} for one in entries},
            {str(said): str(group) for said, group in held["groups"].items()},
            tuple(held.get("example", ())),
            tuple(
                UncertainRate(str(one["title"]), {str(k): float(v) for k, v in one["rates"].items()})
                for one in held.get("uncertain", ())
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a list of references: {error}") from error


def _named(name: str, root: Path | None) -> RuleFile:
    found = [file for file in rule_files(KIND, root) if file.provenance.name == name]
    if not found:
        raise PackError([Problem(name, "is not at hand")])
    return found[-1]
