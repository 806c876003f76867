"""What a person reads when something went wrong: never a name, a number or a stack."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

from bedside.errors import (
    AuditUnavailable,
    DataMissing,
    InputError,
    Problem,
    Refused,
    RequestError,
    StoreError,
)
from bedside.service.authorise import NotIdentified
from bedside.store.read_only import ReadOnly

_BY_STATUS = {
    400: ("This cannot be done as asked", "Something in the request is missing or not understood."),
    401: ("Who are you?", "Sign in with the access token that your site gave you."),
    403: ("Not allowed", "You may not see or do this here."),
    404: ("Not here", "There is no page or record at this address."),
    405: ("Not here", "This address does not take that kind of request."),
    413: ("Too large", "The request is larger than this address accepts."),
    500: (
        "Something failed",
        "Nothing was changed by this request. The failure is in the log, without patient data.",
    ),
    503: (
        "The record is not available",
        "The request was refused because it could not be recorded. Try again.",
    ),
}


_READ_ONLY = (
    "Read only for now",
    "Nothing can be changed here until the record is back. Write what you do on paper; it is entered later.",
)


def status_of(error: Exception) -> int:
    """The HTTP status of a failure."""
    match error:
        case HTTPException():
            return error.status_code
        case NotIdentified():
            return 401
        case Refused():
            return 403
        case DataMissing() | RequestError():
            return error.status
        case AuditUnavailable() | StoreError():
            return 503
    return 500


def outcome_issue(code: str, problem: Problem) -> dict[str, Any]:
    """A problem as an issue of a FHIR OperationOutcome: what is wrong and where, never a value."""
    text = problem.reason + (f" ({problem.remedy})" if problem.remedy else "")
    return {"severity": "error", "code": code, "diagnostics": text, "expression": [problem.source]}


def explain(error: Exception) -> tuple[int, str, str]:
    """Status, title and explanation. Only a refusal of a form explains itself in its own words."""
    status = status_of(error)
    if isinstance(error, ReadOnly):
        return status, *_READ_ONLY
    title, told = _BY_STATUS.get(status, _BY_STATUS[500 if status >= 500 else 400])
    if isinstance(error, HTTPException) and status == 403 and error.detail not in ("", "Forbidden"):
        told = error.detail
    return status, title, told


def problems_told(error: InputError) -> str:
    """Everything wrong with what somebody typed, as sentences with what to do about it."""
    told = []
    for problem in error.problems:
        remedy = f" ({problem.remedy})" if problem.remedy else ""
        told.append(f"{problem.reason[:1].upper()}{problem.reason[1:]}{remedy}.")
    return " ".join(told)
