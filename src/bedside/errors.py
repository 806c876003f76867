"""What can go wrong, as one tree.

    BedsideError
    ├── InputError            somebody's input is wrong; carries every problem found, with where it stands
    │   ├── IntakeError       a file from a laboratory
    │   ├── PackError         a knowledge pack
    │   └── RequestError      a request over the network (`.status` is the HTTP status)
    │       ├── DataMissing   the request lacks data that the answer needs (CDS Hooks 412)
    │       └── NotFound      the request names a service, card or order set that is not here (404)
    ├── Refused               the authorisation choke point said no
    ├── AuditUnavailable      the audit could not be written, so the request was refused
    ├── StoreError            the ledger or the document store failed or contradicts itself
    │   └── Tampered          the ledger's chain does not hold
    └── SettingsError         a setting is missing or has an impossible value

A failure is never an "absent": nothing in this tree is caught to become an empty answer.
No message carries patient data: file names, line numbers, codes and remedies only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: where it stands, what is wrong, what to do about it."""

    source: str
    reason: str
    line: int | None = None
    remedy: str | None = None

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{where}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")


class BedsideError(Exception):
    """The root of everything Bedside raises on purpose."""


class InputError(BedsideError):
    """Somebody's input is wrong. `.problems` holds every problem found, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def one(cls, source: str, reason: str, *, line: int | None = None, remedy: str | None = None) -> Self:
        """The common case of a single problem; returns the class it is called on."""
        return cls([Problem(source, reason, line, remedy)])


class IntakeError(InputError):
    """A file from a laboratory cannot be accepted; nothing of it was stored."""


class PackError(InputError):
    """A knowledge pack cannot be loaded."""


class RequestError(InputError):
    """A request over the network is malformed; `.status` is the HTTP status to answer with."""

    status = 400


class DataMissing(RequestError):
    """The request lacks data that the answer needs; CDS Hooks answers 412."""

    status = 412


class NotFound(RequestError):
    """The request names a service, a card or an order set that is not here; answered with 404."""

    status = 404


class Refused(BedsideError):
    """The authorisation choke point said no."""


class AuditUnavailable(BedsideError):
    """The audit could not be written, so the request was refused."""


class StoreError(BedsideError):
    """The ledger or the document store failed or contradicts itself."""


class Tampered(StoreError):
    """The ledger's hash chain does not hold."""


class SettingsError(BedsideError):
    """A setting is missing or has an impossible value."""
