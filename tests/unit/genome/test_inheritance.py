"""Who of a family is at risk, by Mendel's rules."""

from __future__ import annotations

import pytest

from bedside.errors import InputError
from bedside.genome.inheritance import Chance, Inheritance, at_risk, chances
from bedside.genome.pedigree import Member, pedigree
from bedside.genome.person import Sex

FAMILY = pedigree(
    [
        Member("mother", Sex.FEMALE),
        Member("father", Sex.MALE),
        Member("index", Sex.FEMALE, "mother", "father"),
        Member("brother", Sex.MALE, "mother", "father"),
        Member("sister", Sex.FEMALE, "mother", "father"),
        Member("husband", Sex.MALE),
        Member("son", Sex.MALE, "index", "husband"),
        Member("daughter", Sex.FEMALE, "index", "husband"),
        Member("dead", Sex.MALE, "mother", "father", deceased=True),
    ]
)


def rounded(inheritance: Inheritance, known: dict[str, int]) -> dict[str, tuple[float, float]]:
    risks = at_risk(FAMILY, "index", inheritance, known, frequency=1e-9)
    return {risk.member: (round(risk.chance.carries, 6), round(risk.affected, 6)) for risk in risks}


def test_a_dominant_finding_puts_each_first_degree_relative_at_one_half() -> None:
    assert rounded(Inheritance.DOMINANT, {"index": 1}) == dict.fromkeys(
        ("brother", "daughter", "father", "mother", "sister", "son"), (0.5, 0.5)
    )


def test_once_the_mother_is_known_to_carry_the_father_is_not_at_risk_and_not_asked_twice() -> None:
    found = rounded(Inheritance.DOMINANT, {"index": 1, "mother": 1})
    assert (found["father"], found["brother"], "mother" in found) == ((0.0, 0.0), (0.5, 0.5), False)


def test_brothers_and_sisters_of_a_person_with_a_recessive_disease_are_ill_in_a_quarter() -> None:
    found = rounded(Inheritance.RECESSIVE, {"index": 2})
    assert (found["brother"], found["mother"], found["son"]) == ((0.75, 0.25), (1.0, 0.0), (1.0, 0.0))


def test_on_the_x_a_carrier_mother_has_ill_sons_and_an_ill_father_no_ill_sons() -> None:
    carrier = rounded(Inheritance.X_LINKED, {"mother": 1, "index": 1})
    assert (carrier["son"], carrier["daughter"]) == ((0.5, 0.5), (0.5, 0.0))
    ill_father = chances(FAMILY, Inheritance.X_LINKED, {"father": 1, "mother": 0}, 1e-9)
    assert (ill_father["brother"], ill_father["sister"]) == (Chance(1, 0, 0), Chance(0, 1, 0))


def test_genotypes_that_cannot_all_be_true_are_refused() -> None:
    with pytest.raises(InputError, match="cannot all be true"):
        chances(FAMILY, Inheritance.DOMINANT, {"mother": 0, "father": 0, "index": 1})
