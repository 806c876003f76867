"""How long a result over MLLP takes to be acknowledged, and how many a second: `python benchmarks/hl7v2.py`.

Connections of another process send at a fixed rate; each message is a new result of one of 50,000 people,
half of whom take a medicine, with its document, result, meanings and message in the ledger before the answer.
Prints one line a size of message, with the listener's own processor time a message.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context

from bedside.genome.code import Code, System
from bedside.genome.person import Identifier, ItemStatus, Medication, Person, Sex
from bedside.service.house import House, open_house
from bedside.service.register_person import Registration, register_people
from bedside.settings import Settings
from bedside.web.mllp import Listening, listening
from bedside.web.serve import keep_loaded

PEOPLE = 50_000
VARIANT = (
    ("CWE", "83005-9", "LA26801-3^Simple variant^LN"),
    ("CWE", "48018-6", "HGNC:1101^BRCA2^HGNC"),
    ("CWE", "48004-6", "NM_000059.4:c.{1}{0}T>C"),
    ("CWE", "48005-3", "p.Val{1}{0}Ala"),
    ("ST", "48013-7", "NC_000013.11"),
    ("ST", "69547-8", "T"),
    ("NR", "81254-5", "{1}{0}"),
    ("ST", "69551-0", "C"),
    ("CWE", "48002-0", "LA6683-2^Germline^LN"),
    ("CWE", "53037-8", "LA6675-8^Benign^LN"),
    ("CWE", "69548-6", "LA9633-4^Present^LN"),
    ("CWE", "81259-4", "718220008^Hereditary breast and ovarian cancer syndrome^SCT"),
    ("CWE", "53034-5", "LA6705-3^Homozygous^LN"),
)
"""What the public LRI example says of each variant."""
DRUG = Code(System.RXNORM, "32968", "clopidogrel")


def message(number: int, observations: int) -> bytes:
    """A new pharmacogene result of one of the people, with so many OBX."""
    who = number % PEOPLE
    lines = [
        rf"MSH|^~\&|LIS|LAB|EHR|H|20260301||ORU^R01^ORU_R01|{number}|P|2.5.1",
        f"PID|1||M{who}^^^HOSP^MR||Osei^Ada||19800101|F",
        f"OBR|1||F{number}|81247-9^Panel^LN||||||||||||||||||20260301|||F",
        "OBX|1|CWE|48018-6^Gene studied^LN|1a|HGNC:2621^CYP2C19^HGNC||||||F",
        "OBX|2|ST|84413-4^Genotype^LN|1a|*1/*2||||||F",
    ]
    for n in range(3, observations + 1):
        kind, question, answer = VARIANT[(n - 3) % len(VARIANT)]
        group = f"2{chr(97 + (n - 3) // len(VARIANT))}"
        lines.append(f"OBX|{n}|{kind}|{question}^Question^LN|{group}|{answer.format(number, n)}||||||F")
    return b"\x0b" + ("\r".join(lines) + "\r").encode() + b"\x1c\r"


def send(port: int, frames: list[bytes], rate: float, waits: list[float], start: float) -> None:
    """Send frames at a rate, each after the answer to the one before; how long each took from when it was
    due."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        for number, frame in enumerate(frames):
            due = start + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            client.sendall(frame)
            heard = b""
            while not heard.endswith(b"\x1c\r"):
                heard += client.recv(4096)
            assert b"MSA|AA|" in heard, heard
            waits.append(time.perf_counter() - due)


def sending(port: int, frames: list[bytes], rate: float, connections: int) -> list[float]:
    """All frames over some connections, from this process; how long each took."""
    waits: list[float] = []
    start = time.perf_counter()
    senders = [
        threading.Thread(target=send, args=(port, frames[one::connections], rate / connections, waits, start))
        for one in range(connections)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return sorted(waits)


def record(folder: str) -> House:
    """People who wait for their results, half of them on a medicine."""
    house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"))
    taken = Medication(DRUG, ItemStatus.ACTIVE)
    people = [
        Registration(
            Person(f"p{n}", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier("HOSP", f"M{n}"),)),
            medications=(taken,) if n % 2 else (),
        )
        for n in range(PEOPLE)
    ]
    register_people(house, people)
    return house


def main() -> None:
    """Run at the rate given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=4)
    given = parser.parse_args()
    for observations in (2, 106):
        with (
            tempfile.TemporaryDirectory() as folder,
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other,
        ):
            house = record(folder)
            frames = [message(n, observations) for n in range(int(given.rate * given.seconds))]
            first = [message(10**6 + n, observations) for n in range(100)]
            keep_loaded(house)
            with listening(house, Listening(port=0)) as listener:
                other.submit(sending, listener.port, first, 50, 1).result()
                start, cpu = time.perf_counter(), time.process_time()
                waits = other.submit(sending, listener.port, frames, given.rate, given.connections).result()
                took, cpu = time.perf_counter() - start, time.process_time() - cpu
            ms = [1000 * waits[min(len(waits) - 1, int(len(waits) * share))] for share in (0.5, 0.99)]
            print(
                f"{observations} OBX: {len(waits)} at {len(waits) / took:.0f}/s of {given.rate:.0f}/s, "
                f"acknowledged in {ms[0]:.1f} ms p50, {ms[1]:.1f} ms p99, "
                f"{1000 * cpu / len(waits):.2f} ms of a processor each",
                flush=True,
            )
            house.close()


if __name__ == "__main__":
    main()
