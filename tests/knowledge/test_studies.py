"""Every cohort and every protocol does what its own examples say, and shares the library's definitions."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from bedside.genome.programme import PARTS
from bedside.knowledge.study_checklist import load_checklist
from bedside.knowledge.study_cohorts import load_study_cohorts
from bedside.knowledge.study_policy import load_study_policy
from bedside.knowledge.study_protocol import load_protocols
from bedside.learn.studies.cohort import build_cohort
from bedside.learn.studies.occurrences import Known, Occurrences, occurrences_of
from bedside.learn.studies.table import EPOCH, table_from_record

COHORTS, PROTOCOLS = load_study_cohorts(), load_protocols()


def days(when: date) -> int:
    return (when - EPOCH).days


def told(example: dict[str, Any]) -> tuple[Occurrences, Known]:
    """One made-up person, as an example tells of them."""
    rows = [("p", days(date.fromisoformat(when)), name) for when, name in example["happened"]]
    last = days(example.get("last", date(2030, 1, 1)))
    born = float(days(example["born"])) if "born" in example else np.nan
    died = float(days(example["died"])) if "died" in example else np.nan
    groups = {part: np.array([""], object) for part in PARTS}
    whole = np.array([0], np.int64), np.array([last], np.int64)
    return occurrences_of(rows, ["p"]), Known(
        np.array([born]), np.array([1.0]), groups, *whole, np.array([died])
    )


@pytest.mark.parametrize(
    ("name", "example"),
    [(name, one) for name, held in COHORTS.items() for one in held.examples],
    ids=lambda one: one if isinstance(one, str) else one["says"],
)
def test_a_cohort_is_whom_its_examples_say(name: str, example: dict[str, Any]) -> None:
    happened, known = told(example)
    found = build_cohort(COHORTS[name], happened, known)
    assert found.zero.tolist() == ([days(example["zero"])] if "zero" in example else [])


@pytest.mark.parametrize(
    ("name", "example"),
    [(name, one) for name, held in PROTOCOLS.items() for one in held.document["example"]],
    ids=lambda one: one if isinstance(one, str) else one["says"],
)
def test_a_protocol_counts_what_its_examples_say(name: str, example: dict[str, Any]) -> None:
    protocol = PROTOCOLS[name]
    table = table_from_record(protocol, COHORTS.get(protocol.cohort), *told(example))
    row = {column: values[0] for column, values in table.columns.items()} if table.rows else {}
    wanted = example.get("row")
    if wanted is None:
        assert row == {}
        return
    found = {column: "not known" if np.isnan(row[column]) else row[column] for column in wanted}
    assert found == wanted


def test_every_cohort_and_protocol_has_an_example_of_each_kind() -> None:
    held = [
        *(one.examples for one in COHORTS.values()),
        *(one.document["example"] for one in PROTOCOLS.values()),
    ]
    for examples in held:
        assert {one["says"].split(":")[0] for one in examples} == {"positive", "negative", "unknown"}


def test_two_studies_share_one_definition() -> None:
    sharing = [name for name, one in PROTOCOLS.items() if one.cohort == "new-clopidogrel"]
    assert len(sharing) >= 2


def test_every_protocol_names_a_cohort_and_a_policy_that_are_here() -> None:
    for one in PROTOCOLS.values():
        assert one.cohort in {"", *COHORTS}
        assert one.policy == load_study_policy().provenance.name


def test_the_checklist_has_twenty_one_items_in_six_sections() -> None:
    held = load_checklist().items
    assert len(held) == 21
    assert len(dict.fromkeys(one.section for one in held)) == 6
