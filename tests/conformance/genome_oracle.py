"""What a VCF says of each sample, read one record at a time by htslib: slow, plain, and written apart from
the reader it is held against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cyvcf2

from bedside.genome.evidence import Genome, Seen
from bedside.genome.region import CHROMOSOME_NUMBER, CHROMOSOMES
from bedside.intake.policy import default_policy

Row = tuple[str, int, str, str, int, int, int, int, bool, int, int, int, int]
Span = tuple[str, int, int, Seen]


@dataclass(frozen=True, slots=True)
class Expected:
    """A sample's rows and stretches."""

    rows: list[Row]
    spans: list[Span]


def read_slowly(path: Path) -> dict[str, Expected]:
    """Rows (chromosome, position, alleles, copies, ploidy, missing, strands, phased, depth, own depth,
    quality, record number) of each sample, trimmed, in order of place; and the stretches."""
    file = cyvcf2.VCF(str(path), strict_gt=True)
    found = {name: Expected([], []) for name in file.samples}
    for number, variant in enumerate(file, start=1):
        chromosome = default_policy().chromosome(variant.CHROM)
        if chromosome is None:
            continue
        for sample, name in enumerate(file.samples):
            rows, span = _one(variant, chromosome, sample, number)
            found[name].rows.extend(rows)
            found[name].spans.extend(span)
    for expected in found.values():
        expected.rows.sort(key=lambda row: (CHROMOSOME_NUMBER[row[0]], row[1]))
    return found


def _one(variant: cyvcf2.Variant, chromosome: str, sample: int, number: int) -> tuple[list[Row], list[Span]]:
    alternates = [alternate.upper() if alternate.isalpha() else alternate for alternate in variant.ALT]
    reference = variant.REF.upper()
    *alleles, phased = variant.genotypes[sample] if "GT" in variant.FORMAT else [False]
    alleles = [allele for allele in alleles if allele != -2]
    single = chromosome in ("chrM", "chrY")
    mixture = False
    if single and len(alleles) == 2:
        called = [allele for allele in alleles if allele >= 0]
        alleles = sorted(set(called)) or [-1]
        mixture = len(alleles) == 2
    state, end = _state(variant, chromosome, sample, alleles, alternates, reference)
    depths = _numbers(variant, "AD", sample)
    contradicted = _one_sided(alleles, depths, len(alternates) + 1) or (mixture and chromosome == "chrY")
    ok = not any(name not in default_policy().passing_filters for name in variant.FILTERS)
    passed = ok and not contradicted and not _failed(variant, sample)
    rows = []
    for allele in sorted({one for one in alleles if one > 0}, key=alleles.index):
        alternate = alternates[allele - 1]
        if set(alternate) - set("ACGTN") or set(reference) - set("ACGTN") or alternate == reference:
            continue
        on = 0 if mixture else sum(bit for bit, one in zip((1, 2), alleles, strict=False) if one == allele)
        whole = phased and len(alleles) == 2 and not mixture
        rows.append(
            (
                chromosome,
                *_trim(int(variant.POS), reference, alternate),
                2 if on == 3 else 1,
                1 if mixture else len(alleles),
                0 if mixture else sum(one == -1 for one in alleles),
                on,
                bool(whole),
                _first(_numbers(variant, "DP", sample)),
                depths[allele] if len(depths) == len(alternates) + 1 else -1,
                _first(_numbers(variant, "GQ", sample)),
                number,
                passed,
            )
        )
    return rows, [] if state is None else [(chromosome, int(variant.POS), end, state)]


def _state(
    variant: cyvcf2.Variant,
    chromosome: str,
    sample: int,
    alleles: list[int],
    alternates: list[str],
    reference: str,
) -> tuple[Seen | None, int]:
    end = int(variant.POS) + len(reference) - 1
    policy = default_policy()
    block = all(policy.is_any_allele(alternate) for alternate in alternates)
    named = [alternates[allele - 1] for allele in alleles if allele > 0]
    removed = any(policy.is_deletion_symbol(alternate) for alternate in named)
    said_end = variant.INFO.get("END") if not alternates or any("<" in one for one in alternates) else None
    if said_end is not None and (block or removed):
        end = max(end, int(said_end))
    structural = alternates and all(
        not policy.is_any_allele(one) and one != "*" and set(one) - set("ACGTN") for one in alternates
    )
    if structural and not named:
        return None, end
    if not [allele for allele in alleles if allele >= 0]:
        return Seen.NO_CALL, end
    if any(name not in policy.passing_filters for name in variant.FILTERS) or _failed(variant, sample):
        return Seen.FILTERED, end
    contradicted = _one_sided(alleles, _numbers(variant, "AD", sample), len(alternates) + 1)
    odd = any(one != "*" and (set(one) - set("ACGTN") or one == reference) for one in named)
    twice = chromosome == "chrY" and len(alleles) == 2
    if contradicted or odd or twice or (named and set(reference) - set("ACGTN")):
        return Seen.NO_CALL, end
    if -1 in alleles:
        return Seen.HALF_CALL, end
    if block and (alternates or said_end is not None) and not _believed(variant, sample):
        return Seen.LOW_QUALITY, end
    return Seen.REFERENCE, end


def _believed(variant: cyvcf2.Variant, sample: int) -> bool:
    quality = next((v for k in ("GQ", "RGQ", "GQX") if (v := _first(_numbers(variant, k, sample))) >= 0), -1)
    depth = next((v for k in ("MIN_DP", "DP") if (v := _first(_numbers(variant, k, sample))) >= 0), -1)
    return (quality >= 0 or depth >= 0) and (quality < 0 or quality >= 20) and (depth < 0 or depth >= 10)


def _failed(variant: cyvcf2.Variant, sample: int) -> bool:
    if "FT" not in variant.FORMAT or "GT" not in variant.FORMAT:
        return False
    return str(variant.format("FT")[sample]) not in ("", ".", "PASS")


def _one_sided(alleles: list[int], depths: list[int], count: int) -> bool:
    mixed = len(alleles) == 2 and min(alleles) >= 0 and alleles[0] != alleles[1]
    return mixed and len(depths) == count and min(depths) >= 0 and sum(one > 0 for one in depths) == 1


def _numbers(variant: cyvcf2.Variant, key: str, sample: int) -> list[int]:
    if key not in variant.FORMAT or "GT" not in variant.FORMAT:
        return []
    values = variant.format(key)
    if values is None:
        return []
    return [int(one) if -1 < one < 1e9 else -1 for one in values[sample].tolist() if one != -2147483647]


def _first(values: list[int]) -> int:
    return values[0] if values else -1


def _trim(position: int, reference: str, alternate: str) -> tuple[int, str, str]:
    while len(reference) > 1 and len(alternate) > 1 and reference[-1] == alternate[-1]:
        reference, alternate = reference[:-1], alternate[:-1]
    while len(reference) > 1 and len(alternate) > 1 and reference[0] == alternate[0]:
        position, reference, alternate = position + 1, reference[1:], alternate[1:]
    return position, reference, alternate


def rows_of(genome: Genome, header_lines: int) -> list[Row]:
    """A genome's rows in the shape of the slow reader's."""
    evidence = genome.evidence
    columns = zip(
        evidence.key.tolist(),
        evidence.reference,
        evidence.alternate,
        evidence.copies.tolist(),
        evidence.ploidy.tolist(),
        evidence.missing.tolist(),
        evidence.strands.tolist(),
        (evidence.phase_set >= 0).tolist(),
        evidence.depth.tolist(),
        evidence.alternate_depth.tolist(),
        evidence.quality.tolist(),
        (evidence.line - header_lines).tolist(),
        evidence.passed.tolist(),
        strict=True,
    )
    return [(CHROMOSOMES[(key >> 58) - 1], key >> 30 & (1 << 28) - 1, *more) for key, *more in columns]  # type: ignore[misc]


def differences(genome: Genome, spans: list[Span]) -> Iterator[str]:
    """Where the genome's regions say otherwise than the stretches: looked at around both ends of each."""
    regions = genome.regions
    starts = (regions.chromosome.astype("int64") << 32) + regions.start
    for number, start, end in zip(regions.chromosome, regions.start, regions.end, strict=True):
        if start > end:
            yield f"{number}:{start}-{end} runs backwards"
    by_chromosome: dict[str, list[Span]] = {}
    for span in spans:
        by_chromosome.setdefault(span[0], []).append(span)
    for chromosome, mine in by_chromosome.items():
        mine.sort(key=lambda span: span[1])
        longest = max(end - start for _, start, end, _ in mine)
        begins = [span[1] for span in mine]
        for position in sorted({p for _, a, b, _ in mine for p in (a - 1, a, b, b + 1) if p > 0}):
            yield from _compare(position, chromosome, mine, begins, longest, regions, starts)


def _compare(position, chromosome, mine, begins, longest, regions, starts):  # type: ignore[no-untyped-def]
    from bisect import bisect_left, bisect_right

    near = mine[bisect_left(begins, position - longest) : bisect_right(begins, position)]
    over = [state for _, start, end, state in near if start <= position <= end]
    uncallable = [state for state in over if state is not Seen.REFERENCE]
    expected = min(uncallable) if uncallable else over[0] if over else None
    place = (CHROMOSOME_NUMBER[chromosome] << 32) + position
    row = int(starts.searchsorted(place, side="right")) - 1
    inside = row >= 0 and regions.chromosome[row] == CHROMOSOME_NUMBER[chromosome]
    found = Seen(int(regions.state[row])) if inside and regions.end[row] >= position else None
    if found is not expected:
        yield f"{chromosome}:{position} is {found}, expected {expected}"
