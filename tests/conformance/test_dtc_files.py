"""The public samples of consumer formats, some malformed on purpose: read whole, or refused with the reason.

The letters are held against the `snps` library (BSD-3) wherever it is installed; the table below is what it
read (2.12.1) from every file that it reads without a network.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import IntakeError
from bedside.genome.locus import Build
from bedside.intake.consumer import read_consumer
from bedside.intake.consumer_build import BuildFrom
from bedside.knowledge.consumer_policy import load_consumer_policy

POLICY = load_consumer_policy()
EIGHT = {
    "rs1": "AA", "rs2": "CC", "rs3": "GG", "rs4": "TT", "rs5": "", "rs6": "GC", "rs7": "TC", "rs8": "AT",
}  # fmt: skip
SELLERS = {
    "23andme.txt": "23andMe",
    "23andme_allele.txt": "23andMe",
    "23mofang.txt": "23Mofang",
    "ancestry.txt": "AncestryDNA",
    "ancestry_multi_sep.txt": "AncestryDNA",
    "circledna.txt": "CircleDNA",
    "ftdna_famfinder.csv": "FamilyTreeDNA",
    "genesforgood.txt": "Genes for Good",
    "livingdna.csv": "Living DNA",
    "mapmygenome_new_format.txt": "Mapmygenome",
    "myheritage.csv": "MyHeritage",
    "myheritage_extra_quotes.csv": "MyHeritage",
    "selfdecode.txt": "SelfDecode",
    "testvcf_chr_prefix.vcf": "a VCF that the person brought",
    "testvcf_phased.vcf": "a VCF that the person brought",
    **dict.fromkeys(
        (
            "ftdna.csv", "generic.csv", "generic.tsv", "generic_extra_column.tsv", "generic_multi_rsid.tsv",
            "mapmygenome.txt", "plink.txt", "sano_dtc_no_comments.txt",
        ),
        "a seller that the file does not name",
    ),
}  # fmt: skip
WITHOUT_NAMES = {"codigo46.txt": "Código 46", "tellmeGen.txt": "a seller that the file does not name"}
REFUSED = {
    "discrepant_snps.csv": "no column holds the position or the genotype",
    "generic_non_standard_columns.tsv": "no column holds the genotype",
}


def test_every_sample_has_its_expectation(shared: Path) -> None:
    files = {path.name for path in (shared / "dtc").iterdir() if path.is_file()}
    assert files == {*SELLERS, *WITHOUT_NAMES, *REFUSED, "GRCh38.csv"}


@pytest.mark.parametrize("name", SELLERS)
def test_a_sample_holds_the_letters_that_the_public_library_reads(shared: Path, name: str) -> None:
    found = read_consumer(shared / "dtc" / name, POLICY, build=Build.GRCH37)
    read = dict(zip(found.markers.names, found.markers.letters, strict=True))
    expected = {
        marker: EIGHT[marker] for marker in EIGHT if not (name == "circledna.txt" and marker == "rs5")
    }
    assert {marker: read.get(marker) for marker in expected} == expected
    assert found.seller == SELLERS[name]
    places = dict(zip(found.markers.names, found.markers.positions, strict=True))
    assert [places[marker] for marker in expected] == [100 + int(marker[2:]) for marker in expected]


@pytest.mark.parametrize("name", WITHOUT_NAMES)
def test_a_sample_that_names_markers_by_place_is_read_by_place(shared: Path, name: str) -> None:
    found = read_consumer(shared / "dtc" / name, POLICY, build=Build.GRCH37)
    assert found.markers.letters == list(EIGHT.values())
    assert found.markers.positions[:5] == [101, 102, 103, 104, 105]
    assert found.seller == WITHOUT_NAMES[name]


@pytest.mark.parametrize("name", [*SELLERS, *WITHOUT_NAMES])
def test_no_sample_s_build_is_guessed(shared: Path, name: str) -> None:
    path = shared / "dtc" / name
    if name == "mapmygenome_new_format.txt":
        assert read_consumer(path, POLICY).build_from is BuildFrom.STATED
        return
    with pytest.raises(IntakeError, match="the build is neither stated nor proved"):
        read_consumer(path, POLICY)


def test_the_sample_on_grch38_proves_its_build_and_cannot_be_talked_out_of_it(shared: Path) -> None:
    path = shared / "dtc" / "GRCh38.csv"
    found = read_consumer(path, POLICY)
    assert (found.build, found.build_from) == (Build.GRCH38, BuildFrom.PROVED)
    assert found.markers.letters == ["AA", "ID", "", "TC"]
    with pytest.raises(IntakeError, match="contradicted"):
        read_consumer(path, POLICY, build=Build.GRCH37)


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_is_no_raw_data_is_refused(shared: Path, name: str) -> None:
    with pytest.raises(IntakeError) as refused:
        read_consumer(shared / "dtc" / name, POLICY, build=Build.GRCH37)
    assert [(one.line, one.reason) for one in refused.value.problems] == [(1, REFUSED[name])]


@pytest.mark.parametrize("name", SELLERS)
def test_the_public_library_agrees_where_it_is_installed(shared: Path, name: str, tmp_path: Path) -> None:
    snps = pytest.importorskip("snps", reason="the public library is not installed")
    theirs = snps.SNPs(str(shared / "dtc" / name), output_dir=str(tmp_path), resources_dir=str(tmp_path)).snps
    found = read_consumer(shared / "dtc" / name, POLICY, build=Build.GRCH37)
    ours = dict(zip(found.markers.names, found.markers.letters, strict=True))
    shown = theirs["genotype"].fillna("").to_dict()
    assert {marker: ours[marker] for marker in EIGHT if marker in shown} == {
        marker: shown[marker] for marker in EIGHT if marker in shown
    }
