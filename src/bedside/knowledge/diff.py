"""What changed between two releases of pharmacogenomic knowledge, as typed facts in a fixed order.

A guidance row is known by its source, drug, population and criteria, not by its identifier: a row renumbered
by its publisher has not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from bedside.genome.diplotype import allele_order
from bedside.knowledge.fact_words import (
    definition_words,
    drug_words,
    guidance_words,
    guideline_words,
    pair_words,
    plain,
    position_words,
    rule_words,
    standing_words,
)
from bedside.knowledge.pgx import (
    Gene,
    Guidance,
    NamedAllele,
    PgxPack,
)

Key = TypeVar("Key")
Item = TypeVar("Item")


class ChangeKind(Enum):
    """What kind of fact changed, in the order in which changes are listed."""

    DESCRIPTION_CHANGED = "what the release says about itself changed"
    GENE_ADDED = "gene added"
    GENE_REMOVED = "gene removed"
    GENE_FACT_CHANGED = "fact about the gene changed"
    POSITION_ADDED = "position added"
    POSITION_REMOVED = "position removed"
    POSITION_CHANGED = "position changed"
    ALLELE_ADDED = "allele added"
    ALLELE_REMOVED = "allele removed"
    ALLELE_CHANGED = "standing of the allele changed"
    DEFINITION_CHANGED = "definition changed"
    FUNCTION_CHANGED = "function changed"
    ACTIVITY_CHANGED = "activity value changed"
    RULE_ADDED = "phenotype rule added"
    RULE_REMOVED = "phenotype rule removed"
    RULE_CHANGED = "phenotype rule changed"
    DRUG_ADDED = "drug added"
    DRUG_REMOVED = "drug removed"
    DRUG_CHANGED = "drug codes changed"
    PAIR_ADDED = "gene-drug pair added"
    PAIR_REMOVED = "gene-drug pair removed"
    PAIR_CHANGED = "gene-drug pair changed"
    GUIDELINE_ADDED = "guideline added"
    GUIDELINE_REMOVED = "guideline removed"
    GUIDELINE_CHANGED = "guideline changed"
    GUIDANCE_ADDED = "guidance added"
    GUIDANCE_REMOVED = "guidance removed"
    GUIDANCE_CHANGED = "guidance changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that differs. before and after are the fact in words, "" where there is none.

    gene and drug name what the fact is about, "" where it is about none; subject is the rest of its name.
    """

    kind: ChangeKind
    subject: str
    before: str = ""
    after: str = ""
    gene: str = ""
    drug: str = ""


def diff(before: PgxPack, after: PgxPack) -> tuple[Change, ...]:
    """Every change from `before` to `after`; the same two releases give the same list, empty for equal
    content.
    """
    order = {kind: place for place, kind in enumerate(ChangeKind)}
    parts = (_description, _genes, _drugs, _pairs, _guidelines, _guidance)
    changes = [change for part in parts for change in part(before, after)]
    return tuple(
        sorted(
            changes,
            key=lambda one: (order[one.kind], one.gene, one.drug, allele_order(one.subject), one.before),
        )
    )


def _matched(
    before: Mapping[Key, Item], after: Mapping[Key, Item]
) -> Iterator[tuple[Key, Item | None, Item | None]]:
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old != new:
            yield key, old, new


def _one(
    kinds: tuple[ChangeKind, ChangeKind, ChangeKind],
    old: Item | None,
    new: Item | None,
    words: Callable[[Item], str],
    *,
    subject: str,
    gene: str = "",
    drug: str = "",
) -> Iterator[Change]:
    """The fact added, removed, or changed in its words; a difference that no word shows is no change."""
    added, removed, changed = kinds
    if old is None and new is not None:
        yield Change(added, subject, "", words(new), gene, drug)
    elif new is None and old is not None:
        yield Change(removed, subject, words(old), "", gene, drug)
    elif old is not None and new is not None and words(old) != words(new):
        yield Change(changed, subject, words(old), words(new), gene, drug)


def _description(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    for name in ("licence", "owner", "review_state", "review_due"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield Change(ChangeKind.DESCRIPTION_CHANGED, name.replace("_", " "), was, now)


def _genes(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    for symbol, old, new in _matched(before.genes, after.genes):
        if old is None or new is None:
            kind = ChangeKind.GENE_ADDED if old is None else ChangeKind.GENE_REMOVED
            yield Change(kind, symbol, gene=symbol)
            continue
        yield from _facts(old, new)
        yield from _positions(old, new)
        yield from _alleles(old, new)
        yield from _rules(old, new)


_FACTS = (
    "hgnc", "chromosome", "matcher", "lookup", "haploid_in_males", "single_allele",
    "undocumented_as_reference",
    "undocumented_as_reference_in_combination", "priorities", "renames", "presence_tests", "fallback_rsid",
    "fallback_alleles", "copy_number_bins", "proxy_allele", "proxy_intron_allele", "proxy_intron_rsid",
    "proxy_exon_rsid", "risk_phenotype", "uncertain_phenotype", "risk_function", "combination_excludes",
    "ignored_alleles", "not_callable", "shown_by_variant",
)  # fmt: skip


def _facts(old: Gene, new: Gene) -> Iterator[Change]:
    for name in _FACTS:
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(
                ChangeKind.GENE_FACT_CHANGED,
                name.replace("_", " "),
                plain(was),
                plain(now),
                gene=old.symbol,
            )


def _positions(old: Gene, new: Gene) -> Iterator[Change]:
    kinds = (ChangeKind.POSITION_ADDED, ChangeKind.POSITION_REMOVED, ChangeKind.POSITION_CHANGED)
    was = {position.position: position for position in old.positions}
    now = {position.position: position for position in new.positions}
    for place, one, other in _matched(was, now):
        subject = f"{new.chromosome}:{place}"
        yield from _one(kinds, one, other, position_words, subject=subject, gene=old.symbol)


def _alleles(old: Gene, new: Gene) -> Iterator[Change]:
    was = {allele.name: allele for allele in old.alleles}
    now = {allele.name: allele for allele in new.alleles}
    for name in {**was, **now}:
        one, other = was.get(name), now.get(name)
        if one is None and other is not None:
            words = f"{other.function or 'no function assigned'}: {definition_words(new, other)}"
            yield Change(ChangeKind.ALLELE_ADDED, name, "", words, old.symbol)
        elif other is None and one is not None:
            words = f"{one.function or 'no function assigned'}: {definition_words(old, one)}"
            yield Change(ChangeKind.ALLELE_REMOVED, name, words, "", old.symbol)
        elif one is not None and other is not None:
            yield from _allele(old, new, one, other)


def _allele(old: Gene, new: Gene, one: NamedAllele, other: NamedAllele) -> Iterator[Change]:
    pairs = (
        (ChangeKind.ALLELE_CHANGED, standing_words(one), standing_words(other)),
        (ChangeKind.DEFINITION_CHANGED, definition_words(old, one), definition_words(new, other)),
        (ChangeKind.FUNCTION_CHANGED, one.function, other.function),
        (ChangeKind.ACTIVITY_CHANGED, one.activity_value, other.activity_value),
    )
    for kind, was, now in pairs:
        if was != now:
            yield Change(kind, one.name, was or "none", now or "none", old.symbol)


def _rules(old: Gene, new: Gene) -> Iterator[Change]:
    kinds = (ChangeKind.RULE_ADDED, ChangeKind.RULE_REMOVED, ChangeKind.RULE_CHANGED)
    was = {(rule.first, rule.second): rule for rule in old.rules}
    now = {(rule.first, rule.second): rule for rule in new.rules}
    for key, one, other in _matched(was, now):
        subject = " + ".join(part for part in key if part)
        yield from _one(kinds, one, other, rule_words, subject=subject, gene=old.symbol)


def _drugs(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.DRUG_ADDED, ChangeKind.DRUG_REMOVED, ChangeKind.DRUG_CHANGED)
    for name, one, other in _matched(before.drugs, after.drugs):
        yield from _one(kinds, one, other, drug_words, subject=name, drug=name)


def _pairs(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.PAIR_ADDED, ChangeKind.PAIR_REMOVED, ChangeKind.PAIR_CHANGED)
    was = {(pair.gene, pair.drug): pair for pair in before.pairs}
    now = {(pair.gene, pair.drug): pair for pair in after.pairs}
    for (gene, drug), one, other in _matched(was, now):
        yield from _one(kinds, one, other, pair_words, subject=f"{gene} and {drug}", gene=gene, drug=drug)


def _guidelines(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.GUIDELINE_ADDED, ChangeKind.GUIDELINE_REMOVED, ChangeKind.GUIDELINE_CHANGED)
    for name, one, other in _matched(before.guidelines, after.guidelines):
        yield from _one(kinds, one, other, guideline_words, subject=name)


def _guidance(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.GUIDANCE_ADDED, ChangeKind.GUIDANCE_REMOVED, ChangeKind.GUIDANCE_CHANGED)
    for key, one, other in _matched(_rows(before), _rows(after)):
        source, drug, population, criteria = key
        subject = f"{criteria} ({source}, {population})"
        yield from _one(kinds, one, other, guidance_words, subject=subject, drug=drug)


def _rows(pack: PgxPack) -> Mapping[tuple[str, str, str, str], Guidance]:
    return {
        (
            row.source,
            row.drug,
            row.population,
            "; ".join(f"{gene}={key}" for gene, key in sorted(row.criteria.items())),
        ): row
        for rows in pack.guidance.values()
        for row in rows
    }
