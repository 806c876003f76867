"""Whether the samples are those of the family that was drawn: what parents and child share, the child's X,
and long stretches without a second allele.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bedside.genome.person import Sex
from bedside.genome.rare_variant import Call, Place, RareFamily
from bedside.knowledge.rare_variants import Checks


class Warned(Enum):
    """What a check found wrong, or could not tell."""

    NOT_THE_MOTHER = "mother-contradicted"
    NOT_THE_FATHER = "father-contradicted"
    TOO_FEW_SITES = "too-few-sites"
    SEX_CONTRADICTED = "sex-contradicted"
    HOMOZYGOUS_RUNS = "long-homozygous-runs"

    @property
    def doubts_samples(self) -> bool:
        """Whether nothing about inheritance can be relied on."""
        return self in (Warned.NOT_THE_MOTHER, Warned.NOT_THE_FATHER, Warned.SEX_CONTRADICTED)


@dataclass(frozen=True, slots=True)
class SampleChecks:
    """What was counted. parents: for each (mother, father), sites with both calls and those without an allele
    in common. x_calls and x_het: the child's calls with the variant on X, and the heterozygous ones.
    run_bases: all long stretches together."""

    parents: Mapping[str, tuple[int, int]]
    x_calls: int
    x_het: int
    run_bases: int
    runs: int
    warned: tuple[Warned, ...]


@dataclass(slots=True)
class SampleTally:
    """Counts while a file is read; sites in genome order."""

    family: RareFamily
    limits: Checks
    _parents: dict[str, list[int]] = field(default_factory=dict)
    _x: list[int] = field(default_factory=lambda: [0, 0])
    _run: tuple[str, int, int, int] = ("", 0, 0, 0)
    _runs: list[int] = field(default_factory=list)

    def see(self, chromosome: str, position: int, place: Place, calls: Mapping[str, Call]) -> None:
        """One site."""
        child = calls.get(self.family.proband)
        copies = None if child is None else child.known
        if child is None or copies is None:
            return
        if place is Place.X and copies:
            self._x[0] += 1
            self._x[1] += child.ploidy == 2 and copies == 1
        if place is not Place.AUTOSOME:
            return
        for which, name in (("mother", self.family.mother), ("father", self.family.father)):
            other = calls.get(name)
            known = None if other is None else other.known
            if known is not None and (copies or known):
                told = self._parents.setdefault(which, [0, 0])
                told[0] += 1
                told[1] += {copies, known} == {0, 2}
        if copies:
            self._see_run(chromosome, position, copies == 2)

    def _see_run(self, chromosome: str, position: int, both: bool) -> None:
        where, start, _, sites = self._run
        if not both or chromosome != where:
            self._end_run()
            self._run = (chromosome, position, position, 1) if both else (chromosome, position, position, 0)
        else:
            self._run = (where, start, position, sites + 1)

    def _end_run(self) -> None:
        _, start, last, sites = self._run
        if sites >= self.limits.homozygous_run_sites and last - start >= self.limits.homozygous_run_bases:
            self._runs.append(last - start)

    def result(self) -> SampleChecks:
        """What came of it."""
        self._end_run()
        self._run = ("", 0, 0, 0)
        counts = {which: (sites, odd) for which, (sites, odd) in sorted(self._parents.items())}
        warned: list[Warned] = []
        for which, wrong in (("mother", Warned.NOT_THE_MOTHER), ("father", Warned.NOT_THE_FATHER)):
            sites, odd = counts.get(which, (0, 0))
            if sites >= self.limits.least_sites and odd > self.limits.most_contradictions * sites:
                warned.append(wrong)
            elif which in counts and sites < self.limits.least_sites:
                warned.append(Warned.TOO_FEW_SITES)
        warned += self._sex()
        if self._runs:
            warned.append(Warned.HOMOZYGOUS_RUNS)
        return SampleChecks(
            counts, self._x[0], self._x[1], sum(self._runs), len(self._runs), tuple(dict.fromkeys(warned))
        )

    def _sex(self) -> list[Warned]:
        calls, het = self._x
        if calls < self.limits.least_x_sites:
            return []
        share, sex = het / calls, self.family.sex
        male_wrong = sex is Sex.MALE and share > self.limits.male_most
        female_wrong = sex is Sex.FEMALE and share < self.limits.female_least
        return [Warned.SEX_CONTRADICTED] if male_wrong or female_wrong else []
