"""The cohort explorer: a gene, a place, a variant or a finding, and the people it concerns.

Every answer is asked through the consented lake for a stated purpose, and says how many people it leaves out
and why. For research, people are counted and never named, and small numbers are not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bedside.errors import RequestError
from bedside.genome.consent import Purpose, Refusal, Stage, stage_of
from bedside.genome.presence import Absent, NotCallable, Presence, Present
from bedside.genome.region import Region
from bedside.genome.variant import Variant, parse_variant
from bedside.knowledge.classification import ClassifiedVariant
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.reanalysis_policy import load_reanalysis_policy
from bedside.knowledge.small_numbers import SmallNumbers, load_small_numbers
from bedside.service.ask_cohort import carriers_of, carriers_within
from bedside.service.classify_variants import Classifier, classifier
from bedside.service.cohort_lake import Asking
from bedside.service.consented_lake import ConsentedLake, asked, policy_of
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.service.reanalyse_release import clinvar_in_force
from bedside.service.record_ids import RecordIds
from bedside.service.screen_people import ScreenAsked, screen_people

MOST_PEOPLE, MOST_VARIANTS = 200, 300
NAMED = frozenset({Purpose.CARE, Purpose.SCREENING})
"""Purposes for which people are named; for all others they are counted."""
PURPOSES = (Purpose.SCREENING, Purpose.RESEARCH, Purpose.COMMERCIAL)
NOT_SAID = "not recorded"


@dataclass(frozen=True, slots=True)
class CohortQuestion:
    """What is asked: a place or a variant in words (as typed), what a panel says ("" anything), for what
    purpose, of which laboratory's runs ("" any)."""

    typed: str = ""
    finding: str = ""
    purpose: Purpose = Purpose.SCREENING
    laboratory: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One person and one variant."""

    person: str
    variant: str
    zygosity: str
    run: str


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """A person who carries something asked for."""

    record_id: str
    name: str
    variant: str
    zygosity: str
    laboratory: str
    ancestry: str


@dataclass(frozen=True, slots=True)
class CarriedVariant:
    """A variant that somebody carries: by how many people, and what the release says. people is None where
    the number is too small to show."""

    variant: str
    people: int | None
    records: tuple[ClassifiedVariant, ...]


@dataclass(frozen=True, slots=True)
class GroupLine:
    """People of one ancestry (or one laboratory): how many are counted, how many carry; None is too few to
    show."""

    group: str
    counted: int | None
    carriers: int | None


@dataclass(frozen=True, slots=True)
class Tested:
    """At one variant: how many people carry it, were seen without it, were not callable, were not tested."""

    variant: str
    present: int | None
    absent: int | None
    not_callable: int | None
    not_tested: int | None


@dataclass(frozen=True, slots=True)
class CohortAnswer:
    """The answer. children: how many carriers are not of age (or of unknown age), counted and not named, so
    that nothing of adult life is shown of them. whole: how many people's runs saw all of a place asked for
    (None where a variant was asked). least: the smallest number that is shown, 0 when every number is."""

    question: CohortQuestion
    places: tuple[str, ...]
    counted: int
    not_counted: Mapping[Refusal, int]
    carriers: int | None
    whole: int | None
    tested: tuple[Tested, ...]
    variants: tuple[CarriedVariant, ...]
    people: tuple[CarrierLine, ...]
    children: int
    ancestry: tuple[GroupLine, ...]
    laboratories: tuple[GroupLine, ...]
    release: str
    named: bool
    least: int
    review_state: str


def explore(
    house: House,
    ids: RecordIds | None,
    question: CohortQuestion,
    asked_for: Sequence[Region] | Variant,
    only: frozenset[str] | None = None,
    *,
    may_name: bool = True,
) -> CohortAnswer:
    """The answer to a question whose words were read already; no regions with a finding: every gene of the
    panels. may_name: whether the asker may see who has which genome; else people are counted.
    Raises `RequestError` when there is nothing to ask."""
    lake = asked(house, question.purpose, principal_people=only)
    known, small = classifier(house), load_small_numbers(house.settings.knowledge_folder)
    origin = _Origin(house)
    if question.finding:
        held = _findings(house, question, asked_for, lake.people())
    elif isinstance(asked_for, Variant) or asked_for:
        held = _carried(house, question, asked_for, only)
    else:
        remedy = "write one, or choose a finding"
        raise RequestError.one("gene, place or variant", "nothing was asked", remedy=remedy)
    if question.laboratory:
        held = [one for one in held if origin.laboratory(one.run) == question.laboratory]
    named = may_name and question.purpose in NAMED
    shown = _Shown(None if named else small)
    people = {one.person for one in held}
    places = () if isinstance(asked_for, Variant) else tuple(str(one) for one in asked_for)
    return CohortAnswer(
        question,
        places,
        len(lake.people()),
        lake.not_counted(),
        shown.count(len(people)),
        _whole(lake, asked_for),
        _tested(lake, asked_for, shown),
        _variants(held, known, shown),
        *(_people(house, ids, held, origin) if named else ((), 0)),
        _by_ancestry(house, lake.people(), people, shown),
        _by_laboratory(held, origin, shown),
        known.release,
        named,
        0 if named else small.least,
        small.provenance.review_state,
    )


class _Shown:
    """Numbers as they may be shown."""

    def __init__(self, small: SmallNumbers | None) -> None:
        self._small = small

    def count(self, number: int) -> int | None:
        """The number, or None when it is too small to show."""
        return None if self._small is not None and self._small.hides(number) else number

    def parts(self, numbers: Sequence[int]) -> tuple[int | None, ...]:
        """Parts of a whole that is shown: where one part alone is hidden it could be worked out from the
        others, so that the smallest of those is hidden with it."""
        shown = [self.count(number) for number in numbers]
        others = [place for place, number in enumerate(shown) if number]
        if shown.count(None) == 1 and others:
            shown[min(others, key=lambda place: numbers[place])] = None
        return tuple(shown)


class _Origin:
    """The laboratory of each run, read from the ledger when it is first asked for."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._results = {run.run: (run.person, run.result) for run in house.ledger.genome_runs()}
        self._laboratories: dict[str, dict[str, str]] = {}

    def laboratory(self, run: str) -> str:
        """The laboratory that sent a run."""
        person, result = self._results.get(run, ("", ""))
        if person not in self._laboratories:
            held = self._house.ledger.results(person) if person else ()
            self._laboratories[person] = {one.result: one.laboratory for one in held}
        return self._laboratories[person].get(result) or NOT_SAID

    def laboratories(self) -> tuple[str, ...]:
        """Every laboratory that sent a run."""
        return tuple(sorted({self.laboratory(run) for run in self._results}))


def laboratories(house: House) -> tuple[str, ...]:
    """Every laboratory that sent a stored genome."""
    return _Origin(house).laboratories()


def _carried(
    house: House, question: CohortQuestion, asked_for: Sequence[Region] | Variant, only: frozenset[str] | None
) -> list[Held]:
    """Who carries what was asked for, of the records the asker may open."""
    asking = Asking(question.purpose)
    if isinstance(asked_for, Variant):
        found = carriers_of(house, (asked_for,), asking)
    else:
        found = carriers_within(house, asked_for, asking)
    return [
        Held(row.person, str(row.variant), row.zygosity.value, row.run)
        for row in found.rows
        if only is None or row.person in only
    ]


def _findings(
    house: House,
    question: CohortQuestion,
    asked_for: Sequence[Region] | Variant,
    permitted: Collection[str],
) -> list[Held]:
    """What the panels say of everybody, of the variants asked for."""
    root, release = house.settings.knowledge_folder, clinvar_in_force(house)
    found: dict[tuple[str, str], Held] = {}
    runs = {run.person: run.run for run in house.ledger.genome_runs()}
    for name in load_reanalysis_policy(root).panels:
        done = screen_people(house, load_panel(name, root), release, ScreenAsked(record=False))
        for row in done.rows:
            answer = row.answer
            if (
                answer.outcome != question.finding
                or not answer.variant
                or not _within(answer.variant, asked_for)
            ):
                continue
            for person in row.people:
                if person in permitted:
                    key = (person, answer.variant)
                    found[key] = Held(person, answer.variant, answer.zygosity, runs.get(person, ""))
    return list(found.values())


def _within(text: str, asked_for: Sequence[Region] | Variant) -> bool:
    variant = parse_variant(text)
    if isinstance(asked_for, Variant):
        return variant == asked_for
    return not asked_for or any(
        one.chromosome == variant.chromosome and one.start <= variant.position <= one.end for one in asked_for
    )


def _whole(lake: ConsentedLake, asked_for: Sequence[Region] | Variant) -> int | None:
    if isinstance(asked_for, Variant) or not asked_for:
        return None
    seen = [lake.tested(region) for region in asked_for]
    return len(frozenset.intersection(*seen))


def _tested(lake: ConsentedLake, asked_for: Sequence[Region] | Variant, shown: _Shown) -> tuple[Tested, ...]:
    if not isinstance(asked_for, Variant):
        return ()
    answers = lake.presence_of(asked_for)
    counts = Counter(_word(answers.get(person)) for person in lake.people())
    numbers = [counts[word] for word in ("present", "absent", "not-callable", "not-tested")]
    return (Tested(str(asked_for), *shown.parts(numbers)),)


def _word(presence: Presence | None) -> str:
    match presence:
        case Present():
            return "present"
        case Absent():
            return "absent"
        case NotCallable():
            return "not-callable"
    return "not-tested"


def _variants(held: Sequence[Held], known: Classifier, shown: _Shown) -> tuple[CarriedVariant, ...]:
    people: dict[str, set[str]] = {}
    for one in held:
        people.setdefault(one.variant, set()).add(one.person)
    order = sorted(people, key=parse_variant)[:MOST_VARIANTS]
    return tuple(
        CarriedVariant(variant, shown.count(len(people[variant])), known.of(parse_variant(variant)))
        for variant in order
    )


def _people(
    house: House, ids: RecordIds | None, held: Sequence[Held], origin: _Origin
) -> tuple[tuple[CarrierLine, ...], int]:
    """The adults by name, and how many others there are."""
    lines: list[CarrierLine] = []
    majority, today = policy_of(house).majority, house.clock().date()
    several: dict[str, list[Held]] = {}
    for one in sorted(held, key=lambda each: (each.person, parse_variant(each.variant))):
        several.setdefault(one.person, []).append(one)
    children = 0
    for person, mine in several.items():
        known = house.ledger.person(person)
        if stage_of(None if known is None else known.birth_date, today, majority) is not Stage.ADULT:
            children += 1
            continue
        if len(lines) >= MOST_PEOPLE:
            continue
        record_id = "" if ids is None else ids.of(person)
        name = (name_of(known) if known is not None else "") or person
        ancestry = (known.ancestry if known is not None else "") or NOT_SAID
        lines += [
            CarrierLine(record_id, name, one.variant, one.zygosity, origin.laboratory(one.run), ancestry)
            for one in mine
        ]
    return tuple(lines), children


def _by_ancestry(
    house: House, counted: Collection[str], carriers: Collection[str], shown: _Shown
) -> tuple[GroupLine, ...]:
    groups: dict[str, list[str]] = {}
    for person in counted:
        known = house.ledger.person(person)
        groups.setdefault((known.ancestry if known is not None else "") or NOT_SAID, []).append(person)
    names = sorted(groups)
    everybody = shown.parts([len(groups[name]) for name in names])
    carry = shown.parts([sum(person in carriers for person in groups[name]) for name in names])
    return tuple(map(GroupLine, names, everybody, carry))


def _by_laboratory(held: Sequence[Held], origin: _Origin, shown: _Shown) -> tuple[GroupLine, ...]:
    people: dict[str, set[str]] = {}
    for one in held:
        people.setdefault(origin.laboratory(one.run), set()).add(one.person)
    names = sorted(people)
    numbers = shown.parts([len(people[name]) for name in names])
    return tuple(GroupLine(name, None, number) for name, number in zip(names, numbers, strict=True))
