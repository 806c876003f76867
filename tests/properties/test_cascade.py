"""Families of any shape: chances equal the sum over every genotype, and letters to relatives name nobody."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.act.cascade_family import Named, Relation
from bedside.errors import InputError
from bedside.genome.inheritance import Inheritance, chances
from bedside.genome.pedigree import Member, Pedigree, pedigree
from bedside.genome.person import Identifier, Person, Sex
from bedside.genome.result import Confirmation
from bedside.knowledge.catalogue import load_pgx
from bedside.service.cascade import record_relative, record_relative_step, start_cascade
from bedside.service.cascade_letters import write_invitation
from bedside.service.disclose import Positive, bring_in, record_step
from bedside.service.house import open_house
from bedside.service.record_ids import record_ids
from bedside.service.register_person import register_person
from bedside.settings import Settings
from tests.examples import examples

QUARTER = Fraction(1, 4)
PACK = load_pgx()


@st.composite
def families(draw: st.DrawFn) -> Pedigree:
    """Up to eight members; each is a founder, has one parent drawn, or both; some adopted, some twins."""
    members: list[Member] = []
    for number in range(draw(st.integers(2, 7))):
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


@settings(max_examples=examples(50), deadline=None)
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


WORDS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=6, max_size=14)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(WORDS, min_size=5, max_size=5, unique_by=str.lower),
    born=st.dates(date(1930, 1, 1), date(2005, 1, 1)),
    route=st.sampled_from(("by-index-person", "directly")),
)
def test_no_word_of_the_index_person_stands_in_a_relatives_letter_record_or_task_without_consent(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], born: date, route: str
) -> None:
    person, given_name, family_name, number, relative = names
    folder = tmp_path_factory.mktemp("house")
    house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"), pgx=PACK)
    try:
        index = Person(person, given_name, family_name, born, Sex.FEMALE, (Identifier("urn:mrn", number),))
        register_person(house, index)
        register_person(house, Person("relative-record", sex=Sex.MALE))
        found = Positive(person, "LDLR", ("chr19-11105408-G-A",), "panel-x", "rel@9", Confirmation.CLINICAL)
        bring_in(house, [found], actor=given_name)
        record_step(house, person, found.finding, "sign-off", "signed-off", actor=given_name)
        named = Named(relative, Relation.BROTHER, person="relative-record")
        record_relative(house, person, named, actor=given_name)
        start_cascade(house, person, found.finding, Inheritance.DOMINANT, actor=given_name)
        record_relative_step(house, person, found.finding, relative, "offer", route, actor=given_name)
        letter = write_invitation(house, person, found.finding, relative, actor=given_name)
        events = list(house.ledger.events(person="relative-record"))
        record = json.dumps([(e.actor, e.key, e.payload) for e in events])
        ids = record_ids(house.ledger)
        assert ids is not None
        identifying = (
            person, given_name, family_name, number, relative, born.isoformat(), ids.of(person),
            found.finding, "LDLR", "11105408", "panel-x", "rel@9", "brother",
        )  # fmt: skip
        seen = (letter.content.decode() + record).lower()
        assert [word for word in identifying if word.lower() in seen] == []
    finally:
        house.close()
