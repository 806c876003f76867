"""What waits while an app is launched: its request, the launch it came from, the code it was given."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.service.access import LaunchingEhr, SmartClient
from bedside.service.once import Once
from bedside.service.principal import Principal
from bedside.service.scopes import Context, Scope

LAUNCH, LAUNCH_PATIENT = "launch", "launch/patient"


@dataclass(frozen=True, slots=True)
class Pending:
    """What an app asks for, waiting for somebody to allow it. person: given by the launch; else picked."""

    client: SmartClient
    redirect: str
    state: str
    challenge: str
    scopes: tuple[Scope, ...]
    context: tuple[str, ...]
    person: str | None = None

    @property
    def wants_person(self) -> bool:
        """Whether it is about one person."""
        return bool(self.context) or any(one.context is Context.PATIENT for one in self.scopes)

    @property
    def scope(self) -> str:
        """The scopes as they are given."""
        return " ".join([*self.context, *map(str, self.scopes)])


@dataclass(frozen=True, slots=True)
class Launch:
    """An app opened from a person's chart, by whom."""

    client: str
    person: str
    by: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a code stands for."""

    asked: Pending
    principal: Principal


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody sent to an EHR to sign in there. session: of the browser that must come back."""

    ehr: LaunchingEhr
    verifier: str
    nonce: str
    token_url: str
    session: str


class Launches:
    """What waits: requests, launches, codes; the tokens of codes already used; who is at an EHR."""

    def __init__(self) -> None:
        self.pending: Once[Pending] = Once()
        self.launches: Once[Launch] = Once()
        self.codes: Once[Allowed] = Once()
        self.spent: Once[str] = Once()
        self.departures: Once[Departure] = Once()
