"""The page of a person's stored genome, and the page of what they allow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind
from bedside.service.house import House
from bedside.service.record_consent import consent_in_force
from bedside.web.app import create_app
from tests.demo_record import open_demo, person_of
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The made-up record, to be read."""
    house = open_demo(tmp_path_factory.mktemp("genomes"))
    yield house
    house.close()


@pytest.fixture
def genomes(told: House) -> Pages:
    """The pages over it."""
    return Pages(create_app(told), told)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Pages]:
    """The pages over a copy that a test may change."""
    house = open_demo(tmp_path)
    yield Pages(create_app(house), house)
    house.close()


def ask(pages: Pages, role: str, asked: str):
    address = pages.address(person_of(role), "/genome")
    return pages.post(address, on=address, asked=asked)


def test_the_chart_leads_to_the_genome(genomes: Pages) -> None:
    person = person_of("family-asked")
    chart = genomes.get(genomes.address(person)).text
    assert f'href="{genomes.address(person, "/genome")}"' in chart


def test_a_finding_says_what_it_is_why_it_is_reported_and_whose_move_it_is(genomes: Pages) -> None:
    page = text(genomes.get(genomes.address(person_of("nobody-answers"), "/genome")).text)
    assert "BRCA2 : Hereditary breast and ovarian cancer Report" in page
    assert "Pathogenic (2 of 4 stars) ; one copy; dominant." in page
    assert "Why: pathogenic or likely pathogenic, and all four gates let it through." in page
    assert "Programme lead : reach the person; write down every attempt, due 10 Jul 2026." in page
    assert "under ClinVar 2 Nov 2016" in page
    assert "awaiting sign-off by a clinical geneticist" in page


def test_two_changes_of_one_gene_that_are_weighed_together_are_one_finding_for_a_person_to_judge(
    genomes: Pages,
) -> None:
    page = text(genomes.get(genomes.address(person_of("two-in-one-gene"), "/genome")).text)
    assert "0 to report 1 for a person to judge 0 held" in page
    assert "two changes, and whether on one strand or both is not known" in page
    assert "chr1-45331220-C-A and chr1-45332446-G-A on GRCh38" in page


def test_a_research_finding_is_shown_as_one_that_nobody_may_be_told(genomes: Pages) -> None:
    page = text(genomes.get(genomes.address(person_of("research-genome"), "/genome")).text)
    assert "It is in no chart, and nobody may be told: no clinical laboratory has confirmed it." in page
    assert "Research only: confirmed in a clinical laboratory before anybody is told" in page


def test_a_finding_of_adult_life_is_not_shown_of_a_child(genomes: Pages) -> None:
    page = text(genomes.get(genomes.address(person_of("child"), "/genome")).text)
    assert "findings of adult life are not shown here, whether or not there are any" in page
    assert "chr13-32319154-G-T" not in page
    assert "0 to report 0 for a person to judge 0 held" in page


def test_a_genome_whose_consent_was_taken_back_is_not_read_and_the_page_says_why(genomes: Pages) -> None:
    person = person_of("withdrawn")
    page = genomes.get(genomes.address(person, "/genome")).text
    assert "This genome is not read: this person took back their consent." in text(page)
    assert "MUTYH" not in page
    answer = ask(genomes, "withdrawn", "MUTYH")
    assert (answer.status_code, "chr1-" in answer.text) == (403, False)
    assert "This genome was not read: this person took back their consent." in text(answer.text)


def test_a_gene_is_answered_with_copies_classification_and_how_much_was_looked_at(genomes: Pages) -> None:
    page = ask(genomes, "told-and-later-lowered", "brca1").text
    (place,) = rows(page, "How much was looked at")
    assert place[0] == "chr17:43044295-43125364"
    assert place[3].endswith("(92 %)")
    found = rows(page, "Variants found")
    assert found[0][0] == "chr17-43091434-C-T"
    assert found[0][1] == "One copy"
    assert found[0][2].startswith("Likely pathogenic, 2 of 4 stars: criteria provided")
    assert "ClinVar variation 37565" in found[0][2]
    assert "Nothing may be concluded about what was not tested or could not be called." in text(page)


def test_a_gene_that_an_older_test_left_out_is_not_tested_and_never_normal(genomes: Pages) -> None:
    page = ask(genomes, "one-copy", "PALB2").text
    (place,) = rows(page, "How much was looked at")
    assert (place[1], place[3].endswith("(all)")) == ("0 bases (none)", True)
    assert "0 variants in PALB2" in text(page)


@pytest.mark.parametrize(
    ("asked", "told_so"),
    [
        ("NOSUCHGENE", "is not a gene of"),
        ("chr99:1-2", "is not one of the chromosomes"),
        ("", "Nothing was asked"),
    ],
)
def test_what_is_not_understood_is_said_in_words(genomes: Pages, asked: str, told_so: str) -> None:
    answer = ask(genomes, "family-asked", asked)
    assert (answer.status_code, told_so in text(answer.text)) == (422, True)


def test_somebody_without_a_genome_has_a_page_that_concludes_nothing(genomes: Pages) -> None:
    page = text(genomes.get(genomes.address("demo-000001", "/genome")).text)
    assert "No genome of this person is stored. Nothing may be concluded" in page


def test_what_is_asked_never_stands_in_an_address(genomes: Pages) -> None:
    address = genomes.address(person_of("family-asked"), "/genome")
    page = genomes.get(address).text
    assert 'method="post"' in page
    assert "BRCA" not in address
    assert person_of("family-asked") not in page.split("<main")[0]


def test_each_look_at_a_genome_is_on_record(genomes: Pages, told: House) -> None:
    person = person_of("family-asked")
    before = len(list(told.ledger.events(person=person, kinds=(EventKind.ACCESSED,))))
    genomes.get(genomes.address(person, "/genome"))
    looks = list(told.ledger.events(person=person, kinds=(EventKind.ACCESSED,)))
    assert (len(looks) - before, looks[-1].payload) == (1, {"page": "genome"})


def test_consent_taken_back_on_the_page_closes_the_genome_at_once(own: Pages) -> None:
    person = person_of("nobody-answers")
    address = own.address(person, "/consent")
    answer = own.post(address, on=address, scope="clinical", decision="withdrawn", by="self")
    assert answer.status_code == 303
    assert consent_in_force(own.house, person).of(Scope.CLINICAL).decision is Decision.WITHDRAWN
    page = text(own.get(address).text)
    assert "Care: taken back" in page
    assert "said by the person, written down by local-operator" in page
    assert "This genome is not read" in text(own.get(own.address(person, "/genome")).text)


def test_a_guardian_does_not_speak_for_an_adult_and_nothing_is_written(own: Pages) -> None:
    person = person_of("nobody-answers")
    address = own.address(person, "/consent")
    before = own.house.ledger.consents(person)
    answer = own.post(address, on=address, scope="research", decision="given", by="guardian")
    assert answer.status_code == 422
    assert "This person is of age and speaks for themself" in text(answer.text)
    assert own.house.ledger.consents(person) == before


@pytest.mark.parametrize("missing", ["scope", "decision", "by"])
def test_a_consent_that_does_not_say_everything_is_not_recorded(own: Pages, missing: str) -> None:
    person = person_of("nobody-answers")
    address = own.address(person, "/consent")
    said = {"scope": "family", "decision": "given", "by": "self"}
    del said[missing]
    assert own.post(address, on=address, **said).status_code == 422
    assert Scope.FAMILY not in own.house.ledger.consents(person)


def test_the_child_s_layers_say_that_a_guardian_spoke(genomes: Pages) -> None:
    page = genomes.get(genomes.address(person_of("child"), "/consent")).text
    layers = {row[0].split(" they")[0]: row[1:] for row in rows(page, "Consent in force")}
    assert layers["Contact about results"] == ["Allowed", "A guardian, 18 May 2026"]


def test_a_finding_that_nobody_signed_off_is_marked_as_one_that_nobody_may_be_told(genomes: Pages) -> None:
    page = text(genomes.get(genomes.address(person_of("both-copies"), "/genome")).text)
    assert "It is in no chart, and nobody may be told: nobody has signed it off yet." in page
