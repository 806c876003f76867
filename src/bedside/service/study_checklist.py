"""Which items of a reporting checklist a bundle answers by itself, and which people have to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bedside.knowledge.study_checklist import Checklist

PEOPLE = "not filled: people have to write this"
NOT_ESTIMATED = "not filled: the study was refused; the reasons are in the result"

Result = Mapping[str, Any]


def filled(checklist: Checklist, result: Result) -> list[dict[str, Any]]:
    """Every item with its answer, or why there is none."""
    made = []
    for one in checklist.items:
        answer = _ANSWERS[one.filled_by](result) if one.filled_by else ""
        missing = NOT_ESTIMATED if one.filled_by and "refused" in result["answer"]["main"] else PEOPLE
        made.append(
            {
                "item": one.number,
                "section": one.section,
                "asks": one.asks,
                "answer": answer or None,
                "why_not": None if answer else missing,
            }
        )
    return made


def interval_text(figure: Mapping[str, Any]) -> str:
    """An estimate with its interval, or that it was refused."""
    if "refused" in figure:
        return "refused: " + "; ".join(
            f"{one['why']} ({one['found']:.4g}, limit {one['limit']:.4g})" for one in figure["refused"]
        )
    return f"{figure['value']:.4g} (95 % interval {figure['low']:.4g} to {figure['high']:.4g})"


def _target(part: str) -> Callable[[Result], str]:
    return lambda result: str(result["protocol"]["target"][part])


def _summary(result: Result) -> str:
    main = result["answer"]["main"]
    return f"{result['protocol']['title']}. {main['quantity']}: {interval_text(main)}"


def _data(result: Result) -> str:
    data = result["data"]
    left = ", ".join(f"{why} {count}" for why, count in data["left_out"].items()) or "nobody"
    return f"{data['source']}; head {data['head']}; left out because of their consent: {left}"


def _assumptions(result: Result) -> str:
    named = ", ".join(result["protocol"]["covariates"])
    return f"{_target('assignment')(result)} Covariates: {named}." if named else ""


def _attrition(result: Result) -> str:
    return "; ".join(f"{one['rule']}: {one['left']}" for one in result["attrition"])


def _table_one(result: Result) -> str:
    rows = result["answer"]["table_one"]
    worst = max((abs(one["difference_after"]) for one in rows), default=None)
    return "" if worst is None else f"{len(rows)} covariates; largest difference after weighting {worst:.3f}"


def _person_time(result: Result) -> str:
    return "; ".join(
        f"{one['group']}: {one['people']} people, {one['events']} events" for one in result["person_time"]
    )


def _estimate(result: Result) -> str:
    main = result["answer"]["main"]
    return "" if "refused" in main else f"{main['quantity']}: {interval_text(main)}"


def _further(result: Result) -> str:
    answer = result["answer"]
    named = [*answer["sensitivity"], *answer["negative_controls"]]
    return "; ".join(f"{one['name']}: {interval_text(one)}" for one in named)


def _registration(result: Result) -> str:
    held = result["registration"]
    if held is None:
        return "not registered"
    told = "; ".join(result["deviations"]) or "no deviation"
    return f"registered on {held['on']} as {held['protocol'][:12]}; {told}"


_ANSWERS: Mapping[str, Callable[[Result], str]] = {
    "summary": _summary,
    "question": lambda result: str(result["protocol"]["question"]),
    "data": _data,
    "eligibility": _target("eligibility"),
    "strategies": _target("strategies"),
    "assignment": _target("assignment"),
    "follow_up": _target("follow_up"),
    "outcome": _target("outcome"),
    "contrast": _target("contrast"),
    "assumptions": _assumptions,
    "analysis": _target("analysis"),
    "sensitivity": lambda result: ", ".join(result["protocol"]["sensitivity"]),
    "attrition": _attrition,
    "table_one": _table_one,
    "person_time": _person_time,
    "estimate": _estimate,
    "further": _further,
    "registration": _registration,
    "ownership": lambda result: f"owner: {result['protocol']['owner']}; {result['protocol']['approval']}",
}
