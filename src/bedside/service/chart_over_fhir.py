"""What an EHR's chart adds to ours before an order: only where the record says nothing, and only about the
same person.
"""

from __future__ import annotations

import json

from bedside.errors import IntakeError, Problem, RequestError
from bedside.exchange.order_chart import read_chart, shown
from bedside.knowledge.test_catalogue import FromChart
from bedside.service.house import House
from bedside.service.match_person import match_person
from bedside.service.order_test import Elsewhere


def chart_over_fhir(house: House, person: str, content: bytes) -> Elsewhere:
    """What a FHIR Bundle says of this person that laboratories ask. Raises `IntakeError` when it cannot be
    read, `RequestError` when number, name and birth date are not this person's."""
    try:
        bundle = json.loads(content)
    except (ValueError, RecursionError):
        raise IntakeError.one("chart", "is no JSON", remedy="give a FHIR Bundle") from None
    chart = read_chart(bundle)
    match = match_person(house, chart.patient, "")
    if match.person != person:
        reasons = match.reasons or ("it is another person's",)
        raise RequestError(
            Problem("chart", reason, remedy="give this person's own chart") for reason in reasons
        )
    return Elsewhere(
        told={
            FromChart.ANCESTRY: chart.ancestry,
            FromChart.MEDICATIONS: "; ".join(chart.medicines),
            FromChart.PROBLEMS: "; ".join(map(shown, chart.problems)),
            FromChart.RELATIVES: ", ".join(chart.relatives),
        },
        answers=chart.answers,
        problems=chart.problems,
    )
