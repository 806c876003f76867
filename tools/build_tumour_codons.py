"""Builds the bases of the codons that statements and known effects name, from reference alleles in public
files.

python -m tools.build_tumour_codons SHARED_DATA_FOLDER

A base is known where a public file gives it as the reference allele: ClinVar (public domain) on either
assembly, CIViC (CC0)
and the public TCGA mutations on GRCh37. What no file gives is narrowed by the named amino acid and by the
substitutions that
CIViC and TCGA name with their place; triplets that remain are all kept, and a change is told only where they
agree on it.
A codon that does not read as the amino acid the rule names is printed: then the rule is numbered in another
transcript.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bedside.genome.genetic_code import CODE
from bedside.genome.locus import Build
from bedside.knowledge.therapies import load_therapies
from bedside.knowledge.tumour_effects import load_tumour_effects
from bedside.knowledge.tumour_genes import CODON_COLUMNS, TumourGene, load_tumour_genes
from bedside.knowledge.tumour_rule import All, Not, OneOf, Rule, VariantAtom

TARGET = Path(__file__).resolve().parent.parent / "src" / "bedside" / "knowledge" / "data" / "tumour_genes"
OTHER = str.maketrans("ACGT", "TGCA")
Bases = dict[tuple[Build, str, int], str]
Seen = dict[tuple[str, int, str, str], set[tuple[str, str]]]
"""For gene, place, reference and alternate base on GRCh37: the amino acids before and after."""
CHANGE = re.compile(r"(?:p\.)?([A-Z])[0-9]+([A-Z*])")


def named(rule: Rule) -> Iterator[tuple[str, str, int]]:
    """Gene, amino acid and codon of every change that a rule names."""
    match rule:
        case Not():
            yield from named(rule.rule)
        case All() | OneOf():
            for one in rule.rules:
                yield from named(one)
        case VariantAtom() if rule.change is not None:
            yield rule.gene, rule.change[0], rule.change[1]
        case _:
            return


def reference_bases(shared: Path) -> Bases:
    """Every reference base that the files give."""
    found: Bases = {}

    def put(build: Build, chromosome: str, start: str, text: str) -> None:
        if not start.isdigit() or not text or set(text) - set("ACGT"):
            return
        name = chromosome if chromosome.startswith("chr") else f"chr{chromosome}"
        for offset, base in enumerate(text):
            found.setdefault((build, name, int(start) + offset), base)

    for file, build in (
        ("clinvar_2016-05-20.vcf.gz", Build.GRCH37),
        ("clinvar_2016-11-02.vcf.gz", Build.GRCH37),
        ("clinvar_2026-02-26_GRCh38_HBOC_Lynch_subset.vcf.gz", Build.GRCH38),
    ):
        with gzip.open(shared / "clinvar" / file, "rt", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("#"):
                    cells = line.split("\t", 5)
                    put(build, cells[0], cells[1], cells[3])
    with gzip.open(shared / "onc" / "tcga" / "TCGA_LUAD.maf.tsv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            bases = row["Reference_Allele"].replace("-", "")
            put(Build.GRCH37, row["Chromosome"], row["Start_Position"], bases)
    civic = shared / "onc" / "civic" / "2021-nightly-VariantSummaries.tsv.gz"
    with gzip.open(civic, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row.get("reference_build") == "GRCh37":
                put(Build.GRCH37, row["chromosome"], row["start"], row["reference_bases"] or "")
    return found


def substitutions(shared: Path) -> Seen:
    """Every substitution of one base that CIViC and TCGA name with its place on GRCh37."""
    found: Seen = {}

    def put(gene: str, start: str, old: str, new: str, text: str) -> None:
        change = CHANGE.fullmatch(text)
        if change is not None and start.isdigit() and len(old) == len(new) == 1:
            found.setdefault((gene, int(start), old, new), set()).add((change[1], change[2]))

    with gzip.open(shared / "onc" / "tcga" / "TCGA_LUAD.maf.tsv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            alleles = row["Reference_Allele"], row["Tumor_Seq_Allele2"]
            put(row["Hugo_Symbol"], row["Start_Position"], *alleles, row["Protein_Change"] or "")
    civic = shared / "onc" / "civic" / "2021-nightly-VariantSummaries.tsv.gz"
    with gzip.open(civic, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row.get("reference_build") == "GRCh37":
                alleles = row["reference_bases"] or "", row["variant_bases"] or ""
                put(row["gene"], row["start"], *alleles, row["variant"])
    return found


def bases_of(gene: TumourGene, codon: int, amino: str, known: Bases, seen: Seen) -> set[str]:
    """Every triplet that the known bases, the amino acid and the named substitutions leave."""
    left, evidence = {triplet for triplet, read in CODE.items() if not amino or read == amino}, False
    for build, placed in gene.on.items():
        for start, end in placed.exons:
            for position in range(start, end + 1):
                if placed.codon_of(position) != codon:
                    continue
                here = ((placed.coding_place(position) or 1) - 1) % 3
                base = known.get((build, gene.chromosome, position))
                if base is not None:
                    evidence = True
                    read = base if placed.forward else base.translate(OTHER)
                    left = {one for one in left if one[here] == read}
                if build is not Build.GRCH37:
                    continue
                for (name, place, old, new), changes in seen.items():
                    if (name, place) != (gene.gene, position) or len(changes) != 1:
                        continue
                    ((before, after),), evidence = changes, True
                    made = (old, new) if placed.forward else (old.translate(OTHER), new.translate(OTHER))
                    left = {
                        one
                        for one in left
                        if before == amino
                        and one[here] == made[0]
                        and CODE[one[:here] + made[1] + one[here + 1 :]] == after
                    }
    return left if evidence else set()


def main(shared: Path) -> None:
    """Builds the table."""
    genes, known, every = load_tumour_genes().by_name, reference_bases(shared), substitutions(shared)
    wanted = {one for row in load_therapies().rows for one in named(row.rule)}
    wanted |= {(gene, amino, codon) for gene, amino, codon, _ in load_tumour_effects().activating}
    lines = []
    for name, amino, codon in sorted(wanted):
        gene = genes.get(name)
        if gene is None:
            print(f"{name} {amino}{codon}: no such gene in the pack")
            continue
        seen = {key: changes for key, changes in every.items() if key[0] == name}
        fits = bases_of(gene, codon, amino, known, seen)
        if fits:
            lines.append(f"{name}\t{codon}\t{'|'.join(sorted(fits))}")
        else:
            other = {CODE[one] for one in bases_of(gene, codon, "", known, {})}
            said = " or ".join(sorted(other)) or "nothing: no file gives a base of it"
            print(f"{name} {amino}{codon}: reads as {said}")
    text = "\n".join(["\t".join(CODON_COLUMNS), *lines]) + "\n"
    (TARGET / "codons.tsv").write_text(text, encoding="utf-8")
    print(f"{len(lines)} codons of {len(wanted)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
