"""A stored genome answers for the genes it looked at, and says of the rest what it did not see."""

from __future__ import annotations

from datetime import date

from bedside.act.ordering import Advice, Gap
from bedside.genome.consent import Decision, Said, Scope
from bedside.genome.person import Person, Sex
from bedside.knowledge.test_catalogue import Aspect
from bedside.service.order_test import catalogue_entry
from bedside.service.record_consent import record_decisions
from bedside.service.register_person import register_person
from bedside.service.stored_answers import look_before
from tests.unit.service.test_accept_genome import accepted, files

__all__ = ["files"]
NINA = Person("Nina", "Nina", "Okoro", date(1980, 1, 1), Sex.FEMALE)


def test_a_stored_exome_is_asked_again_and_tells_what_it_could_not_see(house, files):
    register_person(house, NINA)
    accepted(house, files)
    exome = look_before(house, "Nina", catalogue_entry(house, "exome")).assessment
    assert (exome.advice, len(exome.from_results)) == (Advice.ASK_STORED_DATA, 1)
    panel = look_before(house, "Nina", catalogue_entry(house, "hereditary-cancer")).assessment
    gaps = {gap.gene: gap for gap in panel.gaps}
    assert gaps["BRCA2"] == Gap(
        "BRCA2", (Aspect.COPY_NUMBER,), "a result of 2026-03-01 shows small variants only"
    )
    assert gaps["BRCA1"].aspects == (Aspect.COPY_NUMBER, Aspect.SMALL_VARIANTS)
    assert "0.0% of the coding sequence was looked at" in gaps["BRCA1"].why


def test_a_genome_that_may_not_be_read_is_not_looked_at_and_that_is_said(house, files):
    register_person(house, NINA)
    accepted(house, files)
    record_decisions(house, "Nina", {Scope.CLINICAL: Decision.WITHDRAWN}, Said(Decision.WITHDRAWN))
    known = look_before(house, "Nina", catalogue_entry(house, "exome"))
    assert known.assessment.advice is Advice.ORDER
    assert known.refused.startswith("this genome may not be read for this")
