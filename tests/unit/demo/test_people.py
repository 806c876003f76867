"""The made-up people: the same for the same seed, nobody real, and everybody the screens need."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from bedside.demo.cast import Setting
from bedside.demo.draw import Urn
from bedside.demo.people import TODAY, MadeUpPerson, make_people
from bedside.genome.person import Sex
from bedside.knowledge.frequencies import Haplotype
from bedside.knowledge.pgx import PgxPack


def test_the_same_seed_makes_the_same_people(
    setting: Setting, urn: Urn, people: tuple[MadeUpPerson, ...]
) -> None:
    assert tuple(make_people(setting, urn, 300, 1)) == people
    assert tuple(make_people(setting, urn, 300, 2)) != people


def test_a_person_is_the_same_however_many_others_there_are(
    setting: Setting, urn: Urn, people: tuple[MadeUpPerson, ...]
) -> None:
    assert tuple(make_people(setting, urn, 40, 1)) == people[:40]


def test_nobody_is_born_after_the_story_or_older_than_96(people: tuple[MadeUpPerson, ...]) -> None:
    ages = [(TODAY - person.birth_date).days / 365.25 for person in people]
    assert 0 < min(ages) < 18
    assert 85 < max(ages) < 97


def test_everybody_who_was_promised_is_there(people: tuple[MadeUpPerson, ...]) -> None:
    roles = [person.role for person in people if person.role]
    assert len(roles) == len(set(roles)) == 30
    assert {
        "clopidogrel-poor-metabolizer", "fluorouracil-planned-dpyd-carrier", "codeine-with-paroxetine",
        "metoprolol-with-fluoxetine", "tramadol-with-bupropion", "simvastatin-poor-function",
        "carbamazepine-planned-hla-b-1502", "allopurinol-planned-hla-b-5801", "abacavir-planned-hla-b-5701",
        "azathioprine-tpmt-carrier", "azathioprine-nudt15-poor-metabolizer", "warfarin-sensitive",
        "g6pd-deficient-male", "never-tested", "missing-positions", "indeterminate-cyp2d6", "no-call",
        "two-results-in-conflict", "superseded-result",
    } <= set(roles)  # fmt: skip


def test_the_cast_carries_what_its_story_says(people: tuple[MadeUpPerson, ...], pack: PgxPack) -> None:
    told, carried = {}, {}
    for person in people:
        member = person.member
        for gene, wanted in ({**member.carries, **member.placed} if member else {}).items():
            for rsid, copies in wanted.items():
                told[person.role, rsid] = copies
                carried[person.role, rsid] = _copies(person.carried.haplotypes[gene], rsid, pack)
    assert len(told) == 21
    assert carried == told


def test_every_medicine_has_an_rxnorm_code_in_the_release(setting: Setting, pack: PgxPack) -> None:
    named = {name for condition in setting.care.conditions for name in condition.medicines}
    named |= {name for member in setting.cast for name in (*member.medicines, *member.planned)}
    assert {name for name in named if name not in pack.drugs or not pack.drugs[name].rxnorm} == set()


def test_one_in_six_was_never_tested(people: tuple[MadeUpPerson, ...]) -> None:
    untested = [person for person in people if person.laboratory == ""]
    assert 35 <= len(untested) <= 75


def test_the_made_up_men_have_one_x_chromosome(people: tuple[MadeUpPerson, ...]) -> None:
    strands = {(person.sex, len(person.carried.haplotypes["G6PD"])) for person in people}
    assert strands == {(Sex.MALE, 1), (Sex.FEMALE, 2)}


def test_no_made_up_person_is_called_like_a_person_of_the_public_test_data(
    shared: Path, setting: Setting
) -> None:
    real = set()
    for path in sorted((shared / "synthea").rglob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            real |= set(_family_names(json.load(file)))
    assert len(real) > 0
    assert {name.casefold() for name in setting.names.family} & {name.casefold() for name in real} == set()


def _copies(strands: tuple[Haplotype, ...], rsid: str, pack: PgxPack) -> int:
    positions = {p.position for gene in pack.genes.values() for p in gene.positions if p.rsid == rsid}
    return sum(any(change.position in positions for change in strand.changes) for strand in strands)


def _family_names(resource: Any) -> list[str]:
    if isinstance(resource, list):
        return [name for item in resource for name in _family_names(item)]
    if not isinstance(resource, dict):
        return []
    own = [resource["family"]] if isinstance(resource.get("family"), str) else []
    return own + [name for value in resource.values() for name in _family_names(value)]
