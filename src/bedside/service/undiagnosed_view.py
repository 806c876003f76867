"""The last round of the worklist as it stands now, for whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bedside.genome.chart_codes import LeftOut
from bedside.genome.event import Event, EventKind
from bedside.knowledge.phenotype_risk import NotNow, RiskPolicy, load_risk_policy
from bedside.learn.recall_gap import GroupRecall
from bedside.learn.shares import Share
from bedside.learn.suspicion_outcomes import Band, calibration
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds
from bedside.service.undiagnosed_decide import outcomes, rounds, table_of
from bedside.service.undiagnosed_record import decisions, standing_of


@dataclass(frozen=True, slots=True)
class LineView:
    """One person. reasons: what, how many people have it, the first day or "". decided: the last decision
    since the round, its reason, by whom, when; standing: why nobody is asked to decide any more."""

    record_id: str
    name: str
    rank: int
    surprise: float
    disease: str
    disease_name: str
    features: int
    of: int
    reasons: tuple[tuple[str, int, date | None], ...]
    decided: tuple[str, str, str, date] | None
    standing: LeftOut | None


@dataclass(frozen=True, slots=True)
class RoundView:
    """The round: None of it when none was made. hidden: lines of people that the asker may not open."""

    table: Mapping[str, Any] | None
    made: Event | None
    lines: tuple[LineView, ...]
    hidden: int
    groups: tuple[GroupRecall, ...]
    recall: Share | None
    unread: tuple[tuple[str, int, int, int], ...]
    bands: tuple[Band, ...]
    reasons: tuple[NotNow, ...]
    policy: RiskPolicy

    @property
    def waiting(self) -> int:
        """How many lines nobody has decided on."""
        return sum(1 for line in self.lines if line.decided is None and line.standing is None)


def last_round(house: House, ids: RecordIds | None, only: frozenset[str] | None) -> RoundView:
    """The last round; only: the people the asker may open. Counts about everybody are then left out."""
    policy = load_risk_policy(house.settings.knowledge_folder)
    reasons, held = tuple(policy.not_now.values()), rounds(house)
    if not held or ids is None:
        return RoundView(None, None, (), 0, (), None, (), (), reasons, policy)
    made = held[-1]
    table = table_of(house, made.payload["table"])
    standing = standing_of(house, policy, house.clock().date())
    said = {
        person: event
        for person, event in decisions(house.ledger.events(kinds=(EventKind.UNDIAGNOSED_DECIDED,))).items()
        if event.payload["table"] == made.payload["table"]
    }
    mine = [line for line in table["lines"] if only is None or line["person"] in only]
    lines = tuple(
        _line(house, ids, line, policy, said.get(line["person"]), standing.get(line["person"]))
        for line in mine
    )
    whole = only is None
    unread = table["unread"]
    return RoundView(
        table,
        made,
        lines,
        len(table["lines"]) - len(lines),
        tuple(
            GroupRecall(
                kind, group, None if share is None else Share(*share), None if gap is None else tuple(gap)
            )
            for kind, group, share, gap in table["groups"]
        )
        if whole
        else (),
        Share(*table["recall"]) if whole and table["recall"] else None,
        tuple(
            (system, looked, unread["distinct"].get(system, 0), unread["entries"].get(system, 0))
            for system, looked in unread["looked_up"].items()
        ),
        calibration(outcomes(house)) if whole else (),
        reasons,
        policy,
    )


def _line(
    house: House,
    ids: RecordIds,
    line: Mapping[str, Any],
    policy: RiskPolicy,
    decided: Event | None,
    standing: LeftOut | None,
) -> LineView:
    person = house.ledger.person(line["person"])
    reasons = tuple(
        (str(name), int(people), None if first is None else date.fromisoformat(first))
        for _, name, people, first in line["reasons"]
    )
    said = None
    if decided is not None:
        reason = policy.not_now.get(str(decided.payload["reason"]))
        told = "" if reason is None else reason.title
        said = (str(decided.payload["decision"]), told, decided.actor, decided.valid_at.date())
    return LineView(
        ids.of(line["person"]),
        (name_of(person) if person is not None else "") or str(line["person"]),
        int(line["rank"]),
        float(line["surprise"]),
        str(line["disease"]),
        str(line["disease_name"]),
        int(line["features"]),
        int(line["of"]),
        reasons,
        said,
        standing,
    )
