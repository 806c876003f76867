"""A line between two servers that a test spoils: cut, silent, slow, doubled, broken off in the middle."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

MODES = ("cut", "silent", "slow", "doubled", "half-answer", "half-question", "garbled")


class BadLine:
    """Listens on a port and passes requests on to another one, in the mode that is set."""

    def __init__(self, to: int) -> None:
        self.to, self.mode, self.seen = to, "pass", 0
        self.choose: Callable[[], str] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._ended = False
        threading.Thread(target=self._run, daemon=True).start()

    def at_random(self, seed: int) -> None:
        """From now on, each request in a mode of its own."""
        chance = random.Random(seed)
        self.choose = lambda: chance.choice((*MODES, "pass", "pass"))

    def heal(self) -> None:
        """From now on, pass everything."""
        self.choose, self.mode = None, "pass"

    def close(self) -> None:
        self._ended = True
        self._listener.close()

    def _run(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.seen += 1
            mode = self.choose() if self.choose else self.mode
            threading.Thread(target=self._serve, args=(client, mode), daemon=True).start()

    def _serve(self, client: socket.socket, mode: str) -> None:
        with client, suppress(OSError):
            client.settimeout(10)
            if mode == "cut":
                return
            request = _whole(client)
            if mode == "silent":
                while not self._ended and self.mode == "silent":
                    time.sleep(0.05)
                return
            if mode == "garbled":
                client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n<html>sign in</ht")
                return
            if mode == "half-question":
                self._ask(request[: len(request) // 2], whole=False)
                return
            if mode == "slow":
                time.sleep(0.3)
            answer = self._ask(request)
            if mode == "doubled":
                self._ask(request)
            client.sendall(answer[: len(answer) // 2] if mode == "half-answer" else answer)

    def _ask(self, request: bytes, *, whole: bool = True) -> bytes:
        with socket.create_connection(("127.0.0.1", self.to), timeout=10) as server:
            server.sendall(request)
            if not whole:
                return b""
            heard = b""
            while piece := server.recv(65536):
                heard += piece
            return heard


def _whole(client: socket.socket) -> bytes:
    """A request with all of its body."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = client.recv(65536)
        if not piece:
            return request
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        piece = client.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body
