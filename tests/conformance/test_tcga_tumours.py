"""The actionable changes of 533 public lung adenocarcinomas, found by where they lie.

The counts are those of an independent analysis: 136 of 533 by coordinates, of which a matcher that reads
protein text would miss nearly all exon 19 deletions and MET exon 14 changes.
"""

from __future__ import annotations

from collections import Counter

import pytest

from bedside.genome.answer import Answer
from bedside.genome.tumour import Aspect, Scope, Tumour
from bedside.intake.maf import read_maf
from bedside.interpret.tumour.judge import judge
from bedside.interpret.tumour.place import located
from bedside.knowledge.tumour_genes import load_tumour_genes
from bedside.knowledge.tumour_rule import parse_rule

RULES = {
    "L858R": "EGFR:p.L858R",
    "exon 19 deletion": "EGFR:exon19:inframe-deletion",
    "exon 20 insertion": "EGFR:exon20:inframe-insertion",
    "G719X, S768I, L861Q": "EGFR:p.G719* | EGFR:p.S768I | EGFR:p.L861Q",
    "T790M": "EGFR:p.T790M",
    "G12C": "KRAS:p.G12C",
    "V600E": "BRAF:p.V600E",
    "MET exon 14": "MET:exon14:skipping",
    "ERBB2 exon 20 insertion": "ERBB2:exon20:inframe-insertion",
}
COUNTS = {
    "L858R": 21, "exon 19 deletion": 23, "exon 20 insertion": 2, "G719X, S768I, L861Q": 7, "T790M": 1,
    "G12C": 62, "V600E": 7, "MET exon 14": 8, "ERBB2 exon 20 insertion": 6,
}  # fmt: skip


@pytest.fixture(scope="module")
def tumours(shared):
    genes = load_tumour_genes().by_name
    samples = read_maf(shared / "onc" / "tcga" / "TCGA_LUAD.maf.tsv.gz")
    exome = Scope(everything=frozenset({Aspect.SMALL}))
    return [
        Tumour(sample, "LUAD", tuple(located(v, genes[v.gene]) for v in found if v.gene in genes), exome)
        for sample, found in samples.items()
    ]


def test_the_actionable_counts_of_the_reference_are_found(tumours) -> None:
    found, anybody = Counter[str](), 0
    for tumour in tumours:
        hits = [
            name
            for name, rule in RULES.items()
            if judge(parse_rule(rule), tumour, lambda v, a: Answer.UNDETERMINED).answer is Answer.YES
        ]
        found.update(hits)
        anybody += bool(hits)
    assert len(tumours) == 533
    assert (dict(found), anybody) == (COUNTS, 136)


def test_protein_text_alone_would_have_missed_most_deletions(tumours) -> None:
    deletions = [
        one for tumour in tumours for one in tumour.small("EGFR") if one.exons == (19,) and one.change is None
    ]
    assert sum("ELR" in one.written for one in deletions) >= 20
