"""Everybody in the lake against a panel: what was found, who could not be screened, and who must act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bedside.errors import InputError
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import parse_variant
from bedside.knowledge.clinvar.release import ClinvarRelease
from bedside.knowledge.findings_reader import load_panel
from bedside.service import screen_people as screen_module
from bedside.service.close_task import Ending, close_task
from bedside.service.disclose import shown_findings
from bedside.service.house import House
from bedside.service.reanalyse import Accepted, Asked, reanalyse_clinvar
from bedside.service.reanalyse_release import clinvar_before, clinvar_in_force, reanalyse_to
from bedside.service.record_consent import record_consent
from bedside.service.screen_people import ScreenAsked, ScreenedPeople, screen_people
from bedside.service.screen_rows import person_rows
from bedside.service.withdraw_result import withdraw_result
from tests.unit.service.made_up_biobank import (
    BRCA2,
    MEANWHILE,
    MUTYH,
    MUTYH_TOO,
    ONE_STAR,
    PATHOGENIC,
    SAME_KEY,
    UNCERTAIN,
    Clock,
    Record,
    Somebody,
    biobank,
    deliver,
    enrol,
    release,
)

HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS
HFE = "chr6-26092913-G-A"
GLA = "chrX-101400000-G-A"
TTN_STOP, TTN_MISSENSE = "chr2-178600000-G-A", "chr2-178600100-G-A"
PCSK9_STOP = "chr1-55050000-C-T"
RECORDS = [
    Record(BRCA2, "BRCA2"),
    Record(MUTYH, "MUTYH"),
    Record(MUTYH_TOO, "MUTYH", review=ONE_STAR),
    Record(GLA, "GLA"),
    Record(TTN_STOP, "TTN"),
    Record(TTN_MISSENSE, "TTN", consequence="SO:0001583|missense_variant"),
    Record(PCSK9_STOP, "PCSK9"),
    Record("chr13-32340300-A-C", "BRCA2", UNCERTAIN),
    Record("chr13-32340301-A-C", "BRCA2", "Benign"),
]
ACMG = load_panel("acmg-sf")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = biobank(tmp_path)
    yield house
    house.close()


@pytest.fixture
def known(house: House) -> ClinvarRelease:
    return release(house, "2026-01-05", RECORDS)


def rows(done: ScreenedPeople) -> list[tuple[str, ...]]:
    """Person, gene, variant, zygosity, outcome, reason."""
    return [(*row[:4], row[8], row[9]) for row in person_rows(done.rows)]


def test_each_trap_has_its_answer(house, known):
    enrol(
        house,
        Somebody("anna", [(BRCA2, HET)]),
        Somebody("bert", [(GLA, HEMI)], sex=Sex.MALE),
        Somebody("cora", [(MUTYH, HET, 1), (MUTYH_TOO, HET, 2)]),
        Somebody("dora", [(HFE, HOM)]),
        Somebody("emil", [(HFE, HET)]),
        Somebody("fred", [(TTN_STOP, HET), (TTN_MISSENSE, HET)]),
        Somebody("gina", [(PCSK9_STOP, HET)]),
        Somebody("hans", [(MUTYH, HET), (MUTYH_TOO, HET)]),
        Somebody("ida", [("chr13-32340300-A-C", HET), ("chr13-32340301-A-C", HOM)]),
        Somebody("jan", [(BRCA2, HET)], born=date(2015, 1, 1)),
        Somebody("kim", [(BRCA2, HET)], confirmation=Confirmation.RESEARCH),
        Somebody("leo", [(BRCA2, HET)], confirmation=Confirmation.UNCONFIRMED),
    )
    assert rows(screen_people(house, ACMG, known)) == [
        ("anna", "BRCA2", BRCA2, "het", "report", "reportable"),
        ("bert", "GLA", GLA, "hemi", "report", "hemizygous"),
        ("cora", "MUTYH", MUTYH, "het", "review", "one-star"),
        ("cora", "MUTYH", MUTYH_TOO, "het", "review", "one-star"),
        ("dora", "HFE", HFE, "hom", "report", "biallelic-hom"),
        ("emil", "HFE", HFE, "het", "no-action", "carrier-only"),
        ("fred", "TTN", TTN_STOP, "het", "report", "reportable"),
        ("fred", "TTN", TTN_MISSENSE, "het", "no-action", "not-truncating"),
        ("gina", "PCSK9", PCSK9_STOP, "het", "no-action", "protective-direction"),
        ("hans", "MUTYH", MUTYH, "het", "review", "one-star"),
        ("hans", "MUTYH", MUTYH_TOO, "het", "review", "one-star"),
        ("ida", "BRCA2", "chr13-32340300-A-C", "het", "no-action", "uncertain"),
        ("jan", "BRCA2", BRCA2, "het", "hold", "adult-onset-minor"),
        ("kim", "BRCA2", BRCA2, "het", "review", "research-needs-confirmation"),
        ("leo", "BRCA2", BRCA2, "het", "hold", "unconfirmed"),
    ]


def test_a_finding_is_owned_once_however_often_it_is_screened(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("emil", [(HFE, HET)]))
    first = screen_people(house, ACMG, known)
    assert first.tasks == 1
    (task,) = house.ledger.tasks("anna")
    assert (task.kind, task.owner, task.due) == (
        "screening-finding",
        "laboratory director",
        date(2026, 3, 16),
    )
    assert (task.about["variants"], task.about["gate_reason"]) == ([BRCA2], "reportable")
    at = house.ledger.checkpoint()
    assert screen_people(house, ACMG, known).tasks == 0
    assert house.ledger.checkpoint() == at
    assert screen_people(house, load_panel("cdc-tier1"), known).tasks == 0
    assert [task.person for task in house.ledger.tasks()] == ["anna"]


def test_a_research_genome_asks_for_a_clinical_laboratory_and_nothing_else(house, known):
    enrol(house, Somebody("kim", [(BRCA2, HET)], confirmation=Confirmation.RESEARCH))
    screen_people(house, ACMG, known)
    assert [task.kind for task in house.ledger.tasks()] == ["confirm-in-clinical-laboratory"]


def test_a_pair_half_of_which_research_saw_is_no_clinical_finding(house, known):
    enrol(house, Somebody("cora", [(MUTYH, HET)]))
    research = Somebody("cora", [(MUTYH_TOO, HET)], confirmation=Confirmation.RESEARCH)
    deliver(house, research, "r-research")
    screen_people(house, ACMG, known)
    (task,) = house.ledger.tasks("cora")
    assert (task.about["variants"], task.about["confirmation"]) == ([MUTYH, MUTYH_TOO], "research")
    assert shown_findings(house, "cora") == ()


def test_what_somebody_dealt_with_is_not_opened_again_under_a_newer_release(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    screen_people(house, ACMG, known)
    (task,) = house.ledger.tasks("anna")
    close_task(house, "anna", task.task, Ending.DECLINED, "wants not to know", actor="counsellor")
    newer = release(house, "2026-02-02", RECORDS)
    assert screen_people(house, ACMG, newer).tasks == 0


@pytest.mark.parametrize(
    ("ending", "kinds"), [(Ending.NOT_NEEDED, ["screening-finding"]), (Ending.DECLINED, [])]
)
def test_a_pair_that_was_judged_harmless_is_owned_when_phase_shows_both_copies(house, ending, kinds):
    known = release(house, "2026-01-05", [Record(MUTYH, "MUTYH"), Record(MUTYH_TOO, "MUTYH")])
    enrol(house, Somebody("hans", [(MUTYH, HET), (MUTYH_TOO, HET)]))
    screen_people(house, ACMG, known)
    (task,) = house.ledger.tasks("hans")
    assert (task.kind, task.about["gate_reason"]) == ("screening-review", "phase-unknown")
    close_task(house, "hans", task.task, ending, "taken to be in cis", actor="variant scientist")
    assert screen_people(house, ACMG, known).tasks == 0
    deliver(house, Somebody("hans", [(MUTYH, HET, 1), (MUTYH_TOO, HET, 2)]), "r-long-reads")
    screen_people(house, ACMG, known)
    assert [task.kind for task in house.ledger.tasks("hans")] == kinds


def test_who_withdrew_has_a_row_with_the_reason_and_nothing_else_of_them_is_shown(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("bert", [(BRCA2, HET)]))
    record_consent(house, "bert", Scope.CLINICAL, Decision.WITHDRAWN)
    done = screen_people(house, ACMG, known)
    bert = [row for row in person_rows(done.rows) if row[0] == "bert"]
    assert bert == [("bert", "", "", "", "", "", "", "", "no-action", "consent-withdrawn", done.release)]
    assert (done.people, done.not_screened) == (1, 1)


def test_a_withdrawn_result_is_no_finding(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    withdraw_result(house, "r-anna", "samples were swapped", actor="laboratory")
    assert rows(screen_people(house, ACMG, known)) == []
    assert house.ledger.tasks() == ()


def test_one_person_is_screened_alone(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("bert", [(BRCA2, HET)]))
    done = screen_people(house, ACMG, known, ScreenAsked(person="bert"))
    assert rows(done) == [("bert", "BRCA2", BRCA2, "het", "report", "reportable")]
    with pytest.raises(InputError, match="has no stored genome"):
        screen_people(house, ACMG, known, ScreenAsked(person="nobody"))


def test_the_whole_table_is_kept_and_a_screen_adopts_nothing(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    done = screen_people(house, ACMG, known)
    (event,) = house.ledger.events(kinds=[EventKind.GENOME_SCREENED])
    assert (event.payload["panel"], event.payload["release"]) == (ACMG.release, str(known.release))
    assert event.payload["counts"] == {"people": 1, "not_screened": 0, "report": 1}
    assert BRCA2.encode() in house.documents.get(event.payload["table"])
    assert event.payload["table"] == done.table
    assert house.ledger.release("clinvar") is None


def test_a_screen_keeps_its_release_until_another_is_adopted(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    assert clinvar_in_force(house).release == known.release
    screen_people(house, ACMG, known)
    newer = release(house, "2026-07-06", [Record(BRCA2, "BRCA2", UNCERTAIN)])
    assert clinvar_in_force(house).release == known.release
    (compared,) = {clinvar_before(house, "2026-07-06")}
    assert compared is not None
    assert compared.release == known.release
    reanalyse_to(house, "clinvar@2026-07-06", Asked(accepted=Accepted("Dr. Roe", "looked at")))
    assert clinvar_in_force(house).release == newer.release


def test_a_past_answer_is_given_again_with_the_knowledge_and_the_genomes_of_its_day(house):
    clock = house.clock
    assert isinstance(clock, Clock)
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    before = release(house, "2026-01-05", [Record(BRCA2, "BRCA2", UNCERTAIN)])
    after = release(house, "2026-02-02", [Record(BRCA2, "BRCA2", PATHOGENIC)])
    then = screen_people(house, ACMG, before)
    day = clock.now.date()
    clock.later(30)
    enrol(house, Somebody("bert", [(BRCA2, HET)]))
    reanalyse_clinvar(house, before, after)
    at = house.ledger.checkpoint()
    again = screen_people(house, ACMG, before, ScreenAsked(as_of=day))
    assert rows(again) == rows(then) == [("anna", "BRCA2", BRCA2, "het", "no-action", "uncertain")]
    assert house.ledger.checkpoint() == at


@pytest.mark.parametrize("confirmation", [Confirmation.CLINICAL, Confirmation.RESEARCH])
def test_who_was_sequenced_again_later_keeps_the_past_answer(house, known, confirmation):
    clock = house.clock
    assert isinstance(clock, Clock)
    enrol(house, Somebody("kim", [(BRCA2, HET)], confirmation=confirmation))
    then, day = screen_people(house, ACMG, known), clock.now.date()
    clock.later(30)
    deliver(house, Somebody("kim", [(BRCA2, HOM)]), "r-again")
    assert rows(screen_people(house, ACMG, known, ScreenAsked(as_of=day))) == rows(then)
    assert rows(screen_people(house, ACMG, known)) == [("kim", "BRCA2", BRCA2, "hom", "report", "reportable")]


def test_a_child_is_found_by_the_screen_after_coming_of_age(house, known):
    clock = house.clock
    assert isinstance(clock, Clock)
    enrol(house, Somebody("jan", [(BRCA2, HET)], born=date(2008, 3, 10)))
    assert rows(screen_people(house, ACMG, known)) == [
        ("jan", "BRCA2", BRCA2, "het", "hold", "adult-onset-minor")
    ]
    assert house.ledger.tasks() == ()
    clock.later(9)
    assert rows(screen_people(house, ACMG, known)) == [("jan", "BRCA2", BRCA2, "het", "report", "reportable")]
    assert [task.kind for task in house.ledger.tasks("jan")] == ["screening-finding"]


def test_a_screened_finding_that_is_downgraded_before_anybody_heard_is_closed(house, known):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    screen_people(house, ACMG, known)
    newer = release(house, "2026-02-02", [Record(BRCA2, "BRCA2", UNCERTAIN), *RECORDS[1:]])
    done = reanalyse_clinvar(house, known, newer)
    assert [(one.kind, one.action, one.reason) for one in done.groups] == [
        ("downgrade", "close", "never-told")
    ]
    assert house.ledger.tasks() == ()


@pytest.mark.parametrize("what", MEANWHILE)
def test_nothing_is_opened_about_somebody_whose_genome_goes_meanwhile(house, known, monkeypatch, what):
    enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("bert", [(BRCA2, HET)]))
    late, write = [MEANWHILE[what]], screen_module.write_document

    def written(*document):
        if late:
            late.pop()(house, "bert")
        return write(*document)

    monkeypatch.setattr(screen_module, "write_document", written)
    screen_people(house, ACMG, known)
    assert [task.person for task in house.ledger.tasks()] == ["anna"]


@pytest.mark.parametrize("both", [False, True])
def test_another_variant_whose_alleles_hash_to_the_same_key_is_no_finding(house, both):
    hers, his = SAME_KEY
    assert parse_variant(hers).key == parse_variant(his).key
    known = release(house, "2026-01-05", [Record(hers, "BRCA2")])
    enrol(house, Somebody("bert", [(his, HET)]))
    if both:
        enrol(house, Somebody("anna", [(hers, HET)]))
    found = rows(screen_people(house, ACMG, known))
    assert found == ([("anna", "BRCA2", hers, "het", "report", "reportable")] if both else [])
    assert [task.person for task in house.ledger.tasks()] == (["anna"] if both else [])
