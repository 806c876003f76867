"""A person's record in words for a terminal, in JSON and in FHIR for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import orjson

from bedside.decide.evidence import MEANING_UNKNOWN, hold_together, said
from bedside.decide.recommend import recommend_all
from bedside.decide.sample_answer import SampleAnswer
from bedside.errors import RequestError
from bedside.exchange.fhir_out import write_bundle
from bedside.exchange.pgx_fields import gene_fields
from bedside.genome.code import Code
from bedside.genome.person import Medication, Person, Problem
from bedside.interpret.gene_call import CallStatus
from bedside.service.chart_medicines import problem_codes
from bedside.service.chart_rows import NOT_KNOWN
from bedside.service.house import House, pack_named
from bedside.service.reported_findings import Reported
from bedside.service.reported_lines import as_text as reported_text
from bedside.service.reported_lines import reported_line
from bedside.service.rules import rules_of
from bedside.service.show_person import GeneLine, PersonView, ResultLine
from bedside.store.encode_reported import encode_reported

_STATUS = {
    CallStatus.CALLED: "",
    CallStatus.NO_CALL: "tested, not called",
    CallStatus.NOT_TESTED: "not tested",
    CallStatus.INDETERMINATE: "indeterminate",
}


def rendered(house: House, view: PersonView, written: str) -> str:
    """The record as `text`, `json` or `fhir`; raises `RequestError` for another word."""
    if written == "fhir":
        return as_fhir(house, view)
    if written not in ("text", "json"):
        raise RequestError.one("--format", "must be text, json or fhir")
    return as_text(view) if written == "text" else as_json(view)


def as_fhir(house: House, view: PersonView) -> str:
    """The record as a FHIR Genomics Reporting bundle, with the guidance of the release it was known under.

    Raises `RequestError` when that release is not at hand: guidance of another one would be misleading.
    """
    here = view.release in ("", str(house.pgx.release))
    pack = house.pgx if here else pack_named(house.settings, view.release)
    if pack is None:
        reason = f"the knowledge release of that day, {view.release}, is not at hand"
        raise RequestError.one(
            "--as-of", reason, remedy="add it to the site's knowledge folder, or ask for text"
        )
    phrases = rules_of(replace(house, pgx=pack)).ruleset.phrases
    recommendations = recommend_all(pack, phrases, view.calls, problem_codes(view.problems))
    answer = SampleAnswer(view.person, tuple(view.calls.values()), recommendations)
    out = BytesIO()
    write_bundle([answer], pack, out)
    return out.getvalue().decode()


def as_text(view: PersonView) -> str:
    """The record for a person to read in a terminal."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: PersonView) -> Iterator[str]:
    yield _headline(view)
    until = "now" if view.known_until is None else f"at the end of {view.known_until.date().isoformat()} UTC"
    yield f"As known {until}, under knowledge release {view.release or 'none yet'}"
    yield ""
    yield from _table(("Gene", "Diplotype", "Meaning", "From"), [_cells(line) for line in view.genes])
    for line in view.genes:
        for warning in line.call.warnings:
            yield f"! {line.call.gene}: {warning.text}"
    yield ""
    yield from _listed(
        "Reported by laboratories", (reported_text(reported_line(each)) for each in view.reported)
    )
    yield from _listed("Medications", (_item(each) for each in view.medications))
    yield from _listed("Problems", (_item(each) for each in view.problems))
    yield from _listed(
        "Tasks",
        (
            f"{task.summary} ({task.owner}, due {task.due.isoformat()}; {task.outcome or 'open'})"
            for task in view.tasks
        ),
    )
    yield from _listed("Results", (_result(each) for each in view.results))


def _headline(view: PersonView) -> str:
    known = view.demographics
    if known is None:
        return view.person
    name = " ".join(part for part in (known.given, known.family) if part)
    born = "" if known.birth_date is None else f", born {known.birth_date.isoformat()}"
    return f"{name or view.person} ({view.person}{born}, {known.sex.value})"


def _cells(line: GeneLine) -> tuple[str, str, str, str]:
    call = line.call
    pairs = call.display or tuple(map(str, call.source_diplotypes)) or call.component_alleles
    if hold_together(call.lookup_keys):
        shown = said(pairs, call.lookup_keys)
    else:
        shown = " or ".join(pairs[:3]) + (f" or {len(pairs) - 3} more" if len(pairs) > 3 else "")
    told = [score for score in call.activity_scores if score not in MEANING_UNKNOWN]
    scores = f" (activity score {' or '.join(told)})" if told else ""
    meanings = [NOT_KNOWN if one in MEANING_UNKNOWN else one for one in call.phenotypes]
    meaning = (_STATUS[call.status] or said(dict.fromkeys(meanings), call.lookup_keys)) + scores
    origin = "" if line.result is None else line.result.valid_at.date().isoformat()
    return call.gene, shown, meaning, origin + (" RESULTS DISAGREE" if line.conflict else "")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _listed(title: str, items: Iterable[str]) -> Iterator[str]:
    found = list(items)
    if found:
        yield title
        yield from (f"  {item}" for item in found)


def _item(item: Medication | Problem) -> str:
    code = item.drug if isinstance(item, Medication) else item.condition
    since = "" if item.since is None else f" since {item.since.isoformat()}"
    return f"{code.display or code.code} ({item.status.value}{since})"


def _result(line: ResultLine) -> str:
    result, assay = line.result, line.assay
    tested = f"{assay.positions_tested} positions tested, {len(assay.positions_not_callable)} not callable"
    withdrawn = f"; WITHDRAWN: {result.withdrawn}" if result.withdrawn else ""
    build = "" if assay.build is None else f" on {assay.build.value}"
    by = result.laboratory or "laboratory not named"
    return f"{result.valid_at.date().isoformat()} {by}: {assay.method}{build}, {tested}{withdrawn}"


def as_json(view: PersonView) -> str:
    """The record for programs; genes are written as `bedside pgx` writes them, with where each comes from."""
    plain: dict[str, Any] = {
        "person": view.person,
        "demographics": None if view.demographics is None else _demographics(view.demographics),
        "known_until": None if view.known_until is None else view.known_until.isoformat(),
        "knowledge_release": view.release,
        "genes": [_gene(line) for line in view.genes],
        "medications": [
            {**_code(each.drug), "status": each.status.value, "since": _day(each.since)}
            for each in view.medications
        ],
        "problems": [
            {**_code(each.condition), "status": each.status.value, "since": _day(each.since)}
            for each in view.problems
        ],
        "tasks": [
            {
                "task": task.task,
                "kind": task.kind,
                "summary": task.summary,
                "owner": task.owner,
                "due": task.due.isoformat(),
                "about": task.about,
                "outcome": task.outcome or None,
            }
            for task in view.tasks
        ],
        "reported": [_reported(each) for each in view.reported],
        "results": [_result_fields(line) for line in view.results],
    }
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode() + "\n"


def _reported(one: Reported) -> dict[str, Any]:
    said = {"result": one.result.result, "reported_by": one.reported_by}
    return {**said, **encode_reported(one.finding)}


def _gene(line: GeneLine) -> dict[str, Any]:
    return {
        **gene_fields(line.call),
        "result": None if line.result is None else line.result.result,
        "reported": None if line.result is None else line.result.valid_at.isoformat(),
        "conflict": line.conflict,
        "other_results": [{"result": result.result, **gene_fields(call)} for result, call in line.older],
    }


def _result_fields(line: ResultLine) -> dict[str, Any]:
    result, assay = line.result, line.assay
    return {
        "result": result.result,
        "sample": result.sample,
        "laboratory": result.laboratory,
        "documents": list(result.documents),
        "confirmation": result.confirmation.value,
        "reported": result.valid_at.isoformat(),
        "received": result.known_at.isoformat(),
        "withdrawn": result.withdrawn or None,
        "assay": {
            "method": assay.method,
            "build": None if assay.build is None else assay.build.value,
            "positions_tested": assay.positions_tested,
            "positions_not_tested": [str(locus) for locus in assay.positions_not_tested],
            "positions_not_callable": [str(locus) for locus in assay.positions_not_callable],
            "limits": list(assay.limits),
        },
    }


def _demographics(person: Person) -> dict[str, Any]:
    return {
        "given": person.given,
        "family": person.family,
        "birth_date": _day(person.birth_date),
        "sex": person.sex.value,
        "identifiers": [{"system": each.system, "value": each.value} for each in person.identifiers],
        "ancestry": person.ancestry,
    }


def _code(code: Code) -> dict[str, str]:
    return {"system": code.system.value, "code": code.code, "display": code.display}


def _day(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())
