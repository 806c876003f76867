"""What is believed of a raw-data file that somebody bought: how it is recognised, what proves its build, and
the one task it may lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.genome.locus import Build
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.tiers import TaskPolicy

KIND = "consumer"
COLUMNS = ("name", "chromosome", "position", "genotype", "allele1", "allele2")


@dataclass(frozen=True, slots=True)
class Vendor:
    """A seller of raw data, and the words its files begin with."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A reference assembly as headers name it. `build` is None for one that is too old to be used."""

    name: str
    words: tuple[str, ...]
    build: Build | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence that goes with every task of a kind, and the publication that it comes from."""

    text: str
    source: str
    pmid: str
    applies_to: str


@dataclass(frozen=True, slots=True)
class ConsumerPolicy:
    """The policy pack.

    columns: for each thing a column can hold, the headings that mean it (lower case), the best first.
    anchors: for a marker's name, its chromosome and its position in each assembly. minimum_anchors: how many
    must agree before they prove a build. common: markers common enough in people that a chip reads them
    well; their genotypes may be named in the task, at lower trust. facts: said in the task,
    `applies_to` says of what.
    """

    provenance: Provenance
    vendors: tuple[Vendor, ...]
    columns: Mapping[str, tuple[str, ...]]
    no_calls: frozenset[str]
    assemblies: tuple[Assembly, ...]
    anchors: Mapping[str, tuple[str, Mapping[str, int]]]
    minimum_anchors: int
    common: frozenset[str]
    facts: tuple[Fact, ...]
    task: TaskPolicy
    summary: str
    largest_megabytes: int

    @property
    def release(self) -> str:
        """The policy by name, day and content, as a task quotes it."""
        header = self.provenance
        return f"{header.name}@{header.retrieved.isoformat()}#{header.sha256[:12]}"


def load_consumer_policy(root: Path | None = None) -> ConsumerPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_consumer_policy(chosen)


def read_consumer_policy(file: RuleFile) -> ConsumerPolicy:
    """The policy in a rule file; raises PackError."""
    try:
        policy = _policy(file)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise file.fail(f"not a policy for consumer files: {error}") from error
    lacking = [name for name in COLUMNS if not policy.columns.get(name)]
    if lacking:
        raise file.fail(f"no headings for {', '.join(lacking)}", "add them under [columns]")
    known = {assembly.name for assembly in policy.assemblies}
    strangers = sorted({name for _, places in policy.anchors.values() for name in places} - known)
    if strangers:
        raise file.fail(f"anchors name unknown assemblies: {', '.join(strangers)}", "add an [[assembly]]")
    if policy.minimum_anchors < 1 or not policy.facts:
        raise file.fail("at least one anchor must be asked for, and at least one fact said")
    return policy


def _policy(file: RuleFile) -> ConsumerPolicy:
    document = file.document
    return ConsumerPolicy(
        provenance=file.provenance,
        vendors=tuple(Vendor(one["name"], _lower(one["words"])) for one in document["vendor"]),
        columns={name: _lower(document["columns"][name]) for name in COLUMNS},
        no_calls=frozenset(document["genotypes"]["no_calls"]),
        assemblies=tuple(_assembly(one) for one in document["assembly"]),
        anchors={one["name"]: _anchor(one) for one in document["anchor"]},
        minimum_anchors=int(document["build"]["minimum_anchors"]),
        common=frozenset(document["common"]["markers"]),
        facts=tuple(Fact(**one) for one in document["fact"]),
        task=TaskPolicy(**document["task"]),
        summary=str(document["wording"]["summary"]),
        largest_megabytes=int(document["file"]["largest_megabytes"]),
    )


def _lower(several: list[str]) -> tuple[str, ...]:
    return tuple(one.lower() for one in several)


def _assembly(entry: Mapping[str, Any]) -> Assembly:
    usable = {build.value: build for build in Build}
    return Assembly(entry["name"], _lower(entry["words"]), usable.get(entry["name"]))


def _anchor(entry: Mapping[str, Any]) -> tuple[str, Mapping[str, int]]:
    return entry["chromosome"], {name: int(place) for name, place in entry["positions"].items()}
