"""A family's VCF as it is annotated by VEP, SnpEff and bcftools: what it says, and what it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bedside.errors import InputError, IntakeError
from bedside.genome.person import Sex
from bedside.genome.rare_fit import Doubt, Excluded, Standing
from bedside.genome.rare_variant import CallState, ClinicalClass, Effect, FrequencyState, Place, RareVariant
from bedside.intake.ped import read_ped
from bedside.intake.rare_vcf import RareVcf
from bedside.interpret.rare_checks import Warned
from bedside.knowledge.clinvar.terms import load_terms
from bedside.knowledge.rare_variants import load_rare_policy
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.rank_variants import HouseFacts, rank_vcf

SHARED = Path(os.environ.get("BEDSIDE_SHARED", "/nowhere")) / "data" / "genotypes"
HEAD = """##fileformat=VCFv4.2
##reference=GRCh38
##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL|gnomADe_AF|CLIN_SIG|REVEL">
##VEP="v110" gnomADe="r2.1.1"
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\tdad\tmum
"""
TRIO = "F kid dad mum 1 2\nF dad 0 0 1 1\nF mum 0 0 2 1\n"


def trio(folder: Path, *lines: str, head: str = HEAD, ped: str = TRIO) -> tuple[Path, Path]:
    vcf, family = folder / "trio.vcf", folder / "trio.ped"
    vcf.write_text(head + "".join(line.replace(" ", "\t") + "\n" for line in lines))
    family.write_text(ped)
    return vcf, family


def read(path: Path) -> list[RareVariant]:
    return list(RareVcf(path, load_rare_policy(), load_terms()).variants())


def test_vep_says_gene_effect_frequency_class_and_score(tmp_path: Path) -> None:
    csq = "CSQ=G|missense_variant|ABCD1|0.00002|likely_pathogenic|0.95,G|intron_variant|ABCD1|||"
    csq += ",G|stop_gained|OTHER|||"
    vcf, _ = trio(
        tmp_path, f"1 100 . A G 50 PASS {csq} GT:DP:GQ:AD 0/1:30:99:15,15 0/0:30:99:30,0 0/0:5:99:5,0"
    )
    first, second = read(vcf)
    assert (first.gene, first.effect, second.gene, second.effect) == (
        "ABCD1", Effect.MISSENSE, "OTHER", Effect.LOSS,
    )  # fmt: skip
    assert (first.frequency.state, first.frequency.value) == (FrequencyState.GIVEN, 0.00002)
    assert (first.frequency.dataset, first.frequency.version) == ("gnomAD", "r2.1.1")
    assert first.classified.kind is ClinicalClass.LIKELY_PATHOGENIC
    assert first.score is not None
    assert first.score.value == 0.95
    assert [first.of(one).state for one in ("kid", "dad", "mum")] == [
        CallState.CALLED, CallState.CALLED, CallState.UNUSABLE,
    ]  # fmt: skip


def test_a_frequency_that_nobody_gave_is_not_zero(tmp_path: Path) -> None:
    vcf, _ = trio(tmp_path, "1 100 . A G 50 PASS CSQ=G|stop_gained|A||| GT 0/1 0/0 0/0")
    assert read(vcf)[0].frequency.state is FrequencyState.ABSENT
    bare = HEAD.replace("|gnomADe_AF", "|NOTHING").replace('##VEP="v110" gnomADe="r2.1.1"\n', "")
    vcf, _ = trio(tmp_path, "1 100 . A G 50 PASS CSQ=G|stop_gained|A||| GT 0/1 0/0 0/0", head=bare)
    assert read(vcf)[0].frequency.state is FrequencyState.NOT_GIVEN


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("./.", CallState.UNUSABLE), ("./1", CallState.UNUSABLE), ("0/1:5", CallState.UNUSABLE),
        ("0/1:30:10", CallState.UNUSABLE), ("0/1:30:99:29,1", CallState.UNUSABLE), ("0/1", CallState.CALLED),
    ],
)  # fmt: skip
def test_a_poor_call_is_not_absent(tmp_path: Path, cell: str, state: CallState) -> None:
    vcf, _ = trio(tmp_path, f"1 100 . A G 50 PASS . GT:DP:GQ:AD {cell} 0/0 0/0")
    assert read(vcf)[0].of("kid").state is state


def test_two_alternates_are_two_variants_each_with_its_own_annotation(tmp_path: Path) -> None:
    csq = "CSQ=T|stop_gained|A|||,-|frameshift_variant|A|||"
    vcf, _ = trio(tmp_path, f"1 100 . CA TA,C 50 PASS {csq} GT 1/2 0/1 0/2")
    first, second = read(vcf)
    assert (first.name, second.name) == ("chr1-100-C-T", "chr1-100-CA-C")
    assert (second.effect, second.of("mum").copies, first.of("mum").copies) == (Effect.LOSS, 1, 0)


def test_places_follow_their_rules(tmp_path: Path) -> None:
    lines = [
        f"{c} {p} . A G 50 PASS . GT 1 0 0"
        for c, p in (("X", 50_000_000), ("X", 20_000), ("MT", 50), ("Y", 9_000_000))
    ]
    vcf, _ = trio(tmp_path, *lines)
    assert [one.place for one in read(vcf)] == [Place.X, Place.AUTOSOME, Place.MITOCHONDRION, Place.Y]


def test_reads_in_phase_make_a_set(tmp_path: Path) -> None:
    vcf, _ = trio(
        tmp_path,
        "1 100 . A G 50 PASS . GT:PS 0|1:7 0/0:. 0/0:.",
        "1 120 . A G 50 PASS . GT:PS 1|0:7 0/0:. 0/0:.",
    )
    one, other = (each.of("kid") for each in read(vcf))
    assert one.phase_set == other.phase_set
    assert (one.strand, other.strand) == (2, 1)


@pytest.mark.parametrize(
    ("ped", "reason"),
    [
        ("F kid dad mum 1\n", "six columns"),
        ("F kid dad mum 1 2\nG x 0 0 1 1\n", "more than one family"),
        ("F kid dad mum 1 1\n", "which is the child"),
        ("F kid dad mum 1 2\nF kid 0 0 1 2\n", "a second time"),
        ("F kid mum dad 1 2\nF dad 0 0 1 1\nF mum 0 0 2 1\n", "recorded as"),
        ("", "holds no person"),
    ],
)
def test_a_family_that_cannot_be_is_refused(tmp_path: Path, ped: str, reason: str) -> None:
    _, family = trio(tmp_path, ped=ped)
    with pytest.raises(InputError, match=reason):
        read_ped(family, ("kid", "dad", "mum"))


def test_a_file_of_three_without_a_family_is_refused_and_a_broken_line_is_named(tmp_path: Path) -> None:
    vcf, family = trio(tmp_path, "1 100 . A G 50 PASS . GT 0/1 0/0 0/0")
    with pytest.raises(InputError, match="--ped"):
        rank_vcf(vcf)
    vcf, family = trio(tmp_path, "1 100 . A G 50 PASS . GT 0/1 0/0")
    with pytest.raises(IntakeError, match=r"trio\.vcf:6"):
        rank_vcf(vcf, family)


def test_a_child_alone_is_ranked_and_the_claim_is_lower(tmp_path: Path) -> None:
    line = "1 100 . A G 50 PASS CSQ=G|stop_gained|GENE1||| GT 0/1 0/0 0/0"
    whole = rank_vcf(*trio(tmp_path, line))
    alone = rank_vcf(tmp_path / "trio.vcf", proband="kid", sex=Sex.MALE)
    assert whole.genes[0].fit.standing is Standing.DE_NOVO
    assert alone.genes[0].fit.standing is Standing.ORIGIN_UNKNOWN
    assert Doubt.PARENTS_NOT_TESTED in alone.genes[0].doubts
    assert alone.genes[0].nats < whole.genes[0].nats


def test_the_house_says_what_a_variant_does_where_the_file_names_no_gene(tmp_path: Path) -> None:
    transcripts = load_transcripts().by_gene
    gene, (first, *_) = next((g, t) for g, t in transcripts.items() if t[0].chromosome == "chr17")
    start, _ = first.coding[2]
    line = f"{first.chromosome} {start + 4} . A AT 50 PASS . GT 0/1 0/0 0/0"
    found = rank_vcf(*trio(tmp_path, line), house=HouseFacts(transcripts=transcripts))
    assert (found.genes[0].gene, found.genes[0].fit.variants[0].effect) == (gene, Effect.LOSS)
    without = rank_vcf(tmp_path / "trio.vcf", tmp_path / "trio.ped")
    assert (without.genes, without.aside) == ((), {Excluded.NO_GENE: 1})


@pytest.mark.skipif(not SHARED.is_dir(), reason="public genotypes are not at hand")
def test_a_public_trio_fits_and_a_wrong_pedigree_of_it_is_seen(tmp_path: Path) -> None:
    vcf = SHARED / "scout_643594.clinical.vcf.gz"
    right, wrong = tmp_path / "right.ped", tmp_path / "wrong.ped"
    right.write_text("F ADM1059A2 ADM1059A1 ADM1059A3 1 2\nF ADM1059A1 0 0 1 1\nF ADM1059A3 0 0 2 1\n")
    wrong.write_text("F ADM1059A1 ADM1059A2 ADM1059A3 1 2\nF ADM1059A2 0 0 1 1\nF ADM1059A3 0 0 2 1\n")
    found = rank_vcf(vcf, right)
    assert found.checks.parents == {"father": (273, 0), "mother": (260, 0)}
    assert (found.checks.warned, found.lines) == ((), 680)
    assert sum(found.aside.values()) >= 600
    swapped = rank_vcf(vcf, wrong)
    assert Warned.NOT_THE_MOTHER in swapped.checks.warned
    assert Doubt.SAMPLES_DOUBTFUL in swapped.doubts
    assert all(Doubt.SAMPLES_DOUBTFUL in gene.doubts for gene in swapped.genes)
