"""The tumour packs agree with one another, and a pack that does not is told with every fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bedside.cli import main
from bedside.errors import IntakeError
from bedside.knowledge.check_tumours import askable, check_tumours, codon, listed, sources, tumour_types
from bedside.knowledge.oncotree import load_oncotree
from bedside.knowledge.read_statements import genes_named, read_statements
from bedside.knowledge.therapies import load_therapies
from bedside.knowledge.tumour_effects import load_tumour_effects
from bedside.knowledge.tumour_genes import load_tumour_genes
from bedside.knowledge.tumour_rule import parse_rule

THERAPIES, GENES, EFFECTS, TREE = (
    load_therapies(), load_tumour_genes(), load_tumour_effects(), load_oncotree(),
)  # fmt: skip
ONE = THERAPIES.rows[0]


def said(problems) -> str:
    return " | ".join(problem.reason for problem in problems)


def test_the_shipped_packs_agree() -> None:
    assert check_tumours() == ()


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("NOGENE:p.L858R", "is no gene"),
        ("NPM1:exon12:frameshift", "has 11 exons"),
        ("EGFR:nowhere:activating", "no pack says where"),
        ("EGFR:p.M858R", "reads as L"),
        ("EGFR:p.L9999R", "codons"),
        ("fusion:ALK & amp:NOGENE", "is no gene"),
    ],
)
def test_a_rule_that_cannot_be_asked_is_found(rule, fault) -> None:
    assert fault in said(askable(replace(ONE, rule=parse_rule(rule)), GENES, EFFECTS))


def test_dates_documents_codes_and_types_are_compared() -> None:
    old = replace(ONE, since=date(1990, 1, 1), rxnorm=(), oncotree="NOPE", level="R1")
    wrong = replace(THERAPIES, rows=(old, *THERAPIES.rows[1:]), excluded={"T999": ("NADA",)})
    found = said([*sources(wrong), *tumour_types(wrong, TREE)])
    for fault in ("is dated 1990", "no RxNorm code", "NOPE is no code", "level R1", "T999", "NADA"):
        assert fault in found
    stranger = replace(ONE, drug="Aspirin")
    assert "the label of" in said(sources(replace(THERAPIES, rows=(stranger, *THERAPIES.rows[1:]))))


def test_effects_of_what_there_is_not_are_found() -> None:
    wrong = replace(EFFECTS, activating={("EGFR", "M", 858, "R"): "x", ("NOGENE", "A", 1, "B"): "x"})
    assert "reads as L" in said(listed(wrong, GENES))
    assert "no gene" in said(listed(wrong, GENES))
    assert list(codon(GENES.by_name["KRAS"], "G", 12)) == []


HEAD = "sid\tbiomarkers\toncotree\ttherapies\tapproval_date\turl\tindication\n"
RIGHT = "1\tEGFR L858R\tNSCLC\tOsimertinib\t2018-04-18\t\tOsimertinib for NSCLC with EGFR mutations\n"
WRONG = "2\tCDK12 mutation\tNSCLC\tOsimertinib\t2018-04-18\t\tOsimertinib for NSCLC with EGFR mutations\n"


def test_a_list_of_statements_is_checked_against_its_wordings(tmp_path, capsys) -> None:
    path = tmp_path / "statements.tsv"
    path.write_text(HEAD + RIGHT)
    assert main(["knowledge", "check", "--statements", str(path)]) == 0
    path.write_text(HEAD + RIGHT + WRONG)
    capsys.readouterr()
    assert main(["knowledge", "check", "--statements", str(path)]) == 1
    told = capsys.readouterr()
    assert "2\tCDK12 is not in the wording" in told.out
    assert "1 of 2 statements" in told.err


def test_a_list_that_cannot_be_read_is_refused_with_every_fault(tmp_path) -> None:
    path = tmp_path / "statements.tsv"
    path.write_text("sid\tdrug\n")
    with pytest.raises(IntakeError, match="has no column biomarkers"):
        read_statements(path)
    path.write_text(HEAD + RIGHT + RIGHT + "3\tEGFR\t\t\t\t\t\n")
    with pytest.raises(IntakeError) as wrong:
        read_statements(path)
    assert len(wrong.value.problems) == 2


def test_genes_are_read_from_what_is_written() -> None:
    assert genes_named("EML4::ALK & Wild type EGFR") == ("EML4", "ALK", "EGFR")
    assert genes_named("v::ROS1") == ("ROS1",)
    assert genes_named("MSI-H & HER2-negative") == ("MSI", "HER2")
