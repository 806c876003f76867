"""The VCF of a tumour: which sample, what passed, where a change lies, and which genes a join brings
together."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.cli import main
from bedside.errors import IntakeError
from bedside.genome.answer import Answer
from bedside.genome.locus import Build
from bedside.genome.tumour import CopyNumber, CopyState, Fusion, Origin
from bedside.intake.covered_bed import read_covered
from bedside.intake.tumour_vcf import read_tumour_vcf, trimmed
from bedside.interpret.tumour.covered import scope_of
from bedside.interpret.tumour.effects import known_effects
from bedside.interpret.tumour.judge import judge
from bedside.knowledge.tumour_rule import parse_rule
from bedside.service.match_tumours import load_tumour_knowledge
from bedside.service.read_tumours import TumourFile, read_tumour_file

HELD = load_tumour_knowledge()
PAIR = ["##tumor_sample=T1", "##normal_sample=N1"]
FIXED = [
    "##fileformat=VCFv4.2",
    *(f"##contig=<ID=chr{n},assembly=GRCh38>" for n in (2, 4, 7, 10, 12, 13, 17)),
    *(f'##FILTER=<ID={name},Description="x">' for name in ("weak", "germline")),
    *(
        f'##INFO=<ID={name},Number={number},Type={kind},Description="x">'
        for name, number, kind in (
            ("SVTYPE", 1, "String"), ("MATEID", ".", "String"), ("END", 1, "Integer"),
            ("SVLEN", ".", "Integer"),
        )
    ),
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL|HGVSp|MANE_SELECT">',
    '##ALT=<ID=DUP,Description="x">',
    *(
        f'##FORMAT=<ID={name},Number={number},Type={kind},Description="x">'
        for name, number, kind in (
            ("GT", 1, "String"), ("AD", "R", "Integer"), ("AF", "A", "Float"), ("DP", 1, "Integer"),
            ("CN", 1, "Float"), ("AU", 2, "Integer"), ("CU", 2, "Integer"), ("GU", 2, "Integer"),
            ("TU", 2, "Integer"),
        )
    ),
]  # fmt: skip
L858R = "chr7 55191822 . T G . PASS . GT:AD 0/0:90,0 0/1:60,40"


def write(tmp_path, *records: str, samples: str = "N1 T1", header: list[str] | None = None):
    path = tmp_path / "tumour.vcf"
    head = f"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT {samples}"
    body = [line.replace(" ", "\t") for line in (head, *records)]
    path.write_text("\n".join([*FIXED, *(PAIR if header is None else header), *body]) + "\n")
    return path


def tumour(path, **said):
    ((found),) = read_tumour_file(TumourFile(path, "LUAD", **said), HELD.tree, HELD.genes).tumours
    return found


def ask(rule: str, one) -> Answer:
    return judge(parse_rule(rule), one, known_effects(HELD.effects)).answer


def test_the_tumour_sample_is_told_and_never_guessed(tmp_path) -> None:
    assert read_tumour_vcf(write(tmp_path, L858R)).sample == "T1"
    with pytest.raises(IntakeError, match="which sample is the tumour"):
        read_tumour_vcf(write(tmp_path, L858R, header=[]))
    told = read_tumour_vcf(write(tmp_path, L858R, header=[]), "T1")
    assert (told.sample, told.normal) == ("T1", "N1")
    pedigree = ["##PEDIGREE=<Derived=T1,Original=N1>"]
    assert read_tumour_vcf(write(tmp_path, L858R, header=pedigree)).sample == "T1"
    named = ["##SAMPLE=<ID=TUMOR,SampleName=T1>", "##SAMPLE=<ID=NORMAL,SampleName=N1>"]
    assert read_tumour_vcf(write(tmp_path, L858R, header=named)).sample == "T1"
    plain = write(tmp_path, L858R, samples="NORMAL TUMOR", header=[])
    assert read_tumour_vcf(plain).sample == "TUMOR"
    with pytest.raises(IntakeError, match="none of the"):
        read_tumour_vcf(write(tmp_path, L858R), "T9")


def test_a_substitution_is_read_by_its_bases_without_any_protein_text(tmp_path) -> None:
    found = tumour(write(tmp_path, L858R))
    assert ask("EGFR:p.L858R", found) is Answer.YES
    (one,) = found.small("EGFR")
    assert (one.vaf, one.depth, one.origin) == (0.4, 100, Origin.SOMATIC)
    other = tumour(write(tmp_path, "chr7 55191800 . A G . PASS . GT 0/0 0/1"))
    assert ask("EGFR:any", other) is Answer.UNDETERMINED


def test_text_of_the_annotator_is_used_where_it_is_there(tmp_path) -> None:
    said = "CSQ=G|synonymous_variant|EGFR|NP_005219.2:p.K851%3D|NM_005228.5"
    record = f"chr7 55191800 . A G . PASS {said} GT 0/0 0/1"
    assert ask("EGFR:any", tumour(write(tmp_path, record))) is Answer.NOT_REPORTED


def test_a_filtered_call_is_neither_a_finding_nor_absent(tmp_path) -> None:
    path = write(tmp_path, L858R.replace("PASS", "weak"))
    found = tumour(path)
    assert ask("EGFR:p.L858R", found) is Answer.UNDETERMINED
    assert ask("!EGFR:p.L858R", found) is Answer.UNDETERMINED
    assert "filtered" in read_tumour_file(TumourFile(path, "LUAD"), HELD.tree, HELD.genes).notices[0]
    assert ask("EGFR:p.L858R", tumour(write(tmp_path, L858R.replace("PASS", ".")))) is Answer.YES


def test_alleles_are_taken_apart_and_only_those_of_the_tumour_count(tmp_path) -> None:
    both = "chr12 25245350 . C A,T . PASS . GT:AD 0/0:90,0,0 0/1:60,40,0"
    found = tumour(write(tmp_path, both))
    assert ask("KRAS:p.G12V", found) is Answer.YES
    assert len(found.small("KRAS")) == 1
    assert tumour(write(tmp_path, both.replace("0/1:60,40,0", "0/0:90,0,0"))).findings == ()
    inherited = tumour(write(tmp_path, L858R.replace("0/0:90,0", "0/1:45,45")))
    assert inherited.small("EGFR")[0].origin is Origin.NOT_SAID


def test_strelka_says_no_genotype(tmp_path) -> None:
    record = "chr7 55191822 . T G . PASS . DP:AU:CU:GU:TU 90:0,0:0,0:0,0:90,90 100:0,0:0,0:25,25:75,75"
    found = tumour(write(tmp_path, record))
    assert found.small("EGFR")[0].vaf == 0.25
    none = tumour(write(tmp_path, record.replace("25,25:75,75", "0,0:100,100")))
    assert none.findings == ()


@pytest.mark.parametrize(
    ("records", "five", "three", "doubt"),
    [
        (("chr2 42299000 a A A]chr2:29223700] . PASS SVTYPE=BND;MATEID=b GT 0/0 0/1",
          "chr2 29223700 b A A]chr2:42299000] . PASS SVTYPE=BND;MATEID=a GT 0/0 0/1"), "EML4", "ALK", False),
        (("chr2 42299000 a A A[chr2:29223700[ . PASS SVTYPE=BND;MATEID=b GT 0/0 0/1",), "EML4", "ALK", True),
        (("chr2 29223700 a A A]chr2:1000] . PASS SVTYPE=BND GT 0/0 0/1",), "", "ALK", True),
        (("chr2 42299000 a A A]chr2:29223700] . weak SVTYPE=BND GT 0/0 0/1",), "EML4", "ALK", True),
    ],
)  # fmt: skip
def test_joins_are_fusions_in_the_direction_of_reading(tmp_path, records, five, three, doubt) -> None:
    (found,) = tumour(write(tmp_path, *records)).findings
    assert isinstance(found, Fusion)
    assert (found.five, found.three, bool(found.doubt)) == (five, three, doubt)
    assert ask("fusion:ALK", tumour(write(tmp_path, *records))) is (
        Answer.UNDETERMINED if doubt else Answer.YES
    )


def test_copies_are_amplified_only_from_what_the_assay_says(tmp_path) -> None:
    record = "chr7 116600000 . N <DUP> . PASS SVTYPE=DUP;END=117000000 GT:CN 0/0:2 0/1:12"
    (one,) = (
        f for f in tumour(write(tmp_path, record)).findings if isinstance(f, CopyNumber) and f.gene == "MET"
    )
    assert one.state is CopyState.NOT_KNOWN
    assert ask("amp:MET", tumour(write(tmp_path, record), amplified_from=6)) is Answer.YES
    assert ask("amp:MET", tumour(write(tmp_path, record), amplified_from=20)) is Answer.NO


def test_a_deletion_by_symbol_of_exon_14_and_a_tandem_duplication_are_found(tmp_path) -> None:
    gone = "chr7 116771600 . N <DEL> . PASS SVTYPE=DEL;END=116772100 GT 0/0 0/1"
    assert ask("MET:exon14:skipping", tumour(write(tmp_path, gone))) is Answer.YES
    twice = "chr13 28034110 . N <DUP:TANDEM> . PASS SVTYPE=DUP;END=28034140;SVLEN=30 GT 0/0 0/1"
    assert ask("FLT3:exon14:itd", tumour(write(tmp_path, twice))) is Answer.YES


def test_what_was_read_is_told_by_codon_exon_and_gene(tmp_path) -> None:
    bed = tmp_path / "panel.bed"
    bed.write_text("chr7\t55191700\t55191900\nchr12\t25205000\t25251000\n")
    scope = scope_of(read_covered(bed), HELD.genes, Build.GRCH38)
    empty = tumour(write(tmp_path), covered=bed)
    assert ask("KRAS:any", empty) is Answer.NO
    assert ask("EGFR:p.L858R", empty) is Answer.NO
    assert ask("EGFR:exon21:inframe-insertion", empty) is Answer.NO
    assert ask("EGFR:exon19:inframe-deletion", empty) is Answer.NOT_REPORTED
    assert ask("!EGFR:any", empty) is Answer.NOT_REPORTED
    assert scope.partly["EGFR"].exons == {21}
    bed.write_text("chr7\t55191822\t55191900\n")
    assert ask("EGFR:p.L858R", tumour(write(tmp_path), covered=bed)) is Answer.NOT_REPORTED
    bed.write_text("chr7\tx\t1\n")
    with pytest.raises(IntakeError, match="no line of a BED"):
        read_covered(bed)


BASES = st.text("ACGT", max_size=6)


@given(st.integers(1000, 2000), BASES, BASES, BASES, BASES)
def test_a_change_lies_where_it_lies_however_many_bases_stand_around_it(
    place, before, old, new, after
) -> None:
    if not before or (old[:1] == new[:1]) or (old[-1:] == new[-1:]):
        return
    start, reference, alternate = trimmed(place, before + old + after, before + new + after)
    if old and new:
        assert (start, reference, alternate) == (place + len(before), old, new)
    assert len(alternate) - len(reference) == len(new) - len(old)
    assert not (reference and alternate and reference[-1] == alternate[-1])


def test_a_damaged_file_and_one_without_an_assembly_are_refused(tmp_path, capsys) -> None:
    path = write(tmp_path, L858R)
    path.write_text(path.read_text().replace(",assembly=GRCh38", ""))
    with pytest.raises(IntakeError, match="names no assembly"):
        read_tumour_vcf(path)
    assert read_tumour_vcf(path, build=Build.GRCH38).build is Build.GRCH38
    path.write_text(path.read_text().replace("55191822", "place"))
    assert main(["match", str(path), "--tumour", "LUAD", "--build", "GRCh38"]) == 1
    assert "damaged" in capsys.readouterr().err


def test_the_command_says_what_the_file_cannot_tell(tmp_path, capsys) -> None:
    path = write(tmp_path, L858R.replace("0/0:90,0 ", ""), samples="T1", header=[])
    assert main(["match", str(path), "--tumour", "LUAD", "--purity", "0.6"]) == 0
    said = capsys.readouterr()
    assert "no normal sample" in said.err
    assert "Osimertinib" in said.out


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=6))
def test_damage_anywhere_is_refused_or_read_and_never_anything_else(tmp_path_factory, at, bytes_) -> None:
    path = write(tmp_path_factory.mktemp("damaged"), L858R)
    whole = path.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + bytes_ + whole[at + len(bytes_) :])
    with suppress(IntakeError):
        assert len(read_tumour_vcf(path).small) <= 1


def test_a_compressed_file_is_read_and_a_cut_one_refused(tmp_path) -> None:
    path = write(tmp_path, *(L858R.replace("55191822", str(55191822 + 3 * n)) for n in range(2000)))
    packed = tmp_path / "tumour.vcf.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert len(read_tumour_vcf(packed).small) == 2000
    packed.write_bytes(packed.read_bytes()[:-900])
    with pytest.raises(IntakeError, match="cut short"):
        read_tumour_vcf(packed)
