"""Everybody against every disease, in blocks, on several threads; can be stopped and taken up again.

What is kept between blocks is the queue so far and which blocks are done. The outcome is the same whatever
the number of threads and however often it was interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bedside.learn.phenotype_queue import EMPTY, Best, Queue, best_of, keep
from bedside.learn.phenotype_risk import BLOCK, Charts, Fit, Flags, blocks

SAVED_EVERY = 50
"""After so many blocks the work so far is written down, when a file for it is named."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Where unfinished work is kept, and the digest of everything it depends on."""

    path: Path
    digest: str


def tail_people(people: Iterable[object], wanted: int) -> Flags:
    """Which people the tails are fitted on: chosen by the digest of their ids, so never by their order."""
    ids = list(people)
    if len(ids) <= wanted:
        return np.ones(len(ids), dtype=bool)
    drawn = np.fromiter(
        (int.from_bytes(hashlib.blake2b(str(one).encode(), digest_size=8).digest()) for one in ids),
        dtype=np.uint64,
        count=len(ids),
    )
    chosen = np.zeros(len(ids), dtype=bool)
    chosen[np.argsort(drawn, kind="stable")[:wanted]] = True
    return chosen


def queue_of(
    fitted: Fit,
    charts: Charts,
    barred: Flags,
    least_features: int,
    capacity: int,
    *,
    workers: int = 2,
    saved: Saved | None = None,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Queue:
    """The queue over everybody. tell: is told how many people are done. saved: taken up when it is of the
    same work, and removed at the end."""
    queue, done = _taken_up(saved)
    waiting = [rows for rows in blocks(charts.people) if rows.start not in done]
    finished = 0
    running: set[Future[tuple[int, Best]]] = set()
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    rows = waiting.pop(0)
                    running.add(pool.submit(_block, fitted, charts, rows, least_features, queue.cut))
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for one in ended:
                    start, best = one.result()
                    queue, finished = keep(queue, best, barred, capacity), finished + 1
                    done.add(start)
                    if saved is not None and finished % SAVED_EVERY == 0:
                        _save(saved, queue, done)
                    tell(min(len(done) * BLOCK, charts.people), charts.people)
        except BaseException:
            if saved is not None:
                _save(saved, queue, done)
            raise
    if saved is not None:
        saved.path.unlink(missing_ok=True)
    return queue


def _block(fitted: Fit, charts: Charts, rows: slice, least_features: int, cut: float) -> tuple[int, Best]:
    return rows.start, best_of(fitted, charts.part(rows), rows.start, least_features, cut)


def _save(saved: Saved, queue: Queue, done: set[int]) -> None:
    told = {
        "digest": saved.digest,
        "done": sorted(done),
        "cut": queue.cut,
        "listed": _columns(queue.listed),
        "left_out": _columns(queue.left_out),
    }
    beside = saved.path.with_name(saved.path.name + ".new")
    beside.write_text(json.dumps(told), encoding="utf-8")
    os.replace(beside, saved.path)


def _taken_up(saved: Saved | None) -> tuple[Queue, set[int]]:
    if saved is None or not saved.path.is_file():
        return EMPTY, set()
    try:
        told = json.loads(saved.path.read_text(encoding="utf-8"))
    except ValueError:
        return EMPTY, set()
    if told["digest"] != saved.digest:
        return EMPTY, set()
    return Queue(_best(told["listed"]), _best(told["left_out"]), float(told["cut"])), set(told["done"])


def _columns(best: Best) -> list[list[float]]:
    return [column.tolist() for column in (best.person, best.disease, best.surprise, best.features)]


def _best(columns: list[list[float]]) -> Best:
    person, disease, surprise, features = columns
    return Best(
        np.asarray(person, dtype=np.int64),
        np.asarray(disease, dtype=np.int64),
        np.asarray(surprise, dtype=np.float64),
        np.asarray(features, dtype=np.int64),
    )
