"""A release of gene–disease validity adopted over a real lake: who carries a finding in the gene is owned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.knowledge.clinvar.keep import releases_root
from bedside.knowledge.clinvar.release import ClinvarRelease
from bedside.knowledge.gene_validity_release import ValidityRelease, add_validity
from bedside.service import reanalyse_validity as reanalyse_module
from bedside.service.house import House
from bedside.service.reanalyse import reanalyse_clinvar
from bedside.service.reanalyse_validity import reanalyse_validity
from tests.unit.service.made_up_biobank import (
    BRCA2,
    EXPERTS,
    MEANWHILE,
    MUTYH,
    MUTYH_TOO,
    Record,
    Somebody,
    biobank,
    deliver,
    enrol,
    release,
)

HET = Zygosity.HETEROZYGOUS


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = biobank(tmp_path)
    yield house
    house.close()


@pytest.fixture
def known(house: House) -> ClinvarRelease:
    return release(house, "2026-01-05", [Record(MUTYH, "MUTYH"), Record(MUTYH_TOO, "MUTYH")])


def validity(house: House, day: str, said: str, gene: str = "MUTYH") -> ValidityRelease:
    """A release that says one thing about one gene."""
    root = releases_root(house.settings)
    file = root / f"clingen-{day}.tsv"
    file.write_text(
        f"gene_name\tdisease_label\tmondo_disease_id\tclassification\n{gene}\tx\tMONDO:1\t{said}\n"
    )
    return add_validity(file, root, day)


def test_a_pair_half_of_which_research_saw_is_no_clinical_finding(house, known):
    enrol(house, Somebody("cora", [(MUTYH, HET)]))
    research = Somebody("cora", [(MUTYH_TOO, HET)], confirmation=Confirmation.RESEARCH)
    deliver(house, research, "r-research")
    before, after = validity(house, "2026-01-01", "Limited"), validity(house, "2026-06-01", "Definitive")
    reanalyse_validity(house, before, after, known)
    (task,) = house.ledger.tasks("cora")
    assert (task.kind, task.about["variants"]) == ("gene-validity-raised", [MUTYH, MUTYH_TOO])
    assert task.about["confirmation"] == "research"


def test_the_next_release_of_variants_leaves_the_question_about_the_gene_open(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    known = release(house, "2026-01-05", [Record(BRCA2, "BRCA2"), Record(MUTYH, "MUTYH")])
    reanalyse_clinvar(house, None, known)
    before = validity(house, "2026-01-01", "Definitive", "BRCA2")
    reanalyse_validity(house, before, validity(house, "2026-06-01", "Refuted", "BRCA2"), known)
    same = release(house, "2026-02-02", [Record(BRCA2, "BRCA2")])
    surer = release(house, "2026-03-02", [Record(BRCA2, "BRCA2", review=EXPERTS)])
    reanalyse_clinvar(house, known, same)
    reanalyse_clinvar(house, same, surer)
    assert [task.kind for task in house.ledger.tasks("anna")] == ["gene-validity-lowered"]


@pytest.mark.parametrize("what", MEANWHILE)
def test_nothing_is_opened_about_somebody_whose_genome_goes_meanwhile(house, known, monkeypatch, what):
    pair = [(MUTYH, HET), (MUTYH_TOO, HET)]
    enrol(house, Somebody("cora", pair), Somebody("dora", pair))
    before, after = validity(house, "2026-01-01", "Limited"), validity(house, "2026-06-01", "Definitive")
    late, write = [MEANWHILE[what]], reanalyse_module.write_document

    def written(*document):
        if late:
            late.pop()(house, "dora")
        return write(*document)

    monkeypatch.setattr(reanalyse_module, "write_document", written)
    reanalyse_validity(house, before, after, known)
    assert [task.person for task in house.ledger.tasks()] == ["cora"]
