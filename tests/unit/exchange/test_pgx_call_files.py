"""What `bedside pgx` writes: the JSON and the table that others script against."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from bedside.decide.sample_answer import SampleAnswer
from bedside.errors import InputError, IntakeError, Problem
from bedside.genome.genotypes import Notice
from bedside.interpret.options import CallOptions
from bedside.service.call_files import Format, call_files
from tests.unit.intake.laboratory_files import pack, record, write_vcf

CYP2C19 = pack().genes["CYP2C19"]
FIELDS = [
    "gene", "status", "source_diplotypes", "component_alleles", "recommendation_diplotypes", "phenotypes",
    "activity_score", "lookup_keys", "missing_positions", "warnings",
]  # fmt: skip
RECOMMENDATION = [
    "drug", "rxnorm", "genes", "population", "action", "strength", "source", "guideline", "pmids", "text",
]  # fmt: skip


def cyp2c19(first: str = "*1", second: str = "*1", people: int = 1) -> list[str]:
    """Every position of CYP2C19 in somebody with these two alleles, unphased."""
    alleles = {allele.name: allele.bases for allele in CYP2C19.alleles}
    lines = []
    for number, one in enumerate(CYP2C19.positions):
        every = (one.reference, *one.alternates)
        carried = [alleles[name][number] for name in (first, second)]
        pair = sorted(every.index(base) if base in every else 0 for base in carried)
        genotype = "/".join(str(allele) for allele in pair)
        alternates = ",".join(one.alternates)
        lines.append(record(one.chromosome, one.position, one.reference, alternates, *[genotype] * people))
    return lines


def document(paths: list[Path], **more: Any) -> dict[str, Any]:
    out = io.BytesIO()
    call_files(paths, pack(), stream=out, **more)
    return orjson.loads(out.getvalue())


def rows(paths: list[Path], **more: Any) -> list[dict[str, str]]:
    out = io.BytesIO()
    call_files(paths, pack(), stream=out, form=Format.TSV, **more)
    header, *lines = out.getvalue().decode().splitlines()
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


@pytest.fixture
def poor(tmp_path: Path) -> Path:
    return write_vcf(tmp_path / "poor.vcf", cyp2c19("*2", "*2"), samples=("NA1",))


def test_the_document_names_its_knowledge(poor: Path) -> None:
    told = document([poor])["knowledge"]
    release = pack().release
    assert told == {
        "name": release.name, "date": release.date, "sha256": release.sha256, "licence": pack().licence,
        "owner": pack().owner, "review_state": pack().review_state, "review_due": pack().review_due,
    }  # fmt: skip


def test_a_poor_metaboliser_in_the_document(poor: Path) -> None:
    (sample,) = document([poor])["samples"]
    assert list(sample) == ["sample", "genes", "recommendations"]
    assert sample["sample"] == "NA1"
    assert [gene["gene"] for gene in sample["genes"]] == list(pack().genes)
    called = next(gene for gene in sample["genes"] if gene["gene"] == "CYP2C19")
    assert list(called) == FIELDS
    assert called == {
        "gene": "CYP2C19", "status": "called", "source_diplotypes": ["*2/*2"], "component_alleles": [],
        "recommendation_diplotypes": ["*2/*2"], "phenotypes": ["Poor Metabolizer"], "activity_score": None,
        "lookup_keys": ["Poor Metabolizer"], "missing_positions": [], "warnings": called["warnings"],
    }  # fmt: skip
    clopidogrel = [one for one in sample["recommendations"] if one["drug"] == "clopidogrel"]
    assert [list(one)[:10] for one in clopidogrel] == [RECOMMENDATION] * len(clopidogrel)
    assert {(one["rxnorm"], tuple(one["genes"]), one["source"]) for one in clopidogrel} == {
        ("32968", ("CYP2C19",), "CPIC")
    }
    assert all(one["text"] and one["review_state"] for one in clopidogrel)


def test_recommendations_can_be_left_out(poor: Path) -> None:
    (sample,) = document([poor], recommendations=False)["samples"]
    assert list(sample) == ["sample", "genes", "recommendations"]
    assert sample["recommendations"] == []


def test_the_table_holds_the_same_fields_as_the_document(tmp_path: Path) -> None:
    lines = [line for line in cyp2c19("*1", "*2") if "\t94762706\t" not in line]
    lines = [line.replace("0/0", "./.") if "\t94780653\t" in line else line for line in lines]
    path = write_vcf(tmp_path / "het.vcf", lines, samples=("NA1",))
    table = {row["gene"]: row for row in rows([path])}
    (sample,) = document([path])["samples"]
    assert list(table) == list(pack().genes)
    assert list(table["CYP2C19"]) == ["sample", *FIELDS, "knowledge"]
    for gene in sample["genes"]:
        written = {
            name: ";".join(one.replace(";", ",") for one in value) if isinstance(value, list) else value or ""
            for name, value in gene.items()
        }
        row = table[gene["gene"]]
        assert {name: row[name] for name in FIELDS} == written
        assert (row["sample"], row["knowledge"]) == ("NA1", str(pack().release))
    assert (
        table["CYP2C19"]["missing_positions"] == "chr10:94762706;chr10:94780653 (no call: genotype missing)"
    )
    assert table["TPMT"]["status"] == "not-tested"


def test_every_sample_and_gene_has_one_row(tmp_path: Path) -> None:
    one = write_vcf(tmp_path / "one.vcf", cyp2c19(), samples=("NA1",))
    two = write_vcf(tmp_path / "two.vcf", cyp2c19("*1", "*2"), samples=("NA2",))
    told = [(row["sample"], row["gene"]) for row in rows([one, two])]
    assert told == [(sample, gene) for sample in ("NA1", "NA2") for gene in pack().genes]


def test_outside_calls_stand_beside_the_genotypes(tmp_path: Path, poor: Path) -> None:
    outside = tmp_path / "outside.tsv"
    outside.write_text("CYP2D6\t*4/*4\nCYP9Z9\t*1/*1\nCYP2C19\t*1/*17\n")
    out = io.BytesIO()
    summary = call_files([poor], pack(), stream=out, outside=outside, form=Format.TSV)
    table = {row["gene"]: row for row in rows([poor], outside=outside)}
    assert table["CYP2D6"]["phenotypes"] == "Poor Metabolizer"
    assert table["CYP2C19"]["source_diplotypes"] == "*1/*17"
    reason = "CYP9Z9 is not in the knowledge release; its call is not used"
    assert Notice("outside-gene-unknown", reason, "outside.tsv") in summary.notices
    assert (summary.samples, summary.genes) == (1, len(pack().genes))


def test_outside_calls_that_fit_no_sample_are_refused(tmp_path: Path, poor: Path) -> None:
    other = write_vcf(tmp_path / "other.vcf", cyp2c19(), samples=("NA2",))
    unnamed, stranger = tmp_path / "unnamed.tsv", tmp_path / "stranger.tsv"
    unnamed.write_text("CYP2D6\t*4/*4\n")
    stranger.write_text("sample\tgene\tdiplotype\nNA7\tCYP2D6\t*4/*4\n")
    with pytest.raises(IntakeError) as caught:
        document([poor, other], outside=unnamed)
    assert caught.value.problems == (
        Problem(
            "unnamed.tsv", "the calls name no sample, but the files hold 2",
            remedy="add a header line with a sample column",
        ),
    )  # fmt: skip
    with pytest.raises(IntakeError) as caught:
        document([poor], outside=stranger)
    assert caught.value.problems == (
        Problem(
            "stranger.tsv", "1 sample name(s) are not in the files",
            remedy="name samples as the genotype files do",
        ),
    )  # fmt: skip


def test_the_problems_of_the_genotypes_and_of_the_outside_calls_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "letter.vcf").write_text("Dear colleague\n")
    (tmp_path / "outside.tsv").write_text("CYP2D6\n")
    with pytest.raises(IntakeError) as caught:
        document([tmp_path / "letter.vcf"], outside=tmp_path / "outside.tsv")
    assert [problem.source for problem in caught.value.problems] == ["outside.tsv", "letter.vcf"]


def test_the_output_appears_whole_or_not_at_all(tmp_path: Path, poor: Path) -> None:
    target = tmp_path / "out" / "calls.json"
    target.parent.mkdir()
    target.write_text("yesterday's")
    with pytest.raises(IntakeError):
        call_files([tmp_path / "gone.vcf"], pack(), stream=io.BytesIO(), output=target)
    assert target.read_text() == "yesterday's"
    unused = io.BytesIO()
    call_files([poor], pack(), stream=unused, output=target)
    assert orjson.loads(target.read_bytes())["samples"][0]["sample"] == "NA1"
    assert (unused.getvalue(), [path.name for path in target.parent.iterdir()]) == (b"", ["calls.json"])


def test_an_output_that_cannot_be_written(tmp_path: Path, poor: Path) -> None:
    with pytest.raises(InputError, match=r"calls\.json: cannot be written: No such file or directory"):
        call_files([poor], pack(), stream=io.BytesIO(), output=tmp_path / "nowhere" / "calls.json")


def test_a_renderer_that_fails_leaves_nothing_behind(tmp_path: Path, poor: Path) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("no paper")

    with pytest.raises(RuntimeError, match="no paper"):
        call_files(
            [poor], pack(), stream=io.BytesIO(), output=tmp_path / "r.html", form=Format.HTML, report=fail
        )
    assert [path.name for path in tmp_path.iterdir()] == ["poor.vcf"]


def test_the_report_is_given_every_sample_with_its_calls_and_recommendations(poor: Path) -> None:
    def page(_: object, __: object, answers: Sequence[SampleAnswer]) -> str:
        return str([(one.name, len(one.calls), one.recommendations != ()) for one in answers])

    out = io.BytesIO()
    call_files([poor], pack(), stream=out, form=Format.HTML, report=page)
    assert out.getvalue().decode() == f"[('NA1', {len(pack().genes)}, True)]"


def test_options_reach_the_caller(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "two.vcf", cyp2c19("*4", "*17"))
    best = {row["gene"]: row for row in rows([path])}["CYP2C19"]["source_diplotypes"].split(";")
    every = {row["gene"]: row for row in rows([path], options=CallOptions(all_candidates=True))}
    assert set(best) < set(every["CYP2C19"]["source_diplotypes"].split(";"))


def test_a_sample_name_with_strange_signs_keeps_the_table_and_the_document_whole(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "odd.vcf", cyp2c19(people=2), samples=('Ä "1"\\;', "2,3"))
    assert {row["sample"] for row in rows([path])} == {'Ä "1"\\;', "2,3"}
    assert [sample["sample"] for sample in document([path])["samples"]] == ['Ä "1"\\;', "2,3"]
