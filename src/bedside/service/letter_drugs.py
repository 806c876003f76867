"""What a letter says of medicines: only where guidance rests on answers that are in force, that this result
gave, and that no other result contradicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bedside.decide.recommend import NOTHING_TO_CHANGE, URGENCIES, recommend_all
from bedside.decide.recommendation import Recommendation
from bedside.genome.letter import Fact, FactKind, Holder, Row, Source
from bedside.genome.person import ItemStatus
from bedside.genome.record import HeldResult, Record
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.letter_rules import LetterRules
from bedside.service.chart_medicines import problem_codes
from bedside.service.house import House
from bedside.service.letter_rows import content, gene_only, genotype
from bedside.service.rules import rules_of
from bedside.service.show_person import current_view

MOST = 10
"""Medicines that a letter names; those taken now come first, then the most urgent."""


def drug_rows(
    house: House,
    held: HeldResult,
    calls: Mapping[str, GeneCall],
    read: Sequence[str],
    rules: LetterRules,
) -> dict[str, tuple[Row, ...]]:
    """The rows of a letter about medicines."""
    by_drug, mine = _advised(house, held)
    taken = _taken(house, held.person)
    order = sorted(by_drug, key=lambda name: (name not in taken, _urgency(by_drug[name]), name.casefold()))
    named = order[:MOST]
    genes = {basis.gene for name in named for one in by_drug[name] for basis in one.basis}
    return {
        "genes": tuple(_meaning(calls[gene], held.calls[gene], rules) for gene in read if gene in genes),
        "calls": tuple(genotype(calls[gene], held.calls[gene]) for gene in read),
        "taken": tuple(_row(name, by_drug[name], rules) for name in named if name in taken),
        "advice": tuple(_row(name, by_drug[name], rules) for name in named if name not in taken),
        "more": tuple(_row(name, by_drug[name], rules) for name in order[MOST:][:1]),
        "elsewhere": tuple(gene_only(gene, held.calls[gene]) for gene in read if gene not in mine),
    }


def _advised(house: House, held: HeldResult) -> tuple[dict[str, list[Recommendation]], frozenset[str]]:
    """Recommendations to change something, by drug name, that rest on this result alone, and the genes whose
    answer in force is this result's."""
    ruleset = rules_of(house).ruleset
    state = Record(tuple(house.ledger.events(person=held.person))).as_of()
    current = current_view(house, state.results)
    mine = {gene for gene, one in current.items() if one.result.result == held.result and not one.conflict}
    calls = {gene: one.call for gene, one in current.items()}
    by_drug: dict[str, list[Recommendation]] = {}
    for one in recommend_all(ruleset.pgx, ruleset.phrases, calls, problem_codes(state.problems)):
        known = {basis.gene for basis in one.basis} - set(one.unknown_genes)
        if one.action not in NOTHING_TO_CHANGE and known and known <= mine:
            by_drug.setdefault(one.drug.name, []).append(one)
    return by_drug, frozenset(mine)


def _taken(house: House, person: str) -> frozenset[str]:
    ruleset = rules_of(house).ruleset
    state = Record(tuple(house.ledger.events(person=person))).as_of()
    active = (one for one in state.medications if one.status is ItemStatus.ACTIVE)
    return frozenset(drug.name for one in active for drug in ruleset.drugs.find((one.drug,)))


def _urgency(several: Sequence[Recommendation]) -> int:
    return min(URGENCIES.index(one.urgency) for one in several)


def _row(name: str, several: Sequence[Recommendation], rules: LetterRules) -> Row:
    rows = "+".join(sorted({one.guidance_id for one in several}))
    codes = "+".join(sorted({one.action.value for one in several}))
    words = rules.words_for(FactKind.ADVICE, codes)
    return {
        "drug": Fact("drug", FactKind.DRUG, name, name, Source(Holder.GUIDANCE, rows, "drug")),
        "advice": Fact("advice", FactKind.ADVICE, codes, words, Source(Holder.GUIDANCE, rows, "action")),
    }


def _meaning(call: GeneCall, digest: str, rules: LetterRules) -> Row:
    """How a gene works in plain words, where there are words for its one phenotype."""
    row = gene_only(call.gene, digest)
    said = call.phenotypes[0] if len(call.phenotypes) == 1 else ""
    words = rules.words_for(FactKind.MEANING, said)
    if not words:
        return row
    return {**row, "meaning": content("meaning", FactKind.MEANING, said, digest, "phenotypes", words)}
