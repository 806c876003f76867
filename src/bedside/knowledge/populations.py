"""The populations that guidance rows are for, and what decides whether somebody belongs to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files


@dataclass(frozen=True, slots=True)
class Population:
    """Rows of one axis (age, indication, exposure) exclude one another.

    minimum_age and below_age are in years. problems: SNOMED CT codes, one of which must be present. naive:
    the drug is not among current medicines. exposed_days: it has been taken for more than so many days.
    """

    id: str
    words: str
    axis: str = ""
    minimum_age: int | None = None
    below_age: int | None = None
    problems: frozenset[str] = frozenset()
    naive: bool = False
    exposed_days: int | None = None


@dataclass(frozen=True, slots=True)
class Populations:
    """Every population by its id."""

    provenance: Provenance
    by_id: Mapping[str, Population]


def load_populations(root: Path | None = None) -> Populations:
    """The shipped populations, or a site's own in their place; raises PackError."""
    *_, chosen = rule_files("populations", root)
    return read_populations(chosen)


def read_populations(file: RuleFile) -> Populations:
    """The populations in a rule file."""
    try:
        found = {
            entry["id"]: Population(**{**entry, "problems": frozenset(entry.get("problems", ()))})
            for entry in file.document["population"]
        }
    except (KeyError, TypeError) as error:
        raise file.fail(f"not a list of populations: {error}") from error
    return Populations(file.provenance, found)
