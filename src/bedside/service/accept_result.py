"""Takes laboratories' files into the lifelong record: documents, assay, observations, calls and meanings, or
nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.errors import IntakeError, Problem, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.genome.observation import digest
from bedside.genome.result import Confirmation
from bedside.intake.compression import peek
from bedside.intake.content_kind import ContentKind, content_kind
from bedside.intake.policy import IntakePolicy
from bedside.interpret.call_people import call_people
from bedside.interpret.options import CallOptions
from bedside.service.accept_genome import (
    NO_GENOMES,
    GenomeRequest,
    Genomes,
    admit_runs,
    demand_consent,
    keep_files,
    read_delivered_genomes,
    store_runs,
    stored_events,
)
from bedside.service.calls_after import calls_after
from bedside.service.house import SOURCE, House
from bedside.service.open_duties import duties
from bedside.service.read_delivery import Delivered, read_delivery
from bedside.service.refuse_consumer import refuse_consumer_files
from bedside.service.result_events import Arrival, Circumstances, Prepared, prepare
from bedside.store.encode import canonical
from bedside.store.ledger import Overtaken, Unless

if TYPE_CHECKING:
    from bedside.genome.evidence import Genome
    from bedside.store.lake.lake import Run

_TRIES = 5
OUTSIDE_SUFFIXES = frozenset({".tsv", ".txt"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """One sample's result in the record; `new` is False when the same file had brought it before.

    runs: what was kept of its whole genome, by run id, with how many alternate alleles.
    """

    person: str
    sample: str
    result: str
    new: bool
    documents: tuple[str, ...]
    genes: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    runs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Given:
    """A delivery as read: pharmacogenes and calls, whole genomes, and every file's digest."""

    read: Delivered
    genomes: Genomes
    digests: Mapping[Path, str]
    request: GenomeRequest | None


def accept_files(
    house: House,
    paths: Sequence[Path],
    person: str | None = None,
    *,
    outside: Path | None = None,
    build: Build | None = None,
    policy: IntakePolicy | None = None,
    laboratory: str = "",
    confirmation: Confirmation = Confirmation.CLINICAL,
    valid_at: datetime | None = None,
    actor: str = "intake",
    genome: GenomeRequest | None = None,
) -> tuple[Accepted, ...]:
    """Accept files of the same or of different samples as one transaction; one answer a sample.

    Tables of calls made elsewhere are told by what they hold, or by ending in .tsv or .txt. Each sample is
    the person of its name, unless `person` says whose the one sample is. `valid_at` is when the result was
    reported, else now. With `genome`, everything the files hold is kept too, to be asked again. Raises
    `IntakeError` with every problem of every file, `StoreError` when the store fails; then nothing is
    stored.
    """
    _check_release(house)
    tables = {path: _is_table(path) for path in paths}
    genotypes = [path for path in paths if not tables[path]]
    elsewhere = [path for path in paths if tables[path]]
    elsewhere += [] if outside is None else [outside]
    refuse_consumer_files(house, genotypes)
    given = _read(
        lambda lines: read_delivery(genotypes, elsewhere, person, build, policy, house.pgx, lines),
        lambda: read_delivered_genomes(house, genotypes, genome, build, policy, person),
        genome,
    )
    circumstances = Circumstances(actor, laboratory, confirmation, valid_at or house.clock())
    for _ in range(_TRIES):
        try:
            return _accept(house, given, person, circumstances)
        except Overtaken:
            continue  # a release was adopted meanwhile; the same one may go on, another is refused above
    raise StoreError("releases keep being adopted meanwhile; give the files again")


def kind_of(path: Path) -> ContentKind:
    """What a file is by its content; unknown when it cannot be opened, which its reader tells."""
    try:
        return content_kind(peek(path)[1])
    except IntakeError:
        return ContentKind.UNKNOWN


def _is_table(path: Path) -> bool:
    kind = kind_of(path)
    by_name = path.suffix.lower() in OUTSIDE_SUFFIXES
    return kind is ContentKind.OUTSIDE_CALLS or (kind is not ContentKind.VARIANTS and by_name)


def _read(
    pharmacogenes: Callable[[_Lines], tuple[Delivered, Mapping[Path, str]]],
    genomes: Callable[[], Genomes],
    request: GenomeRequest | None,
) -> _Given:
    """Both readings of the same files: the whole genomes first, which picks out the lines the other needs.
    Raises `IntakeError` with the problems of both."""
    whole, problems = NO_GENOMES, list[Problem]()
    try:
        whole = genomes()
    except IntakeError as error:
        problems += error.problems
    try:
        read, digests = pharmacogenes(whole.lines)
    except IntakeError as error:
        raise IntakeError(dict.fromkeys([*error.problems, *problems])) from error
    if problems:
        raise IntakeError(problems)
    return _Given(read, whole, digests, request)


_Lines = Mapping[Path, Sequence[tuple[int, bytes]]]


def _accept(
    house: House, given: _Given, person: str | None, circumstances: Circumstances
) -> tuple[Accepted, ...]:
    """Store what was read, once. Raises `Overtaken` when a release was adopted since this began."""
    adopted = house.ledger.last_adoption()
    _check_release(house)
    arrivals, known = _arrivals(house, given.read, person)
    new = [arrival for arrival in arrivals if arrival.result not in known]
    prepared = _prepare(house, given.read, new, circumstances)
    runs: Sequence[tuple[Run, Genome]] = ()
    if new or given.genomes.by_sample:
        whose = [(arrival.sample, arrival.person, arrival.result) for arrival in arrivals]
        if given.genomes.by_sample:
            demand_consent(house, whose)
        _keep_documents(house, given)
        runs = store_runs(house, given.genomes, whose, circumstances.confirmation)
        due = duties(house, calls_after(house, prepared), circumstances.actor, house.clock()) if new else ()
        stored = stored_events(runs, given.genomes, circumstances.actor, circumstances.valid_at)
        first = _adoption(house, circumstances) if new else ()
        events = [*first, *prepared.accepted, *prepared.derived, *stored, *due]
        house.ledger.append(events, prepared.contents, Unless(EventKind.RELEASE_ADOPTED, adopted))
        if runs:
            admit_runs(house)
    notices = given.read.table.notices + given.genomes.notices
    return _answers(arrivals, known, prepared, notices, [run for run, _ in runs])


def _keep_documents(house: House, given: _Given) -> None:
    for path, expected in given.digests.items():
        if house.documents.put_file(path) != expected:
            raise IntakeError.one(
                path.name, "the file changed while it was being read", remedy="give it again"
            )
    keep_files(house, given.request)


def _check_release(house: House) -> None:
    adopted = house.ledger.release(SOURCE)
    if adopted is not None and adopted != str(house.pgx.release):
        raise StoreError(f"the record speaks release {adopted} by now; open it again under that release")


def _adoption(house: House, circumstances: Circumstances) -> Iterable[NewEvent]:
    """The first result of all adopts the release it is read under."""
    if house.ledger.release(SOURCE) is None:
        payload = {"release": str(house.pgx.release), "before": None}
        yield NewEvent(
            EventKind.RELEASE_ADOPTED, circumstances.actor, circumstances.valid_at, payload=payload
        )


def _arrivals(house: House, read: Delivered, person: str | None) -> tuple[list[Arrival], frozenset[str]]:
    """Every sample with its person and result id, and which results were there before.

    The id is made of the documents' digests and the sample's name, so the same file is the same result. After
    a result was withdrawn, the same file makes another.
    """
    arrivals = [
        Arrival(
            place=place,
            person=person if person is not None else sample,
            sample=sample,
            result=result_id(read.documents[sample], sample),
            documents=read.documents[sample],
            build=read.builds.get(sample),
            outside=read.outside.get(sample, ()),
        )
        for place, sample in enumerate(read.table.samples)
    ]
    held = house.ledger.held([arrival.result for arrival in arrivals])
    for number, arrival in enumerate(arrivals):
        again = 1
        while (one := held.get(arrivals[number].result)) is not None and one.withdrawn:
            again += 1
            arrivals[number] = replace(arrival, result=f"{arrival.result}-{again}")
            held |= house.ledger.held([arrivals[number].result])
    others = sum(held[a.result].person != a.person for a in arrivals if a.result in held)
    if others:
        raise IntakeError.one(
            "--person" if person is not None else "input",
            f"{others} sample(s) of these files were accepted for another person before",
            remedy="withdraw the earlier result first if it was given to the wrong person",
        )
    return arrivals, frozenset(held)


def result_id(documents: Iterable[str], sample: str) -> str:
    """The id of the result that a sample of these documents makes; the order of the files does not matter."""
    return "r-" + digest(canonical([sorted(set(documents)), sample]))[:32]


def _prepare(
    house: House, read: Delivered, arrivals: Sequence[Arrival], circumstances: Circumstances
) -> Prepared:
    if not arrivals:
        return Prepared()
    calls = call_people(read.table, house.pgx, read.outside, CallOptions())
    return prepare(arrivals, read.table, calls, house.pgx, circumstances)


def _answers(
    arrivals: Sequence[Arrival],
    known: frozenset[str],
    prepared: Prepared,
    notices: tuple[Notice, ...],
    runs: Sequence[Run],
) -> tuple[Accepted, ...]:
    genes = {event.payload["result"]: tuple(event.payload["observations"]) for event in prepared.accepted}
    kept: dict[str, tuple[tuple[str, int], ...]] = {}
    for run in runs:
        kept[run.result] = (*kept.get(run.result, ()), (run.run, run.records))
    return tuple(
        Accepted(
            person=arrival.person,
            sample=arrival.sample,
            result=arrival.result,
            new=arrival.result not in known,
            documents=arrival.documents,
            genes=genes.get(arrival.result, ()),
            notices=notices,
            runs=kept.get(arrival.result, ()),
        )
        for arrival in arrivals
    )
