"""A study's bundle as a report for people: what to know first, the answer, then everything behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bedside.service.study_checklist import interval_text

Result = Mapping[str, Any]


def report_text(result: Result) -> str:
    """The report, in Markdown."""
    parts = (_head, _answer, _comparison, _controls, _people, _quality, _origin, _checklist)
    return "\n".join(line for part in parts for line in part(result)) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        cells = [f"{one:.4g}" if isinstance(one, float) else str(one) for one in row]
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""


def _head(result: Result) -> Iterator[str]:
    yield f"# {result['protocol']['title']}"
    yield ""
    yield result["protocol"]["question"]
    yield ""
    first = [*result["deviations"], *result["answer"]["read_first"]]
    if first:
        yield "## Read this first"
        yield ""
        yield from (f"* {one[0].upper()}{one[1:]}." for one in first)
        yield ""


def _answer(result: Result) -> Iterator[str]:
    answer = result["answer"]
    main = answer["main"]
    yield "## Answer"
    yield ""
    if "refused" in main:
        yield "Not estimated. Every limit that was not kept:"
        yield ""
        yield from _table(
            ("why", "found", "limit"), [(one["why"], one["found"], one["limit"]) for one in main["refused"]]
        )
        return
    named = main["quantity"]
    found = f"**{interval_text(main)}**, from {answer['people_used']} rows."
    yield f"{named[0].upper()}{named[1:]}: {found}"
    yield ""
    beside = [answer["naive"]] if answer["naive"] else []
    beside += [*answer["sensitivity"], *answer["other_outcomes"]]
    if beside:
        rows = [(one["name"], one["quantity"], interval_text(one)) for one in beside]
        yield from _table(("beside it", "of", "found"), rows)
    if answer["e_value"] is not None:
        yield (
            f"Something unmeasured would need a risk ratio of {answer['e_value']:.3g} with both exposure and "
            f"outcome to explain it away, of {answer['e_value_of_interval']:.3g} to take its interval to no "
            "effect. The interval reaches no effect when the comparators' mean is wrong by "
            f"{answer['tipping_point']:.3g}."
        )
        yield ""


def _comparison(result: Result) -> Iterator[str]:
    answer = result["answer"]
    if answer["table_one"]:
        yield "## Table 1, and balance"
        yield ""
        keys = ("covariate", "with", "without", "difference_before", "difference_after")
        yield from _table(
            ("known before", "mean with", "mean without", "difference before", "difference after"),
            [[one[key] for key in keys] for one in answer["table_one"]],
        )
        yield from _table(
            ("overlap", "found"), [(key.replace("_", " "), one) for key, one in answer["overlap"].items()]
        )
    if answer["checks"]:
        yield from _table(("check", "found"), list(answer["checks"].items()))


def _controls(result: Result) -> Iterator[str]:
    answer = result["answer"]
    rows = [(one["name"], interval_text(one)) for one in answer["negative_controls"]]
    if answer["calibrated"]:
        rows.append((answer["calibrated"]["name"], interval_text(answer["calibrated"])))
    held = answer["control_group"]
    if held:
        rows += [(name, interval_text(held[name])) for name in ("actionable", "control", "difference")]
    lots = answer["placebo"]
    if lots:
        rows.append(
            ("exposures drawn by lot, mean (must be near 0)", f"{lots['mean']:.4g} ± {lots['spread']:.4g}")
        )
        rows.append(("lots with as large an effect", f"{lots['chance']:.3g} of {lots['draws']}"))
    if rows:
        yield "## Where there can be no effect"
        yield ""
        yield from _table(("tried", "found"), rows)


def _people(result: Result) -> Iterator[str]:
    if result["attrition"]:
        yield "## People"
        yield ""
        yield from _table(("rule", "left"), [(one["rule"], one["left"]) for one in result["attrition"]])
    if result["person_time"]:
        yield from _table(
            ("group", "people", "events", "years", "events per 100 years", "follow-up ended by"),
            [
                (
                    one["group"], one["people"], one["events"],
                    "hidden" if one["years"] is None else one["years"],
                    "hidden" if one["events_per_100_years"] is None else one["events_per_100_years"],
                    ", ".join(f"{why} {count}" for why, count in one["ended"].items()),
                )
                for one in result["person_time"]
            ],
        )  # fmt: skip
    left = result["data"]["left_out"]
    if left:
        told = ", ".join(f"{why} {count}" for why, count in left.items())
        yield f"Left out because their consent does not allow research: {told}."
        yield ""


def _quality(result: Result) -> Iterator[str]:
    rows = result["answer"]["quality"]
    failing = [one for one in rows if not one["passes"]]
    yield "## Are the data fit for the question?"
    yield ""
    yield f"{len(rows)} checks, {len(failing)} failed."
    yield ""
    if failing:
        yield from _table(
            ("kind", "column", "asked", "failing", "of"),
            [(one["kind"], one["column"], one["asks"], one["failing"], one["of"]) for one in failing],
        )


def _origin(result: Result) -> Iterator[str]:
    protocol, data, held = result["protocol"], result["data"], result["registration"]
    yield "## Where it comes from"
    yield ""
    rows = [
        ("owner", protocol["owner"]), ("approval", protocol["approval"]), ("state", protocol["review_state"]),
        ("registered", "never" if held is None else f"{held['on']} by {held['by']}"),
        ("protocol", protocol["sha256"]), ("limits", f"{protocol['policy']} ({protocol['policy_state']})"),
        ("cohort", protocol["cohort"] or "none"), ("data", f"{data['source']}, {data['rows']} rows"),
        ("head of the data", data["head"]), ("table", data["table_sha256"]), ("seed", protocol["seed"]),
    ]  # fmt: skip
    yield from _table(("what", "which"), rows)


def _checklist(result: Result) -> Iterator[str]:
    held = result["checklist"]
    yield f"## {held['name']}"
    yield ""
    yield f"Checklist: {held['review_state']}."
    yield ""
    yield from _table(
        ("item", "section", "asks", "answer"),
        [
            (one["item"], one["section"], one["asks"], one["answer"] or f"**{one['why_not']}**")
            for one in held["items"]
        ],
    )
