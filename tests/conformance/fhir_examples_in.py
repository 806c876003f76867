"""What becomes of each of the 204 official examples of Genomics Reporting 3.0.0 (CC0, in the repository as
HL7 published the package) when it comes in: as the file is, and together with every example that it refers
to.

    python -m tests.conformance.fhir_examples_in > tests/conformance/fhir_examples_in.tsv
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from bedside.errors import IntakeError
from bedside.genome.event import EventKind
from bedside.genome.person import Person
from bedside.service.house import House, open_house
from bedside.service.message_events import Decided
from bedside.service.receive_fhir import keep_fhir
from bedside.service.receive_result import Fate, receive_kept
from bedside.service.register_person import register_person
from bedside.service.reported_findings import reported_of
from bedside.settings import Settings

PACKAGE = "hl7.fhir.uv.genomics-reporting-3.0.0.tgz"
COLUMNS = ("example", "as", "outcome", "calls", "variants", "markers", "regions", "unread", "reason")


def examples() -> Mapping[str, bytes]:
    """The examples as published, by file name."""
    found = {}
    with (
        files("bedside.knowledge").joinpath("data", "fhir_profiles", PACKAGE).open("rb") as packed,
        tarfile.open(fileobj=packed) as archive,
    ):
        for member in archive:
            if member.name.startswith("package/example/") and member.name.endswith(".json"):
                file = archive.extractfile(member)
                assert file is not None
                found[member.name.rsplit("/", 1)[1]] = file.read()
    return dict(sorted(found.items()))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def together(content: bytes, by_name: Mapping[str, Any]) -> bytes:
    """The example with every example that it refers to, and that those refer to, as one collection."""
    waiting, held = [json.loads(content)], {}
    while waiting:
        one = waiting.pop(0)
        name = f"{one['resourceType']}/{one['id']}"
        if name not in held:
            held[name] = one
            waiting += [by_name[each] for each in _references(one) if each in by_name]
    entries = [{"fullUrl": f"http://example.org/fhir/{name}", "resource": one} for name, one in held.items()]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def outcome(house: House, name: str, content: bytes) -> tuple[str, ...]:
    """The rest of a row: kept for a person of its own, or refused with the first reason."""
    try:
        (kept,) = keep_fhir(house, content)
    except IntakeError as refused:
        more = f" (and {len(refused.problems) - 1} more)" if len(refused.problems) > 1 else ""
        return ("refused", "", "", "", "", "", f"{refused.problems[0].reason}{more}")
    reading = kept.read(house)
    register_person(house, Person(name))
    received = receive_kept(house, kept, decided=Decided(name, "test", "made up"))
    if received.fate is not Fate.ACCEPTED:
        return ("waits", "", "", "", "", "", "; ".join(received.reasons))
    assert received.new
    found = Counter(one.finding.kind.value for one in reported_of(house, house.ledger.results(name)))
    (event,) = house.ledger.events(person=name, kinds=(EventKind.MESSAGE_RECEIVED,))
    unread = len(event.payload["unread"])
    assert (len(reading.unread), len(reading.calls)) == (unread, len(event.payload["calls"]))
    counts = (len(reading.calls), found["variant"], found["marker"], found["region"], unread)
    return ("taken", *map(str, counts), "")


def table() -> str:
    """The whole table."""
    every = examples()
    by_name = {f"{one['resourceType']}/{one['id']}": one for one in map(json.loads, every.values())}
    rows = ["\t".join(COLUMNS)]
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Settings(store_url=f"sqlite:///{Path(folder)}/ledger.db"))
        for name, content in every.items():
            ways = {"file": content}
            if not name.startswith("Bundle-"):
                ways["with its references"] = together(content, by_name)
            for way, sent in ways.items():
                rows.append("\t".join((name, way, *outcome(house, f"{name} {way}", sent))))
        house.close()
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
