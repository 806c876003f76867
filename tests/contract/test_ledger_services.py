"""The use cases of the record give the same answers on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bedside.genome.citation import Release
from bedside.genome.code import Code, System
from bedside.genome.person import Medication, Person
from bedside.knowledge.catalogue import load_pgx
from bedside.service.accept_result import accept_files
from bedside.service.house import documents_folder, open_house
from bedside.service.register_person import Registration, people_with, register_people
from bedside.service.reinterpret_all import reinterpret
from bedside.service.show_person import show
from bedside.settings import Settings, SettingsError

MARCH = datetime(2026, 3, 1, 8, tzinfo=UTC)
PEOPLE = [f"p{number:03d}" for number in range(120)]
POOR = frozenset(PEOPLE[::10])


def write_cohort(path: Path, pack) -> Path:
    """Every tenth person is a poor metaboliser of CYP2C19; everybody else has the usual alleles."""
    lines = [
        "##fileformat=VCFv4.2",
        "##reference=GRCh38",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">',
    ]
    lines.append(
        "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *PEOPLE))
    )
    for at in pack.genes["CYP2C19"].positions:
        lost = at.rsid in ("rs12769205", "rs4244285")
        usual = "1/1" if at.rsid == "rs3758581" else "0/0"
        cells = ["1/1" if lost and person in POOR else usual for person in PEOPLE]
        fixed = (at.chromosome, str(at.position), at.rsid or ".", at.reference, ",".join(at.alternates))
        lines.append("\t".join((*fixed, ".", "PASS", ".", "GT", *cells)))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_cohort_is_accepted_asked_for_and_read_anew(ledger_url, tmp_path):
    pack = load_pgx()
    settings = Settings(store_url=ledger_url, documents=str(tmp_path / "documents"))
    house = open_house(settings, pgx=pack, clock=lambda: MARCH)
    path = write_cohort(tmp_path / "cohort.vcf", pack)
    clopidogrel = Medication(Code(System.RXNORM, pack.drugs["clopidogrel"].rxnorm, "clopidogrel"))
    register_people(house, [Registration(Person(person), (clopidogrel,)) for person in PEOPLE[:60]])
    assert sum(each.new for each in accept_files(house, [path])) == 120
    assert sum(each.new for each in accept_files(house, [path])) == 0
    treated = tuple(sorted(POOR & set(PEOPLE[:60])))
    assert people_with(house, "CYP2C19", "Poor Metabolizer") == tuple(sorted(POOR))
    assert people_with(house, "CYP2C19", "Poor Metabolizer", "clopidogrel") == treated
    assert tuple(sorted(task.person for task in house.ledger.tasks())) == treated
    gene = pack.genes["CYP2C19"]
    rules = tuple(
        replace(rule, lookup_key="Likely Poor Metabolizer", phenotype="Likely Poor Metabolizer")
        if rule.phenotype == "Poor Metabolizer"
        else rule
        for rule in gene.rules
    )
    release = Release("cpic", "2027-01-01", "c" * 64)
    later = replace(pack, release=release, genes={**pack.genes, "CYP2C19": replace(gene, rules=rules)})
    summary = reinterpret(house, later)
    assert (summary.results, summary.interpreted, summary.people_changed) == (120, 2, 12)
    assert people_with(house, "CYP2C19", "Likely Poor Metabolizer") == tuple(sorted(POOR))
    assert show(house, PEOPLE[1], date(2026, 3, 1)).release == str(release)
    assert house.ledger.verify() == house.ledger.checkpoint().sequence
    before = [house.ledger.results(person) for person in PEOPLE]
    house.ledger.rebuild()
    assert [house.ledger.results(person) for person in PEOPLE] == before
    house.close()


def test_documents_stand_beside_an_sqlite_ledger_and_where_the_setting_says_otherwise():
    assert documents_folder(Settings(store_url="sqlite:///some/where/ledger.db")) == Path(
        "some/where/documents"
    )
    assert documents_folder(Settings(store_url="postgresql:///x", documents="/srv/documents")) == Path(
        "/srv/documents"
    )
    with pytest.raises(SettingsError, match="BEDSIDE_DOCUMENTS must name the folder"):
        documents_folder(Settings(store_url="postgresql:///x"))
