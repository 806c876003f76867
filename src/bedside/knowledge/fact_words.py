"""The words in which a change of knowledge speaks of a fact: short, whole, and the same for the same fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from bedside.genome.citation import Citation
from bedside.knowledge.pgx import (
    Dose,
    Drug,
    Gene,
    GeneDrugPair,
    Guidance,
    NamedAllele,
    PhenotypeRule,
    Position,
    PriorityRule,
)


def plain(value: object) -> str:
    """A fact of any shape: yes and no, lists by `;`, pairs by an arrow."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return "; ".join(plain(one) for one in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key} → {one}" for key, one in sorted(value.items()))
    if isinstance(value, PriorityRule):
        return f"{' or '.join(value.diplotypes)} → {value.pick}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def position_words(position: Position) -> str:
    """`rs3758581 A>G GRCh37 96602623 G tier1`."""
    roles = [name for name in ("required", "tier1", "extra") if getattr(position, name)]
    there = f"GRCh37 {position.position_grch37 or '?'} {position.reference_grch37 or '?'}"
    parts = (position.rsid, f"{position.reference}>{','.join(position.alternates)}", there, *roles)
    return " ".join(part for part in parts if part)


def standing_words(allele: NamedAllele) -> str:
    """Whether the allele is the reference, in the minimum set, or structural; "" for none of them."""
    return " ".join(name for name in ("is_reference", "tier1", "structural") if getattr(allele, name))


def definition_words(gene: Gene, allele: NamedAllele) -> str:
    """`rs4244285=A`, in position order; the reference allele by its count of positions, often hundreds."""
    defined = [(position, base) for position, base in zip(gene.positions, allele.bases, strict=True) if base]
    if allele.is_reference:
        changed = [f"{_place(position)}={base}" for position, base in defined if base != position.reference]
        return f"reference of {len(defined)} positions" + (f", {' '.join(changed)}" if changed else "")
    return " ".join(f"{_place(position)}={base}" for position, base in defined) or "not defined by positions"


def _place(position: Position) -> str:
    return position.rsid or f"{position.chromosome}:{position.position}"


def rule_words(rule: PhenotypeRule) -> str:
    """The phenotype, its score, and the key when that is neither."""
    score = f" (activity score {rule.activity_score})" if rule.activity_score else ""
    key = (
        f", looked up as {rule.lookup_key}"
        if rule.lookup_key not in (rule.phenotype, rule.activity_score)
        else ""
    )
    return f"{rule.phenotype}{score}{key}"


def drug_words(drug: Drug) -> str:
    """The codes of a drug."""
    return f"RxNorm {drug.rxnorm or 'none'}, ATC {' '.join(drug.atc) or 'none'}"


def pair_words(pair: GeneDrugPair) -> str:
    """How strongly the source holds a pair."""
    return f"level {pair.level or 'none'}, {pair.status or 'no status'}"


def guideline_words(guideline: Citation) -> str:
    """Title and publications."""
    return f"{guideline.title}, PMID {' '.join(guideline.pmids) or 'none'}"


def guidance_words(row: Guidance) -> str:
    """The advice of one row, from its codes."""
    parts = [row.action.value.lower(), row.strength.value, *(_dose_words(row.dose) if row.dose else ())]
    if row.monitor:
        parts.append(f"monitor {' and '.join(row.monitor)}")
    if row.further:
        parts.append(f"further {' and '.join(row.further).lower()}")
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
