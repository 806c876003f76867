"""How far the programme is: each indicator worked out from the record, answered by a named person, or not
known. What is not known is no level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bedside.errors import InputError, Problem
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.knowledge.maturity import How, Indicator, Maturity, load_maturity
from bedside.learn.shares import Share
from bedside.service.house import House
from bedside.service.programme_facts import Facts, fact_or_why


@dataclass(frozen=True, slots=True)
class Assessed:
    """An indicator at a moment. level: None for not known, and then why_not says why. span: the levels that
    its interval reaches. told: the figure or answer. by: who said it; "" for the record itself."""

    indicator: Indicator
    level: int | None
    span: tuple[int, int] | None
    told: str
    by: str
    at: datetime | None
    evidence: str
    address: str
    why_not: str
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain. level: the lower middle one of its known levels, where more are known than not."""

    name: str
    title: str
    indicators: tuple[Assessed, ...]

    @property
    def known(self) -> int:
        """How many of its indicators are known."""
        return sum(one.level is not None for one in self.indicators)

    @property
    def level(self) -> int | None:
        """Its level; None where at most half is known."""
        levels = sorted(one.level for one in self.indicators if one.level is not None)
        return levels[(len(levels) - 1) // 2] if 2 * len(levels) > len(self.indicators) else None


def assess(house: House, at: datetime, *, as_known_then: bool = True) -> tuple[Maturity, tuple[Domain, ...]]:
    """Every domain at a moment."""
    pack = load_maturity(house.settings.knowledge_folder)
    facts = Facts(house, at, as_known_then=as_known_then)
    said: dict[str, list[Event]] = {}
    for event in house.ledger.events(kinds=(EventKind.ASSESSMENT_RECORDED,)):
        if event.valid_at <= at:
            said.setdefault(str(event.payload["indicator"]), []).append(event)
    found = {name: _assessed(one, pack, facts, said.get(name, [])) for name, one in pack.indicators.items()}
    return pack, tuple(
        Domain(name, title, tuple(one for one in found.values() if one.indicator.domain == name))
        for name, title in pack.domains.items()
    )


def _assessed(one: Indicator, pack: Maturity, facts: Facts, said: Sequence[Event]) -> Assessed:
    before = _before(said, facts.at)
    if one.how is How.DERIVED:
        fact = fact_or_why(facts, one.fact)
        why = fact.why_not or ("there is no number" if fact.value is None else "")
        if not why and fact.n is not None and fact.n < one.least:
            why = f"{fact.n} are too few; from {one.least} on it is judged"
        if why or fact.value is None:
            return Assessed(one, None, None, fact.told, "", None, fact.definition, fact.address, why, before)
        ends = [one.level(end) for end in (fact.low, fact.high) if end is not None]
        span = (min(ends), max(ends)) if len(ends) == 2 else None
        level = one.level(fact.value)
        return Assessed(one, level, span, fact.told, "", facts.at, fact.definition, fact.address, "", before)
    last = said[-1] if said else None
    if last is None:
        return Assessed(one, None, None, "", "", None, "", "", "nobody has answered it", before)
    old = last.valid_at < facts.at - timedelta(days=pack.valid_days)
    why = f"answered on {last.valid_at.date()}, more than {pack.valid_days} days ago" if old else ""
    payload = last.payload
    span = tuple(payload["span"]) if payload.get("span") else None
    return Assessed(
        one, None if old else int(payload["level"]), None if span is None else (span[0], span[1]),
        str(payload.get("told", "")), str(payload.get("who", "")), last.valid_at,
        str(payload.get("evidence", "")), "", why, before,
    )  # fmt: skip


def _before(said: Sequence[Event], at: datetime) -> int | None:
    """The level written down last, at least four weeks ago."""
    earlier = [one for one in said if one.valid_at <= at - timedelta(days=28)]
    return int(earlier[-1].payload["level"]) if earlier else None


def attest(
    house: House,
    name: str,
    who: str,
    role: str,
    evidence: str,
    *,
    level: int | None = None,
    survey: tuple[int, int] | None = None,
    actor: str,
) -> int:
    """A named person's answer to an indicator; returns the level. survey: how many said yes, of how many.
    Raises InputError with every reason against it."""
    pack = load_maturity(house.settings.knowledge_folder)
    one = pack.indicators.get(name)
    if one is None:
        raise InputError.one(name, "is no indicator", remedy=f"one of: {', '.join(pack.indicators)}")
    problems = [
        Problem(name, f"says no {what}")
        for what, text in (("who", who), ("role", role), ("evidence", evidence))
        if not text.strip()
    ]
    told, span = "", None
    if one.how is How.DERIVED:
        problems.append(Problem(name, "is worked out from the record and cannot be answered by hand"))
    elif one.how is How.SURVEY:
        if survey is None or not 0 <= survey[0] <= survey[1] or survey[1] < max(1, one.least):
            reason = f"needs how many said yes of how many, of at least {max(1, one.least)} asked"
            problems.append(Problem(name, reason))
        else:
            share = Share(*survey)
            ends = share.interval
            level = one.level(survey[0] / survey[1])
            told = f"{share.count} of {share.of}"
            if ends is not None:
                told += f" (95 % interval {100 * ends[0]:.0f} to {100 * ends[1]:.0f} %)"
                span = sorted((one.level(ends[0]), one.level(ends[1])))
    elif level is None or not 1 <= level <= len(pack.levels):
        problems.append(Problem(name, "needs a level from 1 to 5"))
    else:
        told = one.says[level - 1]
    if problems or level is None:
        raise InputError(problems)
    payload = {
        "indicator": name, "level": level, "told": told, "who": who, "role": role, "evidence": evidence,
        "how": one.how.value, "span": span, "pack": pack.provenance.sha256,
    }  # fmt: skip
    house.ledger.append([NewEvent(EventKind.ASSESSMENT_RECORDED, actor, house.clock(), payload=payload)])
    return level


def record(house: House, at: datetime, actor: str) -> int:
    """Write every derived level down as it is now, so that there is a before; returns how many. What is not
    known is not written."""
    pack, domains = assess(house, at)
    derived = [
        one
        for domain in domains
        for one in domain.indicators
        if one.indicator.how is How.DERIVED and one.level is not None
    ]
    events = [NewEvent(EventKind.ASSESSMENT_RECORDED, actor, at, payload=_said(one, pack)) for one in derived]
    if events:
        house.ledger.append(events)
    return len(events)


def _said(one: Assessed, pack: Maturity) -> dict[str, Any]:
    """A derived level as it is written down."""
    return {
        "indicator": one.indicator.name, "level": one.level, "told": one.told, "who": "",
        "evidence": one.evidence, "how": one.indicator.how.value, "span": one.span,
        "pack": pack.provenance.sha256,
    }  # fmt: skip


COLUMNS = ("domain", "indicator", "level", "lowest", "highest", "told", "how", "by", "at", "evidence",
           "why_not", "before")  # fmt: skip


def rows(domains: Sequence[Domain]) -> list[Mapping[str, Any]]:
    """A line for each indicator, in the order of COLUMNS."""
    return [
        {
            "domain": domain.name, "indicator": one.indicator.name, "level": one.level,
            "lowest": None if one.span is None else one.span[0],
            "highest": None if one.span is None else one.span[1], "told": one.told,
            "how": one.indicator.how.value, "by": one.by,
            "at": None if one.at is None else one.at.isoformat(), "evidence": one.evidence,
            "why_not": one.why_not, "before": one.before,
        }
        for domain in domains
        for one in domain.indicators
    ]  # fmt: skip
