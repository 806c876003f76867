"""Adopts a release of gene–disease validity: carriers in a gene that gained or lost its support are judged.

A gene is what the panels list; so what counts is whether ClinGen still supports any disease of it. A change
about one disease while another stays supported is recorded and concerns nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bedside.act.reanalysis import Action, Kind
from bedside.act.tasks import due_from
from bedside.errors import InputError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.interpret.germline.screened import Outcome
from bedside.knowledge.clinvar.release import ClinvarRelease
from bedside.knowledge.findings_panel import Panel
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.gene_validity import Validity, ValidityChange, validity_changes
from bedside.knowledge.gene_validity_release import NAME, ValidityRelease
from bedside.knowledge.reanalysis_policy import FindingTask, ReanalysisPolicy, load_reanalysis_policy
from bedside.service.catch_up_lake import catch_up
from bedside.service.house import House, lake_of
from bedside.service.reanalyse import TRIES, Asked, Reanalysed
from bedside.service.reanalyse_events import task_name, task_payload
from bedside.service.reanalyse_groups import Group, in_order, write_document
from bedside.service.screen_answers import Found, Screener
from bedside.service.screen_carried import screening, unless_moved
from bedside.store.ledger import Overtaken

if TYPE_CHECKING:
    from bedside.store.lake.lake import Lake


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a change is for carriers in the gene."""

    change: ValidityChange
    kind: Kind
    reason: str
    opens: FindingTask | None


def reanalyse_validity(
    house: House,
    before: ValidityRelease | None,
    after: ValidityRelease,
    clinvar: ClinvarRelease,
    asked: Asked | None = None,
    *,
    lake: Lake | None = None,
) -> Reanalysed:
    """Adopt a release of gene–disease validity; carriers are those of the ClinVar release in force. Twice is
    once."""
    asked = asked or Asked()
    names = ("" if before is None else str(before.release), str(after.release))
    if house.ledger.release(NAME) == names[1]:
        return Reanalysed(NAME, names[1], names[1])
    if before is not None and after.release.date < before.release.date:
        raise InputError.one(names[1], f"is older than {names[0]}, which is in force")
    for _ in range(TRIES):
        with suppress(Overtaken):
            return _adopted(house, before, after, clinvar, asked, names, lake or lake_of(house))
    raise StoreError("genomes come and go faster than the release can be adopted; try again later")


def _adopted(
    house: House,
    before: ValidityRelease | None,
    after: ValidityRelease,
    clinvar: ClinvarRelease,
    asked: Asked,
    names: tuple[str, str],
    store: Lake,
) -> Reanalysed:
    """Everybody looked at under the two releases, and what follows written. `Overtaken` when somebody's
    genome or consent changed meanwhile; then nothing was."""
    root, now = house.settings.knowledge_folder, house.clock()
    policy = load_reanalysis_policy(root)
    panels = tuple(load_panel(name, root) for name in policy.panels)
    last = house.ledger.checkpoint().sequence
    catch_up(house.ledger, store)
    changes = () if before is None else validity_changes(before.claims, after.claims)
    turns = _turns(changes, panels)
    asking = screening(house, store)
    groups: list[Group] = []
    events: list[NewEvent] = []
    for panel in _only(panels, turns):
        for found in Screener(asking, panel, clinvar, now.date()).found():
            turn = turns[found.screened.gene]
            owed = turn.opens is not None and found.screened.outcome in (Outcome.REPORT, Outcome.REVIEW)
            groups += _groups(found, turn, policy, now, owed=owed)
            if owed:
                events.append(_task(found, turn, policy, names, now, asked.actor))
    groups = list(in_order(dict.fromkeys(groups)))
    done = Reanalysed(
        NAME,
        *names,
        groups=tuple(groups),
        tasks=len({event.key for event in events}),
        people=len({person for one in groups for person in one.people}),
    )
    return done if asked.dry_run else _write(house, done, events, asked.actor, now, last)


def _turns(changes: Sequence[ValidityChange], panels: Sequence[Panel]) -> Mapping[str, _Turn]:
    """For each gene of a panel the change that says most about it."""
    genes = {gene for panel in panels for gene in panel.by_gene}
    turns: dict[str, _Turn] = {}
    for change in changes:
        if change.pair.gene not in genes:
            continue
        if change.support_before and not change.support_after:
            turn = _Turn(change, Kind.DOWNGRADE, "gene-validity-lowered", FindingTask.VALIDITY_LOWERED)
        elif change.support_after and not change.support_before:
            turn = _Turn(change, Kind.UPGRADE, "gene-validity-raised", FindingTask.VALIDITY_RAISED)
        elif change.support_after:
            turn = _Turn(change, Kind.NO_OP, "gene-supported-as-before", None)
        else:
            turn = _Turn(change, Kind.NO_OP, "gene-not-supported-as-before", None)
        held = turns.get(change.pair.gene)
        if held is None or _further(turn) > _further(held):
            turns[change.pair.gene] = turn
    return turns


def _further(turn: _Turn) -> tuple[bool, bool]:
    """A change that crosses the line of support itself says most."""
    crossed = _supports(turn.change.before) != _supports(turn.change.after)
    return turn.opens is not None, crossed


def _supports(validity: Validity | None) -> bool:
    return validity is not None and validity.supports


def _only(panels: Sequence[Panel], turns: Mapping[str, _Turn]) -> Iterator[Panel]:
    """The panels with the genes concerned; a gene is asked in the first panel that has it."""
    left = set(turns)
    for panel in panels:
        rows = tuple(row for row in panel.rows if row.gene in left)
        if rows:
            yield replace(panel, rows=rows)
            left -= {row.gene for row in rows}


def _groups(
    found: Found, turn: _Turn, policy: ReanalysisPolicy, now: datetime, *, owed: bool
) -> Iterator[Group]:
    kind = turn.kind if owed else Kind.NO_OP
    reason = turn.reason if owed or turn.opens is None else found.screened.reason.value
    owner = due = ""
    if owed and turn.opens is not None:
        task = policy.of(turn.opens).task
        owner, due = task.owner, due_from(task, now.date()).due.isoformat()
    action = Action.REVIEW if owed else Action.NONE
    for variant in found.screened.variants:
        yield Group(
            str(variant),
            found.screened.gene,
            (_word(turn.change.before), 0),
            (_word(turn.change.after), 0),
            kind.value,
            action.value,
            reason,
            (found.person,),
            owner,
            due,
            variant.key,
        )


def _word(validity: Validity | None) -> str:
    return "not-curated" if validity is None else validity.value.replace(" ", "-")


def _task(
    found: Found, turn: _Turn, policy: ReanalysisPolicy, names: tuple[str, str], now: datetime, actor: str
) -> NewEvent:
    kind, screened = turn.opens or FindingTask.VALIDITY_LOWERED, found.screened
    variants = sorted(str(variant) for variant in screened.variants)
    name = task_name(kind, found.person, screened.gene, *variants, names[1])
    channel = policy.of(kind)
    before, after = _word(turn.change.before), _word(turn.change.after)
    about: dict[str, Any] = {
        "variants": variants,
        "variant": variants[0],
        "gene": screened.gene,
        "disease": turn.change.disease,
        "mondo": turn.change.pair.mondo,
        "from": before,
        "to": after,
        "reason": turn.reason,
        "gate": screened.outcome.value,
        "gate_reason": screened.reason.value,
        "confirmation": screened.confirmation.value,
        "evidence": list(screened.evidence),
        "release": names[1],
        "before": names[0],
        "policy": policy.provenance.sha256[:12],
    }
    summary = f"{screened.gene}, {turn.change.disease}: evidence {before}, now {after}: {channel.asks}"
    payload = task_payload(name, channel, due_from(channel.task, now.date()), summary, about)
    return NewEvent(EventKind.TASK_OPENED, actor, now, found.person, payload, name)


def _write(
    house: House, done: Reanalysed, tasks: Sequence[NewEvent], actor: str, now: datetime, last: int
) -> Reanalysed:
    header = {"release": done.after, "before": done.before, "counts": dict(done.counts)}
    done = replace(done, table=house.documents.put(write_document(header, done.groups)))
    adopted = {"release": done.after, "before": done.before, "people": done.people, "tasks": done.tasks}
    detail = {**adopted, "source": NAME, "table": done.table, "counts": dict(done.counts)}
    events = [
        NewEvent(EventKind.RELEASE_ADOPTED, actor, now, payload=adopted),
        NewEvent(EventKind.REANALYSED, actor, now, payload=detail),
        *tasks,
    ]
    house.ledger.append(events, (), unless_moved(last))
    return done
