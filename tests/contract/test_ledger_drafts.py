"""A report as PDF is drafted, confirmed and signed on both databases, and nobody signs one twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bedside.errors import RequestError
from bedside.genome.draft import Verdict
from bedside.genome.event import EventKind
from bedside.service.drafts import accept_others, decide, list_drafts, open_draft
from bedside.service.house import open_house
from bedside.service.receive_report import receive_report
from bedside.service.register_person import register_person
from bedside.service.sign_draft import seen_digest, sign_draft
from bedside.service.verify_record import verify_record
from bedside.settings import Settings
from tests.made_up_reports import Says, report
from tests.unit.service.test_reports import ANNA, confirm_all

SAID = Says(calls=(("CYP2C19", "*2/*2", "Poor Metabolizer"),))


def test_a_report_is_signed_once(ledger_url, tmp_path):
    house = open_house(Settings(store_url=ledger_url, documents=str(tmp_path / "documents")))
    register_person(house, ANNA)
    made = receive_report(house, report("classic", SAID), "a.pdf")
    confirm_all(house, made.draft)
    seen = seen_digest(open_draft(house, made.draft))

    def sign(by):
        try:
            return sign_draft(house, made.draft, seen, by=by).result
        except RequestError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(sign, ("one", "two", "three", "four")))
    assert sum(one.startswith("r-") for one in told) == 1
    assert sum("signed before" in one for one in told) == 3
    assert len(list(house.ledger.events(kinds=(EventKind.DRAFT_SIGNED,)))) == 1
    assert len(house.ledger.results("p1")) == 1
    assert house.ledger.person_calls("p1")["CYP2C19"].phenotypes == ("Poor Metabolizer",)
    assert list_drafts(house) == ()
    verify_record(house)
    house.close()


def test_people_decide_different_fields_at_one_moment(ledger_url, tmp_path):
    house = open_house(Settings(store_url=ledger_url, documents=str(tmp_path / "documents")))
    register_person(house, ANNA)
    made = receive_report(house, report("classic", SAID), "a.pdf")
    keys = [one.key for one in open_draft(house, made.draft).undecided()]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda key: decide(house, made.draft, key, Verdict.ACCEPTED, by=key), keys))
    assert accept_others(house, made.draft, by="reader") == 3
    held = open_draft(house, made.draft)
    assert held.undecided() == ()
    assert {key: said.by for key in keys if (said := held.decided(key))} == {key: key for key in keys}
    house.close()
