"""A family is drawn whole or refused with everything that is wrong with it."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.errors import InputError
from bedside.genome.pedigree import Member, pedigree
from bedside.genome.person import Sex

FAMILY = pedigree(
    [
        Member("ann", Sex.FEMALE, "mary", "paul", date(1980, 2, 3)),
        Member("mary", Sex.FEMALE, "grandma", "grandpa", date(1955, 1, 1)),
        Member("paul", Sex.MALE),
        Member("grandma", Sex.FEMALE),
        Member("grandpa", Sex.MALE),
        Member("aunt", Sex.FEMALE, "grandma", "grandpa"),
        Member("cousin", Sex.MALE, "aunt"),
        Member("twin", Sex.FEMALE, "mary", "paul", twins="t"),
        Member("other-twin", Sex.FEMALE, "mary", "paul", twins="t"),
        Member("half", Sex.MALE, "mary", "stranger"),
        Member("stranger", Sex.MALE),
        Member("niece", Sex.FEMALE, "other-twin"),
        Member("foundling", Sex.MALE, "mary", "paul", adopted=True),
    ]
)


def test_each_relative_stands_at_their_degree() -> None:
    degrees = {name: FAMILY.degree("ann", name) for name in FAMILY.members}
    assert degrees == {
        "ann": 0,
        "mary": 1,
        "paul": 1,
        "twin": 1,
        "other-twin": 1,
        "grandma": 2,
        "grandpa": 2,
        "aunt": 2,
        "half": 2,
        "niece": 2,
        "cousin": 3,
        "stranger": None,
        "foundling": None,
    }


def test_the_child_of_an_identical_twin_is_as_near_as_an_own_child_and_the_twin_is_oneself() -> None:
    assert (FAMILY.degree("twin", "niece"), FAMILY.degree("twin", "other-twin")) == (1, 0)
    assert FAMILY.relatives("twin", (1,))[0] == "other-twin"


def test_children_of_cousins_are_nearer_than_their_pedigree_alone_says() -> None:
    family = pedigree(
        [
            *FAMILY.members.values(),
            Member("child", Sex.MALE, "ann", "cousin"),
        ]
    )
    assert family.kinship("child", "child") == 0.5 * (1 + 1 / 16)


def test_everything_wrong_with_a_family_is_said_at_once_without_a_name() -> None:
    with pytest.raises(InputError) as refused:
        pedigree(
            [
                Member("ann", Sex.FEMALE, "bob", "bob", date(1980, 1, 1)),
                Member("bob", Sex.MALE, born=date(1990, 1, 1)),
                Member("bob", Sex.MALE),
                Member("own-grandfather", Sex.MALE, father="son"),
                Member("son", Sex.MALE, father="own-grandfather"),
                Member("lost", mother="nobody"),
                Member("t1", Sex.MALE, twins="t", born=date(2000, 1, 1)),
                Member("t2", Sex.FEMALE, "ann", twins="t", born=date(2000, 1, 9)),
            ]
        )
    assert [(problem.line, problem.reason) for problem in refused.value.problems] == [
        (3, "has the id of another member, or none"),
        (1, "has a mother who is recorded as male"),
        (1, "has a mother who is not older"),
        (1, "has a father who is not older"),
        (1, "has one person as mother and father"),
        (6, "has a mother who is no member of the family"),
        (4, "is among their own ancestors"),
        (5, "is among their own ancestors"),
        (8, "is an identical twin with other parents"),
        (8, "is an identical twin of the other sex"),
        (8, "is an identical twin born on another day"),
    ]
    assert "ann" not in str(refused.value)
