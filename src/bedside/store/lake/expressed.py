"""The lake's cohort questions asked through expressions, on an engine that reads the same Parquet.

An `ExpressedLake` is one pinned generation. Who carries, who was tested and how often a variant is seen are
answered by the engine; questions about one person are the lake's own. Answers are the lake's, row for row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bedside.errors import StoreError
from bedside.genome.presence import Presence, Present
from bedside.genome.region import Region
from bedside.genome.variant import Variant, position_key
from bedside.store.lake import group_counts, questions, tables
from bedside.store.lake.carriers_file import CARRIERS, LONGEST, NO_HITS, Hits, hits_table
from bedside.store.lake.carriers_file import OWN as OWN_PLACES
from bedside.store.lake.cohort_answers import named
from bedside.store.lake.evidence_file import column
from bedside.store.lake.lake import EVERYBODY, Among
from bedside.store.lake.looked import SEEN
from bedside.store.lake.parquet_lake import ParquetLake
from bedside.store.lake.person_answers import NOT_TESTED, ZYGOSITY, answer
from bedside.store.lake.stretches import place
from bedside.store.lake.view import View

Batches = Iterator[pa.RecordBatch]
Expression = Any


class Engine(Protocol):
    """What an engine must offer: tables as expressions, and the answer to one. Paths are relative to the
    lake's folder."""

    name: str

    def parquet(self, paths: Sequence[str], schema: pa.Schema, *, tail: bool = False) -> Expression:
        """Rows of Parquet files; with `tail`, the end of each row's path as a column."""
        ...

    def contents(self, paths: Sequence[str]) -> Expression:
        """`path, content` of whole files."""
        ...

    def rows(self, table: pa.Table) -> Expression:
        """Rows that are sent."""
        ...

    def mapped(
        self, expression: Expression, function: Callable[[Batches], Batches], schema: pa.Schema
    ) -> Expression:
        """Rows made of an expression's by a function."""
        ...

    def ask(self, expression: Expression) -> pa.Table:
        """The answer to an expression, in any order."""
        ...

    def forget(self) -> None:
        """Let go of the tables of a question."""
        ...


class ExpressedLake(ParquetLake):
    """A pinned lake of which an engine answers the cohort questions."""

    def __init__(self, lake: ParquetLake, engine: Engine) -> None:
        super().__init__(lake.folder, lake.view().manifest)
        self.engine = engine

    @property
    def generation(self) -> int:
        """The generation that is asked."""
        return self.view().manifest.generation

    def carriers(self, keys: NDArray[np.int64], among: Among = EVERYBODY) -> pa.Table:
        """Everybody who carries any of the variants, as the lake says it."""
        view = self.view()
        whose = tables.counted(view, view.mask(among))
        wanted = np.unique(np.asarray(keys, np.int64))
        if not len(wanted) or not len(whose.numbers):
            return named(view, NO_HITS)
        with _question(self.engine):
            hits = self._hits(whose, wanted)
            if whose.several and len(hits):
                hits = self._believed(whose, hits)
        return named(view, hits)

    def tested(self, region: Region, among: Among = EVERYBODY) -> frozenset[str]:
        """Everybody of whom one run saw the whole region."""
        view = self.view()
        whose = tables.counted(view, view.mask(among))
        if not len(whose.numbers):
            return frozenset()
        spans = pa.table([[0], [region.number], [region.start], [region.end]], schema=tables.SPANS)
        with _question(self.engine):
            codes = self._codes(whose, spans)
            seen = column(self.engine.ask(codes.filter(codes.code == SEEN).select("run")), "run")
        return frozenset(view.roster.people.take(pa.array(np.unique(seen))).to_pylist())

    def presence_of(self, variant: Variant, among: Among = EVERYBODY) -> Mapping[str, Presence]:
        """Everybody's answer at one variant, without phase."""
        view = self.view()
        whose = tables.counted(view, view.mask(among))
        key = np.array([variant.key], np.int64)
        exact = self._exact(variant)
        people = view.roster.people.take(pa.array(whose.numbers)).to_pylist()
        said: dict[str, Presence] = dict.fromkeys(people, NOT_TESTED)
        if not len(whose.numbers):
            return said
        spans = pa.table([key, [key[0] >> 58], [variant.position], [variant.end]], schema=tables.SPANS)
        with _question(self.engine):
            hits = self._sent(self._hits(whose, key) if exact else NO_HITS)
            runs = self.engine.rows(whose.runs)
            codes = self._codes(whose, spans)
            found = self.engine.ask(questions.believed(hits, codes, runs))
        names = view.roster.people.take(found.column("run").combine_chunks()).to_pylist()
        for name, zygosity, code in zip(
            names, column(found, "zygosity").tolist(), column(found, "code").tolist(), strict=True
        ):
            said[name] = Present(ZYGOSITY[zygosity]) if zygosity else answer(code)
        return said

    def allele_counts(self, region: Region, groups: Mapping[str, str], among: Among = EVERYBODY) -> pa.Table:
        """For each variant that begins in the region and each group: copies seen and strands tested."""
        view = self.view()
        names = sorted(set(groups.values()))
        whose = tables.counted(view, view.mask(among), _groups(view, groups, names))
        low, high = position_key(region.number, region.start), position_key(region.number, region.end + 1)
        if not len(whose.numbers):
            return group_counts.SCHEMA.empty_table()
        with _question(self.engine):
            runs = self.engine.rows(whose.runs)
            carriers = self._carriers(whose, [region.number], between=(low, high))
            hits = questions.hits_between(carriers, runs, low, high)
            keys = np.unique(column(self.engine.ask(hits.select("key").distinct()), "key"))
            if not len(keys):
                return group_counts.SCHEMA.empty_table()
            spans = tables.spans_table(view, keys)
            believed = questions.believed(hits, self._codes(whose, spans), runs)
            counts = questions.copies_by_group(believed, self.engine.rows(spans), runs)
            return _filled(self.engine.ask(counts), keys, names)

    def _hits(self, whose: tables.Counted, wanted: NDArray[np.int64]) -> Hits:
        runs, keys = self.engine.rows(whose.runs), self.engine.rows(tables.wanted_table(wanted))
        carriers = self._carriers(whose, tables.chromosomes_of(wanted), wanted=wanted)
        return tables.hits_from(self.engine.ask(questions.hits(carriers, runs, keys)))

    def _sent(self, hits: Hits) -> Expression:
        return _wide(self.engine.rows(hits_table(hits)), *CARRIERS.names)

    def _believed(self, whose: tables.Counted, hits: Hits) -> Hits:
        """Of people with several runs the run that is believed, or none."""
        person = whose.view.roster.person
        times = np.bincount(person[whose.numbers], minlength=whose.view.manifest.people)
        contested = times[person[hits.run]] > 1
        if not contested.any():
            return hits
        few = hits.take(contested)
        involved = np.isin(person[whose.numbers], np.unique(person[few.run]))
        part = tables.Counted(
            whose.view, whose.runs.filter(pa.array(involved)), whose.numbers[involved], several=True
        )
        codes = self._codes(part, tables.spans_table(whose.view, np.unique(few.key)))
        found = questions.believed(self._sent(few), codes, self.engine.rows(part.runs))
        sure = tables.hits_from(self.engine.ask(found.filter(found.zygosity > 0)))
        return Hits(
            *(
                np.concatenate([getattr(each, name) for each in (hits.take(~contested), sure)])
                for name in ("key", "run", "zygosity")
            )
        )

    def _carriers(
        self,
        whose: tables.Counted,
        chromosomes: Sequence[int],
        wanted: NDArray[np.int64] | None = None,
        between: tuple[int, int] = (0, (1 << 63) - 1),
    ) -> Expression:
        """Rows of carriers of every level that can hold what is asked."""
        view, engine = whose.view, self.engine
        parts = [engine.rows(CARRIERS.empty_table())]
        if paths := tables.paths_of(view, "carriers", chromosomes):
            parts.append(engine.parquet(paths, CARRIERS))
        if paths := tables.paths_of(view, "packed", chromosomes):
            parts.append(self._common(paths, wanted, between))
        if fresh := whose.fresh:
            paths = tables.digest_paths(view, "evidence", [entry.evidence for entry in fresh])
            rows = engine.mapped(engine.contents(paths), tables.decoded, tables.FRESH)
            runs = engine.rows(_by_tail([(tables.tail_of(e.evidence), e.number) for e in fresh], "run"))
            parts.append(rows.join(runs, "tail").select("key", "run", "zygosity"))
        whole = _wide(parts[0], *CARRIERS.names)
        for part in parts[1:]:
            whole = whole.union(_wide(part, *CARRIERS.names))
        return whole

    def _common(
        self, paths: Sequence[str], wanted: NDArray[np.int64] | None, between: tuple[int, int]
    ) -> Expression:
        """The rows of the matrix that are asked for, unpacked; the keys are looked at first, because the rest
        of a row is long."""
        engine = self.engine
        schema = pa.schema([("key", pa.int64()), ("packed", pa.binary())])
        matrix = engine.parquet(paths, schema)
        matrix = matrix.filter((matrix.key >= between[0]) & (matrix.key < between[1]))
        if wanted is not None:
            own = engine.parquet(paths, schema).select("key")
            here = engine.ask(own.join(engine.rows(tables.wanted_table(wanted)), "key"))
            keys = np.sort(column(here, "key"))
            if not len(keys):
                return engine.rows(CARRIERS.empty_table())
            matrix = matrix.filter((matrix.key >= int(keys[0])) & (matrix.key <= int(keys[-1])))
            matrix = matrix.join(engine.rows(tables.wanted_table(keys)), "key").select("key", "packed")
        return engine.mapped(matrix, tables.unpacked, CARRIERS)

    def _codes(self, whose: tables.Counted, spans: pa.Table) -> Expression:
        engine = self.engine
        runs = engine.rows(whose.runs)
        looked, own = self._looked(whose, spans), self._own(whose, spans)
        return questions.codes(engine.rows(spans), runs, looked, own)

    def _looked(self, whose: tables.Counted, spans: pa.Table) -> Expression:
        lists = whose.lists
        if not lists:
            kind = pa.schema([("list", pa.int64()), *((f.name, pa.int64()) for f in tables.LOOKED)])
            return self.engine.rows(kind.empty_table())
        paths = tables.digest_paths(whose.view, "regions", list(lists))
        numbers = _by_tail([(tables.tail_of(digest), number) for digest, number in lists.items()], "list")
        rows = _near(self.engine.parquet(paths, tables.LOOKED, tail=True), spans)
        return _wide(rows.join(self.engine.rows(numbers), "tail"), "list", *tables.LOOKED.names)

    def _own(self, whose: tables.Counted, spans: pa.Table) -> Expression:
        view, engine = whose.view, self.engine
        names = ("run", *tables.OWN.names)
        own = engine.rows(pa.schema([(name, pa.int64()) for name in names]).empty_table())
        if paths := tables.paths_of(view, "own", np.unique(column(spans, "number")).tolist()):
            rows = engine.parquet(paths, OWN_PLACES)
            low, high = _bounds(spans)
            rows = rows.filter((rows.place >= low - LONGEST) & (rows.place <= high))
            position = (1 << 28) - 1
            rows = rows.select(
                "run",
                "state",
                chromosome=rows.place >> 28,
                start=rows.place & position,
                end=rows.end & position,
            )
            own = own.union(_wide(rows, *names))
        if fresh := whose.fresh:
            paths = tables.digest_paths(view, "regions", [entry.regions for entry in fresh])
            runs = engine.rows(_by_tail([(tables.tail_of(e.regions), e.number) for e in fresh], "run"))
            rows = _near(engine.parquet(paths, tables.OWN, tail=True), spans)
            own = own.union(_wide(rows.join(runs, "tail"), *names))
        return own

    def _exact(self, variant: Variant) -> bool:
        """Whether those who carry the key carry this variant: a key that hashes its alleles could be
        another's. Both in one lake, which no simulation ever showed, is for the lake itself to answer."""
        if not variant.key >> 29 & 1:
            return True
        known = self.view().levels.alleles(variant.key, variant.key + 1)
        pairs = set(
            zip(*(known.column(name).to_pylist() for name in ("reference", "alternate")), strict=True)
        )
        own = variant.reference, variant.alternate
        if own in pairs and len(pairs) > 1:
            where = tables.place_words(variant.key)
            raise StoreError(f"two variants at {where} share a key; ask without another engine")
        return own in pairs


@contextmanager
def _question(engine: Engine) -> Iterator[None]:
    """While a question is asked; its tables are let go of afterwards."""
    try:
        yield
    finally:
        engine.forget()


def _groups(view: View, groups: Mapping[str, str], names: Sequence[str]) -> NDArray[np.int64]:
    """The number of the group of each run's person, -1 for who is in none."""
    rank = {name: number for number, name in enumerate(names)}
    numbers = np.array([*(rank[name] for name in groups.values()), -1], np.int64)
    at = pc.index_in(view.roster.people, value_set=pa.array(list(groups), pa.string())).fill_null(len(groups))
    return numbers[at.to_numpy(zero_copy_only=False)]  # type: ignore[no-any-return]


def _filled(found: pa.Table, keys: NDArray[np.int64], names: Sequence[str]) -> pa.Table:
    """Counts with every group of every variant that is seen in somebody, in the lake's order."""
    row, group = np.searchsorted(keys, column(found, "key")), column(found, "group")
    counts = np.zeros((2, len(keys), len(names)), np.int64)
    for place_, name in enumerate(("copies", "strands")):
        counts[place_, row, group] = column(found, name)
    copies, strands = counts
    seen = copies.sum(axis=1) > 0
    columns = [
        pa.array(np.repeat(keys[seen], len(names))),
        pa.array(list(names) * int(seen.sum()), pa.string()),
        pa.array(copies[seen].ravel()),
        pa.array(strands[seen].ravel()),
    ]
    return pa.table(columns, schema=group_counts.SCHEMA)


def _by_tail(pairs: Sequence[tuple[str, int]], name: str) -> pa.Table:
    """What a file's path says, as a table to join with."""
    tails, numbers = zip(*pairs, strict=True)
    return pa.table({"tail": pa.array(tails, pa.string()), name: pa.array(numbers, pa.int64())})


def _near(stretches: Expression, spans: pa.Table) -> Expression:
    """Only stretches that can touch a span, so that most of a file is not read."""
    numbers = np.unique(column(spans, "number")).tolist()
    if len(numbers) > 1:
        return stretches.filter(stretches.chromosome.isin(numbers))
    low, high = int(column(spans, "first").min()), int(column(spans, "last").max())
    return stretches.filter(
        (stretches.chromosome == numbers[0]) & (stretches.start <= high) & (stretches.end >= low)
    )


def _wide(expression: Expression, *names: str) -> Expression:
    """The columns as 64-bit numbers, so that tables can be put together."""
    return expression.select(**{name: expression[name].cast("int64") for name in names})


def _bounds(spans: pa.Table) -> tuple[int, int]:
    """The first and the last place of any span."""
    number = column(spans, "number")
    return int(place(number, column(spans, "first")).min()), int(place(number, column(spans, "last")).max())
