"""What changed between two releases of pharmacogenomic knowledge, as typed facts in a fixed order.

A guidance row is known by its source, drug, population and criteria, not by its identifier: a row renumbered
by its publisher has not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from bedside.genome.citation import Citation
from bedside.genome.diplotype import allele_order
from bedside.knowledge.pgx import (
    Dose,
    Drug,
    Gene,
    GeneDrugPair,
    Guidance,
    NamedAllele,
    PgxPack,
    PhenotypeRule,
    Position,
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
                _plain(was),
                _plain(now),
                gene=old.symbol,
            )


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return "; ".join(_plain(one) for one in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key} → {one}" for key, one in sorted(value.items()))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _positions(old: Gene, new: Gene) -> Iterator[Change]:
    kinds = (ChangeKind.POSITION_ADDED, ChangeKind.POSITION_REMOVED, ChangeKind.POSITION_CHANGED)
    was = {position.position: position for position in old.positions}
    now = {position.position: position for position in new.positions}
    for place, one, other in _matched(was, now):
        subject = f"{new.chromosome}:{place}"
        yield from _one(kinds, one, other, _position_words, subject=subject, gene=old.symbol)


def _position_words(position: Position) -> str:
    roles = [name for name in ("required", "tier1", "extra") if getattr(position, name)]
    there = f"GRCh37 {position.position_grch37 or '?'} {position.reference_grch37 or '?'}"
    parts = (position.rsid, f"{position.reference}>{','.join(position.alternates)}", there, *roles)
    return " ".join(part for part in parts if part)


def _alleles(old: Gene, new: Gene) -> Iterator[Change]:
    was = {allele.name: allele for allele in old.alleles}
    now = {allele.name: allele for allele in new.alleles}
    for name in {**was, **now}:
        one, other = was.get(name), now.get(name)
        if one is None and other is not None:
            words = f"{other.function or 'no function assigned'}: {_definition(new, other)}"
            yield Change(ChangeKind.ALLELE_ADDED, name, "", words, old.symbol)
        elif other is None and one is not None:
            words = f"{one.function or 'no function assigned'}: {_definition(old, one)}"
            yield Change(ChangeKind.ALLELE_REMOVED, name, words, "", old.symbol)
        elif one is not None and other is not None:
            yield from _allele(old, new, one, other)


def _allele(old: Gene, new: Gene, one: NamedAllele, other: NamedAllele) -> Iterator[Change]:
    pairs = (
        (ChangeKind.ALLELE_CHANGED, _standing(one), _standing(other)),
        (ChangeKind.DEFINITION_CHANGED, _definition(old, one), _definition(new, other)),
        (ChangeKind.FUNCTION_CHANGED, one.function, other.function),
        (ChangeKind.ACTIVITY_CHANGED, one.activity_value, other.activity_value),
    )
    for kind, was, now in pairs:
        if was != now:
            yield Change(kind, one.name, was or "none", now or "none", old.symbol)


def _standing(allele: NamedAllele) -> str:
    return " ".join(name for name in ("is_reference", "tier1", "structural") if getattr(allele, name))


def _definition(gene: Gene, allele: NamedAllele) -> str:
    """`rs4244285=A`, in position order; the reference allele by its count of positions, which may be
    hundreds.
    """
    defined = [(position, base) for position, base in zip(gene.positions, allele.bases, strict=True) if base]
    if allele.is_reference:
        changed = [f"{_place(position)}={base}" for position, base in defined if base != position.reference]
        return f"reference of {len(defined)} positions" + (f", {' '.join(changed)}" if changed else "")
    return " ".join(f"{_place(position)}={base}" for position, base in defined) or "not defined by positions"


def _place(position: Position) -> str:
    return position.rsid or f"{position.chromosome}:{position.position}"


def _rules(old: Gene, new: Gene) -> Iterator[Change]:
    kinds = (ChangeKind.RULE_ADDED, ChangeKind.RULE_REMOVED, ChangeKind.RULE_CHANGED)
    was = {(rule.first, rule.second): rule for rule in old.rules}
    now = {(rule.first, rule.second): rule for rule in new.rules}
    for key, one, other in _matched(was, now):
        subject = " + ".join(part for part in key if part)
        yield from _one(kinds, one, other, _rule_words, subject=subject, gene=old.symbol)


def _rule_words(rule: PhenotypeRule) -> str:
    score = f" (activity score {rule.activity_score})" if rule.activity_score else ""
    key = (
        f", looked up as {rule.lookup_key}"
        if rule.lookup_key not in (rule.phenotype, rule.activity_score)
        else ""
    )
    return f"{rule.phenotype}{score}{key}"


def _drugs(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.DRUG_ADDED, ChangeKind.DRUG_REMOVED, ChangeKind.DRUG_CHANGED)
    for name, one, other in _matched(before.drugs, after.drugs):
        yield from _one(kinds, one, other, _drug_words, subject=name, drug=name)


def _drug_words(drug: Drug) -> str:
    return f"RxNorm {drug.rxnorm or 'none'}, ATC {' '.join(drug.atc) or 'none'}"


def _pairs(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.PAIR_ADDED, ChangeKind.PAIR_REMOVED, ChangeKind.PAIR_CHANGED)
    was = {(pair.gene, pair.drug): pair for pair in before.pairs}
    now = {(pair.gene, pair.drug): pair for pair in after.pairs}
    for (gene, drug), one, other in _matched(was, now):
        yield from _one(kinds, one, other, _pair_words, subject=f"{gene} and {drug}", gene=gene, drug=drug)


def _pair_words(pair: GeneDrugPair) -> str:
    return f"level {pair.level or 'none'}, {pair.status or 'no status'}"


def _guidelines(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.GUIDELINE_ADDED, ChangeKind.GUIDELINE_REMOVED, ChangeKind.GUIDELINE_CHANGED)
    for name, one, other in _matched(before.guidelines, after.guidelines):
        yield from _one(kinds, one, other, _guideline_words, subject=name)


def _guideline_words(guideline: Citation) -> str:
    return f"{guideline.title}, PMID {' '.join(guideline.pmids) or 'none'}"


def _guidance(before: PgxPack, after: PgxPack) -> Iterator[Change]:
    kinds = (ChangeKind.GUIDANCE_ADDED, ChangeKind.GUIDANCE_REMOVED, ChangeKind.GUIDANCE_CHANGED)
    for key, one, other in _matched(_rows(before), _rows(after)):
        source, drug, population, criteria = key
        subject = f"{criteria} ({source}, {population})"
        yield from _one(kinds, one, other, _guidance_words, subject=subject, drug=drug)


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


def _guidance_words(row: Guidance) -> str:
    parts = [row.action.value.lower(), row.strength.value, *(_dose_words(row.dose) if row.dose else ())]
    if row.monitor:
        parts.append(f"monitor {' and '.join(row.monitor)}")
    parts.extend(name for name in ("alternate_drug", "dosing_info", "other_guidance") if getattr(row, name))
    parts.append(row.citation.identifier)
    return ", ".join(part.replace("_", " ") for part in parts if part)


def _dose_words(dose: Dose) -> Iterator[str]:
    basis = f"usual {dose.basis.replace(';', ' and ')} dose".replace("  ", " ")
    for low, high, unit in (
        (dose.percent_low, dose.percent_high, " % of"),
        (dose.fold_low, dose.fold_high, " times"),
    ):
        if low is not None:
            share = (
                f"at least {low:g}" if high is None else f"{low:g}" if low == high else f"{low:g} to {high:g}"
            )
            yield f"{share}{unit} the {basis}"
    if dose.maximum is not None:
        yield f"at most {dose.maximum:g} {dose.unit} {dose.basis}".rstrip()
