"""Two sites, one playbook, each its own values: the same story is whose move, and when, by the site. Four
kinds of site, the same tests under each.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.check import check
from bedside.knowledge.configurations import load_configurations
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.playbook import read_playbook
from bedside.knowledge.provenance import DATA
from bedside.knowledge.ruleset import load_ruleset
from bedside.service.house import House, open_house
from bedside.service.pathway_check import check_pathways, load_pathways
from bedside.service.pathway_signals import record_signal
from bedside.service.pathway_worklist import worklist
from bedside.service.playbook_check import LOADERS
from bedside.service.playbook_seal import seal
from bedside.service.playbooks import configure, find, install, open_cases, remove
from bedside.settings import Settings
from tests.unit.decide.people import pack
from tests.unit.service.test_playbooks import changes, own_playbook, tree

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def site(folder: Path, name: str) -> House:
    (folder / name / "knowledge").mkdir(parents=True)
    settings = Settings(
        store_url=f"sqlite:///{folder / name}/ledger.db",
        documents=str(folder / name / "documents"),
        knowledge_root=str(folder / name / "knowledge"),
    )
    return open_house(settings, pgx=pack(), clock=lambda: START)


def tell(house: House, person: str, signal: str, at: datetime, **said: str) -> None:
    house.ledger.append([NewEvent(EventKind.PERSON_REGISTERED, "r", at, person, {})])
    record_signal(house, person, signal, at=at, by="r", attributes=said)


def story(house: House) -> None:
    """Somebody with advanced lung cancer whose panel waits at the laboratory."""
    tell(house, "p", "diagnosed", START - timedelta(days=20), disease="nsclc-advanced")
    tell(house, "p", "test-ordered", START - timedelta(days=19))
    tell(house, "p", "specimen-collected", START - timedelta(days=18), kind="tissue")
    tell(house, "p", "specimen-adequate", START - timedelta(days=17))
    tell(house, "p", "specimen-received", START - timedelta(days=16))


def test_the_same_story_is_late_at_one_site_and_not_yet_at_the_other(tmp_path: Path) -> None:
    found = {}
    for name, days in (("near", "7"), ("far", "20")):
        house = site(tmp_path, name)
        values = {"result_working_days": days, "decision_owner": "oncologist"}
        install(house, find("nsclc"), values, "R. Vogel")
        story(house)
        items = worklist(house, START, pathway="nsclc").items
        found[name] = [(one.move.step, one.move.overdue) for one in items]
        assert changes(house) == [("R. Vogel", "nsclc", "installed", "1.0.0")]
        house.close()
    assert found == {"near": [("result", True)], "far": [("result", False)]}


def test_whose_move_it_is_follows_the_sites_own_value(tmp_path: Path) -> None:
    owners = {}
    for name in ("oncologist", "tumour board"):
        house = site(tmp_path, name)
        install(house, find("nsclc"), {"result_working_days": "10", "decision_owner": name}, "R. Vogel")
        story(house)
        tell(house, "p", "result-reported", START - timedelta(days=2), finding="actionable")
        tell(house, "p", "result-opened", START - timedelta(days=1))
        owners[name] = [one.move.owner for one in worklist(house, START, pathway="nsclc").items]
        house.close()
    assert owners == {"oncologist": ["oncologist"], "tumour board": ["tumour board"]}


def own_pathway(folder: Path) -> Path:
    """A playbook that brings a pathway nobody else has."""
    made = own_playbook(folder)
    (made / "pathways").mkdir()
    text = (DATA / "pathways" / "nsclc.toml").read_text()
    text = text.replace('name = "nsclc"', 'name = "own-way"', 1)
    text = text.replace('pathway = "nsclc"', 'pathway = "own-way"', 1)
    (made / "pathways" / "own.toml").write_text(text)
    book = (made / "playbook.toml").read_text()
    entry = '[[content]]\nfile = "pathways/own.toml"\n[[activity]]'
    (made / "playbook.toml").write_text(book.replace("[[activity]]", entry, 1))
    seal(made)
    return made


def test_open_cases_on_a_pathway_that_goes_are_named_and_the_playbook_stays(tmp_path: Path) -> None:
    house = site(tmp_path, "one")
    root = Path(house.settings.knowledge_root)
    install(house, own_pathway(tmp_path), {}, "R. Vogel")
    story(house)
    before = tree(root)
    assert open_cases(house, "own-way") == 1
    with pytest.raises(PackError, match=r"1 open case\(s\) on the pathway own-way"):
        remove(house, "own", "R. Vogel")
    assert tree(root) == before
    remove(house, "own", "R. Vogel", leave_open=True)
    assert "own-way" not in load_pathways(root).by_name
    (last,) = list(house.ledger.events(kinds=(EventKind.PLAYBOOK_CHANGED,)))[-1:]
    assert last.payload["left_open"] == {"own-way": 1}
    house.close()


CONFIGURATIONS = sorted(load_configurations())


@pytest.fixture(params=CONFIGURATIONS)
def configured(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    house = site(tmp_path, request.param)
    configure(house, request.param, "R. Vogel")
    return house


def test_there_is_a_configuration_for_each_kind_of_site() -> None:
    settings = {one.care_setting for one in load_configurations().values()}
    assert settings == {"academic", "community", "primary care", "laboratory"}
    for one in load_configurations().values():
        for name in one.playbooks:
            assert one.care_setting in read_playbook(find(name)).settings, (one.provenance.name, name)


def test_under_each_configuration_everything_loads_and_does_what_its_examples_say(configured: House) -> None:
    root = Path(configured.settings.knowledge_root)
    assert check(root) == ()
    assert check_pathways(root)[1] == ()
    assert all(load(root) for load in LOADERS.values())
    rules: PgxPack = pack()
    assert load_ruleset(rules, root)
    configured.close()


def test_under_each_configuration_a_person_is_followed_and_nobody_gets_lost(configured: House) -> None:
    story(configured)
    (item,) = worklist(configured, START, pathway="nsclc").items
    assert (item.move.step, item.move.person) == ("result", "p")
    configured.close()


def test_each_configuration_can_be_taken_away_again_without_a_trace(configured: House) -> None:
    root = Path(configured.settings.knowledge_root)
    for _, name, change, _ in list(changes(configured)):
        assert change == "installed"
        remove(configured, name, "R. Vogel")
    assert tree(root, own=True) == {}
    configured.close()


def test_a_configuration_is_tried_whole_before_the_first_playbook_is_installed(tmp_path: Path) -> None:
    house = site(tmp_path, "one")
    root = Path(house.settings.knowledge_root)
    (root / "configurations").mkdir()
    text = (
        (DATA / "configurations" / "academic.toml").read_text().replace('name = "academic"', 'name = "own"')
    )
    (root / "configurations" / "own.toml").write_text(
        text.replace('first_result_hours = "48"', 'first_result_hours = "1"')
    )
    with pytest.raises(PackError, match="first_result_hours is a whole number"):
        configure(house, "own", "R. Vogel")
    assert changes(house) == []
    house.close()
