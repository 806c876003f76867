"""Relatives of a person with a finding: brought in, invited, followed, and told no more than was agreed."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bedside.act.cascade import Uptake
from bedside.act.cascade_family import Named, Relation
from bedside.errors import InputError, RequestError
from bedside.genome.consent import Decision, Scope
from bedside.genome.inheritance import Inheritance
from bedside.genome.person import Identifier, Person, Sex
from bedside.genome.result import Confirmation
from bedside.service.cascade import (
    cascade_worklist,
    record_relative,
    record_relative_step,
    relatives,
    start_cascade,
)
from bedside.service.cascade_letters import write_invitation
from bedside.service.disclose import Positive, bring_in, record_step
from bedside.service.house import House
from bedside.service.register_person import register_person

INDEX = Person(
    "mrn-4711", "Philippa", "Oakenshaw", date(1974, 5, 17), Sex.FEMALE, (Identifier("urn:mrn", "990-1234"),)
)
FOUND = Positive(
    INDEX.person,
    "BRCA2",
    ("chr13-32340300-GT-G",),
    "cdc-tier1",
    "clinvar@2026-01-01",
    Confirmation.CLINICAL,
    disease="Hereditary breast and ovarian cancer",
)
IDENTIFYING = (
    "mrn-4711",
    "Philippa",
    "Oakenshaw",
    "1974-05-17",
    "990-1234",
    "BRCA2",
    "32340300",
    "breast",
    "cdc-tier1",
    "clinvar",
    FOUND.finding,
)


def gave(person: str, scope: Scope, day: date) -> Decision:
    return Decision.GIVEN


def nobody(person: str, scope: Scope, day: date) -> Decision:
    return Decision.NOT_ASKED


@pytest.fixture
def family(house: House) -> House:
    register_person(house, INDEX)
    register_person(house, Person("mrn-5000", "Ada", "Smith", sex=Sex.FEMALE))
    bring_in(house, [FOUND], actor="screen")
    record_step(house, FOUND.person, FOUND.finding, "sign-off", "signed-off", actor="scientist")
    for named in (
        Named("sister", Relation.SISTER, person="mrn-5000"),
        Named("mother", Relation.MOTHER, deceased=True),
        Named("cousin", Relation.MATERNAL_COUSIN),
        Named("boy", Relation.ADOPTED_CHILD),
        Named("niece", Relation.DAUGHTER, of="sister"),
    ):
        record_relative(house, INDEX.person, named, actor="counsellor")
    return house


def test_living_blood_relatives_of_two_degrees_are_brought_in_likeliest_first(
    family: House,
) -> None:
    risks = start_cascade(family, INDEX.person, FOUND.finding, Inheritance.DOMINANT, actor="counsellor")
    assert [(one.member, one.degree, round(one.chance.carries, 2)) for one in risks] == [
        ("sister", 1, 0.5),
        ("niece", 2, 0.25),
    ]
    start_cascade(family, INDEX.person, FOUND.finding, Inheritance.DOMINANT, actor="counsellor")
    assert [one.relative for one in relatives(family, INDEX.person)] == ["niece", "sister"]


def test_a_second_mother_is_refused_and_nothing_is_recorded(family: House) -> None:
    with pytest.raises(InputError, match="two persons named as mother"):
        record_relative(family, INDEX.person, Named("zoe", Relation.MOTHER), actor="counsellor")
    drawn = record_relative(family, INDEX.person, Named("f", Relation.FATHER), actor="c").members
    assert ({*drawn} & {"mother", "zoe", "f"}, drawn[INDEX.person].mother) == ({"mother", "f"}, "mother")


def test_without_consent_a_relative_learns_nothing_of_the_index_person(family: House) -> None:
    start_cascade(family, INDEX.person, FOUND.finding, Inheritance.DOMINANT, actor="counsellor")
    letter = write_invitation(
        family, INDEX.person, FOUND.finding, "sister", actor="Philippa Oakenshaw", may=nobody
    )
    record = [event.payload for event in family.ledger.events(person="mrn-5000")]
    actors = [(event.actor, event.key) for event in family.ledger.events(person="mrn-5000")]
    seen = letter.content.decode() + json.dumps([record, actors])
    assert [word for word in IDENTIFYING if word.lower() in seen.lower()] == []
    assert [task.kind for task in family.ledger.tasks("mrn-5000")] == ["family-invitation"]


def test_with_consent_the_letter_says_whose_finding_it_is_and_the_task_still_does_not(family: House) -> None:
    start_cascade(family, INDEX.person, FOUND.finding, Inheritance.DOMINANT, actor="counsellor")
    letter = write_invitation(family, INDEX.person, FOUND.finding, "sister", actor="counsellor", may=gave)
    assert ("Philippa Oakenshaw" in letter.text, "BRCA2" in letter.text) == (True, True)
    assert "Oakenshaw" not in letter.envelope + letter.subject
    record = json.dumps([event.payload for event in family.ledger.events(person="mrn-5000")])
    assert [word for word in IDENTIFYING if word in record] == []


def test_direct_contact_needs_the_index_persons_consent_and_handing_over_does_not(family: House) -> None:
    start_cascade(family, INDEX.person, FOUND.finding, Inheritance.DOMINANT, actor="counsellor")

    def step(name: str, outcome: str) -> Uptake:
        return record_relative_step(
            family, INDEX.person, FOUND.finding, "sister", name, outcome, actor="c", may=nobody
        ).uptake

    step("offer", "directly")
    with pytest.raises(RequestError, match="family-contact-not-consented"):
        step("direct-invitation", "sent")
    held = [
        line for line in cascade_worklist(family, date(2026, 3, 2), may=nobody) if line.relative == "sister"
    ]
    assert [(line.state, line.waits_for) for line in held] == [
        ("direct-invitation", "family-contact-not-consented")
    ]
    assert step("hand-over", "handed-over") is Uptake.AT_RISK


def test_uptake_goes_from_invited_to_a_result_that_was_told(family: House) -> None:
    start_cascade(family, INDEX.person, FOUND.finding, Inheritance.DOMINANT, actor="counsellor")
    seen = []
    for name, outcome in (
        ("offer", "by-index-person"),
        ("hand-over", "handed-over"),
        ("response", "responded"),
        ("test", "tested"),
        ("result", "positive"),
        ("tell-positive", "told"),
    ):
        one = record_relative_step(
            family, INDEX.person, FOUND.finding, "sister", name, outcome, actor="c", may=nobody
        )
        seen.append((one.uptake, one.place.state.final))
    assert seen == [
        (Uptake.AT_RISK, ""),
        (Uptake.INVITED, ""),
        (Uptake.RESPONDED, ""),
        (Uptake.TESTED, ""),
        (Uptake.POSITIVE, ""),
        (Uptake.POSITIVE, "relative-positive"),
    ]


def test_no_relative_is_told_of_a_research_finding(house: House) -> None:
    research = Positive("bob", "LDLR", ("chr19-11105408-G-A",), "p", "r@1", Confirmation.RESEARCH)
    bring_in(house, [research], actor="screen")
    record_relative(house, "bob", Named("sis", Relation.SISTER), actor="c")
    with pytest.raises(RequestError, match="no relative can be told"):
        start_cascade(house, "bob", research.finding, Inheritance.DOMINANT, actor="c")
    assert relatives(house, "bob") == ()
