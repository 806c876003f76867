"""A made-up newborn on the rapid-genome pathway, with a trio whose variants are made up (SIMULATION)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bedside.interpret.rare_score import Part, PhenotypeScore
from bedside.service.house import House
from bedside.service.pathway_signals import record_signal
from bedside.service.rank_variants import RankedCase, rank_vcf
from bedside.service.record_ranking import record_ranking
from tests.made_up_record import NOW, TOMAS, open_record

CHILD = TOMAS
HEAD = (
    "##fileformat=VCFv4.2\n##reference=GRCh38\n"
    "##INFO=<ID=CSQ,Number=.,Type=String,"
    'Description="Format: Allele|Consequence|SYMBOL|gnomADe_AF|CLIN_SIG">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\tdad\tmum\n"
)
LINES = (
    "1 100 . A G 50 PASS CSQ=G|stop_gained|GENE1||likely_pathogenic GT 0/1 0/0 0/0",
    "2 200 . C T 50 PASS CSQ=T|missense_variant|GENE2|0.001| GT 0/1 0/1 0/0",
    "2 900 . C T 50 PASS CSQ=T|frameshift_variant|GENE2|0.002| GT 0/1 0/0 0/1",
    "3 300 . G A 50 PASS CSQ=A|missense_variant|GENE3|| GT 0/1 0/0 ./.",
    "4 400 . G A 50 PASS CSQ=A|missense_variant|GENE4|0.2| GT 0/1 0/1 0/0",
)
PHENOTYPE = {
    "GENE1": PhenotypeScore(6.2, "OMIM:1", "Made-up disease one", (Part("HP:1", "Seizure", 6.2),)),
    "GENE2": PhenotypeScore(6.0, "OMIM:2", "Made-up disease two", (Part("HP:1", "Seizure", 6.0),)),
    "GENE3": PhenotypeScore(0.5, "OMIM:3", "Made-up disease three", (Part("HP:1", "Seizure", 0.5),)),
}


def ranked(folder: Path) -> RankedCase:
    """The made-up trio, ranked."""
    vcf, ped = folder / "made-up.vcf", folder / "made-up.ped"
    vcf.write_text(HEAD + "".join(line.replace(" ", "\t") + "\n" for line in LINES))
    ped.write_text("F kid dad mum 1 2\nF dad 0 0 1 1\nF mum 0 0 2 1\n")
    return rank_vcf(vcf, ped, phenotype=PHENOTYPE)


def open_newborn(folder: Path, *, frame_ancestors: str = "", told: bool = True) -> House:
    """The made-up record with a child in the unit since two days; the first result is told when `told`."""
    house = open_record(folder, frame_ancestors=frame_ancestors)
    steps: list[tuple[float, str, dict[str, str]]] = [(50, "admitted", {"unit": "nicu"})]
    if told:
        steps += [
            (49, "eligible", {"for": "rapid-genome"}),
            (46, "test-ordered", {}),
            (44, "specimen-collected", {}),
            (43, "phenotype-recorded", {}),
            (38, "specimen-received", {}),
            (14, "provisional-result", {"finding": "diagnosis"}),
        ]
    for ago, signal, said in steps:
        at = NOW - timedelta(hours=ago)
        record_signal(house, CHILD, signal, by="unit", at=at, attributes=said)
    if told:
        record_ranking(house, CHILD, ranked(folder), by="laboratory", simulated=True)
    return house
