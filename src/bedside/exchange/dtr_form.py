"""A payer's questions as a FHIR Questionnaire made from the criteria of its policies, and the answers as a
QuestionnaireResponse in the manner of Da Vinci DTR: each answer with its origin, what nobody knows left open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from bedside.decide.coverage_answer import CoverageAnswer
from bedside.exchange import pas_names as names
from bedside.genome.coverage import Facts, Known, Listed, NotKnown, Pointer, Said
from bedside.knowledge.coverage_policy import CoverageFact, FactType

Json = dict[str, Any]
ADDRESS = "urn:bedside:questionnaire:"


class Origin(Enum):
    """Where an answer is from, in DTR's codes. OPEN: nobody knows; nothing is sent."""

    AUTO = "auto-client"
    MANUAL = "manual"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Item:
    """One question with what is known. says: the criteria that turn on it. open: why it is not known."""

    fact: CoverageFact
    says: tuple[str, ...]
    origin: Origin
    value: bool | float | str | Listed | None = None
    evidence: tuple[Pointer, ...] = ()
    open: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything is known that is asked."""
        return self.value is not None and not (isinstance(self.value, Listed) and not self.value.complete)


def items_of(
    answer: CoverageAnswer, facts: Facts, vocabulary: Mapping[str, CoverageFact]
) -> tuple[Item, ...]:
    """The questions that the governing policies ask, each once, in their order."""
    said: dict[str, list[str]] = {}
    for policy in answer.governing or answer.policies:
        for one in policy.criteria:
            said.setdefault(one.fact, []).append(one.says)
    for missing in answer.missing:
        said.setdefault(missing.fact, [])
    return tuple(
        _item(vocabulary[fact], tuple(dict.fromkeys(says)), facts.get(fact))
        for fact, says in said.items()
        if fact in vocabulary
    )


def _item(fact: CoverageFact, says: tuple[str, ...], known: Known | NotKnown | None) -> Item:
    if not isinstance(known, Known):
        why = "nothing at hand says" if known is None else known.reason
        return Item(fact, says, Origin.OPEN, open=why)
    by_hand = any(one.said is Said.FORM for one in known.evidence)
    return Item(fact, says, Origin.MANUAL if by_hand else Origin.AUTO, known.value, known.evidence)


_TYPES = {
    FactType.YES_NO: "boolean",
    FactType.NUMBER: "decimal",
    FactType.WORD: "choice",
    FactType.TEXT: "string",
    FactType.LIST: "string",
}


def questionnaire(name: str, version: str, title: str, items: Sequence[Item]) -> Json:
    """The form: one question for each fact, in our own words."""
    return {
        "resourceType": "Questionnaire",
        "url": f"{ADDRESS}{name}",
        "version": version,
        "title": title,
        "status": "draft",
        "subjectType": ["Patient"],
        "item": [_question(one) for one in items],
    }


def _question(one: Item) -> Json:
    made: Json = {"linkId": one.fact.fact, "text": one.fact.question, "type": _TYPES[one.fact.type]}
    made["required"] = True
    if one.fact.type is FactType.LIST:
        made["repeats"] = True
    if one.fact.choices:
        made["answerOption"] = [{"valueString": choice} for choice in one.fact.choices]
    return made


def questionnaire_response(
    form: Mapping[str, Any], items: Sequence[Item], *, patient: str, context: Sequence[str], at: datetime
) -> Json:
    """The answers. patient, context: the addresses of whom and of what it is about (coverage and order).
    An open question stays in it without an answer, and the whole is then not completed."""
    done = all(one.complete for one in items)
    return {
        "resourceType": "QuestionnaireResponse",
        "extension": [
            *({"url": names.CONTEXT, "valueReference": {"reference": one}} for one in context),
            {
                "url": names.INTENDED_USE,
                "valueCodeableConcept": {
                    "coding": [
                        {"system": "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp", "code": "withpa"}
                    ]
                },
            },
        ],
        "questionnaire": f"{form['url']}|{form['version']}",
        "status": "completed" if done else "in-progress",
        "subject": {"reference": patient},
        "authored": at.isoformat(),
        "item": [_answered(one) for one in items],
    }


def _answered(one: Item) -> Json:
    made: Json = {"linkId": one.fact.fact, "text": one.fact.question}
    answers = [{**_origin(one), **value} for value in _values(one)]
    if answers:
        made["answer"] = answers
    return made


def _values(one: Item) -> Iterator[Json]:
    value = one.value
    if isinstance(value, bool):
        yield {"valueBoolean": value}
    elif isinstance(value, Listed):
        for text in sorted(value.values):
            yield {"valueString": text}
    elif isinstance(value, int | float):
        yield {"valueDecimal": value}
    elif isinstance(value, str):
        yield {"valueString": value}


def _origin(one: Item) -> Json:
    """From which part of the record, or that a person said so. Who that was stays at home, but for a role."""
    source = [{"url": "source", "valueCode": one.origin.value}]
    return {"extension": [{"url": names.ORIGIN, "extension": source}]}
