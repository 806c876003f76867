"""The 204 official examples of Genomics Reporting 3.0.0 come in, or are refused with a reason: each as the
published table says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.conformance.fhir_examples_in import examples, table

TABLE = Path(__file__).with_name("fhir_examples_in.tsv")


def test_each_example_does_what_the_table_says(record_property: Callable[[str, object], None]) -> None:
    assert table() == TABLE.read_text()
    for row in (line.split("\t") for line in TABLE.read_text().splitlines()[1:]):
        verdict, why = ("passed", "") if row[2] == "taken" else ("not run", f"{row[2]}: {row[8]}")
        record_property("case", f"{row[0]} as {row[1]}\t{verdict}\t1\t{why}")


def test_the_table_is_of_all_of_them_and_the_docs_count_it_right() -> None:
    rows = [line.split("\t") for line in TABLE.read_text().splitlines()[1:]]
    assert {row[0] for row in rows} == set(examples())
    assert len(examples()) == 204
    assert all(row[8] for row in rows if row[2] != "taken")
    counted = Counter((row[1], row[2]) for row in rows)
    docs = (Path(__file__).parents[2] / "docs" / "fhir-in.md").read_text()
    for way in ("file", "with its references"):
        told = " | ".join(str(counted[way, outcome]) for outcome in ("taken", "waits", "refused"))
        assert f"| {told} |" in docs, way
