"""Whatever is suggested and decided, in whatever order: no unconfirmed feature ranks, is told or is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from hypothesis import given
from hypothesis import strategies as st

from bedside.exchange.phenopacket_out import phenopacket
from bedside.genome.case import FeatureStatus
from bedside.genome.event import Event, EventKind
from bedside.genome.features import Decision, case_of, standings
from bedside.genome.person import Person
from bedside.intake.phenopacket_in import read_case
from bedside.knowledge.hpo import Hpo, Term

NOON = datetime(2026, 2, 26, 12, tzinfo=UTC)
TERMS = ("HP:0000001", "HP:0000002", "HP:0000003")
HPO = Hpo("2025-01-16", {one: Term(one, one, (), (), ()) for one in TERMS}, {})
STATUS = {Decision.CONFIRMED: FeatureStatus.OBSERVED, Decision.EXCLUDED: FeatureStatus.EXCLUDED}


def event(number: int, kind: EventKind, actor: str, **payload: str) -> Event:
    at = NOON + timedelta(minutes=number)
    return Event(number, kind, actor, at, at, "p", {"hpo": "2025-01-16", **payload}, None, "")


SUGGESTED = st.tuples(
    st.sampled_from(TERMS), st.sampled_from(FeatureStatus), st.just(None), st.just("machine")
)
DECIDED = st.tuples(
    st.sampled_from(TERMS),
    st.just(None),
    st.sampled_from(Decision),
    st.sampled_from(("dr-lee", "dr-ona", " ")),
)


def events(said: list[tuple[str, FeatureStatus | None, Decision | None, str]]) -> list[Event]:
    made = []
    for number, (term, status, decision, actor) in enumerate(said):
        if status is not None:
            more = {"status": status.value, "source": "a note"}
            made.append(event(number, EventKind.FEATURE_SUGGESTED, actor, term=term, **more))
        elif decision is not None:
            made.append(event(number, EventKind.FEATURE_DECIDED, actor, term=term, decision=decision.value))
    return made


@given(st.lists(st.one_of(SUGGESTED, DECIDED), max_size=25))
def test_only_what_a_named_person_last_confirmed_counts(said: list) -> None:
    last = {term: (decision, actor) for term, _, decision, actor in said if decision is not None}
    wanted = {
        term: STATUS[decision]
        for term, (decision, actor) in last.items()
        if decision in STATUS and actor.strip()
    }
    case = case_of(Person("p"), standings(events(said)))
    assert set(case.observed) == {term for term, one in wanted.items() if one is FeatureStatus.OBSERVED}
    assert set(case.excluded) == {term for term, one in wanted.items() if one is FeatureStatus.EXCLUDED}
    packet = orjson.dumps(phenopacket(Person("p"), (), (), NOON, case, "2025-01-16"))
    back = read_case(packet, HPO, source="x", confirmed=True)
    assert (set(back.observed), set(back.excluded)) == (set(case.observed), set(case.excluded))
    assert b"a note" not in packet


@given(st.lists(st.one_of(SUGGESTED, DECIDED), max_size=25), st.integers(0, 25))
def test_what_was_known_then_is_told_as_it_was_then(said: list, until: int) -> None:
    written = events(said)
    then = NOON + timedelta(minutes=until)
    assert standings(written, then) == standings([one for one in written if one.known_at <= then])


def test_nothing_but_the_features_module_makes_a_case_of_a_record() -> None:
    """What ranks, letters and exports ask one function, which is the pure fold above."""
    sources = Path(__file__).resolve().parents[2] / "src" / "bedside"
    readers = [
        path.relative_to(sources).as_posix()
        for path in sources.rglob("*.py")
        if "FEATURE_SUGGESTED" in path.read_text()
    ]
    assert sorted(readers) == [
        "genome/event.py",
        "genome/features.py",
        "service/features.py",
        "store/projections.py",
    ]
