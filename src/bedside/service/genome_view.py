"""What a page shows of one person's stored genome: runs, what the panels say, what is owed, consents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bedside.act.disclosure import Standing
from bedside.act.disclosure_shown import NOT_CONFIRMED, why_not_shown
from bedside.act.disclosure_worklist import WorklistLine
from bedside.errors import BedsideError
from bedside.genome.consent import Purpose, Refusal, Scope, Stage, stage_of
from bedside.genome.event import Event, EventKind
from bedside.genome.result import Confirmation
from bedside.genome.task import Task
from bedside.genome.variant import parse_variant
from bedside.interpret.germline.screened import Outcome, ReasonCode
from bedside.knowledge.classification import ClassifiedVariant
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.reanalysis_policy import load_reanalysis_policy
from bedside.service.chart import PersonHeader
from bedside.service.classify_variants import Classifier, classifier
from bedside.service.consented_lake import asked, policy_of
from bedside.service.disclose import findings
from bedside.service.disclose_consent import may_of
from bedside.service.disclosure_view import person_lines
from bedside.service.house import House
from bedside.service.reanalyse_release import clinvar_in_force
from bedside.service.record_consent import consent_in_force
from bedside.service.screen_people import ScreenAsked, screen_people
from bedside.service.screen_rows import Answer
from bedside.service.show_chart import header
from bedside.store.encode import decode, decode_assay

_ORDER = (Outcome.REPORT.value, Outcome.REVIEW.value, Outcome.HOLD.value, Outcome.NO_ACTION.value)
_KEPT_BACK = ReasonCode.ADULT_ONSET_MINOR.value
_TOGETHER = frozenset(
    {ReasonCode.PHASE_UNKNOWN.value, ReasonCode.BIALLELIC_IN_TRANS.value, ReasonCode.IN_CIS.value}
)
"""Reasons that are about several variants at once."""
_NOT_SCREENED = frozenset(
    {ReasonCode.CONSENT_MISSING.value, ReasonCode.CONSENT_WITHDRAWN.value, ReasonCode.AGE_UNKNOWN.value}
)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One stored run: when and whence, what kind of test, how far it may go, and what was done in reading."""

    received: date
    laboratory: str
    assay: str
    use: Confirmation
    records: int
    build: str
    notes: tuple[str, ...]
    erased: bool


@dataclass(frozen=True, slots=True)
class FindingLine:
    """What the panels say of one variant, or (others) of the variants that are weighed together: the outcome
    of the gates and why, and whose move it is. not_shown: why it may leave the genetics service for nobody,
    "" when it may or when nothing follows from it."""

    answer: Answer
    others: tuple[Answer, ...]
    panels: tuple[str, ...]
    records: tuple[ClassifiedVariant, ...]
    owner: str = ""
    due: date | None = None
    owed: str = ""
    not_shown: str = ""
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class LayerLine:
    """One layer of consent: the decision in force, since when and by whom, and why it is closed."""

    scope: Scope
    given: bool
    why: Refusal | None
    since: datetime | None
    by: str
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GenomeView:
    """Everything about one person's genome but the answer to a question. refused: why it may not be read for
    care. kept_back: findings of adult life are not shown, whether or not there are any. problem: why the
    panels could not be asked."""

    person: PersonHeader
    runs: tuple[StoredRun, ...]
    refused: Refusal | None
    layers: tuple[LayerLine, ...]
    lines: tuple[FindingLine, ...]
    panels: tuple[Provenance, ...]
    release: str
    kept_back: bool
    problem: str = ""

    @property
    def readable(self) -> bool:
        """Whether there is a genome that may be read."""
        return self.refused is None and any(not run.erased for run in self.runs)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many lines have each outcome."""
        said = [line.answer.outcome for line in self.lines]
        return {outcome: said.count(outcome) for outcome in _ORDER}

    def of(self, outcome: str) -> tuple[FindingLine, ...]:
        """The lines of one outcome."""
        return tuple(line for line in self.lines if line.answer.outcome == outcome)


def genome_view(house: House, person: str, record_id: str) -> GenomeView | None:
    """The view, or None when nobody has that id."""
    known = house.ledger.person(person)
    runs = stored_runs(house, person)
    if known is None and not runs and not house.ledger.results(person):
        return None
    refusal = asked(house, Purpose.CARE).refused(person) if runs else None
    refused = None if refusal is None else refusal.refusal
    majority = policy_of(house).majority
    born = None if known is None else known.birth_date
    child = stage_of(born, house.clock().date(), majority) is not Stage.ADULT
    screened: tuple[tuple[FindingLine, ...], tuple[Provenance, ...], str] = ((), (), "")
    problem = ""
    if refused is None and any(not run.erased for run in runs):
        try:
            screened = _screened(house, person)
        except BedsideError as error:
            problem = str(error)
    return GenomeView(
        header(known, person, record_id),
        runs,
        refused,
        layers(house, person),
        *screened,
        child,
        problem,
    )


def stored_runs(house: House, person: str) -> tuple[StoredRun, ...]:
    """The runs of a person as the ledger tells of them, newest first."""
    results = {result.result: result for result in house.ledger.results(person)}
    erased = {run.run for run in house.ledger.genome_runs(person) if run.erased is not None}
    stored = house.ledger.events(person=person, kinds=(EventKind.GENOME_STORED,))
    found = []
    for event in stored:
        result = results.get(event.payload["result"])
        limits = () if result is None else _limits(house, result.assay)
        laboratory = "" if result is None else result.laboratory
        use = Confirmation.UNCONFIRMED if result is None else result.confirmation
        found.append(
            _run(event, laboratory or "Laboratory not named", use, event.payload["run"] in erased, limits)
        )
    return tuple(reversed(found))


def _limits(house: House, assay: str) -> tuple[str, ...]:
    """What a test could not see, as its result says."""
    return decode_assay(decode(house.ledger.content([assay])[assay])).limits


def _run(
    event: Event, laboratory: str, use: Confirmation, erased: bool, limits: tuple[str, ...]
) -> StoredRun:
    held = event.payload
    notes = []
    if not held.get("checked_reference"):
        notes.append("reference alleles were not checked: no reference sequence was given")
    if lift := held.get("lift"):
        notes.append("lifted to GRCh38: " + ", ".join(f"{count:,} {word}" for word, count in lift.items()))
    if "covered" not in held.get("read_with", {}):
        notes.append("the laboratory named no places it looked at: only what the file shows counts as seen")
    return StoredRun(
        event.valid_at.date(),
        laboratory,
        str(held.get("assay", "")),
        use,
        int(held["records"]),
        str(held.get("build", "")),
        (*notes, *limits),
        erased,
    )


def layers(house: House, person: str) -> tuple[LayerLine, ...]:
    """Each layer of consent as it is in force now."""
    consent = consent_in_force(house, person)
    lines = []
    for scope in Scope:
        said = consent.of(scope)
        by = said.by.value if said.at else ""
        lines.append(LayerLine(scope, said.why is None, said.why, said.at, by, said.uses))
    return tuple(lines)


def _screened(house: House, person: str) -> tuple[tuple[FindingLine, ...], tuple[Provenance, ...], str]:
    """What every panel in force says of the person, each answer once with the panels that give it."""
    root = house.settings.knowledge_folder
    release = clinvar_in_force(house)
    panels = [load_panel(name, root) for name in load_reanalysis_policy(root).panels]
    said: dict[Answer, list[str]] = {}
    for panel in panels:
        done = screen_people(house, panel, release, ScreenAsked(person=person, record=False))
        for row in done.rows:
            if row.answer.variant and row.answer.reason not in _NOT_SCREENED | {_KEPT_BACK}:
                said.setdefault(row.answer, []).append(panel.provenance.title)
    lines = list(_lines(house, person, said))
    lines.sort(key=lambda line: _ORDER.index(line.answer.outcome))
    return tuple(lines), tuple(panel.provenance for panel in panels), str(release.release)


def _lines(house: House, person: str, said: Mapping[Answer, Sequence[str]]) -> Iterator[FindingLine]:
    known, places = classifier(house), findings(house, person)
    tasks, lines = house.ledger.tasks(person), person_lines(house, person)
    day, may = house.clock().date(), may_of(house)
    not_shown = {place.finding.finding: why_not_shown(place, day, may) for place in places}
    sure = any(run.confirmed for run in asked(house, Purpose.CARE).runs(person))
    together: dict[tuple[object, ...], list[Answer]] = {}
    for answer, panels in said.items():
        alike = (answer.gene, answer.disease, answer.reason, tuple(panels))
        together.setdefault(alike if answer.reason in _TOGETHER else (answer,), []).append(answer)
    for answers in together.values():
        yield _line(answers, tuple(said[answers[0]]), known, places, tasks, lines, not_shown, sure)


def _line(
    answers: Sequence[Answer],
    panels: tuple[str, ...],
    known: Classifier,
    places: Sequence[Standing],
    tasks: Sequence[Task],
    lines: Mapping[str, WorklistLine],
    not_shown: Mapping[str, str],
    sure: bool,
) -> FindingLine:
    """sure: whether any genome of the person comes from a clinical laboratory."""
    answer, others = answers[0], tuple(answers[1:])
    records = tuple(record for one in answers for record in known.of(parse_variant(one.variant)))
    place = next((one for one in places if answer.variant in one.finding.variants), None)
    task = next((one for one in tasks if answer.variant in one.about.get("variants", ())), None)
    research = answer.reason == ReasonCode.RESEARCH_NEEDS_CONFIRMATION.value
    unseen = NOT_CONFIRMED if research or not sure else ""
    if place is not None and not place.state.final:
        line, why = lines[place.finding.finding], not_shown.get(place.finding.finding, "")
        return FindingLine(
            answer, others, panels, records, line.owner, line.due, line.action, why, line.waits_for
        )
    if task is not None:
        return FindingLine(answer, others, panels, records, task.owner, task.due, task.summary, unseen)
    return FindingLine(answer, others, panels, records, not_shown=unseen)


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a person allows, what was said when, and whether a guardian speaks for them."""

    person: PersonHeader
    layers: tuple[LayerLine, ...]
    history: tuple[ConsentSaid, ...]
    stage: Stage
    review_state: str


@dataclass(frozen=True, slots=True)
class ConsentSaid:
    """One decision as it was written down."""

    at: datetime
    scope: Scope
    decision: str
    by: str
    who: str


def consent_view(house: House, person: str, record_id: str) -> ConsentView | None:
    """What a person allows; None when nobody has that id."""
    known = house.ledger.person(person)
    if known is None and not house.ledger.results(person):
        return None
    policy = load_consent_policy(house.settings.knowledge_folder)
    events = house.ledger.events(person=person, kinds=(EventKind.CONSENT_RECORDED,))
    history = tuple(
        ConsentSaid(
            one.valid_at, Scope(one.payload["scope"]), one.payload["decision"], one.payload["by"], one.actor
        )
        for one in events
    )
    born = None if known is None else known.birth_date
    return ConsentView(
        header(known, person, record_id),
        layers(house, person),
        tuple(reversed(history)),
        stage_of(born, house.clock().date(), policy.majority),
        _review_state(house),
    )


def _review_state(house: House) -> str:
    files = rule_files("consent", house.settings.knowledge_folder)
    return [file.provenance.review_state for file in files if file.provenance.name == "policy"][-1]
