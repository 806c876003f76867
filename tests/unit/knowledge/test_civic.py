"""CIViC's evidence: kept by its day, stopped at what nobody has read, compared and never summed."""

from __future__ import annotations

import gzip

import pytest

from bedside.cli import main
from bedside.errors import PackError
from bedside.knowledge.civic import Says, load_civic_terms, read_civic
from bedside.knowledge.civic_release import add_civic, load_civic
from bedside.knowledge.compare_evidence import Agreement, compared, sharpest, speaks_of
from bedside.knowledge.statement_lint import load_words
from bedside.knowledge.therapies import load_therapies
from bedside.knowledge.tumour_rule import parse_rule

OLDER = (
    "gene", "variant", "disease", "drugs", "drug_interaction_type", "evidence_type", "evidence_direction",
    "evidence_level", "clinical_significance", "citation_id", "evidence_status", "evidence_id",
    "variant_origin",
)  # fmt: skip
LATER = (
    "molecular_profile", "disease", "therapies", "therapy_interaction_type", "evidence_type",
    "evidence_direction",
    "evidence_level", "significance", "citation_id", "evidence_status", "evidence_id", "variant_origin",
    "is_flagged",
)  # fmt: skip
LUNG = "Lung Non-small Cell Carcinoma"


def line(
    number: int, direction: str = "Supports", says: str = "Sensitivity/Response", **said: str
) -> tuple[str, ...]:
    cells = {
        "gene": "EGFR", "variant": "L858R", "disease": LUNG, "drugs": "Erlotinib", "together": "", "type":
        "Predictive",
        "level": "B", "status": "accepted", **said,
    }  # fmt: skip
    return (
        cells["gene"], cells["variant"], cells["disease"], cells["drugs"], cells["together"], cells["type"],
        direction,
        cells["level"], says, "1", cells["status"], str(number), "Somatic",
    )  # fmt: skip


def table(header, *rows) -> bytes:
    return ("\n".join("\t".join(one) for one in (header, *rows)) + "\n").encode()


def test_only_accepted_items_about_a_drug_are_kept_and_the_rest_is_counted() -> None:
    read = read_civic(
        "f",
        table(
            OLDER, line(1), line(2, status="submitted"), line(3, type="Prognostic", drugs=""),
            line(4, "Does Not Support"), line(5, says="Resistance"), line(6, says="Adverse Response"),
        ),
        load_civic_terms(),
    )  # fmt: skip
    assert [(one.number, one.says) for one in read.evidence] == [
        (1, Says.SENSITIVE), (4, Says.NOT_SENSITIVE), (5, Says.RESISTANT),
    ]  # fmt: skip
    assert sum(read.left_out.values()) == 3


def test_the_later_layout_names_gene_and_variant_together() -> None:
    row = (
        "EGFR L858R", LUNG, "Erlotinib", "", "Predictive", "Supports", "A", "Sensitivity/Response", "1",
        "accepted", "7", "Somatic", "true",
    )  # fmt: skip
    (one,) = read_civic("f", table(LATER, row), load_civic_terms()).evidence
    assert (one.gene, one.variant, one.flagged) == ("EGFR", "L858R", True)


@pytest.mark.parametrize(
    ("header", "row", "fault"),
    [
        ((*OLDER, "surprise"), (*line(1), "x"), "column 'surprise'"),
        (OLDER[1:], line(1)[1:], "no column gene"),
        (OLDER, line(1, "Perhaps"), "direction is 'Perhaps'"),
        (OLDER, line(1, level="F"), "level is 'F'"),
        (OLDER, line(1)[:-1], "cells where"),
    ],
)
def test_a_column_or_a_word_that_nobody_has_read_stops_the_reading(header, row, fault) -> None:
    with pytest.raises(PackError, match=fault):
        read_civic("f", table(header, row), load_civic_terms())


def test_a_release_is_kept_once_and_another_file_of_its_day_is_refused(tmp_path) -> None:
    path = tmp_path / "f.tsv.gz"
    path.write_bytes(gzip.compress(table(OLDER, line(1), line(2))))
    kept = add_civic(path, tmp_path / "k", "2021-02-01")
    assert add_civic(path, tmp_path / "k", "2021-02-01").evidence == kept.evidence
    assert load_civic(None, tmp_path / "k").evidence == kept.evidence
    path.write_bytes(table(OLDER, line(1)))
    with pytest.raises(PackError, match="says something else"):
        add_civic(path, tmp_path / "k", "2021-02-01")
    with pytest.raises(PackError, match="no date"):
        add_civic(path, tmp_path / "k", "last week")


def test_evidence_is_compared_by_finding_tumour_and_drug() -> None:
    rows = [one for one in load_therapies().rows if one.checked and one.alteration == "L858R"]
    read = read_civic(
        "f",
        table(
            OLDER, line(1), line(2, says="Resistance"), line(3, "Does Not Support"),
            line(4, disease="Colorectal Cancer"), line(5, variant="T790M"), line(6,
            drugs="Osimertinib,Erlotinib",
            together="Combination"), line(7, "Does Not Support", "Resistance"),
        ),
        load_civic_terms(),
    )  # fmt: skip
    found = {(one.evidence.number, one.agreement) for one in compared(rows, read.evidence, load_words())}
    assert found == {(1, Agreement.AGREES), (2, Agreement.DISAGREES), (3, Agreement.DISAGREES)}


@pytest.mark.parametrize(
    ("rule", "gene", "variant", "named"),
    [
        ("KRAS:p.G12*", "KRAS", "G12D", True),
        ("KRAS:p.G12*", "KRAS", "G13D", False),
        ("EGFR:exon19:inframe-deletion", "EGFR", "Exon 19 Deletion", True),
        ("EGFR:exon19:inframe-deletion", "EGFR", "Exon 20 Insertion", False),
        ("fusion:ALK", "ALK", "EML4-ALK", True),
        ("fusion:ALK", "ALK", "ALK FUSIONS", True),
        ("fusion:ALK", "ALK", "EML4-ALK T1151INST", False),
        ("fusion:ALK", "ALK", "EML4-ALK and AMPLIFICATION", False),
        ("fusion:ALK & ALK:p.G1202R", "ALK", "EML4-ALK G1202R", True),
        ("fusion:ALK & ALK:p.G1202R", "ALK", "EML4-ALK", False),
        ("fusion:BCR::ABL1", "ABL1", "BCR-ABL", True),
        ("amp:ERBB2", "ERBB2", "AMPLIFICATION", True),
        ("marker:msi=high & !KRAS:any", "KRAS", "MUTATION", False),
    ],
)
def test_the_words_for_a_variant_name_a_finding_or_do_not(rule, gene, variant, named) -> None:
    assert any(speaks_of(atom, gene, variant) for atom in sharpest(parse_rule(rule))) is named


def test_the_commands_keep_compare_and_show_it(tmp_path, capsys) -> None:
    path, store = tmp_path / "f.tsv", f"sqlite:///{tmp_path}/l.db"
    path.write_bytes(table(OLDER, line(1), line(2, says="Resistance")))
    assert main(["knowledge", "add", "civic", str(path), "--date", "2021-02-01", "--store", store]) == 0
    assert main(["knowledge", "compare", "civic", "--store", store]) == 0
    told = capsys.readouterr()
    assert "EID2" in told.out
    assert "EID1\t" not in told.out
    tumour = tmp_path / "t.json"
    tumour.write_text(
        '{"sample": "s", "tumour": "LUAD", "small_variants": [{"gene": "EGFR", "build": "GRCh38", '
        '"chromosome": "chr7", "start": 55191822, "reference": "T", "alternate": "G"}]}'
    )
    assert main(["match", str(tumour), "--evidence", "civic", "--store", store]) == 0
    assert "civic@2021-02-01 disagrees: EID2 (B)" in capsys.readouterr().out
