"""A dossier says what it lacks; a gate opens only when everything required is met, and never by silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.errors import NotFound, PackError, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.dossier import SCORED, load_dossiers, read_dossier
from bedside.knowledge.economic_model_file import load_models, read_model
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.readiness import AnsweredFrom, load_readiness, read_readiness
from bedside.learn.dossier_gaps import lacks
from bedside.learn.readiness import Finding, Met, Ready, judge
from bedside.service.budget_template import budget_template
from bedside.service.dossier import document, dossier_named, markdown
from bedside.service.house import House, open_house
from bedside.service.readiness import attest, checklist_named, gate
from bedside.settings import Settings

TODAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"), clock=lambda: NOON)
    yield opened
    opened.close()


def outcomes(house: House, people: int) -> None:
    house.ledger.append(
        [
            NewEvent(EventKind.OUTCOME_RECORDED, "ward", NOON, f"child-{one}", {"outcome": {}})
            for one in range(people)
        ]
    )


def test_a_total_is_given_only_when_all_four_were_scored() -> None:
    scored = load_dossiers()["nicu_rapid_genome"].scored[0]
    assert scored.total == 9
    part = replace(scored, scores={name: scored.scores[name] for name in SCORED[:3]})
    assert part.total is None


def test_everything_that_is_missing_is_named_and_an_overdue_gap_is_a_lack() -> None:
    held = load_dossiers()["nicu_rapid_genome"]
    assert lacks(held, load_models(), TODAY) == ()
    later = lacks(held, load_models(), date(2028, 1, 1))
    assert [one.part for one in later] == ["gaps", "gaps"]
    bare = replace(held, picots={**held.picots, "timing": " "}, scored=(), models=("gone",), net="")
    assert [(one.part, one.what) for one in lacks(bare, load_models(), TODAY)] == [
        ("picots", "timing is not said"),
        ("certainty", "how sure the net benefit is, is not said"),
        ("actionability", "no outcome is scored"),
        ("economics", "the model gone is not at hand"),
    ]
    weak = replace(held, gaps=())
    assert [one.part for one in lacks(weak, load_models(), TODAY)] == ["gaps"]


def test_a_dossier_with_wrong_fields_is_refused_with_every_problem_and_its_line(tmp_path: Path) -> None:
    text = (DATA / "dossiers" / "nicu_rapid_genome.toml").read_text()
    wrong = text.replace('severity = [3, "C"]', 'severity = [4, "C"]', 1).replace(
        'sources = ["catalogue"]', "sources = []"
    )
    path = tmp_path / "dossiers" / "wrong.toml"
    path.parent.mkdir()
    path.write_text(wrong.replace("due = 2027-09-30", 'due = "soon"'))
    with pytest.raises(PackError) as refused:
        read_dossier(parse_rule_file("dossiers/wrong.toml", path.read_bytes(), "dossiers", path.parent))
    told = [str(one) for one in refused.value.problems]
    assert [one.split(": ", 1)[1] for one in told] == [
        'outcome 1: severity must be a score and a letter (such as [2, "B"]: 0 to 3, A to E)',
        "gap control: due must be a day such as 2027-03-31",
        "question 1: answer stands without a source (name one, or leave the question open)",
    ]
    assert all(one.split(":")[1].isdigit() for one in told)


def test_the_document_tells_the_trial_by_risk_with_its_negative_control_beside_it() -> None:
    said = document(dossier_named("pgx_panel", None), None, TODAY)
    rows = said["trials"]
    assert [(round(100 * one["avoided"], 1), one["negative_control"], one["confirmed"]) for one in rows] == [
        (6.8, False, False),
        (7.1, False, False),
        (7.2, True, False),
    ]
    text = "\n".join(markdown(said))
    assert "6.8 points less (95 % 2.5 to 11.0), one avoided of 15 treated; odds ratio 0.69" in text
    assert "Counts not confirmed at the source." in text
    assert said["economics"][0]["not_known"] == ["panel", "reaction"]


def test_a_template_is_a_model_once_a_site_says_whose_it_is_and_knows_nothing_yet() -> None:
    text = budget_template(dossier_named("nicu_rapid_genome", None))
    with pytest.raises(PackError, match="owner is missing"):
        read_model("t.toml", text.encode())
    own = text.replace('owner = ""', 'owner = "me"').replace('licence = ""', 'licence = "mine"')
    assert read_model("t.toml", own.encode()).unknown == ("people", "test", "care_avoided", "changed")


def test_a_gate_opens_only_when_everything_required_is_met(house: House) -> None:
    checklist = checklist_named("payer_nicu_rapid_genome", None)
    outcomes(house, 3)
    first = gate(checklist, house, None, TODAY)
    assert {one.item.name: (one.found.met, one.found.why) for one in first.judged if one.item.required} == {
        "dossier": (Met.MET, "nothing is missing in it"),
        "published model": (Met.MET, "reproduces what it says was published"),
        "own outcomes": (Met.NOT_MET, "fewer than 5 of at least 20 people"),
        "policy": (Met.UNKNOWN, "nobody has stood for it yet"),
    }
    assert first.answer is Ready.NOT_READY
    outcomes(house, 20)
    assert gate(checklist, house, None, TODAY).answer is Ready.UNKNOWN
    attest(house, checklist, "policy", met=True, evidence="read on 2026-11-20, sheet 4", by="R. Vega")
    opened = gate(checklist, house, None, TODAY)
    assert opened.answer is Ready.READY
    assert opened.gaps == ()


def test_a_word_wears_out_can_be_taken_back_and_is_late_when_its_day_is_past(house: House) -> None:
    checklist = checklist_named("payer_nicu_rapid_genome", None)
    attest(house, checklist, "policy", met=True, evidence="read", by="R. Vega")
    late = {one.item.name: one for one in gate(checklist, house, None, date(2027, 6, 1)).judged}
    assert (late["policy"].found.met, late["policy"].overdue) == (Met.UNKNOWN, True)
    assert late["policy"].found.why.startswith("said too long ago")
    attest(house, checklist, "policy", met=False, evidence="criterion 3 is not met", by="R. Vega")
    now = {one.item.name: one.found for one in gate(checklist, house, None, TODAY).judged}
    assert (now["policy"].met, now["policy"].why) == (
        Met.NOT_MET,
        "criterion 3 is not met (R. Vega, 2026-11-26)",
    )


def test_nobodys_word_answers_what_events_answer(house: House) -> None:
    checklist = checklist_named("payer_nicu_rapid_genome", None)
    with pytest.raises(RequestError, match="answered by the events"):
        attest(house, checklist, "own outcomes", met=True, evidence="surely", by="me")
    with pytest.raises(RequestError, match="not on this checklist"):
        attest(house, checklist, "nothing", met=True, evidence="x", by="me")
    with pytest.raises(RequestError, match="1 to 400"):
        attest(house, checklist, "policy", met=True, evidence=" ", by="me")
    assert list(house.ledger.events(kinds=(EventKind.ASSESSMENT_RECORDED,))) == []


def test_a_study_counts_when_it_was_run_and_not_when_it_was_promised(house: House) -> None:
    checklist = checklist_named("payer_pgx_panel", None)

    def said() -> tuple[Met, str]:
        found = {one.item.name: one.found for one in gate(checklist, house, None, TODAY).judged}
        return found["negative control"].met, found["negative control"].why

    name = {"study": "pgx-negative-control", "protocol": "p"}
    assert said() == (Met.NOT_MET, "no study pgx-negative-control is registered")
    house.ledger.append([NewEvent(EventKind.STUDY_REGISTERED, "me", NOON, None, name)])
    assert said() == (Met.NOT_MET, "registered, not run yet")
    house.ledger.append([NewEvent(EventKind.STUDY_RUN, "me", NOON, None, {**name, "bundle": "b"})])
    assert said() == (Met.MET, "run on 2026-11-26")


def test_a_model_with_an_unknown_price_leaves_its_item_unknown(house: House) -> None:
    found = gate(checklist_named("payer_pgx_panel", None), house, None, TODAY)
    held = {one.item.name: one.found for one in found.judged}
    assert (held["model"].met, held["model"].why) == (Met.UNKNOWN, "not known in it: panel, reaction")


def test_silence_is_unknown_and_an_empty_list_is_never_ready() -> None:
    checklist = load_readiness()["payer_pgx_panel"]
    assert judge(checklist, {}, TODAY).answer is Ready.UNKNOWN
    met = {one.name: Finding(Met.MET, "") for one in checklist.items}
    assert judge(checklist, met, TODAY).answer is Ready.READY
    assert judge(replace(checklist, items=()), {}, TODAY).answer is Ready.UNKNOWN


def test_a_checklist_with_wrong_items_is_refused(tmp_path: Path) -> None:
    text = (DATA / "readiness" / "payer_pgx_panel.toml").read_text()
    path = tmp_path / "readiness" / "wrong.toml"
    path.parent.mkdir()
    path.write_text(text.replace('from = "attested"', 'from = "events"\nof = "happiness"', 1))
    with pytest.raises(PackError, match="'happiness', which is no kind of event"):
        read_readiness(parse_rule_file("readiness/wrong.toml", path.read_bytes(), "readiness", path.parent))
    with pytest.raises(NotFound, match="one of payer_nicu_rapid_genome"):
        checklist_named("wrong", None)
    assert AnsweredFrom.EVENTS.value == "events"


def test_the_command_shows_attests_and_ends_with_three_while_the_gate_is_shut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = f"sqlite:///{tmp_path / 'own.db'}"
    made = open_house(Settings(store_url=store))
    outcomes(made, 20)
    made.close()
    words = ["dossier", "gate", "payer_nicu_rapid_genome", "--store", store]
    assert main(words) == 3
    assert "unknown: Has somebody read the payer's policy" in capsys.readouterr().out
    stand = ["dossier", "attest", "payer_nicu_rapid_genome", "policy", "--store", store]
    assert main(stand) == 1
    assert main([*stand, "--by", "R. Vega", "--evidence", "sheet 4"]) == 0
    assert main(words) == 0
    assert main(["dossier", "pgx_panel", "--format", "json"]) == 0
    assert main(["dossier", "nothing"]) == 1


def test_a_word_that_is_no_action_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dossier", "show", "pgx_panel"]) == 1
    told = capsys.readouterr().err
    assert "'show' takes nothing after it; 1 came" in told
    assert "bedside dossier NAME, list, gate CHECKLIST" in told
