"""What installing, upgrading or removing a playbook would do to a site's knowledge folder, and every reason
against it. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path, PurePosixPath

from bedside import __version__
from bedside.errors import PackError, Problem
from bedside.genome.observation import digest
from bedside.knowledge.playbook import VALUE, Playbook, read_version, version_text
from bedside.service.playbook_state import Installed, InstalledFile, State, remembered


class Edits(Enum):
    """What becomes of files that the site changed after they were installed."""

    REFUSE = "refuse"
    KEEP = "keep"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Plan:
    """writes: the bytes each file gets, None to remove it. keeps: bytes to remember by digest, to restore or
    compare with later. kept and replaced: files whose local edits stay, or go. state: what is installed
    afterwards."""

    playbook: str
    change: str
    before: str
    after: str
    state: State
    writes: Mapping[str, bytes | None] = field(default_factory=dict)
    keeps: Mapping[str, bytes] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def given_faults(playbook: Playbook, given: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the values a site gives for a playbook's parameters."""
    known = {one.name for one in playbook.parameters}
    for name in sorted(set(given) - known):
        yield Problem(playbook.name, f"has no parameter {name}", remedy=f"one of: {', '.join(sorted(known))}")
    for one in playbook.parameters:
        if one.name not in given:
            yield Problem(
                playbook.name, f"{one.name} is not given: {one.title}", remedy=f"--set {one.name}=…"
            )
        elif fault := one.fault(given[one.name]):
            yield Problem(playbook.name, fault)


def rendered(playbook: Playbook, given: Mapping[str, str]) -> dict[str, bytes]:
    """The files with the site's values in them; raises PackError when two values would go to one place."""
    files = dict(playbook.files)
    for one in playbook.parameters:
        text = files[one.file].decode("utf-8")
        for place in one.texts:
            was, now = place.replace(VALUE, one.shipped), place.replace(VALUE, given[one.name])
            if was not in text:
                reason = f"{one.name} and another parameter go to one place in {one.file}"
                raise PackError.one(playbook.name, reason)
            text = text.replace(was, now, 1)
        files[one.file] = text.encode("utf-8")
    return files


def plan_install(playbook: Playbook, given: Mapping[str, str], state: State, root: Path) -> Plan:
    """A playbook that is not installed yet."""
    problems = list(given_faults(playbook, given))
    problems += _needs(playbook, state)
    if playbook.name in state.playbooks:
        remedy = "`bedside playbook upgrade` takes another version"
        problems.append(Problem(playbook.name, "is installed already", remedy=remedy))
    problems += _conflicts(playbook, state)
    if problems:
        return _refused(playbook.name, "installed", "", version_text(playbook.version), state, problems)
    files = rendered(playbook, given)
    held, keeps = {}, {digest(content): content for content in files.values()}
    replaced = []
    for name, content in files.items():
        there = _there(root, name)
        if there is not None:
            keeps[digest(there)] = there
            replaced.append(name)
        held[name] = InstalledFile(digest(content), None if there is None else digest(there))
    made = Installed(playbook.version, playbook.provenance.sha256, dict(given), held, dict(playbook.needs))
    keeps[playbook.provenance.sha256] = playbook.source
    after = _with_folders(state.having(playbook.name, made), root, files)
    return Plan(
        playbook.name,
        "installed",
        "",
        version_text(playbook.version),
        after,
        dict(files),
        keeps,
        replaced=tuple(replaced),
    )


def plan_upgrade(
    playbook: Playbook, given: Mapping[str, str], state: State, root: Path, edits: Edits = Edits.REFUSE
) -> Plan:
    """Another version of an installed playbook, or other values. Three-way for each file: what was installed,
    what the site made of it, what the new version brings."""
    before = state.playbooks.get(playbook.name)
    after = version_text(playbook.version)
    if before is None:
        problem = Problem(playbook.name, "is not installed", remedy="`bedside playbook install`")
        return _refused(playbook.name, "upgraded", "", after, state, [problem])
    values = {
        **{
            name: value
            for name, value in before.parameters.items()
            if name in {one.name for one in playbook.parameters}
        },
        **given,
    }
    problems = [*given_faults(playbook, values), *_needs(playbook, state)]
    problems += _conflicts(playbook, state.without(playbook.name))
    if playbook.version < before.version:
        problems.append(
            Problem(
                playbook.name,
                f"{version_text(before.version)} is installed and {after} is older",
                remedy="remove it first",
            )
        )
    for name, one in state.playbooks.items():
        if name != playbook.name and one.needs.get(playbook.name, ()) > playbook.version:
            problems.append(Problem(playbook.name, f"{name} needs a later version"))
    if problems:
        return _refused(playbook.name, "upgraded", version_text(before.version), after, state, problems)
    return _three_way(playbook, values, before, state, root, edits)


def _three_way(
    playbook: Playbook,
    values: Mapping[str, str],
    before: Installed,
    state: State,
    root: Path,
    edits: Edits,
) -> Plan:
    files = rendered(playbook, values)
    writes: dict[str, bytes | None] = {}
    keeps = {digest(content): content for content in files.values()}
    keeps[playbook.provenance.sha256] = playbook.source
    held: dict[str, InstalledFile] = {}
    problems: list[Problem] = []
    kept: list[str] = []
    replaced: list[str] = []
    for name in sorted({*files, *before.files}):
        was, content, there = before.files.get(name), files.get(name), _there(root, name)
        now = None if there is None else digest(there)
        edited = was is not None and now != was.offered
        unchanged = content is not None and was is not None and digest(content) == was.offered
        same = content is not None and now == digest(content)
        if edited and not same and not unchanged:
            if edits is Edits.REFUSE:
                reason = f"{name} was changed here, and the new version changes it too"
                problems.append(Problem(playbook.name, reason, remedy="--edits keep or --edits replace"))
                continue
            (kept if edits is Edits.KEEP else replaced).append(name)
        elif edited and not same:
            kept.append(name)
        if content is None:
            if edited and name in kept:
                continue  # the site's own file from now on
            writes[name] = None if was is None or was.before is None else remembered(root, was.before)
            continue
        if name not in kept:
            writes[name] = content
        if was is None and there is not None:
            keeps[digest(there)] = there
        held[name] = InstalledFile(digest(content), was.before if was is not None else now)
    if problems:
        versions = version_text(before.version), version_text(playbook.version)
        return _refused(playbook.name, "upgraded", *versions, state, problems)
    made = replace(
        before, version=playbook.version, digest=playbook.provenance.sha256, parameters=dict(values),
        files=held, needs=dict(playbook.needs),
    )  # fmt: skip
    return Plan(
        playbook.name,
        "upgraded",
        version_text(before.version),
        version_text(playbook.version),
        _with_folders(state.having(playbook.name, made), root, files),
        writes,
        keeps,
        tuple(kept),
        tuple(replaced),
    )


def plan_remove(name: str, state: State, root: Path, edits: Edits = Edits.REFUSE) -> Plan:
    """An installed playbook taken away: what stood there before stands there again, byte for byte."""
    before = state.playbooks.get(name)
    if before is None:
        held = ", ".join(sorted(state.playbooks)) or "none is"
        problem = Problem(name, "is not installed", remedy=f"installed: {held}")
        return _refused(name, "removed", "", "", state, [problem])
    problems = [
        Problem(name, f"{other} needs it", remedy=f"remove {other} first")
        for other, one in state.playbooks.items()
        if name in one.needs
    ]
    writes: dict[str, bytes | None] = {}
    kept: list[str] = []
    replaced: list[str] = []
    for file, one in before.files.items():
        there = _there(root, file)
        if there is not None and digest(there) != one.offered:
            if edits is Edits.REFUSE:
                reason = f"{file} was changed here and would be lost"
                problems.append(Problem(name, reason, remedy="--edits keep or --edits replace"))
                continue
            (kept if edits is Edits.KEEP else replaced).append(file)
            if edits is Edits.KEEP:
                continue
        writes[file] = None if one.before is None else remembered(root, one.before)
    if problems:
        return _refused(name, "removed", version_text(before.version), "", state, problems)
    return Plan(
        name,
        "removed",
        version_text(before.version),
        "",
        state.without(name),
        writes,
        {},
        tuple(kept),
        tuple(replaced),
    )


def _needs(playbook: Playbook, state: State) -> Iterator[Problem]:
    own = read_version(__version__.partition("+")[0].partition("rc")[0].partition(".dev")[0]) or (0, 0, 0)
    if own < playbook.bedside:
        reason = f"needs Bedside {version_text(playbook.bedside)}, this is {__version__}"
        yield Problem(playbook.name, reason)
    for name, least in playbook.needs.items():
        held = state.playbooks.get(name)
        if held is None or held.version < least:
            found = "is not installed" if held is None else f"is here as {version_text(held.version)}"
            yield Problem(playbook.name, f"needs {name} {version_text(least)}, which {found}")


def _conflicts(playbook: Playbook, state: State) -> Iterator[Problem]:
    for name, one in state.playbooks.items():
        if name == playbook.name:
            continue
        for file in sorted(set(one.files) & set(playbook.files)):
            yield Problem(playbook.name, f"{file} is {name}'s already", remedy=f"remove {name} first")


def _with_folders(state: State, root: Path, files: Mapping[str, bytes]) -> State:
    """With the folders that have to be made for these files."""
    parents = {parent.as_posix() for name in files for parent in list(PurePosixPath(name).parents)[:-1]}
    made = {one for one in parents if not (root / one).is_dir()}
    return replace(state, folders=tuple(sorted({*state.folders, *made})))


def _there(root: Path, name: str) -> bytes | None:
    path = root / name
    return path.read_bytes() if path.is_file() else None


def _refused(name: str, change: str, before: str, after: str, state: State, problems: list[Problem]) -> Plan:
    return Plan(name, change, before, after, state, problems=tuple(problems))
