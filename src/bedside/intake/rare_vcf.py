"""A VCF of a child and relatives, read for rare disease: each alternate allele with its annotation and
everybody's call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.locus import Build
from bedside.genome.rare_variant import Call, CallState, Effect, Place, RareVariant
from bedside.genome.region import chromosome_name
from bedside.intake.compare_alleles import trim
from bedside.intake.compression import lines
from bedside.intake.header import Header, read_header
from bedside.intake.policy import default_policy
from bedside.intake.rare_annotation import Annotated, Annotations, InGene
from bedside.intake.reference_build import header_build
from bedside.knowledge.clinvar.terms import Terms
from bedside.knowledge.ploidy import shipped_ploidy
from bedside.knowledge.rare_variants import Quality, RarePolicy

Seen = Callable[[str, int, Place, Mapping[str, Call]], None]
_MOST_PROBLEMS = 20
_SEXUAL = {"chrX": Place.X, "chrY": Place.Y, "chrM": Place.MITOCHONDRION}


class RareVcf:
    """An open file: samples, build (None when it cannot be told) and annotations; then its variants."""

    def __init__(self, path: Path, policy: RarePolicy, terms: Terms, build: Build | None = None) -> None:
        self.path, self.policy = path, policy
        problems: list[Problem] = []
        head: list[bytes] = []
        for line in lines(path):
            if not line.startswith(b"#"):
                break
            head.append(line)
        if not head or not head[0].startswith(b"##fileformat=VCFv4"):
            raise IntakeError.one(path.name, "is no VCF 4", remedy="give a VCF, plain or gzipped")
        header = read_header(path.name, head, problems)
        if header is not None and not problems:
            self.build = header_build(path.name, header, build, default_policy(), problems)
        if header is None or problems:
            raise IntakeError(problems)
        self.header: Header = header
        text = [line.decode("utf-8") for line in head]
        self.annotations = Annotations.of_header(text, policy, terms)
        self.lines = 0

    def variants(self, seen: Seen | None = None) -> Iterator[RareVariant]:
        """Each alternate allele of the file in each of its genes (once without gene where none is named), in
        the file's order. seen: told of every site with one alternate. Raises `IntakeError` with every
        malformed line."""
        problems: list[Problem] = []
        width = 9 + len(self.header.samples)
        for number, raw in enumerate(lines(self.path), start=1):
            if raw.startswith(b"#") or not raw.strip():
                continue
            self.lines += 1
            cells = raw.decode("utf-8", "replace").split("\t")
            if len(cells) != width or not cells[1].isdecimal():
                problems.append(Problem(self.path.name, "is no line of this VCF", number, "send it again"))
                if len(problems) >= _MOST_PROBLEMS:
                    break
                continue
            try:
                chromosome = chromosome_name(cells[0])
            except ValueError:
                continue
            yield from self._line(chromosome, cells, seen)
        if problems:
            raise IntakeError(problems)

    def _line(self, chromosome: str, cells: Sequence[str], seen: Seen | None) -> Iterator[RareVariant]:
        position, reference, alternates = int(cells[1]), cells[3].upper(), cells[4].upper().split(",")
        place = rules_at(chromosome, position, self.build)
        failed = cells[6] not in ("PASS", ".", "")
        info = dict(part.partition("=")[::2] for part in cells[7].split(";"))
        keys = cells[8].split(":")
        columns = [dict(zip(keys, text.split(":"), strict=False)) for text in cells[9:]]
        for index, alternate in enumerate(alternates):
            if not alternate or set(alternate) - set("ACGTN") or set(reference) - set("ACGTN"):
                continue
            calls = {
                name: call_of(column, index + 1, chromosome, failed, self.policy.quality)
                for name, column in zip(self.header.samples, columns, strict=True)
            }
            if seen is not None and len(alternates) == 1:
                seen(chromosome, position, place, calls)
            change = trim(position, reference, alternate)
            name = f"{chromosome}-{change.start}-{change.reference}-{change.alternate}"
            told = self.annotations.read(info, alternates, index, reference)
            yield from _in_genes(name, place, told, calls)


def rules_at(chromosome: str, position: int, build: Build | None) -> Place:
    """Which rules of inheritance a place follows; what X and Y share counts as an autosome."""
    place = _SEXUAL.get(chromosome, Place.AUTOSOME)
    if place in (Place.X, Place.Y):
        regions = shipped_ploidy().pseudoautosomal[build or Build.GRCH38]
        shared = any(r.chromosome == chromosome and r.start <= position <= r.end for r in regions)
        return Place.AUTOSOME if shared else place
    return place


def _in_genes(name: str, place: Place, told: Annotated, calls: Mapping[str, Call]) -> Iterator[RareVariant]:
    for one in told.genes or (InGene("", Effect.UNDETERMINED, ""),):
        yield RareVariant(
            *(name, one.gene, place, one.effect, one.words),
            frequency=told.frequency,
            classified=told.classified,
            score=told.score,
            calls=calls,
        )


def call_of(column: Mapping[str, str], allele: int, chromosome: str, failed: bool, quality: Quality) -> Call:
    """One sample's call of the allele with this number. A half call, a filtered or a poor one is unusable."""
    text = column.get("GT", "")
    alleles = text.replace("|", "/").split("/")
    if not text or all(one in (".", "") for one in alleles):
        return Call(CallState.NOT_TESTED if not text else CallState.UNUSABLE)
    if any(not one.isdecimal() for one in alleles) or len(alleles) > 2 or failed:
        return Call(CallState.UNUSABLE)
    copies = sum(int(one) == allele for one in alleles)
    if not _good(column, allele, copies, len(alleles), quality):
        return Call(CallState.UNUSABLE)
    phase_set, strand = "", 0
    if copies == 1 and len(alleles) == 2:
        phase_set, strand = _phase(column, text, alleles, allele, chromosome)
    return Call(CallState.CALLED, copies, len(alleles), phase_set, strand)


def _phase(
    column: Mapping[str, str], text: str, alleles: Sequence[str], allele: int, chromosome: str
) -> tuple[str, int]:
    if "|" in text:
        return f"{chromosome}:{column.get('PS', '').strip('.') or 'whole'}", 1 + alleles.index(str(allele))
    by_reads, name = column.get("PGT", ""), column.get("PID", "")
    if "|" in by_reads and name not in ("", "."):
        return f"{chromosome}:{name}", 1 + by_reads.split("|").index("1") if "1" in by_reads else 0
    return "", 0


def _good(column: Mapping[str, str], allele: int, copies: int, ploidy: int, quality: Quality) -> bool:
    depth, sure = _whole(column.get("DP")), _whole(column.get("GQ"))
    if depth is not None and depth < quality.least_depth:
        return False
    if sure is not None and sure < quality.least_genotype_quality:
        return False
    reads = [_whole(one) for one in column.get("AD", "").split(",")]
    if copies == 1 and ploidy == 2 and len(reads) > allele and None not in reads:
        total = sum(one or 0 for one in reads)
        return total == 0 or (reads[allele] or 0) >= quality.least_balance * total
    return True


def _whole(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except ValueError:
        return None
