"""Inputs of an economic model that the record supplies: amounts of outcome forms, one a child, and shares of
measures with their counts.

What the record does not say leaves the input not known; it is never guessed, and never 0.
"""

from __future__ import annotations

from dataclasses import replace

from bedside.errors import InputError, Problem
from bedside.genome.nicu import CostKind, Outcome
from bedside.knowledge.economic_model import Distribution, EconomicModel, Input, Kind
from bedside.knowledge.measures import load_measures
from bedside.learn.measures import ShareFigure
from bedside.service.house import House
from bedside.service.measures import measure_report
from bedside.service.nicu_summary import outcomes_of_record

OUTCOMES, MEASURE = "outcomes.", "measure."
HALF = 0.5
"""Added to both counts of a share (Jeffreys), so that none of so many is no certainty."""
AMOUNTS = tuple(f"{OUTCOMES}{kind.value}" for kind in CostKind)
DAYS = (f"{OUTCOMES}hospital-days", f"{OUTCOMES}avoided-days")


def with_measured(model: EconomicModel, house: House) -> EconomicModel:
    """The model with what the record says of its inputs. Raises `InputError` for a name that the record does
    not supply."""
    wanted = {one.distribution.events for one in model.inputs if one.distribution.events}
    if not wanted:
        return model
    _known(model, house, wanted)
    outcomes = outcomes_of_record(house) if any(one.startswith(OUTCOMES) for one in wanted) else ()
    return replace(model, inputs=tuple(_input(one, model.currency, house, outcomes) for one in model.inputs))


def _known(model: EconomicModel, house: House, wanted: set[str]) -> None:
    names = {f"{MEASURE}{name}" for name in load_measures(house.settings.knowledge_folder)}
    remedy = f"one of {', '.join((*AMOUNTS, *DAYS))} or measure.NAME (bedside measures)"
    wrong = [
        Problem(model.provenance.name, f"the record does not supply {name!r}", remedy=remedy)
        for name in sorted(wanted)
        if name not in (*AMOUNTS, *DAYS) and name not in names
    ]
    if wrong:
        raise InputError(wrong)


def _input(held: Input, currency: str, house: House, outcomes: tuple[Outcome, ...]) -> Input:
    name = held.distribution.events
    if not name:
        return held
    if name.startswith(MEASURE):
        return _of_measure(held, name.removeprefix(MEASURE), house)
    values = [one for one in (_of_outcome(name, one, currency) for one in outcomes) if one is not None]
    if not values:
        return replace(held, source=f"{name}: nothing of it is in the record")
    said = Distribution(Kind.EMPIRICAL, None, "", tuple(values), name)
    source = f"{name} of the record, entered for {len(values)} of {len(outcomes)} people"
    return replace(held, value=sum(values) / len(values), distribution=said, source=source)


def _of_outcome(name: str, outcome: Outcome, currency: str) -> float | None:
    """The middle of what was entered for one child; None where nothing was, or in another currency."""
    if name == DAYS[0]:
        return None if outcome.hospital_days is None else float(outcome.hospital_days)
    if name == DAYS[1]:
        return None if outcome.avoided_days is None else float(outcome.avoided_days)
    lines = [one for one in outcome.costs if f"{OUTCOMES}{one.kind.value}" == name]
    if not lines or any(one.currency != currency for one in lines):
        return None
    return sum((one.low + one.high) / 2 for one in lines)


def _of_measure(held: Input, name: str, house: House) -> Input:
    figure = measure_report(house, names=(name,)).tiles[name].figure
    if not isinstance(figure, ShareFigure) or figure.share.of == 0:
        return replace(held, source=f"measure {name}: no share of it is in the record")
    share = figure.share
    said = Distribution(
        Kind.BETA,
        {"alpha": share.count + HALF, "beta": share.of - share.count + HALF},
        events=f"{MEASURE}{name}",
    )
    source = f"measure {name} of the record: {share.count} of {share.of}"
    return replace(held, value=share.count / share.of, distribution=said, source=source)
