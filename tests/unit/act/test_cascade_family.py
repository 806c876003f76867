"""Each relation's word puts a relative in their place in the family."""

from __future__ import annotations

import pytest

from bedside.act.cascade_family import Named, Relation, family_of
from bedside.errors import InputError
from bedside.genome.pedigree import Member
from bedside.genome.person import Sex

INDEX = Member("ann", Sex.FEMALE)
DEGREES = {
    Relation.MOTHER: 1,
    Relation.FATHER: 1,
    Relation.DAUGHTER: 1,
    Relation.SON: 1,
    Relation.CHILD: 1,
    Relation.SISTER: 1,
    Relation.BROTHER: 1,
    Relation.SIBLING: 1,
    Relation.IDENTICAL_TWIN: 0,
    Relation.MATERNAL_HALF_SIBLING: 2,
    Relation.PATERNAL_HALF_SIBLING: 2,
    Relation.MATERNAL_GRANDMOTHER: 2,
    Relation.MATERNAL_GRANDFATHER: 2,
    Relation.PATERNAL_GRANDMOTHER: 2,
    Relation.PATERNAL_GRANDFATHER: 2,
    Relation.MATERNAL_AUNT: 2,
    Relation.MATERNAL_UNCLE: 2,
    Relation.PATERNAL_AUNT: 2,
    Relation.PATERNAL_UNCLE: 2,
    Relation.MATERNAL_COUSIN: 3,
    Relation.PATERNAL_COUSIN: 3,
    Relation.NIECE: 2,
    Relation.NEPHEW: 2,
    Relation.GRANDDAUGHTER: 2,
    Relation.GRANDSON: 2,
    Relation.ADOPTED_CHILD: None,
    Relation.PARTNER: None,
}


def test_every_relation_stands_at_its_degree_alone_and_with_all_the_others() -> None:
    alone = {one: family_of(INDEX, [Named("x", one)]).degree("ann", "x") for one in Relation}
    together = family_of(INDEX, [Named(one.value, one) for one in Relation])
    assert alone == DEGREES
    assert {one: together.degree("ann", one.value) for one in Relation} == DEGREES


def test_the_sides_of_a_family_meet_only_in_the_person_and_their_siblings() -> None:
    family = family_of(INDEX, [Named(one.value, one) for one in Relation])
    assert family.degree("maternal-aunt", "paternal-aunt") is None
    assert family.degree("maternal-aunt", "maternal-cousin") == 2
    assert family.degree("maternal-grandmother", "mother") == 1
    assert family.degree("sister", "identical-twin") == 1


def test_a_mother_named_after_her_own_parents_takes_the_place_kept_for_her() -> None:
    late = family_of(INDEX, [Named("gran", Relation.MATERNAL_GRANDMOTHER), Named("zoe", Relation.MOTHER)])
    assert {*late.members} == {"gran", "zoe", "ann"}
    assert (late.members["ann"].mother, late.members["zoe"].mother) == ("zoe", "gran")


def test_two_mothers_one_relative_named_twice_and_kin_of_nobody_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        family_of(
            INDEX,
            [
                Named("m1", Relation.MOTHER),
                Named("m2", Relation.MOTHER),
                Named("s", Relation.SISTER),
                Named("s", Relation.MATERNAL_AUNT),
                Named("far", Relation.DAUGHTER, of="nobody"),
            ],
        )
    assert [problem.reason for problem in refused.value.problems] == [
        "somebody has two persons named as mother",
        "one relative is named twice",
        "1 relative(s) of somebody not named",
    ]
