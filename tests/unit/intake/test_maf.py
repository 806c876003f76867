"""A MAF and the tables beside it: read whole or refused, by current symbols, and what is not used is
counted."""

from __future__ import annotations

import pytest

from bedside.cli import main
from bedside.errors import InputError, IntakeError
from bedside.genome.answer import Answer
from bedside.genome.locus import Build
from bedside.intake.cbioportal import read_cna, read_sv
from bedside.intake.maf import read_maf, read_maf_of
from bedside.interpret.tumour.effects import known_effects
from bedside.interpret.tumour.judge import judge
from bedside.knowledge.tumour_rule import parse_rule
from bedside.service.match_tumours import load_tumour_knowledge
from bedside.service.read_tumours import TumourFile, read_tumour_file

HELD = load_tumour_knowledge()
HEAD = (
    "Hugo_Symbol",
    "Chromosome",
    "Start_Position",
    "End_Position",
    "Reference_Allele",
    "Tumor_Seq_Allele2",
    "Tumor_Sample_Barcode",
    "NCBI_Build",
    "Variant_Classification",
    "HGVSp_Short",
    "t_ref_count",
    "t_alt_count",
    "Mutation_Status",
)
L858R = (
    "EGFR",
    "chr7",
    "55191822",
    "55191822",
    "T",
    "G",
    "S1",
    "hg38",
    "Missense_Mutation",
    "p.L858R",
    "60",
    "40",
    "Somatic",
)
OTHER = ("TTN", "chr2", "178530000", "178530000", "A", "G", "S2", "GRCh38", "Silent", "", "", "", "")


def write(tmp_path, *rows, header=HEAD, name="a.maf"):
    path = tmp_path / name
    path.write_text("\n".join("\t".join(one) for one in (header, *rows)) + "\n")
    return path


def ask(rule: str, one) -> Answer:
    return judge(parse_rule(rule), one, known_effects(HELD.effects)).answer


def test_reads_on_grch38_are_counted_and_shares_come_from_both_counts(tmp_path) -> None:
    ((one,),) = read_maf(write(tmp_path, L858R)).values()
    assert (one.build, one.vaf, one.depth) == (Build.GRCH38, 0.4, 100)


def test_a_sample_without_a_wanted_gene_is_there_and_the_rest_is_counted(tmp_path) -> None:
    read = read_maf_of(write(tmp_path, L858R, OTHER), {"EGFR"})
    assert {name: len(several) for name, several in read.samples.items()} == {"S1": 1, "S2": 0}
    assert read.outside == {"TTN": 1}
    told = read_tumour_file(TumourFile(tmp_path / "a.maf", "LUAD"), HELD.tree, HELD.genes)
    assert [one.sample for one in told.tumours] == ["S1", "S2"]
    assert "1 small variants lie in 1 genes" in told.notices[0]


def test_a_line_of_an_unwanted_gene_is_read_as_strictly(tmp_path) -> None:
    wrong = (*OTHER[:4], "X", *OTHER[5:])
    with pytest.raises(IntakeError, match="alleles are not"):
        read_maf_of(write(tmp_path, L858R, wrong), {"EGFR"})


def test_an_earlier_symbol_is_the_gene(tmp_path) -> None:
    renamed = (
        "H3F3A",
        "chr1",
        "226064434",
        "226064434",
        "A",
        "T",
        *L858R[6:8],
        "Missense_Mutation",
        "p.K27M",
        *L858R[10:],
    )
    (one,) = read_tumour_file(TumourFile(write(tmp_path, renamed), "DIFG"), HELD.tree, HELD.genes).tumours
    assert [found.gene for found in one.findings] == ["H3-3A"]
    assert ask("H3-3A:p.K28M", one) is Answer.YES


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (HEAD[1:], "no column Hugo_Symbol"),
        ((*HEAD, "Chromosome"), "Chromosome twice"),
        (("gene", "chrom"), "no column"),
    ],
)
def test_an_odd_header_is_refused(tmp_path, header, fault) -> None:
    with pytest.raises(IntakeError, match=fault):
        read_maf(write(tmp_path, header=header))


def tables(tmp_path):
    cna = write(
        tmp_path,
        ("MET", "4233", "2", "0"),
        ("ERBB2", "2064", "NA", "1"),
        header=("Hugo_Symbol", "Entrez_Gene_Id", "S1", "S3"),
        name="cna.txt",
    )
    header = (
        "Sample_Id",
        "SV_Status",
        "Site1_Hugo_Symbol",
        "Site2_Hugo_Symbol",
        "Site2_Effect_On_Frame",
        "DNA_Support",
        "RNA_Support",
    )
    sv = write(
        tmp_path,
        ("S1", "SOMATIC", "EML4", "ALK", "In-frame", "Yes", "Yes"),
        ("S1", "GERMLINE", "A", "RET", "", "", ""),
        ("S1", "SOMATIC", "EGFR", "EGFR", "", "Yes", ""),
        header=header,
        name="sv.txt",
    )
    return cna, sv


def test_copies_and_fusions_stand_beside_a_maf(tmp_path) -> None:
    cna, sv = tables(tmp_path)
    asked = TumourFile(write(tmp_path, L858R), "LUAD", cna=cna, sv=sv)
    read = read_tumour_file(asked, HELD.tree, HELD.genes)
    (one,) = read.tumours
    assert ask("amp:MET", one) is Answer.YES
    assert ask("amp:ERBB2", one) is Answer.NOT_REPORTED
    assert ask("fusion:ALK", one) is Answer.YES
    assert ask("fusion:RET", one) is Answer.NOT_REPORTED
    assert any("1 samples" in notice for notice in read.notices)
    assert main(["match", str(asked.path), "--tumour", "LUAD", "--cna", str(cna), "--sv", str(sv)]) == 0


def test_tables_that_cannot_be_read_and_tables_beside_json_are_refused(tmp_path) -> None:
    cna, sv = tables(tmp_path)
    cna.write_text(cna.read_text().replace("\t2\t0", "\tmany\t0"))
    with pytest.raises(IntakeError, match="none of -2"):
        read_cna(cna)
    sv.write_text(sv.read_text().replace("Sample_Id", "Sample"))
    with pytest.raises(IntakeError, match="no column Sample_Id"):
        read_sv(sv)
    path = tmp_path / "t.json"
    path.write_text('{"sample": "s", "tumour": "LUAD"}')
    with pytest.raises(InputError, match="MAF only"):
        read_tumour_file(TumourFile(path, cna=cna), HELD.tree, HELD.genes)
