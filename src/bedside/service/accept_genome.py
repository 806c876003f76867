"""The genome of a delivery: read beside the pharmacogenes, its files written before the ledger says that they
exist, visible after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.errors import IntakeError, Problem
from bedside.genome.consent import Decision, Purpose
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import AssayKind, Genome
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.genome.result import Confirmation
from bedside.intake.policy import IntakePolicy, default_policy
from bedside.intake.read_file import open_file, wanted
from bedside.knowledge.pgx import Grch37, PgxPack
from bedside.service.catch_up_lake import catch_up
from bedside.service.consented_lake import policy_of
from bedside.service.house import House, lake_of

if TYPE_CHECKING:
    from bedside.intake.genome.near_lines import NumberedLine
    from bedside.intake.genome.reference import KnownBases
    from bedside.store.lake.lake import Run


@dataclass(frozen=True, slots=True)
class GenomeRequest:
    """That a delivery's whole genotypes are to be kept: the kind of test, and what reading them needs.

    covered: BED of where the laboratory looked and would have reported a variant. chain: UCSC chain file
    from the file's build to GRCh38. reference: FASTA of the file's build, for left alignment and the check
    of reference alleles. sex: of the one person the files are of, told with them; None: as on record.
    """

    assay: AssayKind
    covered: Path | None = None
    chain: Path | None = None
    reference: Path | None = None
    sex: Sex | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that reading rests on and that are kept with the documents."""
        return tuple(path for path in (self.covered, self.chain) if path is not None)


@dataclass(frozen=True, slots=True)
class Genomes:
    """What a delivery's files hold, by sample, and the digests of the files it was read with. lines: of each
    file, those that touch a position of the knowledge release."""

    by_sample: Mapping[str, tuple[Genome, ...]]
    read_with: Mapping[str, str]
    lines: Mapping[Path, tuple[NumberedLine, ...]] = field(default_factory=dict)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a person should know of any of them, once each."""
        every = (note for several in self.by_sample.values() for one in several for note in one.notices)
        return tuple(dict.fromkeys(every))


NO_GENOMES = Genomes({}, {})

MOST_FRESH = 100
"""So many unmerged runs are merged at the end of an acceptance."""


def read_delivered_genomes(
    house: House,
    paths: Sequence[Path],
    request: GenomeRequest | None,
    build: Build | None,
    policy: IntakePolicy | None,
    person: str | None,
) -> Genomes:
    """Every sample of every file; raises `IntakeError` with every problem of every file.

    Single copies of X and Y are read by the sex that is on record of the person. Where no FASTA is given,
    reference alleles are held against the bases that the knowledge release states.
    """
    if request is None:
        return NO_GENOMES
    from bedside.intake.genome.read import read_whole_file

    problems: list[Problem] = []
    found: dict[str, tuple[Genome, ...]] = {}
    lines: dict[Path, tuple[NumberedLine, ...]] = {}
    known = known_bases(house.pgx)
    near = tuple(wanted(house.pgx).builds.values())
    for path in paths:
        try:
            read = read_whole_file(
                path,
                assay=request.assay,
                near=near,
                build=build,
                covered=request.covered,
                chain=request.chain,
                reference=request.reference,
                policy=policy,
                sex=_sexes(house, path, policy, person, request.sex),
                known=known,
            )
        except IntakeError as error:
            problems += error.problems
            continue
        lines[path] = read.near
        for genome in read.genomes:
            found[genome.sample] = (*found.get(genome.sample, ()), genome)
    if problems:
        raise IntakeError(problems)
    return Genomes(found, _read_with(request), lines)


def _read_with(request: GenomeRequest) -> Mapping[str, str]:
    from bedside.store.documents import digest_of_file

    names = {"covered": request.covered, "chain": request.chain, "reference": request.reference}
    return {name: digest_of_file(path) for name, path in names.items() if path is not None}


def _sexes(
    house: House, path: Path, policy: IntakePolicy | None, person: str | None, told: Sex | None
) -> Mapping[str, Sex]:
    """The sex told with the file, or on record of whoever each sample is; nobody's is guessed."""
    samples = open_file(path, policy or default_policy()).header.samples
    if told is not None:
        return dict.fromkeys(samples, told) if told in _TOLD else {}
    people = {sample: house.ledger.person(sample if person is None else person) for sample in samples}
    return {sample: one.sex for sample, one in people.items() if one is not None and one.sex in _TOLD}


_TOLD = (Sex.FEMALE, Sex.MALE)


def known_bases(pack: PgxPack) -> Mapping[Build, KnownBases]:
    """The single reference bases that a knowledge release states, in both builds."""
    from bedside.intake.genome.reference import KnownBases

    positions = [position for gene in pack.genes.values() for position in gene.positions]
    return {
        Build.GRCH38: KnownBases.of(((one.chromosome, one.position), one.reference[:1]) for one in positions),
        Build.GRCH37: KnownBases.of(
            ((one.chromosome, one.position_grch37), one.reference_grch37[:1])
            for one in positions
            if one.position_grch37 is not None and one.grch37 is Grch37.CONFIRMED and one.reference_grch37
        ),
    }


def demand_consent(house: House, whose: Sequence[tuple[str, str, str]]) -> None:
    """Raises `IntakeError` when one of these (sample, person, result) withdrew their consent to clinical use,
    or when a genome was erased that this result would bring back."""
    _demand_not_erased(house, whose)
    policy = policy_of(house)
    scopes = policy.needs[Purpose.CARE]
    refused = 0
    for person in dict.fromkeys(person for _, person, _ in whose):
        said = house.ledger.consents(person)
        refused += any(scope in said and said[scope].decision is Decision.WITHDRAWN for scope in scopes)
    if refused:
        raise IntakeError.one(
            "consent",
            f"{refused} of the people withdrew their consent to clinical use; no genome is stored",
            remedy="record their consent first (`bedside consent PERSON --give clinical`)",
        )


def _demand_not_erased(house: House, whose: Sequence[tuple[str, str, str]]) -> None:
    erased = sum(
        any(run.result == result and run.erased is not None for run in house.ledger.genome_runs(person))
        for _, person, result in whose
    )
    if erased:
        raise IntakeError.one(
            "input",
            f"{erased} of these genomes were erased because the person wished it; the same file does not "
            "bring them back",
            remedy="withdraw the result and give the file again, once the person has consented anew",
        )


def keep_files(house: House, request: GenomeRequest | None) -> None:
    """Keep what the genomes were read with among the documents."""
    for path in () if request is None else request.files:
        house.documents.put_file(path)


def store_runs(
    house: House, genomes: Genomes, whose: Iterable[tuple[str, str, str]], confirmation: Confirmation
) -> tuple[tuple[Run, Genome], ...]:
    """Write the files of (sample, person, result) in `whose`; durable, and not yet visible to anybody."""
    confirmed = confirmation is Confirmation.CLINICAL
    return tuple(
        (lake_of(house).store(genome, person, result, confirmed=confirmed), genome)
        for sample, person, result in whose
        for genome in genomes.by_sample.get(sample, ())
    )


def stored_events(
    runs: Sequence[tuple[Run, Genome]], genomes: Genomes, actor: str, valid_at: datetime
) -> list[NewEvent]:
    """One event a run; the same run again writes nothing."""
    return [
        NewEvent(
            EventKind.GENOME_STORED, actor, valid_at, run.person, _payload(run, genome, genomes), run.run
        )
        for run, genome in runs
    ]


def _payload(run: Run, genome: Genome, genomes: Genomes) -> Mapping[str, Any]:
    return {
        "run": run.run,
        "result": run.result,
        "assay": run.assay.value,
        "evidence": run.evidence,
        "regions": run.regions,
        "records": run.records,
        "confirmed": run.confirmed,
        "build": genome.build.value,
        "checked_reference": genome.checked_reference,
        "left_aligned": genome.left_aligned,
        "lift": dict(genome.lift),
        "read_with": dict(genomes.read_with),
    }


def admit_runs(house: House) -> None:
    """Make visible what the ledger says exists, in the order it says so: what was erased meanwhile stays
    out. After many, merge them, so that cohort questions stay quick."""
    lake = lake_of(house)
    catch_up(house.ledger, lake)
    if lake.snapshot().fresh >= MOST_FRESH:
        lake.compact()
