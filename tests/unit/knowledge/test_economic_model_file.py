"""A model file is read whole or refused with everything that is wrong, each with its line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import bedside.knowledge
from bedside.errors import PackError
from bedside.knowledge.economic_model_file import load_models, read_model, read_model_file
from bedside.knowledge.expression import Apply, Name, Number, names_in, parse_expression
from tests.made_up_economics import small, small_text

SHIPPED = Path(bedside.knowledge.__file__).parent / "data" / "economics" / "models"


def problems(text: str) -> list[str]:
    with pytest.raises(PackError) as refused:
        read_model("m.toml", text.encode())
    return [str(one) for one in refused.value.problems]


def line_of(text: str, part: str) -> int:
    return next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith(part))


def test_a_sum_of_names_is_read_into_plain_values() -> None:
    assert parse_expression("2 * test + -care") == Apply(
        "+",
        (Apply("*", (Number(2.0), Name("test"))), Apply("-", (Number(0.0), Name("care")))),
    )
    assert list(names_in(parse_expression("min(a, b) ** exp(c)"))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "a if b else c", "open(a)", "[a]", "a; b", "lambda: 1", "min(a)", ""]
)
def test_nothing_but_sums_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_expression(text)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("horizon_years = 1", "horizon_years = 1e9", "horizon_years is 1e+09, outside 0 to 200"),
        (
            "value = 500",
            "value = -500",
            "input test: value is -500, which its distribution cannot be (it lies from 1 to 900)",
        ),
        (
            "value = 500",
            "value = 901",
            "input test: value is 901, which its distribution cannot be (it lies from 1 to 900)",
        ),
    ],
)
def test_absurd_numbers_are_refused(was: str, becomes: str, said: str) -> None:
    even = 'kind = "uniform", low = 1, high = 900'
    text = small_text().replace('kind = "normal", mean = 500, se = 50', even)
    read_model("m.toml", text.encode())
    assert [one.split(": ", 1)[1] for one in problems(text.replace(was, becomes))] == [said]


def test_a_cohort_of_absurdly_many_cycles_is_refused() -> None:
    text = (SHIPPED / "hiv_chancellor.toml").read_text().replace("cycles = 20", "cycles = 90000000")
    assert "markov: cycles is 90000000, more than 10400 (make a cycle longer)" in "\n".join(problems(text))


def test_every_problem_is_said_at_once_with_its_line() -> None:
    text = (
        small_text()
        .replace('owner = "tests"\n', "")
        .replace("discount_costs = 0", "discount_costs = 3")
        .replace('cost = "test"', 'cost = "tst"')
        .replace("uptake = [1]", "uptake = [1, 1]")
        .replace("comparator", "comparitor")
    )
    found = problems(text)
    assert found == [
        'm.toml: owner is missing (add owner = "…")',
        f"m.toml:{line_of(text, 'comparitor')}: comparitor is not known here ({found[1].split('(', 1)[1]}",
        f"m.toml:{line_of(text, 'discount_costs')}: discount_costs is 3, outside 0 to 1",
        "m.toml: comparator is missing (add it; nothing is assumed)",
    ]
    rest = text.replace("comparitor", "comparator").replace('title = "A', 'owner = "tests"\ntitle = "A')
    more = problems(rest.replace("discount_costs = 3", "discount_costs = 0"))
    assert [one.split(": ", 1)[1] for one in more] == [
        "strategy guided: cost or a branch speaks of tst, which no input or derived has",
        "input test: name is used nowhere (use it or remove it)",
        "budget: uptake and people are not of the same years",
    ]
    assert all(one.startswith("m.toml:") and one[7].isdigit() for one in more)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('{ kind = "normal", mean = 500, se = -1 }', "se must be above 0"),
        ('{ kind = "gamma", mean = 500 }', "gamma takes scale, shape or mean, se; found mean"),
        ('{ kind = "beta", mean = 2, se = 0.1 }', "no beta has that mean and se"),
        ('{ kind = "uniform", low = 9, high = 1 }', "must rise"),
        ('{ kind = "pareto", mean = 1 }', "one of fixed, gamma, beta"),
        ('"gamma"', "must be a table"),
    ],
)
def test_a_doubt_that_cannot_be_is_refused(wrong: str, told: str) -> None:
    text = small_text().replace('{ kind = "normal", mean = 500, se = 50 }', wrong)
    assert told in " ".join(problems(text))


def test_an_input_without_a_value_must_say_that_nobody_knows_it() -> None:
    silent = small_text().replace("value = 300\n", "")
    assert "give it, or say known = false" in problems(silent)[0]
    said = small_text().replace("value = 300\n", "known = false\n")
    assert read_model("m.toml", said.encode()).unknown == ("care",)


def test_an_input_without_a_source_is_refused() -> None:
    assert "say where the number comes from" in problems(small_text().replace('source = "made up"\n', ""))[-1]


def test_what_is_no_toml_or_not_there_is_refused(tmp_path: Path) -> None:
    assert "not TOML" in problems("x = ")[0]
    with pytest.raises(PackError, match="no such model file"):
        read_model_file(tmp_path / "none.toml")


def test_a_site_replaces_a_model_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "economics" / "models"
    folder.mkdir(parents=True)
    (folder / "own.toml").write_text(small_text("baby_bear"))
    held = load_models(tmp_path)
    assert held["baby_bear"] == small("baby_bear")
    assert "picu_rapid_genome" in held
