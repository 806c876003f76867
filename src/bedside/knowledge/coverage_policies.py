"""The coverage policies at hand with all they are read with; a site's own in place of a shipped one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.coverage import BillingCode
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.coverage_policy import CoveragePolicy
from bedside.knowledge.coverage_reader import read_policy
from bedside.knowledge.coverage_tables import (
    descriptor_like,
    read_codes,
    read_facts,
    read_labels,
    read_plans,
    read_precedence,
    read_reading,
    read_tests,
)
from bedside.knowledge.provenance import DATA, RuleFile, read_rule_file, rule_files

KIND = "coverage"
TABLES = ("facts", "plans", "codes", "precedence")
"""The files of this kind that are no policy, by their names; a site may also have `labels`."""


def coverage_files(root: Path | None = None) -> dict[str, bytes]:
    """Every file that is read here, byte for byte, by the name that its header gives it."""
    folders = [DATA] if root is None or root == DATA else [DATA, root]
    paths = [path for folder in folders for path in sorted((folder / KIND).rglob("*.toml"))]
    return {read_rule_file(path, KIND).provenance.name: path.read_bytes() for path in paths}


@cache
def load_coverage(root: Path | None = None) -> CoveragePack:
    """Everything known about coverage; raises PackError with every problem of every file."""
    files = {file.provenance.name: file for file in rule_files(KIND, root)}
    if missing := [name for name in TABLES if name not in files]:
        raise PackError([Problem(KIND, f"{name} is not at hand") for name in missing])
    return read_coverage(files)


def read_coverage(files: dict[str, RuleFile]) -> CoveragePack:
    """The pack that these files make, by name."""
    tables = {name: files[name] for name in TABLES}
    facts, codes_file = read_facts(tables["facts"]), tables["codes"]
    kinds = {str(name): str(words) for name, words in codes_file.document.get("kinds", {}).items()}
    marks = tuple(str(one).casefold() for one in codes_file.document.get("descriptor_marks", ()))
    problems: list[Problem] = []
    policies: dict[str, CoveragePolicy] = {}
    for name, file in sorted(files.items()):
        if name == "labels":
            continue
        said = {key: value for key, value in file.document.items() if key != "descriptor_marks"}
        problems += [
            Problem(
                file.label,
                f"{where} reads like a code set's own descriptor",
                remedy="say it in our own words",
            )
            for where in descriptor_like(said, marks)
        ]
        if name not in tables:
            try:
                policy = read_policy(file, facts, kinds)
                policies[policy.policy] = policy
            except PackError as error:
                problems += error.problems
    if problems:
        raise PackError(problems)
    labels: dict[BillingCode, str] = read_labels(files["labels"]) if "labels" in files else {}
    return CoveragePack(
        policies=policies,
        facts=facts,
        facts_from=tables["facts"].provenance,
        reading=read_reading(tables["facts"]),
        plans=read_plans(tables["plans"]),
        tests=read_tests(codes_file),
        codes=read_codes(codes_file),
        kinds=kinds,
        urgent={str(one): str(other) for one, other in codes_file.document.get("urgent", {}).items()},
        precedence=read_precedence(tables["precedence"]),
        labels=labels,
    )
