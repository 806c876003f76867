"""Which populations of a drug's guidance somebody may belong to, from age, problems and medicines as far as
known.
"""

from __future__ import annotations

from collections.abc import Iterable

from bedside.decide.moment import Moment
from bedside.knowledge.pgx import Drug, PgxPack
from bedside.knowledge.populations import Population, Populations


def populations_for(populations: Populations, pack: PgxPack, drug: Drug, moment: Moment) -> frozenset[str]:
    """The populations among the drug's guidance rows that are not ruled out.

    An axis (age, indication, exposure) on which something positively fits keeps only what fits; where nothing
    is known or nothing fits, everything stays, so that no advice is lost to a gap in the record.
    """
    named = dict.fromkeys(row.population for row in pack.guidance.get(drug.name, ()))
    kept: set[str] = set()
    by_axis: dict[str, list[tuple[str, bool | None]]] = {}
    for name in named:
        population = populations.by_id.get(name)
        if population is None or not population.axis:
            kept.add(name)
        else:
            by_axis.setdefault(population.axis, []).append((name, belongs(population, drug, moment)))
    for answers in by_axis.values():
        kept.update(_standing(answers))
    return frozenset(kept)


def _standing(answers: Iterable[tuple[str, bool | None]]) -> list[str]:
    answers = list(answers)
    certain = [name for name, answer in answers if answer is True]
    possible = [name for name, answer in answers if answer is not False]
    return certain or possible or [name for name, _ in answers]


def belongs(population: Population, drug: Drug, moment: Moment) -> bool | None:
    """Whether the person belongs; None when the facts do not say."""
    if population.minimum_age is not None or population.below_age is not None:
        if moment.age is None:
            return None
        return (population.minimum_age is None or moment.age >= population.minimum_age) and (
            population.below_age is None or moment.age < population.below_age
        )
    if population.problems:
        return True if moment.problems and moment.problems & population.problems else None
    if population.naive or population.exposed_days is not None:
        return _exposure(population, drug, moment)
    return None


def _exposure(population: Population, drug: Drug, moment: Moment) -> bool | None:
    taking = next((taken for taken in moment.taken if taken.drug.rxnorm == drug.rxnorm), None)
    if taking is None:
        return population.naive if moment.medications_known else None
    if taking.days is None:
        return None
    if population.exposed_days is not None:
        return taking.days > population.exposed_days
    return False
