"""What FHIR says of a person that a programme counts by: the language they speak, where they live, who pays.

Only what is said plainly is taken. Several languages of which none is preferred, a cover that is not in force
or a payer without a name say nothing: what is not known is a group of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bedside.errors import Problem
from bedside.exchange.fhir_signals import SIGNAL_TYPES
from bedside.exchange.fhir_taken import Unprocessable

Resource = Mapping[str, Any]
HEARD_TYPES = (*SIGNAL_TYPES, "Coverage")
"""Types that are taken as what they say, and are not kept as resources."""

LONGEST = 80
_BCP47 = "urn:ietf:bcp:47"
_TAG = re.compile(r"([a-z]{2,3})(?:-[A-Za-z0-9-]{1,30})?")
_GONE = frozenset({"cancelled", "entered-in-error"})
_STATUSES = ("active", "draft", *sorted(_GONE))


def language_in(patient: Resource) -> str:
    """The language a person speaks, as the primary subtag of BCP 47 (`es`); "" when that is not plain."""
    spoken = [one for one in _list(patient.get("communication")) if isinstance(one, Mapping)]
    preferred = [one for one in spoken if one.get("preferred") is True] or spoken
    tags = {tag for one in preferred if (tag := _tag(one.get("language")))}
    return tags.pop() if len(tags) == 1 and len(preferred) == 1 else ""


def _tag(concept: object) -> str:
    codings = _list(concept.get("coding")) if isinstance(concept, Mapping) else []
    found = {
        match[1]
        for one in codings
        if isinstance(one, Mapping) and one.get("system") == _BCP47
        if (match := _TAG.fullmatch(str(one.get("code"))))
    }
    return found.pop() if len(found) == 1 else ""


def postal_code_in(patient: Resource) -> str:
    """The postal code of where a person lives: of the one address that is a home, else of the only one; ""
    when that is not plain."""
    addresses = [one for one in _list(patient.get("address")) if isinstance(one, Mapping)]
    now = [one for one in addresses if one.get("use") not in ("old", "work", "billing", "temp")]
    homes = [one for one in now if one.get("use") == "home"] or now
    codes = {str(one["postalCode"]).strip() for one in homes if isinstance(one.get("postalCode"), str)}
    return codes.pop() if len(codes) == 1 and len(homes) == 1 else ""


def payer_in(coverage: Resource, today: date) -> tuple[str, bool]:
    """The payer's name, and whether this cover is in force today. Raises `Unprocessable`."""
    problems = []
    status = coverage.get("status")
    if status not in _STATUSES:
        problems.append(Problem("Coverage.status", "is not understood", remedy=", ".join(_STATUSES)))
    payors = [one for one in _list(coverage.get("payor")) if isinstance(one, Mapping)]
    names = [one["display"].strip()[:LONGEST] for one in payors if isinstance(one.get("display"), str)]
    if len(payors) != 1 or not names or not names[0]:
        remedy = "one payor, with the name of the organisation as display"
        problems.append(Problem("Coverage.payor", "names no single payer", remedy=remedy))
    period = coverage.get("period")
    first, last = (_day(period, name, problems) for name in ("start", "end"))
    if problems:
        raise Unprocessable(problems)
    in_force = status == "active" and (first is None or first <= today) and (last is None or today <= last)
    return names[0], in_force


def _day(period: object, name: str, problems: list[Problem]) -> date | None:
    text = period.get(name) if isinstance(period, Mapping) else None
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        problems.append(
            Problem(f"Coverage.period.{name}", "is no whole date", remedy="write it like 2026-01-31")
        )
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
