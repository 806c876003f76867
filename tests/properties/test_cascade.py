"""Families of any shape: chances equal the sum over every genotype, and letters to relatives name nobody."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.errors import InputError
from bedside.genome.inheritance import Inheritance, chances
from bedside.genome.pedigree import Member, Pedigree, pedigree
from bedside.genome.person import Sex

QUARTER = Fraction(1, 4)


@st.composite
def families(draw: st.DrawFn) -> Pedigree:
    """Up to eight members; each is a founder, has one parent drawn, or both; some adopted, some twins."""
    members: list[Member] = []
    for number in range(draw(st.integers(2, 8))):
        women = ["", *(m.id for m in members if m.sex is Sex.FEMALE)]
        men = ["", *(m.id for m in members if m.sex is Sex.MALE)]
        members.append(
            Member(
                f"m{number}",
                draw(st.sampled_from((Sex.FEMALE, Sex.MALE))),
                draw(st.sampled_from(women)),
                draw(st.sampled_from(men)),
                adopted=draw(st.sampled_from((False, False, False, True))),
            )
        )
    if draw(st.booleans()):
        one = draw(st.sampled_from(members))
        members.append(Member("twin", one.sex, *one.parents, twins="t"))
        members[members.index(one)] = Member(one.id, one.sex, *one.parents, twins="t")
    return pedigree(members)


def gametes(copies: int, member: Member, inheritance: Inheritance, to: Sex) -> dict[int, Fraction]:
    """What a parent passes on, spelled out allele by allele."""
    if inheritance is Inheritance.X_LINKED and member.sex is Sex.MALE:
        return {0: Fraction(1)} if to is Sex.MALE else {min(copies, 1): Fraction(1)}
    alleles = [1] * copies + [0] * (2 - copies)
    return {allele: Fraction(alleles.count(allele), 2) for allele in set(alleles)}


def brute(
    family: Pedigree, inheritance: Inheritance, known: dict[str, int], q: Fraction
) -> dict[str, list[Fraction]] | None:
    """The sum over every genotype of every member, in exact fractions."""
    anybody = {0: 1 - q, 1: q}
    nothing = {0: Fraction(1)}
    names = list(family.members)
    totals = {name: [Fraction(0)] * 3 for name in names}
    first_twin = next((n for n in names if family.members[n].twins), "")
    for genotype in product(range(3), repeat=len(names)):
        copies = dict(zip(names, genotype, strict=True))
        weight = Fraction(1)
        for name, member in family.members.items():
            if member.twins and name != first_twin:
                weight *= copies[name] == copies[first_twin]
                continue
            mother, father = member.parents
            egg = (
                gametes(copies[mother], family.members[mother], inheritance, member.sex)
                if mother
                else anybody
            )
            sperm = (
                gametes(copies[father], family.members[father], inheritance, member.sex)
                if father
                else anybody
            )
            if inheritance is Inheritance.X_LINKED and member.sex is Sex.MALE:
                sperm = nothing
            weight *= sum(
                (p * r for (a, p), (b, r) in product(egg.items(), sperm.items()) if a + b == copies[name]),
                Fraction(0),
            )
            if not weight:
                break
        if weight and all(copies[name] == value for name, value in known.items()):
            for name in names:
                totals[name][copies[name]] += weight
    total = sum(totals[names[0]])
    return {name: [w / total for w in several] for name, several in totals.items()} if total else None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_chances_equal_the_sum_over_every_genotype_the_family_can_have(data: st.DataObject) -> None:
    family = data.draw(families())
    inheritance = data.draw(st.sampled_from(Inheritance))
    some = data.draw(st.lists(st.sampled_from(list(family.members)), max_size=3, unique=True))
    known = {name: data.draw(st.integers(0, 2)) for name in some}
    expected = brute(family, inheritance, known, QUARTER)
    if expected is None:
        with pytest.raises(InputError):
            chances(family, inheritance, known, float(QUARTER))
        return
    found = chances(family, inheritance, known, float(QUARTER))
    for name, weights in expected.items():
        assert (found[name].none, found[name].one, found[name].two) == pytest.approx(
            tuple(float(weight) for weight in weights), abs=1e-12
        )
