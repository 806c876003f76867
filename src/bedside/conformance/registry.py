"""Every area: a file in `checks/` with `ORDER` and a function `areas(bench)`. A new file is found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bedside.conformance import checks
from bedside.conformance.bench import Bench
from bedside.conformance.result import Area, Case, Origin, Verdict

Areas = Callable[[Bench], Iterable[Area]]


@dataclass(frozen=True, slots=True)
class Check:
    """One file of checks. order: where it stands on the page."""

    name: str
    order: int
    areas: Areas


def all_checks() -> tuple[Check, ...]:
    """The checks that are installed, in the order of the page."""
    found = []
    for info in pkgutil.iter_modules(checks.__path__):
        module = importlib.import_module(f"{checks.__name__}.{info.name}")
        found.append(Check(info.name, module.ORDER, module.areas))
    return tuple(sorted(found, key=lambda one: (one.order, one.name)))


def run(
    chosen: Iterable[Check], bench: Bench, say: Callable[[str], None] = lambda text: None
) -> Iterator[Area]:
    """The areas of the checks. A check that breaks off has failed."""
    for check in chosen:
        say(check.name)
        try:
            yield from check.areas(bench)
        except Exception as error:  # noqa: BLE001 — a check that cannot finish is a failure that is shown
            reason = f"the check broke off: {type(error).__name__}"
            yield Area(
                check.name,
                check.name.replace("_", " "),
                "this check",
                (Case(check.name, Verdict.FAILED, reason),),
                Origin.RUN,
            )
