"""Reads the VCF of a tumour: small variants, breakends and copy numbers of one sample, with what the caller
doubts.

Only a record that passed every filter counts; one that did not is kept with the caller's reason, so that it
is neither a finding nor an absence.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.genome.locus import Build
from bedside.genome.tumour import Origin, SmallVariant
from bedside.genome.tumour_calls import Breakend, CopyCall, Event, TumourCalls
from bedside.intake.compression import Wrapping, chunks, peek
from bedside.intake.header import read_header
from bedside.intake.policy import IntakePolicy, default_policy
from bedside.intake.reference_build import TELL_US, header_build
from bedside.intake.tumour_vcf_samples import Chosen, called, choose, counts
from bedside.intake.tumour_vcf_text import TextColumns, text_columns

PASSED = frozenset({"PASS", "."})
NOT_READ = frozenset({"<NON_REF>", "<*>", "<X>", "*", "."})
_BASES = frozenset("ACGTN")


@dataclass(frozen=True, slots=True)
class _Open:
    """What the header said."""

    build: Build
    chosen: Chosen
    policy: IntakePolicy
    text: TextColumns


Touched = Callable[[Build, str, int, int], bool]
"""Whether a stretch of a chromosome touches what is asked about."""


def read_tumour_vcf(
    path: Path, sample: str = "", build: Build | None = None, touched: Touched | None = None
) -> TumourCalls:
    """The calls of the tumour sample of a VCF, plain or compressed. sample: its name, where the header does
    not tell the tumour; build: where the header does not tell it; touched: small variants elsewhere are
    passed over. Raises IntakeError, and then nothing of the file is used."""
    import pysam

    before = pysam.set_verbosity(0)
    try:
        with _unwrapped(path) as readable, pysam.VariantFile(str(readable), "r") as file:
            held = _opened(path, file, sample, build)
            return _read(path, file, held, touched)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        remedy = "send the file again, and compare checksums on both sides"
        raise IntakeError.one(path.name, "is no VCF, or it is cut or damaged", remedy=remedy) from error
    finally:
        pysam.set_verbosity(before)


@contextmanager
def _unwrapped(path: Path) -> Iterator[Path]:
    """A file that htslib reads as it is; what is gzipped as a whole is unwrapped beside first."""
    how, _ = peek(path)
    if how is not Wrapping.GZIP:
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".vcf") as plain:
        for chunk in chunks(path):
            plain.write(chunk)
        plain.flush()
        yield Path(plain.name)


def _opened(path: Path, file: Any, sample: str, told: Build | None) -> _Open:
    policy, problems = default_policy(), list[Problem]()
    header = read_header(path.name, str(file.header).rstrip("\n").encode().split(b"\n"), problems)
    if header is None or problems:
        raise IntakeError(problems)
    build = header_build(path.name, header, told, policy, problems)
    if build is None and not problems:
        problems.append(Problem(path.name, "the header names no assembly", remedy=TELL_US))
    chosen = choose(path.name, str(file.header).splitlines(), header.samples, sample, problems)
    if problems or build is None or chosen is None:
        raise IntakeError(problems)
    return _Open(build, chosen, policy, text_columns(str(file.header).splitlines()))


def _read(path: Path, file: Any, held: _Open, touched: Touched | None) -> TumourCalls:
    small: list[SmallVariant] = []
    breakends: list[Breakend] = []
    copies: list[CopyCall] = []
    events: list[Event] = []
    filtered = number = 0
    while (record := next(file, None)) is not None:
        number += 1
        chromosome = held.policy.chromosome(record.chrom)
        if chromosome is None or not record.alts:
            continue
        symbolic = any(alternate[:1] in "<[].N" or alternate[-1:] in "[]." for alternate in record.alts)
        end = record.pos + len(record.ref or "")
        if touched is not None and not symbolic and not touched(held.build, chromosome, record.pos, end):
            continue
        doubt = _doubt(record)
        filtered += bool(doubt)
        for place, alternate in enumerate(record.alts, 1):
            if alternate in NOT_READ or called(record, held.chosen.tumour, place) is False:
                continue
            if alternate.startswith("<"):
                _symbolic(record, chromosome, alternate, doubt, held, copies, events)
            elif "[" in alternate or "]" in alternate or alternate[0] == "." or alternate[-1] == ".":
                breakends.append(_breakend(record, chromosome, alternate, doubt))
            elif set(alternate.upper()) <= _BASES and set((record.ref or "").upper()) <= _BASES:
                small.append(_small(record, chromosome, place, doubt, held))
            else:
                said = "an allele is neither bases, a breakend nor a symbol"
                raise IntakeError.one(path.name, said, line=number)
    return TumourCalls(
        held.chosen.tumour, held.build, tuple(small), tuple(breakends), tuple(copies), tuple(events),
        filtered,
        held.chosen.normal,
    )  # fmt: skip


def _doubt(record: Any) -> str:
    names = sorted(set(record.filter.keys()) - PASSED)
    return f"the caller filtered it ({', '.join(names)})" if names else ""


def _small(record: Any, chromosome: str, place: int, doubt: str, held: _Open) -> SmallVariant:
    start, reference, alternate = trimmed(record.pos, record.ref.upper(), record.alts[place - 1].upper())
    end = start + len(reference) - 1 if reference else start + 1
    vaf, depth = counts(record, held.chosen.tumour, place)
    written, effect = held.text.of(record, record.alts[place - 1])
    notes: tuple[str, ...] = ()
    origin = Origin.NOT_SAID
    if held.chosen.normal:
        inherited = called(record, held.chosen.normal, place) is True
        origin = Origin.NOT_SAID if inherited else Origin.SOMATIC
        notes = ("the normal sample has it too: it may be inherited",) if inherited else ()
    return SmallVariant(
        "", effect, held.build, chromosome, start, end, reference, alternate, written=written, origin=origin,
        vaf=vaf, depth=depth, notes=notes, doubt=doubt,
    )  # fmt: skip


def trimmed(position: int, reference: str, alternate: str) -> tuple[int, str, str]:
    """The change without the bases that both alleles share, placed as in a MAF: of an insertion the base
    before it."""
    while reference and alternate and reference[-1] == alternate[-1]:
        reference, alternate = reference[:-1], alternate[:-1]
    while reference and alternate and reference[0] == alternate[0]:
        reference, alternate, position = reference[1:], alternate[1:], position + 1
    return (position if reference else position - 1), reference, alternate


def _symbolic(
    record: Any,
    chromosome: str,
    symbol: str,
    doubt: str,
    held: _Open,
    copies: list[CopyCall],
    events: list[Event],
) -> None:
    kind = symbol[1:-1].split(":")
    end = int(record.stop)
    number = _number(record, held.chosen.tumour)
    if kind[0] == "CNV" or number is not None:
        copies.append(CopyCall(chromosome, record.pos + 1, end, number, kind[0], doubt))
        return
    if kind[0] in ("DUP", "DEL"):
        copies.append(CopyCall(chromosome, record.pos + 1, end, None, kind[0], doubt))
    length = _length(record)
    events.append(Event(chromosome, record.pos + 1, end, kind[0], "TANDEM" in kind, length, doubt))


def _number(record: Any, sample: str) -> float | None:
    """The copy number, of the sample or of the record."""
    for source in (record.samples[sample], record.info):
        for name in ("CN", "TCN", "COPYNUMBER"):
            if name not in source:
                continue
            value = source[name]
            value = value[0] if isinstance(value, tuple) and value else value
            if isinstance(value, int | float):
                return float(value)
    return None


def _length(record: Any) -> int | None:
    value = record.info.get("SVLEN") if "SVLEN" in record.info else None
    value = value[0] if isinstance(value, tuple) and value else value
    return abs(int(value)) if isinstance(value, int | float) else None


def _breakend(record: Any, chromosome: str, alternate: str, doubt: str) -> Breakend:
    mate = record.info.get("MATEID") if "MATEID" in record.info else None
    mate = mate[0] if isinstance(mate, tuple) and mate else mate
    sign = "[" if "[" in alternate else "]" if "]" in alternate else ""
    keeps_left = bool(alternate) and alternate[0] not in "[]."
    other, place = "", None
    if sign:
        where = alternate.split(sign)[1]
        name, _, position = where.rpartition(":")
        other = default_policy().chromosome(name.strip("<>")) or ""
        place = int(position) if position.isdigit() else None
    return Breakend(
        str(record.id or ""), str(mate or ""), chromosome, record.pos, keeps_left, other, place, sign == "]",
        doubt,
    )  # fmt: skip


def lines_of(calls: TumourCalls) -> Iterator[str]:
    """What a reader of the answers must know of the file, in words."""
    if calls.filtered:
        yield f"{calls.filtered} records that the caller filtered count neither as findings nor as absent"
    if not calls.normal:
        yield "there is no normal sample: what is inherited and what is not cannot be told apart"
