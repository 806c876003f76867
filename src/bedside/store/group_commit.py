"""Many requests, one flush to disk: appends that wait at the same time are written in one transaction.

Each caller returns only after its own events are on disk. When the audit cannot be written the caller is told
so (`AuditUnavailable`) and must refuse the request.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future

from bedside.errors import AuditUnavailable, StoreError
from bedside.genome.event import Event, NewEvent
from bedside.store.ledger import Ledger
from bedside.store.read_only import demand_looking

_Waiting = tuple[Sequence[NewEvent], Future[tuple[Event, ...]]]


class GroupCommit:
    """A writer thread in front of a ledger. The thread starts with the first append."""

    def __init__(self, ledger: Ledger, *, most: int = 512, longest_queue: int = 10_000) -> None:
        self._ledger = ledger
        self._most = most
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(longest_queue)
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, events: Sequence[NewEvent]) -> Future[tuple[Event, ...]]:
        """Hand events to the writer; the future is done when they are on disk, or fails with
        `AuditUnavailable`."""
        if getattr(self._ledger, "read_only", False):
            demand_looking(events)
        future: Future[tuple[Event, ...]] = Future()
        with self._start:
            if self._closed:
                raise AuditUnavailable("the audit is closed")
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="bedside-audit", daemon=True)
                self._thread.start()
        try:
            self._queue.put_nowait((events, future))
        except queue.Full:
            raise AuditUnavailable("too many requests wait for the audit") from None
        return future

    def append(self, events: Sequence[NewEvent], wait_seconds: float = 60.0) -> tuple[Event, ...]:
        """Write events together with whatever else waits; on disk when this returns."""
        try:
            return self.submit(events).result(wait_seconds)
        except TimeoutError:
            raise AuditUnavailable("the audit did not answer in time") from None

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._start:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = [first], False
            while len(batch) < self._most:
                try:
                    waiting = self._queue.get_nowait()
                except queue.Empty:
                    break
                if waiting is None:
                    last = True
                    break
                batch.append(waiting)
            self._write([each for each in batch if each[1].set_running_or_notify_cancel()])
            if last:
                return

    def _write(self, batch: list[_Waiting]) -> None:
        """Write the events of everybody who still waits; whoever gave up meanwhile is not written."""
        try:
            written = self._ledger.append([event for events, _ in batch for event in events])
        except (StoreError, ValueError) as error:
            self._one_by_one(batch, error)
            return
        except BaseException:
            for _, future in batch:
                future.set_exception(
                    AuditUnavailable("the audit could not be written: an unexpected failure")
                )
            raise
        start = 0
        for events, future in batch:
            future.set_result(written[start : start + len(events)])
            start += len(events)

    def _one_by_one(self, batch: list[_Waiting], error: Exception) -> None:
        """After a failed group whoever is at fault fails alone; two failures in a row mean that the store
        fails.
        """
        failures = 2 if len(batch) == 1 else 0
        for events, future in batch:
            if failures < 2:
                try:
                    future.set_result(self._ledger.append(events))
                    failures = 0
                    continue
                except (StoreError, ValueError) as again:
                    error, failures = again, failures + 1
            future.set_exception(AuditUnavailable(f"the audit could not be written: {error}"))
