"""The check of statements finds every contradiction that is known in a leading curated list."""

from __future__ import annotations

import csv
import gzip
import re

import pytest

from bedside.knowledge.statement_lint import Statement, foreign_documents, lint, load_words

KNOWN = {"625", "495", "640", "642", "247", "330", "365", "366", "82", "57"}


@pytest.fixture(scope="module")
def statements(shared):
    path = shared / "onc" / "moalmanac_statements_crosscheck_only.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["agency"] == "fda"]
    return [
        Statement(
            row["sid"], genes(row["biomarkers"]), row["oncotree"], tuple(row["therapies"].split(" + ")),
            row["approval_date"][:4], row["url"], row["indication"], row["doc"],
        )
        for row in rows
    ]  # fmt: skip


def genes(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in text.replace("Wild type ", "").split(" & "):
        if part.startswith("t("):
            part = part[2:].split(";")[0]
        if "::" in part:
            found += [gene for gene in part.split(" ")[0].split("::") if gene != "v"]
            continue
        name = re.split(r" |-positive|-negative|-low|-ITD|\+", part)[0]
        found.append({"MSI-H": "MSI", "MSI-L": "MSI", "TMB-H": "TMB"}.get(name, name))
    return tuple(found)


def test_the_ten_known_errors_are_found_and_few_others_are_called_errors(statements) -> None:
    found = lint(statements, load_words())
    assert set(found) >= KNOWN
    assert len(statements) == 686
    assert len(found) <= 45


def test_a_label_of_another_product_is_noticed(statements) -> None:
    elsewhere = foreign_documents(statements)
    assert {"330", "539", "540"} <= set(elsewhere)
    assert len(elsewhere) <= 6
