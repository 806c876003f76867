"""Writes what the made-up laboratories send: VCF in either build, phased or not, gVCF blocks or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.knowledge.frequencies import Haplotype
from bedside.knowledge.pgx import Grch37, PgxPack, Position

ANY_ALLELE = "<NON_REF>"


@dataclass(frozen=True, slots=True)
class Site:
    """A position as a file in one build writes it, and in `grch38` as the release defines it."""

    gene: str
    rsid: str
    chromosome: str
    position: int
    reference: str
    grch38: tuple[str, int, str]

    @property
    def last(self) -> int:
        """The last base that the reference allele covers."""
        return self.position + len(self.reference) - 1


@dataclass(frozen=True, slots=True)
class Sample:
    """One column of a file: who, and the strands of each gene as the laboratory saw them."""

    name: str
    sex: Sex
    haplotypes: Mapping[str, tuple[Haplotype, ...]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file looks at and how it writes: the sites in order, the build, phase, and genes that failed."""

    sites: tuple[Site, ...]
    build: Build
    laboratory: str
    phased: bool = True
    failed: frozenset[str] = frozenset()


def sites_of(
    pack: PgxPack, genes: Iterable[str], build: Build, leave_out: frozenset[str] = frozenset()
) -> tuple[Site, ...]:
    """The defining positions of these genes that can be written in a build, in file order."""
    found = []
    for gene in genes:
        for position in pack.genes[gene].positions:
            site = None if position.extra or position.rsid in leave_out else _site(position, build)
            if site is not None:
                found.append(site)
    return tuple(sorted(found, key=lambda site: (_number(site.chromosome), site.position)))


def _site(position: Position, build: Build) -> Site | None:
    grch38 = (position.chromosome, position.position, position.reference)
    if build is Build.GRCH38:
        return Site(position.gene, position.rsid, *grch38, grch38)
    if position.grch37 is not Grch37.CONFIRMED or position.position_grch37 is None:
        return None
    reference = position.reference_grch37 or position.reference
    chromosome = position.chromosome.removeprefix("chr")
    return Site(position.gene, position.rsid, chromosome, position.position_grch37, reference, grch38)


def _number(chromosome: str) -> tuple[int, str]:
    name = chromosome.removeprefix("chr")
    return (int(name), "") if name.isdigit() else (23, name)


def write_vcf(sheet: Sheet, samples: Sequence[Sample]) -> bytes:
    """A VCF with one record a site and one column a sample."""
    genotypes = _genotypes(sheet, samples)
    lines = [*header(sheet, [sample.name for sample in samples])]
    for site in sheet.sites:
        strands = genotypes[site]
        alternates = _alternates(site, strands)
        alleles = {base: str(number) for number, base in enumerate((site.reference, *alternates))}
        separator = "|" if sheet.phased else "/"
        columns = [separator.join(_order([alleles[base] for base in each], sheet)) for each in strands]
        lines.append("\t".join((*_fixed(sheet, site, alternates), ".", "GT", *columns)))
    return ("\n".join(lines) + "\n").encode()


def write_gvcf(sheet: Sheet, sample: Sample) -> bytes:
    """A gVCF of one sample: records where something differs or failed, blocks where nothing does."""
    genotypes = _genotypes(sheet, [sample])
    lines = [*header(sheet, [sample.name])]
    run: list[Site] = []
    for site in sheet.sites:
        (strands,) = genotypes[site]
        quiet = all(base == site.reference for base in strands) and site.gene not in sheet.failed
        if run and not (quiet and run[-1].gene == site.gene):
            lines.append(_block(run, len(genotypes[run[0]][0])))
            run = []
        if quiet:
            run.append(site)
            continue
        alternates = (*_alternates(site, [strands]), ANY_ALLELE)
        alleles = {base: str(number) for number, base in enumerate((site.reference, *alternates))}
        genotype = ("|" if sheet.phased else "/").join(_order([alleles[base] for base in strands], sheet))
        lines.append("\t".join((*_fixed(sheet, site, alternates), ".", "GT:DP:GQ", f"{genotype}:34:99")))
    if run:
        lines.append(_block(run, len(genotypes[run[0]][0])))
    return ("\n".join(lines) + "\n").encode()


def _block(run: Sequence[Site], ploidy: int) -> str:
    first = run[0]
    end = max(site.last for site in run)
    genotype = "/".join("0" * ploidy)
    cells = (first.chromosome, str(first.position), ".", first.reference[0], ANY_ALLELE, ".", ".")
    return "\t".join((*cells, f"END={end}", "GT:DP:GQ:MIN_DP", f"{genotype}:31:90:26"))


def _genotypes(sheet: Sheet, samples: Sequence[Sample]) -> dict[Site, list[tuple[str, ...]]]:
    changed = [
        {
            gene: [
                {(change.chromosome, change.position): change.alternate for change in strand.changes}
                for strand in strands
            ]
            for gene, strands in sample.haplotypes.items()
        }
        for sample in samples
    ]
    return {
        site: [
            tuple(strand.get(site.grch38[:2], site.grch38[2]) for strand in each[site.gene])
            for each in changed
        ]
        for site in sheet.sites
    }


def _alternates(site: Site, strands: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({base for each in strands for base in each} - {site.reference}))


def _order(alleles: list[str], sheet: Sheet) -> list[str]:
    return alleles if sheet.phased else sorted(alleles)


def _fixed(sheet: Sheet, site: Site, alternates: Sequence[str]) -> tuple[str, ...]:
    verdict = "LowQual" if site.gene in sheet.failed else "PASS"
    return (
        site.chromosome,
        str(site.position),
        site.rsid or ".",
        site.reference,
        ",".join(alternates) or ".",
        ".",
        verdict,
    )


def header(sheet: Sheet, names: Sequence[str]) -> Iterator[str]:
    """The lines above the records, the column names last."""
    yield "##fileformat=VCFv4.2"
    yield f"##source={sheet.laboratory} (made up; nobody in this file exists)"
    yield f"##reference={sheet.build.value}"
    for chromosome in dict.fromkeys(site.chromosome for site in sheet.sites):
        yield f"##contig=<ID={chromosome},assembly={sheet.build.value}>"
    yield '##ALT=<ID=NON_REF,Description="Any other allele">'
    yield '##FILTER=<ID=LowQual,Description="Rejected by the caller">'
    yield '##INFO=<ID=END,Number=1,Type=Integer,Description="Last position of the block">'
    yield '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
    yield '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">'
    yield '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">'
    yield '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Least depth in the block">'
    yield "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names))
