"""`bedside pgx`: laboratory files → the calls of the pharmacogenes and what they mean, in one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from bedside.decide.sample_answer import SampleAnswer
from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import GenotypeTable, Notice
from bedside.genome.locus import Build
from bedside.genome.observation import OutsideCall
from bedside.intake.outside_calls import ANY_SAMPLE, read_outside_calls
from bedside.intake.policy import IntakePolicy
from bedside.intake.vcf import read_genotypes
from bedside.interpret.call_people import PeopleCalls, call_people
from bedside.interpret.options import CallOptions
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.phrases import Phrases, load_phrases
from bedside.service.whole_file import whole_file


class Format(Enum):
    """What `bedside pgx` can write."""

    JSON = "json"
    TSV = "tsv"
    HTML = "html"
    FHIR = "fhir"


@dataclass(frozen=True, slots=True)
class CallSummary:
    """What was written, and what a person should know about the files."""

    samples: int
    genes: int
    notices: tuple[Notice, ...]


Report = Callable[[PgxPack, Phrases, Sequence[SampleAnswer]], str]


def call_files(
    paths: Sequence[Path],
    pack: PgxPack,
    *,
    stream: BinaryIO,
    outside: Path | None = None,
    build: Build | None = None,
    form: Format = Format.JSON,
    output: Path | None = None,
    options: CallOptions | None = None,
    recommendations: bool = True,
    policy: IntakePolicy | None = None,
    report: Report | None = None,
    knowledge_folder: Path | None = None,
) -> CallSummary:
    """Read, call, decide and write; to `output` when given (it appears whole or not at all), else to
    `stream`.

    `report` renders the printable page, which only HTML needs. Raises `IntakeError` before anything is
    written.
    """
    people, notices = called_people(
        paths, pack, outside=outside, build=build, options=_options(form, options), policy=policy
    )
    with _destination(output, stream) as out:
        if form is Format.TSV:
            from bedside.exchange.pgx_tsv import write_tsv

            write_tsv(people, pack, out)
        else:
            phrases = load_phrases(root=knowledge_folder)
            _write_document(people, pack, phrases, form, recommendations, report, out)
    return CallSummary(len(people.samples), len(people.genes), notices)


def called_people(
    paths: Sequence[Path],
    pack: PgxPack,
    *,
    outside: Path | None = None,
    build: Build | None = None,
    options: CallOptions,
    policy: IntakePolicy | None = None,
) -> tuple[PeopleCalls, tuple[Notice, ...]]:
    """The calls of every sample of the files; the problems of all files are raised together."""
    problems: list[Problem] = []
    given: Mapping[str, tuple[OutsideCall, ...]] = {}
    table: GenotypeTable | None = None
    if outside is not None:
        try:
            given = read_outside_calls(outside)
        except IntakeError as reason:
            problems.extend(reason.problems)
    try:
        table = read_genotypes(paths, pack, build=build, policy=policy)
    except IntakeError as reason:
        problems.extend(reason.problems)
    if outside is not None and table is not None:
        problems.extend(_strangers(outside, given, table.samples))
    if problems or table is None:
        raise IntakeError(problems)
    notices = table.notices + (() if outside is None else _unknown_genes(outside, given, pack))
    return call_people(table, pack, given, options), notices


def _options(form: Format, options: CallOptions | None) -> CallOptions:
    """Only the printed report says which missing position could change the answer, which takes long to work
    out.
    """
    from dataclasses import replace

    return replace(options or CallOptions(), missing_effects=form is Format.HTML)


@contextmanager
def _destination(output: Path | None, stream: BinaryIO) -> Iterator[BinaryIO]:
    if output is None:
        yield stream
        stream.flush()
        return
    with whole_file(output) as file:
        yield file


def _write_document(
    people: PeopleCalls, pack: PgxPack, phrases: Phrases, form: Format, recommendations: bool,
    report: Report | None, out: BinaryIO,
) -> None:  # fmt: skip
    from bedside.service.recommend_people import PeopleRecommendations

    decided = PeopleRecommendations(people, pack, phrases) if recommendations else None
    if form is Format.JSON:
        from bedside.exchange.pgx_json import write_json

        write_json(people, pack, decided.of if decided else None, out)
        return
    answers = [
        SampleAnswer(sample, people.of(person), decided.of(person) if decided else ())
        for person, sample in enumerate(people.samples)
    ]
    if form is Format.FHIR:
        from bedside.exchange.fhir_out import write_bundle

        write_bundle(answers, pack, out)
    elif report is None:
        raise ValueError("HTML needs the page's renderer")
    else:
        out.write(report(pack, phrases, answers).encode())


def _strangers(
    outside: Path, given: Mapping[str, tuple[OutsideCall, ...]], samples: Sequence[str]
) -> Iterator[Problem]:
    """Outside calls that cannot be given to exactly one sample of the files."""
    if ANY_SAMPLE in given and len(samples) != 1:
        yield Problem(
            outside.name, f"the calls name no sample, but the files hold {len(samples)}",
            remedy="add a header line with a sample column",
        )  # fmt: skip
    unknown = len(given.keys() - {ANY_SAMPLE} - set(samples))
    if unknown:
        yield Problem(
            outside.name, f"{unknown} sample name(s) are not in the files",
            remedy="name samples as the genotype files do",
        )  # fmt: skip


def _unknown_genes(
    outside: Path, given: Mapping[str, tuple[OutsideCall, ...]], pack: PgxPack
) -> tuple[Notice, ...]:
    genes = dict.fromkeys(
        call.gene for calls in given.values() for call in calls if call.gene not in pack.genes
    )
    return tuple(
        Notice(
            "outside-gene-unknown",
            f"{gene} is not in the knowledge release; its call is not used",
            outside.name,
        )
        for gene in genes
    )
