"""Every shipped care pathway does what its examples say."""

from __future__ import annotations

import pytest

from bedside.act.pathway_example import differences
from bedside.knowledge.pathway_examples import PathwayExample
from bedside.service.pathway_check import load_pathways

HELD = load_pathways()


@pytest.mark.parametrize(
    "example", HELD.examples, ids=[f"{one.pathway}-{one.says[:40]}" for one in HELD.examples]
)
def test_each_example_of_a_pathway_is_what_it_says(example: PathwayExample) -> None:
    assert list(differences(HELD.by_name[example.pathway], example, HELD.calendars)) == []


@pytest.mark.parametrize("name", HELD.by_name)
def test_each_pathway_has_examples_of_reaching_the_goal_and_of_another_end_or_of_waiting(name: str) -> None:
    pathway = HELD.by_name[name]
    ends = {one.ended for one in HELD.examples if one.pathway == name}
    assert ends & set(pathway.goals.values())
    assert ends - set(pathway.goals.values())
