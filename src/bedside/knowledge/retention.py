"""How long what lies beside the record is kept, and what is held back from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "retention"


class Kind(Enum):
    """What can lie beside the record: bulk exports, backups, documents that no event names, files half
    written."""

    EXPORTS = "exports"
    BACKUPS = "backups"
    ORPHANS = "orphans"
    TEMPORARY = "temporary"


class Verdict(Enum):
    """What the policy says of one thing. Of unknown age nothing is due."""

    DUE = "due"
    KEPT = "kept"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rule:
    """After how many days a kind of thing goes, how many of the newest stay in any case, and why."""

    what: Kind
    days: int
    why: str
    least: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """What is kept whatever its age. until: the last day, None for no end."""

    what: Kind
    name: str
    why: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """After how long without a backup, without a kept checkpoint, or with one key, somebody is to look."""

    backup_hours: int
    checkpoint_hours: int
    key_days: int


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """The whole pack, with its examples as written. least_released: the smallest group of people that may be
    told apart in data that leaves the house."""

    provenance: Provenance
    watch: Watch
    least_released: int
    rules: Mapping[Kind, Rule]
    holds: tuple[Hold, ...]
    examples: tuple[Mapping[str, Any], ...]

    def verdict(
        self, what: Kind, name: str, age_days: int | None, newer: int, today: date
    ) -> tuple[Verdict, str]:
        """What the policy says, and why. newer: how many of the same kind are younger."""
        for hold in self.holds:
            running = hold.until is None or today <= hold.until
            if hold.what is what and running and fnmatchcase(name, hold.name):
                return Verdict.HELD, hold.why
        if age_days is None:
            return Verdict.UNKNOWN, "nobody can tell how old it is; look at it"
        rule = self.rules[what]
        if age_days < rule.days:
            return Verdict.KEPT, f"goes in {rule.days - age_days} days"
        if newer < rule.least:
            return Verdict.KEPT, f"one of the newest {rule.least}"
        return Verdict.DUE, rule.why


def load_retention(root: Path | None = None) -> RetentionPolicy:
    """The policy in force; a site's own replaces the shipped one. Raises `PackError`."""
    *_, chosen = rule_files(KIND, root)
    return read_retention(chosen)


def read_retention(file: RuleFile) -> RetentionPolicy:
    """The policy in a rule file; refused when a rule, a hold or an example does not fit."""
    try:
        rules = {Kind(one["what"]): _rule(one) for one in file.document.get("rule", ())}
        holds = tuple(_hold(one) for one in file.document.get("hold", ()))
        least_released = int(file.document["released"]["least"])
        watch = Watch(**{name: int(value) for name, value in file.document["watch"].items()})
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"a rule or hold is missing something or wrong: {error}") from error
    missing = [one.value for one in Kind if one not in rules]
    if missing:
        raise file.fail(f"no rule for {', '.join(missing)}")
    examples = tuple(file.document.get("example", ()))
    policy = RetentionPolicy(file.provenance, watch, least_released, rules, holds, examples)
    if {one.get("expect") for one in examples} < {"due", "kept", "held", "unknown"}:
        raise file.fail("examples are needed of due, kept, held and unknown")
    for number, example in enumerate(examples, 1):
        if not holds_true(policy, example):
            raise file.fail(f"example {number} ({example.get('says', '')}) comes out otherwise")
    return policy


def holds_true(policy: RetentionPolicy, example: Mapping[str, Any]) -> bool:
    """Whether an example comes out as it says."""
    what = Kind(example["what"])
    if "hold" in example:
        hold = Hold(what, str(example["hold"]), "an example", example.get("hold_until"))
        policy = replace(policy, holds=(hold,))
    else:
        policy = replace(policy, holds=())
    name, newer = str(example["name"]), int(example["newer"])
    found, _ = policy.verdict(what, name, example.get("age_days"), newer, policy.provenance.retrieved)
    return bool(found.value == example["expect"])


def _rule(entry: Mapping[str, Any]) -> Rule:
    days, least = int(entry["days"]), int(entry.get("least", 0))
    if days < 1 or least < 0:
        raise ValueError("days is 1 or more, least 0 or more")
    return Rule(Kind(entry["what"]), days, str(entry["why"]), least)


def _hold(entry: Mapping[str, Any]) -> Hold:
    until = entry.get("until")
    if until is not None and not isinstance(until, date):
        raise ValueError("until is a date")
    return Hold(Kind(entry["what"]), str(entry["name"]), str(entry["why"]), until)
