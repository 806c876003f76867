"""`bedside screen`: everybody in the lake against a panel of hereditary findings, each finding owned.

Nothing carried is never said to be a negative: a screen lists what was found, and who could not be screened
and why. Recorded as one event with the digest of the whole table, and one task for each finding somebody must
act on; the same screen again writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.act.reanalysis import Standing, Told
from bedside.act.reanalysis_memory import NOTHING, REMEMBERED, Pair, Remembered, remember, write_history
from bedside.act.tasks import due_from
from bedside.errors import InputError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.interpret.germline.classification_gate import known
from bedside.interpret.germline.screened import Outcome, ReasonCode
from bedside.knowledge.clinvar.release import ClinvarRelease
from bedside.knowledge.findings_panel import Panel
from bedside.knowledge.reanalysis_policy import FindingTask, ReanalysisPolicy, load_reanalysis_policy
from bedside.service.catch_up_lake import catch_up
from bedside.service.house import House, lake_of
from bedside.service.reanalyse import TRIES
from bedside.service.reanalyse_events import task_name, task_payload
from bedside.service.screen_answers import Found, Screener
from bedside.service.screen_carried import Screening, screening, unless_moved
from bedside.service.screen_rows import Answer, Answered, answered, counts_of, not_screened, write_document
from bedside.service.screen_subjects import Subjects
from bedside.service.screen_unclassified import unclassified
from bedside.store.ledger import Overtaken

if TYPE_CHECKING:
    from bedside.store.lake.lake import Lake


@dataclass(frozen=True, slots=True)
class ScreenAsked:
    """What is asked. person: only this one. as_of: with the knowledge and the genomes of the end of that day;
    consent is always today's. record: write down that it was done. unclassified: also look at variants that
    no record speaks of (each genome is read for it). sequence: FASTA of GRCh38, for what needs it."""

    person: str | None = None
    as_of: date | None = None
    record: bool = True
    actor: str = "knowledge"
    unclassified: bool = False
    sequence: Path | None = None


@dataclass(frozen=True, slots=True)
class ScreenedPeople:
    """The rows, how many were screened and how many could not be, the tasks opened and the table's digest
    ("" when nothing was recorded)."""

    panel: str
    release: str
    rows: tuple[Answered, ...]
    people: int
    not_screened: int
    tasks: int = 0
    table: str = ""


def screen_people(
    house: House,
    panel: Panel,
    release: ClinvarRelease,
    asked: ScreenAsked | None = None,
    *,
    lake: Lake | None = None,
) -> ScreenedPeople:
    """Screen the people of the lake. Raises `StoreError` when it could not be written; then nothing was."""
    for _ in range(TRIES):
        with suppress(Overtaken):
            return _screened(house, panel, release, asked or ScreenAsked(), lake or lake_of(house))
    raise StoreError("genomes come and go faster than people can be screened; try again later")


def _screened(
    house: House, panel: Panel, release: ClinvarRelease, asked: ScreenAsked, store: Lake
) -> ScreenedPeople:
    """A screen, written. `Overtaken` when a genome or consent changed meanwhile; then nothing was."""
    last = house.ledger.checkpoint().sequence
    catch_up(house.ledger, store)
    now = house.clock()
    asking = screening(house, store, _later(house, asked.as_of))
    whose = None if asked.person is None else [asked.person]
    screener = Screener(asking, panel, release, asked.as_of or now.date())
    found = list(screener.found(whose))
    counted, refused = _everybody(house, asking, asked.person, str(release.release))
    if asked.unclassified:
        subjects = Subjects(house, (panel,), asking.all.policy, asked.as_of or now.date(), counted)
        more = unclassified(asking, panel, release, house.settings.knowledge_folder, asked.sequence)
        found += more.found(counted, subjects)
    pairs = [(answer, one.person) for one in found for answer in screener.answers(one)]
    done = ScreenedPeople(
        panel.release, str(release.release), answered([*pairs, *refused]), len(counted), len(refused)
    )
    if asked.as_of is not None or not asked.record:
        return done
    return _recorded(house, panel, release, done, found, asked.actor, now, last)


def _later(house: House, as_of: date | None) -> frozenset[str]:
    """The runs that were not known yet at the end of a day."""
    if as_of is None:
        return frozenset()
    until = datetime.combine(as_of, time.max, UTC)
    events = house.ledger.events(kinds=[EventKind.GENOME_STORED], known_at=until)
    last = max((event.sequence for event in events), default=0)
    return frozenset(run.run for run in house.ledger.genome_runs(after=last))


def _everybody(
    house: House, asking: Screening, person: str | None, release: str
) -> tuple[list[str], list[tuple[Answer, str]]]:
    """Who was screened, and a row with the reason for each who may not be."""
    permitted = asking.all.people()
    everybody = house.ledger.people_with_genome() if person is None else (person,)
    if person is not None and person not in house.ledger.people_with_genome():
        raise InputError.one("person", "has no stored genome", remedy="store one with `bedside accept`")
    refused = []
    for one in everybody:
        if one not in permitted:
            why = asking.all.refused(one)
            if why is not None:
                refused.append((not_screened(why.refusal, release), one))
    return [one for one in everybody if one in permitted], refused


def _recorded(
    house: House,
    panel: Panel,
    release: ClinvarRelease,
    done: ScreenedPeople,
    found: Sequence[Found],
    actor: str,
    now: datetime,
    last: int,
) -> ScreenedPeople:
    policy = load_reanalysis_policy(house.settings.knowledge_folder)
    memory = remember(house.ledger.events(kinds=REMEMBERED), policy)
    tasks = list(_tasks(panel, release, found, policy, memory, actor, now))
    counts = {"people": done.people, "not_screened": done.not_screened, **counts_of(done.rows)}
    header = {"panel": done.panel, "release": done.release, "counts": counts}
    table = house.documents.put(write_document(header, done.rows))
    payload = {**header, "table": table, "tasks": len(tasks), "policy": policy.provenance.sha256}
    key = f"{done.panel}:{done.release}:{table}"
    events = [NewEvent(EventKind.GENOME_SCREENED, actor, now, payload=payload, key=key)]
    house.ledger.append([*events, *tasks], (), unless_moved(last))
    return replace(done, tasks=len(tasks), table=table)


def _tasks(
    panel: Panel,
    release: ClinvarRelease,
    found: Sequence[Found],
    policy: ReanalysisPolicy,
    memory: Mapping[Pair, Remembered],
    actor: str,
    now: datetime,
) -> Iterator[NewEvent]:
    """One task for each finding that somebody must act on and nobody has dealt with yet."""
    seen: set[str] = set()
    for one in found:
        kind = _kind(one)
        if kind is None or _dealt_with(one, memory):
            continue
        variants = tuple(sorted(str(variant) for variant in one.screened.variants))
        name = task_name(kind, one.person, *variants, str(release.release))
        if name in seen:
            continue
        seen.add(name)
        channel, answer = policy.of(kind), one.screened
        due = due_from(channel.task, now.date())
        history = [_standing(release, one)]
        about = {
            "variant": variants[0],
            "variants": list(variants),
            "gene": answer.gene,
            "zygosity": [zygosity.value for zygosity in answer.zygosity],
            "confirmation": answer.confirmation.value,
            "disease": answer.disease,
            "inheritance": answer.inheritance,
            "to": history[0].classification.value if history[0].classification else "absent",
            "stars": answer.stars,
            "gate": answer.outcome.value,
            "gate_reason": answer.reason.value,
            "reason": answer.reason.value,
            "evidence": list(answer.evidence),
            "history": write_history(history),
            "release": str(release.release),
            "panel": panel.release,
            "policy": policy.provenance.sha256[:12],
        }
        summary = f"{answer.gene} {', '.join(variants)}: {history[0]}, {answer.disease}: {channel.asks}"
        payload = task_payload(name, channel, due, summary, about)
        yield NewEvent(EventKind.TASK_OPENED, actor, now, one.person, payload, name)


def _kind(found: Found) -> FindingTask | None:
    if found.screened.reason is ReasonCode.RESEARCH_NEEDS_CONFIRMATION:
        return FindingTask.CONFIRM
    if found.screened.outcome is Outcome.REPORT:
        return FindingTask.SCREENING_FINDING
    return FindingTask.SCREENING_REVIEW if found.screened.outcome is Outcome.REVIEW else None


def _dealt_with(found: Found, memory: Mapping[Pair, Remembered]) -> bool:
    """Whether a task about every variant of it waits already, or the person was told or not to be told. A
    judgement from when it was less sure does not deal with what may be reported now."""
    surer = found.screened.outcome is Outcome.REPORT
    held = [memory.get((found.person, str(variant)), NOTHING) for variant in found.screened.variants]
    return all(
        any(task.finds for task in one.open)
        or one.told in (Told.TOLD, Told.CORRECTED)
        or (one.told is Told.DECIDED and not (surer and one.judged))
        for one in held
    )


def _standing(release: ClinvarRelease, found: Found) -> Standing:
    first = min(found.screened.variants, key=str)
    what = known(release.at(first))
    return Standing(date.fromisoformat(release.release.date), what.classification, what.stars)
