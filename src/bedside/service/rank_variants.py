"""A child's VCF with its family, and what the findings say of genes, as one ranking that says what it rests
on and what it lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bedside.errors import InputError
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.genome.rare_fit import Doubt, Excluded, Mode, PutAside
from bedside.genome.rare_variant import (
    Classified,
    ClinicalClass,
    Effect,
    RareFamily,
    RareVariant,
)
from bedside.genome.variant import Variant, parse_variant
from bedside.intake.ped import family_of_one, read_ped
from bedside.intake.rare_annotation import clinical_class
from bedside.intake.rare_vcf import RareVcf
from bedside.interpret.germline.coding import NO_BASES
from bedside.interpret.germline.consequence import TRUNCATING, Term, consequence
from bedside.interpret.rare_checks import SampleChecks, SampleTally
from bedside.interpret.rare_score import PhenotypeScore, RankedGene, rank_genes
from bedside.interpret.rare_variants import sift, why_aside
from bedside.knowledge.classification import ClassifiedVariant
from bedside.knowledge.clinvar.terms import site_terms
from bedside.knowledge.rare_variants import RarePolicy, load_rare_policy
from bedside.knowledge.transcripts import Transcript

Asks = Callable[[Variant], tuple[ClassifiedVariant, ...]]
Tells = Callable[[PutAside], None]
_EFFECTS = {
    **dict.fromkeys(TRUNCATING, Effect.LOSS),
    Term.START_LOST: Effect.LOSS,
    Term.STOP_LOST: Effect.IN_FRAME,
    Term.INFRAME_DELETION: Effect.IN_FRAME,
    Term.INFRAME_INSERTION: Effect.IN_FRAME,
    Term.INFRAME_INDEL: Effect.IN_FRAME,
    Term.MISSENSE: Effect.MISSENSE,
    Term.SPLICE_REGION: Effect.SPLICE_REGION,
    Term.SYNONYMOUS: Effect.SYNONYMOUS,
    Term.STOP_RETAINED: Effect.SYNONYMOUS,
    Term.UTR_5: Effect.NON_CODING,
    Term.UTR_3: Effect.NON_CODING,
    Term.INTRON: Effect.NON_CODING,
}


@dataclass(frozen=True, slots=True)
class HouseFacts:
    """What the house itself knows on GRCh38: its ClinVar release ("" when none), and its transcripts."""

    release: str = ""
    classified: Asks | None = None
    transcripts: Mapping[str, tuple[Transcript, ...]] | None = None


@dataclass(frozen=True, slots=True)
class RankedCase:
    """The ranking of one child. aside: how many variants were put aside, by first reason. rests_on: names and
    digests of everything it was made from; notices: what was not understood."""

    family: RareFamily
    genes: tuple[RankedGene, ...]
    aside: Mapping[Excluded, int]
    checks: SampleChecks
    doubts: tuple[Doubt, ...]
    lines: int
    rests_on: tuple[str, ...]
    notices: tuple[str, ...]
    policy: RarePolicy


def rank_vcf(
    vcf: Path,
    ped: Path | None = None,
    *,
    proband: str = "",
    sex: Sex = Sex.UNKNOWN,
    build: Build | None = None,
    phenotype: Mapping[str, PhenotypeScore] | None = None,
    inheritance: Mapping[str, frozenset[Mode]] | None = None,
    house: HouseFacts | None = None,
    root: Path | None = None,
    tell: Tells | None = None,
) -> RankedCase:
    """The genes of the child of a VCF, ranked. ped: the family; without it the file has one sample, the
    child's. phenotype: by gene; None when no findings are given. tell: told of each variant put aside.
    Raises `InputError` with every problem of the files."""
    policy, house = load_rare_policy(root), house or HouseFacts()
    file = RareVcf(vcf, policy, site_terms(root), build)
    family = _family(file, vcf, ped, proband, sex)
    tally = SampleTally(family, policy.checks)
    aside: dict[Excluded, int] = {}

    def put(one: PutAside) -> None:
        aside[one.reasons[0]] = aside.get(one.reasons[0], 0) + 1
        if tell is not None:
            tell(one)

    kept: list[RareVariant] = []
    own = house if file.build is Build.GRCH38 else HouseFacts()
    for one in file.variants(tally.see):
        variant = by_house(one, own) if one.of(family.proband).known else one
        reason = why_aside(variant, family, policy)
        if reason is None:
            kept.append(variant)
        else:
            put(PutAside(variant, (reason,)))
    sifted = sift(kept, family, policy, inheritance)
    for left in sifted.aside:
        put(left)
    checks = tally.result()
    doubtful = any(one.doubts_samples for one in checks.warned)
    doubts = (Doubt.SAMPLES_DOUBTFUL,) if doubtful else ()
    return RankedCase(
        family=family,
        genes=rank_genes(sifted, policy, phenotype, doubts),
        aside=dict(sorted(aside.items(), key=lambda pair: -pair[1])),
        checks=checks,
        doubts=doubts,
        lines=file.lines,
        rests_on=_rests_on(vcf, ped, policy, own),
        notices=tuple(
            f"{word}: not in the pack's words, {count} times"
            for word, count in file.annotations.unknown.items()
        ),
        policy=policy,
    )


def _family(file: RareVcf, vcf: Path, ped: Path | None, proband: str, sex: Sex) -> RareFamily:
    samples = file.header.samples
    if ped is not None:
        return read_ped(ped, samples, proband)
    if len(samples) == 1 or proband in samples:
        return family_of_one(proband or samples[0], sex)
    raise InputError.one(
        vcf.name,
        f"has {len(samples)} samples, and nobody said which is the child and who the parents are",
        remedy="give the family with --ped, or the child alone with --proband",
    )


def _rests_on(vcf: Path, ped: Path | None, policy: RarePolicy, own: HouseFacts) -> tuple[str, ...]:
    named = [f"VCF sha256 {_digest_of(vcf)}"]
    if ped is not None:
        named.append(f"family sha256 {_digest_of(ped)}")
    named.append(f"{policy.provenance.name}@{policy.provenance.retrieved}#{policy.provenance.sha256[:12]}")
    return (*named, own.release) if own.release else tuple(named)


def _digest_of(path: Path) -> str:
    from hashlib import file_digest

    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def by_house(variant: RareVariant, own: HouseFacts) -> RareVariant:
    """The variant with the class of the house's own release in place of the file's, and with the house's
    consequence where the file names no gene."""
    if own.classified is None and not own.transcripts:
        return variant
    change = parse_variant(variant.name)
    if own.classified is not None:
        records = own.classified(change)
        best = max(records, key=lambda one: one.stars, default=None)
        kind = ClinicalClass.NONE if best is None else clinical_class(best.classification)
        variant = replace(
            variant, classified=Classified(kind, 0 if best is None else best.stars, own.release)
        )
    if variant.gene or not own.transcripts:
        return variant
    for gene, transcripts in own.transcripts.items():
        first = transcripts[0]
        if (
            first.chromosome == change.chromosome
            and first.start <= change.end
            and change.position <= first.end
        ):
            found = consequence(change, first, NO_BASES)
            effects = [_EFFECTS.get(term, Effect.UNDETERMINED) for term in found.terms]
            effect = effects[0] if effects and not (found.undetermined and not found.truncating) else None
            words = f"{', '.join(term.name.lower() for term in found.terms)} in {first.accession}"
            return replace(variant, gene=gene, effect=effect or Effect.UNDETERMINED, words=words)
    return variant
