"""Reads the files of one delivery and joins them sample by sample: genotypes, and calls made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import GenotypeTable, Notice
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import OutsideCall
from bedside.genome.state import NOT_TESTED
from bedside.intake.outside_calls import ANY_SAMPLE, read_outside_calls
from bedside.intake.policy import IntakePolicy
from bedside.intake.vcf import read_genotypes
from bedside.knowledge.pgx import PgxPack
from bedside.store.documents import digest_of_file


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the files say, read and checked: genotypes, calls made elsewhere by sample, and the documents of
    each sample."""

    table: GenotypeTable
    outside: Mapping[str, tuple[OutsideCall, ...]]
    documents: Mapping[str, tuple[str, ...]]
    builds: Mapping[str, Build]


def read_delivery(
    genotypes: Sequence[Path],
    elsewhere: Sequence[Path],
    person: str | None,
    build: Build | None,
    policy: IntakePolicy | None,
    pack: PgxPack,
    lines: Mapping[Path, Sequence[tuple[int, bytes]]] | None = None,
) -> tuple[Delivered, Mapping[Path, str]]:
    """What the files say, and the digest of each; raises `IntakeError` with every problem of every file.
    lines: as `read_genotypes` takes them."""
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
        if readable:
            table = read_genotypes(readable, pack, build=build, policy=policy, lines=lines)
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
) -> Delivered:
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
    if person is not None and not person.strip():
        problems.append(Problem("--person", "is blank", remedy="give the person's id, or leave --person out"))
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
    return Delivered(
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
