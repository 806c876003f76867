"""Takes laboratories' files into the lifelong record: documents, assay, observations, calls and meanings, or
nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from bedside.errors import IntakeError, Problem, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.genotypes import GenotypeTable, Notice
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import OutsideCall, digest
from bedside.genome.result import Confirmation
from bedside.genome.state import NOT_TESTED
from bedside.intake.outside_calls import ANY_SAMPLE, read_outside_calls
from bedside.intake.policy import IntakePolicy
from bedside.intake.vcf import read_genotypes
from bedside.interpret.call_people import call_people
from bedside.interpret.options import CallOptions
from bedside.knowledge.pgx import PgxPack
from bedside.service.house import SOURCE, House
from bedside.service.result_events import Arrival, Circumstances, Prepared, prepare
from bedside.store.documents import digest_of_file
from bedside.store.encode import canonical
from bedside.store.ledger import Unless

OUTSIDE_SUFFIXES = frozenset({".tsv", ".txt"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """One sample's result in the record; `new` is False when the same file had brought it before."""

    person: str
    sample: str
    result: str
    new: bool
    documents: tuple[str, ...]
    genes: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """What the files say, read and checked: genotypes, calls made elsewhere by sample, and the documents of
    each sample."""

    table: GenotypeTable
    outside: Mapping[str, tuple[OutsideCall, ...]]
    documents: Mapping[str, tuple[str, ...]]
    builds: Mapping[str, Build]


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
) -> tuple[Accepted, ...]:
    """Accept files of the same or of different samples as one transaction; one answer a sample.

    Files ending in .tsv or .txt hold calls made elsewhere. Each sample is the person of its name, unless
    `person` says whose the one sample is. `valid_at` is when the result was reported, else now. Raises
    `IntakeError` with every problem of every file, `StoreError` when the store fails; then nothing is stored.
    """
    adopted = house.ledger.last_adoption()
    _check_release(house)
    genotypes = [path for path in paths if path.suffix.lower() not in OUTSIDE_SUFFIXES]
    elsewhere = [path for path in paths if path.suffix.lower() in OUTSIDE_SUFFIXES]
    elsewhere += [] if outside is None else [outside]
    read, digests = _read(genotypes, elsewhere, person, build, policy, house.pgx)
    arrivals, known = _arrivals(house, read, person)
    circumstances = Circumstances(actor, laboratory, confirmation, valid_at or house.clock())
    new = [arrival for arrival in arrivals if arrival.result not in known]
    prepared = _prepare(house, read, new, circumstances)
    if new:
        for path, expected in digests.items():
            if house.documents.put_file(path) != expected:
                raise IntakeError.one(
                    path.name, "the file changed while it was being read", remedy="give it again"
                )
        events = [*_adoption(house, circumstances), *prepared.events]
        house.ledger.append(events, prepared.contents, Unless(EventKind.RELEASE_ADOPTED, adopted))
    return _answers(arrivals, known, prepared, read.table.notices)


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


def _read(
    genotypes: Sequence[Path],
    elsewhere: Sequence[Path],
    person: str | None,
    build: Build | None,
    policy: IntakePolicy | None,
    pack: PgxPack,
) -> tuple[_Read, Mapping[Path, str]]:
    problems: list[Problem] = []
    digests: dict[Path, str] = {}
    for path in (*genotypes, *elsewhere):
        try:
            digests[path] = digest_of_file(path)
        except OSError as error:
            problems.append(
                Problem(path.name, f"cannot be read: {error.strerror}", remedy="check the path and rights")
            )
    table, calls = None, {}
    readable = [path for path in genotypes if path in digests]
    try:
        table = read_genotypes(readable, pack, build=build, policy=policy) if readable else None
    except IntakeError as error:
        problems += error.problems
    for path in elsewhere:
        try:
            calls[path] = read_outside_calls(path) if path in digests else {}
        except IntakeError as error:
            problems += error.problems
    if not digests and not problems:
        problems.append(Problem("input", "no file was given"))
    if problems:
        raise IntakeError(problems)
    return _joined(table, calls, digests, person, pack), digests


def _joined(
    table: GenotypeTable | None,
    calls: Mapping[Path, Mapping[str, tuple[OutsideCall, ...]]],
    digests: Mapping[Path, str],
    person: str | None,
    pack: PgxPack,
) -> _Read:
    """Genotypes and calls made elsewhere, sample by sample; raises `IntakeError` when it is not clear whose
    they are."""
    problems: list[Problem] = []
    samples = () if table is None else table.samples
    if table is None:
        named = dict.fromkeys(sample for found in calls.values() for sample in found if sample != ANY_SAMPLE)
        samples = tuple(named) or ((person,) if person else ())
    known = set(samples)
    outside: dict[str, tuple[OutsideCall, ...]] = {}
    documents: dict[str, tuple[str, ...]] = {}
    for file in () if table is None else table.files:
        for sample in file.samples:
            documents[sample] = (*documents.get(sample, ()), digests[Path(file.path)])
    for path, found in calls.items():
        if ANY_SAMPLE in found and len(samples) != 1:
            problems.append(
                Problem(
                    path.name, "names no sample, and there is not exactly one", remedy="add a sample column"
                )
            )
            continue
        strangers = sum(sample not in known for sample in found if sample != ANY_SAMPLE)
        if strangers:
            reason = f"names {strangers} sample(s) that the genotype files do not hold"
            problems.append(Problem(path.name, reason, remedy="name samples as the genotype file does"))
        for sample, said in found.items():
            name = samples[0] if sample == ANY_SAMPLE else sample
            outside[name] = outside.get(name, ()) + said
            documents[name] = (*documents.get(name, ()), digests[path])
    if person is not None and len(samples) > 1:
        reason = f"{len(samples)} samples cannot all be one person's"
        problems.append(
            Problem("--person", reason, remedy="leave --person out, or give a file with one sample")
        )
    if problems:
        raise IntakeError(problems)
    builds = {
        sample: file.build for file in (() if table is None else table.files) for sample in file.samples
    }
    read = table or _untested(samples, pack)
    return _Read(
        replace(read, notices=read.notices + _unknown_genes(calls, pack)), outside, documents, builds
    )


def _unknown_genes(
    calls: Mapping[Path, Mapping[str, tuple[OutsideCall, ...]]], pack: PgxPack
) -> tuple[Notice, ...]:
    """Calls of genes that the release does not know are kept, for a release that will."""
    notices = []
    for path, found in calls.items():
        unknown = sorted({call.gene for said in found.values() for call in said} - set(pack.genes))
        if unknown:
            reason = (
                f"{', '.join(unknown)}: kept, but knowledge release {pack.release} gives no meaning to it"
            )
            notices.append(Notice("gene-unknown", reason, path.name))
    return tuple(notices)


def _untested(samples: tuple[str, ...], pack: PgxPack) -> GenotypeTable:
    """People without a genotype file: every position of the pack, not tested."""
    loci = tuple(
        Locus(Build.GRCH38, position.chromosome, position.position)
        for gene in pack.genes.values()
        for position in gene.positions
    )
    return GenotypeTable(
        samples, loci, ((NOT_TESTED,),) * len(loci), np.zeros((len(loci), len(samples)), np.uint8)
    )


def _arrivals(house: House, read: _Read, person: str | None) -> tuple[list[Arrival], frozenset[str]]:
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
    house: House, read: _Read, arrivals: Sequence[Arrival], circumstances: Circumstances
) -> Prepared:
    if not arrivals:
        return Prepared((), ())
    calls = call_people(read.table, house.pgx, read.outside, CallOptions())
    return prepare(arrivals, read.table, calls, house.pgx, circumstances)


def _answers(
    arrivals: Sequence[Arrival], known: frozenset[str], prepared: Prepared, notices: tuple[Notice, ...]
) -> tuple[Accepted, ...]:
    genes = {
        event.payload["result"]: tuple(event.payload["observations"])
        for event in prepared.events
        if event.kind is EventKind.RESULT_ACCEPTED
    }
    return tuple(
        Accepted(
            person=arrival.person,
            sample=arrival.sample,
            result=arrival.result,
            new=arrival.result not in known,
            documents=arrival.documents,
            genes=genes.get(arrival.result, ()),
            notices=notices,
        )
        for arrival in arrivals
    )
