"""Truncating variants that nobody classified: worked out, shown to a person, never reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.knowledge.findings_reader import load_panel
from bedside.service.house import House
from bedside.service.screen_people import ScreenAsked, screen_people
from bedside.service.screen_rows import person_rows
from tests.unit.service.made_up_biobank import BRCA2, Record, Somebody, biobank, enrol, release

ACMG = load_panel("acmg-sf")
HET = Zygosity.HETEROZYGOUS
FRAMESHIFT = "chr13-32337000-A-AC"
"""One base too many in the middle of BRCA2's largest exon."""
INTRON = "chr13-32345000-A-C"
PCSK9_FRAMESHIFT = "chr1-55052700-A-AC"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = biobank(tmp_path)
    yield house
    house.close()


def said(house: House, *, unclassified: bool) -> list[tuple[str, ...]]:
    known = release(house, "2026-01-05", [Record(BRCA2, "BRCA2")])
    done = screen_people(house, ACMG, known, ScreenAsked(unclassified=unclassified))
    return [(row[0], row[2], row[4], row[8], row[9]) for row in person_rows(done.rows)]


def test_a_frameshift_that_no_record_speaks_of_goes_to_a_person(house: House) -> None:
    enrol(house, Somebody("anna", [(BRCA2, HET), (FRAMESHIFT, HET), (INTRON, HET)], sex=Sex.FEMALE))
    known = ("anna", BRCA2, "pathogenic", "report", "reportable")
    assert said(house, unclassified=False) == [known]
    assert sorted(said(house, unclassified=True)) == sorted(
        [known, ("anna", FRAMESHIFT, "", "review", "computed-evidence")]
    )
    (task,) = [one for one in house.ledger.tasks() if FRAMESHIFT in one.about["variants"]]
    assert task.kind == "screening-review"
    assert any("not a classification" in each for each in task.about["evidence"])


def test_a_frameshift_where_loss_of_the_gene_protects_is_no_evidence_of_disease(house: House) -> None:
    enrol(house, Somebody("anna", [(PCSK9_FRAMESHIFT, HET)], sex=Sex.FEMALE))
    assert said(house, unclassified=True) == []
