"""What the ledger answers about consent and stored genomes, for one person and for a million."""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bedside.genome.consent import Decision, Giver, Said, Scope, Stage, day_number
from bedside.genome.event import EventKind
from bedside.store.chain import from_micros
from bedside.store.encode import decode
from bedside.store.ledger import Alike, GenomeRun
from bedside.store.readings import Readings

_MOVES = (
    EventKind.CONSENT_RECORDED,
    EventKind.PERSON_REGISTERED,
    EventKind.GENOME_STORED,
    EventKind.GENOME_ERASED,
)
_MOVED = ", ".join(["COALESCE((SELECT MAX(sequence) FROM event WHERE kind = ?), 0)"] * len(_MOVES))
_DAY = "CASE given_by WHEN 'self' THEN said_on ELSE ? END"
_ADULT = f"said_on <= ? AND born + ? <= {_DAY}"
_NOT_ADULT = f"(said_on > ? OR born IS NULL OR born + ? > {_DAY})"
_STAGED = f"CASE WHEN said_on > ? THEN 'L' WHEN born IS NULL OR born > {_DAY} THEN 'U' ELSE 'C' END || person"
_STAGE = {"C": (Stage.CHILD, False), "U": (Stage.UNKNOWN, False), "L": (Stage.UNKNOWN, True)}
_GROUP = "scope, decision, given_by, uses, emancipated"


class GenomeReadings(Readings):
    """The readings of a ledger, with those of consent and of stored genomes."""

    def consents(self, person: str) -> Mapping[Scope, Said]:
        """What was last said of each layer that was ever spoken of, before age is looked at."""
        rows = self._all(f"SELECT {_GROUP}, said_at FROM consent WHERE person = ? ORDER BY scope", person)
        return {
            Scope(scope): Said(
                Decision(decision), from_micros(at), Giver(by), tuple(uses.split()), bool(emancipated)
            )
            for scope, decision, by, uses, emancipated, at in rows
        }

    def decisions(self, scopes: Collection[Scope], on: date, majority: int) -> tuple[Alike, ...]:
        """The last decisions of everybody about some layers, together where they stand alike on a day."""
        if not scopes:
            return ()
        day, years = day_number(on), majority * 10_000
        adults = self._dialect.listed("person", _ADULT)
        others = self._dialect.listed(_STAGED, _NOT_ADULT)
        rows = self._all(
            f"SELECT {_GROUP}, {adults}, {others} FROM consent "
            f"WHERE scope IN ({', '.join('?' * len(scopes))}) GROUP BY {_GROUP} ORDER BY {_GROUP}",
            *(day, years, day),
            *(day, day, day, years, day),
            *sorted(scope.value for scope in scopes),
        )
        return tuple(one for row in rows for one in _alike(row))

    def genome_runs(self, person: str | None = None, after: int = 0) -> tuple[GenomeRun, ...]:
        """Runs of a person or of everybody, stored after a place in the ledger, in that order; erased ones
        are there and marked."""
        query = (
            "SELECT run, person, result, evidence, records, stored, erased FROM genome_run WHERE stored > ?"
        )
        whose = () if person is None else (person,)
        query += " AND person = ?" * len(whose) + " ORDER BY stored"
        return tuple(GenomeRun(*row) for row in self._all(query, after, *whose))

    def count_genome_runs(self) -> int:
        """How many runs are stored and not erased."""
        return int(self._all("SELECT COUNT(*) FROM genome_run WHERE erased IS NULL")[0][0])

    def people_with_genome(self) -> tuple[str, ...]:
        """Everybody who has a stored run that is not erased."""
        listed = self._dialect.listed("person", "1 = 1")
        some = "SELECT DISTINCT person FROM genome_run WHERE erased IS NULL"
        return tuple(decode(self._all(f"SELECT {listed} FROM ({some}) AS held")[0][0]))

    def people_erased(self) -> frozenset[str]:
        """Everybody who had stored runs and has none left."""
        query = (
            "SELECT DISTINCT person FROM genome_run gone WHERE erased IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM genome_run kept WHERE kept.person = gone.person AND kept.erased IS NULL)"
        )
        return frozenset(row[0] for row in self._all(query))

    def genome_changed(self, since: Sequence[int], most: int) -> frozenset[str] | None:
        """Whom the events after a look at `genome_moved` concern; None when there are more than `most`."""
        query = "SELECT person FROM event WHERE kind = ? AND sequence > ? ORDER BY sequence LIMIT ?"
        found: set[str] = set()
        for kind, after in zip(_MOVES, since, strict=True):
            rows = self._all(query, kind.value, after, most + 1)
            if len(rows) > most:
                return None
            found |= {row[0] for row in rows}
        return frozenset(found)

    def genome_moved(self) -> tuple[int, ...]:
        """Places in the ledger that change when consent, a genome or somebody's demographics do; cheap."""
        return tuple(self._all(f"SELECT {_MOVED}", *(kind.value for kind in _MOVES))[0])


def _alike(row: tuple[Any, ...]) -> Iterator[Alike]:
    """The people of one group by age: adults come as they are, others with the letter of their stage."""
    scope, decision, by, uses, emancipated, adults, others = row
    said = Said(Decision(decision), None, Giver(by), tuple(uses.split()), bool(emancipated))
    if grown := tuple(decode(adults)):
        yield Alike(Scope(scope), said, Stage.ADULT, False, grown)
    staged = decode(others)
    for letter, (stage, later) in _STAGE.items():
        if people := tuple(text[1:] for text in staged if text[0] == letter):
            yield Alike(Scope(scope), said, stage, later, people)
