"""Phenotype risk scores, held against the same thing worked out densely, person by person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.learn.phenotype_queue import EMPTY, FLOOR, best_of, keep
from bedside.learn.phenotype_risk import TAIL_FROM, Charts, covariates, fit, ones, residuals_over, score_pairs
from bedside.service.score_charts import Saved, queue_of, tail_people
from tests.made_up_charts import drawn

LEAST_CELL, LEAST_FEATURES = 5, 2


def dense(charts: Charts, shape):
    """Weights, residuals of every pair, by least squares on dense arrays."""
    codes, reach = charts.codes.toarray(), shape.reach.toarray()
    held = (codes @ reach > 0).astype(float)
    people = len(held)
    carriers = held.sum(axis=0)
    weight = np.where(carriers > 0, np.log(people / np.maximum(carriers, LEAST_CELL)), 0.0)
    scores = held @ (shape.profile.toarray() * weight).T
    about = covariates(charts)
    line = np.linalg.lstsq(about, scores, rcond=None)[0]
    left = scores - about @ line
    return weight, held, scores, left / np.sqrt((left**2).sum(axis=0) / (people - 7))


def everybody(charts: Charts) -> np.ndarray:
    return np.ones(charts.people, dtype=bool)


def test_weights_lines_and_residuals_are_those_of_the_dense_calculation() -> None:
    charts, shape = drawn()
    fitted = fit(charts, shape, LEAST_CELL, everybody(charts))
    weight, _, scores, residual = dense(charts, shape)
    assert fitted.weight == pytest.approx(weight)
    told = charts.codes.toarray() @ shape.diagnosis.toarray().T > 0
    expected = {
        (int(row), int(one)): residual[row, one]
        for row, one in zip(*np.nonzero((residual >= 0.5) & (scores > 0) & ~told), strict=True)
    }
    found = residuals_over(fitted, charts, np.full(shape.profile.shape[0], 0.5))
    got = dict(zip(zip(found.person.tolist(), found.disease.tolist(), strict=True), found.value, strict=True))
    near = {pair for pair, value in {**expected, **got}.items() if abs(value - 0.5) < 1e-4}
    assert got.keys() - near == expected.keys() - near
    assert len(expected) > 500
    assert {pair: got[pair] for pair in got.keys() - near} == pytest.approx(
        {pair: expected[pair] for pair in expected.keys() - near}, abs=1e-4
    )


def test_the_tail_says_how_often_a_residual_is_seen() -> None:
    charts, shape = drawn(people=3000)
    fitted = fit(charts, shape, LEAST_CELL, everybody(charts))
    at = np.arange(shape.profile.shape[0])
    assert fitted.surprise(fitted.residual_at(3.0), at) == pytest.approx(np.full(len(at), 3.0))
    found = residuals_over(fitted, charts, np.full(len(at), TAIL_FROM))
    count = np.bincount(found.disease, minlength=len(at))
    assert 10 ** -fitted.surprise(np.full(len(at), TAIL_FROM), at) == pytest.approx((count + 1) / 3001)


def test_a_diagnosis_code_of_the_disease_changes_nothing_of_its_score() -> None:
    charts, shape = drawn()
    fitted = fit(charts, shape, LEAST_CELL, everybody(charts))
    for disease in range(shape.profile.shape[0]):
        own = shape.diagnosis[[disease]].toarray()[0] > 0
        without = charts.codes.toarray()
        without[:, own] = 0
        with_all = without.copy()
        with_all[:, own] = 1
        which = np.full(charts.people, disease)
        scored = [score_pairs(fitted, of_dense(charts, some), which) for some in (without, with_all)]
        for name in ("score", "residual", "surprise", "features"):
            assert getattr(scored[0], name) == pytest.approx(getattr(scored[1], name)), name


def of_dense(charts: Charts, codes: np.ndarray) -> Charts:
    rows, columns = np.nonzero(codes)
    held = ones(rows, columns, codes.shape)
    return Charts(held, charts.age, charts.female, codes.sum(axis=1).astype(float))


def test_nobody_is_listed_for_a_disease_that_the_chart_already_names() -> None:
    charts, shape = drawn()
    fitted = fit(charts, shape, LEAST_CELL, everybody(charts))
    found = residuals_over(fitted, charts, np.full(shape.profile.shape[0], -50.0))
    told = charts.codes.toarray() @ shape.diagnosis.toarray().T > 0
    assert told.sum() > 100
    assert not told[found.person, found.disease].any()


def queue(charts: Charts, shape, capacity: int, barred: np.ndarray | None = None, **said):
    fitted = fit(charts, shape, LEAST_CELL, everybody(charts))
    out = np.zeros(charts.people, dtype=bool) if barred is None else barred
    return queue_of(fitted, charts, out, LEAST_FEATURES, capacity, **said)


def test_the_queue_is_the_most_surprising_people_of_the_dense_calculation() -> None:
    charts, shape = drawn(people=1500)
    fitted = fit(charts, shape, LEAST_CELL, everybody(charts))
    _, held, scores, residual = dense(charts, shape)
    told = charts.codes.toarray() @ shape.diagnosis.toarray().T > 0
    diseases = np.arange(shape.profile.shape[0])
    surprise = np.stack([fitted.surprise(row, diseases) for row in residual])
    common = held @ shape.profile.toarray().T
    surprise[told | (scores <= 0) | (common < LEAST_FEATURES) | (residual < TAIL_FROM)] = -1
    best = surprise.max(axis=1)
    expected = sorted((row for row in range(1500) if best[row] >= FLOOR), key=lambda row: -best[row])[:25]
    found = queue(charts, shape, 25)
    assert found.listed.person.tolist() == expected
    assert found.listed.surprise == pytest.approx(best[expected], abs=1e-4)
    assert found.cut == pytest.approx(best[expected[-1]], abs=1e-4)


def test_left_out_people_give_their_place_to_the_next_and_are_counted() -> None:
    charts, shape = drawn(people=1500)
    whole = queue(charts, shape, 20)
    barred = np.zeros(charts.people, dtype=bool)
    barred[whole.listed.person[:5]] = True
    found = queue(charts, shape, 20, barred)
    assert found.left_out.person.tolist() == whole.listed.person[:5].tolist()
    assert found.listed.person[:15].tolist() == whole.listed.person[5:].tolist()
    assert len(found.listed.person) == 20


def test_threads_blocks_and_an_interruption_change_nothing(tmp_path, monkeypatch) -> None:
    charts, shape = drawn(people=1500)
    whole = queue(charts, shape, 20, workers=1)
    for name in ("bedside.learn.phenotype_risk.BLOCK", "bedside.service.score_charts.BLOCK"):
        monkeypatch.setattr(name, 100)
    monkeypatch.setattr("bedside.service.score_charts.blocks", lambda people: slices(people, 100))
    saved, seen = Saved(tmp_path / "work.json", "digest"), []

    def stop(done: int, of: int) -> None:
        seen.append(done)
        if len(seen) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue(charts, shape, 20, workers=2, saved=saved, tell=stop)
    assert saved.path.exists()
    again: list[int] = []
    found = queue(charts, shape, 20, workers=2, saved=saved, tell=lambda done, of: again.append(done))
    assert len(again) < 15
    assert not saved.path.exists()
    assert found.listed.person.tolist() == whole.listed.person.tolist()
    seen.clear()
    with pytest.raises(KeyboardInterrupt):
        queue(charts, shape, 20, saved=saved, tell=stop)
    again.clear()
    other = Saved(saved.path, "of other charts")
    found = queue(charts, shape, 20, saved=other, tell=lambda done, of: again.append(done))
    assert len(again) == 15
    assert found.listed.person.tolist() == whole.listed.person.tolist()


def slices(people: int, size: int):
    return (slice(at, min(at + size, people)) for at in range(0, people, size))


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(300)))
def test_the_order_of_the_people_changes_nobody(order: list[int]) -> None:
    charts, shape = drawn(people=300)
    moved = charts.part(np.asarray(order))
    first, then = queue(charts, shape, 10), queue(moved, shape, 10)
    assert [order[one] for one in then.listed.person] == first.listed.person.tolist()
    assert then.listed.surprise == pytest.approx(first.listed.surprise, abs=1e-5)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31))
def test_a_person_without_codes_is_never_listed(seed: int) -> None:
    charts, shape = drawn(people=200, seed=seed)
    found = queue(charts, shape, 200)
    empty = set(np.flatnonzero(charts.count == 0).tolist())
    assert 0 in empty
    assert not empty & set(found.listed.person.tolist())


def test_the_people_of_the_tail_do_not_depend_on_their_order() -> None:
    ids = [f"p{at}" for at in range(100)]
    chosen = {one for one, held in zip(ids, tail_people(ids, 10), strict=True) if held}
    turned = list(reversed(ids))
    assert {one for one, held in zip(turned, tail_people(turned, 10), strict=True) if held} == chosen
    assert len(chosen) == 10


def test_an_empty_house_has_an_empty_queue() -> None:
    charts, shape = drawn(people=5)
    fitted = fit(charts, shape, LEAST_CELL, everybody(charts))
    nobody = charts.part(np.zeros(0, dtype=np.int64))
    assert queue_of(fitted, nobody, np.zeros(0, dtype=bool), 2, 10).listed.person.tolist() == []
    block = best_of(fitted, charts, 0, 99)
    assert keep(EMPTY, block, np.zeros(5, dtype=bool), 10).listed.person.tolist() == []


def test_cases_hidden_among_people_are_found_first() -> None:
    """A simulation with independent features: easier than life, and the queue must manage it."""
    charts, shape = drawn(people=4000, codes=300, features=250, diseases=120, seed=9, most=0.06)
    draw, codes = np.random.default_rng(3), charts.codes.toarray()
    cases = draw.choice(4000, 20, replace=False)
    for case in cases:
        profile = shape.profile[[int(draw.integers(120))]].toarray()[0]
        able = [np.flatnonzero(shape.reach[:, [one]].toarray().ravel()) for one in np.flatnonzero(profile)]
        for some in able:
            codes[case, some[:1]] = 1
    made = of_dense(charts, codes)
    found = set(queue(made, shape, 20).listed.person.tolist())
    assert len(found & set(cases.tolist())) >= 12
    assert len(found) == 20
