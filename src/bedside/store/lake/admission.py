"""How a run comes into the lake: its files first, durable and invisible; then one new generation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from bedside.genome.evidence import Genome
from bedside.store.lake.evidence_file import X_COPIES, evidence_bytes
from bedside.store.lake.files import failing, open_parquet, put_by_digest
from bedside.store.lake.lake import Run
from bedside.store.lake.levels import Shelf
from bedside.store.lake.looked import Own, alike, all_looked, differences
from bedside.store.lake.looked_file import SHARED, own_bytes, shared_bytes
from bedside.store.lake.manifest import Entry, Manifest
from bedside.store.lake.stretches import Stretches
from bedside.store.lake.view import View

CANDIDATES = 8
"""With how many lists of stretches a new run is compared, the most used first."""


def store(
    shelf: Shelf, known: Iterable[str], genome: Genome, person: str, result: str, confirmed: bool
) -> tuple[Run, str]:
    """Write the files of a run; `known` are digests of shared lists, the likeliest first. The run, and the
    list it shares."""
    looked, spoiled = all_looked(genome)
    folder = shelf.folder
    evidence = put_by_digest(folder / "evidence", evidence_bytes(genome.evidence))
    shared, own = _shared(shelf, known, looked, spoiled)
    regions = put_by_digest(folder / "regions", own_bytes(own, shared))
    said = f"{person}\n{result}\n{genome.assay.value}\n{confirmed}\n{evidence}\n"
    name = hashlib.sha256(said.encode())
    for array in (looked.start, looked.end, spoiled.start, spoiled.end, spoiled.state):
        name.update(array.tobytes())
    run = Run(
        run=name.hexdigest()[:32],
        person=person,
        result=result,
        assay=genome.assay,
        evidence=evidence,
        regions=regions,
        records=genome.records,
        confirmed=confirmed,
    )
    _keep_for(shelf, run, shared)
    return run, shared


def admitted(view: View, runs: Sequence[Run], ledger_sequence: int) -> Manifest:
    """The next generation with these runs in it; the same one when nothing is new. A run that was erased
    stays erased."""
    manifest = view.manifest
    names = set(view.roster.run_names_among([run.run for run in runs]))
    fresh = list(manifest.fresh)
    people = manifest.people
    numbers: dict[str, int] = {}
    for run in runs:
        if run.run in names:
            continue
        names.add(run.run)
        if run.person not in numbers:
            mine = view.roster.numbers_of(run.person)
            numbers[run.person] = int(view.roster.person[mine[0]]) if mine else people
            people += not mine
        fresh.append(_entry(view.shelf, run, manifest.merged + len(fresh), numbers[run.person]))
    if len(fresh) == len(manifest.fresh) and ledger_sequence <= manifest.ledger_sequence:
        return manifest
    return replace(
        manifest,
        generation=manifest.generation + 1,
        ledger_sequence=max(ledger_sequence, manifest.ledger_sequence),
        people=people,
        fresh=tuple(fresh),
    )


def erased(view: View, person: str, ledger_sequence: int) -> Manifest:
    """The next generation, which counts the person in no answer."""
    manifest = view.manifest
    gone = view.roster.numbers_of(person)
    if not gone and ledger_sequence <= manifest.ledger_sequence:
        return manifest
    return replace(
        manifest,
        generation=manifest.generation + 1,
        ledger_sequence=max(ledger_sequence, manifest.ledger_sequence),
        erased=manifest.erased | frozenset(gone),
    )


def _entry(shelf: Shelf, run: Run, number: int, person_number: int) -> Entry:
    """What the manifest keeps of a run; its files must be there and be what their digests say."""
    evidence = _metadata(shelf.evidence(run.evidence), run.evidence)
    regions = _metadata(shelf.regions(run.regions), run.regions)
    looked = regions[SHARED].decode()
    open_parquet(shelf.regions(looked), looked)
    rows, first, last = map(int, evidence[X_COPIES].split(b","))
    return Entry(
        number=number,
        person_number=person_number,
        run=run.run,
        person=run.person,
        result=run.result,
        assay=run.assay.value,
        evidence=run.evidence,
        regions=run.regions,
        records=run.records,
        confirmed=run.confirmed,
        looked=looked,
        x_rows=rows,
        x_first=first,
        x_last=last,
    )


def waiting(folder: Path) -> set[str]:
    """The digests of files of runs that are stored and not admitted yet."""
    found: set[str] = set()
    with failing("read"):
        for path in (folder / "waiting").glob("*"):
            found |= set(path.read_text().split())
    return found


def _keep_for(shelf: Shelf, run: Run, shared: str) -> None:
    """Note which files a run needs, so that a purge before its admission leaves them alone."""
    note = shelf.folder / "waiting" / run.run
    with failing("written"):
        note.parent.mkdir(exist_ok=True)
        note.write_text(f"{run.evidence} {run.regions} {shared}")


def _metadata(path: Path, digest: str) -> dict[bytes, bytes]:
    with failing("opened"):
        return dict(open_parquet(path, digest).schema_arrow.metadata or {})


def _shared(shelf: Shelf, known: Iterable[str], looked: Stretches, spoiled: Own) -> tuple[str, Own]:
    """The list to share and what remains the run's own; a new list when none is alike."""
    best: tuple[int, str, Own] | None = None
    here = (digest for digest in known if digest and shelf.regions(digest).exists())
    for digest in islice(here, CANDIDATES):
        shared = shelf.shared(digest)
        own = differences(looked, shared, spoiled)
        if alike(looked, own, spoiled) and (best is None or len(own) < best[0]):
            best = len(own), digest, own
            if len(own) == len(spoiled):
                break
    if best is not None:
        return best[1], best[2]
    digest = put_by_digest(shelf.folder / "regions", shared_bytes(looked))
    return digest, spoiled
