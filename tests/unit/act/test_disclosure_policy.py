"""No pathway that ships has a dead end or a leak: every state is walked, whatever may happen in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bedside.act.disclosure import Fact, Finding, Standing, standing
from bedside.act.disclosure_worklist import lines_of
from bedside.errors import PackError
from bedside.genome.consent import Decision, Scope
from bedside.knowledge.disclosure_policy import Pathway, flaws, load_pathways

PATHWAYS = load_pathways()
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def finding(entry: str, clinical: bool) -> Finding:
    return Finding("f-1", "ann", "G", ("chr1-1-A-C",), "panel", START, entry, clinical)


def walks(pathway: Pathway, entry: str, clinical: bool) -> Iterator[Standing]:
    """Every standing that can be reached: breadth first over states and visibility, by real facts."""
    seen: set[tuple[str, bool, int]] = set()
    todo: list[tuple[Fact, ...]] = [()]
    while todo:
        facts = todo.pop(0)
        here = standing(pathway, finding(entry, clinical), facts)
        mark = (here.state.name, here.visible, len(here.attempts) if here.state.attempts else 0)
        if mark in seen:
            continue
        seen.add(mark)
        yield here
        at = START + timedelta(days=20 * (len(facts) + 1))
        steps = [(here.state.name, outcome) for outcome in here.state.outcomes]
        steps += [(step, "recorded") for step in pathway.interrupts]
        for step, outcome in steps:
            todo.append((*facts, Fact(step, outcome, at, details={"channel": f"c{len(here.attempts)}"})))


CASES = [
    pytest.param(pathway, entry, clinical, id=f"{name}-{entry}-{'clinical' if clinical else 'research'}")
    for name, pathway in PATHWAYS.items()
    for entry in pathway.entries
    for clinical in (False, True)
]


@pytest.mark.parametrize(("pathway", "entry", "clinical"), CASES)
def test_wherever_a_finding_gets_somebody_owes_the_next_step_by_a_day_or_a_reason_ends_it(
    pathway: Pathway, entry: str, clinical: bool
) -> None:
    def refuses(person: str, scope: Scope, day: date) -> Decision:
        return Decision.NOT_ASKED

    reached = list(walks(pathway, entry, clinical))
    for here in reached:
        (line,) = lines_of(pathway, [here], here.since.date(), refuses)
        owed = bool(
            line.owner and line.action and line.due and line.due >= line.since and here.state.outcomes
        )
        assert owed != bool(line.final), here.state.name
        assert not here.state.shows or here.visible, here.state.name
    assert any(here.state.final for here in reached)


@pytest.mark.parametrize(("pathway", "entry", "clinical"), CASES)
def test_every_open_state_can_still_come_to_an_end(pathway: Pathway, entry: str, clinical: bool) -> None:
    for here in walks(pathway, entry, clinical):
        ahead = pathway.reached_from(here.state.name)
        assert any(pathway.states[name].final for name in ahead), here.state.name


def test_every_state_is_walked_from_some_entry() -> None:
    for pathway in PATHWAYS.values():
        walked = {
            here.state.name
            for entry in pathway.entries
            for clinical in (False, True)
            for here in walks(pathway, entry, clinical)
        }
        assert walked == set(pathway.states)


def without_release(pathway: Pathway) -> Pathway:
    leaky = replace(pathway.states["confirmation"], releases=frozenset())
    return replace(pathway, states={**pathway.states, "confirmation": leaky})


def test_a_policy_that_tells_before_confirmation_is_refused() -> None:
    pathway = PATHWAYS["disclosure"]
    assert flaws(pathway) == ()
    assert "primary-care tells of a finding that no clinical laboratory has seen (entry found)" in flaws(
        without_release(pathway)
    )


def test_a_policy_with_a_dead_end_is_refused_with_everything_wrong_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "disclosure"
    folder.mkdir()
    head = "\n".join(
        f'{name} = "x"' for name in ("name", "title", "owner", "licence", "source", "review_state")
    )
    (folder / "own.toml").write_text(
        f"""{head}
kind = "disclosure"
retrieved = 2026-01-01
review_due = 2027-01-01
evidence_level = "local policy"
approval = {{ state = "awaiting", role = "x" }}
pathway = "disclosure"
[entries]
found = "a"
[[state]]
name = "a"
owner = "somebody"
outcomes = {{ again = "a" }}
[[state]]
name = "b"
final = "done"
"""
    )
    with pytest.raises(PackError) as refused:
        load_pathways(tmp_path)
    assert [problem.reason for problem in refused.value.problems] == [
        "a needs an owner, an action and a time in which to act",
        "a never comes to an end",
        "no outcome leads out of a",
        "b is never reached",
    ]
