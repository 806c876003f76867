"""`bedside rank CASE --vcf`: one score, what was put aside, what lowers the claim; also into the record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.errors import NotFound
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind
from bedside.service.consented_lake import NotPermitted
from bedside.service.nicu import nicu_view
from bedside.service.record_consent import record_consent
from bedside.service.record_ranking import record_ranking
from tests.made_up_newborn import CHILD, ranked
from tests.made_up_record import NOW, open_record

HEAD = (
    "##fileformat=VCFv4.2\n##reference=GRCh38\n"
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL|gnomADe_AF">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\tdad\tmum\n"
)
LINES = (
    "9 127675000 . C T 50 PASS CSQ=T|stop_gained|STXBP1| GT 0/1 0/0 0/0",
    "2 100 . C T 50 PASS CSQ=T|missense_variant|COL3A1|0.00002 GT 0/1 0/0 ./.",
    "3 100 . C T 50 PASS CSQ=T|synonymous_variant|SCN5A|0.00002 GT 0/1 0/0 0/1",
    "4 100 . C T 50 PASS CSQ=T|stop_gained|NOSUCHGENE|0.00002 GT 0/1 0/0 0/0",
)
TERMS = (
    ("HP:0001250", "Seizure"),
    ("HP:0001263", "Global developmental delay"),
    ("HP:0002376", "Regression"),
)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A made-up case, its trio and family."""
    case, vcf, ped = (tmp_path / name for name in ("case.json", "trio.vcf", "trio.ped"))
    features = [{"type": {"id": term, "label": label}} for term, label in TERMS]
    subject = {"id": "kid", "sex": "MALE"}
    case.write_text(
        json.dumps({"id": "made-up", "subject": subject, "phenotypicFeatures": features, "metaData": {}})
    )
    vcf.write_text(HEAD + "".join(line.replace(" ", "\t") + "\n" for line in LINES))
    ped.write_text("F kid dad mum 1 2\nF dad 0 0 1 1\nF mum 0 0 2 1\n")
    return [str(case), "--vcf", str(vcf), "--ped", str(ped)]


def test_the_case_and_its_variants_make_one_ranking(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, aside = open_record(tmp_path), tmp_path / "aside.tsv"
    into = ["--record", CHILD, "--simulated", "--store", house.settings.store_url]
    status = main(["rank", *files, "--format", "json", "--aside", str(aside), *into])
    told = capsys.readouterr()
    found = json.loads(told.out)
    first, second, third = found["genes"]
    assert (status, first["gene"], first["standing"]) == (0, "STXBP1", "de-novo")
    assert first["doubts"] == ["No ClinVar release and no ClinVar annotation was at hand."]
    for gene in found["genes"]:
        parts = [*gene["phenotype"], *gene["genotype"]]
        assert gene["nats"] == pytest.approx(sum(part["nats"] for part in parts), abs=0.01)
    by_name = {one["gene"]: one for one in (second, third)}
    assert "One parent was not tested." in by_name["COL3A1"]["doubts"]
    assert any("no annotated disease" in one for one in by_name["NOSUCHGENE"]["doubts"])
    assert found["simulated"] is True
    assert "SIMULATION" in told.err
    assert any(one.startswith("HPO ") for one in found["rests_on"])
    assert aside.read_text().splitlines()[1].split("\t")[5] == "effect-mild"
    view = nicu_view(house, CHILD, NOW, may_genome=True)
    assert view.ranking is not None
    assert view.ranking.genes[0]["gene"] == "STXBP1"
    assert view.ranking.simulated
    house.close()


def test_what_does_not_go_together_is_refused(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", *files, "--format", "pheval"]) == 1
    assert "for phenotypes alone" in capsys.readouterr().err
    assert main(["rank", files[0], "--ped", files[4]]) == 1
    assert "goes with a VCF" in capsys.readouterr().err
    assert main(["rank", files[0], "--mother", "mum"]) == 1
    assert "goes with --mother" in capsys.readouterr().err
    assert main(["rank", files[0], "--record", "kid"]) == 1
    assert "goes with variants" in capsys.readouterr().err


def test_a_ranking_is_written_once_and_for_somebody_in_the_record(tmp_path: Path) -> None:
    house, found = open_record(tmp_path), ranked(tmp_path)
    for _ in range(2):
        record_ranking(house, CHILD, found, by="laboratory")
    assert len(list(house.ledger.events(person=CHILD, kinds=(EventKind.RANKING_RECORDED,)))) == 1
    with pytest.raises(NotFound):
        record_ranking(house, "nobody", found, by="laboratory")
    record_consent(house, CHILD, Scope.CLINICAL, Decision.WITHDRAWN)
    with pytest.raises(NotPermitted):
        record_ranking(house, CHILD, found, by="laboratory", simulated=True)
    house.close()
