"""A playbook: content that a site installs, upgrades and removes as one thing, with what the site must say,
who does what, and who approves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path, PurePosixPath

from bedside.errors import PackError, Problem
from bedside.genome.observation import digest
from bedside.knowledge.approval import Approval, read_approval
from bedside.knowledge.provenance import DATA, Provenance, RuleFile, parse_rule_file

KIND = "playbooks"
FILE = "playbook.toml"
SHIPPED = "bedside"
VALUE = "{value}"


class Takes(Enum):
    """What a parameter takes."""

    NUMBER = "whole number"
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a site must say. texts: stretches of `file` with {value} in them; with `shipped` in its place each
    stands in the file exactly once, and there the site's value goes. The file's own examples are such places
    too where they speak of the value."""

    name: str
    title: str
    takes: Takes
    file: str
    texts: tuple[str, ...]
    shipped: str
    least: int
    most: int
    choices: tuple[str, ...]

    def fault(self, value: str) -> str:
        """Why a value cannot be taken; "" when it can."""
        if self.takes is Takes.NUMBER:
            if not value.isascii() or not value.isdigit() or not self.least <= int(value) <= self.most:
                return f"{self.name} is a whole number from {self.least} to {self.most}"
        elif self.takes is Takes.CHOICE:
            if value not in self.choices:
                return f"{self.name} is one of: {', '.join(self.choices)}"
        elif not value.strip() or not value.isprintable() or '"' in value or "\\" in value:
            return f"{self.name} is a line of text without quotes"
        return ""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that has to be done, and by whom: RACI. Exactly one role is accountable."""

    name: str
    responsible: tuple[str, ...]
    accountable: str
    consulted: tuple[str, ...]
    informed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """Values a site may give, and what is wrong with them (parts of the problems told; none: accepted)."""

    says: str
    parameters: Mapping[str, str]
    refused_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook as it is offered. files: the bytes of each file by its path under a knowledge folder.
    needs: the least version of Bedside and of other playbooks. sign_offs: the approvals, role by role."""

    provenance: Provenance
    version: tuple[int, ...]
    bedside: tuple[int, ...]
    needs: Mapping[str, tuple[int, ...]]
    specialties: tuple[str, ...]
    settings: tuple[str, ...]
    files: Mapping[str, bytes]
    parameters: tuple[Parameter, ...]
    activities: tuple[Activity, ...]
    sign_offs: tuple[Approval, ...]
    examples: tuple[Example, ...]
    source: bytes

    @property
    def name(self) -> str:
        """Its name."""
        return self.provenance.name


def version_text(version: tuple[int, ...]) -> str:
    """`1.2.0`."""
    return ".".join(map(str, version))


def read_version(text: object) -> tuple[int, ...] | None:
    """`1.2.0` as numbers; None for what is no version."""
    parts = str(text).split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return tuple(int(part) for part in parts)


def shipped_playbooks() -> tuple[Path, ...]:
    """The folders of the playbooks that ship."""
    return tuple(sorted(path.parent for path in (DATA / KIND).glob(f"*/{FILE}")))


def read_playbook(folder: Path, today: date | None = None) -> Playbook:
    """The playbook in a folder; raises PackError with everything that is wrong with it."""
    path = folder / FILE
    label = f"{folder.name}/{FILE}"
    if not path.is_file():
        raise PackError([Problem(label, "no such file", remedy="a playbook is a folder that holds one")])
    file = parse_rule_file(label, path.read_bytes(), KIND, folder, today)
    problems: list[Problem] = []
    document, needs = file.document, file.document.get("requires", {})
    contents = dict(_contents(file, problems))
    made = Playbook(
        provenance=file.provenance,
        version=_version(file, "version", document.get("version"), problems),
        bedside=_version(file, "requires.bedside", needs.get("bedside"), problems),
        needs={
            str(name): _version(file, f"requires {name}", least, problems)
            for name, least in needs.get("playbooks", {}).items()
        },
        specialties=tuple(document.get("specialties", ())),
        settings=tuple(document.get("care_settings", ())),
        files=contents,
        parameters=tuple(_parameters(file, contents, problems)),
        activities=tuple(_activities(file, problems)),
        sign_offs=tuple(_sign_offs(file, today or date.today(), problems)),
        examples=tuple(_examples(file, problems)),
        source=path.read_bytes(),
    )
    if problems:
        raise PackError(problems)
    return made


def _version(file: RuleFile, what: str, said: object, problems: list[Problem]) -> tuple[int, ...]:
    version = read_version(said)
    if version is None:
        problems.append(Problem(file.label, f"{what} must be a version such as 1.2.0"))
        return (0, 0, 0)
    return version


def _contents(file: RuleFile, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    for entry in file.document.get("content", ()):
        name = str(entry.get("file", ""))
        path = PurePosixPath(name)
        if len(path.parts) < 2 or path.is_absolute() or ".." in path.parts or path.parts[0].startswith("."):
            problems.append(Problem(file.label, f"{name!r} is no file under a kind's folder"))
            continue
        if name in seen:
            problems.append(Problem(file.label, f"{name} is listed twice"))
            continue
        seen.add(name)
        base = DATA if entry.get("from") == SHIPPED else file.folder
        held = None if base is None else base / path
        if held is None or not held.is_file():
            problems.append(Problem(file.label, f"{name} is listed and not there"))
            continue
        content = held.read_bytes()
        if digest(content) != entry.get("sha256"):
            remedy = "look at what changed, raise the version, then `bedside playbook seal`"
            problems.append(Problem(file.label, f"{name} is not what its sha256 says", remedy=remedy))
            continue
        yield name, content
    if not seen:
        problems.append(Problem(file.label, "holds no [[content]]"))


def _parameters(
    file: RuleFile, contents: Mapping[str, bytes], problems: list[Problem]
) -> Iterator[Parameter]:
    for entry in file.document.get("parameter", ()):
        try:
            one = Parameter(
                name=str(entry["name"]),
                title=str(entry["title"]),
                takes=Takes(entry["takes"]),
                file=str(entry["file"]),
                texts=tuple([entry["text"]] if isinstance(entry["text"], str) else entry["text"]),
                shipped=str(entry["shipped"]),
                least=int(entry.get("least", 0)),
                most=int(entry.get("most", 0)),
                choices=tuple(str(choice) for choice in entry.get("choices", ())),
            )
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(file.label, f"a parameter is not whole: {error}"))
            continue
        for text in one.texts if one.file in contents else ():
            times = contents[one.file].decode("utf-8").count(text.replace(VALUE, one.shipped))
            if VALUE not in text or times != 1:
                reason = f"a text of {one.name} stands {times} times in {one.file}, not once"
                problems.append(Problem(file.label, reason))
        if entry.get("file") not in {str(listed.get("file")) for listed in file.document["content"]}:
            problems.append(Problem(file.label, f"{one.name} is of {one.file}, which is no content"))
        if fault := one.fault(one.shipped):
            problems.append(Problem(file.label, f"as shipped, {fault}"))
        yield one


def _activities(file: RuleFile, problems: list[Problem]) -> Iterator[Activity]:
    for entry in file.document.get("activity", ()):
        name = str(entry.get("name", ""))
        accountable = entry.get("accountable", ())
        accountable = [accountable] if isinstance(accountable, str) else list(accountable)
        if not name or len(accountable) != 1 or not accountable[0]:
            problems.append(
                Problem(
                    file.label, f"{name or 'an activity'} has {len(accountable)} accountable, not exactly one"
                )
            )
            continue
        if not entry.get("responsible"):
            problems.append(Problem(file.label, f"{name}: nobody is responsible for doing it"))
        roles = {part: tuple(entry.get(part, ())) for part in ("responsible", "consulted", "informed")}
        yield Activity(name, accountable=accountable[0], **roles)
    if not file.document.get("activity"):
        problems.append(Problem(file.label, "holds no [[activity]]: nobody would know who does what"))


def _sign_offs(file: RuleFile, today: date, problems: list[Problem]) -> Iterator[Approval]:
    for entry in file.document.get("sign_off", ()):
        found = read_approval(file.label, {"approval": entry}, file.provenance.retrieved, today, problems)
        if found is not None:
            yield found
    if not file.document.get("sign_off"):
        problems.append(Problem(file.label, "holds no [[sign_off]]: no role is asked to approve it"))


def _examples(file: RuleFile, problems: list[Problem]) -> Iterator[Example]:
    for entry in file.document.get("example", ()):
        given = {str(name): str(value) for name, value in entry.get("parameters", {}).items()}
        yield Example(str(entry.get("says", "")), given, tuple(entry.get("refused_for", ())))
    words = [str(entry.get("says", "")).partition(":")[0] for entry in file.document.get("example", ())]
    for needed in ("positive", "negative", "unknown"):
        if needed not in words:
            problems.append(Problem(file.label, f"has no {needed} example"))
