"""HL7's own validator (Java) over HL7's examples, over all FHIR that we give out, and over injected faults.

Its jars are brought by `mvn` beforehand (docs/conformance.md); nothing is downloaded here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bedside.conformance.bench import Bench
from bedside.conformance.fhir_seen import answers
from bedside.conformance.injected import CLASSES, injected
from bedside.knowledge.fhir_profiles import load_fhir_profiles
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
JARS = "BEDSIDE_HL7_VALIDATOR"
SEEDS = 5
MISSED_OFFLINE = {
    "value outside the required value set",
    "reference to a resource of another type",
}
"""Without a terminology server it knows no LOINC answer list; it follows no reference out of the resource."""

Tell = Callable[[str, object], None]
Errors = Mapping[str, list[str]]


@pytest.fixture(scope="module")
def jars() -> Path:
    """The folder with HL7's validator."""
    folder = Path(os.environ.get(JARS, ROOT.parent / "hl7-validator"))
    if not list(folder.glob("org.hl7.fhir.validation-*.jar")):
        pytest.skip(
            f"HL7's validator is not at hand: {JARS} names no folder of its jars (docs/conformance.md)"
        )
    if shutil.which("java") is None:
        pytest.skip("no Java here to run HL7's validator with")
    return folder


def validated(jars: Path, folder: Path, files: Iterable[tuple[str, Any]]) -> Errors:
    """The errors of each file; every file has an entry."""
    (folder / "in").mkdir()
    for at, (name, content) in enumerate(files):
        (folder / "in" / f"{at:04d} {name.replace('/', ' ')}.json").write_text(json.dumps(content))
    out = folder / "out.tsv"
    source = ROOT / "tools" / "hl7_validator" / "Validate.java"
    package = load_fhir_profiles().package
    command = ["java", "-cp", f"{jars}/*", str(source), str(package), str(folder / "in"), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    errors: dict[str, list[str]] = defaultdict(list)
    finished = set()
    for line in out.read_text().splitlines():
        name, severity, key, path, said = line.split("\t")
        file = name.partition(" ")[2].removesuffix(".json") if severity != "DONE" else name
        if severity == "DONE":
            finished.add(name)
            errors[name.partition(" ")[2].removesuffix(".json")] += []
        elif severity in ("ERROR", "FATAL"):
            errors[file].append(f"{path} {key}: {said}")
    assert len(finished) == len(list((folder / "in").iterdir()))
    return errors


def tell(record_property: Tell, group: str, errors: Errors) -> None:
    for name, found in errors.items():
        verdict, why = ("failed", found[0][:160]) if found else ("passed", "")
        record_property("case", f"{group}: {name}\t{verdict}\t1\t{why}")


def test_it_finds_no_error_in_the_official_examples(
    jars: Path, tmp_path: Path, record_property: Tell
) -> None:
    errors = validated(jars, tmp_path, load_fhir_profiles().examples())
    tell(record_property, "example", errors)
    assert {name: found for name, found in errors.items() if found} == {}
    assert len(errors) == 204


def test_it_finds_no_error_in_what_we_give_out(jars: Path, tmp_path: Path, record_property: Tell) -> None:
    bench = Bench(tmp_path, asked=8)
    try:
        given = [(f"{name} {at}", one) for at, (name, _, one) in enumerate(answers(bench))]
    finally:
        bench.close()
    (tmp_path / "validated").mkdir()
    errors = validated(jars, tmp_path / "validated", given)
    assert {name: found for name, found in errors.items() if found} == {}
    kinds = defaultdict(list)
    for name in errors:
        kinds[name.rpartition(" ")[0]].append(name)
    for kind, names in kinds.items():
        record_property("case", f"given out: {kind}\tpassed\t{len(names)}\t")


def test_it_catches_fifteen_of_seventeen_classes_of_faults(
    jars: Path, tmp_path: Path, record_property: Tell
) -> None:
    tried: dict[str, int] = defaultdict(int)
    files = []
    for name, _, faulty in injected(load_fhir_profiles().examples()):
        tried[name] += 1
        if tried[name] <= SEEDS:
            files.append((f"{name} {tried[name]}", faulty))
    errors = validated(jars, tmp_path, files)
    caught = {one.name: sum(bool(errors[f"{one.name} {at + 1}"]) for at in range(SEEDS)) for one in CLASSES}
    assert {name for name, count in caught.items() if count < SEEDS} == MISSED_OFFLINE
    for name, count in caught.items():
        missed = name in MISSED_OFFLINE
        why = "needs a terminology server or a resolver; Bedside's checker finds it" if missed else ""
        record_property("case", f"fault: {name}\t{'not run' if missed else 'passed'}\t{count or 1}\t{why}")
