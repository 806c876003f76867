"""The rows of a screen: written once for each distinct answer, with the people it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bedside.genome.consent import Refusal
from bedside.genome.variant import parse_variant
from bedside.interpret.germline.screened import Outcome, ReasonCode
from bedside.store.encode import canonical

COLUMNS = (
    "person",
    "gene",
    "variant",
    "zygosity",
    "classification",
    "stars",
    "disease",
    "inheritance",
    "gate_outcome",
    "reason_code",
    "knowledge_release",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a panel says of one variant of a finding; of somebody who may not be screened only why."""

    gene: str = ""
    variant: str = ""
    zygosity: str = ""
    classification: str = ""
    stars: str = ""
    disease: str = ""
    inheritance: str = ""
    outcome: str = ""
    reason: str = ""
    release: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells after the person's, in the order of `COLUMNS`."""
        return (
            self.gene,
            self.variant,
            self.zygosity,
            self.classification,
            self.stars,
            self.disease,
            self.inheritance,
            self.outcome,
            self.reason,
            self.release,
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and everybody it is given for, sorted."""

    answer: Answer
    people: tuple[str, ...]


def not_screened(why: Refusal, release: str) -> Answer:
    """The row of somebody whose genome may not be read for this: nothing of it is shown."""
    if why is Refusal.WITHDRAWN:
        outcome, reason = Outcome.NO_ACTION.value, ReasonCode.CONSENT_WITHDRAWN.value
    elif why is Refusal.AGE_UNKNOWN:
        outcome, reason = Outcome.HOLD.value, ReasonCode.AGE_UNKNOWN.value
    else:
        outcome, reason = Outcome.HOLD.value, ReasonCode.CONSENT_MISSING.value
    return Answer(outcome=outcome, reason=reason, release=release)


def answered(pairs: Iterable[tuple[Answer, str]]) -> tuple[Answered, ...]:
    """Answers with their people, in genome order; those without a variant last."""
    found: dict[Answer, list[str]] = {}
    for answer, person in pairs:
        found.setdefault(answer, []).append(person)
    several = (Answered(answer, tuple(sorted(people))) for answer, people in found.items())
    return tuple(sorted(several, key=_order))


def _order(one: Answered) -> tuple[Any, ...]:
    variant = one.answer.variant
    return (not variant, parse_variant(variant) if variant else 0, one.answer.cells)


def counts_of(rows: Iterable[Answered]) -> Mapping[str, int]:
    """How many rows have each outcome."""
    counts = Counter[str]()
    for one in rows:
        counts[one.answer.outcome] += len(one.people)
    return {outcome.value: counts[outcome.value] for outcome in Outcome if counts[outcome.value]}


def write_document(header: Mapping[str, Any], rows: Sequence[Answered]) -> bytes:
    """The document of a screen: its header, then one answer a line with its people."""
    lines = [canonical({"document": "screen", **header})]
    lines += [canonical({**asdict(one.answer), "people": one.people}) for one in rows]
    return b"\n".join(lines) + b"\n"


def person_rows(rows: Iterable[Answered]) -> Iterator[tuple[str, ...]]:
    """One row a person and variant, by person, then in genome order."""
    every = [(person, place, one) for place, one in enumerate(rows) for person in one.people]
    for person, _, one in sorted(every, key=lambda row: row[:2]):
        yield (person, *one.answer.cells)


def table_lines(rows: Iterable[Answered]) -> Iterator[str]:
    """Tab-separated text with a header."""
    yield "\t".join(COLUMNS)
    for row in person_rows(rows):
        yield "\t".join(row)


def json_lines(rows: Iterable[Answered]) -> Iterator[str]:
    """A JSON array, one object a line."""
    first = True
    for row in person_rows(rows):
        yield ("[" if first else ",") + canonical(dict(zip(COLUMNS, row, strict=True))).decode()
        first = False
    yield "[]" if first else "]"
