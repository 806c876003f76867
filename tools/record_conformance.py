"""Run the tests of an area of conformance and write down what came of them, for `bedside conformance`.

    python tools/record_conformance.py [KEY...]

Writes `src/bedside/conformance/recorded/KEY.tsv`. A test that skips is "not run" with its reason. A test may
tell its own cases by `record_property("case", "name TAB verdict TAB count TAB reason")`; then those stand
for it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from xml.etree import ElementTree

from bedside.conformance.recorded import FOLDER, write_area
from bedside.conformance.result import Case, Verdict

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Recording:
    """One area: the tests that are run, and the packages of others whose versions are told."""

    title: str
    checked_by: str
    tests: Sequence[str]
    packages: Sequence[str] = ()


AREAS = {
    "genomics_operations": Recording(
        "Genomics operations: the 95 public cases of the reference implementation",
        "our own comparator; the reference implementation's compares with itself",
        ("tests/conformance/test_genomics_operations.py",),
    ),
    "cds_contract": Recording(
        "CDS Hooks 2.0, order sets, and access at every address: contract",
        "our tests of the specification's rules; a request and keys of the public sandbox",
        (
            "tests/contract/test_cds_hooks.py",
            "tests/contract/test_cds_feedback.py",
            "tests/contract/test_cds_identity.py",
            "tests/contract/test_cds_access.py",
            "tests/contract/test_cds_subjects.py",
            "tests/contract/test_cds_record.py",
            "tests/contract/test_cds_order_sets.py",
        ),
    ),
    "hl7v2": Recording(
        "HL7 v2: results, orders, acknowledgements",
        "python-hl7 as the other side; public messages; changed messages",
        (
            "tests/unit/exchange/test_hl7v2_text.py",
            "tests/unit/exchange/test_hl7v2_lri.py",
            "tests/unit/web/test_mllp.py",
            "tests/faults/test_mllp_killed.py",
            "tests/unit/web/test_draft_maker.py",
        ),
        ("hl7",),
    ),
    "changed_hl7v2": Recording(
        "10,000 changed HL7 v2 messages: an answer for each, nothing half stored",
        "our own changes: bits, cuts, encodings, huge fields, doubled and mixed segments",
        ("tests/properties/test_hl7v2_mutated.py",),
    ),
    "changed_json": Recording(
        "10,000 changed laboratory documents (JSON, and documents inside HL7 v2)",
        "our own changes; archives and bombs inside messages",
        ("tests/properties/test_documents_mutated.py",),
    ),
    "changed_fhir": Recording(
        "10,000 damaged FHIR documents: taken for the right person, waiting, or refused with a reason",
        "our own changes to HL7's examples",
        ("tests/faults/test_mutated_fhir.py",),
    ),
    "states": Recording(
        "State machines: orders and specimens, the following of them, eConsults between sites",
        "hypothesis, which makes up the steps",
        (
            "tests/properties/test_orders.py",
            "tests/properties/test_orders_followed.py",
            "tests/properties/test_econsult.py",
        ),
        ("hypothesis",),
    ),
    "hl7_validator": Recording(
        "FHIR out, HL7's examples and injected faults: HL7's own validator",
        "HL7's Java validator (org.hl7.fhir.validation 6.6.7 in HAPI FHIR 8.6.0), offline",
        ("tests/conformance/test_hl7_validator.py",),
    ),
    "fhir_in": Recording(
        "FHIR in: HL7's examples taken into a chart",
        "HL7's 204 official examples of Genomics Reporting 3.0.0",
        ("tests/conformance/test_fhir_examples_in.py",),
    ),
    "smart": Recording(
        "SMART: backend services and app launch",
        "our tests of the specification's rules",
        ("tests/contract/test_smart_backend.py", "tests/contract/test_smart_app.py"),
        ("PyJWT",),
    ),
    "bulk": Recording(
        "Bulk export",
        "our tests of the specification's rules",
        ("tests/contract/test_fhir_bulk.py",),
    ),
    "smart_fetch": Recording(
        "Black box: smart-fetch over SMART Backend Services and bulk export",
        "smart-fetch, the SMART team's client",
        ("tests/conformance/test_smart_fetch.py",),
        ("smart-fetch",),
    ),
    "openapi": Recording(
        "Our OpenAPI document: no 5xx, statuses and content types as it says",
        "schemathesis",
        ("tests/conformance/test_openapi.py",),
        ("schemathesis",),
    ),
    "cds_client": Recording(
        "Black box: another project's CDS Hooks client",
        "HealthChain 0.16.1 (its models; its client for patient-view)",
        ("tests/conformance/test_cds_client.py",),
    ),
    "access": Recording(
        "Access: every route by permission, role, scope, foreign patient, consent and origin",
        "our tests, made from the route table",
        (
            "tests/contract/test_access_matrix.py",
            "tests/contract/test_consent_over_routes.py",
            "tests/contract/test_cross_origin.py",
        ),
    ),
    "sites": Recording(
        "Two sites: eConsults over a line that fails, kills and disorder",
        "our tests with servers that are killed",
        ("tests/contract/test_sites.py", "tests/faults/test_sites_cut.py"),
    ),
    "pdf": Recording(
        "Reports as PDF: drafts, hostile files, PDF inside HL7 v2",
        "our tests; files changed on purpose",
        (
            "tests/faults/test_hostile_pdf.py",
            "tests/properties/test_report_drafts.py",
            "tests/unit/service/test_attached_reports.py",
        ),
        ("pypdfium2",),
    ),
    "orders": Recording(
        "Orders: FHIR, HL7 v2 and PDF, out and read again",
        "R4B models, python-hl7, our readers",
        (
            "tests/unit/exchange/test_order_formats.py",
            "tests/unit/exchange/test_order_pdf.py",
        ),
        ("fhir.resources", "hl7", "hypothesis"),
    ),
}


def main() -> int:
    """Record the areas named, or all."""
    wanted = sys.argv[1:] or list(AREAS)
    FOLDER.mkdir(exist_ok=True)
    for key in wanted:
        area = AREAS[key]
        command = ["pytest", "-q", "-m", "", "-o", "junit_family=xunit1", *area.tests]
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            subprocess.run([sys.executable, "-m", *command, f"--junitxml={report}"], cwd=ROOT, check=False)
            cases = list(outcomes(report))
        head = {
            "title": area.title,
            "checked_by": area.checked_by,
            "command": " ".join(["pytest", "-m", '""', *area.tests]),
            "versions": "; ".join(told(area.packages)),
        }
        write_area(FOLDER / f"{key}.tsv", head, cases, datetime.now(UTC).date())
        print(
            key, {verdict.value: sum(c.count for c in cases if c.verdict is verdict) for verdict in Verdict}
        )
    return 0


def told(packages: Sequence[str]) -> Iterator[str]:
    """Each package with its version."""
    for name in packages:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} not installed"


def outcomes(report: Path) -> Iterator[Case]:
    """The cases of a JUnit report."""
    for test in ElementTree.parse(report).iter("testcase"):
        name = f"{test.get('classname', '').rpartition('.')[2]}: {test.get('name', '').replace('_', ' ')}"
        own = [str(one.get("value")) for one in test.iter("property") if one.get("name") == "case"]
        broken = next((test.find(kind) for kind in ("failure", "error") if test.find(kind) is not None), None)
        skipped = test.find("skipped")
        if broken is not None:
            yield Case(name, Verdict.FAILED, str(broken.get("message", ""))[:200].splitlines()[0])
        elif skipped is not None:
            yield Case(name, Verdict.NOT_RUN, str(skipped.get("message", "")))
        elif own:
            yield from map(_told_case, own)
        else:
            yield Case(name, Verdict.PASSED)


def _told_case(line: str) -> Case:
    name, verdict, count, reason = line.split("\t")
    return Case(name, Verdict(verdict), reason, int(count))


if __name__ == "__main__":
    raise SystemExit(main())
