"""The check of statements finds every contradiction that is known in a leading curated list."""

from __future__ import annotations

import pytest

from bedside.knowledge.read_statements import read_statements
from bedside.knowledge.statement_lint import foreign_documents, lint, load_words

KNOWN = {f"fda:{sid}" for sid in (625, 495, 640, 642, 247, 330, 365, 366, 82, 57)}


@pytest.fixture(scope="module")
def statements(shared):
    path = shared / "onc" / "moalmanac_statements_crosscheck_only.tsv.gz"
    return [one for one in read_statements(path) if one.name.startswith("fda:")]


def test_the_ten_known_errors_are_found_and_few_others_are_called_errors(statements) -> None:
    found = lint(statements, load_words())
    assert set(found) >= KNOWN
    assert len(statements) == 686
    assert len(found) <= 45


def test_a_label_of_another_product_is_noticed(statements) -> None:
    elsewhere = foreign_documents(statements)
    assert {"fda:330", "fda:539", "fda:540"} <= set(elsewhere)
    assert len(elsewhere) <= 6
