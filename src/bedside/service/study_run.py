"""Run a study: its table from the record or a file, its answer, and the bundle that shows how it came about.

The same protocol, data, code and policies give the same bytes. What differs from run to run (when, by whom)
stands in a file of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import InputError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.knowledge.small_numbers import SmallNumbers, load_small_numbers
from bedside.knowledge.study_checklist import load_checklist
from bedside.knowledge.study_cohorts import CohortDefinition, load_study_cohorts
from bedside.knowledge.study_policy import StudyPolicy, load_study_policy
from bedside.knowledge.study_protocol import Protocol
from bedside.learn.studies.analyse import analyse
from bedside.learn.studies.table import StudyTable, table_from_record
from bedside.service.house import House
from bedside.service.study_checklist import filled
from bedside.service.study_data import read_table
from bedside.service.study_people import study_people
from bedside.service.study_registry import deviations, registered
from bedside.service.study_report import report_text
from bedside.service.study_words import count_words, study_words, years_words
from bedside.service.whole_file import whole_file

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StudyRun:
    """A bundle. files: by name, the same bytes for the same inputs; result: the content of result.json."""

    study: str
    result: Mapping[str, Any]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _Data:
    """A table and where it came from."""

    table: StudyTable
    source: str
    head: str
    left_out: Mapping[str, int]
    cohort: CohortDefinition | None


def run_study(
    house: House,
    protocol: Protocol,
    content: bytes,
    *,
    data: Path | None = None,
    up_to: int | None = None,
    tell: Progress = lambda text: None,
) -> StudyRun:
    """Compute a study. content: the protocol's bytes. data: a file of the declared shape in place of the
    record. up_to: only what was written up to this place of the ledger. Raises InputError or PackError."""
    root = house.settings.knowledge_folder
    policy = load_study_policy(root)
    if protocol.policy != policy.provenance.name:
        raise InputError.one(
            protocol.provenance.name, f"names the policy {protocol.policy!r}, which is not here"
        )
    tell("reading what happened")
    held = _from_record(house, protocol, up_to) if data is None else _from_file(protocol, data)
    tell(f"estimating from {held.table.rows} rows")
    answer = analyse(protocol, held.table, policy)
    small = load_small_numbers(root)
    result = _result(house, protocol, content, held, policy, small)
    result["answer"] = study_words(answer, small)
    checklist = load_checklist(root)
    result["checklist"] = {
        "name": checklist.provenance.title,
        "review_state": checklist.provenance.review_state,
        "items": filled(checklist, result),
    }
    files = {
        "protocol.toml": content,
        "result.json": _json(result),
        "report.md": report_text(result).encode(),
        "digests.json": _json(_digests(content, held, policy)),
    }
    manifest = "".join(f"{digest(body)}  {name}\n" for name, body in sorted(files.items()))
    return StudyRun(protocol.provenance.name, result, {**files, "MANIFEST": manifest.encode()})


def keep_run(house: House, run: StudyRun, folder: Path, by: str) -> None:
    """Write the bundle into a folder and the run into the record. Raises InputError when the folder cannot be
    written; then nothing is recorded."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError.one(folder.name, f"cannot be made: {error.strerror}") from error
    now = house.clock()
    moment = {"at": now.isoformat(), "by": by, "store": house.settings.store_url.split("://")[0]}
    for name, body in (*run.files.items(), ("run.json", _json(moment))):
        with whole_file(folder / name) as file:
            file.write(body)
    main = run.result["answer"]["main"]
    payload = {
        "study": run.study,
        "protocol": digest(run.files["protocol.toml"]),
        "bundle": house.documents.put(run.files["result.json"]),
        "manifest": digest(run.files["MANIFEST"]),
        "head": run.result["data"]["head"],
        "summary": {"main": main, "read_first": run.result["answer"]["read_first"]},
        "deviations": run.result["deviations"],
    }
    house.ledger.append([NewEvent(EventKind.STUDY_RUN, by, now, payload=payload)])


def _from_record(house: House, protocol: Protocol, up_to: int | None) -> _Data:
    people = study_people(house, up_to)
    definition = None
    if protocol.cohort:
        library = load_study_cohorts(house.settings.knowledge_folder)
        if protocol.cohort not in library:
            raise InputError.one(
                protocol.provenance.name, f"names the cohort {protocol.cohort!r}, which is not here"
            )
        definition = library[protocol.cohort]
    table = table_from_record(protocol, definition, people.happened, people.known)
    return _Data(table, "the record's events", people.head, people.left_out, definition)


def _from_file(protocol: Protocol, path: Path) -> _Data:
    table = read_table(protocol, path)
    return _Data(table, "a table given as a file", f"file:{digest(path.read_bytes())}", {}, None)


def _result(
    house: House, protocol: Protocol, content: bytes, held: _Data, policy: StudyPolicy, small: SmallNumbers
) -> dict[str, Any]:
    known = registered(house).get(protocol.provenance.name)
    head = protocol.provenance
    return {
        "study": head.name,
        "protocol": {
            "title": head.title,
            "question": protocol.question,
            "design": protocol.design.value,
            "owner": head.owner,
            "approval": str(head.approval),
            "review_state": head.review_state,
            "sha256": digest(content),
            "policy": policy.release,
            "policy_state": policy.provenance.review_state,
            "cohort": None if held.cohort is None else held.cohort.version,
            "target": dict(protocol.target),
            "covariates": [one.name for one in protocol.covariates],
            "sensitivity": [one.value for one in protocol.sensitivity],
            "seed": protocol.seed,
        },
        "registration": None
        if not known
        else {"on": known[0].at.date().isoformat(), "protocol": known[0].protocol, "by": known[0].by},
        "deviations": list(deviations(house, protocol, content)),
        "data": {
            "source": held.source,
            "head": held.head,
            "rows": held.table.rows,
            "table_sha256": digest(held.table.text().encode()),
            "left_out": {why: count_words(count, small) for why, count in held.left_out.items()},
        },
        "attrition": [{"rule": rule, "left": count_words(left, small)} for rule, left in held.table.steps],
        "person_time": years_words(held.table.years, small),
    }


def _digests(content: bytes, held: _Data, policy: StudyPolicy) -> dict[str, Any]:
    import lifelines
    import numpy
    import scipy
    import statsmodels

    return {
        "protocol": digest(content),
        "code": code_digest(),
        "table": digest(held.table.text().encode()),
        "data_head": held.head,
        "policy": policy.provenance.sha256,
        "cohort": None if held.cohort is None else held.cohort.provenance.sha256,
        "libraries": {one.__name__: one.__version__ for one in (numpy, scipy, statsmodels, lifelines)},
    }


def code_digest() -> str:
    """The sha256 over the program's own source files, by name."""
    root = Path(__file__).resolve().parents[1]
    seen = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        seen.update(f"{path.relative_to(root).as_posix()}\0{digest(path.read_bytes())}\n".encode())
    return seen.hexdigest()


def _json(document: Any) -> bytes:
    import orjson

    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
