"""What the ledger answers about consent and stored genomes, for one person and for a million."""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

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
_STAGES = {
    Stage.UNKNOWN: f"(born IS NULL OR born > {_DAY})",
    Stage.ADULT: f"(born + ? <= {_DAY})",
    Stage.CHILD: f"(born <= {_DAY} AND born + ? > {_DAY})",
}
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
        columns: list[str] = []
        values: list[int | str] = []
        for stage, written in _STAGES.items():
            columns.append(self._dialect.listed("person", f"said_on <= ? AND {written}"))
            values += {
                Stage.UNKNOWN: [day, day],
                Stage.ADULT: [day, years, day],
                Stage.CHILD: [day, day, years, day],
            }[stage]
        columns.append(self._dialect.listed("person", "said_on > ?"))
        rows = self._all(
            f"SELECT {_GROUP}, {', '.join(columns)} FROM consent "
            f"WHERE scope IN ({', '.join('?' * len(scopes))}) GROUP BY {_GROUP} ORDER BY {_GROUP}",
            *values,
            day,
            *sorted(scope.value for scope in scopes),
        )
        return tuple(
            Alike(
                Scope(scope),
                Said(Decision(decision), None, Giver(by), tuple(uses.split()), bool(emancipated)),
                stage,
                later,
                people,
            )
            for scope, decision, by, uses, emancipated, *listed in rows
            for stage, later, people in zip(
                (*_STAGES, Stage.UNKNOWN),
                (False, False, False, True),
                (tuple(decode(text)) for text in listed),
                strict=True,
            )
            if people
        )

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

    def genome_moved(self) -> tuple[int, ...]:
        """Places in the ledger that change when consent, a genome or somebody's demographics do; cheap."""
        return tuple(self._all(f"SELECT {_MOVED}", *(kind.value for kind in _MOVES))[0])
