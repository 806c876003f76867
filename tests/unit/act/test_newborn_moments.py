"""A genome stored at birth is asked again at its moments of life, on the birthday and not a day before."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bedside.act.newborn_moments import Childhood, due_on
from bedside.genome.consent import Decision, Scope
from bedside.knowledge.moments import load_moments

MOMENTS = load_moments()
BORN = date(2020, 2, 29)


def given(person: str, scope: Scope, day: date) -> Decision:
    return Decision.GIVEN


def lapsed(person: str, scope: Scope, day: date) -> Decision:
    return Decision.NOT_ASKED


def child(**looked: datetime) -> Childhood:
    return Childhood("kim", BORN, {name.replace("_", "-"): when for name, when in looked.items()}, {})


def due(day: date, one: Childhood) -> list[str]:
    return [look.moment for look in due_on(one, day, MOMENTS, 18, given)]


LOOKED = datetime(2020, 4, 1, tzinfo=UTC)
YOUNG = child(newborn_list=LOOKED, childhood_list=LOOKED)
GROWN = child(newborn_list=LOOKED, childhood_list=LOOKED, cholesterol=LOOKED)


@pytest.mark.parametrize(
    ("day", "one", "expected"),
    [
        (date(2020, 2, 28), child(), []),
        (date(2020, 2, 29), child(), ["newborn-list"]),
        (date(2020, 3, 28), child(), ["newborn-list"]),
        (date(2020, 3, 29), child(), ["newborn-list", "childhood-list"]),
        (date(2022, 2, 28), YOUNG, []),
        (date(2022, 3, 1), YOUNG, ["cholesterol"]),
        (date(2038, 2, 28), GROWN, []),
        (date(2038, 3, 1), GROWN, ["majority"]),
    ],
)
def test_a_look_is_due_from_its_day_and_not_before(day: date, one: Childhood, expected: list[str]) -> None:
    assert due(day, one) == expected


def test_a_look_that_was_missed_stays_due_and_is_said_to_be_late() -> None:
    on_time, late = (
        due_on(YOUNG, day, MOMENTS, 18, given)[0] for day in (date(2030, 2, 28), date(2030, 3, 1))
    )
    assert [(look.moment, look.late, look.due) for look in (on_time, late)] == [
        ("cholesterol", False, date(2022, 5, 30)),
        ("cholesterol", True, date(2022, 5, 30)),
    ]


def test_at_majority_the_adult_list_waits_for_the_persons_own_consent() -> None:
    (look,) = due_on(GROWN, date(2038, 3, 1), MOMENTS, 18, lapsed)
    assert (look.moment, look.waits_for, look.panel) == ("majority", "own-consent-not-given", "adult")


def test_of_a_child_whose_birth_date_is_not_known_every_moment_waits_for_it() -> None:
    unknown = due_on(Childhood("kim", None, {}, {}), date(2038, 3, 1), MOMENTS, 18, given)
    assert {(look.moment, look.waits_for) for look in unknown} == {
        (name, "age-unknown") for name, moment in MOMENTS.by_name.items() if not moment.event
    }


def test_an_anaesthesia_calls_for_a_look_before_it_and_the_next_one_for_another() -> None:
    first = (datetime(2025, 1, 2, tzinfo=UTC), date(2025, 1, 20))
    second = (datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 9))
    looked = {**GROWN.looked, "anaesthesia": datetime(2025, 1, 10, tzinfo=UTC)}

    def dues(plans: tuple[tuple[datetime, date], ...], seen: dict[str, datetime]) -> list[tuple[str, object]]:
        one = Childhood("kim", BORN, seen, {"anaesthesia-planned": plans})
        return [(look.moment, look.due) for look in due_on(one, date(2026, 1, 3), MOMENTS, 18, given)]

    assert dues((first,), dict(GROWN.looked)) == [("anaesthesia", date(2025, 1, 20))]
    assert dues((first,), looked) == []
    assert dues((first, second), looked) == [("anaesthesia", date(2026, 1, 9))]
