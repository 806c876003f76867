"""What a community hospital's one small server needs: start, memory and page times of `bedside serve`.

bedside demo --people 5000 --no-serve --store sqlite:////tmp/small/ledger.db
python benchmarks/small_server.py sqlite:////tmp/small/ledger.db
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bedside.service.record_ids import record_ids
from bedside.store.open_ledger import open_ledger

CHARTS = 200


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def get(port: int, path: str) -> int:
    """The status of a page; 0 while nothing listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except OSError:
        return 0
    finally:
        connection.close()


def megabytes(pid: int, name: str) -> float:
    """A line of the process's status (`VmRSS`, `VmHWM`) in MB."""
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(rf"{name}:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0.0


def main(store: str) -> None:
    """Start, look, stop."""
    ledger = open_ledger(store)
    ids = record_ids(ledger)
    people = ledger.people(limit=CHARTS)
    count, events = ledger.count_people(), ledger.checkpoint().sequence
    ledger.close()
    assert ids is not None
    port = free_port()
    began = time.monotonic()
    command = [sys.executable, "-m", "bedside", "serve", "--port", str(port), "--store", store]
    process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL)
    try:
        while get(port, "/healthz") != 200:
            time.sleep(0.02)
        started, idle = time.monotonic() - began, megabytes(process.pid, "VmRSS")
        taken = []
        for person in people:
            at = time.perf_counter()
            assert get(port, f"/people/{ids.of(person.person)}") == 200
            taken.append((time.perf_counter() - at) * 1000)
        first, rest = taken[0], sorted(taken[1:])
        most = megabytes(process.pid, "VmHWM")
    finally:
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        process.wait(60)
    stopped = time.monotonic() - began
    print(f"{count:,} people, {events:,} events, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"start to the first answer: {started:.1f} s; stop: {stopped:.1f} s")
    print(f"memory after the start: {idle:.0f} MB; highest after {len(taken)} charts: {most:.0f} MB")
    p95 = rest[int(len(rest) * 0.95)]
    print(f"chart: first {first:.0f} ms, then median {statistics.median(rest):.0f} ms, p95 {p95:.0f} ms")
    print(f"load average of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", help="sqlite:///PATH of the store")
    main(parser.parse_args().store)
