"""A stored ClinVar release, opened: verified once, its columns read when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bedside.errors import PackError
from bedside.genome.citation import Release
from bedside.genome.observation import digest
from bedside.genome.variant import Variant, place_of
from bedside.knowledge.catalogue import find_release, label
from bedside.knowledge.classification import ClassifiedVariant, classification_numbered
from bedside.knowledge.clinvar.keep import DESCRIPTION, KIND, NAME, RECORDS, releases_root
from bedside.knowledge.clinvar.read_file import digest_of
from bedside.knowledge.source import Source, parse_source
from bedside.settings import Settings

_FREQUENCIES = {"af_esp": "AF_ESP", "af_exac": "AF_EXAC", "af_tgp": "AF_TGP"}
_GROUPS_HELD, _FEW = 16, 64


class ClinvarRelease:
    """The rows of a release, sorted by key; a row is named by its number from 0.

    `.release` is what answers cite. Columns are `keys`, `classifications` and `stars` (numbers),
    `variation_ids` (0 where the file has none); `.table` is all of it, read lazily.
    """

    def __init__(self, folder: Path, source: Source, release: Release) -> None:
        self.folder, self.source, self.release = folder, source, release
        self._file = pq.ParquetFile(folder / RECORDS, memory_map=True)
        self._lock = Lock()
        self._group = lru_cache(_GROUPS_HELD)(self._read_group)

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def table(self) -> pl.LazyFrame:
        """Every column, read lazily by polars."""
        return pl.scan_parquet(self.folder / RECORDS)

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """The key of each row, ascending."""
        return self.column("key").astype(np.int64)

    @cached_property
    def classifications(self) -> NDArray[np.int8]:
        """`Classification.number` of each row."""
        return self.column("classification").astype(np.int8)

    @cached_property
    def stars(self) -> NDArray[np.int8]:
        """The stars of each row's review status."""
        return self.column("stars").astype(np.int8)

    @cached_property
    def variation_ids(self) -> NDArray[np.int32]:
        """ClinVar's VariationID of each row, 0 where the file does not say."""
        return self.column("variation_id").astype(np.int32)

    def column(self, name: str) -> NDArray[Any]:
        """A column of numbers, 0 where a row has none."""
        with self._lock:
            read = self._file.read(columns=[name]).column(0)
        return cast(NDArray[Any], pc.fill_null(read, 0).combine_chunks().to_numpy(zero_copy_only=False))

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows whose key is among these, ascending. A key of long alleles may be shared: compare alleles
        before you tell a person.
        """
        return self.locate(np.unique(keys))[1]

    def locate(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of a place in `keys` and a row with that key, in the order of `keys`."""
        low = np.searchsorted(self.keys, keys, side="left")
        count = np.searchsorted(self.keys, keys, side="right") - low
        which = np.repeat(np.arange(len(keys), dtype=np.int64), count)
        within = np.arange(int(count.sum()), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
        return which, np.repeat(low, count) + within

    def at(self, variant: Variant) -> tuple[ClassifiedVariant, ...]:
        """What the release says of a variant: the alleles themselves are compared. Nothing, when it is not
        in it.
        """
        found = self.records(self.find(np.array([variant.key], np.int64)))
        return tuple(one for one in found if one.variant == variant)

    def records(self, rows: Iterable[int]) -> tuple[ClassifiedVariant, ...]:
        """The records of these rows, in their order. Of many, only the rows asked for are unpacked."""
        wanted = np.fromiter(rows, np.int64)
        if len(wanted) <= _FEW:
            return tuple(self._record(int(row)) for row in wanted)
        scan = pl.scan_parquet(self.folder / RECORDS, row_index_name="row", parallel="prefiltered")
        found = scan.filter(pl.col("key").is_in(self.keys[np.unique(wanted)])).collect().sort("row")
        values = found.rows(named=True)
        return tuple(self._made(values[at]) for at in np.searchsorted(found["row"].to_numpy(), wanted))

    def in_genes(self, genes: Collection[str]) -> NDArray[np.int64]:
        """The keys of every record that names one of these genes, ascending."""
        return np.unique(self.keys[self.rows_in_genes(genes)])

    def rows_in_genes(self, genes: Collection[str]) -> NDArray[np.int64]:
        """The rows that name one of these genes, ascending."""
        wanted = frozenset(genes)
        column = self._genes
        named = [word for word in column.unique().drop_nulls() if not wanted.isdisjoint(word.split("|"))]
        return column.is_in(named).fill_null(value=False).arg_true().to_numpy().astype(np.int64)

    @cached_property
    def _genes(self) -> pl.Series:
        return self.table.select("genes").collect().to_series()

    def _record(self, row: int) -> ClassifiedVariant:
        group, place = self._place(row)
        return self._made({name: column[place].as_py() for name, column in self._group(group).items()})

    def _made(self, values: Mapping[str, Any]) -> ClassifiedVariant:
        chromosome, position = place_of(values["key"])
        return ClassifiedVariant(
            variation_id=values["variation_id"],
            allele_id=values["allele_id"],
            variant=Variant(chromosome, position, values["reference"], values["alternate"]),
            genes=tuple((values["genes"] or "").split("|")) if values["genes"] else (),
            classification=classification_numbered(values["classification"]),
            stars=values["stars"],
            review_status=_spaced(values["review"] or ""),
            conditions=tuple(_spaced(one) for one in (values["conditions"] or "").split("|") if one),
            consequences=tuple(re.findall(r"SO:\d+", values["consequences"] or "")),
            raw=values["raw"],
            release=str(self.release),
            frequencies={
                name: round(values[column], 6)
                for column, name in _FREQUENCIES.items()
                if values[column] is not None
            },
        )

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        sizes = [self._file.metadata.row_group(group).num_rows for group in range(self._file.num_row_groups)]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def _place(self, row: int) -> tuple[int, int]:
        group = int(np.searchsorted(self._starts, row, side="right")) - 1
        return group, row - int(self._starts[group])

    def _read_group(self, group: int) -> Mapping[str, pa.Array]:
        with self._lock:
            table = self._file.read_row_group(group)
        return {name: table.column(name).combine_chunks() for name in table.column_names}


def load_clinvar(name: str = NAME, root: Path | Settings | None = None) -> ClinvarRelease:
    """A release by `clinvar@2026-02-26`, by its date alone, or `clinvar`, the newest.

    root: the folder of a site's own knowledge, or its settings. Raises PackError when there is no such
    release, or when its bytes are not those that were stored.
    """
    where = releases_root(root) if isinstance(root, Settings) else root
    named, _, asked = name.partition("#")
    source, _, day = named.rpartition("@") if "@" in named else ("", "", named)
    if named == NAME:
        source, day = NAME, ""
    loaded = open_release(find_release(source or NAME, day or None, where))
    if asked and not loaded.release.sha256.startswith(asked):
        raise PackError.one(name, f"the release of this date has another digest: {loaded.release}")
    return loaded


def open_release(folder: Path) -> ClinvarRelease:
    """The release in this folder; raises PackError when it is not whole."""
    content = (folder / DESCRIPTION).read_bytes()
    problems: list[Any] = []
    source = parse_source(label(folder / DESCRIPTION), content, problems)
    if source is None:
        raise PackError(problems)
    if source.kind != KIND:
        raise PackError.one(label(folder), f"is a release of kind {source.kind!r}, not {KIND!r}")
    listed = {table.file: table.sha256 for table in source.tables}
    path = folder / RECORDS
    if not path.is_file() or digest_of(path) != listed.get(RECORDS):
        remedy = "add the original file again; nothing is answered from a changed release"
        raise PackError.one(label(path), "does not equal its digest in source.toml", remedy=remedy)
    return ClinvarRelease(folder, source, Release(source.name, source.date, digest(content)))


def _spaced(words: str) -> str:
    return words.replace("..", ", ").replace("_", " ")
