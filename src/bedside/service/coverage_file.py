"""Whether a plan covers the order of a file: our own JSON, or a FHIR Bundle with one ServiceRequest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bedside.decide.coverage import covered
from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.coverage_chart import Drafted
from bedside.decide.coverage_facts import PairsHeld
from bedside.decide.coverage_stated import stated_facts
from bedside.errors import IntakeError, Problem, RequestError
from bedside.exchange.coverage_fhir import read_order
from bedside.exchange.coverage_json import PLAN_KEYS, read_order_file
from bedside.exchange.coverage_plan_fhir import plan_in
from bedside.exchange.fhir_address import addresses_of, entries_of
from bedside.genome.coverage import CoverageAsked, Facts, Funding, Line, Plan, Said
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.coverage_policies import load_coverage
from bedside.knowledge.drug_map import DrugIndex, index_drugs, load_drug_map
from bedside.knowledge.pgx import PgxPack
from bedside.service.ask_coverage import named_plan, put_together

LARGEST = 5_000_000
"""Bytes of an order's file that are read."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked of a file, and the answer. Nothing is stored."""

    asked: CoverageAsked
    answer: CoverageAnswer


@dataclass(frozen=True, slots=True)
class FileAsked:
    """What a file is read with: the pack, the release of gene-drug pairs, the site's own folder, the day."""

    pack: CoveragePack
    pgx: PgxPack
    root: Path | None
    today: date

    @property
    def index(self) -> DrugIndex:
        """Where the names of medicines are looked up."""
        return index_drugs(load_drug_map(self.root), self.pgx)


def answer_file(
    path: Path, payer: str, pgx: PgxPack, root: Path | None, today: date, said: Facts | None = None
) -> Answered:
    """The answer to a file's order. payer: a plan by its name, "" for the one that the file brings; said:
    facts stated beside it. Raises `IntakeError` with every problem."""
    known = FileAsked(load_coverage(root), pgx, root, today)
    drafted, plan = read_file(path, known)
    if said:
        chart = replace(drafted.chart, said={**drafted.chart.said, **said})
        drafted = replace(drafted, chart=chart)
    if payer:
        plan = _with_payer(known.pack, payer, plan)
    asked = put_together(
        known.pack, PairsHeld(str(pgx.release), pgx.pairs), root, drafted, plan or Plan(""), today
    )
    return Answered(asked, covered(known.pack, asked))


def read_file(path: Path, known: FileAsked) -> tuple[Drafted, Plan | None]:
    """The order of a file, and the plan it brings; raises `IntakeError`."""
    document = _document(path)
    if document.get("resourceType"):
        return _fhir(document, known)
    facts = document.get("facts", {})
    if not isinstance(facts, Mapping):
        raise IntakeError.one(f"{path.name}: facts", "is no object")
    said = _stated(known, facts, "", Said.ORDER, f"stated in {path.name}")
    drafted = read_order_file(document, path.name, known.index, said, known.today)
    return drafted, _plan(known.pack, document.get("plan"), path.name)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise IntakeError.one(path.name, "is larger than an order can be")
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise IntakeError.one(path.name, f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise IntakeError.one(path.name, "is no JSON", remedy="give an order, or a FHIR Bundle") from error
    if not isinstance(document, Mapping):
        raise IntakeError.one(path.name, "is no JSON object", remedy="give an order, or a FHIR Bundle")
    return document


def _fhir(document: Mapping[str, Any], known: FileAsked) -> tuple[Drafted, Plan | None]:
    def stated(said: Mapping[str, object], by: str) -> Facts:
        of_ours = {name: value for name, value in said.items() if name in known.pack.facts}
        return _stated(known, of_ours, by, Said.FORM, "answered on the form")

    drafted, coverage = read_order(document, known.index, stated)
    if coverage is None:
        return drafted, None
    return drafted, plan_in(known.pack, coverage, addresses_of(entries_of(document)))


def _stated(known: FileAsked, said: Mapping[str, object], by: str, whose: Said, source: str) -> Facts:
    try:
        return stated_facts(known.pack.facts, said, by=by, on=known.today, source=source, whose=whose)
    except RequestError as error:
        raise IntakeError(error.problems) from error


def _plan(pack: CoveragePack, said: object, name: str) -> Plan | None:
    if said is None:
        return None
    if not isinstance(said, Mapping) or not all(isinstance(one, str) for one in said.values()):
        raise IntakeError.one(f"{name}: plan", "is no object of texts", remedy=", ".join(PLAN_KEYS))
    problems = [Problem(f"{name}: plan", f"does not know {key!r}") for key in said if key not in PLAN_KEYS]
    if problems:
        raise IntakeError(problems)
    plan = named_plan(pack, said.get("payer", ""))
    try:
        return replace(
            plan,
            line=Line(said.get("line", plan.line.value)),
            funding=Funding(said.get("funding", plan.funding.value)),
            state=said.get("state", plan.state),
            contractor=said.get("contractor", plan.contractor),
            starts=date.fromisoformat(said["starts"]) if "starts" in said else None,
            ends=date.fromisoformat(said["ends"]) if "ends" in said else None,
        )
    except ValueError as error:
        raise IntakeError.one(f"{name}: plan", f"cannot be read: {error}") from error


def _with_payer(pack: CoveragePack, payer: str, plan: Plan | None) -> Plan:
    """The named plan; what the file says of the same payer's plan stays."""
    named = named_plan(pack, payer)
    return plan if plan is not None and plan.payer == named.payer else named
