"""A VCF or BCF read by htslib: for BCF always, for bgzipped VCF with an index, where only wanted regions are
read.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import Notice
from bedside.intake.header import Header, read_header
from bedside.intake.policy import IntakePolicy
from bedside.intake.row import Codes, Row, SampleField, is_reference_block
from bedside.intake.sample_columns import distinct, make_field
from bedside.intake.target import Targets

_MISSING = -2147483648
_PADDING = -2147483647
_NEAR = 20_000
_DAMAGE = (UnicodeDecodeError, OSError, OverflowError, KeyError, ValueError)


class VcfHtslib:
    """An open VCF or BCF: its header, then its records as `Row`s. Lines have no numbers here; records are
    counted.
    """

    def __init__(self, path: Path, policy: IntakePolicy, *, indexed: bool = False) -> None:
        import cyvcf2

        self.path, self.policy, self.indexed = path, policy, indexed
        self.records = 0
        self.problems: list[Problem] = []
        self.notices: list[Notice] = []
        self.undeclared: set[str] = set()
        with _from_htslib(path.name, "htslib cannot read it as VCF or BCF"):
            self._file: Any = cyvcf2.VCF(str(path), strict_gt=False)
            raw = str(self._file.raw_header)
        header = read_header(path.name, raw.rstrip("\n\0").encode().split(b"\n"), self.problems)
        if header is None or self.problems:
            raise IntakeError(self.problems)
        self.header: Header = header

    def rows(self, targets: Sequence[Targets]) -> Iterator[Row]:
        """The records that touch any of the targets; raises `IntakeError` when the file is cut or damaged."""
        for variant in self._variants(targets):
            self.records += 1
            with _from_htslib(self.path.name, f"record {self.records} cannot be read"):
                row = self._wanted(variant, targets)
            if row is not None:
                yield row

    def _wanted(self, variant: Any, targets: Sequence[Targets]) -> Row | None:
        chromosome = self.policy.chromosome(variant.CHROM)
        if chromosome is None:
            return None
        self._demand_declared(variant.CHROM)
        position, reference = int(variant.POS), str(variant.REF)
        end, has_end = _end(variant, position + len(reference) - 1)
        if not any(target.touched(chromosome, position, end) for target in targets):
            return None
        return self._row(variant, chromosome, (position, end, has_end))

    def _demand_declared(self, name: str) -> None:
        if self.header.contigs and name not in self.header.contigs and name not in self.undeclared:
            self.undeclared.add(name)
            reason = f"missing contig: {name} is used, but the header declares other contigs and not this one"
            remedy = "add the ##contig line, or re-export the file"
            self.problems.append(Problem(self.path.name, reason, None, remedy))

    def _variants(self, targets: Sequence[Targets]) -> Iterator[Any]:
        records = self._regions(targets) if self.indexed else iter(self._file)
        while True:
            with _from_htslib(self.path.name, f"record {self.records + 1} cannot be read"):
                variant = next(records, None)
            if variant is None:
                return
            yield variant

    def _regions(self, targets: Sequence[Targets]) -> Iterator[Any]:
        """Records of the regions around the targets, each once though a long block may reach into several."""
        for name in self._file.seqnames:
            chromosome = self.policy.chromosome(name)
            if chromosome is None:
                continue
            before = 0
            for start, end in _regions(chromosome, targets):
                for variant in _region(self._file, f"{name}:{start}-{end}"):
                    if before < variant.POS:
                        yield variant
                before = end

    def _row(self, variant: Any, chromosome: str, place: tuple[int, int, bool]) -> Row:
        position, end, has_end = place
        alternates = tuple(str(alternate) for alternate in variant.ALT)
        block = is_reference_block(alternates, self.policy)
        fields, codes = self._samples(variant, len(alternates) + 1, block)
        filters = tuple(variant.FILTERS)
        return Row(
            self.path.name,
            None,
            chromosome,
            position,
            str(variant.REF),
            alternates,
            filters,
            end,
            has_end,
            fields,
            codes,
        )

    def _samples(self, variant: Any, allele_count: int, block: bool) -> tuple[tuple[SampleField, ...], Codes]:
        keys = list(variant.FORMAT or ())
        samples = len(self.header.samples)
        if "GT" not in keys:
            return (SampleField(()),), np.zeros(samples, np.uint8)
        packed, width = _pack(variant.genotype.array())
        values, coarse = distinct(packed)
        genotypes = [_unpack(value, width) for value in values]
        extra = _ExtraValues(variant, keys, block, self.policy)
        known: dict[SampleField, int] = {}
        codes = np.zeros(samples, np.uint32)
        for number, (alleles, phased) in enumerate(genotypes):
            members = np.flatnonzero(coarse == number)
            if not extra.decides(alleles, phased):
                codes[members] = known.setdefault(SampleField(alleles, phased), len(known))
                continue
            for member in members.tolist():
                field = make_field(alleles, phased, extra.of(member), allele_count, block, self.policy)
                codes[member] = known.setdefault(field, len(known))
        return tuple(known), codes.astype(np.uint8) if len(known) < 256 else codes


class _ExtraValues:
    """The FORMAT values besides GT that may decide, as text, for one sample at a time."""

    def __init__(self, variant: Any, keys: Sequence[str], block: bool, policy: IntakePolicy) -> None:
        quality = {*policy.genotype_quality_fields, *policy.depth_fields} if block else set()
        wanted = {"PS", "AD", "FT", *quality} & set(keys)
        self.block, self.wanted = block, wanted
        self.values = {key: variant.format(key) for key in sorted(wanted)}

    def decides(self, alleles: tuple[int | None, ...], phased: bool) -> bool:
        if self.block or "FT" in self.wanted:
            return True
        return len(set(alleles)) > 1 and (("PS" in self.wanted and phased) or "AD" in self.wanted)

    def of(self, sample: int) -> dict[str, str]:
        return {key: _text(values[sample]) for key, values in self.values.items() if values is not None}


def _text(value: Any) -> str:
    if isinstance(value, str | bytes):
        return value if isinstance(value, str) else value.decode()
    numbers = [number for number in np.atleast_1d(value).tolist() if number != _PADDING]
    return ",".join(
        "."
        if number == _MISSING or number != number
        else f"{number:g}"
        if isinstance(number, float)
        else str(number)
        for number in numbers
    )


def _pack(genotypes: NDArray[np.int16]) -> tuple[NDArray[np.int64], int]:
    """The first two alleles and the phase of each sample as one number; -1 is a missing allele, -2 no
    allele.
    """
    first = genotypes[:, 0].astype(np.int64) + 2
    second = genotypes[:, 1].astype(np.int64) + 2 if genotypes.shape[1] > 2 else np.zeros_like(first)
    width = int(max(first.max(initial=0), second.max(initial=0))) + 1
    return (first * width + second) * 2 + genotypes[:, -1], width


def _unpack(value: int, width: int) -> tuple[tuple[int | None, ...], bool]:
    rest, phased = divmod(value, 2)
    numbers = [number - 2 for number in divmod(rest, width) if number > 0]
    alleles = tuple(None if number < 0 else number for number in numbers) or (None,)
    return alleles, bool(phased) and len(alleles) > 1


def _end(variant: Any, reference_end: int) -> tuple[int, bool]:
    alternates = variant.ALT
    end = (
        variant.INFO.get("END")
        if not alternates or any("<" in alternate for alternate in alternates)
        else None
    )
    return (reference_end, False) if end is None else (max(int(end), reference_end), True)


def _regions(chromosome: str, targets: Sequence[Targets]) -> list[tuple[int, int]]:
    """Stretches that hold the targets of a chromosome, near ones taken together."""
    spans = sorted(
        span for target in targets for span in zip(*target.spans.get(chromosome, ((), ())), strict=True)
    )
    regions: list[tuple[int, int]] = []
    for start, end in spans:
        if regions and start - regions[-1][1] < _NEAR:
            regions[-1] = (regions[-1][0], max(end, regions[-1][1]))
        else:
            regions.append((start, end))
    return regions


def _region(file: Any, region: str) -> Iterator[Any]:
    """Records of one region; an empty region is no news."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="no intervals found")
        yield from file(region)


@contextmanager
def _from_htslib(source: str, what: str) -> Iterator[None]:
    """What htslib and cyvcf2 raise for damaged bytes, as an error of intake. cyvcf2 raises plain `Exception`;
    any other class but those of decoding is a fault of ours and passes.
    """
    try:
        yield
    except Exception as reason:
        if type(reason) is not Exception and not isinstance(reason, _DAMAGE):
            raise
        remedy = "send the file again, and compare checksums on both sides"
        raise IntakeError.one(source, f"{what}: the file is cut or damaged", remedy=remedy) from reason
