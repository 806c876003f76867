"""Per rule, role and site: what was shown, what interrupted, what was kept back, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from bedside.decide.recommendation import SilenceReason
from bedside.knowledge.alert_policy import WatchPolicy
from bedside.knowledge.tiers import Urgency
from bedside.learn.alert_log import AlertLog, Firing, QuietOne
from bedside.learn.follow_through import Followed, followed, heeded
from bedside.learn.override_change import OverrideChange, override_change
from bedside.learn.rule_watch import Watched, watch
from bedside.learn.shares import Share
from bedside.learn.shrinkage import Shrunk, shrink_all

ACCEPTED, OVERRIDDEN = "accepted", "overridden"
ALREADY = SilenceReason.ALREADY_SHOWN.value
NO_REASON = "no reason given"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a rule did for one role at one site, or for everybody. ignored: shown and never answered. seconds:
    the middle time until an answer, None where nobody answered. quiet: cards made passive or kept back, by
    reason. acceptance: of those answered, drawn towards the rule's share."""

    rule: str
    role: str
    site: str
    shown: int
    interruptive: int
    accepted: int
    overridden: int
    ignored: int
    reasons: Mapping[str, int]
    became: Mapping[Followed, int]
    quiet: Mapping[str, int]
    seconds: float | None
    acceptance: Shrunk | None = None

    @property
    def answered(self) -> Share:
        """Accepted, of those somebody answered."""
        return Share(self.accepted, self.accepted + self.overridden)

    @property
    def follow_through(self) -> Share:
        """Orders that changed, of those of which it is known."""
        changed = self.became.get(Followed.CHANGED, 0)
        return Share(changed, changed + self.became.get(Followed.KEPT, 0))


@dataclass(frozen=True, slots=True)
class Cluster:
    """A reason that many overrides of a rule give, from which role ("": all), beside its share elsewhere."""

    reason: str
    role: str
    overrides: Share
    elsewhere: Share


@dataclass(frozen=True, slots=True)
class RuleReview:
    """One rule. top: it has shown a critical card, so nobody may make it quieter. watched: the evidence that
    too few of its cards make a difference; named: whether people should look. changed_at: when its
    overrides changed."""

    rule: str
    kind: str
    drug: str
    summary: str
    urgency: Urgency
    top: bool
    everybody: Cell
    cells: tuple[Cell, ...]
    watched: Watched
    change: OverrideChange | None
    changed_at: datetime | None
    clusters: tuple[Cluster, ...]

    @property
    def named(self) -> bool:
        """Whether people are asked to look at the rule."""
        return self.watched.named_after is not None


@dataclass(frozen=True, slots=True)
class AlertReview:
    """All rules, those to look at first. orders: distinct orders that were asked about. quiet: cards made
    passive or kept back, by reason; saved: items of order sets changed before anybody saw them."""

    now: datetime
    orders: int
    rules: tuple[RuleReview, ...]
    interruptive: int
    quiet: Mapping[str, int]
    saved: Mapping[str, int]

    @property
    def per_100_orders(self) -> float | None:
        """Interruptive cards per 100 orders; None without orders."""
        return 100 * self.interruptive / self.orders if self.orders else None


def review(log: AlertLog, policy: WatchPolicy, now: datetime) -> AlertReview:
    """What the log came to at a moment."""
    became = {one.card: followed(one, log.drafted, policy.follow_hours, now) for one in log.firings}
    by_rule: dict[str, list[Firing]] = {}
    for one in log.firings:
        by_rule.setdefault(one.rule, []).append(one)
    quiet: dict[str, list[QuietOne]] = {}
    for silent in log.quiet:
        quiet.setdefault(silent.rule, []).append(silent)
    cells = {
        rule: _cells(rule, by_rule.get(rule, []), quiet.get(rule, []), became)
        for rule in dict.fromkeys([*by_rule, *quiet])
    }
    drawn = _drawn(cells)
    reasons = _reasons(log.firings)
    rules = [
        _rule(rule, by_rule.get(rule, []), quiet.get(rule, []), drawn[rule], became, policy, reasons)
        for rule in cells
    ]
    rules.sort(key=lambda one: (not one.named, -one.everybody.interruptive, one.rule))
    return AlertReview(
        now,
        len(log.orders),
        tuple(rules),
        sum(one.interruptive for one in log.firings),
        Counter(one.reason for one in log.quiet) + Counter({ALREADY: log.rested}),
        log.saved,
    )


def _cells(
    rule: str, firings: Sequence[Firing], quiet: Sequence[QuietOne], became: Mapping[str, Followed]
) -> list[Cell]:
    """Everybody first, then each role at each site."""
    both: list[Firing | QuietOne] = [*firings, *quiet]
    groups = sorted({(one.role, one.site) for one in both})
    made = [_cell(rule, "", "", firings, quiet, became)]
    for role, site in groups:
        mine = [one for one in firings if (one.role, one.site) == (role, site)]
        held = [one for one in quiet if (one.role, one.site) == (role, site)]
        made.append(_cell(rule, role, site, mine, held, became))
    return made


def _cell(
    rule: str,
    role: str,
    site: str,
    firings: Sequence[Firing],
    quiet: Iterable[QuietOne],
    became: Mapping[str, Followed],
) -> Cell:
    said = [one.feedback for one in firings if one.feedback is not None]
    waits = [
        (one.feedback.at - one.at).total_seconds()
        for one in firings
        if one.feedback is not None and one.feedback.at >= one.at
    ]
    overrides = [one for one in said if one.outcome == OVERRIDDEN]
    return Cell(
        rule,
        role,
        site,
        len(firings),
        sum(one.interruptive for one in firings),
        sum(one.outcome == ACCEPTED for one in said),
        len(overrides),
        len(firings) - len(said),
        Counter(one.reason or NO_REASON for one in overrides),
        Counter(became[one.card] for one in firings),
        Counter(one.reason for one in quiet),
        median(waits) if waits else None,
    )


def _drawn(cells: Mapping[str, Sequence[Cell]]) -> dict[str, list[Cell]]:
    """The cells with their acceptance drawn towards their rule's."""
    small = {
        (rule, place): one.answered
        for rule, several in cells.items()
        for place, one in enumerate(several)
        if place and one.answered.of
    }
    drawn = shrink_all(small, {key: key[0] for key in small}) if small else {}
    whole = {(rule, 0): several[0].answered for rule, several in cells.items() if several[0].answered.of}
    drawn |= shrink_all(whole, dict.fromkeys(whole, "")) if whole else {}
    return {
        rule: [replace(one, acceptance=drawn.get((rule, place))) for place, one in enumerate(several)]
        for rule, several in cells.items()
    }


def _rule(
    rule: str,
    firings: Sequence[Firing],
    quiet: Sequence[QuietOne],
    cells: Sequence[Cell],
    became: Mapping[str, Followed],
    policy: WatchPolicy,
    reasons: Mapping[str, Counter[str]],
) -> RuleReview:
    answers = [
        said for one in firings if one.interruptive and (said := heeded(one, became[one.card])) is not None
    ]
    told = [one for one in firings if one.feedback is not None]
    overridden = [one.feedback is not None and one.feedback.outcome == OVERRIDDEN for one in told]
    change = override_change(overridden, policy.change_odds)
    last = firings[-1] if firings else None
    return RuleReview(
        rule,
        last.kind if last else "",
        last.drug if last else quiet[-1].drug,
        last.summary if last else "",
        last.urgency if last else quiet[-1].before,
        any(one.urgency is Urgency.CRITICAL for one in firings),
        cells[0],
        tuple(cells[1:]),
        watch(answers, policy.least_heeded, policy.false_flags),
        change,
        None if change is None else told[change.place].at,
        tuple(_clusters(rule, firings, policy, reasons)),
    )


def _reasons(firings: Iterable[Firing]) -> dict[str, Counter[str]]:
    """Reasons of overrides by rule."""
    found: dict[str, Counter[str]] = {}
    for one in firings:
        if one.feedback is not None and one.feedback.outcome == OVERRIDDEN:
            found.setdefault(one.rule, Counter())[one.feedback.reason or NO_REASON] += 1
    return found


def _clusters(
    rule: str, firings: Sequence[Firing], policy: WatchPolicy, reasons: Mapping[str, Counter[str]]
) -> Iterable[Cluster]:
    """Reasons that stand out: of everybody (role ""), then of single roles."""
    others = Counter[str]()
    for name, counts in reasons.items():
        if name != rule:
            others.update(counts)
    overrides = [one for one in firings if one.feedback is not None and one.feedback.outcome == OVERRIDDEN]
    for role in ("", *sorted({one.role for one in overrides})):
        mine = Counter(
            (one.feedback.reason or NO_REASON)
            for one in overrides
            if one.feedback is not None and role in ("", one.role)
        )
        total = sum(mine.values())
        for reason, count in mine.most_common():
            here, elsewhere = Share(count, total), Share(others[reason], sum(others.values()))
            low = here.interval[0] if here.interval else 0.0
            stands_out = elsewhere.value is None or low > elsewhere.value
            if count >= policy.cluster_least and count >= policy.cluster_share * total and stands_out:
                yield Cluster(reason, role, here, elsewhere)
