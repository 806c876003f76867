"""Roles: every word of the shipped ones is a permission, and the access file knows them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bedside.errors import SettingsError
from bedside.knowledge.roles import load_roles
from bedside.service.access import Permission
from bedside.service.access_file import read_access

HELD = hashlib.sha256(b"a token").hexdigest()


def granted(folder: Path, text: str, packs: Path | None = None) -> frozenset[Permission]:
    path = folder / "access.toml"
    path.write_text(f'[[token]]\nname = "a"\ntoken_sha256 = "{HELD}"\n{text}\n')
    return read_access(path, packs).tokens[HELD].permissions


def test_every_shipped_role_is_made_of_permissions_and_none_is_everything() -> None:
    for name, words in load_roles().items():
        permissions = {Permission(word) for word in words}
        assert permissions < set(Permission), name
        reviews = Permission.PRIVACY in permissions
        assert not (reviews and Permission.BREAK_GLASS in permissions), "who reviews does not break the glass"


def test_a_role_grants_its_permissions_and_others_are_added(tmp_path: Path) -> None:
    research = {Permission.COHORT, Permission.KNOWLEDGE, Permission.STUDIES}
    assert granted(tmp_path, 'roles = ["researcher"]') == research
    both = granted(tmp_path, 'roles = ["researcher"]\npermissions = ["audit"]')
    assert both == research | {Permission.AUDIT}
    own = '[[role]]\nname = "night desk"\npermissions = ["chart"]'
    assert granted(tmp_path, f'roles = ["night desk"]\n{own}') == {Permission.CHART}


def test_a_site_replaces_a_role_in_its_own_pack(tmp_path: Path) -> None:
    shipped = Path(load_roles.__code__.co_filename).parent / "data" / "roles" / "roles.toml"
    (tmp_path / "roles").mkdir()
    head = shipped.read_text().partition("[[role]]")[0]
    own = head + '[[role]]\nname = "researcher"\npermissions = ["audit"]\n'
    (tmp_path / "roles" / "roles.toml").write_text(own)
    assert granted(tmp_path, 'roles = ["researcher"]', tmp_path) == {Permission.AUDIT}


@pytest.mark.parametrize("text", ['roles = ["king"]', 'permissions = ["everything"]', "roles = [1]"])
def test_a_role_or_permission_that_does_not_exist_stops_the_server(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError):
        granted(tmp_path, text)
