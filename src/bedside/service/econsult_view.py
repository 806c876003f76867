"""eConsults as lists and pages show them: whose move it is, how long, by when, and what was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from bedside.act.consults import ALLOWED, Consult, Move, Stage, late
from bedside.act.working_days import working_day_after
from bedside.genome.consult import (
    BY_ASKER,
    Ending,
    Information,
    Opinion,
    Packet,
    Question,
    Signature,
    Step,
    StepKind,
    Words,
)
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.econsult_policy import EconsultPolicy, load_econsult_policy
from bedside.service.access import Permission
from bedside.service.consult_steps import Held, consults
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds
from bedside.service.site_messages import State, undelivered
from bedside.service.sites import Sites

OVER = frozenset({Stage.CLOSED, Stage.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class ConsultLine:
    """One eConsult on a list. whose: the role or person whose move it is, at the answering site after
    escalation. here: whether it is this site's move. undelivered: steps of ours the other site has not
    acknowledged. name and record_id are set at the asking site."""

    consult: str
    other: str
    ours: bool
    stage: Stage
    whose: str
    here: bool
    days: int
    due: date | None
    late: bool
    escalated: bool
    urgency: str
    text: str
    undelivered: int
    refused: int
    record_id: str = ""
    name: str = ""
    person: str | None = None


def lines(
    house: House,
    sites: Sites,
    *,
    ours: bool | None = None,
    over: bool = False,
    ids: RecordIds | None = None,
    person: str | None = None,
) -> tuple[ConsultLine, ...]:
    """eConsults by the day they are due; with `over`, also those that are closed or withdrawn."""
    policy = load_econsult_policy(house.settings.knowledge_folder)
    day = house.clock().date()
    waits, refused = _queue(house)
    found = []
    for held in consults(house, sites, person).values():
        if (ours in (None, held.ours)) and (over or held.consult.stage not in OVER):
            found.append(_line(house, sites, held, policy, day, ids, waits, refused))
    return tuple(sorted(found, key=lambda line: (line.due or date.max, line.consult)))


def _queue(house: House) -> tuple[frozenset[str], frozenset[str]]:
    letters = undelivered(house)
    waits = frozenset(one.message for one in letters if one.state is State.WAITING)
    return waits, frozenset(one.message for one in letters if one.state is State.REFUSED)


def _line(
    house: House,
    sites: Sites,
    held: Held,
    policy: EconsultPolicy,
    day: date,
    ids: RecordIds | None,
    waits: frozenset[str],
    refused: frozenset[str],
) -> ConsultLine:
    consult, question = held.consult, held.consult.question
    known = None if held.person is None else house.ledger.person(held.person)
    peer = sites.peers.get(held.other)
    steps = {one.step.step for one in consult.history}
    up = escalated(consult, policy, day)
    return ConsultLine(
        consult=consult.consult,
        other=held.other if peer is None else peer.title,
        ours=held.ours,
        stage=consult.stage,
        whose=whose(consult, policy, day),
        here=consult.move is (Move.ASKER if held.ours else Move.ANSWERER),
        days=0 if consult.since is None else max(0, (day - consult.since.astimezone(UTC).date()).days),
        due=None if question is None else question.due,
        late=late(consult, day),
        escalated=up,
        urgency="" if question is None else question.urgency.value,
        text="" if question is None else question.text,
        undelivered=len(steps & waits),
        refused=len(steps & refused),
        record_id="" if ids is None or held.person is None else ids.of(held.person),
        name="" if known is None else name_of(known) or known.person,
        person=held.person,
    )


def escalated(consult: Consult, policy: EconsultPolicy, day: date) -> bool:
    """Whether an answer is owed for longer than the policy waits after the due day."""
    if not late(consult, day) or consult.question is None:
        return False
    after = policy.answering.escalate_after_working_days
    return day >= working_day_after(consult.question.due, after)


def whose(consult: Consult, policy: EconsultPolicy, day: date) -> str:
    """The role or person whose move it is; "" when nobody's."""
    if consult.move is Move.NOBODY:
        return ""
    if consult.move is Move.ASKER:
        return policy.read.owner
    if escalated(consult, policy, day):
        return policy.answering.escalate_to
    if consult.stage is Stage.ANSWERED:
        return policy.answering.sign
    return consult.assigned or policy.answering.triage


def note_looked(house: House, held: Held, actor: str) -> None:
    """Put on record that somebody opened an eConsult; AuditUnavailable when that cannot be written."""
    seen = {"page": Permission.CONSULT.value, "consult": held.consult.consult}
    house.audit.append([NewEvent(EventKind.ACCESSED, actor, house.clock(), held.person, seen)])


def question_text(question: Question) -> str:
    """A question with its packet, as text."""
    head = (
        f"Question: {question.text}",
        f"Reason: {question.reason}",
        f"Urgency: {question.urgency.value}, answer due {question.due.isoformat()}",
    )
    return "\n".join((*head, *packet_text(question.packet)))


def packet_text(packet: Packet) -> Iterable[str]:
    """A packet as lines of text."""
    yield "Identity: " + ("included" if packet.identified else "left out")
    for section in packet.sections:
        yield f"\n{section.title} ({section.kind})"
        yield "  " + " | ".join(section.columns)
        for row in section.rows:
            yield "  " + " | ".join(cell or "-" for cell in row)
        if section.note:
            yield f"  {section.note}"


def said_text(step: Step) -> str:
    """What a step says, in one or more lines."""
    match step.said:
        case Question():
            return step.said.text
        case Words(text):
            return text
        case Information(text):
            return text
        case Opinion():
            return step.said.text
        case Signature():
            return "answers for the opinion"
        case Ending():
            return step.said.closing.value + (f": {step.said.reason}" if step.said.reason else "")


def told(held: Held) -> str:
    """One eConsult as text: where it stands, the question, the opinion, and everything that happened."""
    consult = held.consult
    parts = [f"eConsult {consult.consult}: {consult.asker} asks {consult.answerer}", consult.stage.value]
    if consult.missing:
        parts.append("Part of it has not arrived yet.")
    if consult.question is not None:
        parts.append("\n" + question_text(consult.question))
    if consult.opinion is not None and isinstance(consult.opinion.said, Opinion):
        parts.append("\n" + "\n".join(_opinion(consult, consult.opinion, consult.opinion.said)))
    parts.append("\nHistory")
    for taken in consult.history:
        step = taken.step
        aside = f" [changed nothing: {taken.aside}]" if taken.aside else ""
        head = f"  {step.at:%Y-%m-%d %H:%M} {step.kind.value}, {step.by} ({step.role}, {step.site})"
        parts.append(f"{head}: {said_text(step)}{aside}".rstrip(": "))
    return "\n".join(parts)


def _opinion(consult: Consult, step: Step, said: Opinion) -> Sequence[str]:
    signed = consult.signed
    by = "awaits sign-off" if signed is None else f"signed off by {signed.by} ({signed.role})"
    return (
        f"Opinion of {consult.answerer}, {step.by} ({step.role}), {step.at:%Y-%m-%d}: {by}",
        said.text,
        f"Rests on: {'; '.join(said.evidence) or 'nothing named'}; knowledge {said.release}",
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One step of an eConsult's history on a page. waits: the other site has not acknowledged it."""

    step: Step
    text: str
    aside: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One eConsult on its page. can: the kinds of steps that can follow. information: what was sent later."""

    held: Held
    line: ConsultLine
    history: tuple[Line, ...]
    can: frozenset[StepKind]
    information: tuple[Step, ...]
    review_state: str
    record_id: str = ""

    @property
    def consult(self) -> Consult:
        """The eConsult itself."""
        return self.held.consult


def shown(house: House, sites: Sites, held: Held) -> Shown:
    """An eConsult as its page shows it at this site."""
    policy = load_econsult_policy(house.settings.knowledge_folder)
    waits, refused = _queue(house)
    consult = held.consult
    line = _line(house, sites, held, policy, house.clock().date(), None, waits, refused)
    history = tuple(
        Line(one.step, said_text(one.step), one.aside, one.step.step in waits) for one in consult.history
    )
    can = frozenset(kind for kind in ALLOWED[consult.stage] if (kind in BY_ASKER) is held.ours)
    given = tuple(
        one.step for one in consult.history if isinstance(one.step.said, Information) and not one.aside
    )
    return Shown(held, line, history, can, given, policy.provenance.review_state)
