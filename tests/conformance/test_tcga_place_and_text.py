"""Where the place of a change and its protein text disagree, in 533 public lung adenocarcinomas: all of it,
explained.

`tcga_luad.tsv` holds the table: for each rule how many tumours are found by place, how many their text alone
would
give, and why the rest is missed; and for each gene the substitutions whose number is not that of our
transcript.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bedside.genome.answer import Answer
from bedside.genome.locus import Build
from bedside.genome.tumour import Aspect, Scope, SmallVariant
from bedside.interpret.tumour.judge import judge
from bedside.interpret.tumour.place import parse_change
from bedside.knowledge.oncotree import load_oncotree
from bedside.knowledge.tumour_genes import load_tumour_genes
from bedside.knowledge.tumour_rule import OneOf, Rule, VariantAtom, parse_rule
from bedside.service.read_tumours import TumourFile, read_tumour_file
from tests.conformance.test_tcga_tumours import COUNTS, RULES

TABLE = Path(__file__).with_name("tcga_luad.tsv")
GENES = load_tumour_genes()
_INDEL = re.compile(r"p\.[A-Z]([0-9]+)(?:_[A-Z]([0-9]+))?(del|dup|ins|delins)[A-Z]*")
WHY_TEXT = {
    "": "",
    "no text": "the file gives no protein text",
    "off standard": "the text is not HGVS: it has no range of residues, or is written A>B",
    "no word for it": "protein text has no word for a lost exon",
}


@pytest.fixture(scope="module")
def tumours(shared):
    exome = Scope(everything=frozenset({Aspect.SMALL}))
    path = shared / "onc" / "tcga" / "TCGA_LUAD.maf.tsv.gz"
    return read_tumour_file(TumourFile(path, "LUAD", exome), load_oncotree(), GENES).tumours


def atoms(rule: Rule) -> tuple[VariantAtom, ...]:
    parts = rule.rules if isinstance(rule, OneOf) else (rule,)
    return tuple(one for one in parts if isinstance(one, VariantAtom))


def text_says(one: SmallVariant, atom: VariantAtom) -> bool:
    """Whether protein text alone would have met the rule."""
    if atom.change is not None:
        said = parse_change(one.written)
        reference, codon, alternate = atom.change
        same = said is not None and (said.reference, said.first) == (reference, codon)
        return same and said is not None and alternate in ("*", said.alternate)
    found = _INDEL.fullmatch(one.written)
    if found is None or atom.exons is None:
        return False
    placed = GENES.by_name[one.gene].on[Build.GRCH37]
    codons = placed.codons_over(*(placed.coding(atom.exons[0]) or (0, 0))) or (0, 0)
    inside = codons[0] <= int(found[1]) <= codons[1]
    wanted = ("del", "delins") if "deletion" in atom.kind.value else ("ins", "dup", "delins")
    return inside and found[3] in wanted


def why_missed(one: SmallVariant, atom: VariantAtom) -> str:
    if atom.kind.value == "skipping":
        return "no text" if one.written in ("", ".") else "no word for it"
    if not one.written:
        return "no text"
    return "off standard" if _INDEL.fullmatch(one.written) is None else "another number"


def why_number(differences: list[int]) -> str:
    if len(differences) == 1:
        return "one only: numbered in another transcript"
    if len(set(differences)) == 1:
        return "all by the same number: a transcript with another beginning"
    return "by several numbers: a transcript with other exons"


def rows(tumours) -> list[str]:
    made = ["\t".join(("rule", "by place", "by text alone", "missed by text", "why"))]
    for name, written in RULES.items():
        rule, by_place, by_text, why = parse_rule(written), 0, 0, Counter[str]()
        for tumour in tumours:
            found = judge(rule, tumour, lambda v, a: Answer.UNDETERMINED)
            (gene,) = {atom.gene for atom in atoms(rule)}
            said = any(text_says(one, atom) for one in tumour.small(gene) for atom in atoms(rule))
            by_text += said
            if found.answer is Answer.YES:
                by_place += 1
                if not said:
                    (one, *_) = (f for f in found.findings if isinstance(f, SmallVariant))
                    why[why_missed(one, atoms(rule)[0])] += 1
            else:
                assert not said, (name, "text says yes and the place does not")
        reasons = "; ".join(f"{count}: {WHY_TEXT[key]}" for key, count in sorted(why.items()))
        made.append(f"{name}\t{by_place}\t{by_text}\t{sum(why.values())}\t{reasons}")
    made.append("\t".join(("gene", "substitutions", "renumbered", "difference of numbers", "why")))
    found: dict[str, list[int]] = {}
    all_of_them = Counter[str]()
    for tumour in tumours:
        for one in tumour.findings:
            said = parse_change(one.written) if isinstance(one, SmallVariant) else None
            if said is None or not isinstance(one, SmallVariant) or one.codons is None:
                continue
            all_of_them[one.gene] += 1
            if not one.codons[0] <= said.first <= one.codons[1]:
                found.setdefault(one.gene, []).append(one.codons[0] - said.first)
    for gene, differences in sorted(found.items()):
        shifts = sorted(set(differences))
        shown = (
            ", ".join(f"{one:+d}" for one in shifts)
            if len(shifts) <= 3
            else f"{shifts[0]:+d} to {shifts[-1]:+d}"
        )
        made.append(f"{gene}\t{all_of_them[gene]}\t{len(differences)}\t{shown}\t{why_number(differences)}")
    return made


def test_every_disagreement_is_in_the_table_with_its_reason(tumours) -> None:
    assert rows(tumours) == TABLE.read_text(encoding="utf-8").splitlines()


def test_the_table_is_that_of_the_reference(tumours) -> None:
    cells = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    by_place = {line[0]: int(line[1]) for line in cells[1 : len(RULES) + 1]}
    assert by_place == COUNTS
    renumbered = cells[len(RULES) + 2 :]
    assert all(line[4] for line in renumbered)
    assert len(renumbered) >= 20
