"""Whether a care pathway is fit: nobody can get stuck on it, and every end has a reason.

Why no dead end is left when nothing is found here. The steps are a partial order without circles, so among
those not closed there is always one that waits for nothing that is open. A goal is closed only by being done,
which ends the pathway, so while it has not ended some step is open; and every step has an owner, an action, a
time, and something that shows that it is done. A way back can be taken so many times only; then a step opens
where somebody decides. Tests walk every pathway through all its signals and look for the opposite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bedside.knowledge.care_pathway import CarePathway, Condition, End, Guard, Return

FALLBACK = "unknown"


def flaws(pathway: CarePathway, written: Sequence[str]) -> tuple[str, ...]:
    """Everything that makes a pathway unfit; written: the names of its steps as they stand in the file."""
    twice = [name for name, count in Counter(written).items() if count > 1]
    if twice:
        return tuple(f"two steps are named {name}" for name in twice)
    unknown = tuple(_unknown_steps(pathway))
    return unknown or (
        *_steps(pathway),
        *_ends(pathway),
        *_ways_back(pathway),
        *(flaw for guard in pathway.guards for flaw in _guard(guard)),
    )


def _unknown_steps(pathway: CarePathway) -> Iterator[str]:
    named: list[tuple[str, str]] = [("the goals", name) for name in pathway.goals]
    for back in pathway.returns:
        named += [(f"the way back {back.name}", name) for name in (*back.opens, back.beyond, *back.keeps)]
    for guard in pathway.guards:
        steps = (*guard.before, *guard.after, *((guard.step,) if guard.step else ()))
        named += [(f"the guard {guard.name}", name) for name in steps]
    for who, name in named:
        if name not in pathway.steps:
            yield f"{who} speaks of {name}, which is no step"


def _steps(pathway: CarePathway) -> Iterator[str]:
    called = {name for back in pathway.returns for name in (*back.opens, back.beyond)}
    useful = set(pathway.goals).union(*(pathway.before[name] for name in pathway.goals))
    for step in pathway.steps.values():
        if not (step.owner.strip() and step.action.strip() and step.title.strip()):
            yield f"{step.name} needs a title, an owner and an action"
        if not step.done_by:
            yield f"nothing shows that {step.name} is done"
        if step.on_call and step.name not in called:
            yield f"nothing ever opens {step.name}"
        if not step.on_call and step.name not in useful:
            yield f"{step.name} leads to no goal"
        for rung in step.ladder:
            if not rung.to.strip():
                yield f"{step.name} is escalated to nobody"


def _ends(pathway: CarePathway) -> Iterator[str]:
    if not pathway.starts:
        yield "nothing puts anybody on it"
    if not pathway.goals:
        yield "has no goal"
    for name, reason in pathway.goals.items():
        step = pathway.steps[name]
        if step.not_needed_by or step.on_call:
            yield f"the goal {name} can be left out"
        if pathway.reasons.get(reason) is None or pathway.reasons[reason].end is not End.REACHED:
            yield f"the goal {name} ends with {reason}, which is no coded reason of a goal"
    if FALLBACK not in pathway.reasons:
        yield f"the coded reasons lack {FALLBACK}"
    ends: set[End] = set()
    for way in pathway.exits:
        codes = {way.reason} if way.reason else set(way.reasons)
        for code in sorted(codes - set(pathway.reasons)):
            yield f"the exit {way.name} ends with {code}, which is no coded reason"
        if not codes or (way.reason and way.reasons):
            yield f"the exit {way.name} needs one reason, or the reasons its signal may give"
        if not way.on:
            yield f"nothing leads to the exit {way.name}"
        ends |= {pathway.reasons[code].end for code in codes & set(pathway.reasons)}
    for end in (End.DIED, End.REFUSED, End.LOST):
        if end not in ends:
            yield f"has no exit for somebody who {_SAID[end]}"


_SAID = {End.DIED: "dies", End.REFUSED: "does not want it", End.LOST: "is lost to follow-up"}


def _ways_back(pathway: CarePathway) -> Iterator[str]:
    for back in pathway.returns:
        if not (back.on and back.opens):
            yield f"the way back {back.name} needs a signal and a step"
        if back.at_most < 1:
            yield f"the way back {back.name} must be open at least once"
        yield from _beyond(pathway, back)


def _beyond(pathway: CarePathway, back: Return) -> Iterator[str]:
    step = pathway.steps[back.beyond]
    if not step.on_call:
        yield f"{step.name}, beyond the way back {back.name}, must be on call"
    if set(back.on) >= set(step.done_by):
        yield f"{step.name} is left only by the way back {back.name} that leads to it"


def _guard(guard: Guard) -> Iterator[str]:
    if bool(guard.on) == bool(guard.step):
        yield f"the guard {guard.name} needs a signal or a step, not both"
    if not (guard.owner.strip() and guard.action.strip() and guard.title.strip()):
        yield f"the guard {guard.name} needs a title, an owner and an action"


def signals_of(pathway: CarePathway) -> tuple[Condition, ...]:
    """Every condition a pathway speaks of, once each."""
    found: dict[Condition, None] = dict.fromkeys(pathway.starts)
    for step in pathway.steps.values():
        found |= dict.fromkeys((*step.done_by, *step.not_needed_by))
    for back in pathway.returns:
        found |= dict.fromkeys(back.on)
    for way in pathway.exits:
        found |= dict.fromkeys((*way.on, *way.revoked_by))
    for guard in pathway.guards:
        found |= dict.fromkeys((*guard.on, *guard.unless))
    return tuple(found)
