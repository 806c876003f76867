"""The filters that every subject operation takes: by test, date, specimen, and germline or somatic.

Runs answer together, so a filter that would leave some of a person's runs out cannot be answered here and is
refused; one that leaves all of them in changes nothing, and one that leaves none is answered "not tested".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bedside.errors import RequestError
from bedside.exchange.fhir_genomics_ask import NotUnderstood
from bedside.service.genomics_subject import Study

NAMES = ("testIdentifiers", "testDateRange", "specimenIdentifiers", "genomicSourceClass")
_DATE = re.compile(r"(eq|ne|gt|lt|ge|le)?(\d{4}-\d{2}-\d{2})")
_CLASSES = {"germline": True, "la6683-2": True, "somatic": False, "la6684-0": False}


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for; empty means anything."""

    tests: Collection[str] = ()
    specimens: Collection[str] = ()
    dates: Sequence[tuple[str, date]] = ()
    germline: bool = True

    def fits(self, study: Study) -> bool:
        """Whether a run is one of those asked for."""
        return (
            self.germline
            and (not self.tests or study.run in self.tests)
            and (not self.specimens or study.sample in self.specimens)
            and all(_fits(sign, day, study.performed.date()) for sign, day in self.dates)
        )

    @property
    def asked(self) -> bool:
        """Whether there is anything to filter by."""
        return bool(self.tests or self.specimens or self.dates) or not self.germline


def read_filters(
    tests: Collection[str], dates: Collection[str], specimens: Collection[str], source: str
) -> Filters:
    """The filters of a request; raises `RequestError`."""
    read = []
    for text in dates:
        found = _DATE.fullmatch(text)
        try:
            read.append((found[1] or "eq", date.fromisoformat(found[2])) if found else None)
        except ValueError:
            read.append(None)
    if None in read:
        raise RequestError.one("testDateRange", "is no date with a prefix", remedy="such as ge2010-01-01")
    germline = _CLASSES.get(source.rpartition("|")[2].lower()) if source else True
    if germline is None:
        raise RequestError.one("genomicSourceClass", "is neither germline nor somatic")
    return Filters(tests, specimens, tuple(one for one in read if one is not None), germline)


def any_left(filters: Filters, studies: Sequence[Study]) -> bool:
    """Whether the person's runs answer; raises `NotUnderstood` when only some of them may."""
    fitting = [study for study in studies if filters.fits(study)]
    if fitting and len(fitting) < len(studies):
        reason = "the filters leave out some of this person's runs, and answers are joined over all of them"
        raise NotUnderstood.one("filters", reason, remedy="ask without filters")
    return bool(fitting) or not filters.asked


def _fits(sign: str, asked: date, day: date) -> bool:
    return {
        "eq": day == asked,
        "ne": day != asked,
        "gt": day > asked,
        "lt": day < asked,
        "ge": day >= asked,
        "le": day <= asked,
    }[sign]
