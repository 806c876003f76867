"""An economic model as an answer: in one sentence first, then everything it rests on.

Losses are said as plainly as savings; where nobody knows an input, nothing is said of what rests on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from bedside.knowledge.economic_model import EconomicModel, Kind
from bedside.knowledge.reporting_checklist import AnsweredBy, ReportingChecklist
from bedside.learn.economics.analysis import Analysis
from bedside.learn.economics.compare import Difference, Direction
from bedside.learn.economics.probabilistic import Spread, spread

COLUMNS = ("part", "what", "value", "low", "high", "note")


def money(value: float, currency: str) -> str:
    """An amount as people read it; cents only below a hundred."""
    places = 0 if abs(value) >= 100 else 2
    return f"{value:,.{places}f} {currency}"


def answer(found: Analysis) -> str:
    """The model in a few sentences, the loss or the saving first."""
    return " ".join(_sentence(found, name, one) for name, one in found.differences.items())


def _sentence(found: Analysis, name: str, one: Difference) -> str:
    model = found.model
    old, new = model.strategy(model.comparator).title, model.strategy(name).title
    if one.cost is None:
        verb = "is" if len(model.unknown) == 1 else "are"
        missing = ", ".join(model.unknown)
        said = f"{new}: what it costs beside “{old}” is not known, because {missing} {verb} not known."
        return said if one.effect is None else f"{said} It {_effect(model, one.effect)}."
    much = money(abs(one.cost), model.currency)
    cost = f"costs {much} {'more' if one.cost > 0 else 'less'}" if one.cost else "costs the same"
    said = f"{new} {cost} than “{old}”"
    sure = found.sure.against.get(name)
    if sure is not None and sure.cost.low != sure.cost.high:
        low, high = _signed(sure.cost.low, model.currency), _signed(sure.cost.high, model.currency)
        said += f" (95 % of draws: {low} to {high})"
    if one.effect is None:
        return f"{said}; what it brings is not known."
    said += f", and {_effect(model, one.effect)}"
    if one.ratio is not None:
        return f"{said}: {money(one.ratio, model.currency)} for each {model.effect}."
    if one.saved_per_unit_lost is not None:
        each = money(one.saved_per_unit_lost, model.currency)
        return f"{said}: {each} saved for each {model.effect} given up."
    return f"{said}. {_verdict(one.direction)}"


def _verdict(direction: Direction) -> str:
    return {
        Direction.LESS_FOR_MORE: "It is better and cheaper.",
        Direction.MORE_FOR_LESS: "It is worse and dearer: a loss on both sides.",
    }.get(direction, "No ratio is given.")


def _effect(model: EconomicModel, effect: float) -> str:
    if abs(effect) < 1e-12:
        return f"brings the same ({model.effect})"
    return f"{'gains' if effect > 0 else 'loses'} {abs(effect):.4g} {model.effect}"


def _signed(value: float, currency: str) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{money(abs(value), currency)}"


def document(found: Analysis, checklist: ReportingChecklist) -> dict[str, Any]:
    """Everything, for machines and pages. Amounts are differences to the comparator: above 0 costs more."""
    model = found.model
    return {
        "model": model.provenance.name,
        "title": model.provenance.title,
        "digest": model.provenance.sha256,
        "review_state": model.provenance.review_state,
        "answer": answer(found),
        "perspective": model.perspective,
        "currency": model.currency,
        "price_year": model.price_year,
        "effect": model.effect,
        "horizon_years": model.horizon_years,
        "discounting": {"costs": model.discount_costs, "effects": model.discount_effects},
        "comparator": model.comparator,
        "not_known": list(model.unknown),
        "draws": found.sure.draws,
        "seed": found.sure.seed,
        "strategies": [{**asdict(one), "standing": one.standing.value} for one in found.ranked],
        "differences": [_difference(found, name, one) for name, one in found.differences.items()],
        "acceptability": [asdict(one) for one in found.sure.thresholds],
        "one_way": {
            "threshold": found.threshold,
            **{name: [asdict(bar) for bar in bars] for name, bars in found.tornado.items()},
        },
        "worth_of_knowing": {"threshold": found.threshold, "inputs": [asdict(one) for one in found.worth]},
        "budget": budget_document(found),
        "published": [{**asdict(one), "same": one.same} for one in found.published],
        "caveats": list(model.caveats),
        "inputs": [_input(model, number) for number in range(len(model.inputs))],
        "checklist": checklist_rows(found, checklist),
    }


def _difference(found: Analysis, name: str, one: Difference) -> dict[str, Any]:
    sure = found.sure.against.get(name)
    return {
        "strategy": name,
        "title": found.model.strategy(name).title,
        "direction": one.direction.value,
        "cost": one.cost,
        "effect": one.effect,
        "ratio": one.ratio,
        "saved_per_unit_lost": one.saved_per_unit_lost,
        "benefit": [{"threshold": at, "value": one.benefit(at)} for at in found.model.thresholds],
        "over_draws": None if sure is None else asdict(sure),
    }


def budget_document(found: Analysis) -> dict[str, Any] | None:
    """The budget by year and in all; amounts None where an input is not known."""
    if found.budget is None or found.budget_draws is None or found.model.budget is None:
        return None
    drawn, base = found.budget_draws, found.budget
    total = spread(drawn.more.sum(axis=1))
    return {
        "population": found.model.budget.population,
        "years": [
            {
                "year": year,
                "people": _plain(base.people[0, place]),
                "treated": _plain(base.treated[0, place]),
                "more": _plain(base.more[0, place]),
                "over_draws": _spread(spread(drawn.more[:, place])),
            }
            for place, year in enumerate(drawn.years)
        ],
        "more": _plain(base.more.sum()),
        "over_draws": _spread(total),
    }


def _spread(one: Spread | None) -> dict[str, float] | None:
    return None if one is None else asdict(one)


def _plain(value: float) -> float | None:
    return float(value) if value == value else None


def _input(model: EconomicModel, number: int) -> dict[str, Any]:
    one = model.inputs[number]
    said = one.distribution
    return {
        "name": one.name,
        "title": one.title,
        "unit": one.unit,
        "value": one.value,
        "distribution": said.kind.value,
        "parameters": dict(said.parameters or {}) or ({"events": said.events} if said.events else {}),
        "source": one.source,
    }


def checklist_rows(found: Analysis, checklist: ReportingChecklist) -> list[dict[str, Any]]:
    """Each item with what the model says to it; "" where it says nothing, which is not the same as none."""
    model, held = found.model, _filled(found)
    return [
        {
            "number": one.number,
            "asks": one.asks,
            "answer": model.said.get(one.name, "")
            if one.answered_by is AnsweredBy.SAID
            else held[one.answered_by],
        }
        for one in checklist.items
    ]


def _filled(found: Analysis) -> Mapping[AnsweredBy, str]:
    model = found.model
    doubtful = sum(one.distribution.kind is not Kind.FIXED for one in model.inputs)
    cohort, tree = model.markov is not None, any(one.branches for one in model.strategies)
    sources = dict.fromkeys(one.source for one in model.inputs if one.source)
    sure = "; ".join(
        f"{name}: {_signed(one.cost.low, model.currency)} to {_signed(one.cost.high, model.currency)}, "
        f"less than the comparator in {one.saves:.0%} of draws"
        for name, one in found.sure.against.items()
    )
    return {
        AnsweredBy.TITLE: model.provenance.title,
        AnsweredBy.ANSWER: answer(found),
        AnsweredBy.STRATEGIES: "; ".join(one.title for one in model.strategies),
        AnsweredBy.PERSPECTIVE: model.perspective,
        AnsweredBy.HORIZON: f"{model.horizon_years:g} years",
        AnsweredBy.DISCOUNTING: f"costs {model.discount_costs:.1%}, "
        f"effects {model.discount_effects:.1%} a year",
        AnsweredBy.EFFECT: model.effect,
        AnsweredBy.SOURCES: "; ".join(sources),
        AnsweredBy.CURRENCY: f"{model.currency}, prices of {model.price_year}",
        AnsweredBy.STRUCTURE: "a Markov cohort"
        if cohort
        else "a decision tree"
        if tree
        else "sums of costs and effects",
        AnsweredBy.CAVEATS: " ".join(model.caveats),
        AnsweredBy.DRAWS: f"{found.sure.draws} draws of {doubtful} of {len(model.inputs)} inputs (seed "
        f"{found.sure.seed}); each input alone from low to high",
        AnsweredBy.INPUTS: f"{len(model.inputs)} inputs"
        + (f", of which not known: {', '.join(model.unknown)}" if model.unknown else ""),
        AnsweredBy.SPREAD: sure,
    }


def lines(found: Analysis, checklist: ReportingChecklist) -> Iterator[tuple[str, ...]]:
    """A table of everything, in the order of COLUMNS: the answer first."""
    model, said = found.model, document(found, checklist)
    yield ("answer", said["answer"], "", "", "", model.provenance.review_state)
    for one in said["strategies"]:
        note = one["standing"] + (f" by {', '.join(one['by'])}" if one["by"] else "")
        yield ("strategy", f"{one['name']}: cost", _cell(one["cost"]), "", "", note)
        yield ("strategy", f"{one['name']}: {model.effect}", _cell(one["effect"]), "", "", "")
    for one in said["differences"]:
        sure = one["over_draws"] or {}
        cost, effect = sure.get("cost"), sure.get("effect")
        yield ("difference", f"{one['strategy']}: cost", _cell(one["cost"]), *_ends(cost), one["direction"])
        yield ("difference", f"{one['strategy']}: effect", _cell(one["effect"]), *_ends(effect), "")
        ratio = one["ratio"] if one["ratio"] is not None else one["saved_per_unit_lost"]
        if ratio is not None:
            words = "cost of one more" if one["ratio"] is not None else "saved for one given up"
            yield ("difference", f"{one['strategy']}: {words} {model.effect}", _cell(ratio), "", "", "")
        if cost is not None:
            yield ("sure", f"{one['strategy']}: share of draws that save", _cell(sure["saves"]), "", "", "")
            yield ("sure", "error of the mean from drawing", _cell(cost["monte_carlo_error"]), "", "", "")
    for one in said["acceptability"]:
        note = f"most expected benefit: {one['frontier']}; worth of knowing everything {one['evpi']:.2f}"
        for name, share in one["best"].items():
            yield ("acceptability", f"{name} best at {one['threshold']:g}", _cell(share), "", "", note)
    for name, bars in found.tornado.items():
        for bar in bars:
            ends = (_cell(bar.cost_at_low), _cell(bar.cost_at_high))
            yield ("one-way", f"{name}: cost by {bar.input}", "", *ends, f"{bar.low:g} to {bar.high:g}")
    for held in found.worth:
        note = f"a person, at {found.threshold:g} for each {model.effect}; error {_cell(held.error)}"
        yield ("worth knowing", held.input, _cell(held.value), "", "", note)
    yield from _budget_lines(said["budget"])
    for one in said["published"]:
        agree = "same" if one["same"] else "NOT THE SAME"
        note = f"published {one['published']:g} ({one['source']}): {agree}"
        yield ("published", one["name"], _cell(one["ours"]), "", "", note)
    for text in said["caveats"]:
        yield ("caveat", text, "", "", "", "")
    for one in said["checklist"]:
        yield ("checklist", f"{one['number']}. {one['asks']}", one["answer"] or "not said", "", "", "")


def _budget_lines(said: dict[str, Any] | None) -> Iterator[tuple[str, ...]]:
    if said is None:
        return
    for one in said["years"]:
        people = f"{_cell(one['treated'])} of {_cell(one['people'])} people"
        yield ("budget", str(one["year"]), _cell(one["more"]), *_ends(one["over_draws"]), people)
    yield ("budget", "all years", _cell(said["more"]), *_ends(said["over_draws"]), "")


def _ends(said: Mapping[str, float] | None) -> tuple[str, str]:
    return ("", "") if said is None else (_cell(said["low"]), _cell(said["high"]))


def _cell(value: float | None) -> str:
    if value is None:
        return "not known"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.6g}"
