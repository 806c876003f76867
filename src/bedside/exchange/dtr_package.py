"""Another payer's form (`$questionnaire-package`): read where it asks plain questions, refused with the
reason where it can only be filled by a language that Bedside does not run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.errors import InputError, Problem

MOST_QUESTIONS = 500
_EXPRESSION = ("sdc-questionnaire-", "cqf-expression", "cqf-calculatedValue", "launchContext", "variable")
_PLAIN = frozenset(
    {"boolean", "decimal", "integer", "date", "string", "text", "choice", "open-choice", "quantity"}
)
_ADAPTIVE = "questionnaire-questionnaireAdaptive"
_WHERE = "questionnaire package"


@dataclass(frozen=True, slots=True)
class PayersQuestion:
    """One question of another payer's form, as it asks it. computed: the payer wants it filled by an
    expression; a person answers it here."""

    link: str
    text: str
    type: str
    required: bool
    choices: tuple[str, ...]
    computed: bool


@dataclass(frozen=True, slots=True)
class PayersForm:
    """Another payer's form: its address with its version, and its questions in order."""

    address: str
    title: str
    questions: tuple[PayersQuestion, ...]


def read_package(content: bytes) -> tuple[PayersForm, ...]:
    """The forms of a package. Raises `InputError` with every reason why one cannot be filled in here: it is
    adaptive, or all of its questions are hidden and computed in CQL."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError.one(_WHERE, "is no JSON") from error
    problems: list[Problem] = []
    forms = [form for one in _questionnaires(document) if (form := _form(one, problems)) is not None]
    if not forms and not problems:
        problems.append(
            Problem(_WHERE, "holds no questionnaire", remedy="ask the payer for its form on paper")
        )
    if problems:
        raise InputError(problems)
    return tuple(forms)


def _questionnaires(node: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 6 or not isinstance(node, dict):
        return
    if node.get("resourceType") == "Questionnaire":
        yield node
    for name, key in (("parameter", "resource"), ("entry", "resource")):
        for one in node.get(name, ()) if isinstance(node.get(name), list) else ():
            if isinstance(one, dict):
                yield from _questionnaires(one.get(key), depth + 1)


def _form(one: Mapping[str, Any], problems: list[Problem]) -> PayersForm | None:
    name = str(one.get("title") or one.get("url") or "a form")[:120]
    if any(_ADAPTIVE in url for url in _urls(one)):
        problems.append(
            Problem(_WHERE, f"{name}: asks question by question and needs the payer's server for each",
                    remedy="fill it in at the payer's portal")
        )  # fmt: skip
        return None
    questions = tuple(_questions(one.get("item"), 0))
    if len(questions) > MOST_QUESTIONS:
        problems.append(Problem(_WHERE, f"{name}: has more than {MOST_QUESTIONS} questions"))
        return None
    if not questions or all(question.computed and not question.text for question in questions):
        problems.append(
            Problem(_WHERE, f"{name}: holds only CQL, which is not run here, and no question in words",
                    remedy="fill it in at the payer's portal, or send the letter")
        )  # fmt: skip
        return None
    address = str(one.get("url", ""))
    version = str(one.get("version", ""))
    return PayersForm(f"{address}|{version}" if version else address, name, questions)


def _questions(items: object, depth: int) -> Iterator[PayersQuestion]:
    if not isinstance(items, list) or depth > 10:
        return
    for one in items:
        if not isinstance(one, dict):
            continue
        if one.get("type") in _PLAIN:
            options = one.get("answerOption")
            yield PayersQuestion(
                link=str(one.get("linkId", "")),
                text=str(one.get("text", "")),
                type=str(one["type"]),
                required=one.get("required") is True,
                choices=tuple(_choices(options if isinstance(options, list) else ())),
                computed=any(word in url for url in _urls(one) for word in _EXPRESSION),
            )
        yield from _questions(one.get("item"), depth + 1)


def _choices(options: Sequence[object]) -> Iterator[str]:
    for one in options:
        if isinstance(one, dict):
            coding = one.get("valueCoding")
            if isinstance(coding, dict):
                yield str(coding.get("display") or coding.get("code") or "")
            elif "valueString" in one:
                yield str(one["valueString"])


def _urls(one: Mapping[str, Any]) -> list[str]:
    held = one.get("extension")
    return (
        [str(ext.get("url", "")) for ext in held if isinstance(ext, dict)] if isinstance(held, list) else []
    )
