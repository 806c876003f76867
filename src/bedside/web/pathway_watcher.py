"""Looks at the guards of care pathways, the budgets of alerts, the clocks of payers and, once a day, at gaps
between groups, beside the pages, in a thread that ends when the server does.

A look that was cut off is taken up by the next: what it wrote stands, and is not written again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bedside.errors import BedsideError
from bedside.service.alert_budget import count_budget
from bedside.service.authorisations import watch_authorisations
from bedside.service.equity import watch_gaps_when_due
from bedside.service.house import House
from bedside.service.pathway_watch import watch

FIRST_AFTER = 5.0
"""Seconds after the start: the pages come first."""
ACTOR = "bedside serve"
_log = logging.getLogger("bedside.pathways")


@contextmanager
def watching(house: House, first_after: float = FIRST_AFTER) -> Iterator[None]:
    """Watch while the block runs, as often as the settings say."""
    minutes = house.settings.watch_minutes
    if not minutes:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(house, stop, first_after, 60.0 * minutes), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30.0)


def _run(house: House, stop: threading.Event, first_after: float, every: float) -> None:
    wait, gaps_seen = first_after, None
    while not stop.wait(wait):
        try:
            count_budget(house)
            watch(house, stopped=stop.is_set)
            watch_authorisations(house, stopped=stop.is_set)
            gaps_seen = watch_gaps_when_due(house, ACTOR, gaps_seen)
        except (BedsideError, OSError) as error:
            _log.error("%s while looking at care pathways, budgets and gaps", type(error).__name__)
        wait = every
