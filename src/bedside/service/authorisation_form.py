"""The payer's questions about an order: answered by the chart, answered by a person, or open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.coverage_stated import stated_facts
from bedside.exchange.dtr_form import Item, items_of, questionnaire, questionnaire_response
from bedside.exchange.pas_names import address
from bedside.service.ask_coverage import StoredCoverage, ask_coverage, pack_of
from bedside.service.house import House


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an order: the coverage answer it belongs to, and each question with what is known."""

    stored: StoredCoverage
    items: tuple[Item, ...]

    @property
    def answer(self) -> CoverageAnswer:
        """What follows from what is known."""
        return self.stored.answer

    @property
    def open(self) -> tuple[Item, ...]:
        """The questions that nobody has answered, or not wholly."""
        return tuple(one for one in self.items if not one.complete)

    @property
    def title(self) -> str:
        """What the form is called: by the policies it asks for."""
        return "; ".join(one.title for one in self.answer.governing) or "Questions of coverage"


def form_of(house: House, person: str, order: str, *, payer: str = "", actor: str = "bedside") -> Form:
    """The form as the record fills it in now. Raises `NotFound`."""
    return _form(house, ask_coverage(house, person, order, payer=payer, actor=actor))


def answer_form(
    house: House, person: str, order: str, said: Mapping[str, object], *, by: str, payer: str = ""
) -> Form:
    """The form after somebody answered questions of it: their word is a fact of coverage from now on, with
    who said so. Raises `RequestError` with every answer that is none."""
    facts = stated_facts(pack_of(house).facts, said, by=by, on=house.clock().date())
    return _form(house, ask_coverage(house, person, order, payer=payer, form=facts, actor=by))


def _form(house: House, stored: StoredCoverage) -> Form:
    return Form(stored, items_of(stored.answer, stored.asked.facts, pack_of(house).facts))


def form_resources(
    house: House, form: Form, authorisation: str, claim: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The Questionnaire, and its answers as they travel in the request of this number."""
    names = sorted(one.policy for one in form.answer.governing) or ["coverage"]
    asked = questionnaire("+".join(names), form.answer.knowledge, form.title, form.items)
    told = questionnaire_response(
        asked,
        form.items,
        patient=address(authorisation, "Patient"),
        context=(address(authorisation, "Coverage"), address(authorisation, "ServiceRequest")),
        at=house.clock(),
    )
    return asked, told
