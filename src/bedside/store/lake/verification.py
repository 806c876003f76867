"""Reading every byte again: digests, order, counts, and the caches."""

from __future__ import annotations

import numpy as np

from bedside.errors import StoreError, Tampered
from bedside.store.lake.carriers_file import assert_sorted
from bedside.store.lake.evidence_file import read_evidence
from bedside.store.lake.files import digest_of
from bedside.store.lake.looked_file import read_own, read_shared
from bedside.store.lake.view import View


def verified(view: View) -> int:
    """How many files the generation consists of, all of them as they were written; otherwise `Tampered`
    with everything that is wrong."""
    wrong: list[str] = []
    checked = 0
    for part in view.manifest.parts:
        path = view.folder / part.path
        try:
            if digest_of(path) != part.sha256:
                wrong.append(f"{part.path}: is not what its digest says")
            else:
                assert_sorted(path, part)
        except StoreError as error:
            wrong.append(f"{part.path}: {error}")
        checked += 1
    seen: set[tuple[str, str]] = set()
    try:
        for entry in view.roster.entries(np.flatnonzero(view.roster.alive).tolist()):
            seen |= {("evidence", entry.evidence), ("own", entry.regions), ("shared", entry.looked)}
    except StoreError as error:
        wrong.append(f"the table of runs: {error}")
    for kind, digest in sorted(seen):
        if digest:
            _file(view, kind, digest, wrong)
            checked += 1
    for level in view.levels.names():
        view.levels.check_cache(level)
    if wrong:
        raise Tampered(
            "\n".join([*wrong, "restore these files from a copy; `rebuild` the lake if they are lost"])
        )
    return checked


def _file(view: View, kind: str, digest: str, wrong: list[str]) -> None:
    path = view.shelf.evidence(digest) if kind == "evidence" else view.shelf.regions(digest)
    try:
        if digest_of(path) != digest:
            wrong.append(f"{kind} {digest[:12]}: is not what its digest says")
        elif kind == "evidence":
            read_evidence(path, digest)
        elif kind == "own":
            read_own(path, digest)
        else:
            read_shared(path, digest)
    except StoreError as error:
        wrong.append(f"{kind} {digest[:12]}: {error}")
