"""Every playbook that ships: whole, its examples coming out, its texts linked to places that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.knowledge.care_pathways import load_care_pathways
from bedside.knowledge.education import load_education, unlinked, untaught
from bedside.knowledge.pgx import Action
from bedside.knowledge.playbook import read_playbook, shipped_playbooks
from bedside.service.playbooks import checked, wrong_examples
from bedside.service.specialties import SPECIALTIES, specialty_coverage

FOLDERS = shipped_playbooks()


@pytest.mark.parametrize("folder", FOLDERS, ids=[one.name for one in FOLDERS])
def test_a_playbook_that_ships_is_whole_and_its_examples_come_out(folder: Path) -> None:
    """Fails when a file in it was changed: look at the change, raise the version, `bedside playbook seal`."""
    playbook = read_playbook(folder)
    assert playbook.name == folder.name
    assert checked(playbook) == ()
    assert wrong_examples(playbook) == ()
    assert {"awaiting"} == {str(one).partition(" ")[0] for one in playbook.sign_offs}


def places() -> frozenset[str]:
    steps = {f"pathway:{one.name}/{step}" for one in load_care_pathways().values() for step in one.steps}
    return frozenset(steps | {f"action:{one.name}" for one in Action})


def test_every_text_is_linked_to_a_card_or_step_that_is_there() -> None:
    texts = load_education()
    assert len(texts) >= 4
    assert unlinked(texts, places()) == ()
    assert [one.reason for one in unlinked(texts, places() - {"action:AVOID"})] == [
        "is linked to action:AVOID, which is not there"
    ]


def test_the_pathway_of_every_playbook_has_a_text_on_at_least_one_step() -> None:
    taught = {place.partition("/")[0] for one in load_education().values() for place in one.linked}
    for name in ("nsclc", "nicu-rapid-genome", "pgx-follow-through"):
        assert f"pathway:{name}" in taught
    wanted = frozenset({"action:AVOID", "action:CONTRAINDICATED", "action:NO_RECOMMENDATION"})
    assert untaught(load_education(), wanted) == ("action:NO_RECOMMENDATION",)


def test_the_report_of_specialties_also_names_those_that_nothing_speaks_to() -> None:
    found = {
        one.specialty: (one.playbooks, one.files) for one in specialty_coverage(map(read_playbook, FOLDERS))
    }
    assert tuple(found) == SPECIALTIES
    assert found["primary care"] == (("primary-care-pgx",), (1, 3, 1, 2, 1))
    assert found["obstetrics"] == ((), (0, 0, 0, 0, 0))
