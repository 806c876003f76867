"""Whether the record holds each fact of a letter as the letter has it: read again, from the raw bytes of the
ledger and not from what the facts were made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bedside.act.letter_check import Fault
from bedside.genome.event import Event, EventKind
from bedside.genome.letter import Fact, FactKind, Facts, Holder
from bedside.knowledge.letter_templates import LetterTemplate
from bedside.service.house import House
from bedside.service.letter_rows import LAYPERSON, lay_name
from bedside.store.encode import decode

_CALLED = "called"


def not_held(
    house: House, person: str, result: str, template: LetterTemplate, facts: Facts
) -> tuple[Fault, ...]:
    """Every fact that the record does not hold as stated."""
    events = tuple(house.ledger.events(person=person))
    reader = _Reader(house, person, result, template, events)
    return tuple(
        Fault(0, f"the record does not hold {one.name} as stated ({one.source.holder.value})")
        for one in facts.every()
        if not reader.holds(one)
    )


class _Reader:
    """The record of a person, read for one result."""

    def __init__(
        self, house: House, person: str, result: str, template: LetterTemplate, events: tuple[Event, ...]
    ) -> None:
        self._house, self._person, self._template = house, person, template
        about = [one for one in events if one.payload.get("result") == result]
        accepted = [one for one in about if one.kind is EventKind.RESULT_ACCEPTED]
        derived = [one for one in about if one.kind is EventKind.MEANINGS_DERIVED]
        self._accepted = accepted[-1] if accepted and accepted[-1].person == person else None
        self._withdrawn = any(one.kind is EventKind.RESULT_WITHDRAWN for one in about)
        self._registered = [one for one in events if one.kind is EventKind.PERSON_REGISTERED]
        self._calls: Mapping[str, str] = derived[-1].payload["calls"] if derived else {}
        self._releases = {str(house.pgx.release)} | {
            str(one.payload["release"])
            for one in events
            if one.kind in (EventKind.RELEASE_ADOPTED, EventKind.MEANINGS_DERIVED)
        }
        self._bodies = self._read()

    def _read(self) -> Mapping[str, Any]:
        if self._accepted is None:
            return {}
        said = self._accepted.payload
        wanted = {said["assay"], *said.get("reported", ()), *self._calls.values()}
        return {name: decode(body) for name, body in self._house.ledger.content(wanted).items()}

    def holds(self, fact: Fact) -> bool:
        """Whether one fact stands in the record where it says."""
        source = fact.source
        if self._accepted is None:
            return False
        match source.holder:
            case Holder.CONTENT:
                body = self._bodies.get(source.key)
                return body is not None and self._content(fact, body)
            case Holder.RESULT:
                return self._result(fact, self._accepted.payload, self._accepted.valid_at)
            case Holder.PERSON:
                said = [
                    " ".join(filter(None, (one.payload.get("given"), one.payload.get("family"))))
                    for one in self._registered
                ]
                return source.key == self._person and fact.value in said
            case Holder.GUIDANCE:
                return self._guidance(fact)
            case Holder.RULES:
                return self._rules(fact)
        return fact.name in ("day", "contact", "not_asked")

    def _content(self, fact: Fact, body: Mapping[str, Any]) -> bool:
        path = fact.source.path
        if path == LAYPERSON:
            return fact.value == body["condition"][1] and fact.shown == lay_name(fact.value)
        if path == "source_diplotypes":
            return fact.value == " or ".join("/".join(pair) for pair in body[path])
        value: Any = body
        for part in path.split("."):
            value = value[int(part)] if part.isdigit() else value.get(part)
            if value is None:
                return False
        return fact.value == (value if isinstance(value, str) else " or ".join(value))

    def _result(self, fact: Fact, said: Mapping[str, Any], valid_at: datetime) -> bool:
        match fact.name:
            case "reported_on":
                return fact.value == valid_at.date().isoformat()
            case "laboratory":
                return fact.value == said.get("laboratory")
            case "not_read":
                genes = {*self._house.pgx.genes, *self._calls}
                return set(fact.value.split(", ")) == {one for one in genes if self._status(one) != _CALLED}
            case "taken_back":
                return self._withdrawn
            case "limits_held":
                return bool(self._bodies[said["assay"]].get("limits"))
            case "nothing_reported":
                return self._presences() == {"absent"}
            case "no_answer":
                open_said = self._presences() & {"indeterminate", "no-call"}
                return bool(open_said) or all(self._status(gene) != _CALLED for gene in self._calls)
            case "read" | "advised" | "more" | "elsewhere":
                return any(self._status(gene) == _CALLED for gene in self._calls)
            case "release":
                return fact.value in self._releases
        return fact.name in ("corrected", "replaced")

    def _status(self, gene: str) -> str:
        body = self._bodies.get(self._calls.get(gene, ""), {})
        return str(body.get("status", ""))

    def _presences(self) -> set[str]:
        said = () if self._accepted is None else self._accepted.payload.get("reported", ())
        return {str(self._bodies[one].get("presence")) for one in said}

    def _guidance(self, fact: Fact) -> bool:
        wanted = set(fact.source.key.split("+"))
        rows = [
            row
            for several in self._house.pgx.guidance.values()
            for row in several
            if row.guidance_id in wanted
        ]
        if {row.guidance_id for row in rows} != wanted:
            return False
        if fact.kind is FactKind.DRUG:
            return {row.drug for row in rows} == {fact.value}
        return {row.action.value for row in rows} == set(fact.value.split("+"))

    def _rules(self, fact: Fact) -> bool:
        words = self._template.provenance
        if fact.name == "wording":
            return fact.value == f"{words.name} {words.sha256[:12]}"
        return fact.name == "contact" or fact.value == words.review_state
