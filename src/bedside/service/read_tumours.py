"""Reads tumours from a MAF, a VCF or JSON, names their genes by the current symbols, and places every
variant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bedside.errors import InputError
from bedside.genome.locus import Build
from bedside.genome.tumour import (
    NOTHING_SAID,
    Aspect,
    CopyNumber,
    CopyState,
    ExonSkipping,
    Fusion,
    Marker,
    Scope,
    SmallVariant,
    Tumour,
    TumourFinding,
)
from bedside.intake.cbioportal import Copies, read_cna, read_sv
from bedside.intake.compression import peek
from bedside.intake.covered_bed import read_covered
from bedside.intake.maf import read_maf_of
from bedside.intake.tumour_json import read_tumours
from bedside.intake.tumour_vcf import lines_of, read_tumour_vcf
from bedside.interpret.tumour.assign import Span, assigned, gene_map
from bedside.interpret.tumour.covered import scope_of
from bedside.interpret.tumour.place import located
from bedside.knowledge.gene_regions import load_gene_regions
from bedside.knowledge.oncotree import OncoTree
from bedside.knowledge.tumour_genes import TumourGenes


@dataclass(frozen=True, slots=True)
class TumourFile:
    """A file and what is said beside it. oncotree: the tumour type; scope: what was looked at; covered: a
    BED of what was read; sample, build: for a VCF whose header does not tell; amplified_from: copies;
    purity: share of tumour cells; cna, sv: cBioPortal's tables beside a MAF."""

    path: Path
    oncotree: str = ""
    scope: Scope = NOTHING_SAID
    covered: Path | None = None
    sample: str = ""
    build: Build | None = None
    amplified_from: float | None = None
    purity: float | None = None
    cna: Path | None = None
    sv: Path | None = None


@dataclass(frozen=True, slots=True)
class TumoursRead:
    """The tumours, and what a reader of the answers must know of the file."""

    tumours: tuple[Tumour, ...]
    notices: tuple[str, ...] = ()


def read_file(asked: TumourFile, tree: OncoTree, genes: TumourGenes) -> TumoursRead:
    """The tumours of a file as they were reported, nothing placed yet. Raises IntakeError, or InputError
    for a tumour type that OncoTree does not have."""
    kind = _kind(asked.path)
    notices: list[str] = []
    if kind != "maf" and (asked.cna or asked.sv):
        raise InputError.one("--cna, --sv", "go with a MAF only")
    if kind == "json":
        found = read_tumours(asked.path, asked.oncotree)
    else:
        if not asked.oncotree:
            raise InputError.one("--tumour", "is needed: the file does not say the tumour type")
        tree.of(asked.oncotree)
        found = _vcf(asked, genes, notices) if kind == "vcf" else _maf(asked, genes, notices)
    for one in found:
        tree.of(one.oncotree)
    if asked.purity is not None:
        found = tuple(replace(one, purity=asked.purity) for one in found)
    return TumoursRead(found, tuple(notices))


def read_tumour_file(asked: TumourFile, tree: OncoTree, genes: TumourGenes) -> TumoursRead:
    """The tumours of a file, each variant placed; raises as `read_file` does."""
    read = read_file(asked, tree, genes)
    outside = Counter[str]()
    made = tuple(placed_tumour(one, genes, outside) for one in read.tumours)
    notices = read.notices
    if outside:
        notices += (_unused(outside.total(), len(outside)),)
    return TumoursRead(made, notices)


def _unused(variants: int, genes: int) -> str:
    return f"{variants} small variants lie in {genes} genes that nothing here is about and are not used"


def _kind(path: Path) -> str:
    _, start = peek(path, 4096)
    head = start.lstrip()
    if head[:1] in (b"{", b"["):
        return "json"
    return "vcf" if head.startswith((b"##fileformat=VCF", b"BCF")) else "maf"


def _maf(asked: TumourFile, genes: TumourGenes, notices: list[str]) -> tuple[Tumour, ...]:
    read = read_maf_of(asked.path, genes.by_name.keys() | genes.aliases.keys())
    if read.outside:
        notices.append(_unused(sum(read.outside.values()), len(read.outside)))
    copies = None if asked.cna is None else read_cna(asked.cna)
    joins = {} if asked.sv is None else read_sv(asked.sv)
    for beside in (copies.found if copies is not None else {}, joins):
        if strange := set(beside) - set(read.samples):
            notices.append(
                f"{len(strange)} samples of the tables beside it are not in {asked.path.name}; not used"
            )
    scopes: dict[Build | None, Scope] = {}
    if asked.covered is not None:
        spans = read_covered(asked.covered)
        scopes = {build: scope_of(spans, genes, build) for build in Build}
    made = []
    for name, several in read.samples.items():
        build = several[0].build if several else None
        made.append(Tumour(name, asked.oncotree, several, scopes.get(build, asked.scope)))
    return tuple(_beside(one, copies, joins) for one in made)


def _beside(one: Tumour, copies: Copies | None, joins: Mapping[str, tuple[Fusion, ...]]) -> Tumour:
    """The tumour with what the tables beside the MAF say of its sample. Copies that were measured count as
    looked at; a table of fusions does not say where there are none."""
    findings = (*one.findings, *joins.get(one.sample, ()))
    if copies is None or one.sample not in copies.found:
        return replace(one, findings=findings)
    genes = {**one.scope.genes, Aspect.COPY_NUMBER: copies.genes[one.sample]}
    kept = tuple(found for found in copies.found[one.sample] if found.state is not CopyState.NEUTRAL)
    return replace(one, findings=findings + kept, scope=replace(one.scope, genes=genes))


def _vcf(asked: TumourFile, genes: TumourGenes, notices: list[str]) -> tuple[Tumour, ...]:
    maps = {build: gene_map(genes, build, {}) for build in Build}
    calls = read_tumour_vcf(asked.path, asked.sample, asked.build, lambda b, *where: maps[b].touched(*where))
    notices += lines_of(calls)
    scope = asked.scope
    if asked.covered is not None:
        scope = scope_of(read_covered(asked.covered), genes, calls.build)
    found = assigned(calls, gene_map(genes, calls.build, _others(calls.build, genes)), asked.amplified_from)
    return (Tumour(calls.sample, asked.oncotree, found, scope),)


def _others(build: Build, genes: TumourGenes) -> Mapping[str, tuple[Span, ...]]:
    """The spans of genes outside the pack, which are only named as partners; known on GRCh38."""
    if build is not Build.GRCH38:
        return {}
    found: dict[str, list[Span]] = {}
    held = load_gene_regions()
    for name, region in held.regions.items():
        if name not in genes.by_name:
            span = (region.start, region.end, name, held.forward.get(name))
            found.setdefault(region.chromosome, []).append(span)
    return {chromosome: tuple(sorted(spans, key=lambda one: one[:3])) for chromosome, spans in found.items()}


def placed_tumour(one: Tumour, genes: TumourGenes, outside: Counter[str]) -> Tumour:
    """The tumour with its genes by their current names and each small variant placed. outside: counts those
    in genes that the pack does not know, which are left out."""
    findings = tuple(_findings(one.findings, genes, outside))
    return replace(one, findings=findings, scope=_current_scope(one.scope, genes))


def _findings(
    findings: Iterable[TumourFinding], genes: TumourGenes, outside: Counter[str]
) -> Iterable[TumourFinding]:
    for one in findings:
        match one:
            case SmallVariant():
                name = genes.current(one.gene)
                if name in genes.by_name or one.start is None:
                    yield located(
                        one if name == one.gene else replace(one, gene=name), genes.by_name.get(name)
                    )
                else:
                    outside[name] += 1
            case Fusion():
                yield replace(one, five=genes.current(one.five), three=genes.current(one.three))
            case CopyNumber() | ExonSkipping():
                yield replace(one, gene=genes.current(one.gene))
            case Marker():
                yield one


def _current_scope(scope: Scope, genes: TumourGenes) -> Scope:
    if not scope.genes:
        return scope
    held: dict[Aspect, frozenset[str]] = {
        aspect: frozenset(genes.current(gene) for gene in several) for aspect, several in scope.genes.items()
    }
    return replace(scope, genes=held)
