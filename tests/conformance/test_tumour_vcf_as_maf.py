"""The same changes as a MAF and as a VCF give the same answers, over public lung adenocarcinomas."""

from __future__ import annotations

import pytest

from bedside.genome.answer import Answer
from bedside.intake.maf import read_maf
from bedside.intake.tumour_vcf_text import EFFECTS
from bedside.service.match_tumours import EXOME, judged, load_tumour_knowledge
from bedside.service.read_tumours import TumourFile, read_tumour_file

HEAD = """##fileformat=VCFv4.2
##reference=GRCh37
{contigs}
##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|HGVSp">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOR
"""
CONTIGS = "\n".join(f"##contig=<ID=chr{n}>" for n in (*range(1, 23), "X", "Y"))
WORDS = {effect: word for word, effect in EFFECTS.items()}


@pytest.fixture(scope="module")
def held():
    return load_tumour_knowledge()


def record(one, text: bool) -> str:
    start, reference, alternate = one.start, one.reference, one.alternate
    if not (reference and alternate):
        start = start if not reference else start - 1
        reference, alternate = f"N{reference}", f"N{alternate}"
    said = f"CSQ={alternate}|{WORDS.get(one.effect, '')}|{one.written}" if text else "."
    return f"{one.chromosome}\t{start}\t.\t{reference}\t{alternate}\t.\tPASS\t{said}\tGT\t0/1\n"


def answers(tumour, held):
    ((_, found),) = judged([tumour], held)
    return {one.therapy.name: one.answer for one in found}


@pytest.mark.parametrize("text", [True, False])
def test_a_vcf_answers_as_the_maf_does(shared, held, tmp_path, text) -> None:
    maf = shared / "onc" / "tcga" / "TCGA_LUAD.maf.tsv.gz"
    samples = read_maf(maf)
    placed = {
        one.sample: one
        for one in read_tumour_file(TumourFile(maf, "LUAD", EXOME), held.tree, held.genes).tumours
    }
    path, compared, unsure = tmp_path / "one.vcf", 0, 0
    for name in sorted(samples)[::8]:
        of_pack = [one for one in samples[name] if held.genes.current(one.gene) in held.genes.by_name]
        path.write_text(HEAD.format(contigs=CONTIGS) + "".join(record(one, text) for one in of_pack))
        (from_vcf,) = read_tumour_file(TumourFile(path, "LUAD", EXOME), held.tree, held.genes).tumours
        found = answers(from_vcf, held)
        for statement, answer in answers(placed[name], held).items():
            compared += 1
            if text or answer is Answer.YES:
                assert found[statement] is answer, (name, statement)
            elif found[statement] is not answer:
                assert found[statement] not in (Answer.YES, Answer.NO), (name, statement)
                unsure += 1
    assert compared > 10_000
    assert unsure == 0 if text else unsure < compared / 20
