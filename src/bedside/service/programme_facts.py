"""The figures of the programme, each taken from where it is counted: measures, funnels, alerts, accounts,
content. Nothing is counted a second time here, and what cannot be computed says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bedside.errors import BedsideError, InputError
from bedside.genome.event import EventKind
from bedside.knowledge.provenance import rule_files
from bedside.learn.content_standing import Fault
from bedside.learn.economics.few_people import NoInterval
from bedside.learn.economics.probabilistic import Spread
from bedside.learn.measures import (
    Counts,
    DistributionFigure,
    IntervalFigure,
    NoSuchEvent,
    RateFigure,
    ShareFigure,
)
from bedside.learn.shares import Share
from bedside.service.alert_readings import alert_review
from bedside.service.content import content_held
from bedside.service.decisions import decisions
from bedside.service.economics import money
from bedside.service.house import House
from bedside.service.keep_checkpoint import last_kept
from bedside.service.measures import MeasureReport, Tile, measure_report
from bedside.service.pathway_check import load_pathways
from bedside.service.playbooks import listed
from bedside.service.programme_value import Valued, programme_values
from bedside.service.reanalysis_view import Filter, inbox
from bedside.service.record_cohort import record_report
from bedside.service.study_list import studies

OWNER = "Bedside maintainers (programme)"
MEASURE, FUNNEL, VALUE = "measure:", "funnel:", "value:"


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure. value, low, high: the number with its 95 % interval where there is one. told: as it is read.
    n: of how many. behind: how many lines stand on the page it leads to, None for no list. missed:
    what was lost or went wrong. why_not: why there is no number; "" when there is one.
    """

    name: str
    title: str
    told: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    behind: int | None
    definition: str
    owner: str
    at: datetime
    address: str
    missed: str = ""
    why_not: str = ""
    unit: str = ""


class Facts:
    """The facts of a house at a moment, each worked out once when it is asked for."""

    def __init__(
        self, house: House, at: datetime, *, people: frozenset[str] | None = None, as_known_then: bool = True
    ) -> None:
        self._house, self.at, self._people, self._as_known = house, at, people, as_known_then
        self._root = house.settings.knowledge_folder
        self._report: MeasureReport | None = None
        self._values: Mapping[str, Valued] | None = None
        self._faults: Mapping[Fault, int] | None = None
        self._contents = 0

    def of(self, name: str) -> Fact:
        """A fact by its name; raises InputError for a name that nothing has."""
        for start, read in ((MEASURE, self._measure), (FUNNEL, self._funnel), (VALUE, self._value)):
            if name.startswith(start):
                return read(name.removeprefix(start))
        if name not in OWN:
            raise InputError.one(name, "is no fact of a programme", remedy=f"one of: {', '.join(OWN)}")
        return OWN[name](self)

    def _measure(self, name: str) -> Fact:
        if self._report is None:
            self._report = measure_report(
                self._house, self.at, people=self._people, as_known_then=self._as_known
            )
        tile = self._report.tiles.get(name)
        if tile is None:
            raise InputError.one(name, "is no measure here")
        return _of_tile(tile, self.at)

    def _funnel(self, name: str) -> Fact:
        pathway = load_pathways(self._root).by_name.get(name)
        if pathway is None:
            raise InputError.one(name, "is no pathway here")
        report, _ = record_report(self._house, pathway, self.at, "", self._people)
        last = report.by_group[0].stages[-1]
        title = f"{pathway.title}: came to the end of the way"
        if not last.people:
            return self.lacking(FUNNEL + name, title, "nobody is on this pathway yet", f"/funnel/{name}")
        share = last.cumulative
        lost = sum(sum(one.lost.values()) for one in report.by_group[0].stages)
        return Fact(
            FUNNEL + name, title, _percent(share), share.value, *_ends(share.interval),
            share.of, share.of, str(pathway.version), pathway.provenance.owner, self.at,
            f"/funnel/{name}", f"{lost} lost on the way",
        )  # fmt: skip

    def _value(self, name: str) -> Fact:
        if self._values is None:
            self._values = {one.definition.name: one for one in programme_values(self._house, self._people)}
        held = self._values.get(name)
        if held is None:
            raise InputError.one(name, "is no programme with an account")
        value, title = held.value, f"Net cost: {held.definition.title}"
        if held.hidden or not value.people:
            why = "too few people to show" if held.hidden else "nobody is in this programme yet"
            return self.lacking(VALUE + name, title, why, "/economics")
        if value.more is None:
            why = f"what it cost was entered completely for none of {value.people} people"
            return self.lacking(VALUE + name, title, why, "/economics")
        middle = sum(value.more) / 2
        word = "more was spent than avoided" if middle > 0 else "less was spent than avoided"
        sure = value.sure
        low, high = (sure.low, sure.high) if isinstance(sure, Spread) else (None, None)
        gap = "" if value.known else f"not known of {value.people - value.complete} of {value.people} people"
        none = f"no interval: {sure.value}" if isinstance(sure, NoInterval) else ""
        why = "; ".join(part for part in (gap, none) if part)
        return Fact(
            VALUE + name, title, f"{money(abs(middle), held.currency)}: {word}", middle, low,
            high, value.complete, None, f"programmes/{name}", OWNER, self.at, "/economics", why,
            unit=held.currency,
        )  # fmt: skip

    def fault(self, fault: Fault, title: str) -> Fact:
        """How many pieces of content have a fault."""
        if self._faults is None:
            found = content_held(self._root, self.at.date())
            self._contents = len(found)
            self._faults = {one: sum(one in held.faults for held in found) for one in Fault}
        count = self._faults[fault]
        address = f"/programme/content?fault={fault.name.lower()}"
        return self.count(fault.name.lower(), title, count, address, of=self._contents)

    def count(self, name: str, title: str, count: int, address: str, *, of: int | None = None) -> Fact:
        """A number of things that stand on a page, or a share of all of them: nothing was drawn by lot, so it
        has no interval."""
        told = str(count) if of is None else f"{count} of {of}"
        value = float(count) if not of else count / of
        n = count if of is None else of
        return Fact(
            name, title, told, value, None, None, n, count, f"{name} v1", OWNER, self.at, address
        )  # fmt: skip

    def lacking(self, name: str, title: str, why: str, address: str) -> Fact:
        """A figure that cannot be computed."""
        return Fact(
            name, title, "", None, None, None, None, None, f"{name} v1", OWNER, self.at, address, why_not=why
        )

    @property
    def house(self) -> House:
        """The house."""
        return self._house

    @property
    def people(self) -> frozenset[str] | None:
        """The only records that may be counted."""
        return self._people


def _ends(interval: tuple[float, float] | None) -> tuple[float | None, float | None]:
    """The two ends of an interval, None for none."""
    return (None, None) if interval is None else interval


def _percent(share: Share) -> str:
    return "" if share.value is None else f"{100 * share.value:.0f} % ({share.count} of {share.of})"


def _of_tile(tile: Tile, at: datetime) -> Fact:
    measure, figure = tile.measure, tile.figure
    name, address = MEASURE + measure.name, f"/measures/{measure.name}"
    definition = f"{measure.name} v{measure.version} #{measure.provenance.sha256[:8]}"

    def made(
        told: str, value: float | None, low: float | None, high: float | None, counts: Counts, why: str = ""
    ) -> Fact:
        parts = ((counts.failed, "did not"), (counts.waiting, "wait"), (counts.unknown, "not known"))
        missed = ", ".join(f"{count} {word}" for count, word in parts if count)
        behind = counts.population
        return Fact(
            name, measure.title, told, value, low, high, behind, behind, definition,
            measure.provenance.owner, at, address, "" if why else missed, why, measure.unit,
        )  # fmt: skip

    match figure:
        case NoSuchEvent(missing=missing):
            why = f"the record holds no such event: {'; '.join(missing)}"
            return Fact(
                name, measure.title, "", None, None, None, None, None, definition, measure.provenance.owner,
                at, address, why_not=why, unit=measure.unit,
            )  # fmt: skip
        case ShareFigure(counts=counts, share=share):
            open_ones = f"{counts.waiting} wait, {counts.unknown} not known"
            why = "" if share.of else f"of {counts.population} nobody is settled: {open_ones}"
            return made(_percent(share), share.value, *_ends(share.interval), counts, why)
        case IntervalFigure(counts=counts, percentiles=found):
            half, most = found[50], found[90]
            told = ", ".join(
                f"{percent} % within {one.value:.0f} {measure.unit}"
                if one.value is not None
                else f"{percent} % not reached"
                for percent, one in ((50, half), (90, most))
            )
            why = "" if counts.population else "nobody began yet"
            return made(told, half.value, half.low, half.high, counts, why)
        case RateFigure(counts=counts, numerator=number, against=against, value=value, interval=interval):
            why = "" if against else "there is nothing to divide by yet"
            told = "" if value is None else f"{value:.1f} {measure.unit} ({number} in {against})"
            return made(told, value, *_ends(interval), counts, why)
        case DistributionFigure(counts=counts, shares=shares):
            told = "; ".join(f"{one} {_percent(share)}" for one, share in list(shares.items())[:4])
            return made(told, None, None, None, counts, "" if shares else "nobody was counted yet")


def _knowledge_age(facts: Facts) -> Fact:
    release = facts.house.pgx.release
    title, text = (
        "Age of the knowledge in use",
        f"{release.date}-01" if len(release.date) == 7 else release.date,
    )
    days = (facts.at.date() - date.fromisoformat(text)).days
    return Fact(
        "knowledge-age", title, f"{days} days ({release})", float(days), None, None, None, None,
        "knowledge-age v1", OWNER, facts.at, "/knowledge", unit="days",
    )  # fmt: skip


def _reclassifications(facts: Facts) -> Fact:
    held = inbox(facts.house, None, Filter(), facts.people)
    title = "Changed meanings that somebody still has to deal with"
    return facts.count("open-reclassifications", title, held.everything, "/reanalysis")


def _overdue_tasks(facts: Facts) -> Fact:
    held = [one for one in facts.house.ledger.tasks() if facts.people is None or one.person in facts.people]
    late = sum(one.due < facts.at.date() for one in held)
    share = Share(late, len(held))
    title = "Open tasks past their day"
    if not held:
        return facts.lacking("overdue-tasks", title, "no task is open", "/tasks")
    return Fact(
        "overdue-tasks", title, f"{late} of {len(held)}", share.value, *_ends(share.interval),
        len(held), len(held), "overdue-tasks v1", OWNER, facts.at, "/tasks",
    )  # fmt: skip


def _silent(facts: Facts) -> Fact:
    title = "Alerts kept back with a reason (silent saves)"
    quiet = sum(alert_review(facts.house).quiet.values())
    return Fact(
        "silent-saves", title, str(quiet), float(quiet), None, None, quiet, None, "silent-saves v1", OWNER,
        facts.at, "/alerts",
    )  # fmt: skip


def _missed_harm(facts: Facts) -> Fact:
    """Harm found in audits of rules that were made quieter; without an audit it is not known, and not 0."""
    title = "Harm missed because a rule was made quieter"
    audits = [one.payload["verdict"] for one in facts.house.ledger.events(kinds=(EventKind.HARM_AUDITED,))]
    if not audits:
        return facts.lacking("missed-harm", title, "no audit of missed harm was made", "/alerts")
    share = Share(sum(one == "harm" for one in audits), len(audits))
    return Fact(
        "missed-harm", title, _percent(share), share.value, *_ends(share.interval), share.of,
        None, "missed-harm v1", OWNER, facts.at, "/alerts",
    )  # fmt: skip


def _audit(facts: Facts) -> Fact:
    title = "Days since the record's checkpoint was kept elsewhere"
    kept = last_kept(facts.house)
    if kept is None:
        why = "no checkpoint was ever kept elsewhere: a cut tail of the record would not be seen"
        return facts.lacking("audit-checkpoint", title, why, "/safety")
    days = max(0, (facts.at - kept.valid_at).days)
    return Fact(
        "audit-checkpoint", title, f"{days} days", float(days), None, None, None, None,
        "audit-checkpoint v1", OWNER, facts.at, "/safety", unit="days",
    )  # fmt: skip


def _playbooks(facts: Facts) -> Fact:
    held = listed(facts.house.settings.knowledge_folder)
    installed = sum(bool(one.installed) for one in held)
    return facts.count("playbooks", "Playbooks installed", installed, "/programme/playbooks", of=len(held))


def _decisions(facts: Facts) -> Fact:
    held = decisions(facts.house)
    return facts.count(
        "decisions", "Decisions written down with their reasons", len(held), "/programme/decisions"
    )


def _studies(facts: Facts) -> Fact:
    held = studies(facts.house)
    return Fact(
        "studies", "Studies registered before they were run", str(len(held)), float(len(held)), None, None,
        len(held), None, "studies v1", OWNER, facts.at, "/studies",
    )  # fmt: skip


def _languages(facts: Facts) -> Fact:
    """Languages in which letters to patients are written."""
    folders = {
        str(file.document.get("language", file.folder.name if file.folder else ""))
        for file in rule_files("patient_letters", facts.house.settings.knowledge_folder)
    } - {"patient_letters"}
    count = len(folders)
    return Fact(
        "letter-languages", "Languages in which results are explained", f"{count}", float(count), None, None,
        count, None, "letter-languages v1", OWNER, facts.at, "/knowledge",
    )  # fmt: skip


OWN: Mapping[str, Callable[[Facts], Fact]] = {
    "ownerless": lambda facts: facts.fault(Fault.ORPHAN, "Content that nobody here answers for"),
    "overdue-reviews": lambda facts: facts.fault(Fault.OVERDUE, "Content past its review date"),
    "knowledge-age": _knowledge_age,
    "open-reclassifications": _reclassifications,
    "overdue-tasks": _overdue_tasks,
    "silent-saves": _silent,
    "missed-harm": _missed_harm,
    "audit-checkpoint": _audit,
    "playbooks": _playbooks,
    "decisions": _decisions,
    "studies": _studies,
    "letter-languages": _languages,
}
"""The facts that no measure, funnel or account says, by name."""


def fact_or_why(facts: Facts, name: str) -> Fact:
    """A fact, or a fact that says why it cannot be told: a page with one figure missing is still a page."""
    try:
        return facts.of(name)
    except BedsideError as error:
        return facts.lacking(name, name, str(error).splitlines()[0], "")
