"""`bedside budget` answers first, says a loss as plainly as a saving, and refuses a wrong model with every
problem."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedside.cli import main
from tests.made_up_economics import small_text


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["budget", *words])
    done = capsys.readouterr()
    return status, done.out, done.err


def test_the_answer_comes_first_and_a_loss_is_a_loss(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "picu_rapid_genome", "--draws", "200")
    first = out.splitlines()[1].split("\t")
    assert (status, first[0]) == (0, "answer")
    assert first[1].startswith("Rapid genome for all 38 costs 54,554 USD more than")
    assert first[1].endswith("gains 12.1 QALY: 4,509 USD for each QALY.")


def test_a_saving_has_no_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "baby_bear", "--draws", "200", "--format", "json")
    said = json.loads(out)
    assert (status, said["differences"][0]["ratio"], said["budget"]["more"]) == (0, None, -850_000)
    assert "less than" in said["answer"]
    assert all(one["same"] for one in said["published"])


def test_what_rests_on_an_unknown_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "prepare_pgx_panel", "--draws", "200")
    assert status == 0
    assert "is not known, because panel, reaction are not known" in out
    assert "difference\tguided: cost\tnot known" in out


def test_the_same_seed_prints_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("hiv_chancellor", "--draws", "100", "--seed", "4", "--format", "json")
    assert run(capsys, *words)[1] == run(capsys, *words)[1]


def test_a_wrong_model_is_refused_with_every_problem(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        small_text().replace("thresholds = [0, 50000, 100000]\n", "").replace("= 2026\n", "= 20\n")
    )
    status, out, err = run(capsys, str(path))
    assert (status, out) == (1, "")
    assert "mine.toml:15: price_year is 20, outside 1900 upwards" in err
    assert "thresholds is missing" in err
    assert "first_year is 20" in err


def test_a_portfolio_is_summed_and_two_currencies_never_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.toml").write_text(small_text("a", test=100))
    (tmp_path / "b.toml").write_text(small_text("b", test=900))
    status, out, _ = run(capsys, "--portfolio", str(tmp_path), "--draws", "500", "--format", "json")
    said = json.loads(out)
    assert (status, [one["name"] for one in said["parts"]]) == (0, ["b", "a"])
    assert said["people"] == [100]
    assert "1 cost more, 1 do not" in said["answer"]
    (tmp_path / "c.toml").write_text(small_text("c").replace('"USD"', '"EUR"'))
    status, _, err = run(capsys, "--portfolio", str(tmp_path))
    assert (status, "currency: differs: a USD, b USD, c EUR" in err) == (1, True)


def test_a_name_that_is_no_model_and_no_name_at_all_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "nothing")[0] == 1
    status, _, err = run(capsys)
    assert (status, "--portfolio DIR" in err) == (1, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--seed", "-1"), "must be a whole number from 0"),
        (("--draws", "99999999999"), "must be at most 200,000"),
        (("--draws", "nan"), "must be a whole number from 1"),
    ],
)
def test_absurd_draws_and_seeds_are_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, str], why: str
) -> None:
    with pytest.raises(SystemExit):
        main(["budget", "baby_bear", *words])
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ("people = [100]", "people = [-5]", "small: budget: its people fall below 0 in 2 of 2 draws"),
        ("uptake = [1]", "uptake = [1.4]", "small: budget: its uptake leaves 0 to 1 in 2 of 2 draws"),
    ],
)
def test_a_budget_of_fewer_than_nobody_or_more_than_all_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, was: str, becomes: str, why: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(small_text().replace(was, becomes))
    status, out, err = run(capsys, str(path), "--draws", "50")
    assert (status, out) == (1, "")
    assert why in err


def test_models_are_listed_with_what_awaits_sign_off(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--list")
    assert status == 0
    assert "picu_rapid_genome\t" in out
    assert "awaiting sign-off" in out
