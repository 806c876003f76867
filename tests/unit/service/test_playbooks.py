"""Playbooks: content that a site installs, upgrades and removes as one thing, and never by half."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bedside.errors import PackError, SettingsError
from bedside.genome.event import EventKind
from bedside.genome.observation import digest
from bedside.knowledge.playbook import read_playbook
from bedside.knowledge.provenance import DATA
from bedside.service import playbook_act
from bedside.service.house import House, open_house
from bedside.service.pathway_check import load_pathways
from bedside.service.playbook_plan import Edits
from bedside.service.playbook_seal import seal
from bedside.service.playbooks import differences, edited, find, install, listed, remove, upgrade
from bedside.settings import Settings
from tests.unit.decide.people import pack

PGX = {"answer_hours": "72", "asks_next": "visiting pharmacist"}
STATIN = "order_sets/statin-start.toml"


def settings(folder: Path) -> Settings:
    return Settings(
        store_url=f"sqlite:///{folder}/ledger.db",
        documents=str(folder / "documents"),
        knowledge_root=str(folder / "knowledge"),
    )


def opened(folder: Path) -> House:
    (folder / "knowledge").mkdir(parents=True, exist_ok=True)
    return open_house(settings(folder), pgx=pack())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = opened(tmp_path)
    yield made
    made.close()


def tree(root: Path, *, own: bool = False) -> dict[str, str]:
    """Every file and folder of a knowledge folder; own: also what playbooks keep for themselves."""
    return {
        path.relative_to(root).as_posix(): digest(path.read_bytes()) if path.is_file() else "folder"
        for path in sorted(root.rglob("*"))
        if own or path.relative_to(root).parts[0] != playbook_act.FOLDER
    }


def changes(house: House) -> list[tuple[str, str, str, str]]:
    return [
        (one.actor, one.payload["playbook"], one.payload["change"], one.payload["version"])
        for one in house.ledger.events(kinds=(EventKind.PLAYBOOK_CHANGED,))
    ]


def own_playbook(folder: Path, version: str = "1.0.0", more: str = "", needs: str = "") -> Path:
    """A playbook of a site's own, with one order set of its own. more: a line that its version brings."""
    made = folder / f"own-{version}"
    (made / "order_sets").mkdir(parents=True)
    text = (DATA / STATIN).read_text().replace('name = "statin-start"', 'name = "own-statin"')
    (made / "order_sets" / "own.toml").write_text(text + more)
    head = (DATA / "playbooks" / "nsclc" / "playbook.toml").read_text()
    head = head[: head.index("[requires]")].replace('name = "nsclc"', 'name = "own"')
    (made / "playbook.toml").write_text(
        head.replace('version = "1.0.0"', f'version = "{version}"')
        + f'[requires]\nbedside = "0.1.0"\n{needs}\n[[content]]\nfile = "order_sets/own.toml"\n'
        + '[[activity]]\nname = "a"\nresponsible = ["b"]\naccountable = "c"\n'
        + '[[sign_off]]\nstate = "awaiting"\nrole = "genomics board"\n'
        + "".join(f'[[example]]\nsays = "{one}: x"\n' for one in ("positive", "negative", "unknown"))
    )
    seal(made)
    return made


def test_a_playbook_is_installed_with_this_sites_values_and_one_event(house: House) -> None:
    root = Path(house.settings.knowledge_root)
    install(house, find("primary-care-pgx"), PGX, "R. Vogel")
    step = load_pathways(root).by_name["pgx-follow-through"].steps["answered"]
    assert (step.due.hours, [one.to for one in step.ladder]) == (72, ["visiting pharmacist"])
    assert changes(house) == [("R. Vogel", "primary-care-pgx", "installed", "1.0.0")]
    one = next(one for one in listed(root) if one.name == "primary-care-pgx")
    assert (one.offered, one.installed, one.edited, dict(one.parameters)) == ("1.0.0", "1.0.0", (), PGX)


def test_every_reason_against_it_is_told_and_nothing_is_written(house: House) -> None:
    root = Path(house.settings.knowledge_root)
    with pytest.raises(PackError) as caught:
        install(house, find("primary-care-pgx"), {"answer_hours": "999", "colour": "red"}, "R. Vogel")
    assert [one.reason for one in caught.value.problems] == [
        "has no parameter colour",
        "answer_hours is a whole number from 1 to 168",
        "asks_next is not given: the role that is asked when advice stays unanswered",
    ]
    assert (tree(root, own=True), changes(house)) == ({}, [])


def test_removing_restores_what_stood_there_byte_for_byte(house: House) -> None:
    root = Path(house.settings.knowledge_root)
    (root / "order_sets").mkdir()
    shutil.copy(DATA / STATIN, root / STATIN)
    (root / STATIN).write_text((root / STATIN).read_text() + "# this site's own\n")
    before = tree(root, own=True)
    plan = install(house, find("primary-care-pgx"), PGX, "R. Vogel")
    assert plan.replaced == (STATIN,)
    assert tree(root) != before
    remove(house, "primary-care-pgx", "R. Vogel")
    assert tree(root, own=True) == before
    assert [one[2] for one in changes(house)] == ["installed", "removed"]


def test_two_playbooks_leave_nothing_behind_in_whatever_order_they_go(house: House) -> None:
    root = Path(house.settings.knowledge_root)
    install(house, find("primary-care-pgx"), PGX, "R. Vogel")
    alone = tree(root)
    install(house, find("nsclc"), {"result_working_days": "12", "decision_owner": "tumour board"}, "R. Vogel")
    remove(house, "primary-care-pgx", "R. Vogel")
    remove(house, "nsclc", "R. Vogel")
    assert tree(root, own=True) == {}
    install(house, find("primary-care-pgx"), PGX, "R. Vogel")
    assert tree(root) == alone


def test_local_edits_are_seen_and_a_removal_does_not_lose_them_unasked(house: House) -> None:
    root = Path(house.settings.knowledge_root)
    install(house, find("primary-care-pgx"), PGX, "R. Vogel")
    (root / STATIN).write_text((root / STATIN).read_text() + "# ours\n")
    assert edited(root, "primary-care-pgx") == (STATIN,)
    assert "+# ours" in differences(root, "primary-care-pgx")
    with pytest.raises(PackError, match="was changed here and would be lost"):
        remove(house, "primary-care-pgx", "R. Vogel")
    assert remove(house, "primary-care-pgx", "R. Vogel", Edits.KEEP).kept == (STATIN,)
    assert tree(root) == {"order_sets": "folder", STATIN: digest((root / STATIN).read_bytes())}


@pytest.mark.parametrize(
    ("edits", "ends_with"), [(Edits.KEEP, "# ours\n"), (Edits.REPLACE, "# new\n"), (Edits.REFUSE, "")]
)
def test_an_upgrade_of_an_edited_file_keeps_replaces_or_refuses(
    house: House, tmp_path: Path, edits: Edits, ends_with: str
) -> None:
    file = Path(house.settings.knowledge_root) / "order_sets/own.toml"
    install(house, own_playbook(tmp_path), {}, "R. Vogel")
    file.write_text(file.read_text() + "# ours\n")
    newer = own_playbook(tmp_path, "1.1.0", "# new\n")
    if edits is Edits.REFUSE:
        with pytest.raises(PackError, match="was changed here, and the new version changes it too"):
            upgrade(house, newer, {}, "R. Vogel", edits)
        assert file.read_text().endswith("# ours\n")
        assert len(changes(house)) == 1
        return
    plan = upgrade(house, newer, {}, "R. Vogel", edits)
    assert file.read_text().endswith(ends_with)
    assert (plan.kept, plan.replaced) == (
        (("order_sets/own.toml",), ()) if edits is Edits.KEEP else ((), ("order_sets/own.toml",))
    )
    assert changes(house)[-1][2:] == ("upgraded", "1.1.0")


def test_an_edit_kept_by_one_upgrade_is_still_an_edit_at_the_next(house: House, tmp_path: Path) -> None:
    root = Path(house.settings.knowledge_root)
    file = root / "order_sets/own.toml"
    install(house, own_playbook(tmp_path), {}, "R. Vogel")
    file.write_text(file.read_text() + "# ours\n")
    upgrade(house, own_playbook(tmp_path, "1.1.0", "# new\n"), {}, "R. Vogel", Edits.KEEP)
    assert edited(root, "own") == ("order_sets/own.toml",)
    with pytest.raises(PackError, match="was changed here"):
        upgrade(house, own_playbook(tmp_path, "1.2.0", "# newer\n"), {}, "R. Vogel")


def test_an_upgrade_that_does_not_touch_an_edited_file_leaves_it_and_says_so(
    house: House, tmp_path: Path
) -> None:
    file = Path(house.settings.knowledge_root) / "order_sets/own.toml"
    install(house, own_playbook(tmp_path), {}, "R. Vogel")
    file.write_text(file.read_text() + "# ours\n")
    assert upgrade(house, own_playbook(tmp_path, "1.1.0"), {}, "R. Vogel").kept == ("order_sets/own.toml",)
    assert file.read_text().endswith("# ours\n")


def test_an_older_version_a_missing_need_and_a_file_of_another_playbook_are_refused(
    house: House, tmp_path: Path
) -> None:
    install(house, own_playbook(tmp_path, "1.1.0"), {}, "R. Vogel")
    with pytest.raises(PackError, match=r"1\.1\.0 is installed and 1\.0\.0 is older"):
        upgrade(house, own_playbook(tmp_path, "1.0.0"), {}, "R. Vogel")
    needing = own_playbook(tmp_path, "3.0.0", needs='playbooks = { nsclc = "2.0.0" }')
    text = (needing / "playbook.toml").read_text().replace('name = "own"', 'name = "other"')
    (needing / "playbook.toml").write_text(text)
    with pytest.raises(PackError) as caught:
        install(house, needing, {}, "R. Vogel")
    assert [str(one) for one in caught.value.problems] == [
        "other: needs nsclc 2.0.0, which is not installed",
        "other: order_sets/own.toml is own's already (remove own first)",
    ]


def test_a_playbook_that_another_needs_stays(house: House, tmp_path: Path) -> None:
    values = {"result_working_days": "12", "decision_owner": "oncologist"}
    install(house, find("nsclc"), values, "R. Vogel")
    install(house, own_playbook(tmp_path, needs='playbooks = { nsclc = "1.0.0" }'), {}, "R. Vogel")
    with pytest.raises(PackError, match="own needs it"):
        remove(house, "nsclc", "R. Vogel")


def test_a_file_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    made = own_playbook(tmp_path)
    (made / "order_sets/own.toml").write_text("kind = 1\n")
    with pytest.raises(PackError, match=r"order_sets/own\.toml is not what its sha256 says"):
        read_playbook(made)


def test_content_that_would_not_load_here_is_refused_with_its_own_reason(
    house: House, tmp_path: Path
) -> None:
    made = own_playbook(tmp_path)
    text = (made / "order_sets/own.toml").read_text()
    (made / "order_sets/own.toml").write_text(text.replace("evidence_level", "evidence"))
    seal(made)
    with pytest.raises(PackError, match="evidence_level is missing"):
        install(house, made, {}, "R. Vogel")
    assert tree(Path(house.settings.knowledge_root), own=True) == {}


@pytest.mark.parametrize("name", ["../x.toml", "/etc/x.toml", "x.toml", ".playbooks/x.toml"])
def test_a_file_outside_a_kinds_folder_is_refused(tmp_path: Path, name: str) -> None:
    made = own_playbook(tmp_path)
    text = (made / "playbook.toml").read_text().replace("order_sets/own.toml", name)
    (made / "playbook.toml").write_text(text)
    with pytest.raises(PackError, match="is no file under a kind's folder"):
        read_playbook(made)


@pytest.mark.parametrize("accountable", ["", "[]", '["a", "b"]'])
def test_an_activity_has_exactly_one_accountable(tmp_path: Path, accountable: str) -> None:
    made = own_playbook(tmp_path)
    text = (made / "playbook.toml").read_text()
    line = f"accountable = {accountable}\n" if accountable else ""
    (made / "playbook.toml").write_text(text.replace('accountable = "c"\n', line))
    with pytest.raises(PackError, match="accountable, not exactly one"):
        read_playbook(made)


def test_a_site_without_a_knowledge_folder_is_told_what_to_set(tmp_path: Path) -> None:
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path}/l.db"), pgx=pack())
    try:
        with pytest.raises(SettingsError, match="BEDSIDE_KNOWLEDGE_ROOT"):
            install(house, find("nsclc"), {}, "R. Vogel")
    finally:
        house.close()


def test_a_ledger_that_cannot_write_leaves_the_folder_as_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SettingsError("the disk is full")

    monkeypatch.setattr(type(house.ledger), "append", refuse)
    with pytest.raises(SettingsError, match="the disk is full"):
        install(house, find("primary-care-pgx"), PGX, "R. Vogel")
    assert tree(Path(house.settings.knowledge_root), own=True) == {}


@pytest.mark.parametrize("seed", range(8))
def test_whatever_was_done_in_between_a_removal_restores_the_folder(
    house: House, tmp_path: Path, seed: int
) -> None:
    """Installed, edited, deleted, upgraded, refused in any order; then taken away with all that changed."""
    chosen, root = random.Random(seed), Path(house.settings.knowledge_root)
    versions = [own_playbook(tmp_path, f"1.{one}.0", f"# {one}\n") for one in range(3)]
    (root / "order_sets").mkdir()
    (root / "order_sets/notes.txt").write_text("the site's own folder")
    if chosen.random() < 0.5:
        (root / "order_sets/own.toml").write_text((DATA / STATIN).read_text() + "# before\n")
    before, file, at = tree(root, own=True), root / "order_sets/own.toml", 0
    install(house, versions[0], {}, "R. Vogel")
    for _ in range(12):
        act = chosen.choice(("edit", "delete", "upgrade", "upgrade", "refused"))
        if act == "edit":
            held_now = file.read_text() if file.is_file() else "# new\n"
            file.write_text(held_now + f"# {chosen.random()}\n")
        elif act == "delete":
            file.unlink(missing_ok=True)
        elif act == "refused":
            held = tree(root, own=True)
            with pytest.raises(PackError):
                install(house, versions[at], {}, "R. Vogel")
            assert tree(root, own=True) == held
        else:
            at = min(2, at + chosen.randrange(2))
            with suppress(PackError):  # what was typed in may not load: then nothing is written
                upgrade(house, versions[at], {}, "R. Vogel", Edits.REPLACE)
    remove(house, "own", "R. Vogel", Edits.REPLACE)
    assert tree(root, own=True) == before


def die_at(step: int) -> None:
    """From now on this process dies, as if by kill -9, at the so-manieth write to the knowledge folder."""
    left = [step]

    def counting(name: str, owner: object) -> None:
        whole = getattr(owner, name)

        def call(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                os._exit(9)
            return whole(*arguments, **named)

        setattr(owner, name, call)

    for name, owner in (("fsync", os), ("rename", Path), ("replace", Path), ("unlink", Path)):
        counting(name, owner)


def act_in_child(folder: Path, step: int, change: str) -> int:
    """Install or remove in a process of its own, which dies at a step; its exit status."""
    child = os.fork()
    if child == 0:
        try:
            house = opened(folder)
            die_at(step)
            if change == "install":
                install(house, folder / "own-1.0.0", {}, "R. Vogel")
            else:
                remove(house, "own", "R. Vogel")
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("change", ["install", "remove"])
def test_killed_at_any_write_it_is_whole_old_or_whole_new_and_the_event_agrees(
    tmp_path: Path, change: str
) -> None:
    """Every write to the folder is tried as the last one; then the house is opened again."""
    house, playbook = opened(tmp_path), own_playbook(tmp_path)
    root = Path(house.settings.knowledge_root)
    (root / "order_sets").mkdir()
    (root / "order_sets/own.toml").write_text((DATA / STATIN).read_text() + "# this site's own\n")
    old = tree(root)
    install(house, playbook, {}, "R. Vogel")
    new = tree(root)
    if change == "install":
        remove(house, "own", "R. Vogel")
    house.close()
    came_out: set[str] = set()
    for step in range(1, 400):
        status = act_in_child(tmp_path, step, change)
        assert status in (0, 9)
        house = opened(tmp_path)
        last = changes(house)[-1][2]
        assert tree(root) == (new if last != "removed" else old), f"{change}, killed at write {step}"
        assert not playbook_act.interrupted(root)
        if status == 0:
            house.close()
            break
        came_out.add(last)
        if change == "install" and last == "installed":
            remove(house, "own", "R. Vogel")
        elif change == "remove" and last == "removed":
            install(house, playbook, {}, "R. Vogel")
        house.close()
    assert status == 0
    assert came_out == {"installed", "removed"}
