"""The genome of a delivery: read beside the pharmacogenes, its files written before the ledger says that they
exist, visible after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.errors import IntakeError, Problem
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.evidence import AssayKind, Genome
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.genome.result import Confirmation
from bedside.intake.policy import IntakePolicy
from bedside.service.house import House, lake_of

if TYPE_CHECKING:
    from bedside.store.lake.lake import Run


@dataclass(frozen=True, slots=True)
class GenomeRequest:
    """That a delivery's whole genotypes are to be kept: the kind of test, and what reading them needs.

    covered: BED of where the laboratory looked and would have reported a variant. chain: UCSC chain file
    from the file's build to GRCh38. reference: FASTA of the file's build, for left alignment and the check
    of reference alleles.
    """

    assay: AssayKind
    covered: Path | None = None
    chain: Path | None = None
    reference: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that reading rests on and that are kept with the documents."""
        return tuple(path for path in (self.covered, self.chain) if path is not None)


@dataclass(frozen=True, slots=True)
class Genomes:
    """What a delivery's files hold, by sample, and the digests of the files it was read with."""

    by_sample: Mapping[str, tuple[Genome, ...]]
    read_with: Mapping[str, str]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a person should know of any of them, once each."""
        every = (note for several in self.by_sample.values() for one in several for note in one.notices)
        return tuple(dict.fromkeys(every))


NO_GENOMES = Genomes({}, {})


def read_delivered_genomes(
    paths: Sequence[Path], request: GenomeRequest | None, build: Build | None, policy: IntakePolicy | None
) -> Genomes:
    """Every sample of every file; raises `IntakeError` with every problem of every file."""
    if request is None:
        return NO_GENOMES
    from bedside.intake.genome.read import read_genomes
    from bedside.store.documents import digest_of_file

    problems: list[Problem] = []
    found: dict[str, tuple[Genome, ...]] = {}
    for path in paths:
        try:
            read = read_genomes(
                path,
                assay=request.assay,
                build=build,
                covered=request.covered,
                chain=request.chain,
                reference=request.reference,
                policy=policy,
            )
        except IntakeError as error:
            problems += error.problems
            continue
        for genome in read:
            found[genome.sample] = (*found.get(genome.sample, ()), genome)
    if problems:
        raise IntakeError(problems)
    names = {"covered": request.covered, "chain": request.chain}
    return Genomes(found, {name: digest_of_file(path) for name, path in names.items() if path is not None})


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


def admit_runs(house: House, runs: Sequence[tuple[Run, Genome]], written: Sequence[Event]) -> None:
    """Make the runs visible, now that the ledger says they exist."""
    if runs:
        lake_of(house).admit([run for run, _ in runs], max(event.sequence for event in written))
