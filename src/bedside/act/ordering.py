"""Before a test is ordered: does what is stored already answer it, was it ordered or done before, and what
could the earlier assay not see?

What nothing says was seen counts as not seen: then the test is still needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from bedside.act.orders import HeldOrder, Outcome
from bedside.genome.evidence import AssayKind
from bedside.knowledge.test_catalogue import Aspect, OrderableTest, Range, Source


class Advice(Enum):
    """What to do about a test somebody wants to order."""

    ORDER = "order"
    ORDER_FOR_THE_REST = "order-for-the-rest"
    ASK_STORED_DATA = "ask-stored-data"
    ALREADY_ORDERED = "already-ordered"
    ALREADY_DONE = "already-done"

    @property
    def go_ahead(self) -> bool:
        """Whether the order may be placed without a word of why."""
        return self in (Advice.ORDER, Advice.ORDER_FOR_THE_REST)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one stored result says about one gene. aspects: what its method is known to see there. usable:
    whether it gave an answer. share: of the coding sequence that was looked at, None where that is not the
    measure. limits: what it could not see, in words."""

    gene: str
    aspects: frozenset[Aspect]
    result: str
    on: date
    usable: bool = True
    share: float | None = None
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A stored genome or exome, asked again instead of another one."""

    result: str
    kind: AssayKind
    on: date


@dataclass(frozen=True, slots=True)
class Gap:
    """What stored data leave open of a gene ("" for the whole test): the aspects nothing has seen, and
    why."""

    gene: str
    aspects: tuple[Aspect, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The advice, what it rests on, and what stored data answer and leave open."""

    test: str
    advice: Advice
    answered: tuple[str, ...] = ()
    from_results: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    orders: tuple[str, ...] = ()
    why: str = ""


def assess(
    test: OrderableTest,
    looked: Mapping[str, Sequence[Looked]],
    runs: Sequence[WholeRun],
    earlier: Sequence[HeldOrder],
    catalogue: Mapping[str, OrderableTest],
    today: date,
    least_share: float,
) -> Assessment:
    """What to do about `test` today. looked: by gene. least_share: of a gene's coding sequence that must have
    been looked at before stored data answer for it."""
    open_orders = tuple(
        held.order.order
        for held in earlier
        if held.outcome is Outcome.OPEN and covers(catalogue.get(held.order.test), test)
    )
    if open_orders:
        why = "an order that is open looks at everything this test would"
        return Assessment(test.test, Advice.ALREADY_ORDERED, orders=open_orders, why=why)
    done = tuple(held.order.order for held in earlier if _done(held, test, today))
    if done:
        why = "this test was done, and what it looks at does not change in a lifetime"
        if not test.once_per_lifetime:
            why = f"this test was done less than {test.not_again_within_days} days ago"
        return Assessment(test.test, Advice.ALREADY_DONE, orders=done, why=why)
    if test.source is Source.TUMOUR:
        return Assessment(test.test, Advice.ORDER, why="a tumour is looked at anew")
    if test.range is Range.LISTED:
        return _by_gene(test, looked, least_share)
    return _whole(test, looked, runs, least_share)


def covers(held: OrderableTest | None, wanted: OrderableTest) -> bool:
    """Whether one test sees everything that another would. A test no longer in the catalogue covers none."""
    if held is None or held.source is not wanted.source:
        return False
    if _RANK[held.range] < _RANK[wanted.range]:
        return False
    if wanted.range is not Range.LISTED and not held.others >= wanted.others:
        return False
    return all(held.aspects(gene) >= aspects for gene, aspects in wanted.sees.items())


_RANK = {Range.LISTED: 0, Range.EXOME: 1, Range.GENOME: 2}


def _done(held: HeldOrder, test: OrderableTest, today: date) -> bool:
    same = held.order.test == test.test and held.outcome is Outcome.RESULTED
    return same and (
        test.once_per_lifetime or (today - held.placed_at.date()).days < test.not_again_within_days
    )


def _by_gene(test: OrderableTest, looked: Mapping[str, Sequence[Looked]], least_share: float) -> Assessment:
    gaps = tuple(
        gap
        for gene, aspects in test.sees.items()
        for gap in _gap(gene, aspects, looked.get(gene, ()), least_share)
    )
    missing = {gap.gene for gap in gaps}
    answered = tuple(gene for gene in test.sees if gene not in missing)
    results = {one.result for gene in answered for one in looked[gene] if one.usable}
    return _answer(test, answered, tuple(sorted(results)), gaps)


def _answer(
    test: OrderableTest, answered: tuple[str, ...], results: tuple[str, ...], gaps: tuple[Gap, ...]
) -> Assessment:
    if not gaps:
        why = "stored results answer for everything this test looks at; ask them again"
        return Assessment(test.test, Advice.ASK_STORED_DATA, answered, results, why=why)
    if not answered:
        return Assessment(test.test, Advice.ORDER, gaps=gaps, why="nothing stored answers it")
    why = "stored results answer a part; the rest still needs the test"
    return Assessment(test.test, Advice.ORDER_FOR_THE_REST, answered, results, gaps, why=why)


def _gap(gene: str, wanted: frozenset[Aspect], looked: Sequence[Looked], least_share: float) -> Iterator[Gap]:
    enough = [one for one in looked if one.usable and (one.share is None or one.share >= least_share)]
    seen = frozenset(aspect for one in enough for aspect in one.aspects)
    missing = tuple(sorted(wanted - seen, key=lambda aspect: aspect.value))
    if missing:
        yield Gap(gene, missing, "; ".join(dict.fromkeys(_reasons(looked, enough, least_share))))


def _reasons(looked: Sequence[Looked], enough: Sequence[Looked], least_share: float) -> Iterator[str]:
    if not looked:
        yield "not tested"
    for one in looked:
        if not one.usable:
            yield f"tested on {one.on.isoformat()}, without an answer"
        elif one not in enough and one.share is not None:
            yield (
                f"{one.share:.1%} of the coding sequence was looked at on {one.on.isoformat()}, "
                f"less than {least_share:.0%}"
            )
        elif not one.aspects:
            yield f"a result of {one.on.isoformat()} does not say what its method could see"
        elif not one.limits:
            shown = ", ".join(aspect.value.replace("-", " ") for aspect in _sorted(one.aspects))
            yield f"a result of {one.on.isoformat()} shows {shown} only"
        yield from one.limits


def _whole(
    test: OrderableTest, looked: Mapping[str, Sequence[Looked]], runs: Sequence[WholeRun], least_share: float
) -> Assessment:
    """A stored genome answers for an exome too. Stored variant files show small variants only."""
    needed = {Range.EXOME: (AssayKind.EXOME, AssayKind.GENOME), Range.GENOME: (AssayKind.GENOME,)}
    fitting = [run for run in runs if run.kind in needed[test.range]]
    if not fitting:
        why = f"no stored {test.range.value} to ask again"
        return Assessment(test.test, Advice.ORDER, gaps=(Gap("", _sorted(test.others), why),), why=why)
    unseen = test.others - {Aspect.SMALL_VARIANTS}
    gaps = [Gap("", _sorted(unseen), "the stored files show small variants only")] if unseen else []
    for gene, aspects in test.sees.items():
        gaps += _gap(gene, aspects, looked.get(gene, ()), least_share)
    return _answer(test, ("small variants",), tuple(run.result for run in fitting), tuple(gaps))


def _sorted(aspects: frozenset[Aspect]) -> tuple[Aspect, ...]:
    return tuple(sorted(aspects, key=lambda aspect: aspect.value))
