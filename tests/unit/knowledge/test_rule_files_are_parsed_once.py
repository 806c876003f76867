"""The same bytes are parsed once; a change of one reader is nobody else's; an edited file is read anew."""

from __future__ import annotations

import tomllib

import pytest

from bedside.errors import PackError
from bedside.knowledge import provenance
from bedside.knowledge.provenance import DATA, parse_rule_file, read_rule_file

SHIPPED = sorted((DATA / "disclosure").glob("*.toml"))[0]


def test_the_same_bytes_are_parsed_once(monkeypatch) -> None:
    content = SHIPPED.read_bytes() + b"\n# parsed once\n"
    seen = []
    monkeypatch.setattr(provenance.tomllib, "loads", lambda text: seen.append(1) or _loads(text))
    first = parse_rule_file("a", content, "disclosure")
    again = parse_rule_file("b", content, "disclosure")
    assert len(seen) == 1
    assert first.document == again.document == _loads(content.decode())
    assert (first.label, again.label) == ("a", "b")


def test_a_change_of_one_reader_is_nobody_elses() -> None:
    content = SHIPPED.read_bytes()
    first = parse_rule_file("a", content, "disclosure").document
    table = next(value for value in first.values() if isinstance(value, list) and isinstance(value[0], dict))
    table[0].clear()
    table.append("more")
    assert parse_rule_file("a", content, "disclosure").document == _loads(content.decode())


def test_an_edited_file_is_read_anew(tmp_path) -> None:
    path = tmp_path / SHIPPED.name
    path.write_bytes(SHIPPED.read_bytes())
    assert read_rule_file(path, "disclosure").provenance.title
    path.write_text(path.read_text("utf-8").replace("title = ", "title = 7 #", 1), "utf-8")
    assert read_rule_file(path, "disclosure").document["title"] == 7
    path.write_text("title = ", "utf-8")
    for _ in range(2):
        with pytest.raises(PackError, match="not TOML"):
            read_rule_file(path, "disclosure")


_loads = tomllib.loads
