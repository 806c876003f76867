"""A ranking from stored genomes: consent is asked of each, and the four answers about a parent stay apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.errors import RequestError
from bedside.genome.consent import Decision, Scope
from bedside.genome.presence import Absent, NotCallable, NotTested, Present, Uncalled, Zygosity
from bedside.genome.rare_fit import Doubt, Standing
from bedside.genome.rare_variant import CallState, Effect
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.consented_lake import NotPermitted
from bedside.service.house import House, open_house
from bedside.service.rank_stored import call_of_presence, rank_stored
from bedside.service.record_consent import record_consent
from bedside.settings import read_settings

GENE, (FIRST, *_) = next((g, t) for g, t in load_transcripts().by_gene.items() if t[0].chromosome == "chr17")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A trio with stored exomes: the child has a frameshift that neither parent has."""
    chromosome, (start, end) = FIRST.chromosome, FIRST.coding[2]
    vcf, bed = tmp_path / "trio.vcf", tmp_path / "covered.bed"
    head = "##fileformat=VCFv4.2\n##reference=GRCh38\n##contig=<ID=chr17,length=83257441,assembly=GRCh38>\n"
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\tdad\tmum\n"
    vcf.write_text(head + f"{chromosome}\t{start + 4}\t.\tA\tAT\t50\tPASS\t.\tGT\t0/1\t0/0\t0/0\n")
    bed.write_text(f"{chromosome}\t{start - 1}\t{end}\n")
    store = f"sqlite:///{tmp_path / 'house.db'}"
    assert main(["accept", str(vcf), "--assay", "exome", "--covered", str(bed), "--store", store]) == 0
    opened = open_house(read_settings({}, store_url=store))
    yield opened
    opened.close()


def test_a_stored_trio_is_ranked_and_says_what_it_lacks(house: House) -> None:
    found = rank_stored(house, "kid", "mum", "dad")
    (gene,) = found.genes
    assert (gene.gene, gene.fit.standing) == (GENE, Standing.DE_NOVO)
    assert gene.fit.variants[0].effect is Effect.LOSS
    assert Doubt.FREQUENCY_NOT_GIVEN in gene.doubts
    assert Doubt.PARENTS_NOT_TESTED not in gene.doubts
    assert "no other" in found.notices[0]
    alone = rank_stored(house, "kid")
    assert Doubt.PARENTS_NOT_TESTED in alone.genes[0].doubts


def test_nobody_is_read_without_consent_or_a_genome(house: House) -> None:
    record_consent(house, "mum", Scope.CLINICAL, Decision.WITHDRAWN)
    with pytest.raises(NotPermitted):
        rank_stored(house, "kid", "mum", "dad")
    assert rank_stored(house, "kid", "", "dad").genes[0].fit.standing is Standing.DE_NOVO_ONE_PARENT
    with pytest.raises(RequestError, match="no genome of this person is stored"):
        rank_stored(house, "nobody")


def test_the_four_answers_stay_apart() -> None:
    states = [
        call_of_presence(one)
        for one in (Present(Zygosity.HOMOZYGOUS), Absent(), NotCallable(Uncalled.NO_CALL), NotTested())
    ]
    assert [one.known for one in states] == [2, 0, None, None]
    assert [one.state for one in states[2:]] == [CallState.UNUSABLE, CallState.NOT_TESTED]
