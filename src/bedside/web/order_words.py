"""How orders, specimens and results are said on a page: the look of each standing, and steps in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bedside.act.inbox import Standing
from bedside.act.order_progress import Progress
from bedside.act.order_progress import Standing as OrderStanding
from bedside.act.ordering import Advice, Gap
from bedside.genome.specimen import Step

_LOOKS = {
    Standing.FINAL: ("standard", "check"),
    Standing.AMENDED: ("actionable", "act"),
    Standing.PRELIMINARY: ("indeterminate", "question"),
    Standing.UNCONFIRMED: ("not-tested", "absent"),
    Standing.RESEARCH: ("info", "info"),
    Standing.WITHDRAWN: ("actionable grave", "grave"),
    Standing.CANCELLED: ("no-call", "broken"),
}
_ADVICE = {
    Advice.ORDER: ("calm", "check", "The test is needed."),
    Advice.ORDER_FOR_THE_REST: ("act", "act", "Part of it is known already."),
    Advice.ASK_STORED_DATA: ("doubt", "info", "You may not need this test."),
    Advice.ALREADY_ORDERED: ("doubt", "info", "This is on its way already."),
    Advice.ALREADY_DONE: ("doubt", "info", "This was done already."),
}
_STEPS = {
    Step.LABEL: ("Label a specimen", "Labelled"),
    Step.COLLECT: ("It is collected", "Collected"),
    Step.SHIP: ("It is sent", "Sent"),
    Step.RECEIVE: ("It has arrived", "Received"),
    Step.REJECT: ("Reject it", "Rejected"),
    Step.LOSE: ("It is lost", "Lost"),
    Step.RESULT: ("It is resulted", "Resulted"),
}
_TRACK = ("Ordered", "Labelled", "Collected", "Sent", "At the laboratory", "Resulted")
_REACHED = {
    OrderStanding.TO_COLLECT: 1,
    OrderStanding.COLLECT_AGAIN: 1,
    OrderStanding.LABELLED: 2,
    OrderStanding.COLLECTED: 3,
    OrderStanding.SHIPPED: 4,
    OrderStanding.RECEIVED: 5,
    OrderStanding.RESULT_WITHDRAWN: 5,
    OrderStanding.RESULTED: 6,
    OrderStanding.CANCELLED: 0,
}


def result_css(standing: Standing) -> str:
    """The class of a result's standing."""
    return _LOOKS[standing][0]


def result_shape(standing: Standing) -> str:
    """The icon of a result's standing."""
    return _LOOKS[standing][1]


def order_css(stands: Progress) -> str:
    """The class of where an order stands."""
    if stands.late or stands.standing in (OrderStanding.COLLECT_AGAIN, OrderStanding.RESULT_WITHDRAWN):
        return "actionable"
    return {OrderStanding.RESULTED: "standard", OrderStanding.CANCELLED: "no-call"}.get(
        stands.standing, "info"
    )


def order_shape(stands: Progress) -> str:
    """The icon of where an order stands."""
    return {"actionable": "act", "standard": "check", "no-call": "broken", "info": "clock"}[order_css(stands)]


def advice_css(advice: Advice) -> str:
    """The class of what the record advises before an order."""
    return _ADVICE[advice][0]


def advice_shape(advice: Advice) -> str:
    """The icon of what the record advises."""
    return _ADVICE[advice][1]


def advice_words(advice: Advice) -> str:
    """What the record advises, in one sentence."""
    return _ADVICE[advice][2]


def step_button(step: Step) -> str:
    """What the button of a step says."""
    return _STEPS[step][0]


def step_done(step: Step) -> str:
    """A step that was taken."""
    return _STEPS[step][1]


def aspects(several: Collection[object]) -> str:
    """Aspects of a gene in words."""
    return ", ".join(
        str(getattr(one, "value", one)).replace("-", " ").replace("hla", "HLA") for one in several
    )


def grouped(gaps: Sequence[Gap]) -> list[tuple[list[str], str, str]]:
    """Gaps alike in what was not seen and why, together: genes, aspects, why."""
    found: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        found.setdefault((aspects(gap.aspects), gap.why), []).append(gap.gene or "the whole test")
    return [(genes, unseen, why) for (unseen, why), genes in found.items()]


def track(stands: Progress) -> list[tuple[str, bool]]:
    """The way of an order: each station, and whether it was reached."""
    reached = _REACHED[stands.standing]
    return [(station, number < reached) for number, station in enumerate(_TRACK)]


def age_words(days: int) -> str:
    """An age in days as people say it."""
    return "today" if days == 0 else "1 day" if days == 1 else f"{days} days"


FILTERS = (
    result_css,
    result_shape,
    order_css,
    order_shape,
    advice_css,
    advice_shape,
    advice_words,
    step_button,
    step_done,
    aspects,
    grouped,
    track,
    age_words,
)
