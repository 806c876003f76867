"""Older names of alleles, for comparing today's calls with published results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files


@dataclass(frozen=True, slots=True)
class OlderNames:
    """(gene, older name) → today's name; and today's alleles that an older test reported as another one."""

    provenance: Provenance
    renamed: Mapping[tuple[str, str], str]
    told_apart_since: Mapping[tuple[str, str], str]

    def today(self, gene: str, older: str) -> str:
        """What the release calls an allele that a report names the older way."""
        return self.renamed.get((gene, older), older)

    def then(self, gene: str, today: str) -> str:
        """What an older test would have reported for today's allele."""
        return self.told_apart_since.get((gene, today), today)


def load_names(root: Path | None = None) -> OlderNames:
    """The shipped names, or a site's own in their place; raises PackError."""
    *_, chosen = rule_files("names", root)
    return read_names(chosen)


def read_names(file: RuleFile) -> OlderNames:
    """The names in a rule file; raises PackError."""
    try:
        renamed = {(row["gene"], row["older"]): row["today"] for row in file.document["renamed"]}
        apart = {(row["gene"], row["today"]): row["older"] for row in file.document["told_apart_since"]}
        cited = all(row["cites"] for kind in ("renamed", "told_apart_since") for row in file.document[kind])
    except (KeyError, TypeError) as error:
        raise file.fail(f"a name lacks {error}") from error
    if not cited:
        raise file.fail("a name cites nothing", "say where the change of name is published")
    return OlderNames(file.provenance, renamed, apart)
