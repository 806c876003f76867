"""On which reference assembly a consumer's file stands: stated, told or proved; never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bedside.errors import Problem
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.intake.consumer_rows import Markers
from bedside.knowledge.consumer_policy import ConsumerPolicy

_REMEDY = "give --build GRCh37 or --build GRCh38 if whoever made the file says which"
_CHECK = "check the build and the file; whoever made it must say which is right"


class BuildFrom(Enum):
    """How the build is known."""

    STATED = "stated in the file's own header"
    TOLD = "told by whoever gave the file"
    PROVED = "proved by the positions of known markers"


@dataclass(frozen=True, slots=True)
class Known:
    """A marker whose places and alleles are known: a pharmacogene's position. reference: GRCh38's allele."""

    gene: str
    name: str
    chromosome: str
    positions: Mapping[str, int]
    alleles: frozenset[str]
    reference: str

    def unfit(self, letters: str) -> bool:
        """Whether a base is there that the position is not known to have. Indels cannot be compared."""
        single = {allele for allele in self.alleles if len(allele) == 1}
        if len(single) != len(self.alleles) or set(letters) & set("DI/"):
            return False
        return not set(letters) <= single

    def differs(self, letters: str) -> bool:
        """Whether any allele is other than GRCh38's. I and D name no allele: that counts as differing unless
        both are the same."""
        if set(letters) & set("DI"):
            return len(set(letters)) > 1
        alleles = letters.split("/") if "/" in letters else list(letters)
        return any(allele != self.reference for allele in alleles)


def decide_build(
    source: str,
    header: Sequence[str],
    markers: Markers,
    told: Build | None,
    policy: ConsumerPolicy,
    known: Mapping[str, Known],
    problems: list[Problem],
    notices: list[Notice],
) -> tuple[Build, BuildFrom] | None:
    """The build and how it is known; None with the reason added to `problems`."""
    stated = _stated(header, policy)
    fitting, tested = _proved(markers, policy, known)
    proved = {name for name, number in fitting.items() if number >= policy.minimum_anchors}
    claims = {"the header": stated, "--build": None if told is None else told.value}
    said = {who: name for who, name in claims.items() if name is not None}
    names = {*said.values(), *proved}
    if len(names) > 1:
        parts = [f"{who} says {name}" for who, name in said.items()]
        parts += [f"{fitting[name]} known markers stand where {name} has them" for name in sorted(proved)]
        problems.append(Problem(source, "the build is contradicted: " + ", ".join(parts), remedy=_CHECK))
        return None
    if not names:
        reason = f"the build is neither stated nor proved ({sum(fitting.values())} of {tested} known markers"
        problems.append(Problem(source, f"{reason} fit one)", remedy=_REMEDY))
        return None
    (name,) = names
    build = next(one.build for one in policy.assemblies if one.name == name)
    if build is None:
        reason = f"the file stands on {name}, which is too old"
        problems.append(Problem(source, reason, remedy="download a newer file from the seller"))
        return None
    if said and tested >= policy.minimum_anchors and not fitting[name]:
        reason = f"none of {tested} known markers stands where {name} has it"
        problems.append(Problem(source, reason, remedy=_CHECK))
        return None
    if not proved:
        reason = f"too few known markers to check that the file stands on {name}"
        notices.append(Notice("build-unchecked", reason, source))
    how = BuildFrom.STATED if stated else BuildFrom.TOLD if told else BuildFrom.PROVED
    return build, how


def _stated(header: Sequence[str], policy: ConsumerPolicy) -> str | None:
    """The one assembly that the header names; None when it names none or several."""
    text = "\n".join(header).lower()
    found = {
        assembly.name
        for assembly in policy.assemblies
        for word in assembly.words
        if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![0-9])", text)
    }
    return found.pop() if len(found) == 1 else None


def _proved(markers: Markers, policy: ConsumerPolicy, known: Mapping[str, Known]) -> tuple[Counter[str], int]:
    """For each assembly how many known markers stand where only it has them, and how many were compared."""
    fitting: Counter[str] = Counter()
    tested = 0
    for place, name in enumerate(markers.names):
        if name in known:
            chromosome, positions = known[name].chromosome, known[name].positions
        elif name in policy.anchors:
            chromosome, positions = policy.anchors[name]
        else:
            continue
        if not markers.chromosomes[place] or len(set(positions.values())) < 2:
            continue
        tested += 1
        here = [one for one, position in positions.items() if position == markers.positions[place]]
        if len(here) == 1 and chromosome == markers.chromosomes[place]:
            fitting[here[0]] += 1
    return fitting, tested
