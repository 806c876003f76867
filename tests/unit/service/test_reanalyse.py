"""A release of ClinVar adopted over a real lake: everybody it concerns is owned, nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bedside.errors import InputError
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.knowledge.findings_reader import load_panel
from bedside.service.close_task import Ending, close_task
from bedside.service.disclose import shown_findings
from bedside.service.house import House
from bedside.service.reanalyse import Accepted, Asked, Reanalysed, reanalyse_clinvar
from bedside.service.reanalyse_groups import read_document, table_lines
from bedside.service.record_consent import record_consent
from bedside.service.screen_people import screen_people
from tests.unit.service.made_up_biobank import (
    BRCA2,
    CONFLICT_STATUS,
    CONFLICTING,
    EXPERTS,
    MEANWHILE,
    MUTYH,
    MUTYH_TOO,
    ONE_STAR,
    PATHOGENIC,
    SAME_KEY,
    UNCERTAIN,
    Record,
    Somebody,
    biobank,
    deliver,
    enrol,
    release,
)

HET, HOM = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS
JANUARY, FEBRUARY, MARCH, JULY = "2026-01-05", "2026-02-02", "2026-03-02", "2026-07-06"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = biobank(tmp_path)
    yield house
    house.close()


def rows(done: Reanalysed) -> list[list[str]]:
    """Person, kind, action, reason of every row."""
    cells = [line.split("\t") for line in table_lines(done.groups)][1:]
    return sorted([row[0], row[4], row[5], row[8]] for row in cells)


def adopt(house: House, *releases, **asked) -> list[Reanalysed]:
    """Adopt releases one after the other."""
    done, before = [], None
    for one in releases:
        done.append(reanalyse_clinvar(house, before, one, Asked(**asked)))
        before = one
    return done


def brca2(house: House, *steps: tuple[str, str, str] | tuple[str, None]):
    """A series of releases that differ in one record; None leaves it out."""
    other = Record(MUTYH, "MUTYH")
    for day, *said in steps:
        records = [other] if said == [None] else [other, Record(BRCA2, "BRCA2", *said)]
        yield release(house, day, records)


def test_an_upgrade_opens_one_owned_dated_task_with_before_and_after(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    _, done = adopt(house, *brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC)))
    assert rows(done) == [["anna", "upgrade", "confirm-and-disclose", "reportable"]]
    (task,) = house.ledger.tasks("anna")
    assert (task.kind, task.owner, task.due) == ("variant-upgraded", "laboratory director", date(2026, 3, 16))
    told = {
        name: task.about[name] for name in ("variant", "gene", "from", "to", "stars", "channel", "reason")
    }
    assert told == {
        "variant": BRCA2,
        "gene": "BRCA2",
        "from": "uncertain-significance",
        "to": "pathogenic",
        "stars": [2, 2],
        "channel": "finding",
        "reason": "reportable",
    }
    assert task.about["release"] == done.after
    assert "anna" not in task.summary


def test_a_downgrade_goes_another_way_to_another_owner(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    adopt(house, *brca2(house, (JANUARY, PATHOGENIC), (FEBRUARY, UNCERTAIN)))
    (task,) = house.ledger.tasks("anna")
    assert (task.kind, task.owner, task.about["channel"]) == (
        "variant-downgraded",
        "genetic counsellor",
        "correction",
    )


def test_everybody_looked_at_is_in_the_document_with_a_reason(house):
    enrol(
        house,
        Somebody("anna", [(BRCA2, HET)]),
        Somebody("bert", [(MUTYH, HET)]),
        Somebody("cora", [(MUTYH, HET, 1), (MUTYH_TOO, HET, 2)]),
        Somebody("dora", [(BRCA2, HET)], confirmation=Confirmation.RESEARCH),
        Somebody("emil", [(BRCA2, HET)], born=date(2020, 1, 1)),
        Somebody("fred", [("chr2-1000-A-G", HET)]),
        Somebody("gina", [("chr22-20000000-A-G", HET)]),
        Somebody("hans", [(BRCA2, HET)], confirmation=Confirmation.UNCONFIRMED),
    )
    both = [Record(MUTYH_TOO, "MUTYH")]
    before = [Record(BRCA2, "BRCA2", UNCERTAIN), Record(MUTYH, "MUTYH", UNCERTAIN)]
    after = [Record(BRCA2, "BRCA2"), Record(MUTYH, "MUTYH"), Record("chr22-20000000-A-G", "PI4KA")]
    _, done = adopt(house, release(house, JANUARY, both + before), release(house, FEBRUARY, both + after))
    expected = [
        ["anna", "upgrade", "confirm-and-disclose", "reportable"],
        ["bert", "no-op", "none", "carrier-only"],
        ["cora", "upgrade", "confirm-and-disclose", "biallelic-in-trans"],
        ["dora", "upgrade", "review", "research-needs-confirmation"],
        ["emil", "no-op", "none", "adult-onset-minor"],
        ["gina", "no-op", "none", "gene-in-no-panel"],
        ["hans", "no-op", "none", "unconfirmed"],
    ]
    assert rows(done) == expected
    header, groups = read_document(house.documents.get(done.table))
    assert header["counts"] == {"upgrade": 3, "no-op": 4}
    assert sorted(person for group in groups for person in group.people) == [row[0] for row in expected]
    *_, event = house.ledger.events(kinds=[EventKind.REANALYSED])
    assert event.payload["table"] == done.table


def test_two_variants_that_make_one_finding_make_one_task(house):
    enrol(house, Somebody("cora", [(MUTYH, HET, 1), (MUTYH_TOO, HET, 2)]))
    pair = (MUTYH, MUTYH_TOO)
    before = release(house, JANUARY, [Record(one, "MUTYH", UNCERTAIN) for one in pair])
    after = release(house, FEBRUARY, [Record(one, "MUTYH") for one in pair])
    _, done = adopt(house, before, after)
    assert len(rows(done)) == 2
    (task,) = house.ledger.tasks("cora")
    assert task.about["variants"] == sorted(pair)
    assert done.tasks == 1


def test_a_pair_half_of_which_research_saw_is_no_clinical_finding(house):
    enrol(house, Somebody("cora", [(MUTYH, HET)]))
    research = Somebody("cora", [(MUTYH_TOO, HET)], confirmation=Confirmation.RESEARCH)
    deliver(house, research, "r-research")
    before = release(house, JANUARY, [Record(MUTYH, "MUTYH", UNCERTAIN), Record(MUTYH_TOO, "MUTYH")])
    after = release(house, FEBRUARY, [Record(MUTYH, "MUTYH"), Record(MUTYH_TOO, "MUTYH")])
    adopt(house, before, after)
    (task,) = house.ledger.tasks("cora")
    assert (task.about["variants"], task.about["confirmation"]) == ([MUTYH, MUTYH_TOO], "research")
    assert shown_findings(house, "cora") == ()


def test_a_conflict_holds_and_the_flip_back_closes_it(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    series = brca2(
        house,
        (JANUARY, PATHOGENIC),
        (FEBRUARY, CONFLICTING, CONFLICT_STATUS),
        (MARCH, PATHOGENIC),
    )
    _, held, back = adopt(house, *series)
    assert rows(held) == [["anna", "conflict", "hold", "conflict-holds"]]
    assert rows(back) == [["anna", "returned", "close", "returned-as-before"]]
    assert house.ledger.tasks("anna") == ()
    opened = list(house.ledger.events(kinds=[EventKind.TASK_OPENED]))
    assert [event.payload["kind"] for event in opened] == ["variant-conflict"]


@pytest.mark.parametrize("between", [(CONFLICTING, CONFLICT_STATUS), (None,)])
def test_the_downgrade_is_not_lost_when_somebody_closed_the_hold(house, between):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    first, middle, last = brca2(house, (JANUARY, PATHOGENIC), (FEBRUARY, *between), (MARCH, "Benign"))
    adopt(house, first, middle)
    (task,) = house.ledger.tasks("anna")
    close_task(house, "anna", task.task, Ending.DONE, "looked at", actor="variant scientist")
    done = reanalyse_clinvar(house, middle, last)
    assert rows(done) == [["anna", "downgrade", "review", "settling"]]


def test_a_record_that_is_gone_is_held_not_cleared(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    _, gone = adopt(house, *brca2(house, (JANUARY, PATHOGENIC), (FEBRUARY, None)))
    assert rows(gone) == [["anna", "disappeared", "hold", "no-longer-in-release"]]
    (task,) = house.ledger.tasks("anna")
    assert task.kind == "variant-disappeared"


def test_what_stays_away_for_two_releases_is_still_held_and_comes_back(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    series = brca2(house, (JANUARY, PATHOGENIC), (FEBRUARY, None), (MARCH, None), (JULY, PATHOGENIC))
    *_, gone, back = adopt(house, *series)
    assert rows(gone) == [["anna", "no-op", "none", "held-already"]]
    assert rows(back) == [["anna", "returned", "close", "returned-as-before"]]
    assert house.ledger.tasks("anna") == ()


def test_an_untold_upgrade_that_turns_is_closed_and_nobody_hears_of_it(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    series = brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC), (MARCH, UNCERTAIN))
    *_, turned = adopt(house, *series)
    assert rows(turned) == [["anna", "downgrade", "close", "never-told"]]
    assert house.ledger.tasks("anna") == ()


def test_a_family_that_was_told_is_recontacted_when_the_downgrade_has_settled_and_once(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    told, lowered, settled, later = brca2(
        house,
        (FEBRUARY, PATHOGENIC),
        (MARCH, UNCERTAIN),
        (JULY, UNCERTAIN),
        ("2026-09-07", UNCERTAIN),
    )
    before = next(brca2(house, (JANUARY, UNCERTAIN)))
    adopt(house, before, told)
    (task,) = house.ledger.tasks("anna")
    close_task(house, "anna", task.task, Ending.DONE, "", actor="counsellor")
    first = reanalyse_clinvar(house, told, lowered)
    second = reanalyse_clinvar(house, lowered, settled)
    third = reanalyse_clinvar(house, settled, later)
    assert [rows(one) for one in (first, second, third)] == [
        [["anna", "downgrade", "review", "settling"]],
        [["anna", "downgrade", "recontact", "settled"]],
        [["anna", "no-op", "none", "recontact-open-already"]],
    ]
    (waiting,) = house.ledger.tasks("anna")
    assert (waiting.kind, waiting.owner) == ("variant-recontact", "genetic counsellor")


def test_an_expert_panel_may_be_told_at_once(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    before, told, lowered = brca2(
        house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC), (MARCH, "Benign", EXPERTS)
    )
    adopt(house, before, told)
    (task,) = house.ledger.tasks("anna")
    close_task(house, "anna", task.task, Ending.DONE, "", actor="counsellor")
    done = reanalyse_clinvar(house, told, lowered)
    assert rows(done) == [["anna", "downgrade", "recontact", "settled"]]


def test_one_star_goes_to_a_person_first(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    _, done = adopt(house, *brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC, ONE_STAR)))
    assert rows(done) == [["anna", "upgrade", "review", "one-star"]]


def test_a_review_that_is_done_told_nobody_so_two_stars_are_brought_to_the_person(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    one, two, three = brca2(
        house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC, ONE_STAR), (MARCH, PATHOGENIC)
    )
    adopt(house, one, two)
    (task,) = house.ledger.tasks("anna")
    close_task(house, "anna", task.task, Ending.DONE, "not yet", actor="variant scientist")
    done = reanalyse_clinvar(house, two, three)
    assert rows(done) == [["anna", "upgrade", "confirm-and-disclose", "reportable"]]


def test_who_withdrew_is_not_looked_at_and_counted_as_such(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("bert", [(BRCA2, HET)]))
    record_consent(house, "bert", Scope.CLINICAL, Decision.WITHDRAWN)
    _, done = adopt(house, *brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC)))
    assert rows(done) == [["anna", "upgrade", "confirm-and-disclose", "reportable"]]
    assert done.not_counted == {"withdrawn": 1}
    assert b"bert" not in house.documents.get(done.table)


def test_a_dry_run_shows_the_same_rows_and_writes_nothing(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    before, after = brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC))
    adopt(house, before)
    at = house.ledger.checkpoint()
    looked = reanalyse_clinvar(house, before, after, Asked(dry_run=True))
    assert house.ledger.checkpoint() == at
    assert looked.table == ""
    done = reanalyse_clinvar(house, before, after)
    assert (looked.groups, looked.tasks) == (done.groups, done.tasks)


def test_adopting_a_release_twice_is_adopting_it_once(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    before, after = brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC))
    adopt(house, before, after)
    at = house.ledger.checkpoint()
    assert reanalyse_clinvar(house, after, after).groups == ()
    assert house.ledger.checkpoint() == at


def test_knowledge_only_goes_forward(house):
    before, after = brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC))
    adopt(house, before, after)
    with pytest.raises(InputError, match="is older than"):
        reanalyse_clinvar(house, after, before)


def test_a_release_that_turns_its_pathogenic_records_into_other_stops_for_a_person(house):
    enrol(house, Somebody("anna", [("chr13-32340001-A-C", HET)]))
    variants = [f"chr13-{32340000 + number}-A-C" for number in range(1, 201)]
    before = release(house, JANUARY, [Record(one, "BRCA2") for one in variants])
    noise = release(house, FEBRUARY, [Record(one, "BRCA2", "other") for one in variants])
    adopt(house, before)
    at = house.ledger.checkpoint()
    stopped = reanalyse_clinvar(house, before, noise)
    assert [one.limit for one in stopped.stopped] == ["share_to_other", "share_lost"] * 2
    assert len(stopped.concerned) == 200
    assert house.ledger.checkpoint() == at
    passed = reanalyse_clinvar(house, before, noise, Asked(accepted=Accepted("Dr. Roe", "looked at; real")))
    assert rows(passed) == [["anna", "downgrade", "review", "no-longer-a-class"]]
    (event,) = house.ledger.events(kinds=[EventKind.REANALYSED], after=at.sequence)
    assert event.actor == "Dr. Roe"
    assert event.payload["accepted"]["reason"] == "looked at; real"
    assert len(event.payload["accepted"]["limits"]) == 4


def test_a_release_that_turns_its_benign_records_into_pathogenic_stops_for_a_person(house):
    enrol(house, Somebody("anna", [("chr13-32340001-A-C", HET)]))
    variants = [f"chr13-{32340000 + number}-A-C" for number in range(1, 101)]
    before = release(house, JANUARY, [Record(one, "BRCA2", "Benign") for one in variants])
    noise = release(house, FEBRUARY, [Record(one, "BRCA2") for one in variants])
    adopt(house, before)
    at = house.ledger.checkpoint()
    stopped = reanalyse_clinvar(house, before, noise)
    assert [one.limit for one in stopped.stopped] == ["share_from_benign", "share_raised"] * 2
    assert stopped.concerned[0] == ("chr13-32340001-A-C\tbenign (2 of 4 stars)\tpathogenic (2 of 4 stars)")
    assert len(stopped.concerned) == 100
    assert house.ledger.checkpoint() == at


def test_the_same_releases_give_the_same_ledger_byte_for_byte(tmp_path):
    heads = []
    for name in ("one", "other"):
        house = biobank(tmp_path / name)
        enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("cora", [(MUTYH, HOM)]))
        series = brca2(
            house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC), (MARCH, CONFLICTING, CONFLICT_STATUS)
        )
        adopt(house, *series)
        heads.append(str(house.ledger.checkpoint()))
        house.ledger.verify()
        house.close()
    assert heads[0] == heads[1]


def test_somebody_whose_genome_comes_meanwhile_is_looked_at_too(house):
    enrol(house, Somebody("anna", [(BRCA2, HET)]))
    before, after = brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC))
    adopt(house, before)
    late = [Somebody("bert", [(BRCA2, HET)])]

    def tell(text: str) -> None:
        if text == "writing the events" and late:
            enrol(house, late.pop())

    done = reanalyse_clinvar(house, before, after, Asked(tell=tell))
    assert rows(done) == [
        ["anna", "upgrade", "confirm-and-disclose", "reportable"],
        ["bert", "upgrade", "confirm-and-disclose", "reportable"],
    ]
    assert [len(house.ledger.tasks(one)) for one in ("anna", "bert")] == [1, 1]
    assert len(list(house.ledger.events(kinds=[EventKind.REANALYSED]))) == 2


@pytest.mark.parametrize("what", MEANWHILE)
def test_nothing_is_opened_about_somebody_whose_genome_goes_meanwhile(house, what):
    enrol(house, Somebody("anna", [(BRCA2, HET)]), Somebody("bert", [(BRCA2, HET)]))
    before, after = brca2(house, (JANUARY, UNCERTAIN), (FEBRUARY, PATHOGENIC))
    adopt(house, before)
    late = [MEANWHILE[what]]

    def tell(text: str) -> None:
        if text == "writing the events" and late:
            late.pop()(house, "bert")

    done = reanalyse_clinvar(house, before, after, Asked(tell=tell))
    assert rows(done) == [["anna", "upgrade", "confirm-and-disclose", "reportable"]]
    assert [task.person for task in house.ledger.tasks()] == ["anna"]


def test_another_variant_whose_alleles_hash_to_the_same_key_changed_nothing(house):
    hers, his = SAME_KEY
    enrol(house, Somebody("anna", [(hers, HET)]), Somebody("bert", [(his, HET)]))
    before = release(house, JANUARY, [Record(hers, "BRCA2", UNCERTAIN)])
    after = release(house, FEBRUARY, [Record(hers, "BRCA2")])
    _, done = adopt(house, before, after)
    assert rows(done) == [["anna", "upgrade", "confirm-and-disclose", "reportable"]]
    assert done.people == 1


def test_a_named_variant_that_is_called_something_else_is_weighed_beside_what_is_pathogenic(house):
    named, other = "chr6-26092913-G-A", "chr6-26090957-T-C"
    enrol(house, Somebody("dora", [(named, HOM), (other, HET)]))
    beside = Record(other, "HFE")
    before = release(house, JANUARY, [Record(named, "HFE", "risk_factor"), beside])
    after = release(house, FEBRUARY, [Record(named, "HFE", CONFLICTING, CONFLICT_STATUS), beside])
    screen_people(house, load_panel("acmg-sf"), before)
    (task,) = house.ledger.tasks("dora")
    assert (task.kind, task.about["variants"]) == ("screening-finding", [named])
    done = reanalyse_clinvar(house, before, after)
    assert rows(done) == [["dora", "no-op", "none", "task-open-already"]]
    assert house.ledger.tasks("dora") == (task,)
