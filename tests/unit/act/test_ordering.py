"""Before a test is ordered: does stored data answer it, was it ordered or done, what could the old assay not
see?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bedside.act.ordering import Advice, Assessment, Gap, Looked, WholeRun, assess, covers
from bedside.act.orders import HeldOrder, Outcome
from bedside.genome.evidence import AssayKind
from bedside.genome.order import LocalCode, Order, SpecimenWanted, Subject
from bedside.genome.person import Sex
from bedside.knowledge.test_catalogue import Aspect, Source, load_tests

TESTS = load_tests()
BASIC, FULL, CANCER, EXOME, GENOME = (
    TESTS[name] for name in ("pgx-basic", "pgx-full", "hereditary-cancer", "exome", "genome")
)
TODAY, THEN = date(2026, 3, 1), date(2021, 5, 4)
SMALL = frozenset({Aspect.SMALL_VARIANTS})


def held(test: str, outcome: Outcome = Outcome.OPEN, number: str = "o1") -> HeldOrder:
    subject = Subject("p1", "Osei", "Ada", date(1980, 1, 1), Sex.FEMALE)
    placed = datetime(2021, 5, 4, tzinfo=UTC)
    code, blood = LocalCode("x", "x", "x"), SpecimenWanted("BLD", "blood")
    order = Order(number, subject, test, code, "Lab", (), blood, "Dr", placed)
    return HeldOrder(order, placed, outcome, ("r1",) if outcome is Outcome.RESULTED else ())


def weighed(test, looked=(), runs=(), earlier=()) -> Assessment:
    by_gene: dict[str, list[Looked]] = {}
    for one in looked:
        by_gene.setdefault(one.gene, []).append(one)
    return assess(test, by_gene, runs, earlier, TESTS, TODAY, 0.98)


def seen(test, aspects=None, **more) -> list[Looked]:
    """Every gene of a test, as seen by a stored result."""
    return [Looked(gene, aspects or own, "r1", THEN, **more) for gene, own in test.sees.items()]


def test_with_nothing_stored_the_test_is_ordered():
    known = weighed(BASIC)
    assert (known.advice, {gap.why for gap in known.gaps}) == (Advice.ORDER, {"not tested"})


def test_when_everything_was_seen_the_stored_result_is_asked_again():
    known = weighed(FULL, seen(FULL))
    assert (known.advice, known.gaps, known.from_results) == (Advice.ASK_STORED_DATA, (), ("r1",))
    assert not known.advice.go_ahead


def test_a_panel_that_could_not_see_copies_leaves_the_test_needed():
    limits = ("it could not see the copy number",)
    stored = [replace(one, limits=limits if one.gene == "CYP2D6" else ()) for one in seen(BASIC)]
    known = weighed(FULL, stored)
    assert known.advice is Advice.ORDER_FOR_THE_REST
    gap = next(gap for gap in known.gaps if gap.gene == "CYP2D6")
    assert gap == Gap("CYP2D6", (Aspect.COPY_NUMBER, Aspect.HYBRIDS), limits[0])
    assert "CYP2C19" in known.answered


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"usable": False}, "tested on 2021-05-04, without an answer"),
        ({"aspects": frozenset()}, "a result of 2021-05-04 does not say what its method could see"),
        ({"share": 0.90}, "90.0% of the coding sequence was looked at on 2021-05-04, less than 98%"),
    ],
)
def test_what_was_not_seen_for_sure_answers_nothing(changed, why):
    stored = [replace(one, **changed) for one in seen(BASIC)]
    known = weighed(BASIC, stored)
    assert (known.advice, {gap.why for gap in known.gaps}) == (Advice.ORDER, {why})


def test_two_results_together_answer_what_neither_does_alone():
    first = Looked("BRCA1", SMALL, "r1", THEN, share=0.99)
    others = [one for one in seen(CANCER) if one.gene != "BRCA1"]
    copies = Looked("BRCA1", frozenset({Aspect.COPY_NUMBER}), "r2", THEN)
    assert weighed(CANCER, [*others, first]).advice is Advice.ORDER_FOR_THE_REST
    assert weighed(CANCER, [*others, first, copies]).advice is Advice.ASK_STORED_DATA


@pytest.mark.parametrize(
    ("wanted", "open_one", "advice"),
    [
        (BASIC, "pgx-basic", Advice.ALREADY_ORDERED),
        (BASIC, "pgx-full", Advice.ALREADY_ORDERED),
        (FULL, "pgx-basic", Advice.ORDER),
        (EXOME, "genome", Advice.ALREADY_ORDERED),
        (GENOME, "exome", Advice.ORDER),
        (BASIC, "no longer in the catalogue", Advice.ORDER),
    ],
)
def test_an_open_order_that_sees_as_much_makes_another_a_duplicate(wanted, open_one, advice):
    assert weighed(wanted, earlier=[held(open_one)]).advice is advice


def test_a_germline_test_is_done_once_in_a_lifetime_unless_its_result_was_withdrawn():
    assert weighed(BASIC, earlier=[held("pgx-basic", Outcome.RESULTED)]).advice is Advice.ALREADY_DONE
    assert weighed(BASIC, earlier=[held("pgx-basic", Outcome.CANCELLED)]).advice is Advice.ORDER


def test_a_tumour_is_tested_again_but_not_within_days():
    tumour = replace(CANCER, source=Source.TUMOUR, once_per_lifetime=False, not_again_within_days=30)
    known = assess(tumour, {}, (), [held(CANCER.test, Outcome.RESULTED)], TESTS, TODAY, 0.98)
    assert known.advice is Advice.ORDER
    known = assess(tumour, {}, (), [held(CANCER.test, Outcome.RESULTED)], TESTS, date(2021, 5, 20), 0.98)
    assert known.advice is Advice.ALREADY_DONE


def test_a_stored_exome_answers_for_an_exome_and_not_for_a_genome():
    stored = [WholeRun("r1", AssayKind.EXOME, THEN)]
    assert weighed(EXOME, runs=stored).advice is Advice.ASK_STORED_DATA
    assert weighed(GENOME, runs=stored).advice is Advice.ORDER


def test_a_stored_genome_answers_small_variants_and_says_what_its_files_do_not_show():
    known = weighed(GENOME, runs=[WholeRun("r1", AssayKind.GENOME, THEN)])
    assert known.advice is Advice.ORDER_FOR_THE_REST
    assert known.gaps[0] == Gap("", (Aspect.COPY_NUMBER,), "the stored files show small variants only")


def test_a_test_covers_itself_and_a_listed_test_no_exome():
    assert all(covers(one, one) for one in TESTS.values())
    assert not covers(FULL, EXOME)
