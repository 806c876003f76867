"""What every page is given: the house, the words, who asks, and how a page is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bedside.knowledge.ruleset import Ruleset, load_ruleset
from bedside.service.house import House
from bedside.service.record_ids import RecordIds, record_ids
from bedside.web.render import render
from bedside.web.session import keep_session, session_of


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
    rules: Ruleset = field(init=False)
    _ids: RecordIds | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.rules = load_ruleset(self.house.pgx, self.house.settings.knowledge_folder)

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
        """Whether the record is a demonstration: its people were registered by the demo."""
        return False

    def authorise(self, request: Request, permission: str, person: str | None = None) -> None:
        """x."""

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
            knowledge=Footing(
                release.name.upper(), date.fromisoformat(release.date), self.house.pgx.review_state
            ),
            **context,
        )
        response = HTMLResponse(html, status)
        keep_session(response, session, self.house.settings)
        return response
