"""Who stands for what: everything that ships has a known owner, and faults of a site's content are found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bedside.errors import InputError, PackError
from bedside.genome.event import EventKind
from bedside.knowledge.approval import Approved, Awaiting
from bedside.knowledge.approvals import Sort, load_matrix
from bedside.knowledge.directory import Standing, load_directory
from bedside.knowledge.provenance import DATA
from bedside.learn.content_standing import Fault, Held
from bedside.service.content import content_held, contents
from bedside.service.decisions import Decision, decide, decisions
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.unit.decide.people import pack

TODAY = date(2026, 11, 26)
HEADER = """kind = "directory"
name = "people"
title = "t"
owner = "R. Vogel"
licence = "l"
source = "s"
retrieved = 2026-11-20
review_due = 2027-05-20
review_state = "r"
evidence_level = "local policy"
approval = { state = "awaiting", role = "programme lead" }
"""
PEOPLE = """
[[person]]
name = "R. Vogel"
roles = ["pharmacist"]
deputy = "S. Okafor"
until = 2026-12-31

[[person]]
name = "S. Okafor"
roles = ["pharmacist", "genomics board"]

[[stands_for]]
owner = "Bedside maintainers (clinical content)"
person = "R. Vogel"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "knowledge"
    (made / "directory").mkdir(parents=True)
    (made / "directory" / "people.toml").write_text(HEADER + PEOPLE)
    (made / "order_sets").mkdir()
    shutil.copy(DATA / "order_sets" / "statin-start.toml", made / "order_sets")
    return made


@pytest.fixture
def house(tmp_path: Path, root: Path) -> Iterator[House]:
    made = open_house(Settings(store_url=f"sqlite:///{tmp_path}/l.db", knowledge_root=str(root)), pgx=pack())
    yield made
    made.close()


def statin(root: Path, was: str = "", becomes: str = "", day: date = TODAY) -> Held:
    path = root / "order_sets" / "statin-start.toml"
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, becomes, 1) if was else text)
    held = [one for one in content_held(root, day) if one.content.key == ("order_sets", "statin-start")]
    assert len(held) == 1
    return held[0]


def test_everything_that_ships_has_an_owner_who_is_known() -> None:
    unknown = {
        (one.content.kind, one.content.name, one.content.owner)
        for one in content_held(None, TODAY)
        if one.standing is Standing.NOBODY
    }
    assert unknown == set(), "name the owner in knowledge/data/directory/project.toml"


def test_everything_that_ships_awaits_a_role_that_may_approve_it() -> None:
    matrix = load_matrix()
    wrong = {
        (one.kind, one.name, one.approval.role)
        for one in contents(None)
        if one.kind in matrix.rows and one.approval.role not in matrix.row(one.kind).roles
    }
    assert wrong == set(), "name the role in knowledge/data/approvals/matrix.toml"
    assert {one.name for one in contents(None) if isinstance(one.approval, Approved)} == set()


def test_no_two_pieces_of_content_have_one_name() -> None:
    keys = [one.key for one in contents(None)]
    assert len(keys) == len(set(keys))


def test_every_sort_of_content_that_ships_is_in_the_list() -> None:
    assert {one.sort for one in content_held(None, TODAY)} == set(Sort)


def test_a_sites_own_file_stands_in_place_of_the_shipped_one_and_has_an_owner_here(root: Path) -> None:
    one = statin(root)
    assert (one.answers, one.standing, one.content.approval) == (
        "R. Vogel",
        Standing.HERE,
        Awaiting("pharmacist"),
    )
    assert (one.playbooks, one.faults) == (("primary-care-pgx",), ())


def test_after_the_owner_has_left_the_deputy_answers_and_without_one_nobody(root: Path) -> None:
    assert (statin(root, day=date(2027, 1, 1)).answers, statin(root, day=date(2027, 1, 1)).standing) == (
        "S. Okafor",
        Standing.DEPUTY,
    )
    text = (HEADER + PEOPLE).replace('deputy = "S. Okafor"\n', "")
    (root / "directory" / "people.toml").write_text(text)
    held = statin(root, day=date(2027, 1, 1))
    assert (held.answers, held.standing) == ("", Standing.LEFT)
    assert Fault.ORPHAN in held.faults


AWAITS = 'approval = { state = "awaiting", role = "pharmacist" }'


@pytest.mark.parametrize(
    ("was", "becomes", "faults"),
    [
        ('owner = "Bedside maintainers (clinical content)"', 'owner = "M. Nobody"', (Fault.ORPHAN,)),
        ("review_due = 2027-05-22", "review_due = 2026-11-25", (Fault.OVERDUE,)),
        (
            AWAITS,
            'approval = { state = "approved", role = "genomics board", name = "S. Okafor", on = 2026-11-25 }',
            (Fault.NOT_ALLOWED,),
        ),
        (
            AWAITS,
            'approval = { state = "approved", role = "interface team", name = "R. Vogel", on = 2026-11-25 }',
            (Fault.NOT_HELD,),
        ),
        (
            AWAITS,
            'approval = { state = "approved", role = "pharmacist", name = "R. Vogel", on = 2026-11-25 }',
            (),
        ),
        (AWAITS, AWAITS.replace("pharmacist", "interface team"), (Fault.NOBODY_TO_ASK,)),
    ],
)
def test_each_fault_is_found(root: Path, was: str, becomes: str, faults: tuple[Fault, ...]) -> None:
    assert statin(root, was, becomes).faults == faults


def test_a_review_due_today_is_not_overdue_and_yesterdays_is_by_a_day(root: Path) -> None:
    assert statin(root, "review_due = 2027-05-22", "review_due = 2026-11-26").overdue_days == 0
    assert statin(root, "review_due = 2026-11-26", "review_due = 2026-11-25").overdue_days == 1


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ('deputy = "S. Okafor"', 'deputy = "Nobody"', "is deputy of 'R. Vogel' and not in the directory"),
        ('person = "R. Vogel"', 'person = "Nobody"', "stands for .* and is not in the directory"),
        ('name = "S. Okafor"', 'name = "R. Vogel"', "stands in the directory twice"),
        ('roles = ["pharmacist"]', "roles = [1]", "without name or roles"),
        ("until = 2026-12-31", 'until = "soon"', "must be a date"),
    ],
)
def test_a_directory_that_contradicts_itself_is_refused(
    root: Path, was: str, becomes: str, reason: str
) -> None:
    (root / "directory" / "people.toml").write_text(HEADER + PEOPLE.replace(was, becomes, 1))
    with pytest.raises(PackError, match=reason):
        load_directory(root)


MADE = Decision(
    what="Advice about codeine interrupts",
    why="two harms in a year",
    who="R. Vogel",
    role="pharmacist",
    alternatives=("a note beside the order",),
    evidence=("PMID 36315914",),
    about="order_sets/statin-start",
)


def test_a_decision_is_kept_with_its_reasons_and_the_version_it_is_about(house: House, root: Path) -> None:
    made = decide(house, MADE, "R. Vogel")
    (held,) = decisions(house)
    assert (held.id, held.what, held.why, held.who, held.role) == (
        made, MADE.what, MADE.why, "R. Vogel", "pharmacist",
    )  # fmt: skip
    assert (held.alternatives, held.evidence) == (MADE.alternatives, MADE.evidence)
    assert held.digest == statin(root).content.digest


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"why": " "}, ["says no why"]),
        ({"about": "order_sets/none"}, ["there is no content order_sets/none"]),
        ({"supersedes": "abc"}, ["there is no decision abc to supersede"]),
        ({"about": "", "approves": True}, ["approves nothing"]),
        ({"approves": True, "who": "M. Nobody"}, ["M. Nobody is not in the directory"]),
        (
            {"approves": True, "role": "genomics board"},
            [
                "R. Vogel does not hold the role genomics board",
                "a genomics board may not approve order_sets",
            ],
        ),
    ],
)
def test_a_decision_that_cannot_stand_is_refused(
    house: House, changed: dict[str, object], reasons: list[str]
) -> None:
    fields = {name: getattr(MADE, name) for name in Decision.__slots__}
    with pytest.raises(InputError) as caught:
        decide(house, Decision(**{**fields, **changed}), "R. Vogel")
    assert [one.reason for one in caught.value.problems] == reasons
    assert list(house.ledger.events(kinds=(EventKind.DECISION_LOGGED,))) == []


def test_somebody_with_the_role_approves_what_stands_there(house: House) -> None:
    fields = {name: getattr(MADE, name) for name in Decision.__slots__}
    decide(house, Decision(**{**fields, "approves": True}), "R. Vogel")
    assert [one.approves for one in decisions(house)] == [True]
