"""The genomic chart of a person from the ledger, now or as it was known on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from bedside.decide.evidence import said
from bedside.decide.recommend import recommend_all
from bedside.errors import BedsideError
from bedside.genome.event import Event, EventKind
from bedside.genome.person import ItemStatus, Person
from bedside.genome.record import HeldResult, Record
from bedside.genome.task import Task
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.ruleset import Ruleset, load_ruleset
from bedside.service.chart import Chart, Delivery, GeneRow, PersonHeader, TaskLine, Verdict
from bedside.service.chart_medicines import medicine_lines, problem_codes
from bedside.service.chart_rows import gene_rows
from bedside.service.disclose_tasks import chart_tasks
from bedside.service.history import history
from bedside.service.house import House, newest_pack
from bedside.service.page_keys import page_key
from bedside.service.people import name_of
from bedside.service.reported_findings import reported_of
from bedside.service.reported_lines import reported_line
from bedside.service.show_person import current_view
from bedside.store.current_view import Current
from bedside.store.encode import decode, decode_assay

NOT_AT_HAND = "The release of that day is not at hand, so the guidance given then cannot be shown."


def show_chart(
    house: House, rules: Ruleset, person: str, record_id: str, as_of: date | None = None
) -> Chart | None:
    """The chart of a person, or None when the ledger knows nobody of that id. Before anything was known it
    is empty.
    """
    until = None if as_of is None else datetime.combine(as_of, time.max, UTC)
    everything = Record(tuple(house.ledger.events(person=person)))
    now = everything.as_of()
    if now.person is None and not now.results:
        return None
    events = [event for event in everything.events if until is None or event.known_at <= until]
    state = everything.as_of(known_at=until)
    current = current_view(house, state.results)
    calls = {gene: answer.call for gene, answer in current.items()}
    then, note = _rules_of(house, rules, state.results)
    recommendations = (
        () if note else recommend_all(then.pgx, then.phrases, calls, problem_codes(state.problems))
    )
    medicines = () if note else medicine_lines(then, calls, state, as_of or house.clock().date())
    tasks = chart_tasks(house, person, state.tasks, as_of)
    taken = frozenset(line.name for line in medicines if line.verdict is Verdict.ACT)
    rows = gene_rows(then.pgx, then.phrases, calls, recommendations, taken)
    return Chart(
        person=header(state.person or now.person, person, record_id),
        genes=tuple(_with_origin(row, current) for row in rows),
        medicines=medicines,
        tasks=_tasks(tasks, events),
        history=history(events, {task.task: task.summary for task in tasks}),
        deliveries=tuple(_delivery(house, result) for result in reversed(state.results)),
        problems=tuple(
            p.condition.display or p.condition.code for p in state.problems if p.status is ItemStatus.ACTIVE
        ),
        release=str(then.pgx.release),
        review_state=then.pgx.review_state,
        as_of=as_of,
        note=note,
        reported=tuple(map(reported_line, reported_of(house, state.results))),
    )


def header(known: Person | None, person: str, record_id: str) -> PersonHeader:
    """Who the chart is about."""
    if known is None:
        return PersonHeader(record_id, "", person)
    numbers = [identifier.value for identifier in known.identifiers] or [person]
    born = "" if known.birth_date is None else known.birth_date.isoformat()
    return PersonHeader(record_id, name_of(known), numbers[0], born, known.sex.value)


def _rules_of(house: House, rules: Ruleset, results: Sequence[HeldResult]) -> tuple[Ruleset, str]:
    """The rules of the release that the results were read under, and why that one is not at hand, "" when
    it is.
    """
    spoken = {result.release for result in results if result.release and not result.withdrawn}
    if spoken <= {str(rules.pgx.release)}:
        return rules, ""
    latest = max(spoken)
    try:
        pack = newest_pack(house.settings, latest.partition("@")[2].partition("#")[0])
    except BedsideError:
        return rules, NOT_AT_HAND
    return (
        (load_ruleset(pack, house.settings.knowledge_folder), "")
        if str(pack.release) == latest
        else (rules, NOT_AT_HAND)
    )


def _with_origin(row: GeneRow, current: Mapping[str, Current]) -> GeneRow:
    """The row with when and from whom its answer came, and what other results say."""
    answer = current.get(row.gene)
    if answer is None or not row.made_by:
        return row
    others = (_said_by(result, call) for result, call in answer.older)
    return replace(
        row,
        seen_on=answer.result.valid_at.date(),
        laboratory=answer.result.laboratory,
        release=answer.result.release,
        conflict=f"Results disagree: another says {'; '.join(others)}." if answer.conflict else "",
    )


def _said_by(result: HeldResult, call: GeneCall) -> str:
    words = said(call.display or map(str, call.source_diplotypes), call.lookup_keys) or call.status.value
    return f"{words} ({result.laboratory or 'no laboratory named'})"


def _tasks(tasks: Sequence[Task], events: Sequence[Event]) -> tuple[TaskLine, ...]:
    opened = {
        event.payload["task"]: event.valid_at.date()
        for event in reversed(events)
        if event.kind is EventKind.TASK_OPENED
    }
    return tuple(
        TaskLine(task.task, task.summary, opened[task.task], task.owner, task.due)
        for task in tasks
        if task.open
    )


def _delivery(house: House, result: HeldResult) -> Delivery:
    assay = decode_assay(decode(house.ledger.content([result.assay])[result.assay]))
    return Delivery(
        document=", ".join(result.documents),
        sample=result.sample,
        laboratory=result.laboratory or "Laboratory not named",
        received=result.known_at.date(),
        method=assay.method,
        build="" if assay.build is None else assay.build.value,
        positions_tested=assay.positions_tested,
        not_tested=len(assay.positions_not_tested),
        not_callable=len(assay.positions_not_callable),
        limits=assay.limits,
        confirmation=result.confirmation,
        withdrawn=bool(result.withdrawn),
        key=page_key(result.result),
    )
