"""The rapid genome in the neonatal intensive care unit: whom to ask about, the words of notes and of the
outcome form, and what published programmes reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.nicu import NOTHING_CHANGES, CostKind, CostLine, Outcome, Yield
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import Row, parse_table

KIND = "nicu"
COLUMNS = (
    "case", "yield", "changed", "hours_to_result", "hospital_days", "avoided_procedures", "avoided_days",
    "cost", "saved_low", "saved_high", "currency",
)  # fmt: skip
_CHANGED = {"yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True)
class Published:
    """What a programme reported: its figures by name, what our sources do not have of it, and cases made up
    to its totals."""

    name: str
    title: str
    source: str
    currency: str
    figures: Mapping[str, float]
    not_at_hand: tuple[str, ...]
    made_up: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class NicuPolicy:
    """The whole pack."""

    provenance: Provenance
    pathway: str
    oldest_days: int
    question: str
    why: str
    yields: Mapping[Yield, str]
    management: Mapping[str, str]
    costs: Mapping[CostKind, str]
    published: Mapping[str, Published]


def load_nicu(root: Path | None = None) -> NicuPolicy:
    """The shipped pack, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_nicu(chosen)


def read_nicu(file: RuleFile) -> NicuPolicy:
    """The pack in a rule file; refused when a word is missing."""
    document = file.document
    try:
        prompt = document["prompt"]
        policy = NicuPolicy(
            provenance=file.provenance,
            pathway=str(document["pathway"]),
            oldest_days=int(prompt["oldest_days"]),
            question=str(prompt["question"]),
            why=str(prompt["why"]),
            yields={one: str(document["yields"][one.value]) for one in Yield},
            management={str(name): str(words) for name, words in document["management"].items()},
            costs={one: str(document["costs"][one.value]) for one in CostKind},
            published={str(one["programme"]): _published(one, file) for one in document.get("published", ())},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a pack of the neonatal unit: {error}") from error
    if NOTHING_CHANGES not in policy.management:
        raise file.fail(f"management has no {NOTHING_CHANGES!r}: that nothing changes can be said too")
    return policy


def _published(entry: Mapping[str, Any], file: RuleFile) -> Published:
    words = ("programme", "title", "source", "currency", "not_at_hand", "fixture")
    figures = {name: float(value) for name, value in entry.items() if name not in words}
    made_up: tuple[Outcome, ...] = ()
    if entry.get("fixture") and file.folder is not None:
        name = str(entry["fixture"])
        made_up = read_outcomes(name, (file.folder / name).read_bytes())
    return Published(
        name=str(entry["programme"]),
        title=str(entry["title"]),
        source=str(entry["source"]),
        currency=str(entry["currency"]),
        figures=figures,
        not_at_hand=tuple(entry.get("not_at_hand", ())),
        made_up=made_up,
    )


def read_outcomes(name: str, content: bytes) -> tuple[Outcome, ...]:
    """The outcomes of a TSV with `COLUMNS`, an empty cell where nothing was entered. Raises PackError with
    every line that is wrong."""
    problems: list[Problem] = []
    rows = tuple(parse_table(name, content, COLUMNS, problems))
    found = [one for row in rows if (one := _outcome(row, problems)) is not None]
    if not rows and not problems:
        problems.append(Problem(name, "holds no outcome"))
    if problems:
        raise PackError(problems)
    return tuple(found)


def _outcome(row: Row, problems: list[Problem]) -> Outcome | None:
    try:
        costs = []
        if row["cost"]:
            costs.append(CostLine(CostKind.TESTING, float(row["cost"]), float(row["cost"]), row["currency"]))
        if row["saved_low"] or row["saved_high"]:
            low, high = float(row["saved_low"]), float(row["saved_high"])
            if low > high:
                raise ValueError("saved_low is above saved_high")
            costs.append(CostLine(CostKind.CARE_AVOIDED, low, high, row["currency"]))
        avoided = row["avoided_procedures"]
        return Outcome(
            found=Yield(row["yield"]),
            changed=_CHANGED[row["changed"]],
            hours_to_result=float(row["hours_to_result"]) if row["hours_to_result"] else None,
            hospital_days=int(row["hospital_days"]) if row["hospital_days"] else None,
            avoided_days=int(row["avoided_days"]) if row["avoided_days"] else None,
            avoided={"procedures": int(avoided)} if avoided else None,
            costs=tuple(costs),
        )
    except (KeyError, ValueError) as error:
        problems.append(row.problem(f"is no outcome: {error}"))
        return None
