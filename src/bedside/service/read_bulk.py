"""The files of a FHIR bulk export as one document a patient: the lines of NDJSON that are about them,
unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import orjson

from bedside.errors import IntakeError, Problem
from bedside.exchange.fhir_address import relative

_WHOSE = ("subject", "patient", "for", "individual", "beneficiary")
_MOST_PROBLEMS = 50


def is_ndjson(name: str, content: bytes) -> bool:
    """Whether a file holds one resource a line: by its name, or because its first line is a whole object
    and another follows."""
    if name.lower().endswith(".ndjson"):
        return True
    first, _, rest = content.lstrip().partition(b"\n")
    return bool(rest.strip()) and isinstance(_object(first), dict)


def documents_of(files: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """A Bundle for each patient, in the order in which patients come. Raises `IntakeError` with every line
    that is no resource, or about nobody in the files."""
    problems: list[Problem] = []
    lines = list(_lines(files, problems))
    about: dict[str, list[bytes]] = {
        f"Patient/{resource['id']}": [line]
        for _, _, line, resource in lines
        if resource["resourceType"] == "Patient" and isinstance(resource.get("id"), str)
    }
    for name, number, line, resource in lines:
        if resource["resourceType"] == "Patient":
            continue
        whose = [address for address in _patients(resource) if address in about]
        if not whose:
            problems.append(Problem(name, "is about no patient of these files", number, "give every file"))
            continue
        about[whose[0]].append(line)
    if problems:
        raise IntakeError(problems[:_MOST_PROBLEMS])
    return tuple(_bundle(several) for several in about.values())


def _lines(
    files: Mapping[str, bytes], problems: list[Problem]
) -> Iterator[tuple[str, int, bytes, dict[str, object]]]:
    for name, content in files.items():
        for number, line in enumerate(content.splitlines(), start=1):
            if not line.strip():
                continue
            read = _object(line)
            if not isinstance(read, dict) or not isinstance(read.get("resourceType"), str):
                problems.append(Problem(name, "is no FHIR resource", number, "send the file again"))
                continue
            if read["resourceType"] == "OperationOutcome":
                continue  # what the sender says of the export itself
            yield name, number, line, read


def _object(line: bytes) -> object:
    try:
        return orjson.loads(line)
    except ValueError:
        return None


def _patients(resource: Mapping[str, object]) -> Iterator[str]:
    for name in _WHOSE:
        reference = resource.get(name)
        written = reference.get("reference") if isinstance(reference, dict) else None
        if isinstance(written, str):
            yield relative(written)


def _bundle(lines: Sequence[bytes]) -> bytes:
    entries = b",\n".join(b'{"resource":' + line + b"}" for line in lines)
    return b'{"resourceType":"Bundle","type":"collection","entry":[\n' + entries + b"\n]}\n"
