"""`find-population-specific-variants` and `-haplotypes`: how many of those counted carry something.

The denominator is those of whom it is known whether they do. Whoever was not tested, or looked at without an
answer, is counted beside it and never as absent. Whoever did not consent to the purpose is in no number but
`notCounted`. For research nobody is named and small numbers are not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bedside.errors import RequestError
from bedside.exchange.fhir_genomics_ask import NotUnderstood
from bedside.exchange.fhir_genomics_out import Resource, count_part, parameters, text_part
from bedside.genome.consent import Decision, Purpose, Stage, stage_of
from bedside.knowledge.small_numbers import SmallNumbers, load_small_numbers
from bedside.service.consented_lake import ConsentedLake, asked, policy_of
from bedside.service.counted_people import counted_people
from bedside.service.genomics_answers import Answer, all_of, any_of, told
from bedside.service.genomics_haplotypes import AskedHaplotype, judge
from bedside.service.genomics_match import spelled
from bedside.service.genomics_places import Change
from bedside.service.house import House

NAMED = Purpose.SCREENING
COUNTED = Purpose.RESEARCH
MOST_NAMED = 10_000
BARE = "a bare insertion or deletion cannot be looked up for everybody without the reference sequence"
Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks about everybody: whether people are to be named, and the only records the caller may open."""

    named: bool
    only: frozenset[str] | None
    identify: Callable[[str], str]

    @property
    def purpose(self) -> Purpose:
        """People are named for screening; for research they are counted."""
        return NAMED if self.named else COUNTED


@dataclass(frozen=True, slots=True)
class Population:
    """The answer about everybody who may be counted, and how many may not be."""

    joined: Answers
    left_out: int


def population_variants(house: House, asking: Asking, conditions: Sequence[Sequence[Change]]) -> Resource:
    """Everybody of whom each condition holds; a condition holds where any of its variants is present.
    Alternatives alone are counted one by one."""
    if len(conditions) == 1 and len(conditions[0]) > 1:
        alone = [population_variants(house, asking, [[one]]) for one in conditions[0]]
        return parameters([group for each in alone for group in each["parameter"]])
    lake = population_lake(house, asking)
    people = lake.people()
    by_change = {change: of_change(lake, change) for some in conditions for change in some}
    joined = {
        person: all_of(
            any_of(by_change[change].get(person, Answer.NOT_TESTED) for change in some) for some in conditions
        )
        for person in people
    }
    text = " AND ".join(",".join(change.text for change in some) for some in conditions)
    population = Population(joined, sum(lake.not_counted().values()))
    return parameters([counted(house, asking, ("variants", "variantItem", text), population)])


def of_change(lake: ConsentedLake, change: Change) -> Answers:
    """The answer of everybody counted about one variant."""
    variant = spelled(change)
    if variant is None:
        raise NotUnderstood.one("variants", BARE, remedy="write it with the base before it, as in a VCF")
    return {person: told(one).answer for person, one in lake.presence_of(variant).items()}


def population_haplotypes(
    house: House, asking: Asking, conditions: Sequence[Sequence[AskedHaplotype]]
) -> Resource:
    """The same for haplotypes and genotypes, over everybody with a clinical result."""
    if len(conditions) == 1 and len(conditions[0]) > 1:
        alone = [population_haplotypes(house, asking, [[one]]) for one in conditions[0]]
        return parameters([group for each in alone for group in each["parameter"]])
    lake = population_lake(house, asking)
    genes = {one.gene.symbol for some in conditions for one in some if one.gene is not None}
    digests = house.ledger.answers_of(sorted(genes), asking.only)
    calls = house.ledger.calls({d for people in digests.values() for found in people.values() for d in found})
    everybody = {person for people in digests.values() for person in people}
    people = consenting(house, asking, lake, everybody)
    judged = {
        (one.text, digest): judge(one, calls[digest]).answer
        for some in conditions
        for one in some
        if one.gene is not None
        for digest in {d for found in digests[one.gene.symbol].values() for d in found}
    }

    def said(one: AskedHaplotype, person: str) -> Answer:
        found = () if one.gene is None else digests[one.gene.symbol].get(person, frozenset())
        return _agreed({judged[one.text, digest] for digest in found})

    joined = {
        person: all_of(any_of(said(one, person) for one in some) for some in conditions) for person in people
    }
    text = " AND ".join(",".join(one.text for one in some) for some in conditions)
    population = Population(joined, len(everybody) - len(people))
    return parameters([counted(house, asking, ("haplotypes", "haplotypeItem", text), population)])


def consenting(house: House, asking: Asking, lake: ConsentedLake, people: Collection[str]) -> set[str]:
    """Those of some people who may be counted. The list of who said yes holds everybody who did; where no
    word is needed, whoever is not on it is asked for by themselves."""
    policy, today = policy_of(house), house.clock().date()
    looked_up = counted_people(house.ledger, policy, asking.purpose, "", today)
    permitted = looked_up.among(asking.only, clinical_only=True).people
    if permitted is None:
        return set(people)
    asks = any(policy.unasked[scope] is not Decision.GIVEN for scope in policy.needs[asking.purpose])
    return {one for one in people if one in permitted or (not asks and lake.refused(one) is None)}


def _agreed(said: Collection[Answer]) -> Answer:
    """What several results of one person say together."""
    known = set(said) - {Answer.NOT_TESTED}
    if not known:
        return Answer.NOT_TESTED
    return known.pop() if len(known) == 1 else Answer.INDETERMINATE


def nobody_tested(house: House, asking: Asking, texts: Sequence[str]) -> Resource:
    """The answer where no test stored here could see what is asked: nobody is in the denominator."""
    lake = population_lake(house, asking)
    joined = dict.fromkeys(lake.people(), Answer.NOT_TESTED)
    population = Population(joined, sum(lake.not_counted().values()))
    groups = [counted(house, asking, ("variants", "rangeItem", text), population) for text in texts]
    return parameters(groups)


def population_lake(house: House, asking: Asking) -> ConsentedLake:
    """The lake for the purpose of the question, confirmed runs only."""
    return asked(house, asking.purpose, principal_people=asking.only, clinical_only=True)


def counted(house: House, asking: Asking, item: tuple[str, str, str], population: Population) -> Resource:
    """The numbers of a population. item: the group's name, and what was asked by its name ("" for none)."""
    name, label, text = item
    small = None if asking.named else load_small_numbers(house.settings.knowledge_folder)
    joined = population.joined
    counts = Counter(joined.values())
    known = counts[Answer.PRESENT] + counts[Answer.ABSENT]
    parts = [text_part(label, text)] if label else []
    parts += [
        _number("numerator", counts[Answer.PRESENT], small),
        _number("denominator", known, small),
    ]
    if asking.named:
        present = sorted(person for person, answer in joined.items() if answer is Answer.PRESENT)
        parts += [text_part("subject", asking.identify(one)) for one in _adults(house, present)]
    parts += [
        _number("indeterminate", counts[Answer.INDETERMINATE], small),
        _number("notTested", counts[Answer.NOT_TESTED], small),
        _number("notCounted", population.left_out, None),
    ]
    return {"name": name, "part": parts}


def _number(name: str, count: int, small: SmallNumbers | None) -> Resource:
    if small is not None and small.hides(count):
        return {"name": name, "valueQuantity": {"value": small.least, "comparator": "<"}}
    return count_part(name, count)


def _adults(house: House, people: Sequence[str]) -> Sequence[str]:
    """Those of age: nothing of adult life is shown of a child in a list."""
    if len(people) > MOST_NAMED:
        raise RequestError.one("includePatientList", f"more than {MOST_NAMED} people; ask for the numbers")
    majority, today = policy_of(house).majority, house.clock().date()
    found = []
    for person in people:
        known = house.ledger.person(person)
        born = None if known is None else known.birth_date
        if stage_of(born, today, majority) is Stage.ADULT:
            found.append(person)
    return found
