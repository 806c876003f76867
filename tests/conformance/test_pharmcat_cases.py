"""Every case of PharmCAT's own suite that is stored as data: one test per expectation."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from bedside.genome.observation import OutsideCall
from bedside.intake.vcf import read_genotypes
from bedside.interpret.call_people import call_people
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.options import CallOptions
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import Gene, PgxPack
from tests.conformance import expectations as say
from tests.conformance.definitions import read_definition, without_exemptions

ROOT = Path(__file__).resolve().parent.parent.parent
SUITE = Path(os.environ.get("BEDSIDE_SHARED", ROOT.parent / "shared")) / "data" / "pgx_conformance"
SOURCES = {"CPIC_GUIDELINE": "CPIC", "DPWG_GUIDELINE": "DPWG"}


@dataclass(frozen=True)
class Expectation:
    """One row of the suite."""

    number: int
    row: Mapping[str, str]

    @property
    def label(self) -> str:
        parts = [self.row[name] for name in ("case_id", "gene", "drug", "expect_kind", "source")]
        return f"{self.number}:" + ":".join(part for part in parts if part)


@cache
def rows() -> list[Expectation]:
    if not SUITE.is_dir():
        return []
    with (SUITE / "cases.csv").open(encoding="utf-8", newline="") as lines:
        return [Expectation(number, row) for number, row in enumerate(csv.DictReader(lines), start=2)]


def exceptions() -> dict[int, str]:
    """Row number → reason why the suite's expectation is not ours."""
    with (Path(__file__).parent / "exceptions.tsv").open(encoding="utf-8", newline="") as lines:
        return {int(row["row"]): row["reason"] for row in csv.DictReader(lines, delimiter="\t")}


@cache
def pack() -> PgxPack:
    return load_pgx(guidance_from=("dpwg",))


@cache
def builder_outside() -> dict[str, str]:
    cases = json.loads((SUITE / "builder_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: "".join(case["outside_calls"]) for case in cases}


def outside_of(case_id: str) -> tuple[OutsideCall, ...]:
    lines = builder_outside().get(case_id, "").splitlines()
    fields = [[*line.split("\t"), "", "", ""][:4] for line in lines if line and not line.startswith("#")]
    return tuple(OutsideCall(*four) for four in fields)


@cache
def gene_of(symbol: str, definitions: str, exemptions: bool) -> Gene:
    gene = pack().genes[symbol]
    if definitions.endswith(".json"):
        gene = read_definition(SUITE / definitions, gene)
    return gene if exemptions else without_exemptions(gene)


@cache
def calls_of(case_id: str) -> dict[str, GeneCall]:
    row = next(one.row for one in rows() if one.row["case_id"] == case_id)
    options = CallOptions(
        all_candidates=row["top_candidate_only"] == "0",
        combinations=row["find_combinations"] == "1",
        call_cyp2d6=row["call_cyp2d6"] == "1",
    )
    defined = row["definitions"]
    symbols = list(pack().genes) if defined.startswith("default") else [one_gene(row)]
    genes = {symbol: gene_of(symbol, defined, row["use_exemptions"] == "1") for symbol in symbols}
    people = call_people(
        read_genotypes([SUITE / "vcf" / row["vcf"]], replace(pack(), genes=genes)),
        replace(pack(), genes=genes),
        {"": tuple(call for call in outside_of(case_id) if call.gene in genes)},
        options,
    )
    return dict(zip(people.genes, people.of(0), strict=True))


def one_gene(row: Mapping[str, str]) -> str:
    if not row["definitions"].endswith(".json"):
        return row["definitions"]
    return str(json.loads((SUITE / row["definitions"]).read_text(encoding="utf-8"))["gene"])


def agrees(row: Mapping[str, str]) -> bool:
    calls = calls_of(row["case_id"])
    kind, expected = row["expect_kind"], row["expected"]
    if kind in ("matched_annotations", "any_match", "no_match"):
        return annotated(row, calls)
    call = calls[row["gene"]]
    values = [] if expected in ("", "(no call)") else [part.strip() for part in expected.split(" ; ")]
    match kind:
        case "called_by_matcher":
            return say.by_matcher(call)
        case "not_called_by_matcher":
            return not say.by_matcher(call)
        case "source_diplotypes":
            return sorted(values) in (sorted(say.written(call)), sorted(say.printed(call)))
        case "recommended_diplotype":
            if values == [say.UNKNOWN]:
                return call.recommendation_diplotypes == ()
            return sorted(values) in [sorted(pair.alleles) for pair in call.recommendation_diplotypes]
        case "diplotypes":
            return sorted(values) == sorted(map(str, call.source_diplotypes))
        case "all_tied_or_possible_diplotypes":
            return sorted(values) == sorted(map(str, call.possible_diplotypes or call.source_diplotypes))
        case "diplotype_count":
            return len(call.source_diplotypes) == int(expected)
        case "diplotype_at":
            return str(call.source_diplotypes[int(row["index"])]) == expected
        case "phased_output":
            return call.phased and list(map(str, call.source_diplotypes)) == values
        case "print_calls":
            return sorted(values) == sorted(say.printed(call))
        case "phenotype":
            return expected in call.phenotypes
        case "activity_score":
            return call.activity_scores == (expected,)
        case "hapb3_warning":
            return say.hapb3_warning(call) == expected
    raise AssertionError(f"the suite has a new kind of expectation: {kind}")


def annotated(row: Mapping[str, str], calls: dict[str, GeneCall]) -> bool:
    named = row["source"] or ("" if row["expected"].isdigit() else row["expected"])
    sources = [SOURCES.get(named, named)] if named else list(SOURCES.values())
    found = [one for source in sources for one in say.annotations(pack(), calls, row["drug"], source)]
    match row["expect_kind"]:
        case "matched_annotations":
            return len(found) == int(row["expected"])
        case "any_match":
            return found != []
        case _:
            return found == []


EXCEPTIONS = exceptions()


@pytest.mark.parametrize("expectation", rows(), ids=lambda one: one.label)
def test_a_case_of_the_suite_comes_out_as_expected(shared: Path, expectation: Expectation) -> None:
    if expectation.number in EXCEPTIONS:
        assert not agrees(expectation.row), f"agrees by now, take it off the list: {expectation.label}"
    else:
        assert agrees(expectation.row), expectation.label
