"""The coded answers about genomes in plain words: outcomes, reasons, refusals, zygosity, changes."""

from __future__ import annotations

from datetime import date

from bedside.act.tasks import TaskState
from bedside.genome.consent import Giver, Purpose, Refusal, Scope
from bedside.genome.result import Confirmation
from bedside.interpret.germline.screened import Outcome, ReasonCode

OUTCOMES = {
    Outcome.REPORT.value: ("Report", "act", "actionable"),
    Outcome.REVIEW.value: ("A person judges", "question", "indeterminate"),
    Outcome.HOLD.value: ("Held", "broken", "no-call"),
    Outcome.NO_ACTION.value: ("No action", "dash", "without-guidance"),
}
"""Word, icon and class of each outcome of the gates."""

REASONS = {
    ReasonCode.ONE_STAR.value: "one laboratory's word (one star): somebody must judge it",
    ReasonCode.ZERO_STAR.value: "no criteria were given with the classification (no star)",
    ReasonCode.CONFLICT.value: "laboratories disagree: held until they do not",
    ReasonCode.RECORDS_DISAGREE.value: "records of the same change disagree",
    ReasonCode.BENIGN.value: "classified as benign or likely benign",
    ReasonCode.UNCERTAIN.value: "of uncertain significance: nothing may be concluded",
    ReasonCode.NOT_CLASSIFIED.value: "not in the release: nothing may be concluded",
    ReasonCode.REPORTABLE.value: "pathogenic or likely pathogenic, and all four gates let it through",
    ReasonCode.CARRIER_ONLY.value: "one changed copy of a recessive gene: a carrier, not affected by it",
    ReasonCode.BIALLELIC_HOM.value: "both copies carry the same change",
    ReasonCode.BIALLELIC_IN_TRANS.value: "two changes, one on each strand",
    ReasonCode.IN_CIS.value: "two changes on one strand: the other copy is intact",
    ReasonCode.PHASE_UNKNOWN.value: "two changes, and whether on one strand or both is not known",
    ReasonCode.RESEARCH_NEEDS_CONFIRMATION.value: (
        "a research result: a clinical laboratory must confirm it before anybody is told"
    ),
    ReasonCode.CONFIRMATORY_TEST.value: "a confirming test is needed first",
    ReasonCode.UNCONFIRMED.value: "unconfirmed: a clinical laboratory must look first",
    ReasonCode.CONSENT_MISSING.value: "nobody has agreed to this yet",
    ReasonCode.CONSENT_WITHDRAWN.value: "consent was taken back",
    ReasonCode.AGE_UNKNOWN.value: "the birth date is not known, so that age cannot be weighed",
    ReasonCode.DISAPPEARED.value: "no longer in the release",
    ReasonCode.SEX_UNKNOWN.value: "the answer depends on the person's sex, which is not recorded",
    "never-told": "nobody had been told: the task is closed",
    "settled": "the lower classification has stood long enough: the person is told",
    "settling": "the lower classification has not stood long enough yet",
    "fewer-stars-than-overturned": "the new word has fewer stars than the one it overturns",
    "no-longer-a-class": "the release gives no class of pathogenicity any more",
    "conflict-holds": "laboratories disagree now: held, and nobody is told anything yet",
    "no-longer-in-release": "the record is gone: held, somebody finds out why",
    "record-moved-to-another-allele": "the record now describes another change",
    "returned-as-before": "back to what it was: what was opened is closed",
    "returned-never-told": "back to what it was, and nobody was ever told",
    "was-corrected-before": "the person was told a correction once before: judge with care",
    "already-told": "the person knows already",
    "task-open-already": "somebody is already at it",
    "held-already": "held already",
    "gate-outcome-unchanged": "nothing changes for this person",
    "no-finding-before-or-after": "not a finding before, nor now",
    "conflict-without-finding": "disputed, and never a finding",
    "gene-in-no-panel": "a gene of no panel in force",
    "decided-not-to-tell": "it was decided not to tell",
    "unknown-whether-told": "nobody knows whether the person was told: find out first",
    "recontact-not-consented": "the person has not agreed to be contacted about results",
    "family-contact-not-consented": "the person has not agreed that relatives are contacted",
    "withheld-until-majority": "kept back until the person is of age",
    "own-consent-not-given": "the person, now of age, has not agreed to hear of it",
    "finding-not-signed-off": "nobody has signed it off yet",
    "not-told-in-person-yet": "the person has not been told in person yet",
    "finding-not-confirmed": "no clinical laboratory has confirmed it",
    "reclassification-under-review": "its classification was lowered; somebody looks at that first",
}
"""What a reason code means, as a reader needs it."""

REFUSALS = {
    Refusal.NOT_ASKED: "nobody has asked this person yet",
    Refusal.WITHDRAWN: "this person took back their consent",
    Refusal.LAPSED: "a guardian allowed it, and the person has come of age since: they must be asked",
    Refusal.SAID_BY_MINOR: "the person was not of age when they said so: a guardian must agree",
    Refusal.AGE_UNKNOWN: "the birth date is not known, so that nobody knows who may speak for them",
    Refusal.NOT_YET: "consent begins on a later day",
    Refusal.USE_NOT_PERMITTED: "the person limited research to other uses",
    Refusal.USE_NOT_STATED: "the person limited research to named uses, and none was stated",
    Refusal.USE_UNKNOWN: "the person limited research to a use that is not known here",
    Refusal.USE_CONDITION: "the person set a condition that cannot be checked here",
    Refusal.ERASED: "this person's genome was erased",
    Refusal.NOT_GRANTED: "you may not open this record",
}

LEFT_OUT = {
    Refusal.NOT_ASKED: "were never asked",
    Refusal.WITHDRAWN: "took back their consent",
    Refusal.LAPSED: "came of age and were not asked again",
    Refusal.SAID_BY_MINOR: "were not of age when they agreed",
    Refusal.AGE_UNKNOWN: "have no birth date on record",
    Refusal.NOT_YET: "agreed from a later day on",
    Refusal.ERASED: "had their genome erased",
}
"""Why people are not counted, after their number."""

SCOPES = {
    Scope.CLINICAL: ("Care", "the stored genome is read for this person's own care and screening"),
    Scope.RESEARCH: ("Research", "they are counted in research questions"),
    Scope.RECONTACT: ("Contact about results", "they are told when a result is found or changes"),
    Scope.FAMILY: ("Family", "relatives may be written to, with this person's name"),
    Scope.COMMERCIAL: ("Commercial use", "companies may have research questions answered"),
}
"""Each layer of consent: its name on a page, and what it opens."""

PURPOSES = {
    Purpose.CARE: "Care of one person",
    Purpose.SCREENING: "Care and screening",
    Purpose.RETURN: "Return of results",
    Purpose.RESEARCH: "Research, counted only",
    Purpose.FAMILY: "Care of relatives",
    Purpose.COMMERCIAL: "Commercial, counted only",
    Purpose.OPERATIONS: "Running the service",
}
GIVERS = {Giver.SELF.value: "the person", Giver.GUARDIAN.value: "a guardian"}
USES = {
    Confirmation.CLINICAL: "clinical: may drive care",
    Confirmation.RESEARCH: "research only: confirmed in a clinical laboratory before anybody is told",
    Confirmation.UNCONFIRMED: "unconfirmed: may only lead to a clinical test",
}
ASSAYS = {"genome": "whole genome", "exome": "exome", "panel": "gene panel"}
ZYGOSITY = {
    "het": "one copy",
    "hom": "both copies",
    "hemi": "the only copy",
}
INHERITANCE = {"AD": "dominant", "AR": "recessive", "XL": "X-linked", "SD": "semidominant"}
CHANNELS = {
    "finding": ("New or upgraded", "act"),
    "correction": ("Downgraded", "undo"),
    "hold": ("On hold", "broken"),
    "confirmation": ("To confirm", "question"),
}
KINDS = {
    "new": "new finding",
    "upgrade": "upgrade",
    "downgrade": "downgrade",
    "conflict": "now in conflict",
    "disappeared": "gone from the release",
    "returned": "back to what it was",
    "no-op": "no change for them",
}
URGENCY = {
    TaskState.OPEN: "on time",
    TaskState.OVERDUE: "late",
    TaskState.ESCALATED: "late, gone to the next role",
    TaskState.CLOSED: "nothing owed",
}


def reason(code: str) -> str:
    """A reason code in words; a code without words as words of its own."""
    return REASONS.get(code, code.replace("-", " "))


def plain(code: str) -> str:
    """A code as words: `likely-pathogenic` is written `likely pathogenic`."""
    return code.replace("-", " ")


def stars(number: int | str) -> str:
    """`2 of 4 stars`."""
    return f"{number} of 4 stars" if str(number) != "1" else "1 of 4 stars"


def zygosity(word: str) -> str:
    """How many copies, in words."""
    return ZYGOSITY.get(word, word)


def inheritance(word: str) -> str:
    """How it is passed on, in words."""
    return INHERITANCE.get(word, word)


def outcome_word(word: str) -> str:
    """The outcome of the gates as a badge says it."""
    return OUTCOMES.get(word, (word, "", ""))[0]


def outcome_icon(word: str) -> str:
    """Its icon."""
    return OUTCOMES.get(word, ("", "info", ""))[1]


def outcome_css(word: str) -> str:
    """Its class."""
    return OUTCOMES.get(word, ("", "", "info"))[2]


def refusal(why: Refusal) -> str:
    """Why a genome may not be read, in words."""
    return REFUSALS[why]


def left_out(why: Refusal | str) -> str:
    """Why people are not counted, after their number: `3 were never asked`."""
    known = Refusal(why) if isinstance(why, str) else why
    return LEFT_OUT.get(known, "limited what they agreed to")


def scope(layer: Scope) -> str:
    """The name of a layer of consent."""
    return SCOPES[layer][0]


def scope_opens(layer: Scope) -> str:
    """What a layer of consent opens."""
    return SCOPES[layer][1]


def purpose(asked: Purpose) -> str:
    """For what a genome is read."""
    return PURPOSES[asked]


def giver(word: str) -> str:
    """Who spoke."""
    return GIVERS.get(word, word)


def use(confirmation: Confirmation) -> str:
    """How far a result may go."""
    return USES[confirmation]


def assay(word: str) -> str:
    """The kind of test."""
    return ASSAYS.get(word, word)


def channel(word: str) -> str:
    """The name of a channel of the reanalysis."""
    return CHANNELS.get(word, (word, ""))[0]


def channel_icon(word: str) -> str:
    """Its icon."""
    return CHANNELS.get(word, ("", "info"))[1]


def kind_of_change(word: str) -> str:
    """What a change of a release is for one person."""
    return KINDS.get(word, plain(word))


def urgency(state: TaskState) -> str:
    """How a line of a worklist stands against its day."""
    return URGENCY[state]


def late(state: TaskState) -> bool:
    """Whether a line is past its day."""
    return state in (TaskState.OVERDUE, TaskState.ESCALATED)


def waited(days: int) -> str:
    """`3 days`, `1 day`, `since today`."""
    return "since today" if days == 0 else f"{days} day" + ("s" if days != 1 else "")


def share(part: int, whole: int) -> str:
    """A part of a whole in percent that is never rounded to all or nothing."""
    if whole <= 0:
        return ""
    if part == whole:
        return "all"
    if part == 0:
        return "none"
    percent = 100 * part / whole
    if percent < 1:
        return "under 1 %"
    return "over 99 %" if percent > 99 else f"{percent:.0f} %"


def iso(value: date | None) -> str:
    """A date as machines write it; "" when there is none."""
    return "" if value is None else value.isoformat()


FILTERS = (
    reason, plain, stars, zygosity, inheritance, outcome_word, outcome_icon, outcome_css, refusal, scope,
    scope_opens, purpose, left_out, giver, use, assay, channel, channel_icon, kind_of_change, urgency, late,
    waited, share, iso,
)  # fmt: skip
"""What the templates are given, by these names."""
