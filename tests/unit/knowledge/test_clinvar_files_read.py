"""ClinVar files become releases, or are refused with every reason; nothing is dropped without one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.genome.locus import Build
from bedside.genome.variant import Variant
from bedside.knowledge.classification import Classification, ClassifiedVariant
from bedside.knowledge.clinvar.keep import add_clinvar
from bedside.knowledge.clinvar.read_file import Asked
from bedside.knowledge.clinvar.release import load_clinvar
from tests.unit.knowledge.clinvar_files import MEASURE_SET_HEAD, SUMMARY_COLUMNS, official, record

CHAIN = """\
chain 1000 chr6 200000000 + 0 50000 chr6 200000000 + 1000 51000 1
50000

chain 900 chr6 200000000 + 60000 70000 chr6 200000000 - 0 10000 2
10000

"""


NOTHING_SAID = Asked()


def refused(path: Path, root: Path, asked: Asked = NOTHING_SAID) -> str:
    """What is said when the file is refused; nothing may be stored then."""
    with pytest.raises(PackError) as error:
        add_clinvar(path, root, asked)
    assert not list(root.glob("sources/clinvar/*/*"))
    return str(error.value)


def test_an_official_record_is_found_with_all_it_says(tmp_path: Path) -> None:
    info = (
        "AF_EXAC=0.00012;AF_TGP=0.0002;ALLELEID=15042;CLNDN=Breast_cancer,_familial|not_provided;"
        "CLNREVSTAT=reviewed_by_expert_panel;CLNSIG=Pathogenic;CLNSIGCONF=x;GENEINFO=BRCA1:672|LOC1:9;"
        "MC=SO:0001587|nonsense,SO:0001619|non-coding_transcript_variant"
    )
    path = official(tmp_path / "clinvar.vcf", f"17 43045682 17661 T TG {info}")
    add_clinvar(path, tmp_path, Asked())
    release = load_clinvar("clinvar", tmp_path)
    variant = Variant("chr17", 43045682, "T", "TG")
    assert release.at(variant) == (
        ClassifiedVariant(
            variation_id=17661,
            allele_id=15042,
            variant=variant,
            genes=("BRCA1", "LOC1"),
            classification=Classification.PATHOGENIC,
            stars=3,
            review_status="reviewed by expert panel",
            conditions=("Breast cancer, familial", "not provided"),
            consequences=("SO:0001587", "SO:0001619"),
            raw="Pathogenic",
            release=str(release.release),
            frequencies={"AF_EXAC": 0.00012, "AF_TGP": 0.0002},
        ),
    )


def test_unknown_words_stop_the_release_with_their_counts_first_lines_and_the_remedy(tmp_path: Path) -> None:
    path = official(
        tmp_path / "clinvar.vcf",
        record("1 100", 1, "A G", "Pathogenic"),
        record("1 101", 2, "A G", "Surely_pathogenic"),
        record("1 102", 3, "A G", "Surely_pathogenic"),
        record("1 103", 4, "A G", "Benign", "criteria_provided,_many_submitters"),
    )
    remedy = "(nothing was stored; enter it under {} in clinvar_terms/clinvar.toml after review)"
    assert refused(path, tmp_path).splitlines() == [
        "clinvar.vcf:9: unknown classification 'Surely_pathogenic' in 2 records "
        + remedy.format("[classes]"),
        "clinvar.vcf:11: unknown review status 'criteria_provided,_many_submitters' in 1 records "
        + remedy.format("[stars]"),
    ]


def test_records_without_a_germline_classification_or_alleles_are_listed_by_reason(tmp_path: Path) -> None:
    path = official(
        tmp_path / "clinvar.vcf",
        record("1 100", 1, "A G", "Pathogenic"),
        "1 101 2 A G ALLELEID=2;ONC=Oncogenic;ONCREVSTAT=x",
        "1 102 3 A G ALLELEID=3;CLNSIGINCL=77:Pathogenic",
        "1 103 4 A G ALLELEID=4",
        record("1 104", 5, "A .", "Benign"),
        record("1 105", 6, "A <DEL>", "Benign"),
        record("NW_009646201.1 106", 7, "A G", "Benign"),
        record("1 107", 8, "a A", "Benign"),
        record("1 100", 1, "A G", "Pathogenic"),
    )
    kept = add_clinvar(path, tmp_path, Asked())
    listed = [
        line.split("\t")[:3]
        for line in (kept.folder / "left_out.tsv").read_text(encoding="utf-8").splitlines()[1:]
    ]
    assert listed == [
        ["9", "only a somatic or oncogenicity classification", "2"],
        ["10", "classified only as part of a haplotype or genotype", "3"],
        ["11", "no germline classification", "4"],
        ["12", "no alleles given", "5"],
        ["13", "an allele is not written in bases", "6"],
        ["14", "on a contig that is not one of the chromosomes 1 to 22, X, Y and M", "7"],
        ["15", "the alternate allele is the reference", "8"],
        ["16", "repeats another record", "1"],
    ]
    assert (kept.records, kept.left_out) == (1, dict.fromkeys((one[1] for one in listed), 1))


def test_a_classification_that_was_taken_back_is_kept_as_no_statement(tmp_path: Path) -> None:
    words = "no_classifications_from_unflagged_records"
    add_clinvar(official(tmp_path / "c.vcf", record("1 100", 1, "A G", words, words)), tmp_path, Asked())
    (found,) = load_clinvar("2026-02-26", tmp_path).at(Variant("chr1", 100, "A", "G"))
    assert (found.classification, found.stars) == (Classification.NOT_PROVIDED, 0)


def test_alleles_that_share_bases_are_found_where_they_are_parsimonious(tmp_path: Path) -> None:
    add_clinvar(
        official(tmp_path / "c.vcf", record("1 100", 1, "CAG CAGAG", "Pathogenic")), tmp_path, Asked()
    )
    release = load_clinvar("clinvar", tmp_path)
    assert [one.variation_id for one in release.at(Variant("chr1", 100, "C", "CAG"))] == [1]


def test_the_hfe_record_of_2016_is_found_as_a_conflict(tmp_path: Path) -> None:
    path = tmp_path / "older.vcf"
    info = (
        "MUT=ALT;MEASURESET_ID=9;SYMBOL=HFE;CLINICAL_SIGNIFICANCE=Benign|Pathogenic|association|risk_factor;"
        "REVIEW_STATUS=criteria_provided|conflicting_interpretations;ALL_TRAITS=Hereditary_hemochromatosis"
    )
    path.write_text(MEASURE_SET_HEAD + f"6\t26093\t.\tG\tA\t.\t.\t{info}\n", encoding="utf-8")
    chain = tmp_path / "made.chain"
    chain.write_text(CHAIN, encoding="utf-8")
    add_clinvar(path, tmp_path, Asked("2016-05-20", Build.GRCH37, chain))
    (found,) = load_clinvar("clinvar@2016-05-20", tmp_path).at(Variant("chr6", 27093, "G", "A"))
    assert (found.classification, found.stars, found.variation_id, found.genes) == (
        Classification.CONFLICTING,
        1,
        9,
        ("HFE",),
    )


def test_a_file_on_grch37_is_lifted_and_what_has_no_place_is_listed(tmp_path: Path) -> None:
    table = tmp_path / "month.tsv"
    rows = ["6\t100\tA\tG\trs1\tG1\t5", "6\t55000\tA\tG\trs2\tG1\t5", "6\t60010\tA\tC\trs3\tG1\t4|255"]
    rows += ["6\t60020\tA\tCC\trs4\tG1\t5", "MT\t73\tA\tG\trs5\t\t2"]
    head = "chrom\tpos\tref\talt\trsid\tgene\tclnsig_codes\n"
    table.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    chain = tmp_path / "made.chain"
    chain.write_text(CHAIN, encoding="utf-8")
    kept = add_clinvar(table, tmp_path, Asked("2016-12-01", Build.GRCH37, chain))
    release = load_clinvar("clinvar", tmp_path)
    assert [str(one.variant) for one in release.records(range(len(release)))] == [
        "chr6-1100-A-G",
        "chr6-199999991-T-G",
        "chrM-73-A-G",
    ]
    assert kept.left_out == {
        "no place on GRCh38 by the chain file": 1,
        "on GRCh38 the strand is turned, and an insertion or deletion needs the sequence to be placed": 1,
    }


def test_a_summary_gives_the_rows_of_one_build(tmp_path: Path) -> None:
    def row(build: str, place: str, alleles: str, words: str, other: str = "-") -> str:
        named = {
            "#AlleleID": "15042", "Name": 'NM_1:c.1"x', "GeneSymbol": "BRCA1;LOC1",
            "ClinicalSignificance": words, "PhenotypeList": "Breast cancer|not provided", "Assembly": build,
            "Chromosome": "17", "ReviewStatus": "criteria provided, single submitter", "VariationID": "17661",
            "PositionVCF": place, "ReferenceAlleleVCF": alleles.split(">")[0],
            "AlternateAlleleVCF": alleles.split(">")[1], "SomaticClinicalImpact": other, "Oncogenicity": "-",
        }  # fmt: skip
        return "\t".join(named.get(column, ".") for column in SUMMARY_COLUMNS)

    rows = [
        row("GRCh37", "41197699", "T>TG", "Pathogenic/Likely pathogenic; risk factor"),
        row("GRCh38", "43045682", "T>TG", "Pathogenic/Likely pathogenic; risk factor"),
        row("GRCh38", "-1", "na>na", "Benign"),
        row("GRCh38", "5", "A>G", "-", "Tier I - Strong"),
    ]
    path = tmp_path / "variant_summary.txt.gz"
    path.write_bytes(gzip.compress("\n".join(["\t".join(SUMMARY_COLUMNS), *rows, ""]).encode()))
    kept = add_clinvar(path, tmp_path, Asked("2026-03-01"))
    (found,) = load_clinvar("clinvar", tmp_path).at(Variant("chr17", 43045682, "T", "TG"))
    assert (found.classification, found.raw, found.genes, found.conditions) == (
        Classification.LIKELY_PATHOGENIC,
        "Pathogenic/Likely pathogenic; risk factor",
        ("BRCA1", "LOC1"),
        ("Breast cancer", "not provided"),
    )
    assert kept.left_out == {"no alleles given": 1, "only a somatic or oncogenicity classification": 1}


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        (Asked(release="2026-02-27"), ["the file is of 2026-02-26, not of 2026-02-27"]),
        (Asked(build=Build.GRCH37, chain=Path("x")), ["the file is on GRCh38, not on GRCh37"]),
    ],
)
def test_a_file_that_contradicts_what_is_said_of_it_is_refused(
    tmp_path: Path, asked: Asked, reasons: list[str]
) -> None:
    path = official(tmp_path / "c.vcf", record("1 100", 1, "A G", "Benign"))
    assert refused(path, tmp_path, asked).splitlines() == [f"c.vcf: {reason}" for reason in reasons]


def test_a_file_that_says_neither_date_nor_build_needs_both(tmp_path: Path) -> None:
    path = tmp_path / "older.vcf"
    path.write_text(MEASURE_SET_HEAD + "1\t1\t.\tA\tG\t.\t.\tMUT=ALT\n", encoding="utf-8")
    assert refused(path, tmp_path).splitlines() == [
        "older.vcf: the file does not say its date (give --release YYYY-MM-DD)",
        "older.vcf: the file does not say its build (give --build GRCh37 or --build GRCh38)",
    ]


def test_grch37_without_a_chain_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = official(tmp_path / "c.vcf", record("1 100", 1, "A G", "Benign"), build="GRCh37")
    assert refused(path, tmp_path) == (
        "c.vcf: a file on GRCh37 needs a chain file to GRCh38 "
        "(give --chain hg19ToHg38.over.chain.gz, or the file on GRCh38)"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "c.vcf: the file is empty"),
        (b"person\tvariant\nA\tB\n", "c.vcf:1: no layout of ClinVar that is known here"),
        (b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\n", "c.vcf: a VCF, but not ClinVar's"),
        (
            b"##INFO=<ID=CLNALLE,x>\n##INFO=<ID=CLNSIG,x>\n#CHROM\tPOS\n",
            "c.vcf: the official VCF layout before",
        ),
        (
            gzip.compress(b"##fileformat=VCFv4.2\n" * 9000)[:-40],
            "c.vcf: the compressed file is cut or damaged",
        ),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "c.vcf"
    path.write_bytes(content)
    assert refused(path, tmp_path).startswith(reason)


def test_a_crooked_line_is_named(tmp_path: Path) -> None:
    good = record("1 100", 1, "A G", "Benign")
    path = official(tmp_path / "c.vcf", good)
    path.write_text(path.read_text(encoding="utf-8") + "1\t101\t2\tA\n", encoding="utf-8")
    assert refused(path, tmp_path).startswith("c.vcf:9: not 8 tab-separated columns")
    path = official(tmp_path / "c.vcf", good, good.replace("1 100", "1 1OO"))
    assert refused(path, tmp_path) == "c.vcf:9: position is not a number"


def test_a_file_whose_header_declares_no_fields_is_known_by_its_first_record(tmp_path: Path) -> None:
    path = official(tmp_path / "clinvar.vcf", record("17 43045682", 17661, "T TG", "Pathogenic"))
    bare = "".join(line for line in path.read_text().splitlines(True) if not line.startswith("##INFO"))
    path.write_text(bare)
    assert add_clinvar(path, tmp_path, Asked()).records == 1


def test_another_vcf_that_declares_no_fields_is_still_refused(tmp_path: Path) -> None:
    path = official(tmp_path / "people.vcf", "17 43045682 . T TG AC=2")
    bare = "".join(line for line in path.read_text().splitlines(True) if not line.startswith("##INFO"))
    path.write_text(bare)
    assert "not ClinVar's" in refused(path, tmp_path, Asked())
