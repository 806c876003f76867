"""Rules beyond their budget: counted beside the pages, never while somebody waits for a card."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from bedside.knowledge.alert_policy import BudgetPolicy
from bedside.knowledge.tiers import Urgency
from bedside.learn.alert_log import AlertLog
from bedside.service.alert_readings import alert_log, policy_of
from bedside.service.house import House
from bedside.store.sql_ledger import SqlLedger

_SPENT: WeakKeyDictionary[SqlLedger, tuple[str, ...]] = WeakKeyDictionary()


def spent_rules(house: House) -> tuple[str, ...]:
    """The rules that were beyond their budget when last counted; none before the first count."""
    return _SPENT.get(house.ledger, ())


def count_budget(house: House, now: datetime | None = None) -> tuple[str, ...]:
    """Count again: the rules whose warnings are beyond what the policy allows. A critical card counts for
    nobody's budget."""
    found = beyond_budget(alert_log(house), policy_of(house).budget, now or house.clock())
    _SPENT[house.ledger] = found
    return found


def beyond_budget(log: AlertLog, budget: BudgetPolicy, now: datetime) -> tuple[str, ...]:
    """The rules with more warnings per 100 orders than allowed in the days before a moment."""
    since = now - timedelta(days=budget.days)
    orders = sum(at >= since for at in log.orders)
    if orders < budget.least_orders:
        return ()
    warned = Counter(
        one.rule
        for one in log.firings
        if one.interruptive and one.at >= since and one.urgency is Urgency.WARNING
    )
    most = budget.per_rule_per_100_orders * orders / 100
    return tuple(sorted(rule for rule, count in warned.items() if count > most))
