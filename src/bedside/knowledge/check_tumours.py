"""Whether the packs about tumours agree with one another: every rule can be asked, every source fits its
drug."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.genetic_code import CODE
from bedside.genome.locus import Build
from bedside.knowledge.oncotree import ANY_SOLID, OncoTree, load_oncotree
from bedside.knowledge.statement_lint import MOST_YEARS, Statement, cited_year, foreign_documents
from bedside.knowledge.therapies import KIND, NO_CODE, Direction, Therapies, Therapy, load_therapies
from bedside.knowledge.tumour_effects import TumourEffects, load_tumour_effects
from bedside.knowledge.tumour_genes import TumourGene, TumourGenes, load_tumour_genes
from bedside.knowledge.tumour_rule import All, AmplifiedAtom, Not, OneOf, Rule, VariantAtom

WHERE = f"{KIND}/therapies.tsv"


def check_tumours(root: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of the tumour packs in force."""
    try:
        therapies, tree = load_therapies(root), load_oncotree(root)
        genes, effects = load_tumour_genes(root), load_tumour_effects(root)
    except PackError as error:
        return tuple(error.problems)
    found = [
        *sources(therapies),
        *tumour_types(therapies, tree),
        *(one for row in therapies.rows for one in askable(row, genes, effects)),
        *listed(effects, genes),
    ]
    return tuple(found)


def sources(therapies: Therapies) -> Iterator[Problem]:
    """Dates that are far from the document cited, documents of another product, drugs without a code."""
    shown = [one for one in therapies.rows if one.checked]
    cited = [
        Statement(one.name, (), one.oncotree, drugs_of(one), "", one.url, "") for one in shown if one.url
    ]
    for name, why in foreign_documents(cited).items():
        yield Problem(WHERE, f"{name} {why}")
    for one in shown:
        year = cited_year(one.url)
        if year is not None and one.since is not None and abs(year - one.since.year) > MOST_YEARS:
            yield Problem(WHERE, f"{one.name} is dated {one.since.year}, and cites a label of {year}")
        if not one.rxnorm and NO_CODE not in one.note:
            yield Problem(WHERE, f"{one.name}: {one.drug} has no RxNorm code")


def drugs_of(one: Therapy) -> tuple[str, ...]:
    """The drugs of a regimen."""
    return tuple(one.drug.replace("/", " + ").split(" + "))


def tumour_types(therapies: Therapies, tree: OncoTree) -> Iterator[Problem]:
    """Types that OncoTree does not have, and what is left out of statements that do not exist."""
    for one in therapies.rows:
        if one.oncotree != ANY_SOLID and one.oncotree not in tree.by_code:
            yield Problem(WHERE, f"{one.name}: {one.oncotree} is no code of {tree.version}")
        if (one.level in ("R1", "R2")) != (one.direction is Direction.RESISTANCE):
            yield Problem(WHERE, f"{one.name}: level {one.level} is not one of {one.direction.value}")
    names = {one.name for one in therapies.rows}
    for name, codes in therapies.excluded.items():
        if name not in names:
            yield Problem(WHERE, f"{name}, of which tumours are left out, is no statement")
        for code in codes:
            if code not in tree.by_code:
                yield Problem(WHERE, f"{name} leaves out {code}, which is no code of {tree.version}")


def askable(one: Therapy, genes: TumourGenes, effects: TumourEffects) -> Iterator[Problem]:
    """What a rule asks of a gene, an exon, a stretch or a codon that there is not."""
    for atom in atoms(one.rule):
        gene = genes.by_name.get(atom.gene)
        if gene is None:
            yield Problem(WHERE, f"{one.name}: {atom.gene} is no gene of the pack of tumour genes")
            continue
        if isinstance(atom, AmplifiedAtom):
            continue
        exons = len(gene.on[Build.GRCH38].exons)
        if atom.exons is not None and atom.exons[1] > exons:
            yield Problem(WHERE, f"{one.name}: {atom.gene} has {exons} exons in {gene.transcript}")
        if atom.domain and f"{atom.gene}:{atom.domain}" not in effects.domains:
            yield Problem(WHERE, f"{one.name}: no pack says where {atom.gene}:{atom.domain} lies")
        if atom.change is not None:
            for said in codon(gene, atom.change[0], atom.change[1]):
                yield Problem(WHERE, f"{one.name}: {said}")


def atoms(rule: Rule) -> Iterator[VariantAtom | AmplifiedAtom]:
    """What a rule asks of genes."""
    match rule:
        case Not():
            yield from atoms(rule.rule)
        case All() | OneOf():
            for one in rule.rules:
                yield from atoms(one)
        case VariantAtom() | AmplifiedAtom():
            yield rule


def codon(gene: TumourGene, amino: str, number: int) -> Iterator[str]:
    """In what a named codon is not one of the transcript."""
    last = gene.on[Build.GRCH38].codons
    if number > last:
        yield f"{gene.gene} has {last} codons in {gene.transcript}, and {amino}{number} is asked for"
    read = {CODE[triplet] for triplet in gene.bases.get(number, ())}
    if read and read != {amino}:
        said = " or ".join(sorted(read))
        yield f"{gene.gene} codon {number} reads as {said} in {gene.transcript}, not {amino}"


def listed(effects: TumourEffects, genes: TumourGenes) -> Iterator[Problem]:
    """Changes that are said to activate, of a gene or a codon that there is not."""
    for name, amino, number, _ in effects.activating:
        gene = genes.by_name.get(name)
        if gene is None:
            yield Problem("tumour_effects/effects.tsv", f"{name} is no gene of the pack of tumour genes")
            continue
        for said in codon(gene, amino, number):
            yield Problem("tumour_effects/effects.tsv", said)
    for name, exon, _ in effects.classes:
        gene = genes.by_name.get(name)
        if gene is None or exon > len(gene.on[Build.GRCH38].exons):
            yield Problem("tumour_effects/effects.tsv", f"{name} exon {exon} is in no transcript here")
