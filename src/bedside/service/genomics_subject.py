"""`find-subject-variants`, `find-subject-specific-variants` and `find-study-metadata`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bedside.errors import RequestError
from bedside.genome.event import EventKind
from bedside.genome.evidence import Seen
from bedside.genome.presence import Present
from bedside.genome.region import CHROMOSOMES, Region
from bedside.genome.variant import Variant
from bedside.service.ask_genome import VariantLine
from bedside.service.consented_lake import ConsentedLake
from bedside.service.genomics_answers import ABSENT, NOT_TESTED, PRESENT, Answer, Told, told
from bedside.service.genomics_lake import answering_lake, believed, confirmed_runs, lines_in, looked_in
from bedside.service.genomics_match import core_of, maybe_same, near, same, spelled, unspelled
from bedside.service.genomics_places import Change, Place
from bedside.service.house import House

MOST_BASES = 20_000_000
MOST_VARIANTS = 20_000
WHERE = "several spellings are possible here, and the reference sequence that decides is not at hand"


@dataclass(frozen=True, slots=True)
class RangeAnswer:
    """One range: the answer, the variants in it that passed, and how many of its bases were looked at."""

    place: Place
    told: Told
    lines: tuple[VariantLine, ...]
    seen: int
    not_callable: int
    not_tested: int


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """One variant asked for: the answer, and the variant as it stands in the genome where it is present."""

    change: Change
    told: Told
    lines: tuple[VariantLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """One stored run: what kind of test, when, on which assembly, and where it looked in the ranges asked for
    (None when none were): stretches seen, and stretches without a usable answer."""

    run: str
    sample: str
    assay: str
    build: str
    performed: datetime
    confirmed: bool
    studied: tuple[Region, ...] | None = None
    uncallable: tuple[Region, ...] | None = None


def subject_variants(
    house: House, person: str, places: Sequence[Place], only: frozenset[str] | None = None
) -> tuple[RangeAnswer, ...]:
    """What the person carries in each range. Raises `NotPermitted` without consent."""
    if sum(place.region.end - place.region.start + 1 for place in places) > MOST_BASES:
        raise RequestError.one("ranges", f"asks for more than {MOST_BASES} bases at once")
    lake = answering_lake(house, person, only)
    if not confirmed_runs(lake, person):
        return tuple(nothing(place) for place in places)
    return tuple(_range(lake, person, place) for place in places)


def nothing(place: Place) -> RangeAnswer:
    """The answer where nothing was looked at."""
    return RangeAnswer(place, NOT_TESTED, (), 0, 0, place.region.end - place.region.start + 1)


def _range(lake: ConsentedLake, person: str, place: Place) -> RangeAnswer:
    looked = looked_in(lake, person, place.region)
    settled = believed(lake, person, lines_in(lake, person, (place.region,)))
    lines = tuple(line for line in settled if within(line.variant, place.region))
    if len(lines) > MOST_VARIANTS:
        raise RequestError.one("ranges", f"more than {MOST_VARIANTS} variants; ask for a smaller range")
    return RangeAnswer(
        place,
        _of_range(lines, looked.seen, looked.not_callable, looked.not_tested),
        lines,
        looked.seen,
        looked.not_callable,
        looked.not_tested,
    )


def within(variant: Variant, region: Region) -> bool:
    """Whether what the variant changes touches the range; the base before an indel is not changed."""
    start, deleted, _ = core_of(variant)
    if not deleted:
        return region.start - 1 <= start <= region.end
    return start < region.end and start + len(deleted) >= region.start


def _of_range(lines: Sequence[VariantLine], seen: int, not_callable: int, not_tested: int) -> Told:
    if lines:
        return PRESENT
    if not not_callable and not not_tested:
        return ABSENT
    if not seen and not not_callable:
        return NOT_TESTED
    reason = f"of {seen + not_callable + not_tested} bases {seen} were seen without a variant"
    return Told(
        Answer.INDETERMINATE, f"{reason}, {not_callable} could not be called, {not_tested} were not tested"
    )


def subject_specific_variants(
    house: House, person: str, changes: Sequence[Change], only: frozenset[str] | None = None
) -> tuple[ChangeAnswer, ...]:
    """One of four answers about each change. Raises `NotPermitted` without consent."""
    lake = answering_lake(house, person, only)
    if not confirmed_runs(lake, person):
        return tuple(ChangeAnswer(change, NOT_TESTED) for change in changes)
    return tuple(_change(lake, person, change) for change in changes)


def _change(lake: ConsentedLake, person: str, change: Change) -> ChangeAnswer:
    lines = lines_in(lake, person, (near(change),))
    written = {line.variant: line for line in lines}
    alike = same(change, written)
    if alike:
        said = tuple(zip(alike, lake.presence(person, alike), strict=True))
        present = tuple(variant for variant, presence in said if isinstance(presence, Present))
        if present:
            return ChangeAnswer(change, PRESENT, tuple(written[one] for one in present))
        return ChangeAnswer(change, told(said[0][1]))
    exact = spelled(change)
    (said_of_place,) = lake.presence(person, (exact or unspelled(change),))
    answer = told(said_of_place)
    if answer.answer is Answer.ABSENT and (maybe_same(change, written) or _in_pieces(exact, written)):
        answer = Told(Answer.INDETERMINATE, WHERE)
    return ChangeAnswer(change, answer)


def _in_pieces(exact: Variant | None, written: Mapping[Variant, VariantLine]) -> bool:
    """Whether a change of several bases may be written as several changes."""
    if exact is None or len(exact.reference) == len(exact.alternate) == 1:
        return False
    return any(one.position <= exact.end and one.end >= exact.position for one in written)


def study_metadata(
    house: House, person: str, places: Sequence[Place], only: frozenset[str] | None = None
) -> tuple[Study, ...]:
    """The person's runs, oldest first. Raises `NotPermitted` without consent."""
    lake = answering_lake(house, person, only)
    runs = confirmed_runs(lake, person)
    stored = {
        event.payload["run"]: event
        for event in house.ledger.events(person=person, kinds=(EventKind.GENOME_STORED,))
    }
    samples = {result.result: result.sample for result in house.ledger.results(person)}
    looked = _looked(lake, person, places) if places else {}
    return tuple(
        Study(
            run=run.run,
            sample=samples.get(run.result, ""),
            assay=run.assay.value,
            build=str(stored[run.run].payload.get("build", "")),
            performed=stored[run.run].valid_at,
            confirmed=run.confirmed,
            studied=looked[run.run][0] if places else None,
            uncallable=looked[run.run][1] if places else None,
        )
        for run in runs
    )


def _looked(
    lake: ConsentedLake, person: str, places: Sequence[Place]
) -> Mapping[str, tuple[tuple[Region, ...], tuple[Region, ...]]]:
    """Of each run the stretches seen and those without a usable answer, cut to the ranges."""
    found: dict[str, tuple[tuple[Region, ...], tuple[Region, ...]]] = {}
    for run, table in lake.export(person)["regions"].items():
        seen: dict[Region, None] = {}
        bad: dict[Region, None] = {}
        columns = (table[name].to_numpy() for name in ("chromosome", "start", "end", "state"))
        number, start, end, state = columns
        for place in places:
            asked_for = place.region
            here = (number == asked_for.number) & (start <= asked_for.end) & (end >= asked_for.start)
            for row in here.nonzero()[0].tolist():
                first, last = max(int(start[row]), asked_for.start), min(int(end[row]), asked_for.end)
                stretch = Region(CHROMOSOMES[int(number[row]) - 1], first, last)
                (seen if int(state[row]) == int(Seen.REFERENCE) else bad)[stretch] = None
        found[run] = tuple(sorted(seen)), tuple(sorted(bad))
    return found
