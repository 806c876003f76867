"""A study is written down, run on the record of those who allow it, and gives the same bytes again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from bedside.errors import InputError, PackError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.knowledge.study_protocol import Protocol, protocol_at
from bedside.learn.studies.known_truth import groups
from bedside.service.house import House
from bedside.service.study_list import studies, study_lines
from bedside.service.study_people import study_people
from bedside.service.study_registry import NOT_REGISTERED, registered
from bedside.service.study_registry import register as register_study
from bedside.service.study_run import keep_run, run_study
from tests.made_up_study import FOLLOWED, START, made_up, person_events
from tests.unit.service.conftest import HandClock


def followed() -> tuple[Protocol, bytes]:
    return protocol_at(FOLLOWED), FOLLOWED.read_bytes()


@pytest.fixture
def full(house: House, clock: HandClock) -> House:
    clock.now = START + timedelta(days=900)
    made_up(house)
    return house


def test_a_study_run_twice_gives_the_same_bytes(full: House, clock: HandClock, tmp_path: Path) -> None:
    protocol, content = followed()
    register_study(full, protocol, content, "ann")
    for folder in ("one", "two"):
        keep_run(full, run_study(full, protocol, content), tmp_path / folder, "ann")
        clock.turn(hours=5)
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {"protocol.toml", "result.json", "report.md", "digests.json", "MANIFEST", "run.json"}
    for name in names - {"run.json"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    lines = (tmp_path / "one" / "MANIFEST").read_text().splitlines()
    for line in lines:
        seen, name = line.split("  ")
        assert digest((tmp_path / "one" / name).read_bytes()) == seen


def test_the_bundle_says_what_was_found_in_whom_and_who_was_left_out(full: House) -> None:
    protocol, content = followed()
    register_study(full, protocol, content, "ann")
    result = run_study(full, protocol, content).result
    assert result["deviations"] == []
    assert result["data"]["left_out"] == {"not-asked": 40}
    assert result["attrition"][0] == {"rule": "everybody in the record", "left": 760}
    main = result["answer"]["main"]
    assert main["low"] < -0.12 < main["high"] < 0
    assert [one["name"] for one in result["answer"]["sensitivity"]] == [
        "as a ratio", "weights alone", "those who could have been either", "those treated",
        "chances below 0.1 cut off",
    ]  # fmt: skip
    controls = result["answer"]["negative_controls"]
    assert sum(one["low"] < 1 < one["high"] for one in controls) >= len(controls) - 1 == 4
    assert result["answer"]["calibrated"]["quantity"] == "risk ratio"
    assert abs(result["answer"]["placebo"]["mean"]) < 0.01
    assert [one["covariate"] for one in result["answer"]["table_one"]][:2] == ["age", "female"]
    items = result["checklist"]["items"]
    assert [one["item"] for one in items if one["answer"] is None] == [2, 19]
    assert result["checklist"]["items"][1]["why_not"].startswith("not filled")


def test_only_what_was_written_by_then_counts_when_asked(full: House) -> None:
    protocol, content = followed()
    before = run_study(full, protocol, content)
    head = int(before.result["data"]["head"].split(":")[0])
    full.ledger.append(person_events(np.random.default_rng(1), "later", allows=True))
    after = run_study(full, protocol, content)
    assert after.result["attrition"][0]["left"] == 761
    assert run_study(full, protocol, content, up_to=head).files == before.files


def test_who_withdraws_is_not_read_any_more(full: House, clock: HandClock) -> None:
    scope = {"scope": "research", "decision": "withdrawn", "by": "self"}
    full.ledger.append([NewEvent(EventKind.CONSENT_RECORDED, "clerk", clock(), "p0003", scope)])
    found = study_people(full)
    assert "p0003" not in found.happened.people
    assert dict(found.left_out) == {"not-asked": 40, "withdrawn": 1}


def test_a_study_that_nobody_registered_says_so_first(full: House) -> None:
    protocol, content = followed()
    done = run_study(full, protocol, content)
    assert done.result["deviations"] == [NOT_REGISTERED]
    assert "protocol was not registered" in done.files["report.md"].decode()[:900]


def test_a_protocol_changed_after_registration_is_named(full: House, tmp_path: Path) -> None:
    protocol, content = followed()
    register_study(full, protocol, content, "ann")
    changed = content.replace(b'"weights", "overlap", "treated", "trimmed"', b'"weights"')
    path = tmp_path / "changed.toml"
    path.write_bytes(changed)
    done = run_study(full, protocol_at(path), changed)
    assert done.result["deviations"] == ["'sensitivity' is not what was registered on 2026-06-28"]
    register_study(full, protocol_at(path), changed, "ann")
    assert len(registered(full)["clopidogrel-card-followed"]) == 2
    assert run_study(full, protocol_at(path), changed).result["deviations"] != []


def test_registering_twice_is_once(full: House) -> None:
    protocol, content = followed()
    assert register_study(full, protocol, content, "ann") == register_study(full, protocol, content, "bob")


def test_too_few_people_are_refused_and_the_bundle_is_whole(house: House, tmp_path: Path) -> None:
    made_up(house, people=60)
    protocol, content = followed()
    done = run_study(house, protocol, content)
    keep_run(house, done, tmp_path / "bundle", "ann")
    refused = done.result["answer"]["main"]["refused"]
    assert {one["why"] for one in refused} <= {
        "too few people with the exposure", "too few people to compare them with",
    }  # fmt: skip
    report = (tmp_path / "bundle" / "report.md").read_text()
    assert "Not estimated" in report
    assert "not filled: the study was refused" in report
    line = next(one for one in studies(house) if one.name == "clopidogrel-card-followed")
    assert line.refused
    assert "refused: too few people" in line.answer
    assert any("refused" in cells[3] for cells in study_lines(house))


def test_small_groups_are_not_counted_out(house: House) -> None:
    made_up(house, people=60)
    text = run_study(house, *followed()).files["result.json"].decode()
    counts = [row["events"] for row in json.loads(text)["person_time"]]
    assert all(one == "fewer than 5" or one == 0 or one >= 5 for one in counts)


NEGATIVE = ("cataract", "ingrown nail", "sprained ankle", "otitis externa", "contact dermatitis")
HEAD = ",".join(("treated", "arterial event", *NEGATIVE, "age", "female", "site")) + "\n"


def write_table(path: Path, *, age: str | None = None, missing: int = 0, treated: str | None = None) -> Path:
    flags, outcome, x = groups(3, 1.0, 700)
    lines = []
    for row in range(700):
        born = age if age is not None and row == 5 else f"{60 + 8 * x[row, 0]:.0f}"
        cells = [
            treated if treated is not None and row == 9 else str(int(flags[row])),
            str(int(outcome[row])),
        ]
        cells += ["0"] * 5
        cells += ["" if row < missing else born, str(int(x[row, 2])), "North" if x[row, 1] > 0 else "South"]
        lines.append(",".join(cells))
    path.write_text(HEAD + "\n".join(lines) + "\n")
    return path


def test_a_table_of_the_declared_shape_does_as_well(house: House, tmp_path: Path) -> None:
    done = run_study(house, *followed(), data=write_table(tmp_path / "table.csv"))
    answer = done.result["answer"]
    assert answer["main"]["low"] < -0.09 < answer["main"]["high"]
    assert answer["naive"]["value"] > answer["main"]["value"]
    assert [one["covariate"] for one in answer["table_one"]] == ["age", "female", "site=South"] or [
        one["covariate"] for one in answer["table_one"]
    ] == ["age", "female", "site=North"]
    assert done.result["data"]["source"] == "a table given as a file"


@pytest.mark.parametrize(
    ("defect", "column", "asks"),
    [
        ({"age": "212"}, "age", "lies between 18 and 110"),
        ({"missing": 200}, "age", "is known"),
        ({"treated": "2"}, "treated", "is 0 or 1"),
    ],
)
def test_an_injected_defect_is_found_and_nothing_is_estimated(
    house: House, tmp_path: Path, defect: dict[str, object], column: str, asks: str
) -> None:
    done = run_study(house, *followed(), data=write_table(tmp_path / "table.csv", **defect))  # type: ignore[arg-type]
    failing = [one for one in done.result["answer"]["quality"] if not one["passes"]]
    assert [(one["column"], one["asks"]) for one in failing] == [(column, asks)]
    assert done.result["answer"]["main"]["refused"][0]["why"] == "the data are not fit for the question"


def test_a_few_unknown_ages_are_left_out_and_counted(house: House, tmp_path: Path) -> None:
    done = run_study(house, *followed(), data=write_table(tmp_path / "table.csv", missing=30))
    assert (done.result["answer"]["rows_not_known"], done.result["answer"]["people_used"]) == (30, 670)


def test_a_table_of_another_shape_is_refused_with_every_problem(house: House, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("treated,age\n1,x\n")
    with pytest.raises(InputError) as told:
        run_study(house, *followed(), data=path)
    assert len(told.value.problems) == 8
    write_table(path, age="sixty")
    with pytest.raises(InputError, match=r"table.csv:7: age is no number"):
        run_study(house, *followed(), data=path)


def test_a_protocol_without_its_parts_is_refused_with_all_of_them(tmp_path: Path) -> None:
    text = FOLLOWED.read_text()
    path = tmp_path / "bad.toml"
    path.write_text(text.replace('cohort = "new-clopidogrel"', "").replace("[exposure]", "[exposed]"))
    with pytest.raises(PackError) as told:
        protocol_at(path)
    assert len(told.value.problems) == 2
    path.write_text(text.replace("from = -30\nto = 0", "from = 5\nto = 0"))
    with pytest.raises(PackError, match="ends before it begins"):
        protocol_at(path)


def test_a_covariate_from_after_time_zero_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    later = '\n[[covariate]]\nname = "late"\nany = ["drug:rxnorm:1"]\nfrom = 0\nto = 30\n'
    path.write_text(FOLLOWED.read_text() + later)
    with pytest.raises(PackError, match="looks behind time zero"):
        protocol_at(path)


def test_a_cohort_that_is_not_here_is_not_registered(full: House, tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(FOLLOWED.read_text().replace('cohort = "new-clopidogrel"', 'cohort = "nobody"'))
    with pytest.raises(InputError, match="not here"):
        register_study(full, protocol_at(path), path.read_bytes(), "ann")


LOT = """
[lot]
arms = ["short", "long"]
units = [{unit = "North", stratum = "a"}, {unit = "South", stratum = "a"}, {unit = "East", stratum = "b"}]
"""


def randomised(path: Path) -> Protocol:
    text = FOLLOWED.read_text().replace('design = "comparison"', 'design = "randomised"')
    path.write_text(text.replace("[target]", f"{LOT}\n[target]"))
    return protocol_at(path)


def test_a_lot_is_drawn_when_the_study_is_registered_and_kept_with_its_seed(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "lot.toml"
    done = register_study(house, randomised(path), path.read_bytes(), "ann")
    assert sorted(one.unit for one in done.assignment) == ["East", "North", "South"]
    assert {one.arm for one in done.assignment if one.stratum == "a"} == {"short", "long"}
    assert register_study(house, randomised(path), path.read_bytes(), "bob").assignment == done.assignment
    (event,) = house.ledger.events(kinds=(EventKind.STUDY_REGISTERED,))
    assert event.payload["seed"] == 20261126


def test_another_lot_after_registration_is_a_deviation(house: House, tmp_path: Path) -> None:
    path = tmp_path / "lot.toml"
    register_study(house, randomised(path), path.read_bytes(), "ann")
    changed = path.read_bytes().replace(b"seed = 20261126", b"seed = 1")
    path.write_bytes(changed)
    table = tmp_path / "table.csv"
    rows = ("North,1,0,60,1,a", "South,0,1,60,1,a", "East,0,0,60,1,a")
    table.write_text("unit,did,arterial event,age,female,site\n" + "\n".join(rows) + "\n")
    done = run_study(house, protocol_at(path), changed, data=table)
    assert done.result["deviations"] == ["'seed' is not what was registered on 2026-03-01"]
    assert done.result["answer"]["main"]["refused"][0]["why"] == "too few clusters"
    table.write_text("unit,did,arterial event,age,female,site\nWest,1,0,60,1,a\n")
    with pytest.raises(InputError, match=r"table.csv:2: names a unit that was not drawn"):
        run_study(house, protocol_at(path), changed, data=table)
