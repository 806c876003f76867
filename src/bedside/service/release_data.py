"""De-identified data for research: who allowed it, in rows or counts, looked through before it is given away.

What leaves is searched for every name, number, date of birth and id in the record, also of people who are not
in it; one that is found stops all of it. That it left, for what and by whom, is on record first.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import InputError, Problem, StoreError
from bedside.genome.consent import Purpose, Refusal, consent_from, refusal_of
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Person, Sex
from bedside.genome.result import Confirmation
from bedside.interpret.gene_call import CallStatus
from bedside.knowledge.retention import load_retention
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.deidentified import (
    HIDDEN,
    LONGEST_SHIFT,
    MOST_GENES,
    NO_RESULT,
    NOT_TESTED,
    Dates,
    PlainRow,
    blurred,
    cross_table,
)
from bedside.service.consented_lake import policy_of
from bedside.service.house import House
from bedside.service.record_ids import record_ids
from bedside.service.whole_file import whole_file

_WORD = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
_LEAST_NAME = 2


class Leak(StoreError):
    """Something that identifies somebody stood in what was to be given away; nothing was written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. form: `rows` or `counts`. use: a term of the Data Use Ontology, "" for none said."""

    genes: tuple[str, ...]
    form: str
    purpose: str
    dates: Dates = Dates.YEAR
    use: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """What left: sha256, how many rows, people left out by reason (small counts hidden), and how many were in
    too small a group."""

    digest: str
    rows: int
    left_out: Mapping[str, str]
    too_small: int


def release_data(house: House, wanted: Wanted, target: Path, *, actor: str) -> Released:
    """Write the table. Raises `InputError` for what cannot be asked, `Leak`, or `StoreError`; nothing is
    written then."""
    _check(house, wanted)
    packs = house.settings.knowledge_folder
    least = max(load_small_numbers(packs).least, load_retention(packs).least_released)
    today = house.clock().date()
    rows, refused = _rows(house, wanted)
    if len(rows) < least:
        raise InputError.one(
            "deidentified", f"fewer than {least} people allow this use; nothing is given away"
        )
    table, kept = _table(rows, wanted, today, least)
    content = "".join("\t".join(line) + "\n" for line in table).encode()
    look_through(house, content, _vocabulary(house, wanted))
    left_out = {reason.value: _told(count, least) for reason, count in sorted(refused.items(), key=str)}
    done = Released(hashlib.sha256(content).hexdigest(), len(table) - 1, left_out, len(rows) - kept)
    said = {
        "purpose": wanted.purpose,
        "digest": done.digest,
        "form": wanted.form,
        "genes": list(wanted.genes),
        "dates": wanted.dates.value,
        "use": wanted.use,
        "rows": done.rows,
        "left-out": left_out,
        "least": least,
    }
    house.ledger.append([NewEvent(EventKind.DATA_RELEASED, actor, house.clock(), None, said)])
    with whole_file(target) as file:
        file.write(content)
    return done


def _check(house: House, wanted: Wanted) -> None:
    problems = []
    unknown = sorted(set(wanted.genes) - set(house.pgx.genes))
    if unknown:
        problems.append(Problem("--gene", f"the release has no {', '.join(unknown)}"))
    if not 1 <= len(set(wanted.genes)) <= MOST_GENES:
        problems.append(Problem("--gene", f"one to {MOST_GENES}: more side by side tell people apart"))
    if wanted.form not in ("rows", "counts"):
        problems.append(Problem("--form", "is rows or counts"))
    if wanted.form == "counts" and len(set(wanted.genes)) != 1:
        problems.append(Problem("--gene", "counts are of one gene"))
    if not wanted.purpose.strip():
        problems.append(Problem("--purpose", "says what the data is for"))
    if problems:
        raise InputError(problems)


def _rows(house: House, wanted: Wanted) -> tuple[list[PlainRow], Counter[Refusal]]:
    policy, today, refused = policy_of(house), house.clock().date(), Counter[Refusal]()
    found = []
    for known in _everybody(house):
        said = consent_from(
            known.person, house.ledger.consents(known.person), known.birth_date, today, policy
        )
        refusal = refusal_of(said, Purpose.RESEARCH, policy, wanted.use)
        if refusal is not None:
            refused[refusal.refusal] += 1
            continue
        found.append(_row(house, known, wanted.genes))
    secrets.SystemRandom().shuffle(found)
    return found, refused


def _row(house: House, known: Person, genes: Sequence[str]) -> PlainRow:
    calls = house.ledger.person_calls(known.person)
    results = [
        one
        for one in house.ledger.results(known.person)
        if not one.withdrawn and one.confirmation is Confirmation.CLINICAL
    ]
    phenotypes = {}
    for gene in genes:
        call = calls.get(gene)
        settled = call is not None and call.status is CallStatus.CALLED and len(call.phenotypes) == 1
        phenotypes[gene] = NOT_TESTED if call is None else call.phenotypes[0] if settled else NO_RESULT
    days = secrets.randbelow(LONGEST_SHIFT) + 1
    shift = days if secrets.randbelow(2) else -days
    tested = max((one.valid_at.date() for one in results), default=None)
    return PlainRow(secrets.token_hex(8), known.sex.value, known.birth_date, tested, shift, phenotypes)


def _everybody(house: House) -> Iterable[Person]:
    return house.ledger.people(limit=max(1, house.ledger.count_people()))


def _table(
    rows: Sequence[PlainRow], wanted: Wanted, today: Any, least: int
) -> tuple[list[tuple[str, ...]], int]:
    """The lines of the table, its header first, and how many people are in it."""
    if wanted.form == "counts":
        return [
            ("phenotype", "sex", "age", "people"),
            *cross_table(rows, wanted.genes[0], today, least),
        ], len(rows)
    kept = blurred(rows, today, wanted.dates, least)
    header = ("id", "sex", "age", "tested", *wanted.genes)
    lines = [
        (row.ident, row.sex, row.age, row.tested, *(row.phenotypes[gene] for gene in wanted.genes))
        for row in kept
    ]
    return [header, *lines], len(kept)


def _told(count: int, least: int) -> str:
    return str(count) if count >= least else f"fewer than {least}"


def _vocabulary(house: House, wanted: Wanted) -> frozenset[str]:
    """The words a table is made of, which may also be somebody's name: they say nothing of anybody."""
    texts = ["id sex age tested phenotype people fewer than unknown", HIDDEN, NOT_TESTED, NO_RESULT]
    texts += [*wanted.genes, *(sex.value for sex in Sex)]
    for gene in wanted.genes:
        texts += [rule.phenotype for rule in house.pgx.genes[gene].rules]
    return frozenset(word for text in texts for word in words_of(text))


def words_of(text: str) -> set[str]:
    """The words of a text in one spelling; parts of a joined one too."""
    found = set()
    for word in _WORD.findall(text.casefold()):
        found |= {word, *re.split(r"[-./]", word)}
    return found


def look_through(house: House, content: bytes, vocabulary: frozenset[str]) -> None:
    """Search what is to be given away for whatever names anybody in the record. Raises `Leak`, which says in
    which line it stands and not what."""
    names = identifying(house) - vocabulary
    for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
        if words_of(line) & names:
            raise Leak(
                f"line {number} holds something that names a person of this record; nothing was written"
            )


def identifying(house: House) -> frozenset[str]:
    """Every word that names anybody: names, numbers, dates of birth in common forms, ids, whatever else
    was said at a registration."""
    found: set[str] = set()
    ids = record_ids(house.ledger)
    for event in house.ledger.events(kinds=(EventKind.PERSON_REGISTERED,)):
        for text in _texts({k: v for k, v in event.payload.items() if k not in ("sex", "ancestry")}):
            found |= words_of(text)
        born = str(event.payload.get("birth_date") or "")
        found |= {born.replace("-", ""), ".".join(reversed(born.split("-")))} if born else set()
        found.discard(born[:4])
        found -= set(born.split("-")) if born else set()
    for known in _everybody(house):
        found.add(known.person.casefold())
        if ids is not None:
            found.add(ids.of(known.person).casefold())
    return frozenset(word for word in found if len(word) >= _LEAST_NAME)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "system":
                yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)
