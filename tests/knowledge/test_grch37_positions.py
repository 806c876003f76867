"""GRCh37 coordinates against ClinVar's own GRCh37 tables, which name variants by rsid."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import Position

ANCHORED_ELSEWHERE = {"rs137852338"}
"""Deletions in a repeat, which ClinVar writes at another base of the repeat."""


@pytest.fixture(scope="module")
def clinvar(shared: Path) -> dict[str, set[tuple[str, int, str]]]:
    found: dict[str, set[tuple[str, int, str]]] = {}
    for path in sorted((shared / "clinvar/monthly_b37").glob("*.tsv.gz")):
        with gzip.open(path, "rt") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                record = (f"chr{row['chrom']}", int(row["pos"]), row["ref"])
                found.setdefault(row["rsid"], set()).add(record)
    return found


def positions() -> list[Position]:
    return [position for gene in load_pgx().genes.values() for position in gene.positions]


def test_clinvar_has_the_same_rsid_at_the_same_grch37_position(
    clinvar: dict[str, set[tuple[str, int, str]]],
) -> None:
    known = [one for one in positions() if one.rsid in clinvar and one.rsid not in ANCHORED_ELSEWHERE]
    elsewhere = {
        one.rsid: (one.chromosome, one.position_grch37)
        for one in known
        if (one.chromosome, one.position_grch37) not in {record[:2] for record in clinvar[one.rsid]}
    }
    assert elsewhere == {}
    assert len(known) > 400


def test_clinvar_shows_the_same_grch37_base_as_the_release(
    clinvar: dict[str, set[tuple[str, int, str]]],
) -> None:
    at = {record[:2]: record[2][0] for records in clinvar.values() for record in records}
    contradicting = {
        one.rsid: (one.reference_grch37, at[one.chromosome, one.position_grch37])
        for one in positions()
        if one.reference_grch37
        and one.position_grch37
        and (one.chromosome, one.position_grch37) in at
        and at[one.chromosome, one.position_grch37] != one.reference_grch37[0]
    }
    assert contradicting == {}
