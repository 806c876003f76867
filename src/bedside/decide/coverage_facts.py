"""The facts of an order from a chart. What a chart does not say stays unknown, with the reason; a problem
list that lacks a problem does not show that it is absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bedside.decide.coverage_chart import Coded, CoverageChart
from bedside.decide.moment import age_on
from bedside.genome.coverage import Fact, Facts, Known, Listed, NotKnown, Pointer, Said, TestAsked
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.coverage_policy import CoverageFact, FromRecord
from bedside.knowledge.pgx import GeneDrugPair


@dataclass(frozen=True, slots=True)
class PairsHeld:
    """The gene-drug pairs of a knowledge release."""

    release: str
    pairs: Sequence[GeneDrugPair]


def facts_of(pack: CoveragePack, held: PairsHeld, test: TestAsked, chart: CoverageChart, on: date) -> Facts:
    """Every fact of the vocabulary, on the day of service."""
    asked = _Asked(pack, held, test, chart, on)
    return {
        name: chart.said[name] if name in chart.said else _READ[fact.source](asked, fact)
        for name, fact in pack.facts.items()
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    pack: CoveragePack
    held: PairsHeld
    test: TestAsked
    chart: CoverageChart
    on: date

    @property
    def speaking(self) -> tuple[tuple[Coded, tuple[GeneDrugPair, ...]], ...]:
        """The medicines that a gene of the test speaks about, each with its pairs."""
        genes = self.test.genes
        found = []
        for drug in self.chart.drugs:
            pairs = [one for one in self.held.pairs if one.drug == drug.code]
            fitting = tuple(one for one in pairs if genes is None or one.gene in genes)
            if fitting:
                found.append((drug, fitting))
        return tuple(found)

    def acts(self, pair: GeneDrugPair) -> bool:
        """Whether one acts on a pair, by the vocabulary's levels and labels."""
        reading = self.pack.reading
        return pair.level in reading.levels or pair.label in reading.labels


def _age_days(asked: _Asked, fact: CoverageFact) -> Fact:
    born = asked.chart.born
    if born is None or born.on > asked.on:
        return NotKnown("the chart has no birth date before the day of service")
    return Known(float((asked.on - born.on).days), (born.at,))


def _age_years(asked: _Asked, fact: CoverageFact) -> Fact:
    born = asked.chart.born
    if born is None or born.on > asked.on:
        return NotKnown("the chart has no birth date before the day of service")
    return Known(float(age_on(born.on, asked.on)), (born.at,))


def _setting(asked: _Asked, fact: CoverageFact) -> Fact:
    placed = asked.chart.placed
    if placed is None:
        return NotKnown("the chart does not say where the patient is cared for")
    setting = asked.pack.reading.units.get(placed.unit, placed.unit)
    if setting not in fact.choices:
        return NotKnown("the unit the patient was admitted to is none the vocabulary knows")
    days = (asked.on - placed.since).days
    if not 0 <= days <= asked.pack.reading.stay_days:
        return NotKnown(f"the last admission was on {placed.since.isoformat()}; whether it lasts is not said")
    return Known(setting, (placed.at,))


def _reason(asked: _Asked, fact: CoverageFact) -> Fact:
    listed = {one.code: one.at for one in asked.chart.problems}
    both = [(one.at, listed[one.code]) for one in asked.chart.reasons if one.code in listed]
    if both:
        return Known(True, both[0])
    if asked.chart.reasons:
        return NotKnown("the reason of the order is not on the problem list")
    return NotKnown("the order gives no coded reason")


def _problems(asked: _Asked, fact: CoverageFact) -> Fact:
    found = [one for one in (*asked.chart.problems, *asked.chart.reasons) if one.code.startswith(fact.codes)]
    if found:
        return Known(True, tuple(dict.fromkeys(one.at for one in found)))
    return NotKnown("no problem on the list says so, which does not show that it is absent")


def _medicines(asked: _Asked, fact: CoverageFact) -> Fact:
    return _drugs(asked, (one for one, _ in asked.speaking))


def _actionable(asked: _Asked, fact: CoverageFact) -> Fact:
    found = [(drug, pair) for drug, pairs in asked.speaking for pair in pairs if asked.acts(pair)]
    return _drugs(asked, (drug for drug, _ in found), (pair for _, pair in found))


def _needed(asked: _Asked, fact: CoverageFact) -> Fact:
    counted = [
        (drug, pair)
        for drug, pairs in asked.speaking
        if drug.code not in asked.pack.reading.not_counted
        for pair in pairs
        if asked.acts(pair)
    ]
    drugs, pairs = [one for one, _ in counted], [one for _, one in counted]
    known = _drugs(asked, drugs, pairs)
    if isinstance(known, NotKnown):
        return known
    genes = frozenset(one.gene for one in pairs)
    return Known(Listed(genes, asked.chart.drugs_complete), known.evidence)


def _drugs(asked: _Asked, found: Iterable[Coded], pairs: Iterable[GeneDrugPair] = ()) -> Fact:
    """Medicines as a list; it is complete when the order says which it is for."""
    if asked.test.genes is not None and not asked.test.genes:
        return NotKnown("which genes the test looks at is not known")
    drugs = tuple(dict.fromkeys(found))
    if not drugs and not asked.chart.drugs_complete:
        return NotKnown("no medicine of the chart is one these genes speak about, and the order names none")
    evidence = [*(one.at for one in drugs), *(_pair_at(asked, one) for one in pairs)]
    names = frozenset(one.code for one in drugs)
    return Known(Listed(names, asked.chart.drugs_complete), tuple(dict.fromkeys(evidence)))


def _pair_at(asked: _Asked, pair: GeneDrugPair) -> Pointer:
    label = f", label: {pair.label}" if pair.label else ""
    return Pointer(
        Said.KNOWLEDGE, f"{pair.gene} and {pair.drug}: CPIC level {pair.level}{label} ({asked.held.release})"
    )


def _tested(asked: _Asked, fact: CoverageFact) -> Fact:
    genes = asked.test.genes
    if not genes:
        return NotKnown("the test looks at all genes, or which it looks at is not known")
    return Known(Listed(genes, True), (Pointer(Said.ORDER, f"the catalogue's entry of {asked.test.test}"),))


def _earlier(asked: _Asked, fact: CoverageFact) -> Fact:
    earlier = asked.chart.earlier
    if not earlier:
        return NotKnown("none is in the record; whether it was done elsewhere is not said")
    return Known(float(len(earlier)), earlier)


def _since_genome(asked: _Asked, fact: CoverageFact) -> Fact:
    first = asked.chart.first_genome
    if first is None or first.on > asked.on:
        return NotKnown("no genome is in the record; one may be elsewhere")
    return Known(float((asked.on - first.on).days), (first.at,))


def _features(asked: _Asked, fact: CoverageFact) -> Fact:
    here = [one for one in asked.chart.features if one.term in fact.codes]
    present = tuple(one.at for one in here if one.present)
    if present:
        return Known(True, present)
    if {one.term for one in here} >= set(fact.codes):
        return Known(False, tuple(one.at for one in here))
    return NotKnown("nobody has confirmed it or excluded it")


def _tumour(asked: _Asked, fact: CoverageFact) -> Fact:
    found = tuple(one.at for one in asked.chart.tumours if one.code in fact.codes)
    if found:
        return Known(True, found)
    return NotKnown("no tumour of this type is in the record")


def _tumour_state(asked: _Asked, fact: CoverageFact) -> Fact:
    found = tuple(one.at for one in asked.chart.tumour_states if one.code in fact.codes)
    if found:
        return Known(True, found)
    return NotKnown("the record does not say how far the tumour has gone")


def _orderer(asked: _Asked, fact: CoverageFact) -> Fact:
    orderer = asked.chart.orderer
    if orderer is None:
        return NotKnown("what the person who orders may do is not known")
    return Known(orderer.prescribes, (orderer.at,))


def _kind(asked: _Asked, fact: CoverageFact) -> Fact:
    if not asked.test.kind:
        return NotKnown("what kind of test it is, is not known")
    return Known(asked.test.kind, (Pointer(Said.ORDER, f"the order of {asked.test.test}"),))


def _assessed(asked: _Asked, fact: CoverageFact) -> Fact:
    known = asked.pack.tests.get(asked.test.test)
    if known is None or known.assessed is None:
        return NotKnown("no technical assessment of this test is on file")
    return Known(known.assessed, (Pointer(Said.KNOWLEDGE, f"the site's table of tests: {known.test}"),))


def _form(asked: _Asked, fact: CoverageFact) -> Fact:
    return NotKnown("only a person can say, and nobody has")


_READ: Mapping[FromRecord, Callable[[_Asked, CoverageFact], Fact]] = {
    FromRecord.AGE_DAYS: _age_days,
    FromRecord.AGE_YEARS: _age_years,
    FromRecord.SETTING: _setting,
    FromRecord.REASON: _reason,
    FromRecord.PROBLEMS: _problems,
    FromRecord.MEDICINES: _medicines,
    FromRecord.ACTIONABLE_DRUGS: _actionable,
    FromRecord.NEEDED_GENES: _needed,
    FromRecord.TESTED_GENES: _tested,
    FromRecord.EARLIER_SAME_TEST: _earlier,
    FromRecord.DAYS_SINCE_GENOME: _since_genome,
    FromRecord.FEATURES: _features,
    FromRecord.TUMOUR: _tumour,
    FromRecord.TUMOUR_STATE: _tumour_state,
    FromRecord.ORDERER_PRESCRIBES: _orderer,
    FromRecord.TEST_KIND: _kind,
    FromRecord.TEST_ASSESSED: _assessed,
    FromRecord.FORM: _form,
}
