"""Where CIViC's evidence agrees and disagrees with a statement about a therapy. Nothing is counted up or
weighed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from bedside.knowledge.civic import Evidence, Says
from bedside.knowledge.oncotree import ANY_SOLID
from bedside.knowledge.statement_lint import Words, stands
from bedside.knowledge.therapies import Direction, Therapy
from bedside.knowledge.tumour_rule import All, AmplifiedAtom, FusionAtom, Kind, Not, OneOf, Rule, VariantAtom

_CHANGE = re.compile(r"([A-Z])([0-9]+)([A-Z])")
_ANY_CHANGE = re.compile(r"([A-Z])([0-9]+)")
_EXON = re.compile(r"EXON ([0-9]+) (DELETION|INSERTION|SKIPPING MUTATION|MUTATION|FRAMESHIFT)")
_JOINED = re.compile(
    r"(?:(?P<five>[A-Z0-9]+)(?:-|::)(?P<three>[A-Z0-9]+)|[A-Z0-9]+)?"
    r"(?: ?FUSIONS?)?(?: E[0-9]+[-;][AE][0-9]+)?"
)
"""A fusion and nothing besides: with a change or an amplification it is another finding."""
_KINDS = {
    Kind.INFRAME_DELETION: "DELETION", Kind.INFRAME_INSERTION: "INSERTION", Kind.ACTIVATING: "MUTATION",
    Kind.SKIPPING: "SKIPPING MUTATION", Kind.FRAMESHIFT: "FRAMESHIFT",
}  # fmt: skip


class Agreement(Enum):
    """Whether evidence says what a statement says."""

    AGREES = "agrees"
    DISAGREES = "disagrees"


_FOR = {
    Direction.SENSITIVITY: {Says.SENSITIVE: True, Says.RESISTANT: False, Says.NOT_SENSITIVE: False},
    Direction.RESISTANCE: {Says.RESISTANT: True, Says.SENSITIVE: False, Says.NOT_RESISTANT: False},
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One item of evidence about a statement's finding, tumour and drug."""

    therapy: Therapy
    evidence: Evidence
    agreement: Agreement


def compared(rows: Iterable[Therapy], evidence: Iterable[Evidence], words: Words) -> Iterator[Compared]:
    """Every item of evidence about the finding, the tumour and the drugs of a statement, by statement."""
    by_gene: dict[str, list[Evidence]] = {}
    for one in evidence:
        by_gene.setdefault(one.gene, []).append(one)
    for row in rows:
        atoms = sharpest(row.rule)
        for gene in sorted({gene for atom in atoms for gene in genes_of_atom(atom)}):
            for one in by_gene.get(gene, ()):
                agrees = _FOR[row.direction].get(one.says)
                if agrees is None or not (same_drugs(row, one) and same_tumour(row, one, words)):
                    continue
                if any(speaks_of(atom, one.gene, one.variant) for atom in atoms):
                    yield Compared(row, one, Agreement.AGREES if agrees else Agreement.DISAGREES)


Finding = VariantAtom | FusionAtom | AmplifiedAtom


def sharpest(rule: Rule) -> tuple[Finding, ...]:
    """The findings that a rule asks to be there; of one with a named change, only the named changes."""
    found = tuple(_asked(rule))
    changes = tuple(one for one in found if isinstance(one, VariantAtom) and one.change is not None)
    return changes or found


def _asked(rule: Rule) -> Iterator[Finding]:
    match rule:
        case All() | OneOf():
            for one in rule.rules:
                yield from _asked(one)
        case Not():
            return
        case VariantAtom() | FusionAtom() | AmplifiedAtom():
            yield rule


def genes_of_atom(atom: Finding) -> tuple[str, ...]:
    """The genes of a finding."""
    return atom.genes if isinstance(atom, FusionAtom) else (atom.gene,)


def speaks_of(atom: Finding, gene: str, variant: str) -> bool:
    """Whether CIViC's words for a variant name the finding."""
    text = variant.upper().strip()
    match atom:
        case AmplifiedAtom():
            return gene == atom.gene and text == "AMPLIFICATION"
        case FusionAtom():
            joined = _JOINED.fullmatch(text)
            if joined is None or gene not in atom.genes or not (joined["five"] or "FUSION" in text):
                return False
            return len(atom.genes) == 1 or set(atom.genes) <= {joined["five"], joined["three"], gene}
    if gene != atom.gene:
        return False
    if atom.change is not None:
        reference, codon, alternate = atom.change
        last = text.split(" ")[-1]
        found = _CHANGE.fullmatch(last)
        if found is not None:
            same = (found[1], int(found[2])) == (reference, codon)
            return same and alternate in ("*", found[3])
        whole_codon = _ANY_CHANGE.fullmatch(last)
        return whole_codon is not None and (whole_codon[1], int(whole_codon[2])) == (reference, codon)
    exon = _EXON.fullmatch(text)
    if exon is not None and atom.exons is not None:
        return atom.exons[0] <= int(exon[1]) <= atom.exons[1] and exon[2] == _KINDS.get(atom.kind)
    return False


def same_drugs(row: Therapy, one: Evidence) -> bool:
    """Whether the evidence is about the regimen: the same drugs together, or one drug that is the regimen."""
    regimen = {part.casefold() for part in row.drug.split(" + ")}
    given = {drug.casefold() for drug in one.drugs}
    return regimen == given if one.together or len(regimen) > 1 else regimen <= given


def same_tumour(row: Therapy, one: Evidence, words: Words) -> bool:
    """Whether the evidence's disease is the statement's; of any solid tumour, every disease."""
    if row.oncotree == ANY_SOLID:
        return True
    return stands(words.tumours.get(row.oncotree, ()), one.disease)
