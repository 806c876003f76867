"""`bedside serve --mllp-port`: results are taken beside the pages, and both end together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path


def test_the_listener_answers_while_the_pages_are_served(tmp_path: Path) -> None:
    words = ["serve", "--port", "0", "--mllp-port", "0", "--store", f"sqlite:///{tmp_path}/ledger.db"]
    with subprocess.Popen(
        [sys.executable, "-m", "bedside", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        first = served.stdout.readline()
        assert first.startswith("HL7 v2 over MLLP on 127.0.0.1:")
        assert served.stdout.readline().startswith("Bedside on http://127.0.0.1:")
        with socket.create_connection(("127.0.0.1", int(first.rpartition(":")[2])), timeout=20) as line:
            line.sendall(b"\x0bMSH|^~\\&|a|b|c|d|20260101||ADT^A01|1|P|2.5.1\r\x1c\r")
            assert b"|AR|" in line.recv(4096).replace(b"\r", b"|").replace(b"MSA|", b"|")
        served.send_signal(signal.SIGTERM)
        assert served.wait(timeout=30) in (0, -signal.SIGTERM)
