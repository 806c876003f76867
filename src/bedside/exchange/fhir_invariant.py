"""Simple invariants of FHIR R4: rules between the elements of one datatype or resource, by their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
Invariant = tuple[str, str, Callable[[Json], bool]]


def _has(value: Json, stem: str) -> bool:
    """Whether a choice of types has a value."""
    return any(
        name.lstrip("_").startswith(stem) and name.lstrip("_")[len(stem) :][:1].isupper() for name in value
    )


def _codes(concept: object) -> set[tuple[Any, Any]]:
    codings = concept.get("coding", []) if isinstance(concept, Mapping) else []
    return {(one.get("system"), one.get("code")) for one in codings if isinstance(one, Mapping)}


def _in_order(period: Json) -> bool:
    """Compared only as far as both say."""
    start, end = period.get("start"), period.get("end")
    if not isinstance(start, str) or not isinstance(end, str):
        return True
    told = min(len(start), len(end), len("2026-01-01"))
    return start[:told] <= end[:told]


def _components_differ(observation: Json) -> bool:
    if not _has(observation, "value"):
        return True
    own = _codes(observation.get("code"))
    return not any(own & _codes(one.get("code")) for one in observation.get("component", []))


def _status(concept: object) -> set[Any]:
    return {code for _, code in _codes(concept)}


def _entries(bundle: Json) -> list[Json]:
    return [one for one in bundle.get("entry", []) if isinstance(one, Mapping)]


def _full_urls_differ(bundle: Json) -> bool:
    named = [
        (one["fullUrl"], (one.get("resource") or {}).get("meta", {}).get("versionId"))
        for one in _entries(bundle)
        if "fullUrl" in one
    ]
    return bundle.get("type") == "history" or len(named) == len(set(named))


def _nothing_wrong_with_error(condition: Json) -> bool:
    wrong = "entered-in-error" in _status(condition.get("verificationStatus"))
    return not wrong or "clinicalStatus" not in condition


def _abated(condition: Json) -> bool:
    over = {"inactive", "resolved", "remission"}
    return not _has(condition, "abatement") or bool(_status(condition.get("clinicalStatus")) & over)


def _addressed(bundle: Json) -> bool:
    asks = str(bundle.get("type", "")).startswith(("batch", "transaction"))
    return asks or all("fullUrl" in one for one in _entries(bundle) if "resource" in one)


def _total_where_counted(bundle: Json) -> bool:
    return "total" not in bundle or bundle.get("type") in ("searchset", "history")


def _modes_where_searched(bundle: Json) -> bool:
    return bundle.get("type") == "searchset" or not any("search" in one for one in _entries(bundle))


def _requests_where_asked(bundle: Json) -> bool:
    entries, asks = _entries(bundle), bundle.get("type") in ("batch", "transaction", "history")
    return all(("request" in one) == asks for one in entries)


def _changed_after_made(task: Json) -> bool:
    made, changed = task.get("authoredOn"), task.get("lastModified")
    return not (made and changed) or str(made)[:10] <= str(changed)[:10]


INVARIANTS: Mapping[str, tuple[Invariant, ...]] = {
    "Extension": (
        (
            "ext-1",
            "has both a value and extensions, or neither",
            lambda e: ("extension" in e) != _has(e, "value"),
        ),
    ),
    "Period": (("per-1", "starts after it ends", _in_order),),
    "Quantity": (("qty-3", "has a code and no system", lambda q: "code" not in q or "system" in q),),
    "Attachment": (
        ("att-1", "has data and no content type", lambda a: "data" not in a or "contentType" in a),
    ),
    "ContactPoint": (("cpt-2", "has a value and no system", lambda c: "value" not in c or "system" in c),),
    "Observation": (
        (
            "obs-6",
            "has a value and a reason why it has none",
            lambda o: "dataAbsentReason" not in o or not _has(o, "value"),
        ),
        ("obs-7", "has a value and a component with its own code", _components_differ),
    ),
    "Condition": (
        ("con-5", "has a clinical status though it was entered in error", _nothing_wrong_with_error),
        ("con-4", "is abated though it is active", _abated),
    ),
    "Bundle": (
        ("bdl-1", "has a total though it is no search or history", _total_where_counted),
        ("bdl-2", "has search modes though it is no search", _modes_where_searched),
        (
            "bdl-3",
            "has requests though it is none, or an entry without though it must",
            _requests_where_asked,
        ),
        ("full-url", "has an entry without its full address", _addressed),
        ("bdl-7", "has the same full address twice", _full_urls_differ),
    ),
    "Task": (("inv-1", "was changed before it was made", _changed_after_made),),
}
"""Of each type: the key, what is wrong when it does not hold, and whether it holds."""


def parameter_faults(part: Json) -> Iterator[tuple[str, str]]:
    """inv-1 of Parameters: a parameter has a value, or a resource, or parts, and only one of them."""
    kinds = [_has(part, "value"), "resource" in part, "part" in part]
    if sum(kinds) != 1 and not (sum(kinds) == 0 and "extension" in part):
        yield "inv-1", "has not exactly one of value, resource and parts"


def broken(kind: str, value: Json) -> Iterator[tuple[str, str]]:
    """The key of each invariant of a type that a value breaks, and what is wrong."""
    for key, said, holds in INVARIANTS.get(kind, ()):
        if not holds(value):
            yield key, said
