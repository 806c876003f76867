"""Playbooks of a site: install, upgrade, remove, see what changed here. Each is one act with one event."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from bedside.errors import InputError, PackError, Problem, SettingsError
from bedside.genome.observation import digest
from bedside.knowledge.approval import Approved
from bedside.knowledge.approvals import load_matrix
from bedside.knowledge.configurations import load_configurations
from bedside.knowledge.playbook import KIND, Playbook, read_playbook, shipped_playbooks, version_text
from bedside.service.house import House
from bedside.service.pathway_check import load_pathways
from bedside.service.pathway_rules import pathway_rules
from bedside.service.playbook_act import carry_out
from bedside.service.playbook_check import fails_with
from bedside.service.playbook_plan import Edits, Plan, plan_install, plan_remove, plan_upgrade
from bedside.service.playbook_state import read_state, remembered
from bedside.service.record_cohort import record_cohort


@dataclass(frozen=True, slots=True)
class Listed:
    """A playbook that is offered or installed. offered and installed: versions, "" for not; edited: installed
    files that were changed here since; owner: of what is installed, else of what is offered."""

    name: str
    title: str
    owner: str
    offered: str
    installed: str
    edited: tuple[str, ...]
    parameters: Mapping[str, str]


def knowledge_root(house: House) -> Path:
    """The site's own knowledge folder; raises SettingsError where it has none."""
    root = house.settings.knowledge_folder
    if root is None:
        raise SettingsError("playbooks are installed into a site's own folder: set BEDSIDE_KNOWLEDGE_ROOT")
    return root


def find(name: str) -> Path:
    """The folder of a playbook: a path, or the name of one that ships. Raises PackError."""
    if Path(name).is_dir():
        return Path(name)
    for folder in shipped_playbooks():
        if folder.name == name:
            return folder
    names = ", ".join(folder.name for folder in shipped_playbooks())
    raise PackError.one(name, "is no folder and no playbook that ships", remedy=f"one of: {names}")


def checked(playbook: Playbook, given: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """Whether a playbook can be installed into an empty site with these values (as shipped when not given),
    and whether who approved it may."""
    from bedside.service.playbook_plan import rendered
    from bedside.service.playbook_state import State

    values = given if given is not None else {one.name: one.shipped for one in playbook.parameters}
    nowhere = Path("/nonexistent")
    alone = plan_install(playbook, values, State(), nowhere).problems
    problems = [one for one in alone if not one.reason.startswith("needs ")]
    if not problems:
        problems += fails_with(nowhere, rendered(playbook, values))
    return (*problems, *not_allowed(playbook, None))


def not_allowed(playbook: Playbook, root: Path | None) -> tuple[Problem, ...]:
    """Whether the playbook was approved by a role that may not approve playbooks here."""
    approval = playbook.provenance.approval
    if isinstance(approval, Approved) and approval.role not in load_matrix(root).row(KIND).roles:
        reason = f"was approved by a {approval.role}, who may not approve playbooks"
        return (Problem(playbook.name, reason),)
    return ()


def install(house: House, folder: Path, given: Mapping[str, str], who: str) -> Plan:
    """Install a playbook with a site's values; raises PackError with every reason against it."""
    root, playbook = knowledge_root(house), read_playbook(folder)
    return _do(house, root, plan_install(playbook, given, read_state(root), root), playbook, who, {})


def configure(house: House, name: str, who: str) -> tuple[Plan, ...]:
    """Install the playbooks of a starting configuration that are not installed yet. Each is tried before the
    first is installed; raises PackError with everything against them."""
    root = knowledge_root(house)
    held = load_configurations(root)
    if name not in held:
        raise PackError.one(name, "is no configuration", remedy=f"one of: {', '.join(held)}")
    here = read_state(root).playbooks
    wanted = {one: given for one, given in held[name].playbooks.items() if one not in here}
    problems = [
        problem for one, given in wanted.items() for problem in checked(read_playbook(find(one)), given)
    ]
    if problems:
        raise PackError(problems)
    return tuple(install(house, find(one), given, who) for one, given in wanted.items())


def upgrade(
    house: House, folder: Path, given: Mapping[str, str], who: str, edits: Edits = Edits.REFUSE
) -> Plan:
    """Another version, or other values; what was changed here is kept, replaced or a reason to refuse."""
    root, playbook = knowledge_root(house), read_playbook(folder)
    plan = plan_upgrade(playbook, given, read_state(root), root, edits)
    return _do(house, root, plan, playbook, who, {})


def remove(house: House, name: str, who: str, edits: Edits = Edits.REFUSE, leave_open: bool = False) -> Plan:
    """Take a playbook away. Cases on a pathway that then is not there any more are named, and refuse the act
    unless they are to be left open."""
    root = knowledge_root(house)
    plan = plan_remove(name, read_state(root), root, edits)
    lost = {} if plan.problems else _left_without(house, root, plan)
    if lost and not leave_open:
        problems = [
            Problem(name, f"{count} open case(s) on the pathway {pathway}", remedy="--leave-open")
            for pathway, count in lost.items()
        ]
        raise PackError(problems)
    return _do(house, root, plan, None, who, {"left_open": lost})


def _do(
    house: House, root: Path, plan: Plan, playbook: Playbook | None, who: str, said: dict[str, object]
) -> Plan:
    problems = list(plan.problems)
    if playbook is not None:
        problems += not_allowed(playbook, root)
    if not problems:
        problems += fails_with(root, plan.writes)
    if problems:
        raise PackError(problems)
    values = dict(plan.state.playbooks[plan.playbook].parameters) if plan.after else {}
    source = "" if playbook is None else playbook.provenance.sha256
    carry_out(root, house.ledger, plan, {"parameters": values, "digest": source, **said}, who, house.clock())
    pathway_rules.cache_clear()
    return plan


def _left_without(house: House, root: Path, plan: Plan) -> dict[str, int]:
    """Open cases by pathway, of pathways that go with the plan."""
    from tempfile import TemporaryDirectory

    from bedside.service.playbook_check import staged_with

    with TemporaryDirectory(prefix="bedside-playbook-") as name:
        after = load_pathways(staged_with(root, plan.writes, Path(name))).by_name
    gone = {key: one for key, one in load_pathways(root).by_name.items() if key not in after}
    return {key: count for key, one in gone.items() if (count := open_cases(house, one.name)) > 0}


def open_cases(house: House, pathway: str) -> int:
    """How many cases are on a pathway and have not ended."""
    from bedside.learn.pathway_cohort import cohort_states

    held, now = load_pathways(house.settings.knowledge_folder).by_name[pathway], house.clock()
    cohort = record_cohort(house, held, now)
    states = cohort_states(held, cohort.signals, now)
    return int((states.on_it & (states.end < 0)).sum())


def listed(root: Path | None) -> tuple[Listed, ...]:
    """Every playbook that ships or is installed, by name."""
    offered = {one.name: one for one in map(read_playbook, shipped_playbooks())}
    state = read_state(root) if root is not None else None
    held = {} if state is None else dict(state.playbooks)
    found = []
    for name in sorted({*offered, *held}):
        one, here = offered.get(name), held.get(name)
        header: Mapping[str, object] = {}
        if here is not None and root is not None:
            header = tomllib.loads(remembered(root, here.digest).decode())
        found.append(
            Listed(
                name,
                str(header.get("title", "" if one is None else one.provenance.title)),
                str(header.get("owner", "" if one is None else one.provenance.owner)),
                "" if one is None else version_text(one.version),
                "" if here is None else version_text(here.version),
                () if root is None else edited(root, name),
                {} if here is None else here.parameters,
            )
        )
    return tuple(found)


def edited(root: Path, name: str) -> tuple[str, ...]:
    """Files of an installed playbook that are not as it put them there."""
    held = read_state(root).playbooks.get(name)
    if held is None:
        return ()
    found = []
    for file, one in held.files.items():
        path = root / file
        if not path.is_file() or digest(path.read_bytes()) != one.offered:
            found.append(file)
    return tuple(found)


def differences(root: Path, name: str) -> str:
    """What the site changed in an installed playbook, as a unified diff; "" for nothing."""
    held = read_state(root).playbooks.get(name)
    if held is None:
        raise InputError.one(name, "is not installed")
    parts: list[str] = []
    for file in edited(root, name):
        was = remembered(root, held.files[file].offered).decode().splitlines(keepends=True)
        path = root / file
        now = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else []
        parts += unified_diff(was, now, f"{name}/{file}", f"here/{file}")
    return "".join(parts)


def used_by(root: Path | None) -> dict[tuple[str, str], tuple[str, ...]]:
    """The playbooks (shipped and installed) that contain each piece of content, by kind and name."""
    found: dict[tuple[str, str], list[str]] = {}
    for playbook in map(read_playbook, shipped_playbooks()):
        for file, content in playbook.files.items():
            _use(found, file, content, playbook.name)
    if root is not None:
        for name, held in read_state(root).playbooks.items():
            for file, one in held.files.items():
                _use(found, file, remembered(root, one.offered), name)
    return {key: tuple(dict.fromkeys(names)) for key, names in found.items()}


def _use(found: dict[tuple[str, str], list[str]], file: str, content: bytes, playbook: str) -> None:
    if file.endswith(".toml"):
        header = tomllib.loads(content.decode("utf-8"))
        key = (str(header.get("kind", file.partition("/")[0])), str(header.get("name", "")))
        found.setdefault(key, []).append(playbook)


def wrong_examples(playbook: Playbook) -> tuple[Problem, ...]:
    """Examples of a playbook that do not come out as they say."""
    found = []
    for example in playbook.examples:
        told = "\n".join(problem.reason for problem in checked(playbook, example.parameters))
        if bool(told) != bool(example.refused_for) or any(part not in told for part in example.refused_for):
            found.append(Problem(playbook.name, f"example {example.says!r}: {told or 'accepted'}"))
    return tuple(found)
