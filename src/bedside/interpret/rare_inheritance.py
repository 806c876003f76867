"""Whether one or two variants of a gene fit a way of inheritance in a family that was tested in part.

Mendel's rules only. A parent who was not tested can be anything; nobody is taken for healthy who was not said
to be. A healthy relative with the same genotype speaks against it in full: incomplete penetrance is not
modelled, and a person can look at what was put aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bedside.genome.person import Sex
from bedside.genome.rare_fit import Doubt, Excluded, Fit, Mode, Standing
from bedside.genome.rare_variant import (
    Affected,
    CallState,
    FrequencyState,
    Place,
    RareFamily,
    RareVariant,
)
from bedside.knowledge.rare_variants import Limits

MOTHER, FATHER = "mother", "father"
Tried = Fit | tuple[Excluded, ...]


@dataclass(frozen=True, slots=True)
class Parents:
    """The copies of both parents at a place, None where not known, and what that leaves in doubt."""

    mother: int | None
    father: int | None
    doubts: tuple[Doubt, ...]

    @property
    def both(self) -> tuple[int | None, int | None]:
        """Mother's and father's copies."""
        return self.mother, self.father


def parents_at(variant: RareVariant, family: RareFamily, of: Sequence[str] = (MOTHER, FATHER)) -> Parents:
    """What is known of the parents that matter here."""
    known: dict[str, int | None] = {}
    doubts: list[Doubt] = []
    for which, name in ((MOTHER, family.mother), (FATHER, family.father)):
        call = variant.of(name)
        known[which] = call.known
        if which in of and call.state is CallState.UNUSABLE:
            doubts.append(Doubt.PARENT_CALL_UNUSABLE)
    untested = [which for which in of if known[which] is None]
    if len(untested) == 2:
        doubts.append(Doubt.PARENTS_NOT_TESTED)
    elif untested:
        doubts.append(Doubt.ONE_PARENT_NOT_TESTED)
    return Parents(known[MOTHER], known[FATHER], tuple(dict.fromkeys(doubts)))


def gene_fits(
    variants: Sequence[RareVariant], family: RareFamily, modes: frozenset[Mode] | None, limits: Limits
) -> tuple[tuple[Fit, ...], Mapping[str, tuple[Excluded, ...]]]:
    """Everything that fits among the variants of one gene, and for each variant that is in none why not.

    modes: how diseases of the gene are inherited; None when that is not known and every way is allowed.
    """
    fits: list[Fit] = []
    why: dict[str, list[Excluded]] = {one.name: [] for one in variants}
    for tried, involved in _attempts(variants, family, modes, limits):
        if isinstance(tried, Fit):
            fits.append(tried)
        else:
            for one in involved:
                why[one.name] += tried
    used = {one.name for fit in fits for one in fit.variants}
    for one in variants:
        if one.name not in used and not why[one.name]:
            recessive_only = modes is not None and Mode.RECESSIVE in modes
            alone = recessive_only and one.place is Place.AUTOSOME
            why[one.name] = [Excluded.ONE_COPY_ONLY if alone else Excluded.WRONG_INHERITANCE]
    return tuple(fits), {name: tuple(dict.fromkeys(r)) for name, r in why.items() if name not in used}


def _attempts(
    variants: Sequence[RareVariant], family: RareFamily, modes: frozenset[Mode] | None, limits: Limits
) -> Iterator[tuple[Tried, tuple[RareVariant, ...]]]:
    for one in variants:
        for mode, attempt in _WAYS[one.place]:
            if modes is None or mode in modes:
                yield attempt(one, family, limits), (one,)
    if modes is None or Mode.RECESSIVE in modes:
        single = [
            one for one in variants if one.place is Place.AUTOSOME and one.of(family.proband).known == 1
        ]
        for first, second in combinations(single, 2):
            yield compound(first, second, family), (first, second)


def dominant(variant: RareVariant, family: RareFamily, limits: Limits) -> Tried:
    """One copy is enough."""
    parents = parents_at(variant, family)
    if _too_common(variant, limits.dominant):
        return (Excluded.TOO_COMMON,)
    if _impossible(variant.of(family.proband).known or 0, parents):
        return (Excluded.CONTRADICTS_PARENTS,)
    against, doubts = _segregation(family, lambda name: _at_least(variant, name, 1))
    if against:
        return against
    carriers = [
        name
        for name, copies in zip((family.mother, family.father), parents.both, strict=True)
        if copies is not None and copies > 0
    ]
    if carriers:
        affected = any(family.status(name) is Affected.YES for name in carriers)
        standing = Standing.FROM_AFFECTED if affected else Standing.ORIGIN_UNKNOWN
    else:
        standing = _new_or_not(parents.both)
    return Fit(variant.gene, Mode.DOMINANT, standing, (variant,), (*parents.doubts, *doubts))


def homozygous(variant: RareVariant, family: RareFamily, limits: Limits) -> Tried:
    """Both copies carry one variant."""
    if variant.of(family.proband).known != 2:
        return (Excluded.ONE_COPY_ONLY,)
    parents = parents_at(variant, family)
    if _impossible(2, parents):
        return (Excluded.CONTRADICTS_PARENTS,)
    against, doubts = _segregation(family, lambda name: _at_least(variant, name, 2))
    if against:
        return against
    return Fit(variant.gene, Mode.RECESSIVE, Standing.HOMOZYGOUS, (variant,), (*parents.doubts, *doubts))


def compound(first: RareVariant, second: RareVariant, family: RareFamily) -> Tried:
    """Two variants of a gene with one copy each: on different copies of the gene, or it is not known."""
    both = (first, second)
    parents = [parents_at(one, family) for one in both]
    if any(_impossible(1, one) for one in parents):
        return (Excluded.CONTRADICTS_PARENTS,)
    trans = in_trans(first, second, family)
    if trans is False:
        return (Excluded.IN_CIS,)
    children = [name for name in family.relatives() if name not in (family.mother, family.father)]
    against, doubts = _segregation(family, lambda name: _both(both, name), children)
    if against:
        return against
    standing = Standing.IN_TRANS if trans else Standing.PHASE_UNKNOWN
    unsure = () if trans else (Doubt.PHASE_UNKNOWN, *(d for one in parents for d in one.doubts))
    return Fit(first.gene, Mode.RECESSIVE, standing, both, tuple(dict.fromkeys((*unsure, *doubts))))


def in_trans(first: RareVariant, second: RareVariant, family: RareFamily) -> bool | None:
    """Whether two single copies lie on different copies of the gene; None when it cannot be told."""
    one, other = first.of(family.proband), second.of(family.proband)
    by_reads = None
    if one.phase_set and one.phase_set == other.phase_set and one.strand and other.strand:
        by_reads = one.strand != other.strand
    origins = [_origins(parents_at(variant, family)) for variant in (first, second)]
    by_parents = origins[0] != origins[1] if all(len(each) == 1 for each in origins) else None
    if by_reads is None or by_parents is None:
        return by_parents if by_reads is None else by_reads
    return by_reads if by_reads == by_parents else None


def _origins(parents: Parents) -> frozenset[str]:
    """From whom a single copy can come. A new one can lie on either copy."""
    copies = {MOTHER: parents.mother, FATHER: parents.father}
    must = [which for which, number in copies.items() if number == 2]
    if len(must) == 1:
        return frozenset(must)
    can = frozenset(which for which, number in copies.items() if number != 0)
    return can or frozenset(copies)


def x_linked(variant: RareVariant, family: RareFamily, limits: Limits) -> Tried:
    """On X outside the regions shared with Y."""
    call, sex = variant.of(family.proband), family.sex
    single = call.ploidy == 1 or call.copies == call.ploidy
    unsure = () if sex in (Sex.MALE, Sex.FEMALE) else (Doubt.SEX_UNKNOWN,)
    if sex is Sex.MALE and not single:
        return (Excluded.LOW_QUALITY,)
    male = sex is Sex.MALE or (sex is not Sex.FEMALE and single)
    two = not male and call.copies == 2
    if _too_common(variant, limits.recessive if male or two else limits.dominant):
        return (Excluded.TOO_COMMON,)
    parents = parents_at(variant, family, (MOTHER,) if male else (MOTHER, FATHER))
    mother, father = parents.both
    if not male:
        lacks = two and 0 in (mother, father)
        if lacks or (call.copies == 1 and mother == 2 and (father or 0) > 0):
            return (Excluded.CONTRADICTS_PARENTS,)
    against, doubts = _segregation(family, lambda name: _x_has(variant, family, name))
    if against:
        return against
    if male:
        standing = Standing.DE_NOVO if mother == 0 else Standing.HEMIZYGOUS
    elif two:
        standing = Standing.HOMOZYGOUS
    else:
        standing = _new_or_not(parents.both)
        standing = Standing.X_HETEROZYGOUS if standing is Standing.ORIGIN_UNKNOWN else standing
    return Fit(variant.gene, Mode.X_LINKED, standing, (variant,), (*unsure, *parents.doubts, *doubts))


def y_linked(variant: RareVariant, family: RareFamily, limits: Limits) -> Tried:
    """On Y outside the regions shared with X: from the father alone."""
    if family.sex is Sex.FEMALE:
        return (Excluded.LOW_QUALITY,)
    if _too_common(variant, limits.dominant):
        return (Excluded.TOO_COMMON,)
    unsure = () if family.sex is Sex.MALE else (Doubt.SEX_UNKNOWN,)
    parents = parents_at(variant, family, (FATHER,))
    against, doubts = _segregation(family, lambda name: _at_least(variant, name, 1), only=_males(family))
    if against:
        return against
    standing = Standing.DE_NOVO if parents.father == 0 else Standing.HEMIZYGOUS
    return Fit(variant.gene, Mode.Y_LINKED, standing, (variant,), (*unsure, *parents.doubts, *doubts))


def mitochondrial(variant: RareVariant, family: RareFamily, limits: Limits) -> Tried:
    """From the mother alone. How many copies of it a cell has differs between people, so that a healthy
    mother with it speaks neither for nor against."""
    if _too_common(variant, limits.mitochondrial):
        return (Excluded.TOO_COMMON,)
    parents = parents_at(variant, family, (MOTHER,))
    standing = Standing.DE_NOVO if parents.mother == 0 else Standing.MITOCHONDRIAL
    return Fit(variant.gene, Mode.MITOCHONDRIAL, standing, (variant,), parents.doubts)


_Way = Callable[[RareVariant, RareFamily, Limits], Tried]
_WAYS: Mapping[Place, tuple[tuple[Mode, _Way], ...]] = {
    Place.AUTOSOME: ((Mode.DOMINANT, dominant), (Mode.RECESSIVE, homozygous)),
    Place.X: ((Mode.X_LINKED, x_linked),),
    Place.Y: ((Mode.Y_LINKED, y_linked),),
    Place.MITOCHONDRION: ((Mode.MITOCHONDRIAL, mitochondrial),),
}


def _too_common(variant: RareVariant, limit: float) -> bool:
    return variant.frequency.state is FrequencyState.GIVEN and variant.frequency.value > limit


def _impossible(copies: int, parents: Parents) -> bool:
    """Whether no child of these parents has so many copies on an autosome, unless one is new."""
    if copies == 1:
        return parents.both == (2, 2)
    return copies == 2 and 0 in parents.both


def _new_or_not(both: tuple[int | None, int | None]) -> Standing:
    if both == (0, 0):
        return Standing.DE_NOVO
    if 0 in both and None in both:
        return Standing.DE_NOVO_ONE_PARENT
    return Standing.ORIGIN_UNKNOWN


def _at_least(variant: RareVariant, name: str, copies: int) -> bool | None:
    known = variant.of(name).known
    return None if known is None else known >= copies


def _both(variants: Sequence[RareVariant], name: str) -> bool | None:
    has = [_at_least(one, name, 1) for one in variants]
    return False if False in has else None if None in has else True


def _x_has(variant: RareVariant, family: RareFamily, name: str) -> bool | None:
    """Whether somebody has the genotype that makes ill; a woman with one copy may or may not be."""
    call = variant.of(name)
    if call.known is None:
        return None
    if call.known == 0:
        return False
    if family.pedigree.members[name].sex is Sex.MALE or call.known == call.ploidy:
        return True
    return None


def _males(family: RareFamily) -> list[str]:
    return [name for name in family.relatives() if family.pedigree.members[name].sex is Sex.MALE]


def _segregation(
    family: RareFamily, has: Callable[[str], bool | None], only: Iterable[str] | None = None
) -> tuple[tuple[Excluded, ...], tuple[Doubt, ...]]:
    """Which relatives speak against the genotype, and whether one who has it was not said to be ill or
    not."""
    against: list[Excluded] = []
    doubts: list[Doubt] = []
    for name in family.relatives() if only is None else only:
        status, found = family.status(name), has(name)
        if status is Affected.NO and found:
            against.append(Excluded.HEALTHY_CARRIER)
        elif status is Affected.YES and found is False:
            against.append(Excluded.AFFECTED_LACKS)
        elif status is Affected.UNKNOWN and found:
            doubts.append(Doubt.AFFECTED_NOT_KNOWN)
    return tuple(dict.fromkeys(against)), tuple(dict.fromkeys(doubts))
