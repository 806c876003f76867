"""The cohort explorer: who carries what, who was tested, who is left out and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bedside.genome.consent import Purpose
from bedside.genome.variant import parse_variant
from bedside.service.cohort_view import CohortQuestion, explore
from bedside.service.house import House
from bedside.web.app import create_app
from tests.demo_record import open_demo, person_of
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The made-up record, to be read."""
    house = open_demo(tmp_path_factory.mktemp("cohort"))
    yield house
    house.close()


@pytest.fixture
def cohort(told: House) -> Pages:
    """The pages over it."""
    return Pages(create_app(told), told)


def ask(pages: Pages, **said: str) -> str:
    return pages.post("/cohort", on="/cohort", **said).text


def name(house: House, role: str) -> str:
    known = house.ledger.person(person_of(role))
    return f"{known.given} {known.family}"


def test_one_variant_is_answered_with_who_carries_it_and_who_was_never_tested(
    cohort: Pages, told: House
) -> None:
    page = ask(cohort, asked="chr17-43091434-C-T")
    (tested,) = rows(page, "Who was tested")
    people = len(told.ledger.people_with_genome()) - 1
    assert tested[:2] == ["chr17-43091434-C-T", "1"]
    assert sum(int(cell) for cell in tested[1:]) == people
    assert rows(page, "People who carry")[0][:3] == [
        name(told, "told-and-later-lowered"),
        "chr17-43091434-C-T",
        "one copy",
    ]


def test_whoever_took_consent_back_is_left_out_and_the_answer_says_so(cohort: Pages, told: House) -> None:
    page = ask(cohort, asked="chr1-45332446-G-A")
    assert "Not counted: 1. 1 took back their consent. They are not “not carriers”." in text(page)
    shown = [row[0] for row in rows(page, "People who carry")]
    assert shown == [name(told, "two-in-one-gene")]


def test_a_gene_says_how_few_were_looked_at_over_the_whole_of_it(cohort: Pages) -> None:
    page = text(ask(cohort, asked="BRCA2"))
    assert "0 of them were looked at over the whole of chr13:32315508-32400268" in page
    assert "Classified by ClinVar 2 Nov 2016." in page


def test_a_finding_of_the_panels_lists_the_people_it_is_about(cohort: Pages, told: House) -> None:
    found = {row[0] for row in rows(ask(cohort, finding="review"), "People who carry")}
    assert found >= {name(told, "two-in-one-gene"), name(told, "research-genome"), name(told, "one-star")}
    brca = {row[0] for row in rows(ask(cohort, finding="report", asked="BRCA1"), "People who carry")}
    assert brca == {
        name(told, role) for role in ("told-and-later-lowered", "family-asked", "no-class-tomorrow")
    }


def test_a_child_is_counted_and_not_named(cohort: Pages, told: House) -> None:
    page = ask(cohort, asked="chr13-32319154-G-T")
    assert f"1 of {len(told.ledger.people_with_genome()) - 1} people carries a variant there" in text(page)
    assert "1 of those counted is not of age, or of unknown age: counted and not named" in text(page)
    assert name(told, "child") not in page


def test_research_is_counted_never_named_and_small_numbers_are_not_shown(cohort: Pages) -> None:
    page = ask(cohort, asked="chr17-43091434-C-T", purpose="research")
    assert "Fewer than 5 of" in text(page)
    assert "People who carry it" not in text(page)
    assert '<h2 id="people">' not in page
    assert "numbers under 5 are not shown (local policy; awaiting sign-off" in text(page)
    assert "were never asked" in text(page)


def test_one_laboratory_s_runs_are_asked_alone(cohort: Pages) -> None:
    page = ask(cohort, asked="BRCA2", laboratory="Example Harbour Biobank")
    assert {row[3] for row in rows(page, "People who carry")} <= {"Example Harbour Biobank"}


@pytest.mark.parametrize(
    ("asked", "told_so"), [("", "Nothing was asked"), ("NOSUCHGENE", "is not a gene of")]
)
def test_what_is_not_understood_is_said_in_words(cohort: Pages, asked: str, told_so: str) -> None:
    answer = cohort.post("/cohort", on="/cohort", asked=asked)
    assert (answer.status_code, told_so in text(answer.text)) == (422, True)


def test_whoever_may_not_open_genomes_gets_numbers_and_no_names(told: House) -> None:
    alone = explore(told, None, CohortQuestion(), parse_variant("chr17-43091434-C-T"), may_name=False)
    assert (alone.named, alone.people, alone.carriers, alone.least) == (False, (), None, 5)


def test_a_part_that_could_be_worked_out_from_the_others_is_hidden_too(told: House) -> None:
    question = CohortQuestion(purpose=Purpose.RESEARCH)
    answer = explore(told, None, question, parse_variant("chr17-43091434-C-T"))
    (tested,) = answer.tested
    numbers = (tested.present, tested.absent, tested.not_callable, tested.not_tested)
    assert numbers.count(None) >= 2
    carry = [line.carriers for line in answer.ancestry]
    assert carry.count(None) != 1 or not any(carry)
