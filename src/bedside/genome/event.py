"""What happened, when it happened, when we learned it, who did it: the one kind of thing the ledger holds.

`REQUIRED` lists the payload keys that the projections read; a payload may hold more, and everything in it is
hashed. The shapes are described in docs/record.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


class EventKind(Enum):
    """The closed vocabulary of the ledger."""

    PERSON_REGISTERED = "person-registered"
    MEDICATION_RECORDED = "medication-recorded"
    PROBLEM_RECORDED = "problem-recorded"
    RESULT_ACCEPTED = "result-accepted"
    RESULT_WITHDRAWN = "result-withdrawn"
    MEANINGS_DERIVED = "meanings-derived"
    HOOK_ANSWERED = "hook-answered"
    FEEDBACK_RECEIVED = "feedback-received"
    ORDER_SET_FILTERED = "order-set-filtered"
    TASK_OPENED = "task-opened"
    TASK_CLOSED = "task-closed"
    RELEASE_ADOPTED = "release-adopted"
    ACCESSED = "accessed"
    ACCESS_REFUSED = "access-refused"
    GLASS_BROKEN = "glass-broken"
    CONSENT_RECORDED = "consent-recorded"
    GENOME_STORED = "genome-stored"
    GENOME_ERASED = "genome-erased"
    GENOME_SCREENED = "genome-screened"
    REANALYSED = "reanalysed"
    RELATIVE_RECORDED = "relative-recorded"
    STEP_TAKEN = "step-taken"
    ORDER_PLACED = "order-placed"
    ORDER_ENDED = "order-ended"
    ORDER_ANSWERED = "order-answered"
    SPECIMEN_MOVED = "specimen-moved"
    MESSAGE_RECEIVED = "message-received"
    MESSAGE_QUARANTINED = "message-quarantined"
    MESSAGE_SETTLED = "message-settled"
    CONSULT_DRAFTED = "consult-drafted"
    SITE_QUEUED = "site-queued"
    SITE_RECEIVED = "site-received"
    SITE_SETTLED = "site-settled"
    DRAFT_OWED = "draft-owed"
    DRAFT_SETTLED = "draft-settled"
    DRAFT_MADE = "draft-made"
    DRAFT_GIVEN = "draft-given"
    FIELD_ADDED = "field-added"
    FIELD_DECIDED = "field-decided"
    DRAFT_SIGNED = "draft-signed"
    DRAFT_REJECTED = "draft-rejected"
    RESULT_ACKNOWLEDGED = "result-acknowledged"
    SIGNAL_RECORDED = "signal-recorded"
    FEATURE_SUGGESTED = "feature-suggested"
    FEATURE_DECIDED = "feature-decided"
    PROGRAMME_RECORDED = "programme-recorded"
    UNDIAGNOSED_LISTED = "undiagnosed-listed"
    UNDIAGNOSED_DECIDED = "undiagnosed-decided"
    TUMOUR_RECORDED = "tumour-recorded"
    BOARD_STEP = "board-step"
    BOARD_MET = "board-met"
    RANKING_RECORDED = "ranking-recorded"
    MANAGEMENT_NOTED = "management-noted"
    OUTCOME_RECORDED = "outcome-recorded"
    LETTER_RELEASED = "letter-released"
    LETTER_WITHDRAWN = "letter-withdrawn"
    CASE_RANKED = "case-ranked"
    COVERAGE_ANSWERED = "coverage-answered"
    AUTHORISATION_MOVED = "authorisation-moved"
    COST_ESTIMATED = "cost-estimated"
    COST_SETTLED = "cost-settled"
    PROPOSAL_MADE = "proposal-made"
    PROPOSAL_DECIDED = "proposal-decided"
    HARM_AUDITED = "harm-audited"
    CYCLE_MOVED = "cycle-moved"
    STUDY_REGISTERED = "study-registered"
    STUDY_RUN = "study-run"
    PLAYBOOK_CHANGED = "playbook-changed"
    DECISION_LOGGED = "decision-logged"
    ASSESSMENT_RECORDED = "assessment-recorded"
    BACKUP_MADE = "backup-made"
    CHECKPOINT_KEPT = "checkpoint-kept"
    KEY_ROTATED = "key-rotated"
    RETENTION_APPLIED = "retention-applied"
    DATA_RELEASED = "data-released"
    GAP_MOVED = "gap-moved"


REQUIRED: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.PERSON_REGISTERED: (),
    EventKind.MEDICATION_RECORDED: ("system", "code", "status"),
    EventKind.PROBLEM_RECORDED: ("system", "code", "status"),
    EventKind.RESULT_ACCEPTED: ("result", "sample", "documents", "assay", "confirmation", "observations"),
    EventKind.RESULT_WITHDRAWN: ("result", "reason"),
    EventKind.MEANINGS_DERIVED: ("result", "release", "calls"),
    EventKind.HOOK_ANSWERED: ("cards",),
    EventKind.FEEDBACK_RECEIVED: ("card", "outcome"),
    EventKind.ORDER_SET_FILTERED: (),
    EventKind.TASK_OPENED: ("task", "kind", "summary", "owner", "due"),
    EventKind.TASK_CLOSED: ("task", "outcome"),
    EventKind.RELEASE_ADOPTED: ("release",),
    EventKind.ACCESSED: (),
    EventKind.ACCESS_REFUSED: ("status",),
    EventKind.GLASS_BROKEN: ("reason", "until", "task"),
    EventKind.CONSENT_RECORDED: ("scope", "decision", "by"),
    EventKind.GENOME_STORED: ("run", "result", "evidence", "records"),
    EventKind.GENOME_ERASED: ("reason",),
    EventKind.GENOME_SCREENED: ("panel", "release", "table"),
    EventKind.REANALYSED: ("release", "before", "table"),
    EventKind.RELATIVE_RECORDED: ("relative", "relation"),
    EventKind.STEP_TAKEN: ("pathway", "step"),
    EventKind.ORDER_PLACED: ("order",),
    EventKind.ORDER_ENDED: ("order", "outcome"),
    EventKind.ORDER_ANSWERED: ("order", "accepted", "document"),
    EventKind.SPECIMEN_MOVED: ("specimen", "order", "step"),
    EventKind.MESSAGE_RECEIVED: ("document",),
    EventKind.MESSAGE_QUARANTINED: ("document", "reasons"),
    EventKind.MESSAGE_SETTLED: ("document", "outcome"),
    EventKind.CONSULT_DRAFTED: ("consult",),
    EventKind.SITE_QUEUED: ("message", "from", "to", "kind", "digest", "body"),
    EventKind.SITE_RECEIVED: ("message", "from", "to", "kind", "digest", "body"),
    EventKind.SITE_SETTLED: ("message", "outcome"),
    EventKind.DRAFT_OWED: ("document", "person"),
    EventKind.DRAFT_SETTLED: ("document", "drafts"),
    EventKind.DRAFT_MADE: ("draft", "document", "fields", "person", "reasons"),
    EventKind.DRAFT_GIVEN: ("draft", "person", "why"),
    EventKind.FIELD_ADDED: ("draft", "fields"),
    EventKind.FIELD_DECIDED: ("draft", "field", "verdict", "value"),
    EventKind.DRAFT_SIGNED: ("draft", "document", "result", "fields"),
    EventKind.DRAFT_REJECTED: ("draft", "reason"),
    EventKind.RESULT_ACKNOWLEDGED: ("item", "standing", "how"),
    EventKind.SIGNAL_RECORDED: ("signal",),
    EventKind.FEATURE_SUGGESTED: ("term", "status", "source", "hpo"),
    EventKind.FEATURE_DECIDED: ("term", "decision", "hpo"),
    EventKind.PROGRAMME_RECORDED: (),
    EventKind.UNDIAGNOSED_LISTED: ("table", "listed", "as_of", "versions"),
    EventKind.UNDIAGNOSED_DECIDED: ("table", "decision", "reason"),
    EventKind.TUMOUR_RECORDED: ("sample", "oncotree", "content", "document"),
    EventKind.BOARD_STEP: ("case", "step"),
    EventKind.BOARD_MET: ("meeting", "attendees"),
    EventKind.RANKING_RECORDED: ("ranking",),
    EventKind.MANAGEMENT_NOTED: ("change", "text"),
    EventKind.OUTCOME_RECORDED: ("outcome",),
    EventKind.LETTER_RELEASED: ("letter", "result", "class", "language", "document", "facts"),
    EventKind.LETTER_WITHDRAWN: ("letter", "result", "reason"),
    EventKind.CASE_RANKED: ("release", "terms", "places", "changes"),
    EventKind.COVERAGE_ANSWERED: ("order", "payer", "answer"),
    EventKind.AUTHORISATION_MOVED: ("authorisation", "order", "status"),
    EventKind.COST_ESTIMATED: ("order", "estimate"),
    EventKind.COST_SETTLED: ("order", "currency", "charged", "parts"),
    EventKind.PROPOSAL_MADE: ("proposal", "rule", "change"),
    EventKind.PROPOSAL_DECIDED: ("proposal", "decision", "reason"),
    EventKind.HARM_AUDITED: ("proposal", "verdict"),
    EventKind.CYCLE_MOVED: ("cycle", "step"),
    EventKind.STUDY_REGISTERED: ("study", "protocol"),
    EventKind.STUDY_RUN: ("study", "protocol", "bundle"),
    EventKind.PLAYBOOK_CHANGED: ("playbook", "change"),
    EventKind.DECISION_LOGGED: ("decision",),
    EventKind.ASSESSMENT_RECORDED: ("indicator", "level"),
    EventKind.BACKUP_MADE: ("digest",),
    EventKind.CHECKPOINT_KEPT: ("checkpoint", "where"),
    EventKind.KEY_ROTATED: ("key",),
    EventKind.RETENTION_APPLIED: ("policy", "removed"),
    EventKind.DATA_RELEASED: ("purpose", "digest"),
    EventKind.GAP_MOVED: ("gap", "step"),
}

ABOUT_A_PERSON = frozenset(
    {
        EventKind.PERSON_REGISTERED,
        EventKind.MEDICATION_RECORDED,
        EventKind.PROBLEM_RECORDED,
        EventKind.RESULT_ACCEPTED,
        EventKind.RESULT_WITHDRAWN,
        EventKind.MEANINGS_DERIVED,
        EventKind.TASK_OPENED,
        EventKind.TASK_CLOSED,
        EventKind.GLASS_BROKEN,
        EventKind.CONSENT_RECORDED,
        EventKind.GENOME_STORED,
        EventKind.GENOME_ERASED,
        EventKind.RELATIVE_RECORDED,
        EventKind.STEP_TAKEN,
        EventKind.ORDER_PLACED,
        EventKind.ORDER_ENDED,
        EventKind.ORDER_ANSWERED,
        EventKind.SPECIMEN_MOVED,
        EventKind.SIGNAL_RECORDED,
        EventKind.FEATURE_SUGGESTED,
        EventKind.FEATURE_DECIDED,
        EventKind.CASE_RANKED,
        EventKind.PROGRAMME_RECORDED,
        EventKind.UNDIAGNOSED_DECIDED,
        EventKind.CONSULT_DRAFTED,
        EventKind.DRAFT_SIGNED,
        EventKind.RESULT_ACKNOWLEDGED,
        EventKind.TUMOUR_RECORDED,
        EventKind.BOARD_STEP,
        EventKind.RANKING_RECORDED,
        EventKind.MANAGEMENT_NOTED,
        EventKind.OUTCOME_RECORDED,
        EventKind.LETTER_RELEASED,
        EventKind.LETTER_WITHDRAWN,
        EventKind.AUTHORISATION_MOVED,
        EventKind.COST_ESTIMATED,
        EventKind.COST_SETTLED,
        EventKind.HARM_AUDITED,
    }
)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event not yet written. Times are aware UTC; `person` is None for what concerns nobody in particular.

    `key` makes the event idempotent: a second append with the same kind and key writes nothing. Raises
    ValueError when a payload lacks a required key, a person is missing where the kind needs one, or a time
    has no zone.
    """

    kind: EventKind
    actor: str
    valid_at: datetime
    person: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None

    def __post_init__(self) -> None:
        missing = [name for name in REQUIRED[self.kind] if name not in self.payload]
        if missing:
            raise ValueError(f"{self.kind.value} lacks {', '.join(missing)} in its payload")
        if self.kind is EventKind.HOOK_ANSWERED and any("uuid" not in card for card in self.payload["cards"]):
            raise ValueError("every card has a uuid")
        if self.person is None and self.kind in ABOUT_A_PERSON:
            raise ValueError(f"{self.kind.value} must name a person")
        if self.valid_at.tzinfo is None:
            raise ValueError("an event's time must carry its zone")
        if any("\x00" in text for text in (self.actor, self.person or "", self.key or "")):
            raise ValueError("an event's actor, person and key cannot hold a NUL")


@dataclass(frozen=True, slots=True)
class Event:
    """A written event: its place in the ledger, the time it became known, and its link in the hash chain."""

    sequence: int
    kind: EventKind
    actor: str
    valid_at: datetime
    known_at: datetime
    person: str | None
    payload: Mapping[str, Any]
    key: str | None
    hash: str
