"""Other payers' forms: read where they ask in words, refused with the reason where only CQL could."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bedside.errors import InputError
from bedside.exchange.dtr_package import PayersQuestion, read_package

CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
ADAPTIVE = "http://hl7.org/fhir/StructureDefinition/questionnaire-questionnaireAdaptive"


def package(*forms: dict[str, Any]) -> bytes:
    """A package as `$questionnaire-package` answers it."""
    bundles = [
        {
            "name": "packagebundle",
            "resource": {
                "resourceType": "Bundle",
                "entry": [{"resource": {"resourceType": "Questionnaire", "title": "Form", **one}}],
            },
        }
        for one in forms
    ]
    return json.dumps({"resourceType": "Parameters", "parameter": bundles}).encode()


def test_a_form_of_plain_questions_is_read_and_what_a_program_would_fill_is_asked_of_a_person() -> None:
    computed = {"linkId": "2", "text": "Age", "type": "integer", "extension": [{"url": CALCULATED}]}
    choice = {
        "linkId": "1.1",
        "text": "Was a drug tried?",
        "type": "choice",
        "required": True,
        "answerOption": [{"valueCoding": {"code": "y", "display": "Yes"}}, {"valueString": "No"}],
    }
    items = [{"linkId": "1", "type": "group", "item": [choice]}, computed]
    (form,) = read_package(package({"url": "http://payer.example/q", "version": "2", "item": items}))
    assert (form.address, form.title) == ("http://payer.example/q|2", "Form")
    assert form.questions == (
        PayersQuestion("1.1", "Was a drug tried?", "choice", True, ("Yes", "No"), False),
        PayersQuestion("2", "Age", "integer", False, (), True),
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no", "is no JSON"),
        (b"[]", "holds no questionnaire"),
        (package({"item": []}), "holds only CQL"),
        (
            package({"item": [{"linkId": "1", "type": "string", "extension": [{"url": CALCULATED}]}]}),
            "holds only CQL",
        ),
        (package({"extension": [{"url": ADAPTIVE}]}), "question by question"),
    ],
)
def test_a_form_that_cannot_be_filled_here_is_refused_with_what_to_do_instead(
    content: bytes, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        read_package(content)


def test_every_form_that_cannot_be_filled_is_named() -> None:
    with pytest.raises(InputError) as refused:
        read_package(package({"item": []}, {"extension": [{"url": ADAPTIVE}]}))
    assert len(refused.value.problems) == 2
