"""Whatever is missing, a polygenic score is told over what was seen, or refused: never a zero for a gap."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from bedside.errors import InputError
from bedside.interpret.polygenic import PolygenicResult, Reason, Refusal, assess
from bedside.interpret.polygenic_ancestry import fit
from bedside.interpret.polygenic_match import COUNTED, Looked, Outcome, match, sum_of
from bedside.knowledge.polygenic import load_polygenic_policy
from bedside.knowledge.scoring_file import read_scoring_file
from tests.examples import examples
from tests.unit.interpret.polygenic_people import COLUMNS, HEADER, panel, score_of, seen

POLICY = load_polygenic_policy()
with TemporaryDirectory() as _folder:
    SCORE = score_of(Path(_folder), *(f"1\t{100 + place}\tA\tG\t{place + 1}" for place in range(12)))
ADJUSTMENT = fit(panel(12), POLICY.components, POLICY.outside_quantile)

gaps = some.sampled_from([(Looked.NOT_TESTED,), (Looked.NOT_CALLABLE,), ("", "", 0), ("G", "C", 1)])
calls = some.sampled_from([("G", "", 0), ("G", "A", 1), ("G", "A", 2), ("A", "", 0), ("A", "G", 1)])
COPIES = {("G", "", 0): 0, ("G", "A", 1): 1, ("G", "A", 2): 2, ("A", "", 0): 2, ("A", "G", 1): 1}


@given(some.lists(some.one_of(calls, calls, gaps), min_size=12, max_size=12))
@settings(max_examples=examples(200), deadline=None)
def test_the_sum_is_over_what_was_seen_and_the_account_holds_every_variant(sites) -> None:
    found = match(SCORE, seen(*sites))
    expected = [COPIES.get(site, -1) for site in sites]
    assert found.copies.tolist() == expected
    assert sum(found.counts.values()) == len(SCORE)
    assert sum(found.counts.get(one, 0) for one in COUNTED) == sum(copies >= 0 for copies in expected)
    assert sum_of(SCORE, found) == sum(
        (place + 1) * copies for place, copies in enumerate(expected) if copies > 0
    )
    answer = assess(SCORE, found, POLICY, age=50, components=np.zeros(5), adjustment=ADJUSTMENT)
    if min(expected) < 0:
        assert isinstance(answer, Refusal)
        assert answer.reason in (Reason.LOW_MATCH, Reason.OTHER_VARIANTS)
    else:
        assert isinstance(answer, PolygenicResult)


@given(some.lists(some.floats(-200, 200), min_size=5, max_size=5))
@settings(max_examples=examples(200), deadline=None)
def test_a_number_is_told_only_inside_the_reference(components) -> None:
    here = np.array(components)
    matching = match(SCORE, seen(*[("G", "", 0)] * 12))
    answer = assess(SCORE, matching, POLICY, age=50, components=here, adjustment=ADJUSTMENT)
    if ADJUSTMENT.distances(here[None, :])[0] > ADJUSTMENT.limit:
        assert answer == Refusal(SCORE.score, Reason.OUTSIDE_REFERENCE, answer.remedy, {})  # type: ignore[union-attr]
    else:
        assert isinstance(answer, PolygenicResult)
        assert answer.interval[0] <= answer.z <= answer.interval[1]
        assert answer.account == {Outcome.REFERENCE_SEEN: 12}


TEXT = HEADER + COLUMNS + "1\t100\tA\tG\t0.5\nX\t5\tAC\tA\t-1e-3\n\t\tP\tN\t2\n"
pieces = some.sampled_from(["\t", "\n", "#", "nan", "inf", "1e999", "A", "x", "-", "é", "\x00", "=", "True"])


@given(some.lists(some.tuples(some.integers(0, len(TEXT)), some.integers(0, 9), pieces), max_size=6))
@settings(max_examples=examples(200), deadline=None)
def test_a_damaged_scoring_file_is_read_whole_or_refused_with_its_problems(edits) -> None:
    text = TEXT
    for place, cut, piece in edits:
        text = text[:place] + piece + text[place + cut :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "score.txt"
        path.write_text(text)
        try:
            found = read_scoring_file(path)
        except InputError as error:
            refused = error.problems
        else:
            refused = None
    if refused is not None:
        assert refused
        return
    assert np.isfinite(found.weights).all()
    assert len(found) == len(found.placing) == len(found.weights) > 0
