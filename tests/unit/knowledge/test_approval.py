"""What rests on what, and who stands for it: content that does not say is refused, and so is an approval that
cannot have been given.
"""

from __future__ import annotations

from datetime import date

import pytest

from bedside.errors import PackError, Problem
from bedside.knowledge.approval import Approved, Awaiting, EvidenceLevel
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.source import parse_source

TODAY = date(2026, 11, 26)
HEADER = """
kind = "tiers"
name = "own"
title = "t"
owner = "o"
licence = "l"
source = "s"
retrieved = 2026-11-20
review_due = 2027-05-20
review_state = "r"
"""
LEVEL = 'evidence_level = "local policy"\n'
AWAITING = 'approval = { state = "awaiting", role = "pharmacist" }\n'


def parsed(*lines: str):
    return parse_rule_file("own.toml", (HEADER + "".join(lines)).encode(), "tiers", today=TODAY).provenance


def approved(**said: str) -> str:
    fields = {"state": '"approved"', "role": '"pharmacist"', "name": '"R. Vogel"', "on": "2026-11-25"} | said
    return "approval = { " + ", ".join(f"{key} = {value}" for key, value in fields.items() if value) + " }\n"


def test_awaiting_names_the_role_that_is_asked() -> None:
    header = parsed(LEVEL, AWAITING)
    assert (header.evidence_level, header.approval) == (EvidenceLevel.LOCAL_POLICY, Awaiting("pharmacist"))
    assert str(header.approval) == "awaiting pharmacist"


def test_an_approval_names_role_person_and_day() -> None:
    approval = parsed(LEVEL, approved()).approval
    assert approval == Approved("pharmacist", "R. Vogel", date(2026, 11, 25))
    assert str(approval) == "approved by R. Vogel (pharmacist) on 2026-11-25"


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-26"])
def test_the_day_of_retrieval_and_today_are_early_and_late_enough(day: str) -> None:
    assert isinstance(parsed(LEVEL, approved(on=day)).approval, Approved)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((AWAITING,), "evidence_level is missing"),
        (('evidence_level = "strong"\n', AWAITING), "'strong' is no evidence level"),
        ((LEVEL,), "approval is missing"),
        ((LEVEL, 'approval = "yes"\n'), "approval says neither awaiting nor approved"),
        (
            (LEVEL, 'approval = { state = "done", role = "x" }\n'),
            "approval says neither awaiting nor approved",
        ),
        ((LEVEL, 'approval = { state = "awaiting" }\n'), "approval names no role"),
        (
            (LEVEL, 'approval = { state = "awaiting", role = "x", name = "R. Vogel" }\n'),
            "approval awaits and names who gave it",
        ),
        ((LEVEL, approved(role='" "')), "approval names no role"),
        ((LEVEL, approved(name="")), "approval names nobody who gave it"),
        ((LEVEL, approved(on="")), "approval does not say on which day"),
        ((LEVEL, approved(on='"2026-11-25"')), "approval does not say on which day"),
        ((LEVEL, approved(on="2026-11-25T10:00:00Z")), "approval does not say on which day"),
        (
            (LEVEL, approved(on="2026-11-27")),
            "approval is dated 2026-11-27, which is after today (2026-11-26)",
        ),
        (
            (LEVEL, approved(on="2026-11-19")),
            "approval of 2026-11-19 is older than the content, retrieved 2026-11-20",
        ),
    ],
)
def test_content_that_does_not_say_is_refused_with_a_reason(lines: tuple[str, ...], reason: str) -> None:
    with pytest.raises(PackError) as caught:
        parsed(*lines)
    assert [problem.reason for problem in caught.value.problems] == [reason]


def test_every_fault_of_a_header_is_told_at_once() -> None:
    with pytest.raises(PackError) as caught:
        parsed(approved(role='""', name="", on="2027-01-01"))
    assert [problem.reason for problem in caught.value.problems] == [
        "evidence_level is missing",
        "approval names no role",
        "approval names nobody who gave it",
        "approval is dated 2027-01-01, which is after today (2026-11-26)",
    ]


CPIC = (DATA / "sources" / "cpic" / "2025-11-05" / "source.toml").read_text(encoding="utf-8")
SHIPPED = 'approval = { state = "awaiting", role = "pharmacist" }'


def problems_of(text: str) -> list[str]:
    problems: list[Problem] = []
    assert parse_source("source.toml", text.encode(), problems, TODAY) is None
    return [problem.reason for problem in problems]


def test_a_release_says_the_same_two_things() -> None:
    source = parse_source("source.toml", CPIC.encode(), [], TODAY)
    assert source is not None
    assert (source.evidence_level, source.approval) == (EvidenceLevel.GUIDELINE, Awaiting("pharmacist"))
    assert problems_of(CPIC.replace(SHIPPED, "")) == ["approval is missing"]
    assert problems_of(CPIC.replace('evidence_level = "guideline"', "")) == ["evidence_level is missing"]
    early = approved(on="2025-11-04").strip()
    assert problems_of(CPIC.replace(SHIPPED, early)) == [
        "approval of 2025-11-04 is older than the content, retrieved 2025-11-05"
    ]


def test_a_release_known_to_the_month_counts_from_its_first_day() -> None:
    text = CPIC.replace('retrieved = "2025-11-05"', 'retrieved = "2025-11"', 1)
    assert problems_of(text.replace(SHIPPED, approved(on="2025-10-31").strip())) == [
        "approval of 2025-10-31 is older than the content, retrieved 2025-11-01"
    ]
    first = text.replace(SHIPPED, approved(on="2025-11-01").strip())
    source = parse_source("source.toml", first.encode(), [], TODAY)
    assert source is not None
    assert source.approval == Approved("pharmacist", "R. Vogel", date(2025, 11, 1))
