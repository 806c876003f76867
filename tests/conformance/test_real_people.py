"""The 3,202 people of the 1000 Genomes panel, and those whose alleles GeT-RM laboratories agreed upon."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.genome.genotypes import GenotypeTable
from bedside.genome.state import Called, HalfCall, PositionState, Undocumented
from bedside.intake.vcf import read_genotypes
from bedside.interpret.call_people import PeopleCalls, call_people
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.interpret.options import CallOptions
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import PgxPack
from benchmarks.getrm_concordance import concordance, panel

OPTIONS = CallOptions(missing_effects=False)

SAME = "same phenotype"
WIDER = "unphased shows a range that holds the phased phenotype"
OTHER = "other phenotype"
NAMED = "no named pair when phased, one when unphased"


@pytest.fixture(scope="module")
def pack() -> PgxPack:
    return load_pgx()


@pytest.fixture(scope="module")
def people(shared: Path, pack: PgxPack) -> GenotypeTable:
    return panel(shared / "getrm", pack, absent_as_reference=True)


@pytest.fixture(scope="module")
def phased(people: GenotypeTable, pack: PgxPack) -> PeopleCalls:
    return call_people(people, pack, {}, OPTIONS)


def without_phase(table: GenotypeTable) -> GenotypeTable:
    def one(state: PositionState) -> PositionState:
        if isinstance(state, Called | Undocumented | HalfCall):
            return replace(state, phased=False, phase_set=None)
        return state

    return replace(table, states=tuple(tuple(one(state) for state in row) for row in table.states))


def compared(phased: GeneCall, unphased: GeneCall) -> str:
    one, other = set(phased.lookup_keys), set(unphased.lookup_keys)
    if phased.status is unphased.status and one == other:
        return SAME
    if phased.status is CallStatus.NO_CALL and unphased.status is not CallStatus.NO_CALL:
        return NAMED
    return WIDER if one < other else OTHER


def counted(phased: PeopleCalls, unphased: PeopleCalls, gene: str) -> Counter[str]:
    pairs = Counter(zip(phased.index[gene].tolist(), unphased.index[gene].tolist(), strict=True))
    found: Counter[str] = Counter()
    for (one, other), number in pairs.items():
        found[compared(phased.calls[gene][one], unphased.calls[gene][other])] += number
    return found


EXCEPTIONS = {
    # Two variants of one strand that no allele names together, but that two alleles name apart.
    "CFTR": {NAMED: 44},
    "CYP2C19": {NAMED: 3},
    "CYP2C9": {NAMED: 4},
    "CYP4F2": {NAMED: 5},
    "TPMT": {NAMED: 2},
    # Besides: *6/*22 and *9/*22 (the panel filters rs2279343) look like *1/*36, which scores higher.
    "CYP2B6": {NAMED: 38, OTHER: 30},
    # Besides: frequency picks *1/*36 over *6/*44 (5 people) and *1/*49 over *5/*41 (4).
    "NAT2": {NAMED: 4, OTHER: 9},
    # *3/*6 looks like *1/*2, which scores higher.
    "NUDT15": {OTHER: 2},
    # Besides: *15/*45 and *19/*37 look like *1/*45 and *1/*20; 27 ties such as *4/*15 with *5/*14.
    "SLCO1B1": {NAMED: 13, OTHER: 2, WIDER: 27},
    # Besides: *37/*80 looks like *1/*80+*37.
    "UGT1A1": {NAMED: 13, OTHER: 1},
}


def test_real_people_keep_their_phenotype_without_phase_but_for_these(
    people: GenotypeTable, phased: PeopleCalls, pack: PgxPack
) -> None:
    unphased = call_people(without_phase(people), pack, {}, OPTIONS)
    tested = [gene for gene in phased.genes if phased.calls[gene][0].status is not CallStatus.NOT_TESTED]
    found = {gene: dict(counted(phased, unphased, gene)) for gene in tested}
    assert len(tested) == 18
    assert found == {
        gene: {SAME: 3202 - sum(EXCEPTIONS.get(gene, {}).values()), **EXCEPTIONS.get(gene, {})}
        for gene in tested
    }


def test_2504_real_people_keep_their_dpyd_phenotype_without_phase(shared: Path, pack: PgxPack) -> None:
    table = read_genotypes([shared / "getrm" / "kg2504_dpyd_from_grch37_offset.vcf.gz"], pack)
    phased = call_people(table, pack, {}, OPTIONS)
    unphased = call_people(without_phase(table), pack, {}, OPTIONS)
    assert counted(phased, unphased, "DPYD") == {SAME: 2504}


def test_people_without_a_named_pair_show_what_is_known(phased: PeopleCalls) -> None:
    silent = [
        call
        for gene in phased.genes
        for call in phased.calls[gene]
        if call.status is CallStatus.NO_CALL and not (call.partial and call.settle_with)
    ]
    assert silent == []


def test_calls_of_real_people_agree_with_getrm_under_todays_names(
    shared: Path, phased: PeopleCalls, pack: PgxPack
) -> None:
    """CYP2B6: rs2279343 was filtered from the panel. CYP4F2 and SLCO1B1: alleles that were named since."""
    agrees, renamed, tied, none, differs = (
        "agrees",
        "agrees under today's names",
        "among tied pairs",
        "no call",
        "differs",
    )
    assert concordance(shared / "getrm", pack, phased) == {
        "CYP2B6": {agrees: 26, tied: 17, none: 2, differs: 1},
        "CYP2C19": {agrees: 41, renamed: 5},
        "CYP2C9": {agrees: 46},
        "CYP3A4": {agrees: 32, renamed: 13, differs: 1},
        "CYP3A5": {agrees: 46},
        "CYP4F2": {agrees: 33, differs: 13},
        "SLCO1B1": {agrees: 20, renamed: 13, differs: 13},
        "TPMT": {agrees: 46},
    }
