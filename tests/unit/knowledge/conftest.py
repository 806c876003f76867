"""Copies of a release that a test may edit, as a site would."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.knowledge.catalogue import find_release
from bedside.knowledge.write import redigest

Edit = Callable[[str, str, str], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site's own root of knowledge: the CPIC release and nothing else."""
    folder = tmp_path / "sources" / "cpic" / "2025-11-05"
    shutil.copytree(find_release("cpic", "2025-11-05"), folder)
    return tmp_path


@pytest.fixture
def release(root: Path) -> Path:
    """The folder of that release."""
    return root / "sources" / "cpic" / "2025-11-05"


@pytest.fixture
def edit(release: Path) -> Edit:
    """Replaces a text that stands once in a file of the release."""

    def replace(file: str, old: str, new: str) -> None:
        path = release / file
        content = path.read_text(encoding="utf-8")
        assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {file}"
        path.write_text(content.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def next_release(root: Path, release: Path) -> Callable[[str, str, str], Path]:
    """A later release that differs in one text of one file, with digests of its own."""

    def publish(file: str, old: str, new: str) -> Path:
        later = root / "sources" / "cpic" / "2026-02-01"
        shutil.copytree(release, later)
        for name, was, now in (
            ("source.toml", 'date = "2025-11-05"', 'date = "2026-02-01"'),
            (file, old, new),
        ):
            content = (later / name).read_text(encoding="utf-8")
            assert content.count(was) == 1, f"{was!r} stands {content.count(was)} times in {name}"
            (later / name).write_text(content.replace(was, now), encoding="utf-8")
        redigest(later)
        return later

    return publish
