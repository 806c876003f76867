"""The genomic chart of one person as a page shows it: what is known, how well, and what it means for each
drug.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from bedside.decide.recommendation import Urgency
from bedside.genome.result import Confirmation
from bedside.service.reported_lines import ReportedLine


class Look(Enum):
    """The seven ways a gene can look on the chart, in the order of the chart. No two share an icon, a word
    or a border.
    """

    ACTIONABLE = "changes treatment"
    INDETERMINATE = "indeterminate"
    NO_CALL = "no call"
    NOTE = "worth knowing"
    STANDARD = "nothing to change"
    WITHOUT_GUIDANCE = "no guidance"
    NOT_TESTED = "not tested"


class Verdict(Enum):
    """What the genome says about a medicine the person takes now."""

    ACT = "guidance to act on"
    CANNOT_SAY = "the genome cannot say"
    STANDARD = "standard treatment"
    WITHOUT_GUIDANCE = "no genomic guidance"


@dataclass(frozen=True, slots=True)
class DrugGuidance:
    """What one recommendation says, in the words the page shows. `review_state` is shown wherever this is."""

    drug: str
    population: str
    urgency: Urgency
    action: str
    strength: str
    summary: str
    why: str
    text: str
    genes: tuple[str, ...]
    source: str
    guideline: str
    url: str
    pmids: tuple[str, ...]
    release: str
    review_state: str
    dose: str = ""
    alternatives: tuple[str, ...] = ()
    converted_by: tuple[str, ...] = ()
    held_back: str = ""


@dataclass(frozen=True, slots=True)
class SilentRule:
    """A rule that was evaluated and did not speak: which, about which drug, and why not."""

    rule: str
    drug: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GeneRow:
    """One gene of the chart.

    results: diplotypes or single alleles as a report prints them. partial: what is known when nothing fits.
    seen_on: the day the laboratory's result entered the record; None when no result ever looked at the gene.
    made_by: who made the call (genotypes, or a laboratory's own call). conflict: what two results disagree
    about. together: whether several phenotypes are facts that hold at once (presence of alleles), not rivals.
    """

    gene: str
    look: Look
    results: tuple[str, ...] = ()
    phenotypes: tuple[str, ...] = ()
    activity_scores: tuple[str, ...] = ()
    drugs: tuple[DrugGuidance, ...] = ()
    standard_drugs: tuple[str, ...] = ()
    seen_on: date | None = None
    made_by: str = ""
    laboratory: str = ""
    release: str = ""
    partial: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    settle_with: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    not_visible: tuple[str, ...] = ()
    conflict: str = ""
    together: bool = False

    @property
    def certain(self) -> bool:
        """Whether what stands is one meaning, or several facts that hold together."""
        return len(self.phenotypes) == 1 or self.together

    @property
    def joint(self) -> str:
        """What stands between several results: they hold together, or one of them is true."""
        return "; " if self.together else " or "


@dataclass(frozen=True, slots=True)
class MedicineLine:
    """A current medicine and what the genome says about it."""

    name: str
    since: date | None
    verdict: Verdict
    guidance: tuple[DrugGuidance, ...] = ()
    silences: tuple[SilentRule, ...] = ()
    inhibits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskLine:
    """Something that must still happen for a person. `record_id` and `person_name` are set on the list of
    all tasks.
    """

    task_id: str
    title: str
    opened: date | None
    owner: str = ""
    due: date | None = None
    record_id: str = ""
    person_name: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event of the record in words: when it became known, when it was true, what happened, who did it."""

    known_at: datetime
    valid_at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where facts came from: the document by digest, the sample inside it, the assay and what it could not
    see. key: how the address of the result's page names it.
    """

    document: str
    sample: str
    laboratory: str
    received: date
    method: str
    build: str
    positions_tested: int
    not_tested: int
    not_callable: int
    limits: tuple[str, ...] = ()
    confirmation: Confirmation = Confirmation.CLINICAL
    withdrawn: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class PersonHeader:
    """Who the chart is about. `record_id` is opaque and the only thing of a person that stands in an
    address.
    """

    record_id: str
    name: str
    identifier: str
    born: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything one page shows of one person, as of one day; `as_of` is None for now. `note` says what is
    missing.
    """

    person: PersonHeader
    genes: tuple[GeneRow, ...]
    medicines: tuple[MedicineLine, ...]
    tasks: tuple[TaskLine, ...]
    history: tuple[HistoryLine, ...]
    deliveries: tuple[Delivery, ...]
    problems: tuple[str, ...]
    release: str
    review_state: str
    as_of: date | None = None
    note: str = ""
    reported: tuple[ReportedLine, ...] = ()

    @property
    def actionable(self) -> tuple[GeneRow, ...]:
        """The genes that change treatment."""
        return tuple(row for row in self.genes if row.look is Look.ACTIONABLE)

    @property
    def unsettled(self) -> tuple[GeneRow, ...]:
        """The genes that were looked at without a usable answer."""
        return tuple(row for row in self.genes if row.look in (Look.INDETERMINATE, Look.NO_CALL))

    @property
    def untested(self) -> tuple[GeneRow, ...]:
        """The genes nobody looked at."""
        return tuple(row for row in self.genes if row.look is Look.NOT_TESTED)

    @property
    def medicines_to_act_on(self) -> tuple[MedicineLine, ...]:
        """The current medicines with guidance to act on."""
        return tuple(line for line in self.medicines if line.verdict is Verdict.ACT)

    @property
    def medicines_in_doubt(self) -> tuple[MedicineLine, ...]:
        """The current medicines about which the genome cannot say anything, though it could if more were
        known.
        """
        return tuple(line for line in self.medicines if line.verdict is Verdict.CANNOT_SAY)


def in_order_of_need(rows: tuple[GeneRow, ...], taken: frozenset[str] = frozenset()) -> tuple[GeneRow, ...]:
    """By look; among those that change treatment first what concerns a drug taken now, then the most
    urgent.
    """
    looks = list(Look)
    urgencies = (Urgency.CRITICAL, Urgency.WARNING, Urgency.INFO)

    def need(row: GeneRow) -> tuple[int, bool, int, str]:
        worst = min((urgencies.index(drug.urgency) for drug in row.drugs), default=len(urgencies))
        return looks.index(row.look), taken.isdisjoint(drug.drug for drug in row.drugs), worst, row.gene

    return tuple(sorted(rows, key=need))
