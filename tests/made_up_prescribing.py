"""A simulated stream of prescribing: orders with a known truth, cards through the real restraint.

Every rule has a share of firings on which a change is truly right, by role; a clinician changes the order
nearly always when it is, and nearly never when it is not. Two rules are of the top tier. One rule is bad.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from bedside.decide.card import Plan
from bedside.decide.moment import Draft, Moment
from bedside.decide.recommendation import Silence, SilenceReason, Urgency
from bedside.decide.restraint import Circumstances, restrain
from bedside.knowledge.alert_policy import AlertPolicy, Quieter, SiteOverride
from bedside.knowledge.hook import Hook
from bedside.knowledge.pgx import Drug
from bedside.learn.alert_log import AlertLog, Drafted, Feedback, Firing, QuietOne
from bedside.service.alert_budget import beyond_budget

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
ROLES, SITES = ("prescriber", "resident", "pharmacist"), ("North", "South", "East")
BAD, BORDER = "bad", "border"
CHANGES_WHEN_RIGHT, CHANGES_WHEN_WRONG = 0.92, 0.04
FEEDBACK, SEEN = 0.6, 0.8
"""How often a clinician answers a card, and how often the later order is seen at all."""


@dataclass(frozen=True, slots=True)
class SimulatedRule:
    """fires: share of all orders. right: share of firings on which a change is right, by role."""

    name: str
    urgency: Urgency
    fires: float
    right: Mapping[str, float]


def everywhere(share: float) -> dict[str, float]:
    """The same share for each role."""
    return dict.fromkeys(ROLES, share)


AT_THE_BORDER = (0.5 - CHANGES_WHEN_WRONG) / (CHANGES_WHEN_RIGHT - CHANGES_WHEN_WRONG)
BY_ROLE = {"prescriber": 0.9, "resident": 0.6, "pharmacist": 0.9}
RULES = (
    SimulatedRule("top-1", Urgency.CRITICAL, 0.004, everywhere(0.97)),
    SimulatedRule("top-2", Urgency.CRITICAL, 0.002, everywhere(0.15)),
    *(SimulatedRule(f"good-{n}", Urgency.WARNING, 0.006, everywhere(0.70 + 0.03 * n)) for n in range(8)),
    SimulatedRule("good-for-most", Urgency.WARNING, 0.006, BY_ROLE),
    SimulatedRule(BORDER, Urgency.WARNING, 0.006, everywhere(AT_THE_BORDER)),
    SimulatedRule(BAD, Urgency.WARNING, 0.05, everywhere(0.05)),
)
"""Thirteen rules; top-2 is a top-tier rule that is heeded seldom, and must be shown all the same. The border
rule is heeded exactly as often as the policy asks for."""


@dataclass(slots=True)
class Stream:
    """What came of a stream. fired: cards that the rules asked for, by rule; critical_missed: critical cards
    that were not shown."""

    orders: int
    log: AlertLog
    fired: Counter[str] = field(default_factory=Counter)
    critical_missed: int = 0

    @property
    def interruptive_per_100(self) -> float:
        """Interruptive cards that were shown."""
        return 100 * sum(one.interruptive for one in self.log.firings) / self.orders

    @property
    def asked_per_100(self) -> float:
        """Interruptive cards that the rules asked for."""
        return 100 * sum(self.fired.values()) / self.orders


def stream(
    policy: AlertPolicy,
    hook: Hook,
    *,
    orders: int,
    seed: int,
    days: int = 182,
    people: int = 8_000,
    quieter: frozenset[str] = frozenset(),
    budgets: bool = True,
) -> Stream:
    """One stream. quieter: rules that a site decided to make passive. budgets: counted once a day."""
    draw = np.random.default_rng(seed)
    shares = np.array([rule.fires for rule in RULES])
    which = draw.choice(len(RULES) + 1, size=orders, p=[*shares, 1 - shares.sum()])
    times = np.sort(draw.uniform(0, days * 86_400, orders))
    every = [START + timedelta(seconds=float(one)) for one in times]
    made = _Made(policy, hook, draw, people, quieter)
    day = 0
    for place in np.flatnonzero(which < len(RULES)):
        if budgets and int(times[place] // 86_400) > day:
            day = int(times[place] // 86_400)
            made.count_budget(every, int(place))
        made.order(int(place), RULES[which[place]], every[place])
    log = AlertLog(
        tuple(made.firings), tuple(made.quiet), tuple(every), {k: tuple(v) for k, v in made.drafted.items()}
    )
    return Stream(orders, log, made.fired, made.missed)


class _Made:
    """The stream as it is made."""

    def __init__(
        self, policy: AlertPolicy, hook: Hook, draw: np.random.Generator, people: int, quieter: frozenset[str]
    ) -> None:
        self.policy, self.hook, self.draw, self.people = policy, hook, draw, people
        due = START.date() + timedelta(days=3650)
        self.overrides = tuple(
            SiteOverride(f"d-{name}", name, "pharmacy", "Eva", START.date(), due, 1, Quieter.PASSIVE)
            for name in sorted(quieter)
        )
        self.firings: list[Firing] = []
        self.quiet: list[QuietOne] = []
        self.drafted: dict[str, list[Drafted]] = {}
        self.fired: Counter[str] = Counter()
        self.missed = 0
        self.spent: tuple[str, ...] = ()
        self.last: dict[tuple[str, str], tuple[datetime, bool, int]] = {}

    def count_budget(self, every: list[datetime], place: int) -> None:
        since = every[place] - timedelta(days=self.policy.budget.days)
        recent = [one for one in self.firings if one.at >= since]
        log = AlertLog(tuple(recent), (), tuple(one for one in every[:place] if one >= since), {})
        self.spent = beyond_budget(log, self.policy.budget, every[place])

    def order(self, number: int, rule: SimulatedRule, at: datetime) -> None:
        draw = self.draw
        person, role = f"p{draw.integers(self.people)}", ROLES[int(draw.choice(3, p=[0.6, 0.3, 0.1]))]
        drug, order = Drug(rule.name, rule.name), f"MedicationRequest/{number}"
        self.fired[rule.name] += 1
        silence = Silence(rule.name, rule.name, SilenceReason.OTHER_PHENOTYPE, genes=(rule.name,))
        plan = Plan(drug, rule.urgency, rule.name, "", silence=silence, draft=Draft(order, (drug,)))
        around = Circumstances(
            self._earlier(person, rule.name, at), overrides=self.overrides, spent=self.spent
        )
        moment = Moment("order-sign", at.date(), drafts=(Draft(order, (drug,)),))
        found = restrain([plan], self.hook, moment, around, self.policy)
        site = SITES[number % len(SITES)]
        for one in found.quieted:
            self.quiet.append(
                QuietOne(number, at, person, person, rule.name, rule.name, order, one.reason.value,
                         one.plan.urgency, one.shown, role, site, override=one.override)
            )  # fmt: skip
        self.missed += rule.urgency is Urgency.CRITICAL and plan not in found.plans
        for shown in found.plans:
            self._answer(number, shown, rule, person, role, site, at)

    def _earlier(self, person: str, rule: str, at: datetime) -> tuple[tuple[str, str], ...]:
        when, answered, times = self.last.get((person, rule), (START - timedelta(days=9), False, 0))
        recent = at - when <= timedelta(hours=self.policy.repeat.hours)
        rests = recent and (answered or times >= self.policy.repeat.unanswered)
        return ((rule, rule),) if rests else ()

    def _answer(
        self, number: int, plan: Plan, rule: SimulatedRule, person: str, role: str, site: str, at: datetime
    ) -> None:
        draw, order = self.draw, f"MedicationRequest/{number}"
        right = draw.random() < rule.right[role]
        changes = draw.random() < (CHANGES_WHEN_RIGHT if right else CHANGES_WHEN_WRONG)
        said = None
        if draw.random() < FEEDBACK:
            reason = "" if changes else "cds-not-applicable"
            said = Feedback("accepted" if changes else "overridden", reason, at + timedelta(seconds=20))
        if draw.random() < SEEN:
            after = frozenset({"another"}) if changes else frozenset({rule.name})
            self.drafted.setdefault(person, []).append(Drafted(at + timedelta(hours=1), order, after, ""))
        _, _, times = self.last.get((person, rule.name), (at, False, 0))
        self.last[person, rule.name] = (at, said is not None, times + 1)
        self.firings.append(
            Firing(f"{number}", number, at, person, person, rule.name, "guidance", rule.name, plan.summary,
                   plan.urgency, "order-sign", order, "", role, site, "rules#1", feedback=said)
        )  # fmt: skip
