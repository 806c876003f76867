"""What every page is given: the house, the words, who asks, and how a page is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.ruleset import Ruleset
from bedside.service.access import Permission
from bedside.service.authorise import LOCAL_OPERATOR, Caller, Gate, Principal, authorise
from bedside.service.break_glass import with_opened
from bedside.service.house import House
from bedside.service.record_ids import RecordIds, record_ids
from bedside.service.rules import rules_of
from bedside.service.sites import has_sites
from bedside.web.render import render
from bedside.web.session import access_cookie, keep_session, session_of

MADE_UP = "urn:bedside:demo:"
"""How the system of every number begins that the demonstration gives to a made-up person."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What the foot of every page says guidance rests on."""

    source: str
    date: date
    review_state: str


@dataclass(slots=True)
class Site:
    """One served house. Record ids are derived when the first is needed and then kept."""

    house: House
    gate: Gate
    rules: Ruleset = field(init=False)
    _ids: RecordIds | None = field(init=False, default=None)
    _made_up: bool | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.rules = rules_of(self.house).ruleset

    def ids(self) -> RecordIds | None:
        """The record ids of the ledger; None while it is empty."""
        if self._ids is None:
            self._ids = record_ids(self.house.ledger)
        return self._ids

    def person(self, request: Request) -> str:
        """The person the address names; 404 when there is none."""
        ids = self.ids()
        person = None if ids is None else ids.person(request.path_params["record_id"])
        if person is None:
            raise HTTPException(404)
        return person

    def made_up(self) -> bool:
        """Whether this is the demonstration: its people have numbers that no hospital gives, and are never
        mixed.
        """
        if self._made_up is None:
            for person in self.house.ledger.people(limit=1):
                self._made_up = any(number.system.startswith(MADE_UP) for number in person.identifiers)
        return bool(self._made_up)

    def principal(self, request: Request) -> Principal:
        """Who asks: by the Authorization header, else by the token given at sign-in. Raises NotIdentified."""
        authorization = request.headers.get("authorization", "")
        token = request.cookies.get(access_cookie(self.house.settings), "")
        if not authorization and token:
            authorization = f"Bearer {token}"
        caller = Caller(authorization, request.headers.get("host", ""), request.scope["path"])
        asking = with_opened(self.house, self.gate.admit(caller, self.house.clock()))
        request.state.asking = asking
        return asking

    def authorise(self, request: Request, permission: Permission, person: str | None = None) -> Principal:
        """Who asks, once it is granted and on record that they looked. Raises Refused, AuditUnavailable."""
        principal = self.principal(request)
        authorise(principal, permission, person)
        seen = {"page": permission.value}
        event = NewEvent(EventKind.ACCESSED, principal.name, self.house.clock(), person, seen)
        self.house.audit.append([event])
        return principal

    def send(
        self, request: Request, template: str, *, here: str = "", status: int = 200, **context: object
    ) -> HTMLResponse:
        """A page with its session: the token is in every form, the cookie goes out when it is new."""
        session = session_of(request, self.house.settings)
        release = self.house.pgx.release
        html = render(
            template,
            here=here,
            csrf=session.token,
            made_up=self.made_up(),
            signed_in=access_cookie(self.house.settings) in request.cookies,
            has_apps=any(one.launch_url for one in self.gate.access.clients.values()),
            works_with_sites=has_sites(self.house),
            read_only=self.house.settings.serves_read_only,
            emergencies=_emergencies(getattr(request.state, "asking", None)),
            knowledge=Footing(
                release.name.upper(), date.fromisoformat(release.date), self.house.pgx.review_state
            ),
            **context,
        )
        response = HTMLResponse(html, status)
        keep_session(response, session, self.house.settings)
        return response


def _emergencies(asking: Principal | None) -> tuple[tuple[str, str], ...]:
    """The pages of break-glass that are of use to who asks: opening for those who may not open every record,
    reviewing for the privacy role. The operator of a machine without an access file needs neither."""
    if asking is None or asking == LOCAL_OPERATOR:
        return ()
    opens = Permission.BREAK_GLASS in asking.permissions and asking.people is not None
    reviews = Permission.PRIVACY in asking.permissions
    offered = (("/emergency", "Emergency", opens), ("/emergency/reviews", "Emergency reviews", reviews))
    return tuple((place, label) for place, label, offer in offered if offer)
