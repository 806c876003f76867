"""The SF panel on a real release: every record of a panel gene, as if a grown woman carried one copy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bedside.genome.locus import Build
from bedside.genome.presence import Zygosity
from bedside.genome.variant import parse_variant
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Outcome, ReasonCode, Screened
from bedside.knowledge.clinvar.keep import add_clinvar
from bedside.knowledge.clinvar.read_file import Asked
from bedside.knowledge.clinvar.release import ClinvarRelease, open_release
from bedside.knowledge.findings_reader import load_panel
from tests.unit.interpret.germline.people import WOMAN, carried

SF = load_panel("acmg-sf")
C282Y = parse_variant("chr6-26092913-G-A")


@pytest.fixture(scope="module")
def autumn_2016(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> ClinvarRelease:
    """The release of 2016-11-02, lifted from GRCh37."""
    asked = Asked("2016-11-02", Build.GRCH37, shared / "liftover" / "hg19ToHg38.over.chain.gz")
    path = shared / "clinvar" / "clinvar_2016-11-02.vcf.gz"
    return open_release(add_clinvar(path, tmp_path_factory.mktemp("autumn"), asked).folder)


def answers(release: ClinvarRelease, gene: str) -> list[Screened]:
    """What a woman with one copy of a variant of the gene hears, for each variant by itself."""
    found: list[Screened] = []
    for record in release.records(release.rows_in_genes({gene})):
        found += [one for one in screen(SF, [carried(record)], WOMAN) if one.gene == gene]
    return found


def test_hfe_c282y_homozygotes_of_2016_are_reported_though_the_release_disagreed(
    autumn_2016: ClinvarRelease,
) -> None:
    """Benign|Pathogenic|association|risk factor with conflicting interpretations, in the file's own words."""
    records = autumn_2016.at(C282Y)
    assert len(records) == 1
    assert "Benign" in records[0].raw
    (answer,) = screen(SF, [carried(*records, zygosity=Zygosity.HOMOZYGOUS)], WOMAN)
    assert (answer.outcome, answer.reason) == (Outcome.REPORT, ReasonCode.BIALLELIC_HOM)


def test_one_copy_of_a_variant_in_a_recessive_gene_is_never_reported(autumn_2016: ClinvarRelease) -> None:
    found = [
        one.reason
        for gene in ("ATP7B", "BTD", "CASQ2", "CYP27A1", "GAA", "MUTYH", "RPE65", "TRDN", "HFE")
        for one in answers(autumn_2016, gene)
        if one.outcome in (Outcome.REPORT, Outcome.REVIEW)
    ]
    assert found == []


def test_only_established_variants_of_pcsk9_and_apob_are_reported(autumn_2016: ClinvarRelease) -> None:
    reported = {
        str(variant)
        for gene in ("PCSK9", "APOB")
        for one in answers(autumn_2016, gene)
        if one.outcome is Outcome.REPORT
        for variant in one.variants
    }
    assert reported == {"chr2-21006288-C-T"}


def test_titin_is_reported_for_truncations_only(autumn_2016: ClinvarRelease) -> None:
    """The file of 2016 states no consequence, so that every pathogenic variant goes to a person."""
    counted = Counter((one.outcome, one.reason) for one in answers(autumn_2016, "TTN"))
    assert {reason for outcome, reason in counted if outcome is Outcome.REPORT} == set()
    assert (
        counted[Outcome.REVIEW, ReasonCode.CONSEQUENCE_UNKNOWN] + counted[Outcome.REVIEW, ReasonCode.ONE_STAR]
        > 0
    )


@pytest.mark.slow
def test_every_record_of_the_panel_has_an_answer_with_one_of_these_reasons(
    autumn_2016: ClinvarRelease,
) -> None:
    counted: Counter[str] = Counter()
    for gene in SF.by_gene:
        counted.update(f"{one.outcome.value} {one.reason.value}" for one in answers(autumn_2016, gene))
    assert counted.keys() == {
        "report reportable",
        "review one-star",
        "review consequence-unknown",
        "hold conflict",
        "hold unknown-term",
        "no-action uncertain",
        "no-action benign",
        "no-action zero-star",
        "no-action not-classified",
        "no-action carrier-only",
        "no-action risk-allele",
        "no-action not-about-disease",
        "no-action not-the-named-variant",
    }
    assert counted.total() > 40_000
    assert 2_000 < counted["report reportable"] < 2_500
