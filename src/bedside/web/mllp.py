"""Listens for HL7 v2 messages over MLLP. A message is acknowledged after the ledger committed it, never
before: an ACK means it is on disk.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from bedside.errors import BedsideError, InputError, IntakeError, Problem, SettingsError
from bedside.exchange.hl7v2_ack import Addressed, Answer, Condition, addressed, write_ack
from bedside.exchange.hl7v2_text import MOST_BYTES, Message, read_message
from bedside.exchange.order_answer import KINDS
from bedside.service.answer_order import answer_order
from bedside.service.house import House
from bedside.service.receive_hl7 import keep_message
from bedside.service.receive_result import Fate, Kept, Received, receive_together
from bedside.settings import is_loopback

START, END = b"\x0b", b"\x1c\r"
_IDLE_SECONDS = 600.0
_PIECE = 1 << 16
_READERS = 8
_TOGETHER = 64
_AGAIN = "could not be stored; send it again"


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen and who may send. peers: addresses that may, when not empty. tls: off loopback either
    this or peers is needed."""

    host: str = "127.0.0.1"
    port: int = 2575
    peers: frozenset[str] = field(default_factory=frozenset)
    tls: ssl.SSLContext | None = None


def reply(house: House, content: bytes) -> bytes:
    """Take one message and say what became of it. What is refused is stored nowhere; what is kept is on disk
    when this returns."""
    kept = keep(house, content)
    return kept if isinstance(kept, bytes) else take(house, content, kept)


def keep(house: House, content: bytes) -> Kept | bytes:
    """The message read, and its bytes on disk; or the answer that refuses it."""
    to = addressed(content)
    try:
        message = read_message(content)
    except IntakeError as error:
        return _answer(house, to, Answer.ERROR, Condition.DATA_TYPE, "cannot be read", error)
    if message.header.text(9, 1) in KINDS:
        return _of_order(house, to, message, content)
    if message.header.text(9, 1) != "ORU":
        text = "only results (ORU, R01) and answers to orders (ORL, O22) are taken here"
        return _answer(house, to, Answer.REJECT, Condition.UNSUPPORTED, text)
    try:
        return keep_message(house, message, content)
    except InputError as error:
        return _answer(house, to, Answer.ERROR, Condition.SEQUENCE, "is not one result of one patient", error)
    except (BedsideError, OSError):
        return _answer(house, to, Answer.REJECT, Condition.INTERNAL, _AGAIN)


def _of_order(house: House, to: Addressed, message: Message, content: bytes) -> bytes:
    """The answer to a laboratory's answer to an order; what it said is on disk then."""
    try:
        new = answer_order(house, message, content)
    except InputError as error:
        return _answer(house, to, Answer.ERROR, Condition.SEQUENCE, "is no answer to an order of ours", error)
    except (BedsideError, OSError):
        return _answer(house, to, Answer.REJECT, Condition.INTERNAL, _AGAIN)
    return _answer(house, to, Answer.ACCEPT, Condition.ACCEPTED, "stored" if new else "was stored before")


def take(house: House, content: bytes, kept: Kept) -> bytes:
    """The answer to a message whose bytes are kept: committed to the ledger, or to be sent again."""
    (received,) = receive_together(house, [kept])
    return told(house, content, received)


def told(house: House, content: bytes, received: Received | BedsideError) -> bytes:
    """The answer that says what became of a message."""
    to = addressed(content)
    if isinstance(received, BedsideError):
        return _answer(house, to, Answer.REJECT, Condition.INTERNAL, _AGAIN)
    if received.fate is Fate.QUARANTINED:
        why = IntakeError(Problem("quarantine", reason) for reason in received.reasons)
        return _answer(house, to, Answer.ACCEPT, Condition.ACCEPTED, "kept; a person must look at it", why)
    text = "stored" if received.new else "was stored before"
    return _answer(house, to, Answer.ACCEPT, Condition.ACCEPTED, text)


def _answer(
    house: House,
    to: Addressed,
    answer: Answer,
    condition: Condition,
    text: str,
    error: InputError | None = None,
) -> bytes:
    reasons = error.problems if error is not None else () if answer is Answer.ACCEPT else (text,)
    return write_ack(to, answer, condition, text, reasons, house.clock(), uuid4().hex[:20])


class MllpListener:
    """A listener in a thread of its own. Messages are taken one after another, whoever sends them, so that
    two reports of one result are never judged at the same moment; reading them and keeping their bytes is
    done side by side."""

    def __init__(self, house: House, where: Listening) -> None:
        if not is_loopback(where.host) and where.tls is None and not where.peers:
            raise SettingsError("off loopback, HL7 v2 needs TLS or a list of the addresses that may send")
        self._house, self._where = house, where
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="bedside-hl7v2-read")
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="bedside-hl7v2")
        self._waiting: list[tuple[bytes, Kept, asyncio.Future[bytes]]] = []
        self._busy = False
        self._committing: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="bedside-mllp", daemon=True)
        self.port = where.port

    def start(self) -> None:
        """Listen; `SettingsError` when the address cannot be had. `.port` is the port then."""
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._shut()
            raise SettingsError(
                f"cannot listen on {self._where.host}:{self._where.port}: {self._failed.strerror}"
            ) from self._failed

    def stop(self) -> None:
        """Take no more; the message being taken is finished first."""
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._shut()

    def _shut(self) -> None:
        self._readers.shutdown()
        self._worker.shutdown()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await asyncio.start_server(
                self._connected, self._where.host, self._where.port, ssl=self._where.tls, limit=_PIECE
            )
        except OSError as error:
            self._failed = error
            self._ready.set()
            return
        self.port = int(server.sockets[0].getsockname()[1])
        self._ready.set()
        await self._stopping.wait()
        server.close()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            peer = writer.get_extra_info("peername")
            if not self._where.peers or (peer and peer[0] in self._where.peers):
                await self._converse(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # what was acknowledged is on disk, what was not will be sent again
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting = bytearray()
        loop = asyncio.get_running_loop()
        while True:
            frame, rest = next_frame(waiting)
            waiting = rest
            if frame is not None:
                kept = await loop.run_in_executor(self._readers, self._keep, frame)
                if isinstance(kept, bytes):
                    answer = kept
                else:
                    answer = await self._taken(frame, kept)
                writer.write(START + answer + END)
                await writer.drain()
                continue
            if len(waiting) > MOST_BYTES:
                return
            piece = await asyncio.wait_for(reader.read(_PIECE), _IDLE_SECONDS)
            if not piece:
                return
            waiting += piece

    def _keep(self, frame: bytes) -> Kept | bytes:
        """`keep`, whatever happens."""
        try:
            return keep(self._house, frame)
        except Exception:  # noqa: BLE001
            return self._unforeseen(frame)

    async def _taken(self, frame: bytes, kept: Kept) -> bytes:
        """The answer once the message is committed, together with whatever else waits by then."""
        done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append((frame, kept, done))
        if not self._busy:
            self._busy = True
            self._committing = asyncio.create_task(self._commit())
        return await done

    async def _commit(self) -> None:
        """Take what waits, group by group, until nothing does."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
            pairs = [(frame, kept) for frame, kept, _ in group]
            answers = await loop.run_in_executor(self._worker, self._take, pairs)
            for (_, _, done), answer in zip(group, answers, strict=True):
                if not done.done():
                    done.set_result(answer)
        self._busy = False

    def _take(self, pairs: Sequence[tuple[bytes, Kept]]) -> list[bytes]:
        """The answers to a group, whatever happens."""
        try:
            received = receive_together(self._house, [kept for _, kept in pairs])
            return [told(self._house, frame, one) for (frame, _), one in zip(pairs, received, strict=True)]
        except Exception:  # noqa: BLE001
            if len(pairs) > 1:
                return [answer for pair in pairs for answer in self._take([pair])]
            return [self._unforeseen(frame) for frame, _ in pairs]

    def _unforeseen(self, frame: bytes) -> bytes:
        """An unforeseen failure is the sender's to repeat; the answer names no value of the message."""
        text = "an unforeseen failure; nothing is acknowledged"
        return _answer(self._house, addressed(frame), Answer.REJECT, Condition.INTERNAL, text)


def next_frame(waiting: bytearray) -> tuple[bytes | None, bytearray]:
    """The first whole frame of what has arrived, without its marks, and the rest; noise before a frame is
    dropped."""
    start = waiting.find(START)
    if start < 0:
        return None, bytearray()
    end = waiting.find(END, start)
    if end < 0:
        return None, waiting[start:] if start else waiting
    return bytes(waiting[start + 1 : end]), waiting[end + len(END) :]


@contextmanager
def listening(house: House, where: Listening) -> Iterator[MllpListener]:
    """A listener for as long as the block runs."""
    listener = MllpListener(house, where)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()
