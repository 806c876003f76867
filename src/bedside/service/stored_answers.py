"""What the record already holds for a test that somebody wants to order: results gene by gene with what each
method could see, stored genomes, and earlier orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bedside.act.ordering import Assessment, Looked, WholeRun, assess
from bedside.act.orders import HeldOrder, orders
from bedside.errors import InputError, Refused
from bedside.genome.consent import Purpose
from bedside.genome.event import EventKind
from bedside.genome.observation import GenotypePattern
from bedside.genome.record import HeldResult
from bedside.genome.region import Region
from bedside.genome.result import Confirmation
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.knowledge.pgx import Lookup, Matcher
from bedside.knowledge.test_catalogue import Aspect, OrderableTest, load_tests
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.ask_genome import LookedAt, ask_regions
from bedside.service.consented_lake import asked
from bedside.service.house import House
from bedside.store.encode import decode, decode_observation

ORDER_EVENTS = (
    EventKind.ORDER_PLACED,
    EventKind.ORDER_ANSWERED,
    EventKind.ORDER_ENDED,
    EventKind.RESULT_WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Before:
    """What is known before a test is ordered. refused: why stored genomes were not looked at, "" when they
    were or there are none."""

    assessment: Assessment
    orders: Sequence[HeldOrder]
    refused: str = ""


def look_before(house: House, person: str, test: OrderableTest) -> Before:
    """Whether the record answers already. A genome that may not be read for care counts as not there, and the
    answer says so."""
    root = house.settings.knowledge_folder
    catalogue, policy = load_tests(root), load_ordering_policy(root)
    earlier = tuple(orders_of(house, person).values())
    looked: dict[str, list[Looked]] = {}
    for one in _from_results(house, person, test, catalogue, earlier):
        looked.setdefault(one.gene, []).append(one)
    runs: Sequence[WholeRun] = ()
    refused = ""
    if any(run.erased is None for run in house.ledger.genome_runs(person)):
        try:
            runs = _runs(house, person)
            for one in _from_genome(house, person, test, runs):
                looked.setdefault(one.gene, []).append(one)
        except Refused as error:
            refused = str(error)
    today = house.clock().date()
    return Before(assess(test, looked, runs, earlier, catalogue, today, policy.least_share), earlier, refused)


def orders_of(house: House, person: str) -> Mapping[str, HeldOrder]:
    """Every order of a person by its number."""
    return orders(house.ledger.events(person=person, kinds=ORDER_EVENTS))


def _from_results(
    house: House,
    person: str,
    test: OrderableTest,
    catalogue: Mapping[str, OrderableTest],
    earlier: Sequence[HeldOrder],
) -> Iterator[Looked]:
    """Per gene of the test, what each clinical result in force says of it."""
    by = {result: held.order.test for held in earlier for result in held.results}
    results = [
        one
        for one in house.ledger.results(person)
        if not one.withdrawn and one.confirmation is Confirmation.CLINICAL
    ]
    wanted = {one.calls[gene] for one in results for gene in test.sees if gene in one.calls}
    calls = house.ledger.calls(wanted)
    for one in results:
        for gene in test.sees:
            if gene in one.calls:
                yield _looked(house, one, gene, calls[one.calls[gene]], catalogue.get(by.get(one.result, "")))


def _looked(
    house: House, result: HeldResult, gene: str, call: GeneCall, test: OrderableTest | None
) -> Looked:
    """What a method is known to see: as its catalogue entry says, else by what was stored. The word of a
    laboratory whose method is not known answers for no aspect."""
    on = result.valid_at.date()
    usable = call.status is CallStatus.CALLED
    if test is not None:
        return Looked(gene, test.aspects(gene), result.result, on, usable, limits=_unseen(house, gene, test))
    bodies = house.ledger.content(result.observations.get(gene, ()))
    genotyped = any(isinstance(decode_observation(decode(body)), GenotypePattern) for body in bodies.values())
    known = house.pgx.genes.get(gene)
    if not genotyped or known is None:
        return Looked(gene, frozenset(), result.result, on, usable)
    limits: tuple[str, ...] = ()
    if known.not_callable:
        limits = (f"a file of small variants cannot show {', '.join(known.not_callable)}",)
    return Looked(gene, frozenset({Aspect.SMALL_VARIANTS}), result.result, on, usable, limits=limits)


def _unseen(house: House, gene: str, test: OrderableTest) -> tuple[str, ...]:
    known = house.pgx.genes.get(gene)
    needs_more = known is not None and known.matcher is Matcher.OUTSIDE_ONLY
    allele_test = known is not None and known.lookup is Lookup.ALLELE_PRESENCE
    if needs_more and not allele_test and Aspect.COPY_NUMBER not in test.aspects(gene):
        return (f"{test.name} could not see the copy number of {gene}",)
    return ()


def _runs(house: House, person: str) -> tuple[WholeRun, ...]:
    """The stored runs that may be read for care, and may count: confirmed ones only."""
    held = {one.result: one for one in house.ledger.results(person)}
    lake = asked(house, Purpose.CARE)
    return tuple(
        WholeRun(run.result, run.assay, held[run.result].valid_at.date())
        for run in lake.runs(person)
        if run.confirmed and run.result in held and not held[run.result].withdrawn
    )


def _from_genome(
    house: House, person: str, test: OrderableTest, runs: Sequence[WholeRun]
) -> Iterator[Looked]:
    """How much of each gene's coding sequence the stored runs looked at and could call."""
    if not runs:
        return
    known = load_transcripts(house.settings.knowledge_folder).by_gene
    newest: date = max(run.on for run in runs)
    result = max(runs, key=lambda run: run.on).result
    genes = [gene for gene in test.sees if gene in known]
    for gene in genes:
        one = known[gene][0]
        regions = [Region(one.chromosome, start, end) for start, end in sorted(one.coding)]
        try:
            seen = ask_regions(house, person, regions).looked_at
        except InputError:
            continue
        yield Looked(gene, frozenset({Aspect.SMALL_VARIANTS}), result, newest, share=_share(seen))


def _share(looked: Sequence[LookedAt]) -> float:
    bases = sum(one.region.end - one.region.start + 1 for one in looked)
    return sum(one.seen for one in looked) / bases if bases else 0.0
