"""Whether a site's knowledge still loads, and does what its examples say, with a playbook's files in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.alert_policy import load_alert_policy
from bedside.knowledge.approvals import load_matrix
from bedside.knowledge.calendars import load_calendars
from bedside.knowledge.check import check
from bedside.knowledge.configurations import load_configurations
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.knowledge.coverage_policies import load_coverage
from bedside.knowledge.directory import load_directory
from bedside.knowledge.disclosure_policy import load_pathways as load_disclosure
from bedside.knowledge.economic_model_file import load_models
from bedside.knowledge.econsult_policy import load_econsult_policy
from bedside.knowledge.education import load_education
from bedside.knowledge.executive import load_executive
from bedside.knowledge.findings_reader import load_panels
from bedside.knowledge.hook import load_hooks
from bedside.knowledge.inhibitors import load_inhibitors
from bedside.knowledge.letter_templates import load_letter_pack
from bedside.knowledge.letters import load_letters
from bedside.knowledge.maturity import load_maturity
from bedside.knowledge.measures import load_measures
from bedside.knowledge.milestones import load_milestones
from bedside.knowledge.nicu import load_nicu
from bedside.knowledge.order_set import load_order_sets
from bedside.knowledge.reanalysis_policy import load_reanalysis_policy
from bedside.knowledge.roles import load_roles
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.knowledge.test_catalogue import load_tests
from bedside.knowledge.tiers import load_tiers
from bedside.service.pathway_check import check_pathways
from bedside.service.playbook_act import FOLDER

LOADERS: Mapping[str, Callable[[Path], object]] = {
    "alerts": load_alert_policy,
    "calendars": load_calendars,
    "coverage": load_coverage,
    "economics": load_models,
    "configurations": load_configurations,
    "directory": load_directory,
    "approvals": load_matrix,
    "executive": load_executive,
    "maturity": load_maturity,
    "measures": load_measures,
    "milestones": load_milestones,
    "consent": load_consent_policy,
    "disclosure": load_disclosure,
    "econsult": load_econsult_policy,
    "education": load_education,
    "findings": load_panels,
    "hooks": load_hooks,
    "inhibitors": load_inhibitors,
    "letters": load_letters,
    "patient_letters": load_letter_pack,
    "nicu": load_nicu,
    "order_sets": load_order_sets,
    "reanalysis": load_reanalysis_policy,
    "roles": load_roles,
    "cohort": load_small_numbers,
    "tests": load_tests,
    "tiers": load_tiers,
}
"""The reader of each kind that is read whole; headers of every kind are checked besides."""


def fails_with(root: Path, writes: Mapping[str, bytes | None]) -> tuple[Problem, ...]:
    """Every problem that a knowledge folder would have with these files in it and does not have now."""
    kinds = {file.partition("/")[0] for file in writes}
    found = _problems(root, writes, kinds)
    if not found or not root.is_dir():
        return tuple(found)
    before = set(_problems(root, {}, kinds))
    return tuple(one for one in found if one not in before)


def _problems(root: Path, writes: Mapping[str, bytes | None], kinds: set[str]) -> list[Problem]:
    with tempfile.TemporaryDirectory(prefix="bedside-playbook-") as name:
        staged = staged_with(root, writes, Path(name))
        problems = list(check(staged))
        for kind in sorted(kinds & set(LOADERS)):
            try:
                LOADERS[kind](staged)
            except PackError as error:
                problems += error.problems
        if kinds & {"pathways", "calendars"}:
            try:
                problems += check_pathways(staged)[1]
            except PackError as error:
                problems += error.problems
        return list(dict.fromkeys(problems))


def staged_with(root: Path, writes: Mapping[str, bytes | None], place: Path) -> Path:
    """A knowledge folder in `place` that is as `root` would be with these files in it."""
    staged = place / "knowledge"
    staged.mkdir()
    _mirror(root, staged)
    for file, content in writes.items():
        path = staged / file
        path.unlink(missing_ok=True)
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return staged


def _mirror(root: Path, staged: Path) -> None:
    """The folder again: folders made, files as links."""
    if not root.is_dir():
        return
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if inside.parts[0] == FOLDER:
            continue
        if path.is_dir():
            (staged / inside).mkdir(parents=True, exist_ok=True)
        else:
            (staged / inside).parent.mkdir(parents=True, exist_ok=True)
            (staged / inside).symlink_to(path.resolve())
