"""A person's stored genome as a gVCF on GRCh38: what was found, where else was looked, and in words that all
the rest was not tested.

Stretches that were seen are blocks with genotype 0/0, stretches without a usable answer blocks with ./. — so
that a reader of the file can tell "not tested" from "reference" as the record can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedside.genome.variant import Variant

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
FAILED = "not_passed"


@dataclass(frozen=True, slots=True)
class Found:
    """One allele that is carried. genotype numbers: copies and ploidy, strands not called, strands by bit (0
    where unknown), phase set (None unphased, 0 along the whole chromosome). None where nothing is known."""

    variant: Variant
    copies: int
    ploidy: int
    missing: int
    strands: int
    phase_set: int | None
    passed: bool
    depth: int | None
    alternate_depth: int | None
    quality: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch outside the variants, both ends included: seen as reference, or without a usable answer."""

    chromosome: str
    start: int
    end: int
    seen: bool


def header(
    sample: str, lengths: Mapping[str, int], runs: Sequence[str], seen: int, uncalled: int
) -> Iterator[str]:
    """The lines before the records. runs: each in words; seen, uncalled: bases in blocks."""
    yield "##fileformat=VCFv4.3"
    yield "##source=Bedside"
    yield "##reference=GRCh38"
    for name, length in lengths.items():
        yield f"##contig=<ID={name},length={length},assembly=GRCh38>"
    yield '##ALT=<ID=*,Description="Any allele but the reference, where nothing else was found">'
    yield f'##FILTER=<ID={FAILED},Description="Failed its filters when it was taken in; not used">'
    yield '##INFO=<ID=END,Number=1,Type=Integer,Description="Last base of a block">'
    for name, number, kind, text in (
        ("GT", "1", "String", "Genotype"),
        ("DP", "1", "Integer", "Read depth"),
        ("AD", "R", "Integer", "Reads of each allele"),
        ("GQ", "1", "Integer", "Genotype quality; of a block the least that intake believes"),
        ("PS", "1", "Integer", "Phase set"),
    ):
        yield f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{text}">'
    for run in runs:
        yield f"##bedsideRun={run}"
    yield f"##bedsideLookedAt={seen} bases seen outside the variants; {uncalled} without a usable answer"
    yield "##bedsideNotTested=What is in no record and no block was not tested. Not tested is not normal."
    yield f"{COLUMNS}\t{sample}"


def records(
    found: Iterable[Found], blocks: Iterable[Block], order: Sequence[str], least_quality: int
) -> Iterator[str]:
    """The records in genome order. least_quality: what a block was at least believed with, since the record
    does not keep the quality of each."""
    place = {name: at for at, name in enumerate(order)}
    rows = [(place[one.variant.chromosome], one.variant.position, 1, _found(one)) for one in found]
    rows += [(place[one.chromosome], one.start, 0, _block(one, least_quality)) for one in blocks]
    for *_, line in sorted(rows):
        yield line


def _found(one: Found) -> str:
    values = {
        "GT": _genotype(one),
        "DP": _number(one.depth),
        "AD": "." if one.alternate_depth is None else f".,{one.alternate_depth}",
        "GQ": _number(one.quality),
        "PS": _number(one.phase_set or None),
    }
    kept = {name: value for name, value in values.items() if value != "."}
    variant = one.variant
    cells = (
        variant.chromosome,
        str(variant.position),
        ".",
        variant.reference,
        variant.alternate,
        ".",
        "PASS" if one.passed else FAILED,
        ".",
        ":".join(kept),
        ":".join(kept.values()),
    )
    return "\t".join(cells)


def _genotype(one: Found) -> str:
    """The genotype, with the strand that carries the allele where that is known."""
    if one.ploidy == 1:
        return "1"
    between = "/" if one.phase_set is None else "|"
    if one.missing:
        return f".{between}1" if one.strands == 2 else f"1{between}."
    if one.copies == 2:
        return f"1{between}1"
    if one.strands not in (1, 2):
        return "0/1"
    return f"1{between}0" if one.strands == 1 else f"0{between}1"


def _block(one: Block, least_quality: int) -> str:
    cells = f"GT:GQ\t0/0:{least_quality}" if one.seen else "GT\t./."
    return f"{one.chromosome}\t{one.start}\t.\tN\t<*>\t.\tPASS\tEND={one.end}\t{cells}"


def _number(value: int | None) -> str:
    return "." if value is None else str(value)
