"""Erasing bytes: what tombstones already hide is taken out of every file, or the file is deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from bedside.genome.region import CHROMOSOMES, Region
from bedside.store.lake import packed
from bedside.store.lake.carriers_file import ROW_GROUP, PartWriter
from bedside.store.lake.evidence_file import column
from bedside.store.lake.files import arriving, by_digest, failing, open_parquet, settle
from bedside.store.lake.lake import Among, Run
from bedside.store.lake.manifest import Entry, Manifest, Part
from bedside.store.lake.person_answers import variants
from bedside.store.lake.roster import ROW_GROUP as RUNS_GROUP
from bedside.store.lake.view import View

_BLANK = ("person", "result", "evidence", "regions", "looked")


@dataclass(frozen=True, slots=True)
class Erasure:
    """The proof that a person is gone: at which generation the lake was asked again, what it answered, and
    which files are no more. `shared`: files kept because somebody else's run has the same bytes. `waiting`:
    hidden from every answer, but `purge` has not deleted the bytes yet."""

    generation: int
    ledger_sequence: int
    waiting: bool
    runs: int
    evidence_rows: int
    gone: tuple[str, ...]
    shared: tuple[str, ...]
    remaining: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing of the person is left."""
        return not (self.waiting or self.runs or self.evidence_rows or self.remaining)


def purged(view: View) -> tuple[Manifest, list[str]]:
    """The generation in which erased runs have no bytes, and the digests that are to go."""
    manifest = view.manifest
    gone = np.array(sorted(manifest.erased - manifest.purged), np.int64)
    if not len(gone):
        return manifest, []
    entries = view.roster.entries(gone.tolist())
    doomed = _unshared(view, entries)
    parts: list[Part] = []
    for level in view.levels.names():
        parts += _rewritten(view, level, gone)
    kept = {part.path for part in parts}
    replaced = [part for part in manifest.parts if part.path not in kept]
    blank = {entry.number for entry in entries}
    fresh = tuple(_blank(entry) if entry.number in blank else entry for entry in manifest.fresh)
    digests = sorted({*doomed, *(part.sha256 for part in replaced)})
    paths = (*doomed.values(), *manifest.before, *(part.path for part in replaced))
    _remember(view, entries, digests)
    after = replace(
        manifest,
        parts=tuple(parts),
        fresh=fresh,
        purged=manifest.purged | set(gone.tolist()),
        before=(),
        doomed=tuple(sorted({*manifest.doomed, *paths})),
    )
    return after, digests


def taken_over(now: Manifest, after: Manifest, kept: set[str]) -> Manifest:
    """The purge's result with what was admitted and erased while it ran. A file that a run admitted
    meanwhile, or still waiting (`kept`), needs is not doomed."""
    new = now.fresh[len(after.fresh) :]
    digests = {digest for entry in new for digest in (entry.evidence, entry.regions, entry.looked)}
    needed = {by_name(digest) for digest in digests | kept if digest}
    return replace(
        after,
        generation=now.generation + 1,
        ledger_sequence=now.ledger_sequence,
        people=now.people,
        fresh=(*after.fresh, *new),
        erased=now.erased,
        doomed=tuple(path for path in after.doomed if path.split("/", 1)[1] not in needed),
    )


def _blank(entry: Entry) -> Entry:
    return replace(entry, person="", result="", evidence="", regions="", looked="")


def by_name(digest: str) -> str:
    """How the path of a file named by its digest ends."""
    return f"{digest[:2]}/{digest[2:]}.parquet"


def remembered(view: View, runs: set[str]) -> tuple[str, ...]:
    """The digests of the files that were deleted with these runs."""
    found: set[str] = set()
    folder = view.folder / "erasures"
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        with failing("read"):
            said = orjson.loads(path.read_bytes())
        if runs & set(said["runs"]):
            found |= set(said["digests"])
    return tuple(sorted(found))


def _unshared(view: View, entries: list[Entry]) -> dict[str, str]:
    """Digest and path of the files of erased runs that no other run has."""
    roster = view.roster
    alive = pa.array(roster.alive)
    doomed: dict[str, str] = {}
    for kind, names in (("evidence", ("evidence",)), ("regions", ("regions", "looked"))):
        digests = {getattr(entry, name) for entry in entries for name in names}
        used: set[str] = set()
        for name in names:
            used |= set(roster.texts(name).filter(alive).to_pylist()) & digests
        doomed |= {d: f"{kind}/{by_name(d)}" for d in digests - used if d}
    return doomed


def _rewritten(view: View, level: str, gone: NDArray[np.int64]) -> Iterator[Part]:
    """The parts of a level without some runs; parts that hold nothing of them stay as they are."""
    parts = [part for part in view.manifest.parts if part.level == level]
    here = gone[(gone >= parts[0].first_run) & (gone <= parts[0].last_run)]
    if not len(here):
        yield from parts
        return
    hashed: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for part in parts:
        if part.kind != "alleles":
            yield from _without(view, part, here, hashed)
    seen = np.unique(np.concatenate(hashed))
    for part in parts:
        if part.kind == "alleles":
            yield from _without(view, part, seen, [])


def _without(view: View, part: Part, runs: NDArray[np.int64], hashed: list[NDArray[np.int64]]) -> list[Part]:
    """One file without some runs (of alleles: with these keys only); the same file when it held nothing of
    them. `hashed` gathers the hashed keys that are left."""
    token = f"{view.manifest.generation + 1:09d}"
    path = part.path.removesuffix(".parquet").split("~")[0] + f"~{token}.parquet"
    file = open_parquet(view.folder / part.path, part.sha256, part.size)
    changed = False
    about = (part.kind, part.level, path, (part.first_run, part.last_run), part.chromosome)
    with PartWriter(view.folder, *about) as writer:
        for group in range(file.num_row_groups):
            with failing("read"):
                table = file.read_row_group(group)
            left, other = _filtered(part.kind, table, runs)
            changed |= other
            if "key" in left.schema.names:
                keys = column(left, "key")
                hashed.append(np.unique(keys[keys >> 29 & 1 == 1]))
            writer.write(left, {"runs": RUNS_GROUP, "packed": max(1, len(table))}.get(part.kind, ROW_GROUP))
        return writer.finish() if changed else [part]


def _filtered(kind: str, table: pa.Table, runs: NDArray[np.int64]) -> tuple[pa.Table, bool]:
    """Some rows of a file without the runs, and whether anything changed."""
    if kind == "packed":
        before = packed.matrix_of(table)
        after = packed.without_runs(before, runs)
        left = after.any(axis=1)
        names = (table.column(name).to_pylist() for name in ("reference", "alternate"))
        whole = packed.packed_table(column(table, "key"), list(zip(*names, strict=True)), after)
        return whole.filter(pa.array(left)), not np.array_equal(before, after)
    if kind == "runs":
        here = np.isin(column(table, "number"), runs)
        for name in _BLANK:
            texts = ["" if gone else text for text, gone in zip(table[name].to_pylist(), here, strict=True)]
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, pa.array(texts, pa.string()))
        return table, bool(here.any())
    keep = np.isin(column(table, "key"), runs) if kind == "alleles" else ~np.isin(column(table, "run"), runs)
    return table.filter(pa.array(keep)), not bool(keep.all())


def _remember(view: View, entries: list[Entry], digests: list[str]) -> None:
    """Write down which files go with which runs; names of runs say nothing about a person."""
    content = {"runs": [entry.run for entry in entries], "digests": digests}
    target = view.folder / "erasures" / f"{view.manifest.generation + 1:09d}-{entries[0].number}.json"
    with failing("written"), arriving(target.parent) as temporary:
        temporary.write_bytes(orjson.dumps(content))
        settle(temporary, target)


def proof(view: View, person: str, runs: Sequence[Run]) -> Erasure:
    """Ask about somebody as if they were here. `runs`: what the ledger knows of the person's runs, so that
    their files can be looked for."""
    everywhere = [Region(name, 1, (1 << 28) - 1) for name in CHROMOSOMES]
    still = view.roster.numbers_of(person)
    hidden = sorted(view.manifest.erased - view.manifest.purged)
    waiting = any(entry.person == person for entry in view.roster.entries(hidden))
    alive = pa.array(view.roster.alive)
    used = {d for name in ("evidence", "regions") for d in view.roster.texts(name).filter(alive).to_pylist()}
    digests = {digest for run in runs for digest in (run.evidence, run.regions)}
    kept = {digest for digest in digests if _exists(view, digest)}
    return Erasure(
        generation=view.manifest.generation,
        ledger_sequence=view.manifest.ledger_sequence,
        waiting=waiting or bool(view.manifest.doomed),
        runs=len(still),
        evidence_rows=len(variants(view, person, everywhere, Among())),
        gone=tuple(sorted({*remembered(view, {run.run for run in runs}), *digests} - kept)),
        shared=tuple(sorted(kept & used)),
        remaining=tuple(sorted(kept - used)),
    )


def _exists(view: View, digest: str) -> bool:
    return any(by_digest(view.folder / kind, digest).exists() for kind in ("evidence", "regions"))
