"""The same ranking from stored genomes: the child's, and the parents' where they consented too.

Looked at are the coding stretches of the transcripts the house has. No frequency is stored, so none is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bedside.genome.locus import Build
from bedside.genome.pedigree import Member, pedigree
from bedside.genome.person import Sex
from bedside.genome.presence import Absent, NotTested, Presence, Present, Zygosity
from bedside.genome.rare_fit import Excluded, Mode
from bedside.genome.rare_variant import Affected, Call, CallState, Effect, RareFamily, RareVariant
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.intake.rare_vcf import rules_at
from bedside.interpret.rare_checks import SampleChecks, Warned
from bedside.interpret.rare_score import PhenotypeScore, rank_genes
from bedside.interpret.rare_variants import sift
from bedside.knowledge.rare_variants import load_rare_policy
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.ask_genome import VariantLine, ask_regions, ask_variants
from bedside.service.classify_variants import classifier
from bedside.service.house import House
from bedside.service.rank_variants import HouseFacts, RankedCase, by_house

_COPIES = {Zygosity.HETEROZYGOUS: (1, 2), Zygosity.HOMOZYGOUS: (2, 2), Zygosity.HEMIZYGOUS: (1, 1)}
CHILD, MOTHER, FATHER = "child", "mother", "father"


def house_facts(house: House | None, root: Path | None) -> HouseFacts:
    """The ClinVar release in force, where there is a house and a release, and the shipped transcripts."""
    transcripts = load_transcripts(root).by_gene
    known = None if house is None else classifier(house)
    if known is None or not known.release:
        return HouseFacts(transcripts=transcripts)
    return HouseFacts(known.release, known.of, transcripts)


def rank_stored(
    house: House,
    child: str,
    mother: str = "",
    father: str = "",
    *,
    phenotype: Mapping[str, PhenotypeScore] | None = None,
    inheritance: Mapping[str, frozenset[Mode]] | None = None,
) -> RankedCase:
    """The genes of a child with a stored genome, ranked. Raises `NotPermitted` where one of them did not
    consent to care, `RequestError` where nothing of one is stored."""
    root = house.settings.knowledge_folder
    policy, facts = load_rare_policy(root), house_facts(house, root)
    stretches = sorted(
        Region(mine[0].chromosome, start, end)
        for mine in (facts.transcripts or {}).values()
        for start, end in mine[0].coding
    )
    lines = {one.variant: one for one in ask_regions(house, child, stretches).lines}
    parents = {
        name: _presence(house, person, list(lines))
        for name, person in ((MOTHER, mother), (FATHER, father))
        if person
    }
    variants = [by_house(_variant(line, parents), facts) for line in lines.values()]
    known = house.ledger.person(child)
    family = _family(Sex.UNKNOWN if known is None else known.sex, frozenset({CHILD, *parents}))
    sifted = sift(variants, family, policy, inheritance)
    aside: dict[Excluded, int] = {}
    for one in sifted.aside:
        aside[one.reasons[0]] = aside.get(one.reasons[0], 0) + 1
    pack = f"{policy.provenance.name}@{policy.provenance.retrieved}#{policy.provenance.sha256[:12]}"
    return RankedCase(
        family=family,
        genes=rank_genes(sifted, policy, phenotype),
        aside=aside,
        checks=SampleChecks({}, 0, 0, 0, 0, (Warned.TOO_FEW_SITES,) if parents else ()),
        doubts=(),
        lines=len(lines),
        rests_on=tuple(one for one in ("stored genomes", pack, facts.release) if one),
        notices=(f"looked at: the coding stretches of {len(facts.transcripts or {})} genes, no other",),
        policy=policy,
    )


def _presence(house: House, person: str, variants: Sequence[Variant]) -> Mapping[Variant, Presence]:
    return {one.variant: one.presence for one in ask_variants(house, person, variants).answers}


def _variant(line: VariantLine, parents: Mapping[str, Mapping[Variant, Presence]]) -> RareVariant:
    copies, ploidy = _COPIES[line.zygosity]
    phased, strand = "", 0
    if line.phase_set is not None and line.phase_set >= 0 and copies == 1 and ploidy == 2:
        phased = f"{line.variant.chromosome}:{line.phase_set}:{line.run}"
        strand = {1: 1, 2: 2}.get(line.strands, 0)
    own = Call(CallState.CALLED, copies, ploidy, phased, strand) if line.passed else Call(CallState.UNUSABLE)
    calls = {CHILD: own, **{name: call_of_presence(found[line.variant]) for name, found in parents.items()}}
    one = line.variant
    place = rules_at(one.chromosome, one.position, Build.GRCH38)
    return RareVariant(str(one), "", place, Effect.UNDETERMINED, calls=calls)


def call_of_presence(found: Presence) -> Call:
    """A stored answer as a call; the four answers stay apart."""
    if isinstance(found, Present):
        return Call(CallState.CALLED, *_COPIES[found.zygosity])
    if isinstance(found, Absent):
        return Call(CallState.CALLED, 0)
    return Call(CallState.NOT_TESTED if isinstance(found, NotTested) else CallState.UNUSABLE)


def _family(sex: Sex, sampled: frozenset[str]) -> RareFamily:
    """Child and parents; whether a parent is affected is not recorded, so it is not known."""
    members = [Member(MOTHER, Sex.FEMALE), Member(FATHER, Sex.MALE), Member(CHILD, sex, MOTHER, FATHER)]
    return RareFamily(CHILD, pedigree(members), {CHILD: Affected.YES}, sampled)
