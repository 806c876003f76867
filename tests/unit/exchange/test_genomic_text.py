"""What laboratories and charts write about a gene is read as the release names it, or not at all."""

from __future__ import annotations

import pytest

from bedside.exchange.genomic_text import GenomicWords, genomic_words
from bedside.genome.observation import OutsideCall
from bedside.interpret.gene_call import CallStatus
from bedside.interpret.outside import call_outside
from bedside.knowledge.names import load_names
from bedside.knowledge.pgx import Lookup
from tests.unit.decide.people import pack


@pytest.fixture(scope="module")
def words() -> GenomicWords:
    return genomic_words(pack(), load_names())


@pytest.mark.parametrize(
    ("text", "diplotype", "phenotype"),
    [
        ("DPYD Reference/c.1905+1G>A (*2A)", "Reference/c.1905+1G>A (*2A)", ""),
        ("DPYD c.1905+1G>A (*2A)/c.1905+1G>A (*2A)", "c.1905+1G>A (*2A)/c.1905+1G>A (*2A)", ""),
        ("DPYD Reference/c.1905+1G>A", "Reference/c.1905+1G>A (*2A)", ""),
        ("DPYD *1/*2A", "Reference/c.1905+1G>A (*2A)", ""),
        ("DPYD *1/HapB3", "Reference/c.1129-5923C>G, c.1236G>A (HapB3)", ""),
        ("G6PD A- 202A_376G/B (reference)", "A- 202A_376G/B (reference)", ""),
        ("G6PD A- 202A_376G", "A- 202A_376G", ""),
        ("MT-RNR1 m.1555A>G", "m.1555A>G", ""),
        ("SLCO1B1 *1A/*5", "*1/*5", ""),
        ("CYP2D6 (*1x2)/*2", "*1x2/*2", ""),
        ("CYP2D6 *1/*4xN", "*1/*4xN", ""),
        ("CYP2C19 *2 / *2", "*2/*2", ""),
        ("CYP2C19: *2/*2 (Poor Metabolizer)", "*2/*2", "Poor Metabolizer"),
        ("CYP2C19 *2/*2, poor metaboliser", "*2/*2", "Poor Metabolizer"),
        ("CYP2C19 - Poor Metaboliser", "", "Poor Metabolizer"),
        ("HLA-B *57:01/*07:02", "*57:01/*07:02", ""),
    ],
)
def test_a_result_is_read_as_laboratories_write_it(
    words: GenomicWords, text: str, diplotype: str, phenotype: str
) -> None:
    gene = text.split()[0].rstrip(":")
    assert words.read(text) == OutsideCall(gene, diplotype=diplotype, phenotype=phenotype)


@pytest.mark.parametrize(
    "text",
    [
        "DPYD c.9999A>G/Reference",
        "DPYD *1/*77",
        "CYP2C19 *2",
        "CYP2C19 *2|*2",
        "CYP2C19 *2/*2/*3",
        "CYP2C19 *2/*2 (see report)",
        "MT-RNR1 m.1555A>G/m.1555A>G",
        "CYP2C19 negative for *2",
    ],
)
def test_what_the_release_does_not_hold_is_not_read(words: GenomicWords, text: str) -> None:
    assert words.read(text) is None


@pytest.mark.parametrize("gene", sorted(pack().genes))
def test_every_allele_of_the_release_is_read_back_by_its_own_name(words: GenomicWords, gene: str) -> None:
    known = pack().genes[gene]
    if known.lookup is Lookup.ALLELE_PRESENCE:
        assert known.alleles == ()
        return
    for allele in known.alleles:
        written = allele.name if known.single_allele else f"{known.reference_allele.name}/{allele.name}"
        assert words.read(f"{gene} {written}") == OutsideCall(gene, diplotype=written)


def test_a_read_result_of_dpyd_keeps_its_meaning(words: GenomicWords) -> None:
    read = words.read("DPYD *1/*2A")
    assert read is not None
    call = call_outside(pack().genes["DPYD"], (read,))
    assert (call.status, call.phenotypes) == (CallStatus.CALLED, ("Intermediate Metabolizer",))
