"""What the record says of alerts, kept in memory: only what was written since is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from bedside.genome.code import Code, System
from bedside.knowledge.alert_policy import AlertPolicy, load_alert_policy
from bedside.knowledge.ruleset import Ruleset
from bedside.learn.alert_log import LOG_KINDS, AlertLog, AlertReading, Named
from bedside.learn.alert_rates import AlertReview, review
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.store.sql_ledger import SqlLedger


@dataclass(slots=True)
class _Kept:
    """A ledger's alerts as far as they were read."""

    reading: AlertReading
    after: int = 0


_KEPT: WeakKeyDictionary[SqlLedger, _Kept] = WeakKeyDictionary()
_LOCK = Lock()


def alert_log(house: House) -> AlertLog:
    """The log of alerts as of the last event written."""
    with _LOCK:
        kept = _KEPT.get(house.ledger)
        if kept is None:
            kept = _KEPT[house.ledger] = _Kept(AlertReading(_named(rules_of(house).ruleset)))
        try:
            for event in house.ledger.events(kinds=LOG_KINDS, after=kept.after):
                kept.reading.take(event)
                kept.after = event.sequence
        except BaseException:
            del _KEPT[house.ledger]  # some of it was taken and some was not: begin again
            raise
        return kept.reading.log()


def alert_review(house: House) -> AlertReview:
    """Every rule as it stands now."""
    return review(alert_log(house), policy_of(house).watch, house.clock())


def policy_of(house: House) -> AlertPolicy:
    """The site's policy of alerts; raises PackError."""
    return load_alert_policy(house.settings.knowledge_folder)


def _named(rules: Ruleset) -> Named:
    """The drugs a recorded medicine names, by the drug map; none where it is not in the map."""
    systems = {system.value: system for system in System}

    def named(payload: Mapping[str, Any]) -> frozenset[str]:
        system = systems.get(str(payload["system"]))
        if system is None:
            return frozenset()
        display = str(payload.get("display", ""))
        found = rules.drugs.find((Code(system, str(payload["code"]), display),), display)
        return frozenset(drug.name for drug in found)

    return named
