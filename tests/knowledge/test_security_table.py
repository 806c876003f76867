"""The security table names tests that are there, every chapter of the standard; its page says the same."""

from __future__ import annotations

import re

import pytest

from bedside.cli import main
from bedside.errors import PackError
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.security_table import State, load_security_table, read_security_table
from tests.conftest import ROOT
from tools.write_security import PAGE, page_text

TABLE = load_security_table()
PACK = DATA / "security" / "asvs.toml"
GROUPS = dict(enumerate((5, 4, 7, 4, 4, 8, 6, 4, 2, 7, 7, 3, 4, 3, 4, 5, 3), 1))
"""How many groups each chapter of ASVS 5.0.0 has."""


def test_every_group_of_every_chapter_stands_in_it_once() -> None:
    wanted = [f"{chapter}.{group}" for chapter, count in GROUPS.items() for group in range(1, count + 1)]
    assert [one.group for one in TABLE.groups] == wanted
    assert list(TABLE.chapters) == [f"V{chapter}" for chapter in GROUPS]


@pytest.mark.parametrize("test", sorted({test for one in TABLE.groups for test in one.tests}))
def test_a_test_that_is_named_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    text = (ROOT / path).read_text()
    if name == "*":
        assert re.search(r"^(async )?def test_", text, re.MULTILINE)
    else:
        assert re.search(rf"^(async )?def {re.escape(name)}\(", text, re.MULTILINE), f"{path} has no {name}"


def test_the_page_says_what_the_table_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_text(page, TABLE), "run `python -m tools.write_security`"


def test_figures_are_counted_and_what_does_not_concern_us_is_left_out_of_them() -> None:
    whole = TABLE.coverage()
    assert sum(whole.counts.values()) == 80
    assert whole.applicable == 80 - whole.counts[State.NOT_APPLICABLE]
    assert whole.tested == sum(TABLE.coverage(chapter).tested for chapter in TABLE.chapters)
    assert TABLE.coverage("V17").applicable == 0
    assert whole.tested < whole.applicable


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("\ttested\t", "\tsurely\t", "state is one of"),
        ("V1\t1.1\t", "V1\t2.1\t", "group and chapter do not fit"),
        ("V1\t1.2\t", "V1\t1.1\t", "group 1.1 stands twice"),
        ("\tsite\t\tthe EHR", "\ttested\t\tthe EHR", "names its test"),
        ("\tnot applicable\t\tthere is none", "\tnot applicable\t\t", "says why"),
    ],
)
def test_a_row_that_claims_too_much_is_refused(old: str, new: str, told: str, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    text = (DATA / "security" / "asvs.tsv").read_text()
    assert old in text
    (folder / "asvs.tsv").write_text(text.replace(old, new, 1))
    with pytest.raises(PackError, match=told):
        read_security_table(parse_rule_file("own/asvs.toml", PACK.read_bytes(), "security", folder))


def test_the_command_tells_figures_groups_and_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["security"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 17 + 1 + 1
    assert "nobody independent has checked it" in lines[-1]
    assert main(["security", "--chapter", "V8", "--format", "json"]) == 0
    assert '"group": "8.1"' in capsys.readouterr().out
    assert main(["security", "--chapter", "V99"]) == 1
