"""How likely each member of a family carries what one of them was found to carry.

Chances are exact: the sum over every genotype the family can have, by variable elimination, under Mendel's
rules without new mutations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from bedside.errors import InputError
from bedside.genome.pedigree import Pedigree, one_of_twins
from bedside.genome.person import Sex

Table = NDArray[np.float64]


class Inheritance(Enum):
    """How what was found is passed on."""

    DOMINANT = "autosomal-dominant"
    RECESSIVE = "autosomal-recessive"
    X_LINKED = "x-linked"


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely somebody carries no, one or two copies (for a man on X: none or one)."""

    none: float
    one: float
    two: float

    @property
    def carries(self) -> float:
        """One copy or more."""
        return self.one + self.two


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A blood relative and the chance that they carry, and have what matters for the disease."""

    member: str
    degree: int
    chance: Chance
    affected: float


def chances(
    family: Pedigree, inheritance: Inheritance, known: Mapping[str, int], frequency: float = 0.0005
) -> Mapping[str, Chance]:
    """How likely each member carries, given the copies known of some, and how common the allele is among
    those whose parents are not drawn. Raises `InputError` when the known genotypes cannot all be true.
    """
    one_of = one_of_twins(family.members)
    factors = list(_factors(family, inheritance, known, frequency, one_of))
    found: dict[str, Chance] = {}
    for name in dict.fromkeys(one_of.values()):
        weights = _marginal(factors, name)
        total = float(weights.sum())
        if not total > 0:
            raise InputError.one(
                "pedigree",
                "the known genotypes cannot all be true in this family",
                remedy="look for a wrong parent, a mixed-up sample or a new mutation",
            )
        found[name] = Chance(*(float(weight) / total for weight in weights))
    return {name: found[one_of[name]] for name in family.members}


Factor = tuple[tuple[str, ...], Table]


def _factors(
    family: Pedigree,
    inheritance: Inheritance,
    known: Mapping[str, int],
    frequency: float,
    one_of: Mapping[str, str],
) -> Iterator[Factor]:
    mothers = {member.mother for member in family.members.values()}
    fathers = {member.father for member in family.members.values()}
    for name, member in family.members.items():
        if one_of[name] == name:
            mother, father = member.parents
            sex = Sex.FEMALE if name in mothers else Sex.MALE if name in fathers else member.sex
            table = _child(sex, bool(mother), bool(father), inheritance is Inheritance.X_LINKED, frequency)
            yield (*(one_of[parent] for parent in (mother, father) if parent), name), table
    for name, copies in known.items():
        yield (one_of[name],), np.eye(3)[copies]


def _child(sex: Sex, mother: bool, father: bool, x_linked: bool, frequency: float) -> Table:
    """How likely each number of copies is in a child, for each number in the parents that are drawn."""
    if x_linked and sex not in (Sex.MALE, Sex.FEMALE):
        both = (_child(one, mother, father, True, frequency) for one in (Sex.FEMALE, Sex.MALE))
        female, male = both
        return (female + male) / 2
    egg = np.array([0.0, 0.5, 1.0]) if mother else np.array([frequency])
    if not x_linked:
        sperm = np.array([0.0, 0.5, 1.0]) if father else np.array([frequency])
    elif sex is Sex.FEMALE:
        sperm = np.array([0.0, 1.0, 1.0]) if father else np.array([frequency])
    else:
        sperm = np.zeros(3 if father else 1)
    e, s = egg[:, None], sperm[None, :]
    table = np.stack([(1 - e) * (1 - s), e * (1 - s) + s * (1 - e), e * s], axis=-1)
    return table.reshape((*((3,) * mother), *((3,) * father), 3))


def _marginal(factors: Iterable[Factor], wanted: str) -> Table:
    """The weights of one member, all others summed out, those first whose table stays smallest."""
    left = list(factors)
    names = {name for axes, _ in left for name in axes} - {wanted}
    while names:
        reach = {n: {a for axes, _ in left if n in axes for a in axes} for n in names}
        name = min(sorted(names), key=lambda one: len(reach[one]))
        touching = [factor for factor in left if name in factor[0]]
        left = [factor for factor in left if name not in factor[0]]
        left.append(_product(touching, tuple(sorted(reach[name] - {name}))))
        names.remove(name)
    return _product(left, (wanted,))[1]


def _product(factors: Sequence[Factor], keep: tuple[str, ...]) -> Factor:
    number = {name: n for n, name in enumerate(dict.fromkeys(a for axes, _ in factors for a in axes))}
    operands: list[object] = []
    for axes, table in factors:
        operands += [table, [number[name] for name in axes]]
    result: Table = np.einsum(*operands, [number[name] for name in keep])  # type: ignore[call-overload]
    return keep, result


def at_risk(
    family: Pedigree,
    index: str,
    inheritance: Inheritance,
    known: Mapping[str, int],
    frequency: float = 0.0005,
) -> tuple[AtRisk, ...]:
    """Living blood relatives of the first and second degree whose genotype is not known, likeliest first."""
    found = chances(family, inheritance, known, frequency)
    risks = []
    for name in family.relatives(index):
        member = family.members[name]
        degree = family.degree(index, name)
        if name in known or member.deceased or degree is None:
            continue
        chance = found[name]
        dominant = inheritance is Inheritance.DOMINANT or (
            inheritance is Inheritance.X_LINKED and member.sex is Sex.MALE
        )
        risks.append(AtRisk(name, degree, chance, chance.carries if dominant else chance.two))
    return tuple(sorted(risks, key=lambda risk: (-risk.chance.carries, risk.degree, risk.member)))
