"""How right the methods of `bedside study` are: made-up people with a known truth, each design drawn often.

    python -m benchmarks.evidence [--reps 1000] [--design NAME] [--write docs/evidence.md]

Bias must lie within its Monte Carlo error (three standard errors), 95 % intervals must cover 93 to 97 %,
studies without overlap must be refused. The naive analysis is shown beside. Prints a Markdown table; `--write`
puts it between the marks of a document.
"""

from __future__ import annotations

import argparse
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.estimate import Refusal
from bedside.learn.studies.known_truth import DESIGNS
from bedside.learn.studies.watching import watch

BEGIN, END = "<!-- simulations -->", "<!-- /simulations -->"
HEAD = (
    "| design | quantity | truth | bias (3 MC errors) | covered by 95 % | refused | naive analysis: bias, covered |",
    "|---|---|---:|---:|---:|---:|---|",
)


def one(work: tuple[int, int, int]) -> list[tuple[float, float, float, float, float, float]]:
    """A stretch of seeds of one design: refused, truth, estimate, covered, naive estimate, naive covered."""
    warnings.simplefilter("ignore")
    place, first, last = work
    policy, found = load_study_policy(), []
    for seed in range(first, last):
        answer = DESIGNS[place].study(seed, policy)
        refused = isinstance(answer.estimate, Refusal)
        value = np.nan if isinstance(answer.estimate, Refusal) else answer.estimate.value
        holds = np.nan if isinstance(answer.estimate, Refusal) else float(answer.estimate.holds(answer.truth))
        naive = np.nan if answer.naive is None else answer.naive.value
        naive_holds = np.nan if answer.naive is None else float(answer.naive.holds(answer.truth))
        found.append((float(refused), answer.truth, value, holds, naive, naive_holds))
    return found


def row(place: int, reps: int, pool: ProcessPoolExecutor) -> str:
    """One design's line of the table."""
    design = DESIGNS[place]
    pieces = [(place, start, min(start + 50, reps)) for start in range(0, reps, 50)]
    table = np.array([line for piece in pool.map(one, pieces) for line in piece])
    refused = int(table[:, 0].sum())
    kept = table[table[:, 0] == 0]
    name = f"| {design.name} | {design.quantity} | {table[0, 1]:.4f} "
    if len(kept) < reps / 2:
        return f"{name}| – | – | {refused} of {reps} | {design.naive} |"
    error = kept[:, 2] - kept[:, 1]
    monte_carlo = 3 * error.std() / np.sqrt(len(error))
    bias, covered = error.mean(), kept[:, 3].mean()
    missed = [
        word
        for word, wrong in (("bias", abs(bias) > monte_carlo), ("cover", not 0.93 <= covered <= 0.97))
        if wrong
    ]
    mark = f" **missed: {', '.join(missed)}**" if missed else ""
    naive = np.nanmean(kept[:, 4] - kept[:, 1]), np.nanmean(kept[:, 5])
    return (
        f"{name}| {bias:+.4f} ({monte_carlo:.4f}) | {covered:.1%}{mark} | {refused} of {reps} "
        f"| {design.naive}: {naive[0]:+.4f}, {naive[1]:.1%} |"
    )


def alarms(reps: int) -> str:
    """How often watching alarms with nothing wrong, and how soon with twice the events expected."""
    policy, random = load_study_policy(), np.random.default_rng(1)
    expected = np.linspace(0.1, 20, 200)
    false, false_sprt, delays, sprt_delays = 0, 0, [], []
    for _ in range(reps):
        steps = np.diff(np.concatenate(([0.0], expected)))
        quiet = watch(random.poisson(steps).cumsum().astype(float), expected, policy.other.type_one, 20.0)
        loud = watch(random.poisson(2 * steps).cumsum().astype(float), expected, policy.other.type_one, 20.0)
        false += quiet.alarm is not None
        false_sprt += quiet.sprt_alarm is not None
        delays.append(np.inf if loud.alarm is None else loud.events[loud.alarm])
        sprt_delays.append(np.inf if loud.sprt_alarm is None else loud.events[loud.sprt_alarm])
    return (
        f"Watching 20 expected events, {reps} times: false alarms {false / reps:.1%} (evidence process), "
        f"{false_sprt / reps:.1%} (MaxSPRT), 5 % allowed. With twice the events expected: alarm at the median after "
        f"{np.median(delays):.0f} and {np.median(sprt_delays):.0f} events; none by the end in "
        f"{np.isinf(delays).mean():.1%} and {np.isinf(sprt_delays).mean():.1%}."
    )


def main() -> None:
    """Runs the designs."""
    options = argparse.ArgumentParser()
    options.add_argument("--reps", type=int, default=1000)
    options.add_argument("--design", default="")
    options.add_argument("--write", type=Path)
    arguments = options.parse_args()
    lines = list(HEAD)
    print("\n".join(lines))
    with ProcessPoolExecutor(2) as pool:
        for place, design in enumerate(DESIGNS):
            if arguments.design in design.name:
                started = time.monotonic()
                lines.append(row(place, arguments.reps, pool))
                print(lines[-1], f"<!-- {time.monotonic() - started:.0f} s -->", flush=True)
    if not arguments.design:
        lines += ["", alarms(arguments.reps)]
        print(lines[-1])
    if arguments.write:
        text = arguments.write.read_text()
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        arguments.write.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)


if __name__ == "__main__":
    main()
