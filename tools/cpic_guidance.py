"""The coded guidance of CPIC as rows: the base of 2024-05, with what changed since taking its place."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.doses import Doses
from tools.further import Further
from tools.release import yes

BASE = "recommendations_cpic_2024-05.jsonl"
DELTA = "recommendations_cpic_delta_after_2024-05.jsonl"
HYDRALAZINE = "CPIC-NAT2-hydralazine"
ADDED_GUIDELINES = (
    {
        "guideline": "PA166341321",
        "title": "CPIC guideline for metoprolol and CYP2D6",
        "genes": "CYP2D6",
        "drugs": "metoprolol",
        "pmids": "38951961",
    },
    {
        "guideline": HYDRALAZINE,
        "title": "CPIC guideline for hydralazine and NAT2",
        "genes": "NAT2",
        "drugs": "hydralazine",
        "pmids": "",
    },
)


def records(path: Path) -> list[dict[str, Any]]:
    """The coded recommendations of a file, one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def guidance_rows(facts: Path) -> Iterator[Mapping[str, str]]:
    """Every row, by drug; a later row replaces the earlier one for the same drug and criteria."""
    delta = records(facts / DELTA)
    replaced = {(one["drug"], criteria_text(one)) for one in delta}
    rows = [
        (one, "2024-05") for one in records(facts / BASE) if (one["drug"], criteria_text(one)) not in replaced
    ]
    rows += [(one, "2025-11-05") for one in delta]
    readings = Path(__file__).resolve().parent / "cpic"
    doses, further = Doses(readings / "doses.tsv"), Further(readings / "further.tsv")
    for one, retrieved in sorted(rows, key=lambda pair: pair[0]["drug"]):
        yield {**guidance_row(one, retrieved), **doses.cells(one), "further": further.codes(one)}
    doses.check_all_used()
    further.check_all_used()


def criteria_text(one: Mapping[str, Any]) -> str:
    """`CYP2C19=Poor Metabolizer; CYP2D6=0.5`."""
    return "; ".join(f"{gene}={key}" for gene, key in sorted(one["criteria"].items()))


def guidance_row(one: Mapping[str, Any], retrieved: str) -> Mapping[str, str]:
    """One coded recommendation in the pack's columns."""
    guideline = one["guideline_id"] or HYDRALAZINE
    return {
        "guidance_id": one["rec_id"] or f"{guideline}:{criteria_text(one)}",
        "guideline": guideline,
        "drug": one["drug"],
        "population": one["population"] or "general",
        "criteria": criteria_text(one),
        "action": one["action"],
        "strength": one["strength"] or "not_stated",
        "monitor": ";".join(one["monitor"]),
        "alternate_drug": yes(one.get("alternate_drug")),
        "dosing_info": yes(one.get("dosing_info")),
        "other_guidance": yes(one.get("other_guidance")),
        "retrieved": retrieved,
        "wording_sha1": one.get("text_sha1", ""),
    }


def guideline_rows(facts: Path) -> Iterator[Mapping[str, str]]:
    """CPIC's guidelines by identifier, with those the base does not list yet."""
    rows: list[Mapping[str, str]] = list(ADDED_GUIDELINES)
    with (facts / "guidelines.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["source"] == "CPIC":
                rows.append(
                    {
                        "guideline": row["clinpgx_guideline_id"],
                        "title": row["title"],
                        "genes": row["genes"],
                        "drugs": row["drugs"],
                        "pmids": row["pmids"],
                    }
                )
    yield from sorted(rows, key=lambda row: row["guideline"])
